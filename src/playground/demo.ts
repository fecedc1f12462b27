// The main story without a browser, as a readable transcript. Its checks read only the two ledgers: Graph's and Teams'.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../app.js'
import { remediationActions } from '../case/plan.js'
import { defaultTime } from '../case/policy.js'
import { systemClock } from '../clock.js'
import { readConfig } from '../config.js'
import { createLog } from '../log.js'
import { startGraphSimulator } from './graph-simulator/index.js'
import { startFakeConnector } from './teams/connector.js'
import { type Room, buttonsOf, click, inputsOf, readCard, say } from './teams/person.js'
import { GROUPS, MAIL, PEOPLE, TENANT_ID, seedTenant } from './tenant.js'

const channelId = '19:soc-alerts@thread.tacv2'
const tom = { objectId: PEOPLE.tom, name: 'Tom Berg' }
const dana = { objectId: PEOPLE.dana, name: 'Dana Weber' }
const reason = 'Password page confirmed, two users asked about it'

function tell(who: string, what: string): void {
  const lines = what.split('\n').filter((line) => line.trim() !== '')
  console.log(`\n${who}\n${lines.map((line) => `    ${line}`).join('\n')}`)
}

/** What stands open on a card: panels that are closed at first stay closed in the transcript. */
function shown(card: unknown): string {
  const open = JSON.stringify(card, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && 'isVisible' in value && value.isVisible === false ? undefined : value
  )
  return readCard(JSON.parse(open) as unknown)
}

class StepNotSeen extends Error {
  override readonly name = 'StepNotSeen'
}

function check(seen: boolean, what: string): void {
  if (!seen) throw new StepNotSeen(what)
  console.log(`    ✓ ${what}`)
}

async function story(version: 'v1.0' | 'beta'): Promise<void> {
  console.log(`\n━━━ Microsoft Graph ${version} ━━━`)
  const dataDir = await mkdtemp(join(tmpdir(), 'phish-triage-demo-'))
  const graph = await startGraphSimulator({ tenant: seedTenant(systemClock.now()), clock: systemClock })
  const teams = await startFakeConnector()
  const config = readConfig({
    PORT: '0',
    BOT_AUTH: 'off',
    BOT_TENANT_ID: TENANT_ID,
    GRAPH_AUTH: 'off',
    GRAPH_BASE_URL: graph.url,
    GRAPH_API_VERSION: version,
    DATA_DIR: dataDir
  })
  const app = await createApp(config, {
    clock: systemClock,
    log: createLog('warn'),
    policy: {
      channelId,
      analysts: { users: [], groups: [GROUPS.analysts] },
      approvers: { users: [PEOPLE.dana], groups: [GROUPS.approvers] },
      actions: [...remediationActions],
      defaults: { action: 'softDelete', severity: 'medium' },
      limits: { maxCopies: 1000, protectedMailboxes: [] },
      vipMailboxes: [],
      rules: [],
      ...defaultTime
    }
  })
  try {
    const room: Room = {
      botUrl: app.url,
      serviceUrl: teams.url,
      tenantId: TENANT_ID,
      channelId,
      teamId: '19:soc@thread.tacv2'
    }
    await play(room, { graph, teams, version })
  } finally {
    await app.stop()
    await graph.close()
    await teams.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

interface Ledgers {
  graph: Awaited<ReturnType<typeof startGraphSimulator>>
  teams: Awaited<ReturnType<typeof startFakeConnector>>
  version: string
}

async function play(room: Room, { graph, teams, version }: Ledgers): Promise<void> {
  const standing = () =>
    [...teams.messages].map(([activityId, { conversationId, activity }]) => {
      const card = activity.attachments?.[0]?.content
      return { activityId, conversationId, card, words: card === undefined ? (activity.text ?? '') : shown(card) }
    })
  const find = (words: string) =>
    standing().find((message) => message.card !== undefined && message.words.includes(words))

  tell('Tom Berg, in the SOC channel', `@Phish Triage triage ${MAIL.mailboxFull}`)
  await say(room, tom, `triage ${MAIL.mailboxFull}`)
  const answer = await teams.waitFor(() => standing().find(({ words }) => words.includes('is open')))
  tell('Phish Triage, in the thread', answer.words)
  check(true, 'the command was answered')

  const card = await teams.waitFor(() => find('Needs a decision'))
  tell('Phish Triage, a new card in the SOC channel', card.words)
  check(graph.ledger.accepted.length === 0, 'nothing was sent to Defender yet')

  const approve = buttonsOf(card.card).find(({ verb }) => verb === 'approve')
  if (approve === undefined) throw new StepNotSeen('a button to approve with')
  const inputs = { ...inputsOf(card.card), action: 'softDelete', severity: 'high', reason }
  tell('Dana Weber, on the card', `Action: softDelete · Severity: high · Reason: ${reason}\n[Approve]`)
  const clicked = await click(room, dana, card, { button: approve, inputs })
  check(clicked.status === 200, 'the click was answered with HTTP 200')

  const accepted = await graph.ledger.waitFor((ledger) => ledger.accepted[0])
  const request = graph.ledger.requests.find(({ operation }) => operation === 'remediate')
  tell('Phish Triage → Microsoft Graph', `POST ${request?.path ?? ''}\n${JSON.stringify(accepted?.body, null, 2)}`)
  check(accepted?.version === version, `the request went to ${version}`)
  const { action, severity, remediateSendersCopy, analyzedEmails, description } = accepted?.body ?? {}
  check(action === 'softDelete' && severity === 'high', 'action and severity are those that Dana chose')
  check(remediateSendersCopy === false, "the sender's copy flag is a JSON Boolean")
  check(analyzedEmails?.length === 11, 'it names the 11 copies that can be acted on, of 12')
  check(description?.includes(PEOPLE.dana) === true, 'its description names the approver')

  await graph.ledger.waitFor(() => request?.status === 202)
  tell('Microsoft Graph → Phish Triage', '202 Accepted')
  const link = await teams.waitFor(() => find('submitted: soft delete'))
  const track = buttonsOf(link.card).find(({ type }) => type === 'Action.OpenUrl') as { url?: string } | undefined
  tell('Phish Triage, in the card’s thread', `${link.words}\n→ ${track?.url ?? ''}`)
  check(link.conversationId === `${channelId};messageid=${card.activityId}`, 'the reply stands in the card’s thread')
  const filters = new URL(track?.url ?? '').searchParams.get('filters')
  check(
    filters === JSON.stringify({ bulkId: [accepted?.bulkId] }),
    'the link opens the Action Center at this remediation'
  )

  const submitted = await teams.waitFor(() => find('Submitted, accepted by Defender'))
  tell('Phish Triage, the card as everyone sees it now', submitted.words)
  check(submitted.activityId === card.activityId, 'it is the same card, edited in place')
  check(graph.ledger.accepted.length === 1, 'Defender accepted exactly one request')
}

try {
  console.log('A reported phish, from the command to the tracking link. Everything runs on this machine.')
  await story('v1.0')
  await story('beta')
  console.log('\nEvery step was seen in the ledgers of Graph and Teams.')
} catch (error) {
  console.error(`\n✗ ${error instanceof StepNotSeen ? `not seen: ${error.message}` : String(error)}`)
  process.exitCode = 1
}

// The stage of a demo story: the real bot, the Graph simulator and a stand-in for Teams on loopback, under a clock that is moved.
// Checks read the two ledgers only, Graph's and Teams'; never the bot.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../app.js'
import { remediationActions } from '../../case/plan.js'
import { type Policy, defaultRules, defaultTime } from '../../case/policy.js'
import { type Config, readConfig } from '../../config.js'
import { createLog } from '../../log.js'
import { type GraphSimulator, type RequestEntry, startGraphSimulator } from '../graph-simulator/index.js'
import { type SteppingClock, steppingClock } from '../stepping-clock.js'
import { type FakeConnector, startFakeConnector } from '../teams/connector.js'
import { type Answer, type Room, type Someone, type Where, buttonsOf, click, inputsOf, say } from '../teams/person.js'
import { GROUPS, PEOPLE, type SeededTenant, TENANT_ID, seedTenant } from '../tenant.js'
import { cardLines } from './transcript.js'

export const tom: Someone = { objectId: PEOPLE.tom, name: 'Tom Berg' }
export const dana: Someone = { objectId: PEOPLE.dana, name: 'Dana Weber' }
export const ana: Someone = { objectId: PEOPLE.ana, name: 'Ana Silva' }
export const priya: Someone = { objectId: PEOPLE.priya, name: 'Priya Nair' }

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const channelId = '19:soc-alerts@thread.tacv2'

const opens = Date.UTC(2026, 10, 24, 3, 14)

export interface Story {
  /** One sentence. */
  about: string
  /** Changes the seeded tenant before it starts. */
  tenant?: (tenant: SeededTenant) => void
  /** v1.0 alone where they are not named. */
  graphVersions?: ('v1.0' | 'beta')[]
  play(stage: Stage): Promise<void>
}

/** What stands in a conversation now. */
export interface Standing {
  activityId: string
  conversationId: string
  card: unknown
  lines: string[]
  /** All lines in one. */
  words: string
}

export interface Stage {
  graph: GraphSimulator
  version: 'v1.0' | 'beta'
  clock: SteppingClock
  teams: FakeConnector
  /** Prints what somebody says or does. */
  tell: (who: string, what: string | string[]) => void
  /** Prints what was seen, or ends the story. */
  check: (seen: boolean, what: string) => void
  say: (who: Someone, text: string, where?: Where) => Promise<void>
  /** Presses a button of a case's card, with the inputs as they stand and these on top; answers what the clicker alone is shown. */
  press: (who: Someone, title: string, inputs?: Record<string, string>, name?: string) => Promise<string[]>
  /** The clock moves, and the bot does what falls due. */
  pass: (ms: number, why: string) => Promise<void>
  /** A case's card in the channel, as everyone sees it now. */
  card: (name?: string) => Standing
  /** What stands in a card's thread under the card, the oldest first. */
  replies: (name?: string) => Standing[]
  /** What stands in the personal chat of somebody. */
  heardBy: (who: Someone) => Standing[]
  /** All remediate requests that arrived at Graph, accepted or not. */
  remediates: () => RequestEntry[]
}

export class StepNotSeen extends Error {
  override readonly name = 'StepNotSeen'
}

const policy: Policy = {
  channelId,
  analysts: { users: [], groups: [GROUPS.analysts] },
  approvers: { users: [PEOPLE.dana], groups: [GROUPS.approvers] },
  actions: [...remediationActions],
  defaults: { action: 'softDelete', severity: 'medium' },
  limits: { maxCopies: 1000, protectedMailboxes: [] },
  vipMailboxes: [],
  rules: defaultRules,
  ...defaultTime
}

function configFor(graphUrl: string, version: 'v1.0' | 'beta', dataDir: string): Config {
  return readConfig({
    PORT: '0',
    BOT_AUTH: 'off',
    BOT_TENANT_ID: TENANT_ID,
    GRAPH_AUTH: 'off',
    GRAPH_BASE_URL: graphUrl,
    GRAPH_API_VERSION: version,
    DATA_DIR: dataDir
  })
}

/** Rejects with StepNotSeen where a check fails; leaves nothing behind. */
export async function perform(story: Story): Promise<void> {
  const versions = story.graphVersions ?? ['v1.0']
  for (const version of versions) {
    if (versions.length > 1) console.log(`\n━━━ Microsoft Graph ${version} ━━━`)
    await performOn(version, story)
  }
}

async function performOn(version: 'v1.0' | 'beta', story: Story): Promise<void> {
  const clock = steppingClock(opens)
  const dataDir = await mkdtemp(join(tmpdir(), 'phish-triage-demo-'))
  const tenant = seedTenant(clock.now())
  story.tenant?.(tenant)
  const graph = await startGraphSimulator({ tenant, clock, moveDelayMs: 30_000 })
  const teams = await startFakeConnector()
  try {
    const app = await createApp(configFor(graph.url, version, dataDir), { clock, log: createLog('error'), policy })
    const room = {
      botUrl: app.url,
      serviceUrl: teams.url,
      tenantId: TENANT_ID,
      channelId,
      teamId: '19:soc@thread.tacv2'
    }
    try {
      await story.play(stageOf({ room, graph, teams, clock, version, settle: () => app.idle() }))
    } finally {
      await app.stop()
    }
  } finally {
    await graph.close()
    await teams.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

type Props = Pick<Stage, 'graph' | 'teams' | 'clock' | 'version'> & { room: Room; settle: () => Promise<void> }

function stageOf({ room, settle, ...props }: Props): Stage {
  const { clock, teams, graph } = props
  const standing = (): Standing[] =>
    [...teams.messages].map(([activityId, { conversationId, activity }]) => {
      const card = activity.attachments?.[0]?.content
      const lines = card === undefined ? (activity.text ?? '').split('\n') : cardLines(card)
      return { activityId, conversationId, card, lines, words: lines.join('\n') }
    })
  const thread = (activityId: string) => `${channelId};messageid=${activityId}`
  const stage: Stage = {
    ...props,
    tell(who, what) {
      const lines = (typeof what === 'string' ? what.split('\n') : what).filter((line) => line.trim() !== '')
      console.log(`\n${timeOf(clock.now())}  ${who}\n${lines.map((line) => `    ${line}`).join('\n')}`)
    },
    check(seen, what) {
      if (!seen) throw new StepNotSeen(what)
      console.log(`    ✓ ${what}`)
    },
    async say(who, text, where = 'channel') {
      stage.tell(
        `${who.name}, in ${where === 'channel' ? 'the SOC channel' : 'a personal chat with the bot'}`,
        where === 'channel' ? `@Phish Triage ${text}` : text
      )
      await say(room, who, text, where)
      await settle()
    },
    async press(who, title, inputs = {}, name = 'PT-') {
      const message = stage.card(name)
      const button = buttonsOf(message.card).find((each) => each.title === title)
      if (button === undefined) throw new StepNotSeen(`a button ${title} on the card`)
      const filled = Object.entries(inputs).map(([id, value]) => `[${id}: ${value}]`)
      stage.tell(`${who.name}, on the card`, [...filled, `presses [${title}]`])
      const answer = await click(room, who, message, { button, inputs: { ...inputsOf(message.card), ...inputs } })
      await settle()
      return toldTo(answer)
    },
    async pass(ms, why) {
      clock.advance(ms)
      console.log(`\n… ${why}`)
      await settle()
    },
    card(name = 'PT-') {
      const found = standing().find(
        ({ activityId, conversationId, words }) => conversationId === thread(activityId) && words.includes(name)
      )
      if (found === undefined) throw new StepNotSeen(`a card of ${name} in the channel`)
      return found
    },
    replies(name) {
      const { activityId, conversationId } = stage.card(name)
      return standing().filter((each) => each.conversationId === conversationId && each.activityId !== activityId)
    },
    heardBy: ({ objectId }) => standing().filter(({ conversationId }) => conversationId === `a:personal-${objectId}`),
    remediates: () => graph.ledger.requests.filter(({ operation }) => operation === 'remediate')
  }
  return stage
}

/** What a click was answered with: a card, or a message to the clicker. */
function toldTo({ body }: Answer): string[] {
  const { value } = body as { value?: unknown }
  return typeof value === 'string' ? value.split('\n') : cardLines(value)
}

function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}

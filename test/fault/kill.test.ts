// The real process is killed at the worst moments and started again: nothing is sent twice, nothing is lost, nothing is claimed.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GraphSimulator, startGraphSimulator } from '../../src/playground/graph-simulator/index.js'
import { type FakeConnector, startFakeConnector } from '../../src/playground/teams/connector.js'
import { type Answer, type Room, readCard, say } from '../../src/playground/teams/person.js'
import { TENANT_ID, seedTenant } from '../../src/playground/tenant.js'
import { type Message, type Soc, channelId, dana, policy, priya, teamId } from '../flow/soc.js'
import { type BotProcess, type BuiltBot, buildBot } from './bot-process.js'
import {
  approval,
  assertCounts,
  assertNoProofClaimed,
  buttonTitles,
  caseCards,
  linkReplies,
  mail,
  posted,
  pressOn,
  remediates
} from './fault-desk.js'

describe('faults: the process', function () {
  // Each start takes two seconds of a processor, which the machine may not have to itself.
  this.timeout(90_000)

  let built: BuiltBot
  let bot: BotProcess
  let dataDir: string
  let graph: GraphSimulator
  let teams: FakeConnector
  let room: Room
  let soc: Pick<Soc, 'graph' | 'teams' | 'room' | 'messages'>

  before(async () => {
    built = await buildBot()
  })
  after(() => built.remove())

  beforeEach(async () => {
    graph = await startGraphSimulator({ tenant: seedTenant(Date.now()), clock: Date, moveDelayMs: 0 })
    teams = await startFakeConnector()
    dataDir = await mkdtemp(join(tmpdir(), 'phish-triage-'))
    const { channelId: channel, analysts, approvers, actions, defaults, limits } = policy
    const file = { version: 1, channel, analysts, approvers, actions, defaults, limits }
    await writeFile(join(dataDir, 'policy.yaml'), JSON.stringify(file))
    room = { botUrl: '', serviceUrl: teams.url, tenantId: TENANT_ID, channelId, teamId }
    soc = { graph, teams, room, messages }
    await start()
  })
  afterEach(async () => {
    await bot.end('SIGKILL')
    await graph.close()
    await teams.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  const env = () => ({
    PORT: '0',
    BOT_AUTH: 'off',
    BOT_TENANT_ID: TENANT_ID,
    GRAPH_AUTH: 'off',
    GRAPH_BASE_URL: graph.url,
    DATA_DIR: dataDir,
    POLICY_FILE: join(dataDir, 'policy.yaml')
  })

  async function start(): Promise<void> {
    bot = await built.start(env())
    room.botUrl = bot.url
  }

  async function killAndStart(): Promise<void> {
    assert.equal((await bot.end('SIGKILL')).signal, 'SIGKILL')
    await start()
  }

  /** Whatever the bot still had in hand is finished by then. */
  async function drain(): Promise<void> {
    assert.equal((await bot.end('SIGTERM')).code, 0)
  }

  function messages(): Message[] {
    return [...teams.messages].map(([activityId, message]) => {
      const card = message.activity.attachments?.[0]?.content
      return {
        activityId,
        ...message,
        card,
        words: card === undefined ? (message.activity.text ?? '') : readCard(card)
      }
    })
  }

  const cardThatSays = (words: RegExp) => teams.waitFor(() => caseCards(soc).find((card) => words.test(card.words)))

  async function approvable(): Promise<Message> {
    assert.equal((await say(room, dana, `triage ${mail}`)).status, 200)
    return cardThatSays(/Needs a decision/)
  }

  async function approve(card: Message): Promise<Answer> {
    const answer = await pressOn(soc, dana, card, approval)
    assert.equal(answer.status, 200)
    return answer
  }

  const arrived = (count: number) => graph.ledger.waitFor(() => remediates(soc).length === count)

  /** Nothing was sent since, nobody claims anything, and a person can go on. */
  async function assertUnknown(counts: { requests: number; accepted: number }): Promise<Message> {
    const unknown = await cardThatSays(/Outcome unknown/)
    assert.doesNotMatch(unknown.words, /submitted|refused|removed/i)
    assert.match(unknown.words, /PT-1001 softDelete/, 'the name to look for in Action Center')
    assertCounts(soc, counts.requests, counts.accepted)
    assertNoProofClaimed(soc)
    return unknown
  }

  async function proposeAgain(unknown: Message, version: number): Promise<Message> {
    await pressOn(soc, dana, unknown, { title: 'Propose again' })
    return cardThatSays(new RegExp(`Needs a decision\\nPT-1001 · v${String(version)}\\b`))
  }

  it('SIGKILL while submitting: unknown at once, never re-sent; a new approval may, and SIGTERM lets it finish', async () => {
    graph.faults.add({ match: 'remediate', hang: true })
    await approve(await approvable())
    await arrived(1)
    await killAndStart()
    const first = await assertUnknown({ requests: 1, accepted: 0 })

    // Now Graph takes it, but the answer finds nobody.
    graph.faults.add({ match: 'remediate', delayMs: 60_000 })
    await approve(await proposeAgain(first, 2))
    await arrived(2)
    await killAndStart()
    const second = await assertUnknown({ requests: 2, accepted: 1 })

    graph.faults.add({ match: 'remediate', delayMs: 1_000 })
    await approve(await proposeAgain(second, 3))
    await arrived(3)
    await drain()
    assertCounts(soc, 3, 2)
    assert.equal(remediates(soc)[2]?.status, 202)

    await start()
    await cardThatSays(/Submitted/)
    await teams.waitFor(() => linkReplies(soc).length > 0)
    await drain()
    assertCounts(soc, 3, 2)
    assert.equal(caseCards(soc).length, 1)
    assert.equal(linkReplies(soc).length, 1)
    assertNoProofClaimed(soc)
  })

  it('SIGKILL right after a report was acknowledged, and right after an approval was answered', async () => {
    assert.equal((await say(room, priya, `report ${mail}`, 'personal')).status, 200)
    await killAndStart()
    const card = await cardThatSays(/Needs a decision/)
    const [, ...more] = caseCards(soc)
    assert.ok(more.length <= 1 && more.every(({ words }) => /repeat of PT-1001/i.test(words)))

    await approve(card)
    await killAndStart()
    const settled = await cardThatSays(/Submitted|Outcome unknown/)
    await drain()
    const requests = remediates(soc).length
    const accepted = graph.ledger.accepted.length
    assert.ok(requests <= 1 && accepted <= requests, `${String(requests)} requests, ${String(accepted)} accepted`)
    if (settled.words.includes('Submitted')) assert.equal(accepted, 1)
    else assert.ok(buttonTitles(settled).includes('Propose again'))
    assertNoProofClaimed(soc)
  })

  it('SIGKILL before the answer to a post: a card that Teams took is repeated with a mark, a link is posted once', async () => {
    teams.fail({ match: 'createThread', status: 0, hang: true, afterAccept: true })
    await say(room, priya, `report ${mail}`, 'personal')
    await teams.waitFor(() => posted(soc, 'createThread').some(({ accepted }) => accepted))
    await killAndStart()
    const marked = await cardThatSays(/repeat of PT-1001[^]*Needs a decision|Needs a decision[^]*repeat of PT-1001/i)
    assert.equal(caseCards(soc).length, 2)

    teams.fail({ match: 'post', status: 0, hang: true })
    await approve(marked)
    await teams.waitFor(() => posted(soc, 'post').some(({ status, accepted }) => status === null && !accepted))
    assertCounts(soc, 1, 1)
    await killAndStart()
    const link = await teams.waitFor(() => linkReplies(soc)[0])
    assert.equal(link.conversationId, `${channelId};messageid=${marked.activityId}`)
    await cardThatSays(/Submitted/)
    await drain()
    assertCounts(soc, 1, 1)
    assert.equal(linkReplies(soc).length, 1)
    assert.equal(posted(soc, 'createThread').length, 2)
    assertNoProofClaimed(soc)
  })

  it('a second process on the same DATA_DIR gives up and names it; the first works on', async () => {
    const { code, stderr } = await built.fail(env())
    assert.notEqual(code, 0)
    assert.ok(stderr.includes(dataDir), stderr)
    assert.match(stderr, /DATA_DIR/)
    assert.doesNotMatch(stderr, /^\s+at /m, 'words, not a stack')
    await approvable()
  })
})

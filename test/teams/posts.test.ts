// When posts are repeated: unknown creates ever more rarely and marked, unknown notices once, and nothing that surely failed.
import assert from 'node:assert/strict'
import type { Nudge } from '../../src/case/nudge.js'
import type { PostedMessage } from '../../src/case/ports.js'
import { type Connector, ConnectorError, type ConnectorProblem } from '../../src/teams/connector.js'
import { createPosts } from '../../src/teams/posts.js'
import { TestClock } from '../test-clock.js'
import { textOf } from './card-walk.js'
import { caseIn, contextAt, samplePolicy } from './sample-cases.js'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

function openPosts(problem: () => ConnectorProblem | null) {
  const clock = new TestClock()
  const rows = new Map<string, PostedMessage>()
  const tried: { at: number; text: string }[] = []
  const attempt = (text: string) => {
    tried.push({ at: clock.now(), text })
    const failed = problem()
    if (failed !== null) throw new ConnectorError(failed)
    return { conversationId: 'c', serviceUrl: 's', activityId: String(tried.length) }
  }
  const connector: Connector = {
    startThread: async (_channel, _url, { attachments }) => attempt(textOf(attachments?.[0]?.content as object)),
    post: async (_to, { text, attachments }) => attempt(text ?? textOf(attachments?.[0]?.content as object)),
    update: async () => undefined
  }
  const posts = createPosts({
    connector,
    store: { read: async () => caseIn('proposed') } as never,
    directory: { rightsOf: async () => ({ kind: 'unavailable', reason: 'It is away.' }) },
    posted: {
      find: async (key) => rows.get(key) ?? null,
      async intend(key) {
        const creates = (rows.get(key)?.creates ?? 0) + 1
        rows.set(key, { key, state: 'posting', creates, reference: null })
        return creates
      },
      async bind(key, reference) {
        rows.set(key, { key, state: 'posted', creates: rows.get(key)?.creates ?? 1, reference })
        return true
      },
      async settle(key, state) {
        const row = rows.get(key)
        if (state === 'forgotten' || row === undefined) rows.delete(key)
        else rows.set(key, { ...row, state: 'unknown', creates: row.creates - (state === 'notSent' ? 1 : 0) })
      }
    },
    memory: { recall: async () => null } as never,
    clock,
    policy: samplePolicy,
    links: contextAt('2026-11-22T03:30:00Z'),
    defaultServiceUrl: 'https://smba.trafficmanager.net/teams/'
  })
  return { posts, clock, tried, rows }
}

const unknown: ConnectorProblem = { kind: 'unknown', status: 502 }
const marked = (text: string) => text.includes('Repeat of PT-1042')

describe('posts: a card whose create is unknown', () => {
  it('is repeated after 5 s, 5 min and then every hour, with its mark', async () => {
    const { posts, clock, tried } = openPosts(() => unknown)
    const waits: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const again = await posts.card(1042)
      assert.ok(again !== null)
      waits.push(again - clock.now())
      clock.advance(again - clock.now())
    }
    assert.deepEqual(waits, [5 * second, 5 * minute, hour, hour, hour])
    assert.deepEqual(
      tried.map(({ text }) => marked(text)),
      [false, true, true, true, true]
    )
  })

  it('is not repeated sooner because the case has news', async () => {
    const { posts, clock, tried } = openPosts(() => unknown)
    const again = await posts.card(1042)
    clock.advance(second)
    assert.equal(await posts.card(1042), again)
    assert.equal(tried.length, 1)
  })

  it('ends with the first that arrives', async () => {
    let left = 1
    const { posts, clock, tried } = openPosts(() => (left-- > 0 ? unknown : null))
    await posts.card(1042)
    clock.advance(5 * second)
    assert.equal(await posts.card(1042), null)
    assert.equal(await posts.card(1042), null)
    assert.equal(tried.length, 2)
  })
})

describe('posts: a nudge', () => {
  const nudge: Nudge = {
    kind: 'escalation',
    waitsFor: 'approver',
    waited: 2 * hour,
    high: false,
    users: ['5d1f4f4e-0000-4000-8000-000000000001'],
    tags: []
  }
  const record = caseIn('proposed')
  const mentionIn = (text: string) => text.includes('<at>')

  it('whose outcome is unknown is repeated once, with its mark and its mention, and then no more', async () => {
    const { posts, clock, tried } = openPosts(() => unknown)
    assert.equal(await posts.nudge(record, nudge), clock.now() + 5 * second)
    assert.equal(await posts.nudge(record, nudge), clock.now() + 5 * second)
    clock.advance(5 * second)
    assert.equal(await posts.nudge(record, nudge), null)
    clock.advance(hour)
    assert.equal(await posts.nudge(record, nudge), null)
    assert.deepEqual(
      tried.map(({ text }) => [text.startsWith('Repeat, the first may have arrived.'), mentionIn(text)]),
      [
        [false, true],
        [true, true]
      ]
    )
  })

  it('is repeated once only although the process ended in the middle, twice', async () => {
    const { posts, tried, rows } = openPosts(() => null)
    const key = 'nudge:1042-1-escalation'
    rows.set(key, { key, state: 'posting', creates: 1, reference: null })
    assert.equal(await posts.nudge(record, nudge), null)
    assert.equal(tried.length, 1)
    rows.set(key, { key, state: 'posting', creates: 2, reference: null })
    assert.equal(await posts.nudge(record, nudge), null)
    assert.equal(tried.length, 1)
  })

  it('that has arrived is neither posted nor edited again; another kind and another wait are other nudges', async () => {
    const { posts, tried } = openPosts(() => null)
    await posts.nudge(record, nudge)
    await posts.nudge(record, nudge)
    assert.equal(tried.length, 1)
    await posts.nudge(record, { ...nudge, kind: 'reminder' })
    await posts.nudge({ ...record, waiting: { ...record.waiting, period: 2 } }, nudge)
    assert.equal(tried.length, 3)
  })

  it('that was surely not sent is tried again as the first', async () => {
    const problems: (ConnectorProblem | null)[] = [{ kind: 'throttled', retryAfterMs: 7 * second }, null]
    const { posts, clock, tried } = openPosts(() => problems.shift() ?? null)
    assert.equal(await posts.nudge(record, nudge), clock.now() + 7 * second)
    clock.advance(7 * second)
    assert.equal(await posts.nudge(record, nudge), null)
    assert.match(tried[1]?.text ?? '', /^PT-1042 has waited/)
  })

  it('keeps its one repeat through an outage in which nothing could be sent', async () => {
    const problems: (ConnectorProblem | null)[] = [unknown, { kind: 'notSent' }, { kind: 'notSent' }, null]
    const { posts, clock, tried } = openPosts(() => problems.shift() ?? null)
    await posts.nudge(record, nudge)
    clock.advance(5 * second)
    for (let times = 0; times < 2; times += 1) await assert.rejects(posts.nudge(record, nudge), ConnectorError)
    assert.equal(await posts.nudge(record, nudge), null)
    await posts.nudge(record, nudge)
    assert.equal(tried.length, 4)
    assert.match(tried[3]?.text ?? '', /^Repeat, the first may have arrived\./)
  })

  it('waits a little for the card whose thread it belongs to, then stands alone where it mentions somebody', async () => {
    const { posts, clock, tried } = openPosts(() => null)
    const early = { ...nudge, kind: 'onCall' as const, waited: 0 }
    assert.equal(await posts.nudge(record, early), clock.now() + 5 * second)
    assert.equal(tried.length, 0)
    const reminder = { ...nudge, kind: 'reminder' as const, users: [] }
    assert.equal(await posts.nudge(record, reminder), clock.now() + minute)
    assert.equal(tried.length, 0)
    assert.equal(await posts.nudge(record, { ...early, waited: minute }), null)
    assert.equal(tried.length, 1)
  })
})

describe('posts: a search result', () => {
  const asked = {
    id: 'n1',
    to: { conversationId: 'a:1', serviceUrl: 's' },
    query: { from: 'a@b.example', subject: '', sinceMs: hour }
  }

  it('whose outcome is unknown is repeated once, on its own account', async () => {
    const { posts, clock, tried } = openPosts(() => unknown)
    await posts.notice({ ...asked, text: 'Thank you.' })
    assert.equal(await posts.found(asked, { kind: 'nothing' }), clock.now() + 5 * second)
    clock.advance(5 * second)
    assert.equal(await posts.found(asked, { kind: 'nothing' }), null)
    assert.equal(tried.length, 3)
  })

  it('to a conversation that is gone ends at once', async () => {
    const { posts } = openPosts(() => ({ kind: 'gone' }))
    assert.equal(await posts.found(asked, { kind: 'nothing' }), null)
  })
})

describe('posts: a notice', () => {
  const notice = { id: 'n1', to: { conversationId: 'a:1', serviceUrl: 's' }, text: 'Thank you.' }

  it('whose outcome is unknown is repeated once', async () => {
    const { posts, clock, tried } = openPosts(() => unknown)
    assert.equal(await posts.notice(notice), clock.now() + 5 * second)
    clock.advance(5 * second)
    assert.equal(await posts.notice(notice), null)
    assert.equal(tried.length, 2)
  })

  it('is repeated on its own account, not on another’s', async () => {
    const { posts } = openPosts(() => unknown)
    await posts.notice(notice)
    assert.notEqual(await posts.notice({ ...notice, id: 'n2' }), null)
  })

  it('to a conversation that is gone or closed ends at once', async () => {
    for (const problem of [{ kind: 'gone' }, { kind: 'blocked', status: 403 }] as const) {
      const { posts, tried } = openPosts(() => problem)
      assert.equal(await posts.notice(notice), null)
      assert.equal(tried.length, 1)
    }
  })

  it('that was not sent is the outbox’s to repeat', async () => {
    const { posts } = openPosts(() => ({ kind: 'notSent' }))
    await assert.rejects(posts.notice(notice), ConnectorError)
  })
})

// When posts are repeated: unknown creates ever more rarely and marked, unknown notices once, and nothing that surely failed.
import assert from 'node:assert/strict'
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
    post: async (_to, { text }) => attempt(text ?? ''),
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
        else rows.set(key, { ...row, state })
      }
    },
    memory: { recall: async () => null } as never,
    clock,
    policy: samplePolicy,
    links: contextAt('2026-11-22T03:30:00Z'),
    defaultServiceUrl: 'https://smba.trafficmanager.net/teams/'
  })
  return { posts, clock, tried }
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

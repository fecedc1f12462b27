// What Graph surely did not take is sent again when Graph asks for it, and for no longer than an hour; then a person is asked.
import assert from 'node:assert/strict'
import { startGraphSimulator } from '../../src/playground/graph-simulator/index.js'
import { seedTenant } from '../../src/playground/tenant.js'
import {
  type Desk,
  approve,
  assertCounts,
  assertNoProofClaimed,
  assertProposeAgainWorks,
  buttonTitles,
  hour,
  linkReplies,
  minute,
  openDesk,
  remediates,
  second,
  triage
} from './fault-desk.js'

const match = 'remediate'
const throttled = (retryAfter?: string, times = 1) => ({
  match: match as typeof match,
  times,
  answer: { status: 429, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter } }
})

describe('faults: Graph does not take a remediate', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
    await triage(desk)
  })
  afterEach(() => desk.close())

  const waits: { says: string; retryAfter: (now: number) => string; ms: number }[] = [
    { says: '12 seconds', retryAfter: () => '12', ms: 12 * second },
    { says: 'longer than common clients wait', retryAfter: () => '400', ms: 400 * second },
    { says: 'an HTTP date', retryAfter: (now) => new Date(now + 90 * second).toUTCString(), ms: 90 * second },
    { says: 'just below the bound', retryAfter: () => '3600', ms: hour }
  ]
  for (const { says, retryAfter, ms } of waits) {
    it(`429 with Retry-After ${says}: not before, and right then`, async () => {
      desk.graph.faults.add(throttled(retryAfter(desk.clock.now())))
      await approve(desk)
      assert.match(desk.card().words, /being submitted/)
      assertCounts(desk, 1, 0)
      await desk.pass(ms - 1)
      assertCounts(desk, 1, 0)
      await desk.pass(1)
      assertCounts(desk, 2, 1)
      assert.match(desk.card().words, /Submitted/)
      assert.equal(linkReplies(desk).length, 1)
      assertNoProofClaimed(desk)
    })
  }

  for (const [says, retryAfter] of [
    ['without Retry-After', undefined],
    ['with a Retry-After that nobody can read', 'soon'],
    ['with a Retry-After of 0', '0'],
    ['with an HTTP date that is past', 'Thu, 19 Nov 2026 08:00:00 GMT']
  ] as const) {
    it(`429 ${says}: soon, but not at once`, async () => {
      desk.graph.faults.add(throttled(retryAfter, 2))
      await approve(desk)
      assertCounts(desk, 1, 0)
      await desk.pass(5 * second)
      assertCounts(desk, 2, 0)
      await desk.pass(minute)
      assertCounts(desk, 3, 1)
      assert.match(desk.card().words, /Submitted/)
    })
  }

  it('429 with Retry-After 7200: not sent, a person is asked', async () => {
    desk.graph.faults.add(throttled('7200'))
    await approve(desk)
    assert.match(desk.card().words, /Not sent/)
    assert.doesNotMatch(desk.card().words, /unknown|submitted/i)
    await desk.pass(3 * hour)
    assertCounts(desk, 1, 0)
    assertNoProofClaimed(desk)
    await assertProposeAgainWorks(desk, { version: 1 })
  })

  it('429 for ever: tried for an hour, then a person is asked', async () => {
    desk.graph.faults.add(throttled(undefined, 1_000))
    await approve(desk)
    for (let passed = 0; passed < 2 * hour; passed += 5 * minute) await desk.pass(5 * minute)
    const tried = remediates(desk)
    assert.ok(tried.length > 5 && tried.length < 25, `${String(tried.length)} requests`)
    assert.ok((tried.at(-1)?.at ?? 0) - (tried[0]?.at ?? 0) <= hour)
    assert.match(desk.card().words, /Not sent/)
    assert.equal(desk.graph.ledger.accepted.length, 0)
    desk.graph.faults.clear()
    await assertProposeAgainWorks(desk, { version: 1 })
  })

  it('no connection: sent once Graph is back, without a new approval', async () => {
    const port = Number(new URL(desk.graph.url).port)
    await desk.graph.close()
    await approve(desk)
    assert.match(desk.card().words, /being submitted/)
    await desk.pass(5 * second)
    assertCounts(desk, 0, 0)
    assert.doesNotMatch(desk.card().words, /unknown|refused|submitted · /i)

    const tenant = seedTenant(desk.clock.now())
    const back = await startGraphSimulator({ tenant, clock: desk.clock, port, moveDelayMs: 0 })
    try {
      await desk.pass(minute)
      assertCounts({ graph: back }, 1, 1)
      assert.match(desk.card().words, /Submitted/)
      assert.equal(linkReplies(desk).length, 1)
      assertNoProofClaimed(desk)
    } finally {
      await back.close()
    }
  })

  it('no connection for an hour: not sent, and a way on', async () => {
    await desk.graph.close()
    await approve(desk)
    for (let passed = 0; passed < 2 * hour; passed += 5 * minute) await desk.pass(5 * minute)
    assert.match(desk.card().words, /Not sent/)
    assert.ok(buttonTitles(desk.card()).includes('Propose again'))
    assertNoProofClaimed(desk)
  })
})

// Graph fails while the bot looks mail up or checks rights: the case says so, keeps the report, and goes on by itself or by a button.
import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import type { CannedAnswer } from '../../src/playground/graph-simulator/faults.js'
import { ALL_PERMISSIONS } from '../../src/playground/graph-simulator/index.js'
import { massMail } from '../../src/playground/tenant.js'
import { dana, priya } from '../flow/soc.js'
import {
  type Desk,
  approval,
  approve,
  assertCounts,
  buttonTitles,
  hour,
  looks,
  minute,
  openDesk,
  pressOn,
  second,
  triage
} from './fault-desk.js'

const match = 'analyzedEmails'

describe('faults: Graph fails at a look-up', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
  })
  afterEach(() => desk.close())

  const late = () => massMail(2, { receivedAt: desk.clock.now() })
  const words = () => desk.card().words

  function assertWaiting(): void {
    const titles = buttonTitles(desk.card())
    assert.ok(titles.includes('Look again'), titles.join())
    assert.ok(!titles.includes('Approve'), titles.join())
    assertCounts(desk, 0, 0)
  }

  async function assertLooksAfterNothing(before: number): Promise<void> {
    let count = before
    for (const wait of [1, 5, 15]) {
      assertWaiting()
      assert.equal(looks(desk).length, count)
      await desk.pass(wait * minute - 1)
      assert.equal(looks(desk).length, count, `not before ${String(wait)} minutes`)
      await desk.pass(1)
      count += 1
      assert.equal(looks(desk).length, count, `after ${String(wait)} minutes`)
      assert.match(words(), /Nothing found yet/)
    }
    await desk.pass(24 * hour)
    assert.equal(looks(desk).length, count, 'then a person is waited for')
    assertWaiting()
  }

  async function assertFoundByHand(): Promise<void> {
    assert.equal((await pressOn(desk, dana, desk.card(), { title: 'Look again' })).status, 200)
    await desk.settle()
    assert.match(words(), /Needs a decision/)
    await approve(desk)
    assertCounts(desk, 1, 1)
  }

  it('nothing found: again after 1, 5 and 15 minutes, then by Look again', async () => {
    const message = late()
    await triage(desk, dana, message.networkMessageId)
    await assertLooksAfterNothing(1)
    desk.graph.addMessage(message)
    await assertFoundByHand()
  })

  it('nothing found at first, indexed after four minutes: the card asks for a decision by itself', async () => {
    const message = late()
    await desk.say(priya, `report ${message.networkMessageId}`, 'personal')
    await desk.settle()
    await desk.pass(minute)
    assert.match(words(), /Nothing found yet/)
    desk.graph.addMessage(message)
    await desk.pass(5 * minute)
    assert.match(words(), /Needs a decision/)
    assert.equal(looks(desk).length, 3)
  })

  const refusals: { says: string; on: () => void; off: () => void; card: RegExp[] }[] = [
    {
      says: '403 for a missing permission',
      on: () => {
        desk.graph.grant(ALL_PERMISSIONS.filter((role) => !role.startsWith('SecurityAnalyzedMessage')))
      },
      off: () => {
        desk.graph.grant(ALL_PERMISSIONS)
      },
      card: [/Cannot be looked up/, /Authorization_RequestDenied/, /SecurityAnalyzedMessage\.Read\.All/]
    },
    {
      says: 'no licence',
      on: () => {
        desk.graph.licence(false)
      },
      off: () => {
        desk.graph.licence(true)
      },
      card: [/Cannot be looked up/, /InvalidSubscription/, /Defender for Office 365 Plan 2/]
    }
  ]
  for (const { says, on, off, card } of refusals) {
    it(`${says}: said with Graph's code, not repeated, and Look again works once it is granted`, async () => {
      on()
      await triage(desk)
      for (const expected of card) assert.match(words(), expected)
      assertWaiting()
      await desk.pass(2 * hour)
      assert.equal(looks(desk).length, 1)
      off()
      await assertFoundByHand()
    })
  }

  const outages: { says: string; answer: CannedAnswer; wait: number }[] = [
    { says: '503', answer: { status: 503 }, wait: 10 * second },
    { says: '500', answer: { status: 500 }, wait: 10 * second },
    { says: '429 with Retry-After', answer: { status: 429, headers: { 'Retry-After': '120' } }, wait: 2 * minute },
    { says: 'an answer that is no list', answer: { status: 200, body: { value: 'none' } }, wait: 10 * second },
    { says: 'a page of HTML', answer: { status: 200, body: '<html></html>' }, wait: 10 * second }
  ]
  for (const { says, answer, wait } of outages) {
    it(`${says}: said so, never taken for "nothing found", and repeated`, async () => {
      desk.graph.faults.add({ match, answer })
      await triage(desk)
      assert.match(words(), /Cannot be looked up/)
      assert.match(words(), /The report is kept/)
      assertWaiting()
      await desk.pass(wait - 1)
      assert.equal(looks(desk).length, 1)
      await desk.pass(1)
      assert.equal(looks(desk).length, 2)
      assert.match(words(), /Needs a decision/)
      await approve(desk)
      assertCounts(desk, 1, 1)
    })
  }

  it('an outage and then nothing found: still again after 1, 5 and 15 minutes', async () => {
    const message = late()
    desk.graph.faults.add({ match, times: 4, answer: { status: 503 } })
    await triage(desk, dana, message.networkMessageId)
    for (const wait of [10 * second, 30 * second, minute, 5 * minute]) {
      assert.match(words(), /Cannot be looked up/)
      await desk.pass(wait)
    }
    assert.match(words(), /Nothing found yet/)
    await assertLooksAfterNothing(5)
  })

  it('an outage while a plan stands: the plan stays as it was shown', async () => {
    await triage(desk)
    desk.graph.faults.add({ match, answer: { status: 503 } })
    await pressOn(desk, dana, desk.card(), { title: 'Look again' })
    await desk.settle()
    assert.match(words(), /Needs a decision/)
    await approve(desk)
    assertCounts(desk, 1, 1)
  })
})

describe('faults: Graph fails at the check of rights', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
    await triage(desk)
    // What was asked for the triage is no longer good enough.
    desk.clock.advance(2 * minute)
  })
  afterEach(() => desk.close())

  for (const [says, fault] of [
    ['hangs', { match: 'checkMemberGroups', hang: true }],
    ['is refused with 403', { match: 'checkMemberGroups', answer: { status: 403 } }],
    ['is down', { match: 'users', answer: { status: 503 } }]
  ] as const) {
    it(`${says}: refused within 3 s, and the case stays open`, async () => {
      desk.graph.faults.add(fault)
      const began = performance.now()
      const answer = await pressOn(desk, dana, desk.card(), approval)
      assert.ok(performance.now() - began < 3 * second)
      assert.equal(answer.status, 200)
      assert.match(JSON.stringify(answer.body), /cannot check your rights now/)
      await desk.settle()
      assertCounts(desk, 0, 0)
      assert.match(desk.card().words, /Needs a decision/)
      await approve(desk)
      assertCounts(desk, 1, 1)
    })
  }
})

// When similar messages are looked for, what a look changes, and what including and leaving out do to a case in each state.
import assert from 'node:assert/strict'
import {
  type Campaign,
  type CampaignMessage,
  type MessageOfCase,
  campaignDue,
  exclude,
  includable,
  include,
  mostMessages,
  offerSimilar,
  similarFound
} from '../../src/case/campaign.js'
import { openApart } from '../../src/case/campaign-work.js'
import type { CaseRecord } from '../../src/case/case.js'
import type { FindResult, SimilarMessage } from '../../src/case/mail.js'
import type { Step } from '../../src/case/ports.js'
import type { Report } from '../../src/case/report.js'
import { allStates, caseIn, messageId } from '../teams/sample-cases.js'
import { TestClock } from '../test-clock.js'

const now = Date.UTC(2026, 10, 22, 4)
const hour = 3_600_000
const idOf = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`
const person = { objectId: 'tom', name: 'Tom' }

function similar(n: number): SimilarMessage {
  return { networkMessageId: idOf(n), subject: 's', senderAddress: 'a@b', copies: 2, receivedAt: 1, why: 'cluster' }
}

function campaignOf(parts: Partial<Campaign> = {}): Campaign {
  return { lookedAt: now, similar: [], more: false, included: [], joined: [], apart: [], handled: [], ...parts }
}

const seen = (n: number, seenAt = now): CampaignMessage => ({ ...similar(n), seenAt })
const found = (...ns: number[]): FindResult<SimilarMessage> => ({
  kind: 'messages',
  messages: ns.map(similar),
  more: false
})
const waiting = (parts: Partial<CaseRecord> = {}) => {
  const record = caseIn('proposed', parts)
  return { ...record, plan: record.plan === null ? null : { ...record.plan, madeAt: now } }
}

describe('campaign: when to look', () => {
  it('at once, and then once an hour while the case waits', () => {
    assert.equal(campaignDue(waiting(), now), 'now')
    assert.equal(campaignDue(waiting({ campaign: campaignOf() }), now + hour - 1), now + hour)
    assert.equal(campaignDue(waiting({ campaign: campaignOf() }), now + hour), 'now')
  })

  it('no more after a day, but the request is waited for', () => {
    const record = waiting({ campaign: campaignOf({ lookedAt: now + 24 * hour + 1 }) })
    assert.equal(campaignDue(record, now + 30 * hour), now + 31 * hour)
  })

  it('once an hour after the request', () => {
    const record = caseIn('submitted', { campaign: campaignOf({ lookedAt: 1 }) })
    const decidedAt = record.remediations[0]?.decidedAt ?? 0
    assert.equal(campaignDue(record, decidedAt + 1), decidedAt + hour)
    assert.equal(campaignDue(record, decidedAt + hour), 'now')
    const looked = { ...record, campaign: campaignOf({ lookedAt: decidedAt + hour }) }
    assert.equal(campaignDue(looked, decidedAt + 9 * hour), null)
    for (const state of ['approved', 'submitting'] as const) assert.equal(campaignDue(caseIn(state), now), now + hour)
  })

  it('never in other states', () => {
    for (const state of allStates) {
      if (['proposed', 'partlyApproved', 'approved', 'submitting', 'submitted', 'verified'].includes(state)) continue
      assert.equal(campaignDue(caseIn(state), now), null, state)
      assert.equal(similarFound(caseIn(state), found(1), now).next, null, state)
    }
  })
})

describe('campaign: what a look found', () => {
  it('stands on the card at first, and in the thread when it comes later', () => {
    const first = similarFound(waiting(), found(1, 2), now)
    assert.deepEqual(first.next?.campaign, campaignOf({ similar: [seen(1), seen(2)] }))
    assert.deepEqual(
      first.outbox.map(({ kind }) => kind),
      ['card']
    )
    assert.equal(first.answer, now + hour)
    assert.ok(first.next)
    const later = similarFound(first.next, found(2, 3), now + hour)
    assert.deepEqual(
      later.next?.campaign?.similar.map(({ networkMessageId, seenAt }) => [networkMessageId, seenAt]),
      [
        [idOf(2), now],
        [idOf(3), now + hour],
        [idOf(1), now]
      ]
    )
    assert.deepEqual(later.outbox, [
      { kind: 'card', caseNumber: 1042, dueAt: now + hour },
      { kind: 'similar', caseNumber: 1042, seenAt: now + hour, dueAt: now + hour }
    ])
  })

  it('never raises the plan version', () => {
    const record = waiting()
    const { next } = similarFound(record, found(1), now)
    assert.deepEqual(next, { ...record, campaign: next?.campaign })
  })

  for (const kind of ['forbidden', 'noLicence', 'cloudWithoutApi', 'nothing'] as const) {
    it(`${kind}: shows nothing new and asks again in an hour`, () => {
      const answer = { kind, permission: 'p', code: 'c', version: 'v1.0' } as FindResult<SimilarMessage>
      const step = similarFound(waiting(), answer, now)
      assert.deepEqual([step.next?.campaign?.similar, step.answer, step.audit], [[], now + hour, []])
    })
  }
})

describe('campaign: what an alert names', () => {
  const offer = (record: CaseRecord, n = 1) => offerSimilar(record, idOf(n), now)

  it('is offered once, and keeps its mark when a look finds it', () => {
    const { next, answer } = offer(waiting())
    assert.deepEqual([next?.campaign?.lookedAt, next?.campaign?.similar[0]?.why, answer], [null, 'alert', true])
    assert.ok(next)
    assert.deepEqual([offer(next).next, offer(next).answer], [null, true])
    const looked = similarFound(next, found(1), now).next
    assert.deepEqual(looked?.campaign?.similar, [{ ...seen(1), named: true }])
  })

  it('is not taken where the plan is past changing, where it is full, or where it is the mail itself', () => {
    for (const state of ['approved', 'submitted', 'rejected', 'failed'] as const) {
      assert.deepEqual([offer(caseIn(state)).answer, offer(caseIn(state)).next], [false, null], state)
    }
    const full = campaignOf({ similar: Array.from({ length: mostMessages - 1 }, (_, n) => seen(n + 10)) })
    assert.equal(offer(waiting({ campaign: full })).answer, false)
    assert.deepEqual(offerSimilar(waiting(), messageId, now).next, null)
  })
})

describe('campaign: including', () => {
  const context = { person, now, activityId: 'x' }
  const record = waiting({ campaign: campaignOf({ similar: [seen(1), seen(2)] }) })
  const asked = { ...context, planVersion: record.planVersion }

  it('takes the plan back until a look has made one over all', () => {
    const { next, outbox, audit, joins, answer } = include(record, [], asked)
    assert.deepEqual([next?.state, next?.pending, next?.campaign?.included], ['looking', null, [idOf(1), idOf(2)]])
    assert.deepEqual([next?.planVersion, joins, answer.kind], [record.planVersion, [], 'including'])
    assert.deepEqual(
      outbox.map(({ kind }) => kind),
      ['look', 'card']
    )
    assert.deepEqual([audit[0]?.event, audit[0]?.actor], ['campaign.included', person])
  })

  it('joins the cases that nobody has begun to decide, and leaves the others their messages', () => {
    const elsewhere = [
      { networkMessageId: idOf(1), caseNumber: 7, joinable: true },
      { networkMessageId: idOf(2), caseNumber: 8, joinable: false }
    ]
    const { next, joins } = include(record, elsewhere, asked)
    assert.deepEqual([next?.campaign?.included, joins], [[idOf(1)], [7]])
    assert.deepEqual(next?.campaign?.handled, [{ networkMessageId: idOf(2), caseNumber: 8 }])
    const all = elsewhere.map((each) => ({ ...each, joinable: false }))
    assert.equal(include(record, all, asked).answer.kind, 'nothingToInclude')
  })

  it('has a limit', () => {
    const many = campaignOf({ similar: Array.from({ length: 80 }, (_, n) => seen(n)) })
    const { next } = include({ ...record, campaign: many }, [], asked)
    assert.equal(next?.campaign?.included.length, mostMessages - 1)
    assert.ok(next)
    assert.deepEqual(includable(next), [])
  })

  it('is stale for another version, and in every state whose plan is past changing', () => {
    assert.equal(include(record, [], { ...asked, planVersion: 1 }).answer.kind, 'stale')
    for (const state of allStates) {
      const changeable = ['looking', 'nothingFound', 'unreadable', 'proposed', 'partlyApproved'].includes(state)
      const other = caseIn(state, { campaign: campaignOf({ similar: [seen(1)], included: [idOf(2)] }) })
      const version = { ...context, planVersion: other.planVersion }
      assert.equal(include(other, [], version).answer.kind, changeable ? 'including' : 'stale', state)
      assert.equal(exclude(other, version).answer.kind, changeable ? 'excluding' : 'stale', state)
    }
  })

  it('is taken back as a whole; what had a case of its own is kept in mind', () => {
    const joined = [{ networkMessageId: idOf(1), caseNumber: 7 }]
    const included = { ...record, campaign: campaignOf({ included: [idOf(1), idOf(2)], joined }) }
    const { next, outbox } = exclude(included, asked)
    assert.deepEqual(next?.campaign, campaignOf({ apart: joined }))
    assert.deepEqual(
      outbox.map(({ kind }) => kind),
      ['look', 'card', 'apart']
    )
    assert.equal(exclude(record, asked).answer.kind, 'nothingToExclude')
  })
})

describe('campaign: left out again', () => {
  it('opens a case for each, once, in the name of who had opened its former one', async () => {
    const former = caseIn('joined', { number: 7, openedBy: person, joinedInto: 1042 })
    let record = waiting({ campaign: campaignOf({ apart: [{ networkMessageId: idOf(1), caseNumber: 7 }] }) })
    const opened: Report[] = []
    const doors = {
      clock: new TestClock(now),
      store: {
        async open(report: Report) {
          opened.push(report)
          return { kind: 'opened' as const, record: caseIn('looking') }
        },
        identify: () => assert.fail('nothing to identify'),
        openCases: () => assert.fail('nothing to list'),
        read: async (number: number) => (number === 7 ? former : record),
        async change<T>(
          _number: number,
          decide: (record: CaseRecord, openCase: number | null, elsewhere: MessageOfCase[]) => Step<T>
        ) {
          const { next, answer } = decide(record, null, [])
          record = next === null ? record : { ...record, ...next, plan: record.plan }
          return answer
        }
      }
    }
    await openApart(1042, doors)
    await openApart(1042, doors)
    assert.deepEqual(
      opened.map(({ message, reporter, origin, activityKey }) => [message.value, reporter, origin, activityKey]),
      [[idOf(1), person, 'report', 'PT-1042/apart/PT-7']]
    )
    assert.deepEqual(record.campaign?.apart, [])
  })
})

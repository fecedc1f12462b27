// A case ends by the policy of now: sooner or later than it was set up for, and never while a request is on its way.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { expireByPolicy } from '../../src/case/expiry.js'
import { decide } from '../../src/case/decide.js'
import { caseIn, samplePolicy } from '../teams/sample-cases.js'
import { approvedBy, by, hard, policyOf, proposed, second } from './four-eyes.js'

const day = 24 * 3_600_000
const days = (count: number) => ({ time: { ...samplePolicy.time, expireAfterMs: count * day } })
const answer = (record: CaseRecord, after: number, limit: number) => {
  const { next, answer: againAt } = expireByPolicy(record, days(limit), record.openedAt + after)
  return { state: next?.state ?? null, againAt: againAt === null ? null : (againAt - record.openedAt) / day }
}
const waitingSince = (record: CaseRecord, since: number) => ({
  ...record,
  waiting: { period: 3, since: record.openedAt + since, nudged: [] }
})

describe('expiry', () => {
  it('comes before a late click, however late its timer is', () => {
    const ana = by('ana', { policy: policyOf(2, days(7)) })
    for (const record of [proposed, approvedBy(['dana'])]) {
      const request = record.pending === null ? { ...hard, action: 'softDelete' } : second
      const at = (ms: number) => decide(record, request, { ...ana, now: record.openedAt + ms })
      const pending = record.pending === null
      assert.equal(at(7 * day - 1).next?.state, pending ? 'approved' : 'proposed')
      const { next, answer, outbox } = at(7 * day)
      assert.deepEqual([next?.state, next?.remediations, next?.pending], ['expired', [], null])
      assert.equal(answer.kind, 'stale')
      assert.deepEqual(
        outbox.map(({ kind }) => kind),
        ['card']
      )
    }
  })

  it('comes when the policy says, not before', () => {
    assert.deepEqual(answer(caseIn('proposed'), 7 * day - 1, 7), { state: null, againAt: 7 })
    assert.deepEqual(answer(caseIn('proposed'), 7 * day, 7), { state: 'expired', againAt: null })
    assert.deepEqual(answer(caseIn('partlyApproved'), 7 * day, 7), { state: 'expired', againAt: null })
    assert.deepEqual(answer(caseIn('looking'), 7 * day, 30), { state: null, againAt: 30 })
  })

  it('waits for a request that is on its way, and has nothing to do for what has ended', () => {
    assert.deepEqual(answer(caseIn('submitting'), 7 * day, 7), { state: null, againAt: 8 })
    assert.deepEqual(answer(caseIn('rejected'), day, 7), { state: null, againAt: null })
  })

  it('counts anew for what was decided before, up to the time that Defender keeps mail', () => {
    const failed = waitingSince(caseIn('failed'), 6 * day)
    assert.deepEqual(answer(failed, 7 * day, 7), { state: null, againAt: 13 })
    assert.deepEqual(answer(failed, 13 * day, 7), { state: 'expired', againAt: null })
    assert.deepEqual(answer(waitingSince(caseIn('failed'), 29 * day), 29 * day, 7), { state: null, againAt: 30 })
    // A wait that began before the opening, by a clock that was set back in between.
    assert.deepEqual(answer(waitingSince(caseIn('failed'), -day), day, 7), { state: null, againAt: 7 })
  })
})

// How a case is judged for the statistics: by its newest approval, by its closing, and open or undecided where nobody judged.
import assert from 'node:assert/strict'
import { type CaseRecord, type CaseState, type Verdict, isOpen } from '../../src/case/case.js'
import { isJudged, judgementOf } from '../../src/case/statistics.js'
import { transitions } from '../../src/case/transitions.js'
import { batchOf, caseIn, remediationOf } from '../teams/sample-cases.js'

const removal = (state: 'accepted' | 'refused' | 'notSent' | 'uncertain' = 'accepted') =>
  remediationOf([batchOf({ state })], { action: 'softDelete' })
const back = remediationOf([batchOf()], { action: 'moveToInbox', planVersion: 4 })
const judged = (state: CaseState, changes: Partial<CaseRecord> = {}) =>
  judgementOf({ state, closing: null, remediations: [], ...changes })

describe('judgement', () => {
  it('is open for every open case without an approval, and never for an ended one', () => {
    for (const state of Object.keys(transitions) as CaseState[]) {
      assert.equal(judged(state) === 'open', isOpen(state), state)
    }
  })

  it('is phish once a removal is approved, whatever becomes of the request', () => {
    for (const state of [
      'approved',
      'submitting',
      'submitted',
      'verified',
      'failed',
      'uncertain',
      'proposed'
    ] as const) {
      assert.equal(judged(state, { remediations: [removal('refused')] }), 'phish', state)
    }
    assert.equal(judged('expired', { remediations: [removal('notSent')] }), 'phish')
  })

  it('is not phish once the newest approval moves it to the inbox', () => {
    assert.equal(judged('submitted', { remediations: [removal(), back] }), 'notPhish')
    assert.equal(judged('submitted', { remediations: [back, removal()] }), 'phish')
  })

  it('is not phish where a person says so of all of it, and stays phish where only the rest was turned down', () => {
    assert.equal(judged('rejected'), 'notPhish')
    assert.equal(judged('rejected', { remediations: [removal('refused')] }), 'notPhish')
    assert.equal(judged('rejected', { remediations: [removal('accepted')] }), 'phish')
    assert.equal(judged('rejected', { remediations: [removal('uncertain')] }), 'phish')
  })

  for (const [verdict, expected] of [
    ['phish', 'phish'],
    ['malware', 'phish'],
    ['spam', 'notPhish'],
    ['clean', 'notPhish']
  ] as [Verdict, string][]) {
    it(`is ${expected} where it was closed as ${verdict}`, () => {
      const { closing } = caseIn('closed')
      assert.ok(closing)
      assert.equal(judged('closed', { closing: { ...closing, verdict } }), expected)
    })
  }

  it('is neither where it ended without a decision', () => {
    for (const state of ['expired', 'simulation', 'joined'] as const) assert.equal(judged(state), 'neither')
    assert.deepEqual((['phish', 'notPhish', 'open', 'neither'] as const).map(isJudged), [true, true, false, false])
  })
})

// For whom a case waits, when a new wait begins, and which timers a change sets.
import assert from 'node:assert/strict'
import type { CaseRecord, CaseState } from '../../src/case/case.js'
import { type WaitsFor, timersOf, waitsFor, waitsForPeople, withWaiting } from '../../src/case/waiting.js'
import { caseIn, verdictCase } from '../teams/sample-cases.js'

const now = Date.UTC(2026, 10, 20, 9)
const waiting = (state: CaseState, changes: Partial<CaseRecord> = {}) =>
  caseIn(state, { waiting: { period: 4, since: now - 1_000, nudged: ['reminder'] }, ...changes })
const later = (record: CaseRecord): CaseRecord => ({ ...record, look: { ...record.look, nextAt: now + 1 } })
const never = (record: CaseRecord): CaseRecord => ({ ...record, look: { ...record.look, nextAt: null } })

describe('waiting', () => {
  const rows: [what: string, record: CaseRecord, whom: WaitsFor | null, people: boolean][] = [
    ['looking', caseIn('looking'), 'look', false],
    ['nothing found, looked at again', later(caseIn('nothingFound')), 'look', false],
    ['nothing found, for good', never(caseIn('nothingFound')), 'lookAgain', true],
    ['cannot be looked up', never(caseIn('unreadable')), 'lookAgain', true],
    ['Defender is away', later(caseIn('unreadable')), 'look', false],
    ['no mail', verdictCase('file'), 'verdict', true],
    ['proposed', caseIn('proposed'), 'approver', true],
    ['approved in part', caseIn('partlyApproved'), 'anotherApprover', true],
    ['approved', caseIn('approved'), 'submission', false],
    ['submitting', caseIn('submitting'), 'submission', false],
    ['failed', caseIn('failed'), 'proposeAgain', true],
    ['uncertain', caseIn('uncertain'), 'actionCenter', true],
    ...(['submitted', 'verified', 'rejected', 'closed', 'simulation', 'expired', 'joined'] as const).map(
      (state): [string, CaseRecord, null, boolean] => [state, caseIn(state), null, false]
    )
  ]
  for (const [what, record, whom, people] of rows) {
    it(`${what}: ${whom ?? 'for nobody'}`, () => {
      assert.equal(waitsFor(record), whom)
      assert.equal(waitsForPeople(record), people)
    })
  }

  it('begins anew where somebody else is waited for', () => {
    const fresh = { period: 5, since: now, nudged: [] }
    assert.deepEqual(withWaiting(waiting('looking'), waiting('proposed'), now).waiting, fresh)
    assert.deepEqual(withWaiting(waiting('proposed'), waiting('partlyApproved'), now).waiting, fresh)
    assert.deepEqual(withWaiting(waiting('partlyApproved'), waiting('proposed'), now).waiting, fresh)
  })

  it('goes on through a higher plan version and another look', () => {
    const before = waiting('proposed')
    const next = { ...before, planVersion: 4, look: { ...before.look, attempts: 9 } }
    assert.equal(withWaiting(before, next, now), next)
  })
})

describe('timers', () => {
  const kinds = (before: CaseRecord, next: CaseRecord) =>
    timersOf(before, next, { now, expireAfterMs: 5_000 }).map((entry) =>
      'caseNumber' in entry ? [entry.kind, entry.dueAt] : []
    )

  it('asks whether people have to be told when the case begins to wait for them, and when its plan changes', () => {
    assert.deepEqual(kinds(caseIn('looking'), caseIn('proposed')), [['nudge', now]])
    assert.deepEqual(kinds(caseIn('proposed'), caseIn('partlyApproved')), [['nudge', now]])
    assert.deepEqual(kinds(caseIn('proposed'), caseIn('proposed', { planVersion: 4 })), [['nudge', now]])
    assert.deepEqual(kinds(caseIn('proposed'), caseIn('proposed', { revision: 8 })), [])
    assert.deepEqual(kinds(caseIn('proposed'), caseIn('approved')), [])
    assert.deepEqual(kinds(caseIn('proposed'), caseIn('rejected')), [])
  })

  it('gives a case that is opened again an end', () => {
    assert.deepEqual(kinds(caseIn('submitted'), caseIn('proposed')), [
      ['nudge', now],
      ['expire', now + 5_000]
    ])
  })
})

// What one reporter can be told of how a case ended: a table by state and by what was seen of the person's own copy.
import assert from 'node:assert/strict'
import type { CaseRecord, CaseState, Verdict } from '../../src/case/case.js'
import { type Disposition, dispositionFor, isNewsToReporters } from '../../src/case/disposition.js'
import type { RemediationAction } from '../../src/case/plan.js'
import type { CopyOutcome, RemediationOutcome } from '../../src/case/remediation.js'
import { batchOf, caseIn, remediationOf } from '../teams/sample-cases.js'

const mine = ['ANA.silva@contoso.example']
const nobodys = ['no.copy@contoso.example']

function outcome(...copies: CopyOutcome[]): RemediationOutcome {
  return { ...emptyOutcome, copies: copies.concat(Array<CopyOutcome>(11 - copies.length).fill('waiting')) }
}
const emptyOutcome = { looks: 1, lastLookAt: 0, nextLookAt: null } as RemediationOutcome

/** Ana's copy is the first of the plan. */
function acted(state: CaseState, own: CopyOutcome | null, action: RemediationAction = 'softDelete'): CaseRecord {
  return caseIn(state, {
    remediations: [remediationOf([batchOf()], { action, outcome: own === null ? null : outcome(own) })]
  })
}

const told = (record: CaseRecord, mailboxes = mine) => dispositionFor(record, record.plan, mailboxes)

describe('disposition: after a request', () => {
  const table: [CaseState, CopyOutcome | null, Disposition | null][] = [
    ['submitted', null, null],
    ['submitted', 'waiting', null],
    ['submitted', 'elsewhere', null],
    ['submitted', 'gone', null],
    ['submitted', 'moved', 'removed'],
    ['submitted', 'already', 'blocked'],
    ['verified', 'moved', 'removed'],
    ['verified', 'gone', 'removed'],
    ['verified', 'already', 'blocked'],
    ['verified', 'waiting', 'phish'],
    ['verified', 'elsewhere', 'phish']
  ]
  for (const [state, own, expected] of table) {
    it(`${state}, the person's copy ${own ?? 'not looked at'}: ${expected ?? 'nothing yet'}`, () => {
      assert.equal(told(acted(state, own)), expected)
    })
  }

  it('says "removed" to nobody whose own copy was not seen', () => {
    assert.equal(told(acted('submitted', 'moved'), nobodys), null)
    assert.equal(told(acted('verified', 'moved'), nobodys), 'phish')
    assert.equal(told(acted('verified', 'moved'), []), 'phish')
    const record = acted('verified', 'moved')
    assert.equal(dispositionFor(record, null, mine), 'phish')
  })

  it('says of mail that was moved back that it was not phish', () => {
    assert.equal(told(acted('submitted', 'waiting', 'moveToInbox')), null)
    assert.equal(told(acted('submitted', 'moved', 'moveToInbox')), 'restored')
    assert.equal(told(acted('verified', 'waiting', 'moveToInbox')), 'notPhish')
  })

  it('does not deny a removal because a later proposal was turned down or ran out', () => {
    for (const state of ['rejected', 'expired'] as const) {
      assert.equal(told(acted(state, 'moved')), 'removed')
      assert.equal(told(acted(state, null)), 'phish')
    }
  })
})

describe('disposition: without a request', () => {
  const verdicts: [Verdict, Disposition][] = [
    ['phish', 'phish'],
    ['malware', 'phish'],
    ['spam', 'spam'],
    ['clean', 'notPhish']
  ]
  for (const [verdict, expected] of verdicts) {
    it(`closed as ${verdict}: ${expected}`, () => {
      const closing = { by: null, reason: 'x', verdict, at: 0 }
      assert.equal(told(caseIn('closed', { closing })), expected)
    })
  }

  it('rejected is not phish, expired is unknown, a simulation is one', () => {
    assert.equal(told(caseIn('rejected')), 'notPhish')
    assert.equal(told(caseIn('expired')), 'unknown')
    assert.equal(told(caseIn('simulation')), 'simulation')
  })

  it('tells nothing while people or Defender are at work', () => {
    const open: CaseState[] = ['looking', 'nothingFound', 'unreadable', 'proposed', 'partlyApproved', 'approved']
    for (const state of [...open, 'submitting', 'failed', 'uncertain', 'joined'] as const) {
      assert.equal(told(caseIn(state)), null, state)
    }
  })
})

describe('disposition: what is news', () => {
  it('is an end, and what a look found after one; nothing else', () => {
    assert.equal(isNewsToReporters(caseIn('proposed'), caseIn('rejected')), true)
    assert.equal(isNewsToReporters(caseIn('proposed'), caseIn('approved')), false)
    const before = acted('submitted', 'waiting')
    assert.equal(isNewsToReporters(before, acted('submitted', 'moved')), true)
    assert.equal(isNewsToReporters(before, { ...before, revision: 9 }), false)
  })
})

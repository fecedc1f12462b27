// What one reporter can be told of how a case ended: a table by state and by what was seen of the person's own copy.
import assert from 'node:assert/strict'
import type { CaseRecord, CaseState, Verdict } from '../../src/case/case.js'
import { type Disposition, dispositionFor, isNewsToReporters } from '../../src/case/disposition.js'
import { type Plan, type RemediationAction, makePlan } from '../../src/case/plan.js'
import type { CopyOutcome, Remediation, RemediationOutcome } from '../../src/case/remediation.js'
import {
  batchOf,
  caseIn,
  copiesIn,
  outcomeOf,
  remediationOf,
  sampleCopies,
  samplePolicy
} from '../teams/sample-cases.js'

const mine = ['ANA.silva@contoso.example']
const nobodys = ['no.copy@contoso.example']

function outcome(...copies: CopyOutcome[]): RemediationOutcome {
  return outcomeOf({ copies: copies.concat(Array<CopyOutcome>(11 - copies.length).fill('moved')), nextLookAt: null })
}

/** Ana's copy is the first of the plan. */
function acted(state: CaseState, own: CopyOutcome | null, action: RemediationAction = 'softDelete'): CaseRecord {
  return caseIn(state, {
    remediations: [remediationOf([batchOf()], { action, outcome: own === null ? null : outcome(own) })]
  })
}

const told = (record: CaseRecord, mailboxes = mine) =>
  dispositionFor(record, record.plan === null ? [] : [record.plan], mailboxes)

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
    assert.equal(dispositionFor(record, [], mine), 'phish')
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

describe('disposition: of the person’s own copy alone', () => {
  const plans: Plan[] = [
    makePlan(3, { copies: sampleCopies, recipients: [] }, samplePolicy.limits, 0),
    makePlan(4, { copies: copiesIn(2), recipients: [] }, samplePolicy.limits, 0)
  ]
  const first = remediationOf([batchOf()], { outcome: outcome('moved') })
  const others = (changes: Partial<Remediation>) =>
    remediationOf([batchOf({ to: 2 })], { planVersion: 4, outcome: null, ...changes })

  it('a later request for other people’s copies denies no removal that was seen', () => {
    for (const later of [others({}), others({ outcome: outcome('waiting') })]) {
      for (const state of ['submitted', 'verified', 'rejected', 'expired'] as const) {
        const record = caseIn(state, { remediations: [first, later] })
        assert.equal(dispositionFor(record, plans, mine), 'removed', state)
      }
    }
  })

  it('an undo says to everybody that it was not phish', () => {
    const record = caseIn('verified', { remediations: [first, others({ action: 'moveToInbox' })] })
    assert.equal(dispositionFor(record, plans, mine), 'notPhish')
  })

  it('what a look finds of an older request is news too', () => {
    const before = caseIn('submitted', { remediations: [{ ...first, outcome: null }, others({})] })
    assert.equal(isNewsToReporters(before, { ...before, remediations: [first, others({})] }), true)
  })

  it('is not removed where it is listed no more, but nothing proves that it was deleted', () => {
    const open = outcomeOf({ copies: ['gone'], open: 1 })
    for (const state of ['verified', 'rejected', 'expired'] as const) {
      const unconfirmed = caseIn(state, { remediations: [remediationOf([batchOf()], { outcome: open })] })
      assert.equal(dispositionFor(unconfirmed, plans, mine), 'phish', state)
    }
    assert.equal(told(acted('verified', 'gone', 'moveToJunk')), 'phish')
  })

  it('is not "blocked" or "removed" where Defender was never asked for it', () => {
    const parts = [batchOf({ to: 0, seq: 1 }), batchOf({ seq: 2, state: 'notSent' })]
    for (const found of ['gone', 'already', 'moved'] as const) {
      const record = caseIn('rejected', { remediations: [remediationOf(parts, { outcome: outcome(found) })] })
      assert.equal(dispositionFor(record, plans, mine), 'phish', found)
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

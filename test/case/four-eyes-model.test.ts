// Random people, choices, clocks, looks and policies against one record: nothing is sent that the policy of that moment does not allow.
import fc from 'fast-check'
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { decide } from '../../src/case/decide.js'
import { step } from '../../src/case/look.js'
import { endPending, withoutPending } from '../../src/case/pending.js'
import { type RemediationAction, planDigest } from '../../src/case/plan.js'
import type { Policy } from '../../src/case/policy.js'
import type { Step } from '../../src/case/ports.js'
import { beginNext } from '../../src/case/submit.js'
import { messageId, sampleCopies, sampleMail, samplePolicy } from '../teams/sample-cases.js'
import { clockAt } from './approved-case.js'
import { type Name, by, hard, names, policyOf, proposed, start, windowMs } from './four-eyes.js'

type Move =
  | { do: 'approve'; who: Name; action: RemediationAction | ''; stale: boolean; loud: boolean }
  | { do: 'withdraw' | 'reject'; who: Name }
  | { do: 'look'; copies: number }
  | { do: 'ends' | 'submit' }
  | { do: 'wait'; ms: number }
  | { do: 'policy'; approvals: number; approvers: Name[] }

const who = fc.constantFrom(...(Object.keys(names) as Name[]))
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('approve' as const),
      who,
      action: fc.constantFrom('hardDelete' as const, 'hardDelete' as const, 'softDelete' as const, '' as const),
      stale: fc.boolean(),
      loud: fc.boolean()
    })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('withdraw' as const, 'reject' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const), copies: fc.integer({ min: 9, max: 11 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('ends' as const, 'submit' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(windowMs) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('policy' as const),
      approvals: fc.integer({ min: 1, max: 3 }),
      approvers: fc.uniqueArray(who, { minLength: 1 })
    })
  }
)

interface Yes {
  who: Name
  action: RemediationAction
  version: number
}

function play(moves: Move[]): { sent: number } {
  let record: CaseRecord = proposed
  let policy: Policy = policyOf(2)
  let now = start
  let sent = 0
  /** Every approval that stands, written down from outside as it is given. */
  const book: { standing: Yes[] } = { standing: [] }

  const store = <T>({ next, answer }: Step<T>): T => {
    if (next !== null) {
      assert.equal(next.pending !== null, next.state === 'partlyApproved', next.state)
      record = next
    }
    if (record.pending === null && !['approved', 'submitting'].includes(record.state)) book.standing = []
    return answer
  }
  for (const each of moves) {
    if (each.do === 'wait') now += each.ms
    if (each.do === 'policy') policy = policyOf(each.approvals, { approvers: { users: each.approvers, groups: [] } })
    if (each.do === 'ends') store(endPending(record, now))
    if (each.do === 'look') {
      const before = record
      const copies = sampleCopies.slice(0, each.copies)
      const mail = { networkMessageId: messageId, evidence: sampleMail, copies }
      store(
        step(
          record,
          { kind: 'found', mail },
          { now, limits: samplePolicy.limits, tell: () => [], included: [], certain: true }
        )
      )
      if (before.pending !== null && record.planVersion !== before.planVersion) {
        assert.deepEqual([record.pending, record.voided?.why], [null, 'changed'])
      }
    }
    if (each.do === 'approve' || each.do === 'withdraw' || each.do === 'reject') {
      const allowed = policy.approvers.users.includes(each.who)
      const loud = each.do === 'approve' && each.loud
      const objectId = loud ? each.who.toUpperCase() : each.who
      const context = by(each.who, {
        policy,
        now,
        person: { objectId, name: names[each.who] },
        standing: { objectId, groups: [], reporter: false, opener: false },
        ruling: { allowed, reasons: [] }
      })
      const planVersion = each.do === 'approve' && each.stale ? record.planVersion - 1 : record.planVersion
      const action = each.do === 'approve' ? each.action : ''
      const severity = action === '' ? '' : 'high'
      const before = record
      const answer = store(decide(record, { ...hard, kind: each.do, planVersion, action, severity }, context))
      if (each.do === 'withdraw' && answer.kind === 'withdrawn') {
        book.standing = book.standing.filter((yes) => yes.who !== each.who)
      }
      if (answer.kind === 'approved' || answer.kind === 'approvedInPart') {
        assert.ok(allowed && each.do === 'approve' && !each.stale)
        assert.ok(!book.standing.some((yes) => yes.who === each.who), 'the same person twice')
        assert.ok(before.pending === null || now < before.pending.until, 'after the time was up')
        const chosen = before.pending?.action ?? (each.action as RemediationAction)
        book.standing.push({ who: each.who, action: chosen, version: before.planVersion })
        const held = answer.record.pending?.approvals ?? answer.record.remediations.at(-1)?.approvals ?? []
        assert.deepEqual(
          held.map(({ person }) => person.objectId.toLowerCase()),
          book.standing.map((yes) => yes.who)
        )
      }
    }
    if (each.do === 'submit') {
      const turn = store(beginNext(record, { clock: clockAt(now), policy, alone: true }))
      if (turn.kind !== 'send') continue
      sent += 1
      const { action } = turn.request
      // Counted here without the product's own rules: hard delete takes what the policy says, everything else one.
      const needed = action === 'hardDelete' ? (policy.rules[0]?.approvals ?? 1) : 1
      const counted = book.standing.filter((yes) => policy.approvers.users.includes(yes.who))
      assert.ok(new Set(counted.map((yes) => yes.who)).size >= needed, 'sent with too few')
      assert.ok(book.standing.every((yes) => yes.action === action && yes.version === turn.planVersion))
      const remediation = record.remediations.at(-1)
      assert.ok(record.plan !== null && remediation !== undefined)
      assert.equal(remediation.digest, planDigest(record.number, record.plan, remediation))
      break
    }
  }
  return { sent }
}

describe('several approvals, in any order of everything', () => {
  it('never send what the policy of that moment does not allow, count nobody twice, and die with the mail they were for', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 50 }), (moves) => {
        play(moves)
      }),
      { numRuns: 3000 }
    )
  })

  it('do send what two have approved', () => {
    const approve = (name: Name, action: RemediationAction | ''): Move => ({
      do: 'approve',
      who: name,
      action,
      stale: false,
      loud: false
    })
    assert.equal(play([approve('dana', 'hardDelete'), { do: 'submit' }]).sent, 0)
    assert.equal(play([approve('dana', 'hardDelete'), approve('ana', ''), { do: 'submit' }]).sent, 1)
  })

  it('leave nothing behind where none waits', () => {
    assert.deepEqual(withoutPending(proposed, { why: 'changed', changes: [] }, start), { record: proposed, audit: [] })
  })
})

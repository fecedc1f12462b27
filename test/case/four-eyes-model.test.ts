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
import { ruleWith } from './policy-samples.js'
import { type Name, by, hard, names, policyOf, proposed, start, windowMs } from './four-eyes.js'

type Move =
  | { do: 'approve'; who: Name; action: RemediationAction | ''; stale: boolean; loud: boolean; card: number }
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
      action: fc.constantFrom('hardDelete' as const, 'softDelete' as const, '' as const),
      stale: fc.boolean(),
      loud: fc.boolean(),
      card: fc.nat(3)
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('withdraw' as const, 'withdraw' as const, 'reject' as const), who })
  },
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

/** Every plan takes so many, so that one action can wait where another waited before. */
const asking = (approvals: number, approvers: Name[]): Policy =>
  policyOf(approvals, { approvers: { users: approvers, groups: [] }, rules: [ruleWith({ approvals })] })

function play(moves: Move[]): { sent: number } {
  let record: CaseRecord = proposed
  let policy = asking(2, Object.keys(names) as Name[])
  let now = start
  let sent = 0
  /** Every card of a pending approval that was ever shown; people may click on any of them. */
  const cards: { action: RemediationAction; version: number }[] = []
  /** Every approval that stands, written down from outside as it is given. */
  const book: { standing: Yes[] } = { standing: [] }

  const store = <T>({ next, answer }: Step<T>): T => {
    if (next !== null) {
      assert.equal(next.pending !== null, next.state === 'partlyApproved', next.state)
      record = next
      if (next.pending !== null) cards.push({ action: next.pending.action, version: next.planVersion })
    }
    if (record.pending === null && !['approved', 'submitting'].includes(record.state)) book.standing = []
    return answer
  }
  for (const each of moves) {
    if (each.do === 'wait') now += each.ms
    if (each.do === 'policy') policy = asking(each.approvals, each.approvers)
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
      if (before.pending !== null) {
        const listed = (before.plan?.copies.length ?? 0) + (before.plan?.leftOut.length ?? 0)
        if (listed === copies.length) assert.deepEqual(record.pending, before.pending)
        else assert.deepEqual([record.pending, record.voided?.why], [null, 'changed'])
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
      const action = each.do === 'approve' ? each.action : ''
      const card = each.do === 'approve' && action === '' ? cards[each.card % Math.max(1, cards.length)] : undefined
      const stale = each.do === 'approve' && each.stale
      const planVersion = stale ? record.planVersion - 1 : (card?.version ?? record.planVersion)
      const severity = action === '' ? '' : 'high'
      const before = record
      const answer = store(decide(record, { ...hard, kind: each.do, planVersion, action, severity }, context))
      if (each.do === 'withdraw' && answer.kind === 'withdrawn') {
        book.standing = book.standing.filter((yes) => yes.who !== each.who)
      }
      if (answer.kind === 'approved' || answer.kind === 'approvedInPart') {
        assert.ok(allowed && !stale)
        assert.ok(!book.standing.some((yes) => yes.who === each.who), 'the same person twice')
        assert.ok(before.pending === null || now < before.pending.until, 'after the time was up')
        // What this person had before them when they said yes: what they named, or what their card showed.
        const chosen = action === '' ? (card?.action ?? assert.fail('a choice out of nowhere')) : action
        book.standing.push({ who: each.who, action: chosen, version: before.planVersion })
        const stands = answer.record.pending ?? answer.record.remediations.at(-1)
        assert.equal(stands?.action, chosen, 'approved what was not shown')
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
      // Counted here without the product's own rules.
      const needed = policy.rules[0]?.approvals ?? assert.fail('no rule')
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
      loud: false,
      card: 0
    })
    assert.equal(play([approve('dana', 'hardDelete'), { do: 'submit' }]).sent, 0)
    assert.equal(play([approve('dana', 'hardDelete'), approve('ana', ''), { do: 'submit' }]).sent, 1)
  })

  it('leave nothing behind where none waits', () => {
    assert.deepEqual(withoutPending(proposed, { why: 'changed', changes: [] }, start), { record: proposed, audit: [] })
  })
})

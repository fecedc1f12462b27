// One look as a pure step: what it stores and when the next is due; and, whatever Defender says, counts that add up.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { CaseRecord, CaseState } from '../../src/case/case.js'
import type { CopyEvent, DeliveryLocation, MailCopy } from '../../src/case/mail.js'
import { type Seen, lookOffsets, nextLookOf, outcomeOf } from '../../src/case/outcome.js'
import {
  type Plan,
  type RemediationAction,
  makePlan,
  planDigest,
  remediationActions,
  sameCopies
} from '../../src/case/plan.js'
import { type BatchState, type Remediation, countOutcome, wasAsked } from '../../src/case/remediation.js'
import { type VerifyContext, cannotLook, looked } from '../../src/case/verify.js'
import { outcomeNumbers, outcomeSummary, outcomeTitle } from '../../src/teams/outcome-words.js'
import { batchOf, caseIn, copiesIn, messageId, remediationOf, sampleMail, samplePolicy } from '../teams/sample-cases.js'

const sentAt = Date.parse('2026-11-22T03:14:05Z')
const minute = 60_000
const limits = samplePolicy.limits

function planWith(copies: MailCopy[], version = 3): Plan {
  return makePlan(version, { copies, recipients: [] }, limits, sentAt - minute)
}

function seenAt(copies: MailCopy[], location: (copy: MailCopy, index: number) => DeliveryLocation | null): Seen {
  const listed = copies.flatMap((copy, index) => {
    const place = location(copy, index)
    return place === null ? [] : [{ ...copy, location: place }]
  })
  const mail = listed.length === 0 ? null : { networkMessageId: messageId, evidence: sampleMail, copies: listed }
  return { mails: new Map([[messageId, mail]]), events: [] }
}

const copies = copiesIn(4)
const plan = planWith(copies)

function submitted(changes: Partial<CaseRecord> = {}, batch: Parameters<typeof batchOf>[0] = {}): CaseRecord {
  return caseIn('submitted', { plan, remediations: [remediationOf([batchOf({ to: 4, ...batch })])], ...changes })
}

function look(record: CaseRecord, seen: Seen, changes: Partial<VerifyContext> = {}) {
  const context = { plans: [plan], due: record.remediations, limits, now: sentAt + minute, openCase: null, ...changes }
  const step = looked(record, seen, context)
  return { ...step, next: step.next ?? assert.fail('nothing was stored') }
}

const allMoved = seenAt(copies, () => 'others')
const noneMoved = seenAt(copies, () => 'inbox_folder')

describe('verify: a look', () => {
  it('ends what is submitted when every copy is accounted for, and looks on for later copies', () => {
    const { next, outbox, answer, audit } = look(submitted(), allMoved)
    assert.equal(next.state, 'verified')
    assert.deepEqual(
      outbox.map(({ kind }) => kind),
      ['card', 'link']
    )
    assert.deepEqual(
      audit.map(({ event }) => event),
      ['verify.looked', 'case.verified']
    )
    assert.equal(answer, sentAt + 5 * minute)
  })

  it('comes back on a back-off, and when the time is up no more', () => {
    const times = [...lookOffsets, 25 * 60 * minute].map((offset) => sentAt + offset)
    const due = times.slice(0, -1).map((now) => look(submitted(), noneMoved, { now }).answer)
    assert.deepEqual(due, [...times.slice(1, -1), null])
    assert.equal(look(submitted(), noneMoved, { now: sentAt + 23 * 60 * minute }).next.state, 'submitted')
    assert.equal(look(submitted(), noneMoved, { now: sentAt + 24 * 60 * minute }).next.state, 'verified')
  })

  for (const state of [
    'failed',
    'uncertain',
    'proposed',
    'looking',
    'rejected',
    'expired',
    'approved'
  ] as CaseState[]) {
    it(`leaves a case that is ${state} as it is, and keeps what it saw`, () => {
      const { next } = look(submitted({ state }), allMoved)
      assert.equal(next.state, state)
      assert.equal(next.remediations[0]?.outcome?.open, 0)
    })
  }

  it('leaves plan, version, approvals and batches alone', () => {
    const record = submitted()
    const { next } = look(record, allMoved)
    const without = (remediation: Remediation) => ({ ...remediation, outcome: null })
    assert.deepEqual(next.remediations.map(without), record.remediations.map(without))
    assert.deepEqual([next.plan, next.planVersion, next.pending], [record.plan, record.planVersion, record.pending])
  })

  it('lets events decide nothing of what a plan is', () => {
    const choice = { action: 'softDelete', severity: 'low', remediateSendersCopy: false } as const
    const event = {
      networkMessageId: messageId,
      recipientEmailAddress: '',
      at: 1,
      by: 'user',
      kind: 'other',
      result: 'done'
    }
    const mail = { networkMessageId: messageId, evidence: sampleMail, copies, events: [event as CopyEvent] }
    const other = makePlan(3, { copies: mail.copies, recipients: [] }, limits, sentAt)
    assert.ok(sameCopies(plan, other))
    assert.equal(planDigest(1, plan, choice), planDigest(1, other, choice))
  })

  it('looks no more at what a newer request acts on', () => {
    const older = submitted().remediations[0] ?? assert.fail()
    const newer = { ...older, planVersion: 4 }
    const plans = [plan, planWith(copies, 4)]
    const record = submitted({
      plan: plans[1] ?? null,
      planVersion: 4,
      remediations: [look(submitted(), noneMoved).next.remediations[0] ?? older, newer]
    })
    const { next } = look(record, allMoved, { plans, due: [newer], now: sentAt + 5 * minute })
    assert.equal(next.state, 'verified')
    assert.deepEqual(
      next.remediations.map((each) => [each.outcome?.copies[0], nextLookOf(each) !== null]),
      [
        ['waiting', false],
        ['moved', true]
      ]
    )
  })

  it('stops before Defender forgets the mail: then "listed no more" would say nothing', () => {
    const old = { ...sampleMail, receivedAt: sentAt - 30 * 24 * 60 * minute }
    assert.equal(look(submitted({ mail: old }), noneMoved).answer, null)
  })

  it('leaves everything as it was seen where Defender cannot be asked', () => {
    const before = look(submitted(), noneMoved).next
    const now = sentAt + 5 * minute
    const delays = [0, 1, 2, 3, 4, 9].map((attempts) => {
      const record = { ...before, look: { ...before.look, attempts } }
      const { next, answer } = cannotLook(
        record,
        { problem: { kind: 'unavailable', reason: 'x', retryAfterMs: null } },
        { now }
      )
      assert.deepEqual(next?.remediations, before.remediations)
      assert.deepEqual([next?.state, next?.look.problem?.kind], ['submitted', 'unavailable'])
      return (answer ?? 0) - now
    })
    assert.deepEqual(delays, [10_000, 30_000, minute, 5 * minute, 15 * minute, 15 * minute])
    const forbidden = { kind: 'forbidden', permission: 'p', code: 'c' } as const
    assert.equal(cannotLook(before, { problem: forbidden }, { now }).answer, now + 60 * minute)
    const throttled = { kind: 'unavailable', reason: 'x', retryAfterMs: 3 * 60 * minute } as const
    assert.equal(cannotLook(before, { problem: throttled }, { now }).answer, now + 3 * 60 * minute)
  })

  it('says nothing of it on the card of a plan that waits for a decision', () => {
    const record = submitted({ state: 'proposed' })
    const problem = { kind: 'unavailable', reason: 'x', retryAfterMs: null } as const
    const { next, outbox } = cannotLook(record, { problem }, { now: sentAt })
    assert.deepEqual([next, outbox], [null, []])
  })
})

describe('verify: counts', () => {
  const places = [
    'inbox_folder',
    'junkFolder',
    'deletedFolder',
    'quarantine',
    'others',
    'onprem_external',
    'unknown'
  ] as const
  const batchStates: BatchState[] = ['accepted', 'uncertain', 'refused', 'notSent']
  const scene = fc.record({
    action: fc.constantFrom<RemediationAction[]>(...remediationActions),
    before: fc.array(fc.constantFrom(...places), { minLength: 1, maxLength: 12 }),
    now: fc.array(fc.constantFrom(...places, null), { minLength: 12, maxLength: 12 }),
    states: fc.array(fc.constantFrom(...batchStates), { minLength: 6, maxLength: 6 }),
    looks: fc.integer({ min: 1, max: 3 })
  })

  it('add up to the copies of the plan, never claim an unmoved copy, and never name more than there are', () => {
    fc.assert(
      fc.property(scene, ({ action, before, now, states, looks }) => {
        const found = before.map((location, index) => ({ ...(copiesIn(12)[index] ?? assert.fail()), location }))
        const made = planWith(found)
        const batches = states.map((state, index) =>
          batchOf({ seq: index + 1, from: index * 2, to: Math.min(index * 2 + 2, made.copies.length), state })
        )
        let remediation = remediationOf(
          batches.filter(({ from, to }) => to > from),
          { action }
        )
        const seen = seenAt(found, (_, index) => now[index] ?? null)
        for (let turn = 1; turn <= looks; turn += 1) {
          remediation = { ...remediation, outcome: outcomeOf(remediation, made, seen, sentAt + turn * minute) }
        }
        const counts = countOutcome(remediation) ?? assert.fail()
        const { total, leftOut, ...parts } = counts
        const sum = Object.values(parts).reduce((all, each) => all + each, 0)
        assert.equal(sum, made.copies.length)
        assert.equal(leftOut, made.leftOut.length)
        assert.equal(total, found.length)

        const placeOf = new Map(
          found.map(({ recipientEmailAddress }, index) => [recipientEmailAddress, now[index] ?? null])
        )
        const asked = made.copies.filter((_, index) =>
          remediation.batches.some((batch) => wasAsked(batch) && index >= batch.from && index < batch.to)
        )
        const stillThere = asked.filter((copy) => placeOf.get(copy.recipientEmailAddress) === copy.location)
        assert.ok(counts.moved <= asked.length - stillThere.length)
        const shown = outcomeNumbers(remediation)
        assert.ok(shown.length <= 4 && shown.every(({ count }) => Number(count) <= total))
        assert.equal(outcomeTitle(remediation)?.includes(`${String(counts.moved)} of ${String(total)}`), true)
        assert.equal(outcomeSummary(1042, remediation)?.startsWith('PT-1042: '), true)
      }),
      { numRuns: 1000 }
    )
  })
})

// One person's yes to a plan: alone enough, the last of several, or one of several. Says no wherever the policy does.
import { askedAgain } from './approvers-now.js'
import type { CaseRecord } from './case.js'
import type { OutboxEntry } from './change.js'
import { choiceProblems, pendingChoice, readChoice } from './choice.js'
import {
  type DecisionAnswer,
  type DecisionContext,
  type DecisionRequest,
  answerOnly,
  audit,
  cleanReason,
  reasonProblems,
  refuse,
  samePerson
} from './decision.js'
import { lookWhilePendingMs, proposedAnew } from './pending.js'
import { type PlanChoice, planDigest } from './plan.js'
import type { Step } from './ports.js'
import { type Progress, progressOf, requirementOf } from './progress.js'
import type { Approval, Batch, FallenApproval } from './remediation.js'
import { type Demand, whyNotCounted } from './requirement.js'
import { missingWords, requirementWords } from './requirement-words.js'
import { after } from './transitions.js'
import { fixedAction, undoProblems } from './undo.js'

/** For a case that waits for an approval, at the plan version that was shown. */
export function approve(record: CaseRecord, request: DecisionRequest, context: DecisionContext): Step<DecisionAnswer> {
  const { policy, person, standing, now } = context
  const { plan, pending } = record
  // The timer may be late; the time is up all the same.
  if (pending !== null && now >= pending.until) {
    const anew = proposedAnew(record, { why: 'timeUp', changes: [] }, now)
    return { next: anew.record, outbox: anew.outbox, audit: anew.audit, answer: { kind: 'stale', record: anew.record } }
  }
  const earlier = pending?.approvals ?? []
  const mine = earlier.find((approval) => samePerson(approval.person, person))
  if (mine !== undefined) {
    const facts = { planVersion: record.planVersion, approvedAt: mine.at }
    return answerOnly({ kind: 'sameTwice', record, at: mine.at }, [audit(record, 'decision.sameTwice', context, facts)])
  }
  const reason = cleanReason(request)
  const chosen =
    pending === null
      ? readChoice({ ...request, action: fixedAction(plan, request.action) }, policy)
      : pendingChoice(pending, request)
  const problems = [
    ...chosen.problems,
    ...choiceProblems(record, chosen.choice, policy),
    ...undoProblems(plan, request),
    ...reasonProblems(reason)
  ]
  if (plan === null || chosen.choice === null || problems.length > 0) {
    return answerOnly({ kind: 'invalid', record, problems })
  }
  const { choice } = chosen
  const digest = planDigest(record.number, plan, choice)
  if (pending !== null && (pending.planVersion !== plan.version || pending.digest !== digest)) {
    return answerOnly({ kind: 'stale', record })
  }
  const requirement = requirementOf(policy, record, plan, choice)
  const { forbidden } = requirement
  if (forbidden.length > 0) {
    const words = `The policy lets nobody approve this: ${forbidden.join('; ')}.`
    return answerOnly({ kind: 'invalid', record, problems: [words] })
  }
  const uncounted = whyNotCounted(policy, requirement, standing)
  if (uncounted.length > 0) return refuse(record, request, context, uncounted)
  const { stands, fallen, unknown } = askedAgain(earlier, context.approversNow, { policy, requirement, now })
  if (unknown.length > 0) return refuse(record, request, context, unknown)
  const approval: Approval = { person, reason, at: now, ruling: context.ruling, standing }
  const approvals = [...stands, approval]
  const before = progressOf(policy, requirement, stands)
  const progress = progressOf(policy, requirement, approvals)
  if (lacking(progress.missing) >= lacking(before.missing)) {
    return refuse(record, request, context, [`${missingWords(before.missing)}: yours would not be one of them.`])
  }
  const given: Given = { plan, choice, digest, reason, approvals, fallen, progress }
  return progress.missing.length === 0 ? inFull(record, given, context) : inPart(record, given, context)
}

function lacking(missing: Demand[]): number {
  return missing.reduce((sum, { approvals }) => sum + approvals, 0)
}

interface Given {
  plan: NonNullable<CaseRecord['plan']>
  choice: PlanChoice
  digest: string
  reason: string
  /** In the order they were given; the last one is this person's. */
  approvals: Approval[]
  /** Found at this approval. */
  fallen: FallenApproval[]
  progress: Progress
}

/** The policy wants more people: nothing is sent yet. */
function inPart(record: CaseRecord, given: Given, context: DecisionContext): Step<DecisionAnswer> {
  const { plan, choice, digest, approvals, fallen, progress } = given
  const { now, person } = context
  const state = after(record.state, 'approveInPart')
  if (state === null) return answerOnly({ kind: 'stale', record })
  const until = record.pending?.until ?? now + context.policy.time.approvalsWithinMs
  // Whoever has approved anew is back among those that count.
  const before = record.pending?.fallen?.filter((each) => !samePerson(each.person, person)) ?? []
  const allFallen = [...before, ...fallen]
  const pending = { ...choice, planVersion: plan.version, digest, approvals, until }
  const next: CaseRecord = {
    ...record,
    state,
    pending: allFallen.length === 0 ? pending : { ...pending, fallen: allFallen },
    voided: null
  }
  const { number: caseNumber } = record
  const outbox: OutboxEntry[] = [
    { kind: 'card', caseNumber, dueAt: now },
    { kind: 'pendingEnds', caseNumber, dueAt: until },
    { kind: 'look', caseNumber, dueAt: now + lookWhilePendingMs }
  ]
  const counts = { given: progress.given, needed: progress.needed }
  return {
    next,
    outbox,
    audit: [audit(record, 'decision.approvedInPart', context, { ...factsOf(given), ...counts, until })],
    answer: { kind: 'approvedInPart', record: next, ...counts, missing: progress.missing, fallen }
  }
}

function inFull(record: CaseRecord, given: Given, context: DecisionContext): Step<DecisionAnswer> {
  const { plan, choice, digest, approvals } = given
  const state = after(record.state, 'approve')
  if (state === null) return answerOnly({ kind: 'stale', record })
  const next: CaseRecord = {
    ...record,
    state,
    pending: null,
    voided: null,
    remediations: [
      ...record.remediations,
      {
        ...choice,
        planVersion: plan.version,
        digest,
        approvals,
        decidedAt: context.now,
        batches: makeBatches(plan.copies.length, context.batchSize),
        outcome: null
      }
    ]
  }
  const due = { caseNumber: record.number, dueAt: context.now }
  return {
    next,
    outbox: [
      { kind: 'submit', ...due },
      { kind: 'card', ...due }
    ],
    audit: [
      audit(record, 'decision.approved', context, {
        ...factsOf(given),
        approvers: approvals.map(({ person }) => person)
      })
    ],
    answer: { kind: 'approved', record: next }
  }
}

function factsOf({ plan, choice, digest, reason, fallen, progress }: Given) {
  return {
    ...choice,
    digest,
    copies: plan.copies.length,
    reason,
    requirement: requirementWords(progress.requirement),
    ...(fallen.length > 0 && { fallen })
  }
}

function makeBatches(copies: number, size: number): Batch[] {
  return Array.from({ length: Math.ceil(copies / size) }, (_, index) => ({
    seq: index + 1,
    from: index * size,
    to: Math.min(copies, (index + 1) * size),
    state: 'pending',
    token: null,
    leaseUntil: null,
    attempts: 0,
    firstTriedAt: null,
    sentAt: null,
    answeredAt: null,
    trackingLink: null,
    rawLocation: null,
    status: null,
    code: null,
    message: null,
    requestId: null
  }))
}

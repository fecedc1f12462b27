// Approvals that wait for more of them: how they are withdrawn, run out or become void. Nothing in here ever approves.
import type { CaseRecord } from './case.js'
import type { AuditEntry, OutboxEntry } from './change.js'
import {
  type DecisionAnswer,
  type DecisionContext,
  type DecisionRequest,
  answerOnly,
  audit,
  cleanReason,
  lengthProblems,
  refuse,
  samePerson
} from './decision.js'
import type { Step } from './ports.js'
import type { PendingApproval, VoidedApprovals } from './remediation.js'
import type { Person } from './report.js'
import { after } from './transitions.js'

/** While approvals wait, the mail is looked at so often: they hold only as long as it is as it was shown. */
export const lookWhilePendingMs = 10 * 60_000

export type VoidCause = Omit<VoidedApprovals, 'at'> & { by?: Person }

/** What is kept of approvals that count no more: the note for the card, and the audit row. */
export function voidOf(
  caseNumber: number,
  pending: PendingApproval,
  { by, ...cause }: VoidCause,
  at: number
): { voided: VoidedApprovals; entry: AuditEntry } {
  const { planVersion, digest, approvals } = pending
  const people = approvals.map(({ person, at: approvedAt }) => ({ person, at: approvedAt }))
  return {
    voided: { ...cause, at },
    entry: {
      at,
      caseNumber,
      actor: by ?? null,
      event: cause.why === 'timeUp' ? 'approval.expired' : 'approval.void',
      detail: { ...cause, planVersion, digest, approvals: people }
    }
  }
}

/** The case without its pending approvals, if it has any; its state is the caller's affair. */
export function withoutPending(
  record: CaseRecord,
  cause: VoidCause,
  at: number
): { record: CaseRecord; audit: AuditEntry[] } {
  if (record.pending === null) return { record, audit: [] }
  const { voided, entry } = voidOf(record.number, record.pending, cause, at)
  return { record: { ...record, pending: null, voided }, audit: [entry] }
}

/**
 * Back to a decision that nobody has made yet. The plan gets a new version although its copies are the same: the card that
 * showed what was pending asks for no choice, so a late click on it must not approve what somebody proposes next.
 */
export function proposedAnew(
  record: CaseRecord,
  cause: VoidCause,
  at: number
): { record: CaseRecord; outbox: OutboxEntry[]; audit: AuditEntry[] } {
  const state = after(record.state, 'void')
  if (state === null) return { record, outbox: [], audit: [] }
  const cleared = withoutPending(record, cause, at)
  const version = record.planVersion + 1
  const plan = record.plan === null ? null : { ...record.plan, version }
  return {
    record: { ...cleared.record, state, plan, planVersion: version },
    outbox: [{ kind: 'card', caseNumber: record.number, dueAt: at }],
    audit: cleared.audit
  }
}

/** The person takes back what is theirs. That asks for no right: it can only take an approval away. */
export function withdraw(record: CaseRecord, request: DecisionRequest, context: DecisionContext): Step<DecisionAnswer> {
  const { person, now } = context
  const { pending } = record
  const mine = pending?.approvals.find((approval) => samePerson(approval.person, person))
  if (pending === null || mine === undefined) {
    return refuse(record, request, context, ['Only who approved can withdraw an approval.'])
  }
  const reason = cleanReason(request)
  const problems = lengthProblems(reason)
  if (problems.length > 0) return answerOnly({ kind: 'invalid', record, problems })

  const left = pending.approvals.filter((approval) => approval !== mine)
  const { planVersion } = pending
  const withdrawn = audit(record, 'decision.withdrawn', context, { planVersion, reason, left: left.length })
  if (left.length === 0) {
    const anew = proposedAnew(record, { why: 'withdrawn', changes: [], by: person }, now)
    return {
      next: anew.record,
      outbox: anew.outbox,
      audit: [withdrawn, ...anew.audit],
      answer: { kind: 'withdrawn', record: anew.record }
    }
  }
  const next: CaseRecord = { ...record, pending: { ...pending, approvals: left } }
  return {
    next,
    outbox: [{ kind: 'card', caseNumber: record.number, dueAt: now }],
    audit: [withdrawn],
    answer: { kind: 'withdrawn', record: next }
  }
}

/** The outbox's `pendingEnds`: the time of the approvals is up. Answers when to come back where it is not. */
export function endPending(record: CaseRecord, now: number): Step<number | null> {
  const { pending } = record
  if (pending === null) return { next: null, outbox: [], audit: [], answer: null }
  if (now < pending.until) return { next: null, outbox: [], audit: [], answer: pending.until }
  const anew = proposedAnew(record, { why: 'timeUp', changes: [] }, now)
  return { next: anew.record, outbox: anew.outbox, audit: anew.audit, answer: null }
}

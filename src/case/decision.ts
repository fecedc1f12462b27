// What a decision is made of: the request, who makes it, the answer and its audit row. Holds no rule of who may decide what.
import type { ApproverNow } from './approvers-now.js'
import { type CaseRecord, caseName } from './case.js'
import type { AuditEntry } from './change.js'
import { copiesDigest } from './plan.js'
import type { Policy, Ruling, Standing } from './policy.js'
import type { Step } from './ports.js'
import type { FallenApproval } from './remediation.js'
import type { Person } from './report.js'
import type { Demand } from './requirement.js'

export const reasonLimit = 500

/** What came back from a card or a typed command; nothing in it is believed before `decide` has checked it. */
export interface DecisionRequest {
  kind: 'approve' | 'withdraw' | 'reject' | 'markDone' | 'close'
  planVersion: number
  action: string
  severity: string
  remediateSendersCopy: string
  verdict: string
  reason: string
}

export interface DecisionContext {
  policy: Policy
  person: Person
  ruling: Ruling
  standing: Standing
  /** Those who approved before, asked about at the same time. */
  approversNow: ApproverNow[]
  batchSize: number
  now: number
  /** The activity that carried the decision, for the audit log. */
  activityId: string
}

export type DecisionAnswer =
  | { kind: 'approved' | 'rejected' | 'markedDone' | 'closed' | 'withdrawn' | 'keptRemoved'; record: CaseRecord }
  /** The approval is stored, and the policy wants more of them. */
  | {
      kind: 'approvedInPart'
      record: CaseRecord
      given: number
      needed: number
      missing: Demand[]
      fallen: FallenApproval[]
    }
  /** This person's approval is there already, since `at`. */
  | { kind: 'sameTwice'; record: CaseRecord; at: number }
  | { kind: 'notAllowed'; record: CaseRecord; reasons: string[] }
  /** `undoIsOver`: it was about an undo that was turned down, or that nobody wanted in time. */
  | { kind: 'alreadyDecided' | 'undoIsOver'; record: CaseRecord }
  /** Approved by all that it takes: there is no approval left to withdraw. */
  | { kind: 'tooLate'; record: CaseRecord }
  /** The card was of another plan version, or the case is in no state for this decision. */
  | { kind: 'stale'; record: CaseRecord }
  | { kind: 'invalid'; record: CaseRecord; problems: string[] }

/** PostgreSQL's text cannot hold NUL. */
export function cleanReason({ reason }: DecisionRequest): string {
  return reason.replaceAll('\0', '').trim()
}

/** Spaces, zero-width characters and fillers give no reason. */
const anythingVisible = /[^\s\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}]/u

export function reasonProblems(reason: string): string[] {
  if (!anythingVisible.test(reason)) return ['A reason is needed: it is kept in the audit log.']
  return lengthProblems(reason)
}

/** Where a reason may be left out. */
export function lengthProblems(reason: string): string[] {
  return reason.length > reasonLimit ? [`The reason may have at most ${String(reasonLimit)} characters.`] : []
}

export function samePerson(a: { objectId: string }, b: { objectId: string }): boolean {
  return a.objectId.toLowerCase() === b.objectId.toLowerCase()
}

export type Decider = Pick<DecisionContext, 'person' | 'ruling' | 'now' | 'activityId'>

export function audit(
  record: CaseRecord,
  event: string,
  { person, ruling, now, activityId }: Decider,
  detail: Record<string, unknown>
): AuditEntry {
  return {
    at: now,
    caseNumber: record.number,
    event,
    actor: person,
    detail: { case: caseName(record.number), activityId, ...shown(record), ruling, ...detail }
  }
}

/** What stood on the card when it was decided about, for the audit log. */
export function shown({ planVersion, plan }: CaseRecord) {
  return { planVersion, copiesDigest: plan === null ? null : copiesDigest(plan) }
}

/** Somebody tried what they may not: nothing changes, and the attempt is kept. */
export function refuse(
  record: CaseRecord,
  request: DecisionRequest,
  context: DecisionContext,
  reasons: string[]
): Step<DecisionAnswer> {
  return answerOnly({ kind: 'notAllowed', record, reasons }, [
    audit(record, 'decision.notAllowed', context, {
      decision: request.kind,
      askedVersion: request.planVersion,
      reasons
    })
  ])
}

export function answerOnly(answer: DecisionAnswer, entries: AuditEntry[] = []): Step<DecisionAnswer> {
  return { next: null, outbox: [], audit: entries, answer }
}

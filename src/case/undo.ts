// Takes back what was removed: proposes the reverse plan, keeps it true to the mailboxes, ends it unwanted. Decides nothing itself.
import type { MessageOfCase } from './campaign.js'
import { type CaseRecord, caseName, isOpen, latestRemediation } from './case.js'
import type { AuditEntry, OutboxEntry } from './change.js'
import type { MailCopy } from './mail.js'
import { copyKey } from './outcome.js'
import { type Plan, type PlanLimits, type RemediationAction, type UndoRequest, makePlan } from './plan.js'
import type { Policy } from './policy.js'
import type { Step } from './ports.js'
import { reopen } from './reopen.js'
import type { Person } from './report.js'
import { type CaseEvent, after } from './transitions.js'
import { type CannotUndo, undoable } from './undoable.js'

/** The one action that takes back any of those that can be taken back: it also releases from quarantine. */
export const undoAction: RemediationAction = 'moveToInbox'

export interface UndoContext {
  person: Person
  /** Why, in the person's words; may be empty, because the approval has a reason of its own. */
  reason: string
  policy: Pick<Policy, 'actions' | 'limits'>
  /** Every approved plan of the case. */
  plans: readonly Plan[]
  /** The open case of the same message, if there is one. */
  openCase: number | null
  /** Which messages like its own other open cases act on. */
  elsewhere?: MessageOfCase[]
  now: number
  activityId: string
}

export type UndoAnswer =
  | { kind: 'proposed'; record: CaseRecord }
  /** Somebody was first. */
  | { kind: 'underWay'; record: CaseRecord }
  /** Something else is to be decided first. */
  | { kind: 'open'; record: CaseRecord }
  /** Another case of the same mail is open. */
  | { kind: 'taken'; record: CaseRecord; by: number }
  | { kind: 'nothing'; record: CaseRecord; cannot: CannotUndo[] }
  /** The policy has no action that moves mail back. */
  | { kind: 'notOffered'; record: CaseRecord }
  /** Changed while it was asked for. */
  | { kind: 'stale'; record: CaseRecord }

export function isUndo(record: Pick<CaseRecord, 'plan'>): boolean {
  return record.plan?.purpose === 'undo'
}

/** An undo waits for a decision. */
export function undoWaits(record: Pick<CaseRecord, 'plan' | 'state'>): boolean {
  return isUndo(record) && (record.state === 'proposed' || record.state === 'partlyApproved')
}

/** The case's last plan was an undo, and it ended without an approval. */
export function isKept(record: CaseRecord): boolean {
  return isUndo(record) && !isOpen(record.state) && !isOfPlan(record)
}

/** What the latest request did was the undo that the case's plan is. */
export function isUndone(record: CaseRecord): boolean {
  return isUndo(record) && isOfPlan(record)
}

function isOfPlan(record: CaseRecord): boolean {
  return latestRemediation(record)?.planVersion === record.plan?.version
}

/** Pure. Proposes only; the undo needs an approval like any other plan. */
export function proposeUndo(record: CaseRecord, context: UndoContext): Step<UndoAnswer> {
  const { now, policy } = context
  if (isOpen(record.state)) return answerOnly({ kind: isUndo(record) ? 'underWay' : 'open', record })
  const { copies, cannot, missing } = undoable(record, context.plans)
  if (missing.length > 0) return answerOnly({ kind: 'stale', record })
  const { state } = record
  if (copies.length === 0 || !isLeft(state)) return answerOnly({ kind: 'nothing', record, cannot })
  if (!policy.actions.includes(undoAction)) return answerOnly({ kind: 'notOffered', record })

  const { person: by, reason } = context
  const request: UndoRequest = { by, reason, state, recipients: record.recipients, closing: record.closing, cannot }
  const plan = undoPlan(record, { copies, recipients: [], request }, policy.limits, now)
  const opened = reopen(record, context.openCase, { event: 'undo', plan, now, elsewhere: context.elsewhere ?? [] })
  if (opened.kind === 'taken') return answerOnly({ kind: 'taken', record, by: opened.by })
  if (opened.kind === 'stale') return answerOnly({ kind: 'stale', record })
  const next = { ...opened.next, recipients: [] }
  return {
    next,
    // The mailboxes are looked at meanwhile: what has gone back by itself needs no undo.
    outbox: [...opened.outbox, { kind: 'look', caseNumber: record.number, dueAt: now }],
    audit: [
      {
        at: now,
        caseNumber: record.number,
        event: 'case.undoProposed',
        actor: by,
        detail: {
          case: caseName(record.number),
          activityId: context.activityId,
          planVersion: plan.version,
          copies: plan.copies.length,
          leftOut: plan.leftOut.length,
          cannot,
          reason,
          after: state
        }
      }
    ],
    answer: { kind: 'proposed', record: next }
  }
}

const leftBy: readonly UndoRequest['state'][] = ['submitted', 'verified', 'rejected', 'expired']

function isLeft(state: string): state is UndoRequest['state'] {
  return leftBy.some((known) => known === state)
}

/**
 * The undo's plan after a look, from all that was acted on: null where a plan that was approved meanwhile is not given.
 * Pure.
 */
export function undoAgain(
  record: CaseRecord,
  found: readonly MailCopy[],
  plans: readonly Plan[],
  { limits, now }: { limits: PlanLimits; now: number }
): Plan | null {
  const asked = record.plan?.undo
  const { copies, seen, cannot, missing } = undoable(record, plans)
  if (asked === undefined || missing.length > 0) return null
  const places = new Map(found.map((copy) => [copyKey(copy), copy.location]))
  const there = copies.flatMap((copy) => {
    const location = places.get(copyKey(copy)) ?? 'unknown'
    // Where no look has seen it gone, the removal may still be on its way: then it belongs to the undo.
    return location === 'inbox_folder' && seen.has(copyKey(copy)) ? [] : [{ ...copy, location }]
  })
  const request = { ...asked, state: stateToKeep(record, asked), cannot }
  return undoPlan(record, { copies: there, recipients: record.recipients, request }, limits, now)
}

/** An undo that failed halfway leaves no request behind that the case could go back to. */
function stateToKeep(record: CaseRecord, { state }: UndoRequest): UndoRequest['state'] {
  const latest = latestRemediation(record)
  const halfway = latest?.action === undoAction && latest.batches.some((batch) => batch.state !== 'accepted')
  return halfway ? 'rejected' : state
}

function undoPlan(
  record: CaseRecord,
  { copies, recipients, request }: { copies: MailCopy[]; recipients: string[]; request: UndoRequest },
  limits: PlanLimits,
  now: number
): Plan {
  const plan = makePlan(record.planVersion + 1, { copies, recipients, unknownToo: true }, limits, now)
  return { ...plan, purpose: 'undo', undo: request }
}

const wayBack: Record<UndoRequest['state'], CaseEvent[]> = {
  submitted: ['keep'],
  verified: ['keep', 'verify'],
  rejected: ['reject'],
  expired: ['expire']
}

/** Ends an undo that somebody turned down, or (without `by`) that nobody wanted in time, as if it had not been proposed. Null where no undo waits. */
export function keep(
  record: CaseRecord,
  { by, reason, now, activityId }: { by: Person | null; reason: string; now: number; activityId: string }
): { next: CaseRecord; outbox: OutboxEntry[]; audit: AuditEntry[] } | null {
  const asked = record.plan?.undo
  if (asked === undefined || !undoWaits(record)) return null
  const state = wayBack[asked.state].reduce<CaseRecord['state'] | null>(
    (from, event) => (from === null ? null : after(from, event)),
    record.state
  )
  if (state === null) return null
  const ended = asked.state === 'rejected' || asked.state === 'expired'
  const closing = asked.closing ?? (ended ? { by, reason, verdict: null, at: now } : null)
  return {
    next: { ...record, state, recipients: asked.recipients, closing, pending: null, voided: null },
    // The looks may have ended while the undo waited.
    outbox: [
      { kind: 'card', caseNumber: record.number, dueAt: now },
      { kind: 'verify', caseNumber: record.number, dueAt: now }
    ],
    audit: [
      {
        at: now,
        caseNumber: record.number,
        event: by === null ? 'case.undoExpired' : 'decision.keptRemoved',
        actor: by,
        detail: { case: caseName(record.number), activityId, planVersion: record.planVersion, reason }
      }
    ]
  }
}

/** An undo's card has nothing to choose: there is one action that undoes. */
export function fixedAction(plan: Plan | null, wanted: string): string {
  return plan?.purpose === 'undo' && wanted === '' ? undoAction : wanted
}

export function undoProblems(
  plan: Plan | null,
  { action, remediateSendersCopy }: { action: string; remediateSendersCopy: string }
): string[] {
  if (plan?.purpose !== 'undo') return []
  const problems: string[] = []
  if (fixedAction(plan, action) !== undoAction) problems.push(`This plan is an undo: its action is ${undoAction}.`)
  if (remediateSendersCopy === 'true') problems.push("An undo cannot bring back the sender's copy.")
  return problems
}

function answerOnly(answer: UndoAnswer): Step<UndoAnswer> {
  return { next: null, outbox: [], audit: [], answer }
}

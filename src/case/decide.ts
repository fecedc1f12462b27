// A person's approve or reject, checked against what they were shown. Decides only; the sending is the outbox's work.
import { type CaseRecord, type CaseState, type Verdict, caseName, isOpen, latestRemediation, verdicts } from './case.js'
import { type PlanChoice, type RemediationAction, type Severity, hasSendersCopy, planDigest } from './plan.js'
import { remediationActions, severities } from './plan.js'
import type { Policy, Ruling, Standing } from './policy.js'
import type { Step } from './ports.js'
import type { Batch } from './remediation.js'
import type { Person } from './report.js'
import { after } from './transitions.js'
import { fixedAction, isKept, keep, undoProblems } from './undo.js'

export const reasonLimit = 500

/** What came back from a card or a typed command; nothing in it is believed before `decide` has checked it. */
export interface DecisionRequest {
  kind: 'approve' | 'reject' | 'markDone' | 'close'
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
  batchSize: number
  now: number
  /** The activity that carried the decision, for the audit log. */
  activityId: string
}

export type DecisionAnswer =
  | { kind: 'approved' | 'rejected' | 'markedDone' | 'closed' | 'keptRemoved'; record: CaseRecord }
  | { kind: 'notAllowed'; record: CaseRecord; reasons: string[] }
  /** `undoIsOver`: it was about an undo that was turned down, or that nobody wanted in time. */
  | { kind: 'alreadyDecided' | 'undoIsOver'; record: CaseRecord }
  /** The card was of another plan version, or the case is in no state for this decision. */
  | { kind: 'stale'; record: CaseRecord }
  | { kind: 'invalid'; record: CaseRecord; problems: string[] }

/** Pure. `store.change` may ask more than once; only the step of the one winner is stored. */
export function decide(record: CaseRecord, request: DecisionRequest, context: DecisionContext): Step<DecisionAnswer> {
  if (!context.ruling.allowed) {
    return answerOnly({ kind: 'notAllowed', record, reasons: context.ruling.reasons }, [
      audit(record, 'decision.notAllowed', context, { decision: request.kind, reasons: context.ruling.reasons })
    ])
  }
  const state = after(record.state, request.kind)
  if (state === null && isKept(record)) return answerOnly({ kind: 'undoIsOver', record })
  if (state === null) return answerOnly({ kind: decided.includes(record.state) ? 'alreadyDecided' : 'stale', record })
  if (request.planVersion !== record.planVersion) return answerOnly({ kind: 'stale', record })

  // PostgreSQL's text cannot hold NUL.
  const reason = request.reason.replaceAll('\0', '').trim()
  if (request.kind !== 'approve') {
    const verdict = request.kind === 'close' ? (verdicts.find((known) => known === request.verdict) ?? null) : null
    const problems = reasonProblems(reason)
    if (request.kind === 'close' && verdict === null)
      problems.push(`The verdict must be one of: ${verdicts.join(', ')}.`)
    if (problems.length > 0) return answerOnly({ kind: 'invalid', record, problems })
    return close(record, { state, reason, verdict, kind: request.kind }, context)
  }
  const { choice, problems } = readChoice(record, request, context.policy)
  problems.push(...reasonProblems(reason))
  if (choice === null || problems.length > 0) return answerOnly({ kind: 'invalid', record, problems })
  return approve(record, { state, reason, choice }, context)
}

const decided: readonly CaseState[] = [
  'approved',
  'submitting',
  'submitted',
  'verified',
  'rejected',
  'closed',
  'uncertain',
  'failed'
]

/** Not phish; or an unknown outcome that a person has looked up. Nothing is sent by either. */
function close(
  record: CaseRecord,
  {
    state,
    reason,
    verdict,
    kind
  }: { state: CaseState; reason: string; verdict: Verdict | null; kind: Exclude<DecisionRequest['kind'], 'approve'> },
  context: DecisionContext
): Step<DecisionAnswer> {
  const kept = kind === 'reject' ? keep(record, { ...context, by: context.person, reason }) : null
  if (kept !== null) return { ...kept, answer: { kind: 'keptRemoved', record: kept.next } }
  const done = ({ reject: 'rejected', markDone: 'markedDone', close: 'closed' } as const)[kind]
  const next: CaseRecord = { ...record, state, closing: { by: context.person, reason, verdict, at: context.now } }
  const due = { caseNumber: record.number, dueAt: context.now }
  return {
    next,
    // What was found in Action Center is looked at like what was accepted, and the looks may be over by now.
    outbox: [{ kind: 'card', ...due }, ...(kind === 'markDone' ? [{ kind: 'verify' as const, ...due }] : [])],
    audit: [audit(record, `decision.${done}`, context, { planVersion: record.planVersion, reason, verdict })],
    answer: { kind: done, record: next }
  }
}

function approve(
  record: CaseRecord,
  { state, reason, choice }: { state: CaseState; reason: string; choice: PlanChoice },
  context: DecisionContext
): Step<DecisionAnswer> {
  const { plan } = record
  if (plan === null) return answerOnly({ kind: 'stale', record })
  const digest = planDigest(record.number, plan, choice)
  const next: CaseRecord = {
    ...record,
    state,
    remediations: [
      ...record.remediations,
      {
        ...choice,
        planVersion: plan.version,
        digest,
        approvals: [
          { person: context.person, reason, at: context.now, ruling: context.ruling, standing: context.standing }
        ],
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
        ...choice,
        planVersion: plan.version,
        digest,
        copies: plan.copies.length,
        reason,
        ruling: context.ruling.reasons
      })
    ],
    answer: { kind: 'approved', record: next }
  }
}

function readChoice(
  record: CaseRecord,
  request: DecisionRequest,
  policy: Policy
): { choice: PlanChoice | null; problems: string[] } {
  const problems: string[] = []
  const action = remediationActions.find((known) => known === fixedAction(record.plan, request.action))
  const severity = severities.find((known) => known === request.severity)
  if (action === undefined) problems.push(`The action must be one of: ${policy.actions.join(', ')}.`)
  else if (!policy.actions.includes(action))
    problems.push(`The policy does not offer ${action}. Choose one of: ${policy.actions.join(', ')}.`)
  if (severity === undefined) problems.push(`The severity must be one of: ${severities.join(', ')}.`)
  if (!['', 'true', 'false'].includes(request.remediateSendersCopy)) {
    problems.push("The sender's copy choice must be true or false.")
  }
  const wantsSendersCopy = request.remediateSendersCopy === 'true'
  if (wantsSendersCopy && !hasSendersCopy(record.mail?.direction ?? 'unknown')) {
    problems.push("This mail came from outside: there is no sender's copy to remove.")
  }
  if (record.plan === null || record.plan.copies.length === 0) problems.push('There is no copy that can be acted on.')
  else if (record.plan.copies.length > policy.limits.maxCopies) {
    problems.push(
      `${String(record.plan.copies.length)} copies are more than the policy allows (${String(policy.limits.maxCopies)}). ` +
        'Name the recipients to act on: triage <message> recipient …'
    )
  }
  // The plan was made under the policy of its time; what was protected since then must not be acted on.
  const guarded = new Set(policy.limits.protectedMailboxes.map((address) => address.toLowerCase()))
  if (record.plan?.copies.some(({ recipientEmailAddress: address }) => guarded.has(address.toLowerCase())) === true) {
    problems.push('The policy protects a mailbox of this plan now. Look again: the new plan leaves it out.')
  }
  problems.push(...undoProblems(record.plan, request))
  const complete = action !== undefined && severity !== undefined
  return { choice: complete ? choiceOf(action, severity, wantsSendersCopy) : null, problems }
}

function choiceOf(action: RemediationAction, severity: Severity, remediateSendersCopy: boolean): PlanChoice {
  return { action, severity, remediateSendersCopy }
}

/** Spaces, zero-width characters and fillers give no reason. */
const anythingVisible = /[^\s\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}]/u

function reasonProblems(reason: string): string[] {
  if (!anythingVisible.test(reason)) return ['A reason is needed: it is kept in the audit log.']
  if (reason.length > reasonLimit) return [`The reason may have at most ${String(reasonLimit)} characters.`]
  return []
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

/** From failed or uncertain back to a look and a new plan version, which needs an approval of its own. */
export function proposeAgain(
  record: CaseRecord,
  request: { planVersion: number },
  context: { person: Person; now: number; activityId: string }
): Step<'looking' | 'stale'> {
  const state = after(record.state, 'proposeAgain')
  if (state === null || request.planVersion !== record.planVersion) {
    return { next: null, outbox: [], audit: [], answer: 'stale' }
  }
  const due = { caseNumber: record.number, dueAt: context.now }
  return {
    next: { ...record, state, look: { attempts: 0, lastAt: record.look.lastAt, nextAt: null, problem: null } },
    outbox: [
      { kind: 'look', ...due },
      { kind: 'card', ...due }
    ],
    audit: [audit(record, 'case.proposedAgain', context, { planVersion: record.planVersion, after: record.state })],
    answer: 'looking'
  }
}

/** How often to ask again whether a case that cannot expire now still waits. */
const expireAgainMs = 24 * 60 * 60_000

/**
 * Nobody decided within the time that Defender keeps the mail's data: the case ends. Answers when to come back where a
 * request is on its way.
 */
export function expire(record: CaseRecord, now: number): Step<number | null> {
  const state = after(record.state, 'expire')
  if (state === null) {
    return { next: null, outbox: [], audit: [], answer: isOpen(record.state) ? now + expireAgainMs : null }
  }
  const kept = keep(record, { by: null, reason: '', now, activityId: '' })
  if (kept !== null) return { ...kept, answer: null }
  return {
    next: { ...record, state, closing: { by: null, reason: '', verdict: null, at: now } },
    outbox: [{ kind: 'card', caseNumber: record.number, dueAt: now }],
    audit: [{ at: now, caseNumber: record.number, actor: null, event: 'case.expired', detail: {} }],
    answer: null
  }
}

/** Who decided what stands now, for those who come second. */
export function decidedBy(
  record: CaseRecord
): { person: Person; at: number; what: 'approved' | 'rejected' | 'closed' | 'marked as done' } | null {
  if (record.closing?.by != null) {
    const what = record.state === 'rejected' || record.state === 'closed' ? record.state : 'marked as done'
    return { person: record.closing.by, at: record.closing.at, what }
  }
  const latest = latestRemediation(record)
  const last = latest?.approvals.at(-1)
  return last === undefined ? null : { person: last.person, at: last.at, what: 'approved' }
}

function audit(
  record: CaseRecord,
  event: string,
  context: { person: Person; now: number; activityId: string },
  detail: Record<string, unknown>
) {
  return {
    at: context.now,
    caseNumber: record.number,
    event,
    actor: context.person,
    detail: { case: caseName(record.number), activityId: context.activityId, ...detail }
  }
}

function answerOnly(answer: DecisionAnswer, entries: ReturnType<typeof audit>[] = []): Step<DecisionAnswer> {
  return { next: null, outbox: [], audit: entries, answer }
}

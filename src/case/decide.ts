// A person's decision, checked against what they were shown, and what ends a case without one. Sends nothing: that is the outbox's work.
import { approve } from './approve.js'
import { type CaseRecord, type CaseState, type Verdict, isOpen, latestRemediation, verdicts } from './case.js'
import {
  type Decider,
  type DecisionAnswer,
  type DecisionContext,
  type DecisionRequest,
  answerOnly,
  audit,
  cleanReason,
  reasonProblems,
  refuse,
  shown
} from './decision.js'
import { withdraw } from './pending.js'
import type { Step } from './ports.js'
import type { Person } from './report.js'
import { after } from './transitions.js'
import { isKept, keep } from './undo.js'

/** Pure. `store.change` may ask more than once; only the step of the one winner is stored. */
export function decide(record: CaseRecord, request: DecisionRequest, context: DecisionContext): Step<DecisionAnswer> {
  const { kind } = request
  if (kind !== 'withdraw' && !context.ruling.allowed) return refuse(record, request, context, context.ruling.reasons)
  const state = stateAfter(record, kind)
  if (state === null && isKept(record)) return answerOnly({ kind: 'undoIsOver', record })
  if (state === null) return answerOnly({ kind: tooLate(record.state, kind), record })
  if (request.planVersion !== record.planVersion) return answerOnly({ kind: 'stale', record })
  if (kind === 'approve') return approve(record, request, context)
  if (kind === 'withdraw') return withdraw(record, request, context)

  const reason = cleanReason(request)
  const verdict = kind === 'close' ? (verdicts.find((known) => known === request.verdict) ?? null) : null
  const problems = reasonProblems(reason)
  if (kind === 'close' && verdict === null) problems.push(`The verdict must be one of: ${verdicts.join(', ')}.`)
  if (problems.length > 0) return answerOnly({ kind: 'invalid', record, problems })
  return close(record, { state, reason, verdict, kind }, context)
}

function stateAfter(record: CaseRecord, kind: DecisionRequest['kind']): CaseState | null {
  // A mail that cannot be looked up now may have been acted on before: its case does not end as if nothing had been there.
  if (kind === 'close' && record.look.problem?.kind !== 'noMail') return null
  return after(record.state, kind === 'withdraw' ? 'void' : kind)
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

function tooLate(state: CaseState, kind: DecisionRequest['kind']): 'alreadyDecided' | 'tooLate' | 'stale' {
  if (!decided.includes(state)) return 'stale'
  return kind === 'withdraw' ? 'tooLate' : 'alreadyDecided'
}

interface Ending {
  state: CaseState
  reason: string
  verdict: Verdict | null
  kind: 'reject' | 'markDone' | 'close'
}

/** Not phish; or an unknown outcome that a person has looked up. Nothing is sent by either. */
function close(record: CaseRecord, ending: Ending, context: DecisionContext): Step<DecisionAnswer> {
  const { state, reason, verdict } = ending
  const kept = ending.kind === 'reject' ? keep(record, { ...context, by: context.person, reason }) : null
  if (kept !== null) return { ...kept, answer: { kind: 'keptRemoved', record: kept.next } }
  const done = ({ reject: 'rejected', markDone: 'markedDone', close: 'closed' } as const)[ending.kind]
  const closing = { by: context.person, reason, verdict, at: context.now }
  const next: CaseRecord = { ...record, state, closing, pending: null, voided: null }
  const due = { caseNumber: record.number, dueAt: context.now }
  return {
    next,
    // What was found in Action Center is looked at like what was accepted, and the looks may be over by now.
    outbox: [{ kind: 'card', ...due }, ...(ending.kind === 'markDone' ? [{ kind: 'verify' as const, ...due }] : [])],
    audit: [audit(record, `decision.${done}`, context, { reason, verdict })],
    answer: { kind: done, record: next }
  }
}

/** From failed or uncertain back to a look and a new plan version, which needs an approval of its own. */
export function proposeAgain(
  record: CaseRecord,
  request: { planVersion: number },
  context: Decider
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
    audit: [audit(record, 'case.proposedAgain', context, { after: record.state })],
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
    next: { ...record, state, closing: { by: null, reason: '', verdict: null, at: now }, pending: null, voided: null },
    outbox: [{ kind: 'card', caseNumber: record.number, dueAt: now }],
    audit: [{ at: now, caseNumber: record.number, actor: null, event: 'case.expired', detail: shown(record) }],
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

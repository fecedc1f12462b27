// Looks the mail up in Defender and turns the answer into a plan version, or into an honest "not found" or "cannot".
import { type CaseRecord, type Look, type LookAnswer, type LookProblem } from './case.js'
import type { AuditEntry, OutboxEntry } from './change.js'
import { type AskDoors, ask } from './look-ask.js'
import { candidateQuery, keptMs } from './choose.js'
import { followUpPlan, followedUp } from './follow-up.js'
import { untoldAnswer } from './look-answer.js'
import { type IncludedMissing, type MessageCopies, sameMessages, withIncluded } from './look-included.js'
import type { LookResult, Mail, MailEvidence } from './mail.js'
import { lookWhilePendingMs, withoutPending } from './pending.js'
import { type Plan, type PlanLimits, copiesDigest, makePlan, sameCopies } from './plan.js'
import { changesBetween } from './plan-changes.js'
import type { PlanHistory, Step } from './ports.js'
import { after } from './transitions.js'
import { isUndo, undoAgain } from './undo.js'

const minute = 60_000

/** Defender indexes late: when nothing is found, look again after so many milliseconds, then wait for a person. */
export const lookAgainAfter = [1 * minute, 5 * minute, 15 * minute]

// When Defender cannot be asked at all, so often is enough; a person can ask sooner.
const unavailableRetry = [10_000, 30_000, minute, 5 * minute, 15 * minute]

export interface LookDoors extends AskDoors {
  /** A follow-up and an undo are made anew from what was approved before. */
  plans: PlanHistory
  limits: PlanLimits
  /** Looking has ended without a plan, and whoever reported the mail should not take that for its being harmless. */
  tell: (record: CaseRecord, answer: LookAnswer) => OutboxEntry[]
}

/** The outbox's `look`: one round of asking. Answers when the next round is due, if one is. */
export async function lookUp(caseNumber: number, doors: LookDoors): Promise<number | null> {
  const record = await doors.store.read(caseNumber)
  if (record === null || after(record.state, 'found') === null) return null

  const { answer, certain } = await ask(record, doors)
  if (answer === 'joined') return null
  const { limits, tell, clock } = doors
  const { answer: whole, included } = await withIncluded(record, answer, doors.search)
  const plans = followedUp(record) === null && !isUndo(record) ? [] : await doors.plans.plansOf(caseNumber)
  const context = { now: clock.now(), limits, tell, certain, included, plans }
  return doors.store.change(caseNumber, (current) => step(current, whole, context))
}

interface LookContext {
  now: number
  limits: PlanLimits
  tell: LookDoors['tell']
  /** In this look a Message-ID was found to stand for one message only: it is certain which one was meant. */
  certain: boolean
  /** Every message that is included, as this look found it. */
  included: MessageCopies[]
  /** Every plan of the case, where its current one follows another up or undoes it. */
  plans?: Plan[]
}

/** Pure: what an answer does to a case. */
export function step(
  record: CaseRecord,
  answer: LookResult | 'noMail' | IncludedMissing,
  context: LookContext
): Step<number | null> {
  if (answer === 'noMail') return noMail(record, context.now)
  if (answer.kind === 'includedMissing') return cannotLook(record, answer, context)
  if (answer.kind !== 'unavailable' && context.certain && onlySimulated(record, answer)) {
    return isSimulation(answer.kind === 'found' ? { ...record, mail: answer.mail.evidence } : record, context)
  }
  if (answer.kind === 'found') return found(record, answer.mail, context)
  if (answer.kind === 'nothing') {
    // The copies of an undo are known; that Defender lists none takes no plan back. And what turned up may be another
    // message's.
    const others = followedUp(record) !== null && context.included.some(({ copies }) => copies.length > 0)
    if ((isUndo(record) || others) && record.mail !== null) return found(record, unlisted(record, record.mail), context)
    return nothing(record, context)
  }
  return cannotLook(record, answer, context)
}

/**
 * Only where nobody else has reported it, and where the mail that Defender found has the sender that the simulation's
 * report names: a Message-ID is the sender's to choose, and real phish may bear a simulation's.
 */
function onlySimulated({ reporters, message }: CaseRecord, answer: LookResult): boolean {
  if (reporters.kind !== 'simulation' || reporters.count > 1) return false
  if (answer.kind !== 'found') return message.kind === 'internetMessageId'
  const claimed = reporters.claims?.senderAddress.trim().toLowerCase() ?? ''
  return claimed !== '' && claimed === answer.mail.evidence.senderAddress.trim().toLowerCase()
}

function unlisted({ message }: CaseRecord, evidence: MailEvidence): Mail {
  return { networkMessageId: message.value, evidence, copies: [] }
}

function found(
  record: CaseRecord,
  mail: Mail,
  { now, limits, included, plans = [] }: LookContext
): Step<number | null> {
  const state = after(record.state, 'found')
  // The answer to a look that began before the case was given another message's id.
  if (state === null || record.message.value !== mail.networkMessageId.toLowerCase()) return unchanged
  // Or before people included others or left them out: they have asked for a look of their own.
  if (!sameMessages(record.campaign?.included ?? [], included)) return unchanged
  const follows = followedUp(record)
  // The case was opened again while the answer was on its way: the look that this asked for comes next.
  if ((follows !== null || isUndo(record)) && plans.length === 0) return { ...unchanged, answer: now }
  const copies = [mail, ...included].flatMap((each) => each.copies)
  const plan = isUndo(record)
    ? undoAgain(record, copies, plans, { limits, now })
    : follows === null
      ? makePlan(record.planVersion + 1, { copies, recipients: record.recipients }, limits, now)
      : followUpPlan(record, follows, { found: copies, plans, limits, now })
  if (plan === null) return { ...unchanged, answer: now }
  const shown = record.state === 'proposed' || record.state === 'partlyApproved'
  const same =
    shown &&
    record.plan !== null &&
    sameCopies(record.plan, plan) &&
    record.plan.overLimit === plan.overLimit &&
    JSON.stringify(record.mail) === JSON.stringify(mail.evidence)
  const look = lookedAt(record, now, { nextAt: null, problem: null })
  // The same mail in the same places is the same plan: an approval in progress stays good.
  if (same && record.pending !== null) return stillPending(record, look, now)
  if (same) return changed({ ...record, look }, now)
  const changes = changesBetween(record, { mail: mail.evidence, plan })
  const { record: cleared, audit } = withoutPending(record, { why: 'changed', changes }, now)
  const step = changed({ ...cleared, state, look, mail: mail.evidence, plan, planVersion: plan.version }, now, {
    event: 'case.found',
    detail: {
      planVersion: plan.version,
      copiesDigest: copiesDigest(plan),
      copies: plan.copies.length,
      leftOut: plan.leftOut.length
    }
  })
  const similar: OutboxEntry[] =
    plan.purpose === 'remediate' ? [{ kind: 'campaign', caseNumber: record.number, dueAt: now }] : []
  return { ...step, outbox: [...step.outbox, ...similar], audit: [...audit, ...step.audit] }
}

/** Looked at again by itself. An update of the card would take away the reason that somebody is typing. */
function stillPending(record: CaseRecord, look: Look, now: number): Step<number | null> {
  const next = { ...record, look: { ...look, nextAt: now + lookWhilePendingMs } }
  const step = changed(next, now)
  return record.look.problem === null ? { ...step, outbox: [] } : step
}

function lookedAt(record: CaseRecord, now: number, rest: Pick<Look, 'nextAt' | 'problem'>): Look {
  return { ...record.look, attempts: record.look.attempts + 1, lastAt: now, ...rest }
}

function nothing(record: CaseRecord, context: LookContext): Step<number | null> {
  const { now } = context
  const state = after(record.state, 'nothing')
  if (state === null) return unchanged
  // Looks that could not be made said nothing of the mail, so they use up none of the looks that it is given.
  const attempts = record.look.problem === null ? record.look.attempts : 0
  const delay = lookAgainAfter[attempts]
  const nextAt = delay === undefined ? null : now + delay
  const sentAt = record.reporters.claims?.sentAt ?? now
  // The date is its sender's to choose: it cuts no look short, and only says why the last one found nothing.
  const problem: LookProblem | null = nextAt === null && sentAt < now - keptMs ? { kind: 'tooOld', sentAt } : null
  const look: Look = { ...record.look, attempts: attempts + 1, lastAt: now, nextAt, problem }
  const { record: cleared, audit } = withoutPending(
    record,
    { why: 'changed', changes: ['it is not found any more'] },
    now
  )
  const detail = { attempts: look.attempts }
  const step = telling({ ...cleared, state, look }, context, { event: 'case.nothingFound', detail })
  return { ...step, audit: [...audit, ...step.audit] }
}

function cannotLook(record: CaseRecord, answer: CannotLook, context: LookContext): Step<number | null> {
  const state = after(record.state, 'cannotLook')
  if (state === null) return unchanged
  const { now } = context
  const look = lookedAt(record, now, { nextAt: retryAt(record, answer, now), problem: problemOf(answer) })
  return telling({ ...record, state, look }, context, { event: 'case.cannotLook', detail: { ...look.problem } })
}

/** The reporter hears of each last answer once. */
function telling(
  record: CaseRecord,
  { now, tell }: LookContext,
  audit: Pick<AuditEntry, 'event' | 'detail'>
): Step<number | null> {
  const answer = untoldAnswer(record)
  if (answer === null) return changed(record, now, audit)
  const told = [...(record.look.told ?? []), answer]
  const step = changed({ ...record, look: { ...record.look, told } }, now, audit)
  return { ...step, outbox: [...step.outbox, ...tell(record, answer)] }
}

/** Asked once, so that its card says what it is; there is nothing to ask Defender for. */
function noMail(record: CaseRecord, now: number): Step<number | null> {
  const state = after(record.state, 'cannotLook')
  if (state === null) return unchanged
  const look: Look = { ...record.look, attempts: 1, lastAt: now, nextAt: null, problem: { kind: 'noMail' } }
  const step = changed({ ...record, state, look }, now, { event: 'case.cannotLook', detail: { ...look.problem } })
  if (candidateQuery(record, now) === null) return step
  return { ...step, outbox: [...step.outbox, { kind: 'candidates', caseNumber: record.number, dueAt: now }] }
}

/** Defender says that the organisation sent this mail itself, to train people. */
export function isSimulation(record: CaseRecord, { now }: Pick<LookContext, 'now'>): Step<number | null> {
  const state = after(record.state, 'simulation')
  if (state === null) return unchanged
  const closing = { by: null, reason: '', verdict: null, at: now }
  const { record: cleared, audit } = withoutPending(record, { why: 'changed', changes: ['it is a simulation'] }, now)
  const step = changed({ ...cleared, state, closing }, now, { event: 'case.simulation', detail: {} })
  return { ...step, audit: [...audit, ...step.audit], answer: null }
}

type CannotLook = Exclude<LookResult, { kind: 'found' | 'nothing' }> | IncludedMissing

function retryAt({ look }: CaseRecord, answer: CannotLook, now: number): number | null {
  if (answer.kind === 'unavailable') return now + retryDelay(look.attempts, answer.retryAfterMs)
  return answer.kind === 'includedMissing' ? now + retryDelay(look.attempts, null) : null
}

function problemOf(answer: CannotLook): LookProblem {
  if (answer.kind === 'unavailable') return { kind: 'unavailable', reason: answer.reason }
  return answer
}

function retryDelay(attempts: number, retryAfterMs: number | null): number {
  const delay = unavailableRetry[Math.min(attempts, unavailableRetry.length - 1)] ?? minute
  return Math.max(delay, retryAfterMs ?? 0)
}

const unchanged: Step<number | null> = { next: null, outbox: [], audit: [], answer: null }

function changed(next: CaseRecord, now: number, audit?: Pick<AuditEntry, 'event' | 'detail'>): Step<number | null> {
  return {
    next,
    outbox: [{ kind: 'card', caseNumber: next.number, dueAt: now }],
    audit: audit === undefined ? [] : [{ at: now, caseNumber: next.number, actor: null, ...audit }],
    answer: next.look.nextAt
  }
}

/** A person asks to look again: at once, and with all later looks before it again. */
export function lookAgain(record: CaseRecord, now: number): Step<'looking' | 'closed'> {
  if (after(record.state, 'found') === null) return { next: null, outbox: [], audit: [], answer: 'closed' }
  return {
    next: { ...record, look: { ...record.look, attempts: 0 } },
    outbox: [{ kind: 'look', caseNumber: record.number, dueAt: now }],
    audit: [],
    answer: 'looking'
  }
}

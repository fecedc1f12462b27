// Looks the mail up in Defender and turns the answer into a plan version, or into an honest "not found" or "cannot".
import { type CaseRecord, type Look, type LookProblem, caseName } from './case.js'
import type { AuditEntry, OutboxEntry } from './change.js'
import { followUpPlan, followedUp } from './follow-up.js'
import type { FoundMessage, LookResult, Mail, MailEvidence, ResolveResult } from './mail.js'
import { lookWhilePendingMs, withoutPending } from './pending.js'
import { type Plan, type PlanLimits, copiesDigest, makePlan, sameCopies } from './plan.js'
import { changesBetween } from './plan-changes.js'
import type { CaseStore, Clock, MailSearch, PlanHistory, Step } from './ports.js'
import { after } from './transitions.js'
import { isUndo, undoAgain } from './undo.js'

const minute = 60_000

/** Defender indexes late: when nothing is found, look again after so many milliseconds, then wait for a person. */
export const lookAgainAfter = [1 * minute, 5 * minute, 15 * minute]

// When Defender cannot be asked at all, so often is enough; a person can ask sooner.
const unavailableRetry = [10_000, 30_000, minute, 5 * minute, 15 * minute]

export interface LookDoors {
  store: CaseStore
  search: MailSearch
  /** A follow-up and an undo are made anew from what was approved before. */
  plans: PlanHistory
  clock: Clock
  limits: PlanLimits
  /** A Message-ID cannot be resolved at all here: the reporter has to give the other id. */
  cannotResolve: (record: CaseRecord) => OutboxEntry[]
  /** A Message-ID stood for several messages: each has a case of its own now. */
  severalFound: (
    record: CaseRecord,
    cases: { caseNumber: number; message: FoundMessage }[],
    more: boolean
  ) => OutboxEntry[]
}

/** The outbox's `look`: one round of asking. Answers when the next round is due, if one is. */
export async function lookUp(caseNumber: number, doors: LookDoors): Promise<number | null> {
  const record = await doors.store.read(caseNumber)
  if (record === null || after(record.state, 'found') === null) return null

  const { answer, certain } = await ask(record, doors)
  if (answer === 'joined') return null
  const plans = followedUp(record) === null && !isUndo(record) ? [] : await doors.plans.plansOf(caseNumber)
  const context = { now: doors.clock.now(), limits: doors.limits, certain, plans }
  return doors.store.change(caseNumber, (current) => step(current, answer, context))
}

interface Asked {
  answer: LookResult | 'joined' | 'noMail'
  certain: boolean
}

async function ask(record: CaseRecord, doors: LookDoors): Promise<Asked> {
  const asked = (answer: Asked['answer'], certain: boolean): Asked => ({ answer, certain })
  if (record.message.kind === 'file' || record.message.kind === 'teamsMessage') return asked('noMail', false)
  if (record.message.kind === 'networkMessageId') {
    return asked(await doors.search.byNetworkMessageId(record.message.value), false)
  }

  const resolved: ResolveResult = await doors.search.byInternetMessageId(record.message.value)
  if (resolved.kind === 'forbidden' && record.look.attempts === 0) {
    await doors.store.change(record.number, (current) => answerOnly(doors.cannotResolve(current)))
  }
  if (resolved.kind !== 'messages') return asked(resolved, true)
  const [first, ...others] = resolved.messages
  if (first === undefined) return asked({ kind: 'nothing' }, true)

  // The other messages first: should the process die here, this look runs again and joins what it opened.
  const cases = []
  for (const message of others) {
    const opened = await doors.store.open(
      {
        message: { kind: 'networkMessageId', value: message.networkMessageId },
        recipients: record.recipients,
        reporter: record.reporters.first,
        mailboxes: [],
        note: '',
        claims: record.reporters.claims,
        // Not a triage: what this one names must narrow no case that is open already.
        origin: 'report',
        kind: 'phish',
        activityKey: `${caseName(record.number)}/${message.networkMessageId}`,
        replyTo: null,
        at: doors.clock.now()
      },
      { unresolvedPerHour: Infinity }
    )
    if (opened.kind !== 'limited') cases.push({ caseNumber: opened.record.number, message })
  }
  const { joinedInto } = await doors.store.identify(record.number, first.networkMessageId, doors.clock.now())
  if (others.length > 0) {
    const all = [{ caseNumber: joinedInto ?? record.number, message: first }, ...cases]
    // The record from before: a case that has joined another has handed its reporter over with its reports.
    await doors.store.change(record.number, () => answerOnly(doors.severalFound(record, all, resolved.more)))
  }
  const answer = joinedInto === null ? await doors.search.byNetworkMessageId(first.networkMessageId) : 'joined'
  return asked(answer, others.length === 0)
}

function answerOnly(outbox: OutboxEntry[]): Step<undefined> {
  return { next: null, outbox, audit: [], answer: undefined }
}

interface LookContext {
  now: number
  limits: PlanLimits
  /** In this look a Message-ID was found to stand for one message only: it is certain which one was meant. */
  certain: boolean
  /** Every plan of the case, where its current one follows another up or undoes it. */
  plans?: Plan[]
}

/** Pure: what an answer does to a case. */
export function step(record: CaseRecord, answer: LookResult | 'noMail', context: LookContext): Step<number | null> {
  if (answer === 'noMail') return noMail(record, context.now)
  if (answer.kind !== 'unavailable' && context.certain && onlySimulated(record, answer)) {
    return isSimulation(answer.kind === 'found' ? { ...record, mail: answer.mail.evidence } : record, context)
  }
  if (answer.kind === 'found') return found(record, answer.mail, context)
  if (answer.kind === 'nothing') {
    // The copies of an undo are known; that Defender lists none takes no plan back.
    if (isUndo(record) && record.mail !== null) return found(record, unlisted(record, record.mail), context)
    return nothing(record, context.now)
  }
  return cannotLook(record, answer, context.now)
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

function found(record: CaseRecord, mail: Mail, { now, limits, plans = [] }: LookContext): Step<number | null> {
  const state = after(record.state, 'found')
  // The answer to a look that began before the case was given another message's id.
  if (state === null || record.message.value !== mail.networkMessageId.toLowerCase()) return unchanged
  const follows = followedUp(record)
  // The case was opened again while the answer was on its way: the look that this asked for comes next.
  if ((follows !== null || isUndo(record)) && plans.length === 0) return { ...unchanged, answer: now }
  const plan = isUndo(record)
    ? undoAgain(record, mail.copies, plans, { limits, now })
    : follows === null
      ? makePlan(record.planVersion + 1, { copies: mail.copies, recipients: record.recipients }, limits, now)
      : followUpPlan(record, follows, { found: mail.copies, plans, limits, now })
  if (plan === null) return { ...unchanged, answer: now }
  const shown = record.state === 'proposed' || record.state === 'partlyApproved'
  const same =
    shown &&
    record.plan !== null &&
    sameCopies(record.plan, plan) &&
    record.plan.overLimit === plan.overLimit &&
    JSON.stringify(record.mail) === JSON.stringify(mail.evidence)
  const look: Look = { attempts: record.look.attempts + 1, lastAt: now, nextAt: null, problem: null }
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
  return { ...step, audit: [...audit, ...step.audit] }
}

/** Looked at again by itself. An update of the card would take away the reason that somebody is typing. */
function stillPending(record: CaseRecord, look: Look, now: number): Step<number | null> {
  const next = { ...record, look: { ...look, nextAt: now + lookWhilePendingMs } }
  const step = changed(next, now)
  return record.look.problem === null ? { ...step, outbox: [] } : step
}

function nothing(record: CaseRecord, now: number): Step<number | null> {
  const state = after(record.state, 'nothing')
  if (state === null) return unchanged
  // Looks that could not be made said nothing of the mail, so they use up none of the looks that it is given.
  const attempts = record.look.problem === null ? record.look.attempts : 0
  const delay = lookAgainAfter[attempts]
  const nextAt = delay === undefined ? null : now + delay
  const look: Look = { attempts: attempts + 1, lastAt: now, nextAt, problem: null }
  const { record: cleared, audit } = withoutPending(
    record,
    { why: 'changed', changes: ['it is not found any more'] },
    now
  )
  const detail = { attempts: look.attempts }
  const step = changed({ ...cleared, state, look }, now, { event: 'case.nothingFound', detail })
  return { ...step, audit: [...audit, ...step.audit] }
}

function cannotLook(
  record: CaseRecord,
  answer: Exclude<LookResult, { kind: 'found' | 'nothing' }>,
  now: number
): Step<number | null> {
  const state = after(record.state, 'cannotLook')
  if (state === null) return unchanged
  const look: Look = {
    attempts: record.look.attempts + 1,
    lastAt: now,
    nextAt: answer.kind === 'unavailable' ? now + retryDelay(record.look.attempts, answer.retryAfterMs) : null,
    problem: problemOf(answer)
  }
  return changed({ ...record, state, look }, now, { event: 'case.cannotLook', detail: { ...look.problem } })
}

/** Asked once, so that its card says what it is; there is nothing to ask Defender for. */
function noMail(record: CaseRecord, now: number): Step<number | null> {
  const state = after(record.state, 'cannotLook')
  if (state === null) return unchanged
  const look: Look = { attempts: 1, lastAt: now, nextAt: null, problem: { kind: 'noMail' } }
  return changed({ ...record, state, look }, now, { event: 'case.cannotLook', detail: { ...look.problem } })
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

function problemOf(answer: Exclude<LookResult, { kind: 'found' | 'nothing' }>): LookProblem {
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

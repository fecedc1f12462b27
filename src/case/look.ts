// Looks the mail up in Defender and turns the answer into a plan version, or into an honest "not found" or "cannot".
import { type CaseRecord, type Look, type LookAnswer, type LookProblem, caseName } from './case.js'
import type { AuditEntry, OutboxEntry } from './change.js'
import { candidateQuery, keptMs } from './choose.js'
import type { FoundMessage, LookResult, Mail, ResolveResult } from './mail.js'
import { untoldAnswer } from './look-answer.js'
import { type PlanLimits, makePlan, sameCopies } from './plan.js'
import type { CaseStore, Clock, MailSearch, Step } from './ports.js'
import { after } from './transitions.js'

const minute = 60_000

/** Defender indexes late: when nothing is found, look again after so many milliseconds, then wait for a person. */
export const lookAgainAfter = [1 * minute, 5 * minute, 15 * minute]

// When Defender cannot be asked at all, so often is enough; a person can ask sooner.
const unavailableRetry = [10_000, 30_000, minute, 5 * minute, 15 * minute]

export interface LookDoors {
  store: CaseStore
  search: MailSearch
  clock: Clock
  limits: PlanLimits
  /** Whoever reported a simulation did what it is for. */
  thank: (record: CaseRecord) => OutboxEntry[]
  /** Looking has ended without a plan, and whoever reported the mail should not take that for its being harmless. */
  tell: (record: CaseRecord, answer: LookAnswer) => OutboxEntry[]
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
  const { limits, thank, tell, clock } = doors
  const { answer: whole, included } = await withIncluded(record, answer, doors.search)
  const context = { now: clock.now(), limits, thank, tell, certain, included }
  return doors.store.change(caseNumber, (current) => step(current, whole, context))
}

/** A plan over fewer messages than people asked for would be taken for the whole: one that cannot be looked up stops all. */
async function withIncluded(
  { campaign }: CaseRecord,
  answer: LookResult | 'noMail',
  search: MailSearch
): Promise<{ answer: LookResult | 'noMail' | IncludedMissing; included: Mail[] }> {
  const included: Mail[] = []
  if (answer === 'noMail' || answer.kind !== 'found') return { answer, included }
  for (const networkMessageId of campaign?.included ?? []) {
    const other = await search.byNetworkMessageId(networkMessageId)
    if (other.kind === 'nothing') return { answer: { kind: 'includedMissing', networkMessageId }, included }
    if (other.kind !== 'found') return { answer: other, included }
    included.push(other.mail)
  }
  return { answer, included }
}

type IncludedMissing = Extract<LookProblem, { kind: 'includedMissing' }>

interface Asked {
  answer: LookResult | 'joined' | 'noMail'
  certain: boolean
}

async function ask(record: CaseRecord, doors: LookDoors): Promise<Asked> {
  const asked = (answer: Asked['answer'], certain: boolean): Asked => ({ answer, certain })
  if (record.message.kind === 'file' && record.candidates?.chosen != null) {
    const { chosen } = record.candidates
    const { joinedInto } = await doors.store.identify(record.number, chosen, doors.clock.now())
    return asked(joinedInto === null ? await doors.search.byNetworkMessageId(chosen) : 'joined', false)
  }
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
  thank: LookDoors['thank']
  tell: LookDoors['tell']
  /** In this look a Message-ID was found to stand for one message only: it is certain which one was meant. */
  certain: boolean
  /** Every message that is included, as this look found it. */
  included: Mail[]
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
  if (answer.kind === 'nothing') return nothing(record, context)
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

function found(record: CaseRecord, mail: Mail, { now, limits, included }: LookContext): Step<number | null> {
  const state = after(record.state, 'found')
  // The answer to a look that began before the case was given another message's id.
  if (state === null || record.message.value !== mail.networkMessageId.toLowerCase()) return unchanged
  // Or before people included others or left them out: they have asked for a look of their own.
  if (!sameMessages(record.campaign?.included ?? [], included)) return unchanged
  const copies = [mail, ...included].flatMap((each) => each.copies)
  const plan = makePlan(record.planVersion + 1, { copies, recipients: record.recipients }, limits, now)
  const same =
    record.state === state &&
    record.plan !== null &&
    sameCopies(record.plan, plan) &&
    record.plan.overLimit === plan.overLimit &&
    JSON.stringify(record.mail) === JSON.stringify(mail.evidence)
  const look = lookedAt(record, now, { nextAt: null, problem: null })
  // The same mail in the same places is the same plan: an approval in progress stays good.
  if (same) return changed({ ...record, look }, now)
  const step = changed({ ...record, state, look, mail: mail.evidence, plan, planVersion: plan.version }, now, {
    event: 'case.found',
    detail: { planVersion: plan.version, copies: plan.copies.length, leftOut: plan.leftOut.length }
  })
  return { ...step, outbox: [...step.outbox, { kind: 'campaign', caseNumber: record.number, dueAt: now }] }
}

function sameMessages(ids: string[], mails: Mail[]): boolean {
  const found = new Set(mails.map(({ networkMessageId }) => networkMessageId))
  return ids.length === found.size && ids.every((id) => found.has(id))
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
  return telling({ ...record, state, look }, context, {
    event: 'case.nothingFound',
    detail: { attempts: look.attempts }
  })
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
  const step = changed({ ...record, state, look }, now)
  if (candidateQuery(record, now) === null) return step
  return { ...step, outbox: [...step.outbox, { kind: 'candidates', caseNumber: record.number, dueAt: now }] }
}

/** Defender says that the organisation sent this mail itself, to train people. */
export function isSimulation(
  record: CaseRecord,
  { now, thank }: Pick<LookContext, 'now' | 'thank'>
): Step<number | null> {
  const state = after(record.state, 'simulation')
  if (state === null) return unchanged
  const closing = { by: null, reason: '', verdict: null, at: now }
  const step = changed({ ...record, state, closing }, now, { event: 'case.simulation', detail: {} })
  return { ...step, outbox: [...step.outbox, ...thank(record)], answer: null }
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

// Looks at the mailboxes after a request, on a back-off, until every copy is accounted for or the time is up. Reads only, and
// an answer that did not come changes nothing of what is known.
import type { MessageOfCase } from './campaign.js'
import type { CaseRecord, CaseState, LookProblem } from './case.js'
import type { AuditEntry, OutboxEntry } from './change.js'
import { followUpPlan, latestAsked } from './follow-up.js'
import type { LookResult, Mail } from './mail.js'
import { type Seen, copyKey, isSettled, nextLookOf, outcomeOf } from './outcome.js'
import type { Plan, PlanLimits } from './plan.js'
import type { CaseStore, Clock, MailSearch, PlanHistory, PostDelivery, Step } from './ports.js'
import { type Remediation, countOutcome, wasAsked } from './remediation.js'
import { caseWith, reopen } from './reopen.js'
import { after } from './transitions.js'

export interface VerifyDoors {
  store: CaseStore
  plans: PlanHistory
  search: MailSearch
  postDelivery: PostDelivery
  clock: Clock
  limits: PlanLimits
}

const minute = 60_000
const hour = 60 * minute
/** Defender keeps a mail's data for 30 days. After that a copy that is listed no more says nothing. */
const keptMs = 30 * 24 * hour - hour
const unavailableRetry = [10_000, 30_000, minute, 5 * minute, 15 * minute]
/** A permission or a licence comes back when a person sees to it. */
const refusedRetry = hour

/** The outbox's `verify`. Answers when the next look is due, or null when all looks are over. */
export async function verifyCase(caseNumber: number, doors: VerifyDoors): Promise<number | null> {
  const { store, clock, limits } = doors
  const record = await store.read(caseNumber)
  if (record === null) return null
  const plans = await doors.plans.plansOf(caseNumber)
  const due = dueOf(record, plans, clock.now())
  const seen = due.length === 0 ? null : await look(due, plans, doors)
  return store.change(caseNumber, (current, openCase, elsewhere) => {
    const context = { plans, due, limits, now: clock.now(), openCase, elsewhere }
    if (seen === null) return looksOver(current, context)
    return 'problem' in seen ? cannotLook(current, seen, context) : looked(current, seen, context)
  })
}

/** Those that are looked at still, whether now or later. */
function watched(record: CaseRecord, plans: Plan[], now: number): Remediation[] {
  if (now >= forgottenAt(record)) return []
  return record.remediations.filter(
    (remediation) => nextLookOf(remediation) !== null && !isSuperseded(remediation, record, plans)
  )
}

function dueOf(record: CaseRecord, plans: Plan[], now: number): Remediation[] {
  return watched(record, plans, now).filter((remediation) => (nextLookOf(remediation) ?? Infinity) <= now)
}

function forgottenAt(record: CaseRecord): number {
  return (record.mail?.receivedAt ?? record.openedAt) + keptMs
}

/** A newer request acts on the same copies: what is seen from now on is its outcome. */
function isSuperseded({ planVersion }: Remediation, record: CaseRecord, plans: Plan[]): boolean {
  const copiesOf = (version: number) => plans.find((plan) => plan.version === version)?.copies.map(copyKey) ?? []
  const own = new Set(copiesOf(planVersion))
  return record.remediations
    .filter((newer) => newer.planVersion > planVersion)
    .some((newer) => {
      const copies = copiesOf(newer.planVersion)
      return newer.batches.some(
        (batch) => wasAsked(batch) && copies.slice(batch.from, batch.to).some((key) => own.has(key))
      )
    })
}

type Problem = Exclude<LookResult, { kind: 'found' | 'nothing' }>

/** Every message of these remediations' plans; where one cannot be asked for, the look counts as not made. */
async function look(
  due: Remediation[],
  plans: Plan[],
  { search, postDelivery }: VerifyDoors
): Promise<Seen | { problem: Problem }> {
  const versions = new Set(due.map(({ planVersion }) => planVersion))
  const copies = plans.filter(({ version }) => versions.has(version)).flatMap((plan) => plan.copies)
  const ids = [...new Set(copies.map(({ networkMessageId }) => networkMessageId))]
  const mails = new Map<string, Mail | null>()
  for (const id of ids) {
    const answer = await search.byNetworkMessageId(id)
    if (answer.kind !== 'found' && answer.kind !== 'nothing') return { problem: answer }
    mails.set(id, answer.kind === 'found' ? answer.mail : null)
  }
  return { mails, events: await postDelivery.eventsOf(ids) }
}

export interface VerifyContext {
  plans: Plan[]
  /** As it was when the look began. */
  due: Remediation[]
  limits: PlanLimits
  now: number
  /** The open case that has the message of an ended one. */
  openCase: number | null
  /** Which messages like its own other open cases act on. */
  elsewhere?: MessageOfCase[]
}

/** Pure: what a look found. */
export function looked(record: CaseRecord, seen: Seen, context: VerifyContext): Step<number | null> {
  const { plans, due, now } = context
  const outbox: OutboxEntry[] = []
  const audit: AuditEntry[] = []
  const remediations = record.remediations.map((remediation) => {
    const plan = plans.find(({ version }) => version === remediation.planVersion)
    const isDue = due.some(({ planVersion }) => planVersion === remediation.planVersion)
    const next =
      isDue && plan !== undefined
        ? { ...remediation, outcome: outcomeOf(remediation, plan, seen, now) }
        : isSuperseded(remediation, record, plans)
          ? withoutNextLook(remediation)
          : remediation
    if (next === remediation) return remediation
    outbox.push({ kind: 'link', caseNumber: record.number, planVersion: next.planVersion, dueAt: now })
    audit.push(entry(record, now, 'verify.looked', { planVersion: next.planVersion, ...countOutcome(next) }))
    return next
  })
  const seenRecord = { ...record, remediations, look: lookOf(record, { lastAt: now, problem: null }) }
  const over = settle(seenRecord, context)
  const raised = raiseFollowUp(over.next, seen, context)
  return {
    next: raised.next,
    outbox: [cardOf(record, now), ...outbox, ...raised.outbox],
    audit: [...audit, ...over.audit, ...raised.audit],
    answer: nextDue(raised.next, context)
  }
}

/** No look is due: the looks may be over, or a person has just told what became of an unknown request. */
function looksOver(record: CaseRecord, context: VerifyContext): Step<number | null> {
  const { next, audit } = settle(endForgotten(record, context.now), context)
  const changed = next !== record
  return {
    next: changed ? next : null,
    outbox: changed ? [cardOf(record, context.now)] : [],
    audit,
    answer: nextDue(next, context)
  }
}

/** Nothing can be looked at any more: what was seen last stays as it is. */
function endForgotten(record: CaseRecord, now: number): CaseRecord {
  if (now < forgottenAt(record)) return record
  const remediations = record.remediations.map(withoutNextLook)
  const same = remediations.every((each, index) => each === record.remediations[index])
  return same ? record : { ...record, remediations }
}

function withoutNextLook(remediation: Remediation): Remediation {
  const { outcome } = remediation
  if (outcome?.nextLookAt == null) return remediation
  return { ...remediation, outcome: { ...outcome, nextLookAt: null } }
}

/** Pure: Defender could not be asked. What was seen before stays, with the time at which it was seen. */
export function cannotLook(
  record: CaseRecord,
  { problem }: { problem: Problem },
  { now }: Pick<VerifyContext, 'now'>
): Step<number | null> {
  const attempts = ownLook.includes(record.state) ? record.look.attempts : unavailableRetry.length
  const delay = unavailableRetry[Math.min(attempts, unavailableRetry.length - 1)] ?? minute
  const againAt = problem.kind === 'unavailable' ? now + Math.max(delay, problem.retryAfterMs ?? 0) : now + refusedRetry
  const look = lookOf(record, { nextAt: againAt, problem: problemOf(problem), attempts: attempts + 1 })
  return {
    next: look === record.look ? null : { ...record, look },
    outbox: look === record.look ? [] : [cardOf(record, now)],
    audit: [entry(record, now, 'verify.cannotLook', { ...problem })],
    answer: againAt
  }
}

// In the other states the record's look is that for a plan.
const ownLook: readonly CaseState[] = ['submitted', 'verified', 'failed', 'uncertain']

function lookOf(record: CaseRecord, changes: Partial<CaseRecord['look']>): CaseRecord['look'] {
  if (!ownLook.includes(record.state)) return record.look
  return { ...record.look, attempts: 0, nextAt: null, ...changes }
}

function problemOf(problem: Problem): LookProblem {
  return problem.kind === 'unavailable' ? { kind: 'unavailable', reason: problem.reason } : problem
}

function settle(record: CaseRecord, { plans, now }: VerifyContext): { next: CaseRecord; audit: AuditEntry[] } {
  const state = after(record.state, 'verify')
  const open = record.remediations.some(
    (each) => each.batches.some(wasAsked) && !isSettled(each) && !isSuperseded(each, record, plans)
  )
  if (state === null || open) return { next: record, audit: [] }
  return { next: { ...record, state }, audit: [entry(record, now, 'case.verified', {})] }
}

function raiseFollowUp(
  record: CaseRecord,
  { mails }: Seen,
  { plans, limits, now, openCase, elsewhere = [] }: VerifyContext
): { next: CaseRecord; outbox: OutboxEntry[]; audit: AuditEntry[] } {
  const nothing = { next: record, outbox: [], audit: [] }
  const latest = latestAsked(record)
  // What was put back into inboxes is no phish, so more of it needs no decision.
  if (latest === null || latest.action === 'moveToInbox' || after(record.state, 'followUp') === null) return nothing
  const found = [...mails.values()].flatMap((mail) => mail?.copies ?? [])
  const all = followUpPlan(record, latest, { found, plans, limits, now })
  if (all.copies.length === 0) return nothing
  // What another open case acts on is decided there; the rest here.
  const here = found.filter(({ networkMessageId }) => caseWith(elsewhere, networkMessageId) === null)
  const rest = followUpPlan(record, latest, { found: here, plans, limits, now })
  const plan = rest.copies.length === 0 ? all : rest
  const detail = { planVersion: plan.version, copies: plan.copies.length, leftOut: plan.leftOut.length }
  const answer = reopen(record, openCase, { event: 'followUp', plan, now, elsewhere })
  if (answer.kind === 'stale') return nothing
  if (answer.kind === 'taken') {
    const later = { caseNumber: answer.by, copies: plan.copies.length }
    const known = record.remediations.some(({ outcome }) => JSON.stringify(outcome?.later) === JSON.stringify(later))
    return {
      next: { ...record, remediations: withLater(record.remediations, later) },
      outbox: [],
      audit: known ? [] : [entry(record, now, 'case.followUpElsewhere', { ...detail, in: answer.by })]
    }
  }
  return {
    next: answer.next,
    outbox: [...answer.outbox, { kind: 'turnedUp', caseNumber: record.number, planVersion: plan.version, dueAt: now }],
    audit: [entry(record, now, 'case.followUp', detail)]
  }
}

/** Noted where the newest look is. */
function withLater(remediations: Remediation[], later: { caseNumber: number; copies: number }): Remediation[] {
  const latest = remediations.findLast(({ outcome }) => outcome !== null)
  return remediations.map((each) =>
    each === latest && each.outcome !== null ? { ...each, outcome: { ...each.outcome, later } } : each
  )
}

function nextDue(record: CaseRecord, { plans, now }: VerifyContext): number | null {
  const times = watched(record, plans, now).flatMap((each) => nextLookOf(each) ?? [])
  return times.length === 0 ? null : Math.min(...times)
}

function cardOf(record: CaseRecord, now: number): OutboxEntry {
  return { kind: 'card', caseNumber: record.number, dueAt: now }
}

function entry(record: CaseRecord, at: number, event: string, detail: Record<string, unknown>): AuditEntry {
  return { at, caseNumber: record.number, event, actor: null, detail }
}

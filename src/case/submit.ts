// Sends an approved remediation, batch by batch: intent on disk, one request, result on disk. Never sends a batch twice by itself.
import { randomUUID } from 'node:crypto'
import { type CaseRecord, type CaseState, latestRemediation } from './case.js'
import type { AuditEntry, OutboxEntry } from './change.js'
import { firstLookMs } from './outcome.js'
import { planDigest } from './plan.js'
import type { Policy } from './policy.js'
import type { CaseStore, Clock, EmailRemediation, Step } from './ports.js'
import { whyNotSent } from './progress.js'
import type { Batch, Remediation, RemediationRequest, SubmissionOutcome } from './remediation.js'
import { wasAsked } from './remediation.js'
import { requestFor } from './remediation-request.js'
import { type CaseEvent, after } from './transitions.js'

export interface SubmitDoors {
  store: CaseStore
  remediation: EmailRemediation
  clock: Clock
  /** Asked again before each batch: it may have changed since the approvals. */
  policy: Policy
  /** No other process can be at work on this store: a `submitting` that this call finds has lost its owner. */
  alone: boolean
}

/** Longer than the request's own deadline, with its one retry after a 401. */
const leaseMs = 120_000
/** What the request itself may take at most. */
const requestMs = 60_000
const storeAgainMs = 1_000
/** What was surely not accepted is tried again for so long, then a person is asked. */
const retryWindowMs = 60 * 60_000
/** What was approved longer ago than this, as before a bot that was down for days, is for people to look at again. */
const approvalHoldsMs = 24 * 60 * 60_000
const backOffMs = [5_000, 15_000, 60_000, 300_000]

/** The outbox's `submit`: one batch. Answers when to come back for the next, or null when all are settled. */
export async function submitNextBatch(caseNumber: number, doors: SubmitDoors): Promise<number | null> {
  const turn = await doors.store.change(caseNumber, (record) => beginNext(record, doors))
  if (turn === null || turn.kind === 'ended') return null
  if (turn.kind === 'wait') return turn.until
  if (turn.kind === 'again') return doors.clock.now()

  // A process that was suspended in between may find that others have given the batch up.
  const late = doors.clock.now() > turn.leaseUntil - requestMs
  const outcome: SubmissionOutcome = late
    ? { kind: 'notSent', reason: 'The bot was suspended before it could send the request.' }
    : await doors.remediation.submit(turn.request)
  const { planVersion, token, leaseUntil } = turn
  return keepTrying(doors.clock, leaseUntil, () =>
    doors.store.change(caseNumber, (record) => {
      const now = doors.clock.now()
      const step = endBatch(record, { planVersion, token, outcome, now })
      return { ...step, answer: step.answer ?? (isSettled(step.next ?? record) ? null : now) }
    })
  )
}

/** No batch waits, or is on its way, any more. */
function isSettled(record: CaseRecord): boolean {
  return record.state !== 'approved' && record.state !== 'submitting'
}

/** An answer that came must not be lost to a database that is away for a moment: it cannot be asked for again. */
async function keepTrying<T>(clock: Clock, until: number, store: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await store()
    } catch (error) {
      if (clock.now() + storeAgainMs > until) throw error
      await new Promise<void>((resolve) => clock.wake(clock.now() + storeAgainMs, resolve))
    }
  }
}

type Turn =
  | { kind: 'ended' }
  | { kind: 'wait'; until: number }
  | { kind: 'again' }
  | { kind: 'send'; request: RemediationRequest; planVersion: number; token: string; leaseUntil: number }

/** Pure but for the new token: writes the intent to send the next batch. */
export function beginNext(
  record: CaseRecord,
  { clock, policy, alone }: Pick<SubmitDoors, 'clock' | 'policy' | 'alone'>
): Step<Turn> {
  const now = clock.now()
  const remediation = latestRemediation(record)
  const inProgress = record.state === 'approved' || record.state === 'submitting'
  if (remediation === null || !inProgress) return nothing({ kind: 'ended' })

  const orphan = remediation.batches.find((batch) => batch.state === 'submitting')
  if (orphan !== undefined) {
    const leaseUntil = orphan.leaseUntil ?? 0
    if (!alone && leaseUntil > now) return nothing({ kind: 'wait', until: leaseUntil })
    const lost = { ...orphan, state: 'uncertain' as const, message: 'The bot stopped while it waited for the answer.' }
    const facts = {
      planVersion: remediation.planVersion,
      batch: orphan.seq,
      token: orphan.token,
      digest: remediation.digest
    }
    return {
      ...withBatch(record, remediation, lost, now),
      audit: [entry(record, now, 'batch.orphaned', facts)],
      answer: { kind: 'again' }
    }
  }
  const batch = remediation.batches.find(({ state }) => state === 'pending')
  if (batch === undefined) return nothing({ kind: 'ended' })

  const { plan } = record
  if (
    plan?.version !== remediation.planVersion ||
    planDigest(record.number, plan, remediation) !== remediation.digest
  ) {
    return stop(record, remediation, batch, {
      code: 'planChanged',
      message: 'The plan is not the one that was approved.',
      now
    })
  }
  if (now - remediation.decidedAt > approvalHoldsMs) {
    const message = 'It was approved more than 24 hours ago, and could not be sent since.'
    return stop(record, remediation, batch, { code: 'tooOld', message, now })
  }
  const ruledOut = whyNotSent(policy, record, plan, remediation)
  if (ruledOut !== null) return stop(record, remediation, batch, { code: 'policyChanged', message: ruledOut, now })
  const state = record.state === 'approved' ? after(record.state, 'begin') : record.state
  if (state === null) return nothing({ kind: 'ended' })

  const token = randomUUID()
  const leaseUntil = now + leaseMs
  const sending: Batch = {
    ...batch,
    state: 'submitting',
    token,
    leaseUntil,
    attempts: batch.attempts + 1,
    firstTriedAt: batch.firstTriedAt ?? now,
    sentAt: now
  }
  const request = requestFor(record.number, { plan, remediation, batch })
  return {
    next: { ...record, state, remediations: replace(record, remediation, [sending]) },
    outbox: record.state === state ? [] : [cardOf(record, now)],
    audit: [
      entry(record, now, 'batch.submitting', {
        planVersion: plan.version,
        batch: batch.seq,
        token,
        digest: remediation.digest,
        copies: request.copies.length
      })
    ],
    answer: { kind: 'send', request, planVersion: plan.version, token, leaseUntil }
  }
}

interface Stop {
  code: 'planChanged' | 'policyChanged' | 'tooOld'
  message: string
  now: number
}

/** The approvals do not cover this any more: neither this batch nor those after it are sent. */
function stop(record: CaseRecord, remediation: Remediation, batch: Batch, { code, message, now }: Stop): Step<Turn> {
  const { planVersion, digest } = remediation
  const facts = { planVersion, batch: batch.seq, approved: digest, reason: message }
  return {
    ...withBatch(record, remediation, { ...batch, state: 'notSent', code, message }, now),
    audit: [entry(record, now, `batch.${code}`, facts)],
    answer: { kind: 'ended' }
  }
}

interface Ending {
  planVersion: number
  token: string
  outcome: SubmissionOutcome
  now: number
}

/** Pure: what an answer does to its batch. Answers when to come back where the batch may be sent again, else null. */
export function endBatch(record: CaseRecord, { planVersion, token, outcome, now }: Ending): Step<number | null> {
  const remediation = record.remediations.find((each) => each.planVersion === planVersion)
  const batch = remediation?.batches.find((each) => each.token === token)
  // Uncertain: this answer comes after the lease ended, and is better than none.
  const waiting = batch?.state === 'submitting' || batch?.state === 'uncertain'
  if (remediation === undefined || batch === undefined || !waiting) return nothing(null)

  const { settled, againAt } = settle(batch, outcome, now)
  const step = withBatch(record, remediation, settled, now)
  const { kind, ...facts } = outcome
  const { status, requestId } = settled
  const sent = { planVersion, batch: batch.seq, token, digest: remediation.digest, status, requestId }
  step.audit.push(entry(record, now, `batch.${kind}`, { ...sent, ...facts }))
  return { ...step, answer: againAt }
}

function settle(batch: Batch, outcome: SubmissionOutcome, now: number): { settled: Batch; againAt: number | null } {
  const answered: Batch = { ...batch, leaseUntil: null, answeredAt: now, requestId: requestIdOf(outcome) }
  switch (outcome.kind) {
    case 'accepted': {
      const { trackingLink, rawLocation, status } = outcome
      return { settled: { ...answered, state: 'accepted', trackingLink, rawLocation, status }, againAt: null }
    }
    case 'refused': {
      const { status, code, message } = outcome
      return { settled: { ...answered, state: 'refused', status, code, message }, againAt: null }
    }
    case 'uncertain':
      return {
        settled: { ...answered, state: 'uncertain', status: outcome.status, message: outcome.reason },
        againAt: null
      }
    case 'notSent':
    case 'throttled': {
      const message = outcome.kind === 'notSent' ? outcome.reason : 'Defender is throttling requests.'
      const status = outcome.kind === 'throttled' ? 429 : null
      const asked = outcome.kind === 'throttled' ? (outcome.retryAfterMs ?? 0) : 0
      const backOff = backOffMs[Math.min(batch.attempts - 1, backOffMs.length - 1)] ?? 5_000
      // A wait of 0, or a date that has passed, is no leave to send in a tight circle.
      const delay = asked > 0 ? asked : backOff
      const againAt = now + delay
      // Once a batch was shown as unknown, only a person may have it sent again.
      const tooLate = batch.state === 'uncertain' || againAt > (batch.firstTriedAt ?? now) + retryWindowMs
      // Nothing was accepted in either case, so `pending` may be sent again without a new approval.
      if (tooLate)
        return { settled: { ...answered, state: 'notSent', status, code: outcome.kind, message }, againAt: null }
      return { settled: { ...answered, state: 'pending', token: null, status, message }, againAt }
    }
  }
}

/** Stores the batch, stops the rest where it was refused, and moves the case when all batches are settled. */
function withBatch(
  record: CaseRecord,
  remediation: Remediation,
  changed: Batch,
  now: number
): Omit<Step<null>, 'answer'> {
  const stops = changed.state === 'refused' || changed.state === 'notSent'
  const stopped: Batch[] = remediation.batches
    .filter((batch) => stops && batch.state === 'pending' && batch.seq !== changed.seq)
    .map((batch) => ({ ...batch, state: 'notSent' }))
  const remediations = replace(record, remediation, [changed, ...stopped])
  const batches = remediations.find(({ planVersion }) => planVersion === remediation.planVersion)?.batches ?? []
  const outbox: OutboxEntry[] = [cardOf(record, now)]
  // The reply in the thread is also how people hear of a refusal or an unknown outcome.
  if (changed.state !== 'pending') {
    outbox.push({ kind: 'link', caseNumber: record.number, planVersion: remediation.planVersion, dueAt: now })
  }
  const inProgress = batches.some(({ state }) => state === 'pending' || state === 'submitting')
  if (!inProgress && batches.some(wasAsked)) {
    outbox.push({ kind: 'verify', caseNumber: record.number, dueAt: now + firstLookMs })
  }
  return { next: { ...record, remediations, state: stateAfter(record, remediation, batches) }, outbox, audit: [] }
}

function stateAfter(record: CaseRecord, remediation: Remediation, batches: Batch[]): CaseState {
  const unsettled = batches.some(({ state }) => state === 'pending' || state === 'submitting')
  // An older remediation's late answer is recorded, but the case has moved on to a newer plan.
  if (unsettled || remediation.planVersion !== latestRemediation(record)?.planVersion) return record.state
  return after(record.state, eventOf(batches)) ?? record.state
}

function eventOf(batches: Batch[]): CaseEvent {
  if (batches.some(({ state }) => state === 'uncertain')) return 'someUncertain'
  return batches.every(({ state }) => state === 'accepted') ? 'allAccepted' : 'someRefused'
}

function replace(record: CaseRecord, remediation: Remediation, batches: Batch[]): Remediation[] {
  const changed = new Map(batches.map((batch) => [batch.seq, batch]))
  return record.remediations.map((each) =>
    each.planVersion === remediation.planVersion
      ? { ...each, batches: each.batches.map((batch) => changed.get(batch.seq) ?? batch) }
      : each
  )
}

function requestIdOf(outcome: SubmissionOutcome): string | null {
  return outcome.kind === 'notSent' ? null : outcome.requestId
}

function cardOf(record: CaseRecord, now: number): OutboxEntry {
  return { kind: 'card', caseNumber: record.number, dueAt: now }
}

function entry(record: CaseRecord, at: number, event: string, detail: Record<string, unknown>): AuditEntry {
  return { at, caseNumber: record.number, event, actor: null, detail }
}

function nothing<T>(answer: T): Step<T> {
  return { next: null, outbox: [], audit: [], answer }
}

// One plan on its way to Defender: the approval, its batches, and what is known of each. Never says more than was answered.
import type { DeliveryLocation } from './mail.js'
import { type LeftOutReason, type PlanChoice, isDelete } from './plan.js'
import type { Ruling, Standing } from './policy.js'
import type { Person } from './report.js'

export type BatchState = 'pending' | 'submitting' | 'accepted' | 'refused' | 'notSent' | 'uncertain'

/** The copies of one POST: `from` (inclusive) to `to` (exclusive) in the plan's list. */
export interface Batch {
  /** 1-based. */
  seq: number
  from: number
  to: number
  state: BatchState
  /** Names this attempt; an answer that arrives late counts only for the attempt it belongs to. */
  token: string | null
  /** Until then the process that wrote `submitting` may still be waiting for its answer. Epoch ms. */
  leaseUntil: number | null
  attempts: number
  firstTriedAt: number | null
  sentAt: number | null
  answeredAt: number | null
  /** Checked and re-encoded; null where Defender gave none that can be used. */
  trackingLink: string | null
  rawLocation: string | null
  status: number | null
  code: string | null
  message: string | null
  requestId: string | null
}

/** One person's yes to one plan. */
export interface Approval {
  person: Person
  reason: string
  at: number
  ruling: Ruling
  /** What the policy asks about the person, as it was at the last approval: the submitter rules again without asking anybody. */
  standing: Standing
}

/** An approval that stopped to count before the others were enough. */
export interface FallenApproval {
  person: Person
  approvedAt: number
  /** When it was found. */
  at: number
  /** Sentences. */
  why: string[]
}

/** What some have approved and the policy wants more people for. */
export interface PendingApproval extends PlanChoice {
  planVersion: number
  digest: string
  approvals: Approval[]
  /** Only where there are some. */
  fallen?: FallenApproval[]
  /** Then the approvals so far are void. Epoch ms. */
  until: number
}

/**
 * What became of approvals that count no more, for the card of whoever decides next. `changed`: the mail is not as it was
 * shown; `changes` says how, in our own words.
 */
export interface VoidedApprovals {
  why: 'changed' | 'narrowed' | 'withdrawn' | 'timeUp'
  changes: string[]
  at: number
}

export interface Remediation extends PlanChoice {
  planVersion: number
  digest: string
  /** In the order they were given; the last one decided. */
  approvals: Approval[]
  decidedAt: number
  batches: Batch[]
  /** What the looks after the request found; null where nobody has looked yet. */
  outcome: RemediationOutcome | null
}

/**
 * What became of one copy. `moved`: it lies where the action puts it, and did not before. `already`: it lay there before
 * the request, or out of everybody's reach in quarantine. `waiting`: it was not seen in another place. `elsewhere`: it has
 * gone to another place than the action's. `gone`: Defender lists it no more.
 */
export type CopyOutcome = 'moved' | 'already' | 'waiting' | 'elsewhere' | 'gone'

/** Who has moved a copy, as Defender says; `Before`: before the request was sent. Graph never names our request. */
export type CopyCause =
  | 'zap'
  | 'zapBefore'
  | 'air'
  | 'airBefore'
  | 'otherDefender'
  | 'administrator'
  | 'administratorBefore'
  | 'user'
  /** Nobody: Defender reports that a move failed. */
  | 'moveFailed'

export interface RemediationOutcome {
  looks: number
  lastLookAt: number
  /** Null where nothing is looked at any more by itself. */
  nextLookAt: number | null
  /** One for each copy of the plan, in its order. */
  copies: CopyOutcome[]
  /** Copies that were asked for and that there is still something to wait for. 0: all are accounted for. */
  open: number
  /** Where the copies that were asked for lay at the last look. */
  places: Partial<Record<DeliveryLocation | 'notListed', number>>
  /** Of the copies that were asked for. */
  causes: Partial<Record<CopyCause, number>>
  /** Copies of the mail that the plan leaves out. */
  leftOut: Partial<Record<LeftOutReason, number>>
  /** Copies that turned up later and are decided in another case, because that one has the message now. */
  later: { caseNumber: number; copies: number } | null
}

export interface OutcomeCounts {
  /** Copies of the mail, those that the plan leaves out included. */
  total: number
  /** Seen where the action puts them; of a delete also those that two looks found listed no more. */
  moved: number
  already: number
  waiting: number
  elsewhere: number
  gone: number
  /** Copies of batches that were not accepted, whatever became of them. */
  notAsked: number
  leftOut: number
}

/** Whether the copies of this batch may have been acted on. */
export function wasAsked({ state }: Batch): boolean {
  return state === 'accepted' || state === 'uncertain'
}

/** Null where nobody has looked yet. */
export function countOutcome({ action, batches, outcome }: Remediation): OutcomeCounts | null {
  if (outcome === null) return null
  const counts: OutcomeCounts = { ...noCounts, leftOut: sum(Object.values(outcome.leftOut)) }
  const asked = new Set(batches.filter(wasAsked).flatMap(({ from, to }) => range(from, to)))
  for (const [index, what] of outcome.copies.entries()) counts[asked.has(index) ? what : 'notAsked'] += 1
  if (isDelete(action) && outcome.open === 0) {
    counts.moved += counts.gone
    counts.gone = 0
  }
  return { ...counts, total: outcome.copies.length + counts.leftOut }
}

const noCounts: OutcomeCounts = {
  total: 0,
  moved: 0,
  already: 0,
  waiting: 0,
  elsewhere: 0,
  gone: 0,
  notAsked: 0,
  leftOut: 0
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** What may have become of a mail through the requests that were sent so far. The worst that is possible wins. */
export type Effect = 'none' | 'accepted' | 'unknown'

export function effectOf(remediations: Remediation[]): Effect {
  const states = new Set(remediations.flatMap(({ batches }) => batches.map(({ state }) => state)))
  if (states.has('uncertain') || states.has('submitting')) return 'unknown'
  return states.has('accepted') ? 'accepted' : 'none'
}

/** The name under which the Action Center lists what was sent; a plan proposed again has a name of its own. */
export function remediationName(caseNumber: number, { action, planVersion }: Remediation): string {
  return `PT-${String(caseNumber)} ${action} v${String(planVersion)}`
}

/** One POST to `analyzedEmail: remediate`. */
export interface RemediationRequest extends PlanChoice {
  displayName: string
  description: string
  copies: { networkMessageId: string; recipientEmailAddress: string }[]
}

export type SubmissionOutcome =
  | {
      kind: 'accepted'
      status: number
      trackingLink: string | null
      rawLocation: string | null
      requestId: string | null
    }
  /** The request never left this machine. */
  | { kind: 'notSent'; reason: string }
  | { kind: 'throttled'; retryAfterMs: number | null; requestId: string | null }
  | { kind: 'refused'; status: number; code: string; message: string; requestId: string | null }
  | { kind: 'uncertain'; reason: string; status: number | null; requestId: string | null }

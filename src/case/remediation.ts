// One plan on its way to Defender: the approval, its batches, and what is known of each. Never says more than was answered.
import type { PlanChoice } from './plan.js'
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
  /** What the policy asks about the person, as it was then: the submitter rules again without asking anybody. */
  standing: Standing
}

/** What some have approved and the policy wants more people for. */
export interface PendingApproval extends PlanChoice {
  planVersion: number
  digest: string
  approvals: Approval[]
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
 * What became of one copy. `moved`: it lies where the action puts it, and did not before. `already`: it lay there before.
 * `waiting`: it still lies where it was. `elsewhere`: it has gone to another place. `gone`: Defender lists it no more.
 */
export type CopyOutcome = 'moved' | 'already' | 'waiting' | 'elsewhere' | 'gone'

export interface RemediationOutcome {
  looks: number
  lastLookAt: number
  /** Null where nothing is looked at any more by itself. */
  nextLookAt: number | null
  /** One for each copy of the plan, in its order. */
  copies: CopyOutcome[]
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

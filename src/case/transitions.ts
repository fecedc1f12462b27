// The one table of states and events; every state change goes through it, and what is not listed cannot happen.
import type { CaseState } from './case.js'

export type CaseEvent =
  /** A look found the mail: a plan can be shown. */
  | 'found'
  | 'nothing'
  | 'cannotLook'
  | 'approve'
  /** An approval that the policy wants more of. */
  | 'approveInPart'
  /** Approvals so far are void: withdrawn, or their time is up. */
  | 'void'
  | 'reject'
  /** The first batch is about to be sent. */
  | 'begin'
  | 'allAccepted'
  | 'someRefused'
  | 'someUncertain'
  | 'proposeAgain'
  /** The looks after the request are over. */
  | 'verify'
  /** Copies turned up after an approval. */
  | 'followUp'
  /** What was moved shall go back. */
  | 'undo'
  /** Nobody wants the undo: what was removed stays removed. */
  | 'keep'
  /** A person has found the request in the Action Center. */
  | 'markDone'
  /** A triage names other mailboxes than the plan was made for: it must be made anew. */
  | 'narrow'
  /** A person gives a verdict on what cannot be remediated. */
  | 'close'
  | 'simulation'
  | 'expire'

type Row = Partial<Record<CaseEvent, CaseState>>

const beforePlan: Row = {
  found: 'proposed',
  nothing: 'nothingFound',
  cannotLook: 'unreadable',
  reject: 'rejected',
  keep: 'submitted',
  narrow: 'looking',
  simulation: 'simulation',
  expire: 'expired'
}

export const transitions: Record<CaseState, Row> = {
  looking: beforePlan,
  nothingFound: beforePlan,
  unreadable: { ...beforePlan, close: 'closed' },
  // A look that fails leaves the plan as it was shown; a look that finds nothing takes it back.
  proposed: {
    found: 'proposed',
    nothing: 'nothingFound',
    cannotLook: 'proposed',
    approve: 'approved',
    approveInPart: 'partlyApproved',
    reject: 'rejected',
    keep: 'submitted',
    narrow: 'looking',
    simulation: 'simulation',
    expire: 'expired'
  },
  // What people have approved stays only as long as the mail is as they saw it.
  partlyApproved: {
    found: 'proposed',
    nothing: 'nothingFound',
    cannotLook: 'partlyApproved',
    approve: 'approved',
    approveInPart: 'partlyApproved',
    void: 'proposed',
    reject: 'rejected',
    keep: 'submitted',
    narrow: 'looking',
    simulation: 'simulation',
    expire: 'expired'
  },
  approved: { begin: 'submitting', someRefused: 'failed' },
  submitting: { allAccepted: 'submitted', someRefused: 'failed', someUncertain: 'uncertain' },
  failed: { proposeAgain: 'looking', reject: 'rejected', expire: 'expired' },
  // An answer that arrives after all may still say that the request was accepted or refused.
  uncertain: {
    proposeAgain: 'looking',
    markDone: 'submitted',
    allAccepted: 'submitted',
    someRefused: 'failed',
    expire: 'expired'
  },
  submitted: { verify: 'verified', followUp: 'proposed', undo: 'proposed' },
  verified: { followUp: 'proposed', undo: 'proposed' },
  // A part may have been accepted before somebody closed the case, or nobody decided about the rest.
  rejected: { undo: 'proposed' },
  closed: {},
  simulation: {},
  expired: { undo: 'proposed' },
  joined: {}
}

/** The state after the event, or null where the event means nothing in this state. */
export function after(state: CaseState, event: CaseEvent): CaseState | null {
  return transitions[state][event] ?? null
}

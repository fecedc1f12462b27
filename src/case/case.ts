// A case: one suspicious message being handled, with all that was decided about it. Immutable; changes make a new record.
import type { Campaign } from './campaign.js'
import type { Candidates } from './choose.js'
import type { MailEvidence } from './mail.js'
import type { Plan } from './plan.js'
import type { PendingApproval, Remediation, VoidedApprovals } from './remediation.js'
import type { Claims, ConversationAddress, MessageKey, Person, ReportedKind } from './report.js'
import type { Waiting } from './waiting.js'

export type CaseState =
  | 'looking'
  | 'nothingFound'
  | 'unreadable'
  | 'proposed'
  /** Approved, but not yet by as many people as the policy asks for. */
  | 'partlyApproved'
  | 'approved'
  | 'submitting'
  | 'submitted'
  /** The mailboxes were looked at until every copy was accounted for, or the time was up. */
  | 'verified'
  | 'failed'
  | 'uncertain'
  | 'rejected'
  /** Closed by a person with a verdict, where there is nothing to remediate. */
  | 'closed'
  /** A phishing simulation of the organisation's own: nothing to remediate. */
  | 'simulation'
  | 'expired'
  | 'joined'

export type LookProblem =
  | { kind: 'forbidden'; permission: string; code: string }
  | { kind: 'noLicence'; code: string }
  | { kind: 'unavailable'; reason: string }
  | { kind: 'cloudWithoutApi'; code: string; version: string }
  /** Defender lists nothing, and what was reported is said to be older than what it keeps. Epoch ms. */
  | { kind: 'tooOld'; sentAt: number }
  /** Defender lists no copy of a message that is included: a plan without it would be a smaller one than was asked for. */
  | { kind: 'includedMissing'; networkMessageId: string }
  /** There is no mail to ask for: what was reported names none. */
  | { kind: 'noMail' }

export interface Look {
  /** Completed looks since the last time a person asked. */
  attempts: number
  lastAt: number | null
  nextAt: number | null
  problem: LookProblem | null
  /** Which last answers the reporter was told; each once. */
  told?: LookAnswer[]
}

/** How looking can end without a plan. */
export type LookAnswer = 'nothing' | 'forbidden' | 'noLicence' | 'tooOld' | 'cloudWithoutApi'

export const verdicts = ['phish', 'malware', 'spam', 'clean'] as const
/** What a person found a reported message to be. */
export type Verdict = (typeof verdicts)[number]

export interface Closing {
  by: Person | null
  reason: string
  verdict: Verdict | null
  at: number
}

export interface Reporters {
  /** Different people. */
  count: number
  first: Person
  /** Where the first reporter can be answered. */
  replyTo: ConversationAddress | null
  /** What the report that opened the case takes the mail for; later ones do not change it. */
  kind: ReportedKind
  /** The first report's claims that are not empty. */
  claims: Claims | null
  /** At most three, newest first. */
  notes: string[]
}

export interface CaseRecord {
  number: number
  /** Rises with every stored change; the compare-and-swap of the store. */
  revision: number
  state: CaseState
  message: MessageKey
  recipients: string[]
  openedBy: Person
  openedAt: number
  /** The closed case of the same message that came before, if any. */
  previousCase: number | null
  joinedInto: number | null
  /** 0 until a look found the mail; rises when copies, evidence or state change, never with another report. */
  planVersion: number
  look: Look
  mail: MailEvidence | null
  plan: Plan | null
  /** The approvals so far of a plan that needs more of them. */
  pending: PendingApproval | null
  /** The approvals before the next decision that are void; null where there were none. */
  voided: VoidedApprovals | null
  remediations: Remediation[]
  /** Null where nobody has looked for similar messages. */
  campaign: Campaign | null
  /** Messages that what was reported may be about; null where it names one itself. */
  candidates: Candidates | null
  closing: Closing | null
  /** Kept by the store: a change that makes the case wait for somebody else begins a new one. */
  waiting: Waiting
  /** Counted by the store from the reports; a change cannot set them. */
  reporters: Reporters
}

const ended: readonly CaseState[] = ['submitted', 'verified', 'rejected', 'closed', 'simulation', 'expired', 'joined']

export function isOpen(state: CaseState): boolean {
  return !ended.includes(state)
}

export function caseName(number: number): string {
  return `PT-${String(number)}`
}

/** This person's yes is among the approvals of the case, whatever became of it. */
export function hasApproved({ pending, remediations }: CaseRecord, objectId: string): boolean {
  const approvals = [...(pending?.approvals ?? []), ...remediations.flatMap((each) => each.approvals)]
  return approvals.some(({ person }) => person.objectId.toLowerCase() === objectId.toLowerCase())
}

/** The remediation of the newest approval, or null where nothing was approved yet. */
export function latestRemediation(record: CaseRecord): Remediation | null {
  return record.remediations.at(-1) ?? null
}

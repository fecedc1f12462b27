// What the domain needs from the outside, named for the need. No SDK type and no supplier's name may appear here.
import type { AuditEntry, OutboxEntry } from './change.js'
import type { CaseRecord } from './case.js'
import type { CampaignAnswer, CampaignStep, MessageOfCase, OpenElsewhere } from './campaign.js'
import type { Disposition } from './disposition.js'
import type { CopyEvent, FindResult, LookResult, MailQuery, ResolveResult, SimilarMessage } from './mail.js'
import type { Plan } from './plan.js'
import type { PersonRights } from './policy.js'
import type { ConversationAddress, Report } from './report.js'
import type { ReportSourceName } from './report-source.js'
import type { ReviewCategory, ReviewOutcome } from './submission-review.js'
import type { RemediationRequest, SubmissionOutcome } from './remediation.js'
import type { Statistics } from './statistics.js'

/** The only source of time. Epoch milliseconds. */
export interface Clock {
  now(): number
  /** Calls back once at or after the given time; the answer cancels it. */
  wake(at: number, callback: () => void): () => void
}

export type Narrowed = 'no' | 'yes' | 'tooLate'

/** What can be said of a case to whoever reported it. The whole record would be read thousands of times in a storm. */
export type OpenedCase = Pick<CaseRecord, 'number' | 'state' | 'recipients' | 'previousCase'>

export type OpenAnswer =
  | { kind: 'opened' | 'repeated'; record: OpenedCase }
  /** `narrowed`: whether the triage changed which mailboxes the case is about; `tooLate` once it is approved. */
  | { kind: 'joined'; record: OpenedCase; narrowed: Narrowed }
  | { kind: 'limited'; waiting: number }

/** What a change wants stored; all of it or nothing. `next: null` stores nothing. */
export interface Step<T> {
  next: CaseRecord | null
  outbox: OutboxEntry[]
  audit: AuditEntry[]
  answer: T
}

export interface CaseStore {
  /** Joins the open case of this message or opens one. `repeated`: this very activity was taken before. */
  open(report: Report, limits: { unresolvedPerHour: number }): Promise<OpenAnswer>
  read(number: number): Promise<CaseRecord | null>
  /**
   * Loads the case, asks `decide` (pure, may be asked again when another change came first) and stores its step in one
   * transaction by compare-and-swap on the revision. Null: no such case. An ended case can be opened again only where
   * `openCase`, the open case of the same message, is null; it stays so until the step is stored. `elsewhere`: which
   * messages like an ended case's other open cases act on.
   */
  change<T>(
    number: number,
    decide: (record: CaseRecord, openCase: number | null, elsewhere: MessageOfCase[]) => Step<T>
  ): Promise<T | null>
  /** Gives an unresolved case its networkMessageId, or joins it to the open case that already has it. */
  identify(number: number, networkMessageId: string, at: number): Promise<{ joinedInto: number | null }>
  /** Open cases, those first that wait for people, the longest wait first; at most `limit`. */
  openCases(limit: number): Promise<{ records: CaseRecord[]; total: number }>
}

export interface EndedCase {
  record: CaseRecord
  /** When it ended; what became of its request may have been seen later. */
  endedAt: number
}

export interface CaseStatistics {
  /** @param from inclusive, @param to exclusive; epoch ms. What it costs hangs on what happened between, not on all that is kept. */
  between(from: number, to: number): Promise<Statistics>
  /** Cases that have ended, those first that ended last; without those that joined another. */
  ended(page: { skip: number; limit: number }): Promise<{ cases: EndedCase[]; more: boolean }>
}

/** A case's record holds its current plan; what was approved before is looked at too. */
export interface PlanHistory {
  /** Every version, oldest first. */
  plansOf(caseNumber: number): Promise<Plan[]>
}

export interface CampaignStore {
  /**
   * Like a change of the case store, and in the same transaction the cases that `decide` names join this one.
   * @param decide pure; is told which of the similar messages have an open case, their own or one that includes them.
   */
  change(
    number: number,
    decide: (record: CaseRecord, elsewhere: OpenElsewhere[]) => CampaignStep
  ): Promise<CampaignAnswer | null>
}

export interface CaseReports {
  /**
   * Whether the person has reported the case's mail, under the object id or elsewhere under an own address, and whether
   * the person has asked for a decision about it by a triage.
   */
  partOf(
    caseNumber: number,
    person: { objectId: string; mailboxes: string[] }
  ): Promise<{ reported: boolean; triaged: boolean }>
}

export interface ToldReporter {
  reporterId: string
  /** The person's newest report that can be answered. */
  reportId: number
  replyTo: ConversationAddress | null
  mailboxes: string[]
  /** What that report claims; empty where it claims none. */
  subject: string
  /** The person's submission in Defender, if the report came from there. */
  submissionId: string | null
  /** What the person was told last. */
  told: Disposition | null
}

/** Who reported a case's mail and what they were told of it. */
export interface ReporterOutcomes {
  /** Each person once, in the order of `reportId`. */
  page(caseNumber: number, part: { after: number; limit: number }): Promise<ToldReporter[]>
  /** Stores what each is told, and the work of telling it, in one transaction. */
  tell(
    caseNumber: number,
    told: { reporterId: string; disposition: Disposition }[],
    outbox: OutboxEntry[]
  ): Promise<void>
}

export interface SubmissionReviews {
  /** Never throws for anything the network or Graph did. */
  review(submissionId: string, category: ReviewCategory): Promise<ReviewOutcome>
}

export interface EmailRemediation {
  /** Sends at most one request that could be accepted. Never throws for anything the network or Graph did. */
  submit(request: RemediationRequest): Promise<SubmissionOutcome>
}

export interface MailSearch {
  byNetworkMessageId(networkMessageId: string): Promise<LookResult>
  /** @param internetMessageId with angle brackets. */
  byInternetMessageId(internetMessageId: string): Promise<ResolveResult>
}

/** What Defender did to mail after its delivery: more evidence than a search gives, where the bot may ask for it. */
export interface PostDelivery {
  /** Empty where it cannot be asked: that says nothing. Never throws for anything the network or Graph did. */
  eventsOf(networkMessageIds: string[]): Promise<CopyEvent[]>
}

export interface MessageFinding {
  /** Never throws for anything the network or Graph did. */
  find(query: MailQuery): Promise<FindResult>
  /** The other messages of the last 30 days that look like this one. */
  cluster(of: { networkMessageId: string }): Promise<FindResult<SimilarMessage>>
}

export interface Directory {
  /** Answers within 1.5 s, whatever the directory does. Asked at click time; may be up to 60 s old. */
  rightsOf(objectId: string, groups: string[]): Promise<PersonRights>
}

export interface MessageReference extends ConversationAddress {
  activityId: string
}

/** `posting` on disk before the create, so that an unknown outcome is found after a restart. */
export interface PostedMessage {
  key: string
  state: 'posting' | 'posted' | 'unknown'
  creates: number
  reference: MessageReference | null
}

/** What the bot has posted about cases, by key (`card:1042`, `link:1042-3`), so that it can be edited later. */
export interface PostedMessages {
  find(key: string): Promise<PostedMessage | null>
  /** Writes the intent to create; answers how many creates that makes. */
  intend(key: string): Promise<number>
  /** Stores where the message stands; with `onlyIfUnknown`, an id that is already known wins. True: stored. */
  bind(key: string, reference: MessageReference, onlyIfUnknown?: boolean): Promise<boolean>
  /** `notSent`: this create surely was not, and does not count; what came of those before it stays unknown. */
  settle(key: string, state: 'unknown' | 'notSent' | 'forgotten'): Promise<void>
}

export type ConversationFact = 'serviceUrl' | 'socTeam'

export interface SourceState {
  cursor: string | null
  lastSuccessAt: number | null
  lastError: { at: number; reason: string } | null
}

/** How far each report source was read, and how the last try went. */
export interface SourceLog {
  read(source: ReportSourceName): Promise<SourceState>
  /** Only after everything up to the cursor is stored. */
  succeeded(source: ReportSourceName, cursor: string, at: number): Promise<void>
  failed(source: ReportSourceName, reason: string, at: number): Promise<void>
}

/** Reads what was recorded; adding to it is the store's own affair, in the transaction of what is recorded. */
export interface AuditTrail {
  /** A case's rows, or those of these events, oldest first, from the given place on; `total` counts all that are kept. */
  entriesOf(
    caseNumber: number,
    page: { skip: number; limit: number; events?: readonly string[] }
  ): Promise<{ entries: AuditEntry[]; total: number }>
}

/** Small facts about conversations that must survive a restart. */
export interface ConversationMemory {
  /** True for the first caller with this key, ever (until released). */
  claim(key: string): Promise<boolean>
  release(key: string): Promise<void>
  /** Keeps the newest value of a fact: where this tenant's Teams is reached, and which team the SOC channel is in. */
  remember(fact: ConversationFact, value: string): Promise<void>
  recall(fact: ConversationFact): Promise<string | null>
}

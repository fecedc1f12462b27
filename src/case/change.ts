// What is stored together with a changed case: work for the outbox and rows of the audit log.
import type { Disposition } from './disposition.js'
import type { MailQuery } from './mail.js'
import type { ConversationAddress, Person } from './report.js'
import type { ReportSourceName } from './report-source.js'
import type { ReviewCategory } from './submission-review.js'

/** A file that a reporter sent in a personal chat; name and URL are untrusted. */
export interface ReportedFile {
  name: string
  downloadUrl: string
  reporter: Person
  /** The reporter's own addresses. */
  mailboxes: string[]
  replyTo: ConversationAddress
  at: number
}

/** Entries of one kind and key are one piece of work: a second one makes it run again, it does not queue behind it. */
export type OutboxEntry =
  /** Look the mail up in Defender. */
  | { kind: 'look'; caseNumber: number; dueAt: number }
  /** Post the case's card, or bring it up to date. */
  | { kind: 'card'; caseNumber: number; dueAt: number }
  /** Send the approved remediation's batches. */
  | { kind: 'submit'; caseNumber: number; dueAt: number }
  /** Post the tracking links of a remediation, or bring them up to date. */
  | { kind: 'link'; caseNumber: number; planVersion: number; dueAt: number }
  /** Look what became of the copies that Defender was asked to act on. */
  | { kind: 'verify'; caseNumber: number; dueAt: number }
  /** Say in the thread that copies turned up and need a decision. */
  | { kind: 'turnedUp'; caseNumber: number; planVersion: number; dueAt: number }
  /** Tell somebody something once. */
  | { kind: 'notice'; id: string; to: ConversationAddress; text: string; dueAt: number }
  /** Tell everybody who reported the mail how its case ended. */
  | { kind: 'tell'; caseNumber: number; dueAt: number }
  /** Tell one of them. `subject` is their own report's claim. */
  | {
      kind: 'outcome'
      id: string
      caseNumber: number
      to: ConversationAddress
      disposition: Disposition
      subject: string
      dueAt: number
    }
  /** Write back what a submission was found to be. */
  | { kind: 'review'; submissionId: string; caseNumber: number; category: ReviewCategory; dueAt: number }
  /** Fetch a file that was sent as a report, and open its case. */
  | { kind: 'file'; id: string; file: ReportedFile; dueAt: number }
  /** Search for mail, and answer with the list. */
  | { kind: 'find'; id: string; query: MailQuery; to: ConversationAddress; dueAt: number }
  /** Ask a report source for what is new. */
  | { kind: 'poll'; source: ReportSourceName; dueAt: number }
  /** Remove the audit rows whose time is over. */
  | { kind: 'retention'; dueAt: number }
  /** Void the approvals so far if the others have not come. */
  | { kind: 'pendingEnds'; caseNumber: number; dueAt: number }
  /** Tell people that the case waits for them, if it still does. */
  | { kind: 'nudge'; caseNumber: number; dueAt: number }
  /** Ask Defender for messages like the case's. */
  | { kind: 'campaign'; caseNumber: number; dueAt: number }
  /** Say in the thread which similar messages a later look saw first at this time. */
  | { kind: 'similar'; caseNumber: number; seenAt: number; dueAt: number }
  /** Give the messages that were left out of a case's plan again cases of their own. */
  | { kind: 'apart'; caseNumber: number; dueAt: number }
  /** Ask Defender which messages a report without ids may be about. */
  | { kind: 'candidates'; caseNumber: number; dueAt: number }
  /** Close the case if nobody has decided. */
  | { kind: 'expire'; caseNumber: number; dueAt: number }

export interface AuditEntry {
  at: number
  caseNumber: number
  event: string
  actor: Person | null
  /** Facts as they were, untrusted text included; rendered by nobody but the audit tools. */
  detail: Record<string, unknown>
}

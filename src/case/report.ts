// A report: somebody says that a mail is phish. Never more than what the reporter gave.

/**
 * A person of the tenant, known by Entra object id; the name is for display only and identifies nobody. Somebody who
 * reported elsewhere is known by address, as `mailto:…`: no policy can name that.
 */
export interface Person {
  objectId: string
  name: string
}

/** How Defender finds a mail. */
export type MailKey = { kind: 'networkMessageId'; value: string } | { kind: 'internetMessageId'; value: string }

/** What a case is about: a mail, or something that names none and can only be read and closed by a person. */
export type MessageKey =
  | MailKey
  /** A file that could not be read as a mail; its SHA-256, hex. */
  | { kind: 'file'; value: string }
  /** A message in Teams; its id, unique within its conversation. */
  | { kind: 'teamsMessage'; value: string }

/** What the report says of the mail. Untrusted, and shown only as a claim. */
export interface Claims {
  subject: string
  senderAddress: string
  /** When the mail was sent or received. Epoch ms; absent where the report does not say. */
  sentAt?: number
}

/** Where an answer to the reporter can be sent later. */
export interface ConversationAddress {
  conversationId: string
  serviceUrl: string
}

/** What the reporter, or the system that reports, takes the mail for. */
export type ReportedKind = 'phish' | 'junk' | 'notJunk' | 'simulation'

/** The way a report came in. Only `triage` is an analyst's wish to decide; all others are reports. */
export type ReportOrigin = 'report' | 'triage' | 'file' | 'messageAction' | 'alerts' | 'submissions' | 'mailbox' | 'api'

export interface Report {
  message: MessageKey
  /** `triage` may narrow the case to these mailboxes; `all` takes that back, and an empty list says nothing. */
  recipients: string[] | 'all'
  reporter: Person
  /** The reporter's own addresses where they are known: what became of that copy is what the reporter is told. */
  mailboxes: string[]
  note: string
  claims: Claims | null
  origin: ReportOrigin
  kind: ReportedKind
  /** Identifies the activity, so that a redelivered one joins what it opened. */
  activityKey: string
  /** Where the reporter can be answered later; null for a report that another one led to. */
  replyTo: ConversationAddress | null
  at: number
}

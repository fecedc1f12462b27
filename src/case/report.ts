// A report: somebody says that a mail is phish. Never more than what the reporter gave.

/** A person of the tenant, known by Entra object id; the name is for display only and identifies nobody. */
export interface Person {
  objectId: string
  name: string
}

export type MessageKey = { kind: 'networkMessageId'; value: string } | { kind: 'internetMessageId'; value: string }

/** What the report says of the mail. Untrusted, and shown only as a claim. */
export interface Claims {
  subject: string
  senderAddress: string
}

/** Where an answer to the reporter can be sent later. */
export interface ConversationAddress {
  conversationId: string
  serviceUrl: string
}

export interface Report {
  message: MessageKey
  /** `triage` may narrow the case to these mailboxes; empty means all. */
  recipients: string[]
  reporter: Person
  note: string
  claims: Claims | null
  origin: 'report' | 'triage'
  /** Identifies the activity, so that a redelivered one joins what it opened. */
  activityKey: string
  /** Where the reporter can be answered later; null for a report that another one led to. */
  replyTo: ConversationAddress | null
  at: number
}

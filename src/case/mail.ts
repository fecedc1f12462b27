// What Defender knows of one message: evidence and copies, in Graph's spellings. Never holds what a report claims.

export type DeliveryLocation =
  | 'inbox_folder'
  | 'junkFolder'
  | 'deletedFolder'
  | 'quarantine'
  | 'others'
  | 'onprem_external'
  | 'failed'
  | 'dropped'
  | 'unknown'

/** One message in one mailbox; Graph's `analyzedEmail`. */
export interface MailCopy {
  networkMessageId: string
  recipientEmailAddress: string
  location: DeliveryLocation
}

export type Direction = 'inbound' | 'outbound' | 'intraOrg' | 'unknown'

/** What Graph says of a message. Every string is untrusted text. Counts may exceed the lists, which are capped on read. */
export interface MailEvidence {
  subject: string
  senderAddress: string
  senderName: string
  mailFromAddress: string
  senderIp: string
  internetMessageId: string
  /** Epoch milliseconds, or null where Graph gave none. */
  receivedAt: number | null
  direction: Direction
  threatTypes: string[]
  confidence: string
  detectionMethods: string[]
  authentication: { spf: string; dkim: string; dmarc: string; composite: string }
  urls: { url: string; threat: string }[]
  urlCount: number
  attachments: { name: string; bytes: number | null; threat: string }[]
  attachmentCount: number
}

/**
 * Something that moved a copy, or tried to. Evidence of what became of it, and never part of a plan. `other`: what Graph
 * has no word of its own for, an administrator's remediation among it.
 */
export interface CopyEvent {
  networkMessageId: string
  recipientEmailAddress: string
  /** Epoch milliseconds. */
  at: number
  by: 'administrator' | 'defender' | 'user'
  kind: 'zap' | 'air' | 'release' | 'other'
  result: 'done' | 'already' | 'failed' | 'unknown'
}

export interface Mail {
  networkMessageId: string
  evidence: MailEvidence
  copies: MailCopy[]
  /** What has happened to the copies since they were delivered; absent where nothing was read of it. */
  events?: CopyEvent[]
}

/** The answers a look at Defender can have. Only `found` and `nothing` say anything about the mail. */
export type LookResult =
  | { kind: 'found'; mail: Mail }
  | { kind: 'nothing' }
  | { kind: 'forbidden'; permission: string; code: string }
  | { kind: 'noLicence'; code: string }
  /** This Microsoft Graph has no such operation: another cloud than the global one, or a wrong version. */
  | { kind: 'cloudWithoutApi'; code: string; version: string }
  | { kind: 'unavailable'; reason: string; retryAfterMs: number | null }

export interface FoundMessage {
  networkMessageId: string
  subject: string
  senderAddress: string
  copies: number
}

export interface ReceivedMessage extends FoundMessage {
  /** Epoch milliseconds; null where Graph gave none. */
  receivedAt: number | null
}

/**
 * `cluster`: Defender's own similarity. `senderAndSubject`: the same sender and, but for marks of answers, the same
 * subject. `alert`: an alert names it as similar, and nothing more is known of it.
 */
export interface SimilarMessage extends ReceivedMessage {
  why: 'cluster' | 'senderAndSubject' | 'alert'
}

/** What a person remembers of a mail; empty for what they do not, never both. */
export interface MailQuery {
  /** The whole address of the sender. */
  from: string
  /** Any part of the subject. */
  subject: string
  /** How far back, in milliseconds; 30 days at most. */
  sinceMs: number
  /** Only what arrived at least so long ago, in milliseconds. */
  untilMs?: number
}

/** Newest first. `more`: there are others, which are not in the list. */
export type FindResult<M extends ReceivedMessage = ReceivedMessage> =
  { kind: 'messages'; messages: M[]; more: boolean } | Exclude<LookResult, { kind: 'found' }>

export type ResolveResult =
  /** `more`: there are others, which are not in the list. */
  { kind: 'messages'; messages: FoundMessage[]; more: boolean } | Exclude<LookResult, { kind: 'found' }>

// What reading a reported mail file can answer. Everything in it but the size and the hash is the sender's to choose:
// it must never be taken for what Defender knows.
import type { Claims, MailKey } from '../case/report.js'

export interface FileFacts {
  name: string
  bytes: number
  /** Lower-case hex; empty only where the thread died while it was hashing. */
  sha256: string
}

export interface MailClaims extends Claims {
  /** The addresses of all From headers, at most 20. */
  from: string[]
  /** ISO 8601 in UTC, or the header as it stands where it is no date. */
  date: string | null
  returnPath: string | null
}

/** What makes a claim ambiguous, so that nobody takes the first of several for the only one. */
export type MailFlag =
  | 'duplicateFrom'
  | 'multipleFrom'
  | 'quotedLocalPart'
  | 'duplicateMessageId'
  | 'duplicateNetworkMessageId'
  /** The two headers that Exchange writes the same networkMessageId into hold different ones. */
  | 'networkMessageIdsDiffer'
  | 'duplicateCrossTenantId'
  /** Only the start of an oversized header block was read. */
  | 'headersCut'
  /** More mails are attached, or deeper, than are read. */
  | 'moreAttached'
  /** An attached mail of which only the headers were read. */
  | 'bodyNotRead'

export interface ReadMail {
  /** Every distinct one, at most 20, the best first: Defender's own id, its transport twin, the Message-ID. */
  keys: MailKey[]
  claims: MailClaims
  /** Null also where several headers name different tenants. */
  crossTenantId: string | null
  flags: MailFlag[]
  /** At most 50, as they stand in the text. */
  urls: string[]
  /** At most 50, attached mails included. */
  attachments: { name: string; bytes: number }[]
  /** At most 10 in all, at most 3 deep. */
  attached: ReadMail[]
}

export type BodyProblem = 'tooLarge' | 'tooComplex' | 'tooSlow' | 'outOfMemory' | 'damaged'
export type UnreadableReason = BodyProblem | 'empty' | 'notMail'

export type MailOutcome =
  /** `bodyProblem` says why only the headers were read; null where everything was. */
  { kind: 'mail'; mail: ReadMail; bodyProblem: BodyProblem | null } | { kind: 'unreadable'; reason: UnreadableReason }

export type MailFileAnswer =
  | { kind: 'mail'; file: FileFacts; mail: ReadMail; bodyRead: boolean; bodyProblem: BodyProblem | null }
  | { kind: 'unreadable'; file: FileFacts; reason: UnreadableReason }

export const mailLimits = {
  fileBytes: 25 * 1024 * 1024,
  parsedBytes: 10 * 1024 * 1024,
  headerBytes: 256 * 1024,
  headerLines: 1_000,
  boundaryLines: 1_000,
  lines: 400_000,
  keys: 20,
  from: 20,
  urls: 50,
  attachments: 50,
  attached: 10,
  attachedDepth: 3,
  /** Characters of any one text; longer ones are cut. */
  text: 1_000,
  url: 2_048
} as const

/** Cut, and without what a database or a JSON parser might refuse: NUL and halves of surrogate pairs. */
export function claimText(text: string, limit: number = mailLimits.text): string {
  return text.slice(0, limit).replace(/\0|\p{Surrogate}/gu, '\ufffd')
}

/** What a case keeps of them. A date that is none is left out. */
export function claimsOf({ subject, senderAddress, date }: MailClaims): Claims {
  const sentAt = date === null ? NaN : Date.parse(date)
  return { subject, senderAddress, ...(Number.isNaN(sentAt) ? {} : { sentAt }) }
}

export class UnreadablePart extends Error {
  override name = 'UnreadablePart'
  constructor(readonly reason: 'damaged' | 'tooComplex') {
    super(reason)
  }
}

// Places that are asked for reports again and again: what each answers, whatever system stands behind it. No I/O of its own.
import type { Claims, MailKey, ReportedKind } from './report.js'

export type { ReportedKind }

export const reportSources = ['alerts', 'submissions', 'mailbox'] as const
export type ReportSourceName = (typeof reportSources)[number]

/** One mail that a source reports. Everything but `sourceId` is as the source gave it, untrusted. */
export interface FoundReport {
  /** The same for the same report at every poll: what was taken once is not taken again. */
  sourceId: string
  message: MailKey
  kind: ReportedKind
  /** Null where the source does not say who. */
  reporter: { address: string; name: string } | null
  claims: Claims | null
  note: string
  /** Epoch milliseconds; null where the source does not say. */
  reportedAt: number | null
  /** Nobody reported it: the source counts it as similar to this mail, whose report stands before it. */
  similarTo?: MailKey
}

/** Something that arrived and is no report, kept so that a person can find out why. */
export interface LeftOutReport {
  sourceId: string
  reason: string
}

export type PollAnswer =
  | {
      kind: 'read'
      reports: FoundReport[]
      leftOut: LeftOutReport[]
      /** To be given to the next poll, once the reports are stored. */
      cursor: string
      /** Ask again at once: there are more. */
      more: boolean
    }
  | { kind: 'failed'; reason: string; retryAfterMs: number | null }

export interface ReportSource {
  name: ReportSourceName
  /** @param cursor null at the very first poll. Never throws for anything the network or the other side did. */
  poll(cursor: string | null): Promise<PollAnswer>
}

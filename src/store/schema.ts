// The tables as Kysely sees them. Times are epoch milliseconds, Booleans 0 or 1, JSON is text; rows never leave this folder.
import type { Generated, Insertable, Kysely, Selectable, Transaction } from 'kysely'

export interface CasesTable {
  number: number
  revision: number
  state: string
  message_kind: string
  /** A networkMessageId is lower-cased. */
  message_value: string
  /** The message's value while the case is open; unique, so that a message has at most one open case. */
  open_key: string | null
  recipients: string
  /** What the first report took the mail for. It never changes: the card's proposal hangs on it. */
  kind: string
  opened_by: string
  opened_at: number
  previous_case: number | null
  joined_into: number | null
  plan_version: number
  /** The version of the plan that the case shows now; older ones stay in `plans`. */
  current_plan: number | null
  look: string
  mail: string | null
  pending: string | null
  voided: string | null
  campaign: string | null
  candidates: string | null
  closing: string | null
  /** Different people. */
  reporter_count: Generated<number>
  /** Ids of reports: the first one, and the first one with claims. */
  first_report: number | null
  first_claims: number | null
  /** JSON: ids of reports with a note, the newest first and at most three. */
  newest_notes: Generated<string>
  waiting_period: number
  waiting_since: number
  waits_for_people: number
  /** What was posted about this wait. */
  nudges: string
  /** How the statistics count its reports. */
  judgement: Generated<string>
  /** When a person decided first. It stays, whatever is decided later. */
  decided_at: number | null
  /** Null while it is open, and where it joined another. */
  ended_at: number | null
}

/** Messages that cases act on besides their own; a row goes when its message is left out again. */
export interface CaseMessagesTable {
  message_value: string
  case_number: number
  /** 1 while the case is open: a message has at most one of these. */
  held: number
}

export interface PlansTable {
  case_number: number
  version: number
  body: string
}

export interface RemediationsTable {
  case_number: number
  plan_version: number
  action: string
  severity: string
  remediate_senders_copy: number
  digest: string
  approvals: string
  decided_at: number
  outcome: string | null
  purpose: string
  /** When a look had found every copy accounted for. */
  settled_at: number | null
}

export interface BatchesTable {
  case_number: number
  plan_version: number
  seq: number
  first_copy: number
  end_copy: number
  state: string
  token: string | null
  lease_until: number | null
  attempts: number
  first_tried_at: number | null
  sent_at: number | null
  answered_at: number | null
  tracking_link: string | null
  raw_location: string | null
  status: number | null
  code: string | null
  message: string | null
  request_id: string | null
}

export interface ReportsTable {
  id: Generated<number>
  case_number: number
  reporter_id: string
  reporter_name: string
  activity_key: string
  origin: string
  kind: string
  note: string
  recipients: string
  claims: string | null
  reply_to: string | null
  /** JSON: the reporter's own addresses. */
  mailboxes: Generated<string>
  at: number
}

export interface OutboxTable {
  id: Generated<number>
  kind: string
  key: string
  payload: string
  due_at: number
  /** When it was asked for again while it ran; null where it was not. */
  again_at: number | null
  lease_until: number | null
  lease_token: string | null
  attempts: number
  last_error: string | null
  created_at: number
}

export interface AuditTable {
  /** From 1 without gaps; the oldest ones may have been removed, see `audit_checkpoint`. */
  seq: number
  at: number
  case_number: number
  event: string
  /** Canonical JSON, as `detail`. */
  actor: string | null
  detail: string
  /** The hash of the row before. */
  prev_hash: string
  hash: string
}

/** One row: the newest row of the audit log. Locked by whoever adds to it. */
export interface AuditHeadTable {
  id: number
  seq: number
  hash: string
}

/** Rows up to `seq`, whose hash is kept here, were removed when their time was over. */
export interface AuditCheckpointTable {
  seq: number
  hash: string
  at: number
  removed: number
}

export interface PostedMessagesTable {
  key: string
  state: string
  creates: number
  conversation_id: string | null
  service_url: string | null
  activity_id: string | null
  /** When Teams first said that it stands there; null where that was never said. */
  posted_at: number | null
}

export interface ToldTable {
  case_number: number
  reporter_id: string
  disposition: string
  at: number
}

export interface IdempotencyTable {
  key: string
  hash: string
  activity_key: string
  /** Null until the request was answered for good. */
  status: number | null
  body: string | null
  lease_until: number
  created_at: number
}

export interface SourcesTable {
  name: string
  cursor: string | null
  succeeded_at: number | null
  failed_at: number | null
  failure: string | null
}

export interface Schema {
  counters: { name: string; value: number }
  cases: CasesTable
  case_messages: CaseMessagesTable
  plans: PlansTable
  remediations: RemediationsTable
  batches: BatchesTable
  reports: ReportsTable
  outbox: OutboxTable
  audit: AuditTable
  audit_head: AuditHeadTable
  audit_checkpoint: AuditCheckpointTable
  posted_messages: PostedMessagesTable
  told: ToldTable
  idempotency: IdempotencyTable
  claims: { key: string; at: number }
  settings: { name: string; value: string }
  sources: SourcesTable
}

export type CaseRow = Selectable<CasesTable>
export type AuditRow = Selectable<AuditTable>
export type BatchRow = Selectable<BatchesTable>
export type NewReportRow = Insertable<ReportsTable>

/** Either the database itself or a transaction on it. */
export type Queries = Kysely<Schema>
export type Within = Transaction<Schema>

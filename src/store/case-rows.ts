// Turns rows into case records and parts of records into rows. Reads only; what may change is the case store's affair.
import type { Campaign } from '../case/campaign.js'
import type { Candidates } from '../case/choose.js'
import type { CaseRecord, CaseState, Closing, Look } from '../case/case.js'
import type { MailEvidence } from '../case/mail.js'
import type { Plan, RemediationAction, Severity } from '../case/plan.js'
import type {
  Approval,
  Batch,
  BatchState,
  PendingApproval,
  Remediation,
  RemediationOutcome,
  VoidedApprovals
} from '../case/remediation.js'
import type { MessageKey, Person, ReportedKind } from '../case/report.js'
import { type NudgeKind, type Waiting, waitsForPeople } from '../case/waiting.js'
import { reportersOf, storable } from './case-reports.js'
import type { BatchRow, CaseRow, Queries } from './schema.js'

/** The records of these rows, in their order. Four queries at most, however many rows. */
export async function recordsOf(queries: Queries, rows: CaseRow[]): Promise<CaseRecord[]> {
  const plans = await plansOf(
    queries,
    numbersOf(rows, ({ current_plan }) => current_plan !== null)
  )
  // What was never proposed cannot have been approved.
  const remediations = await remediationsOf(
    queries,
    numbersOf(rows, ({ plan_version }) => plan_version > 0)
  )
  const reporters = await reportersOf(queries, rows)
  return rows.map((row) => ({
    number: row.number,
    revision: row.revision,
    state: row.state as CaseState,
    message: { kind: row.message_kind, value: row.message_value } as MessageKey,
    recipients: JSON.parse(row.recipients) as string[],
    openedBy: JSON.parse(row.opened_by) as Person,
    openedAt: row.opened_at,
    previousCase: row.previous_case,
    joinedInto: row.joined_into,
    planVersion: row.plan_version,
    look: JSON.parse(row.look) as Look,
    mail: parsed<MailEvidence>(row.mail),
    plan: plans.get(row.number) ?? null,
    pending: pendingOf(row),
    voided: parsed<VoidedApprovals>(row.voided),
    remediations: remediations.get(row.number) ?? [],
    campaign: parsed<Campaign>(row.campaign),
    candidates: parsed<Candidates>(row.candidates),
    closing: parsed<Closing>(row.closing),
    waiting: waitingOf(row),
    reporters: { ...reporters(row), kind: row.kind as ReportedKind }
  }))
}

function numbersOf(rows: CaseRow[], which: (row: CaseRow) => boolean): number[] {
  return rows.filter(which).map(({ number }) => number)
}

async function plansOf(queries: Queries, numbers: number[]): Promise<Map<number, Plan>> {
  if (numbers.length === 0) return new Map()
  const rows = await queries
    .selectFrom('cases')
    .innerJoin('plans', (join) =>
      join.onRef('plans.case_number', '=', 'cases.number').onRef('plans.version', '=', 'cases.current_plan')
    )
    .select(['plans.case_number', 'plans.body'])
    .where('cases.number', 'in', numbers)
    .execute()
  return new Map(rows.map((row) => [row.case_number, planOf(row.body)]))
}

async function remediationsOf(queries: Queries, numbers: number[]): Promise<Map<number, Remediation[]>> {
  if (numbers.length === 0) return new Map()
  const rows = await queries
    .selectFrom('remediations')
    .selectAll()
    .where('case_number', 'in', numbers)
    .orderBy('plan_version')
    .execute()
  if (rows.length === 0) return new Map()
  const batchRows = await queries
    .selectFrom('batches')
    .selectAll()
    .where('case_number', 'in', numbers)
    .orderBy('seq')
    .execute()

  const batches = new Map<string, Batch[]>()
  for (const row of batchRows) push(batches, `${String(row.case_number)}-${String(row.plan_version)}`, batchOf(row))
  const remediations = new Map<number, Remediation[]>()
  for (const row of rows) {
    push(remediations, row.case_number, {
      planVersion: row.plan_version,
      action: row.action as RemediationAction,
      severity: row.severity as Severity,
      remediateSendersCopy: row.remediate_senders_copy === 1,
      digest: row.digest,
      approvals: JSON.parse(row.approvals) as Approval[],
      decidedAt: row.decided_at,
      outcome: parsed<RemediationOutcome>(row.outcome),
      batches: batches.get(`${String(row.case_number)}-${String(row.plan_version)}`) ?? []
    })
  }
  return remediations
}

/** Plans from before there were several purposes have none. */
export function planOf(body: string): Plan {
  const plan = JSON.parse(body) as Omit<Plan, 'purpose'> & Partial<Plan>
  return { ...plan, purpose: plan.purpose ?? 'remediate' }
}

export function pendingOf({ pending }: Pick<CaseRow, 'pending'>): PendingApproval | null {
  return parsed(pending)
}

function parsed<T>(json: string | null): T | null {
  return json === null ? null : (JSON.parse(json) as T)
}

/** What a change can set. The message, who opened the case and when, and what is counted of its reports are not among it. */
export function rowOf(record: CaseRecord): Omit<CaseRow, 'number' | 'revision' | 'open_key' | FixedColumn> {
  return {
    state: record.state,
    recipients: JSON.stringify(record.recipients),
    joined_into: record.joinedInto,
    plan_version: record.planVersion,
    current_plan: record.plan?.version ?? null,
    look: JSON.stringify(record.look),
    mail: record.mail === null ? null : JSON.stringify(record.mail),
    pending: record.pending === null ? null : JSON.stringify(record.pending),
    voided: record.voided === null ? null : JSON.stringify(record.voided),
    campaign: record.campaign === null ? null : JSON.stringify(record.campaign),
    candidates: record.candidates === null ? null : JSON.stringify(record.candidates),
    closing: record.closing === null ? null : JSON.stringify(record.closing),
    ...waitingColumns(record.waiting, waitsForPeople(record))
  }
}

export function waitingOf(row: Pick<CaseRow, 'waiting_period' | 'waiting_since' | 'nudges'>): Waiting {
  return { period: row.waiting_period, since: row.waiting_since, nudged: JSON.parse(row.nudges) as NudgeKind[] }
}

export function waitingColumns({ period, since, nudged }: Waiting, forPeople: boolean) {
  return {
    waiting_period: period,
    waiting_since: since,
    waits_for_people: forPeople ? 1 : 0,
    nudges: JSON.stringify(nudged)
  }
}

type FixedColumn =
  | 'kind'
  | 'message_kind'
  | 'message_value'
  | 'opened_by'
  | 'opened_at'
  | 'previous_case'
  | 'reporter_count'
  | 'first_report'
  | 'first_claims'
  | 'newest_notes'
  | 'judgement'
  | 'decided_at'
  | 'ended_at'

export function batchRow(caseNumber: number, planVersion: number, batch: Batch): BatchRow {
  return {
    case_number: caseNumber,
    plan_version: planVersion,
    seq: batch.seq,
    first_copy: batch.from,
    end_copy: batch.to,
    state: batch.state,
    token: batch.token,
    lease_until: batch.leaseUntil,
    attempts: batch.attempts,
    first_tried_at: batch.firstTriedAt,
    sent_at: batch.sentAt,
    answered_at: batch.answeredAt,
    tracking_link: batch.trackingLink,
    raw_location: batch.rawLocation === null ? null : storable(batch.rawLocation),
    status: batch.status,
    code: batch.code === null ? null : storable(batch.code),
    message: batch.message === null ? null : storable(batch.message),
    request_id: batch.requestId === null ? null : storable(batch.requestId)
  }
}

function batchOf(row: BatchRow): Batch {
  return {
    seq: row.seq,
    from: row.first_copy,
    to: row.end_copy,
    state: row.state as BatchState,
    token: row.token,
    leaseUntil: row.lease_until,
    attempts: row.attempts,
    firstTriedAt: row.first_tried_at,
    sentAt: row.sent_at,
    answeredAt: row.answered_at,
    trackingLink: row.tracking_link,
    rawLocation: row.raw_location,
    status: row.status,
    code: row.code,
    message: row.message,
    requestId: row.request_id
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

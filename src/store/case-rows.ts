// Turns rows into case records and parts of records into rows. Reads only; what may change is the case store's affair.
import type { Campaign } from '../case/campaign.js'
import type { Candidates } from '../case/choose.js'
import type { CaseRecord, CaseState, Closing, Look, Reporters } from '../case/case.js'
import type { MailEvidence } from '../case/mail.js'
import type { Plan, RemediationAction, Severity } from '../case/plan.js'
import type {
  Approval,
  Batch,
  BatchState,
  PendingApproval,
  Remediation,
  RemediationOutcome
} from '../case/remediation.js'
import type { Claims, ConversationAddress, MessageKey, Person, Report, ReportedKind } from '../case/report.js'
import type { BatchRow, CaseRow, NewReportRow, Queries } from './schema.js'

const notesShown = 3

/** The records of these rows, in their order. Five queries, however many rows. */
export async function recordsOf(queries: Queries, rows: CaseRow[]): Promise<CaseRecord[]> {
  if (rows.length === 0) return []
  const numbers = rows.map(({ number }) => number)
  const plans = await plansOf(queries, numbers)
  const remediations = await remediationsOf(queries, numbers)
  const reporters = await reportersOf(queries, numbers)
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
    pending: parsed<PendingApproval>(row.pending),
    remediations: remediations.get(row.number) ?? [],
    campaign: parsed<Campaign>(row.campaign),
    candidates: parsed<Candidates>(row.candidates),
    closing: parsed<Closing>(row.closing),
    reporters: {
      ...(reporters.get(row.number) ?? {
        count: 0,
        first: JSON.parse(row.opened_by) as Person,
        replyTo: null,
        claims: null,
        notes: []
      }),
      kind: row.kind as ReportedKind
    }
  }))
}

async function plansOf(queries: Queries, numbers: number[]): Promise<Map<number, Plan>> {
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
function planOf(body: string): Plan {
  const plan = JSON.parse(body) as Omit<Plan, 'purpose'> & Partial<Plan>
  return { ...plan, purpose: plan.purpose ?? 'remediate' }
}

/** Counted by the database: a campaign's case has thousands of reports, and is read with each new one. */
async function reportersOf(queries: Queries, numbers: number[]): Promise<Map<number, Omit<Reporters, 'kind'>>> {
  const totals = await queries
    .selectFrom('reports')
    .select((it) => [
      'case_number',
      it.fn.count<number>('reporter_id').distinct().as('people'),
      it.fn.min('id').as('first_report'),
      it.fn.min(it.case().when('claims', 'is not', null).then(it.ref('id')).end()).as('first_claims')
    ])
    .where('case_number', 'in', numbers)
    .groupBy('case_number')
    .execute()
  if (totals.length === 0) return new Map()

  const named = totals.flatMap(({ first_report, first_claims }) => [first_report, first_claims ?? first_report])
  const reports = new Map(
    (
      await queries
        .selectFrom('reports')
        .select(['id', 'reporter_id', 'reporter_name', 'reply_to', 'claims'])
        .where('id', 'in', named)
        .execute()
    ).map((row) => [row.id, row])
  )
  const notes = await newestNotes(queries, numbers)

  return new Map(
    totals.map((total) => {
      const first = reports.get(total.first_report)
      const claims = total.first_claims === null ? null : (reports.get(total.first_claims)?.claims ?? null)
      return [
        total.case_number,
        {
          count: total.people,
          replyTo: parsed<ConversationAddress>(first?.reply_to ?? null),
          first: { objectId: first?.reporter_id ?? '', name: first?.reporter_name ?? '' },
          claims: parsed<Claims>(claims),
          notes: notes.get(total.case_number) ?? []
        }
      ]
    })
  )
}

async function newestNotes(queries: Queries, numbers: number[]): Promise<Map<number, string[]>> {
  const rows = await queries
    .selectFrom((from) =>
      from
        .selectFrom('reports')
        .select((it) => [
          'case_number',
          'note',
          it.fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('case_number').orderBy('id', 'desc'))
            .as('place')
        ])
        .where('case_number', 'in', numbers)
        .where('note', '<>', '')
        .as('noted')
    )
    .select(['case_number', 'note'])
    .where('place', '<=', notesShown)
    .orderBy('place')
    .execute()
  const notes = new Map<number, string[]>()
  for (const row of rows) push(notes, row.case_number, row.note)
  return notes
}

function parsed<T>(json: string | null): T | null {
  return json === null ? null : (JSON.parse(json) as T)
}

/** What a change can set. The message, who opened the case and when are not among it. */
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
    campaign: record.campaign === null ? null : JSON.stringify(record.campaign),
    candidates: record.candidates === null ? null : JSON.stringify(record.candidates),
    closing: record.closing === null ? null : JSON.stringify(record.closing)
  }
}

type FixedColumn = 'kind' | 'message_kind' | 'message_value' | 'opened_by' | 'opened_at' | 'previous_case'

export function reportRow(caseNumber: number, report: Report): NewReportRow {
  return {
    case_number: caseNumber,
    reporter_id: reporterId(report.reporter),
    reporter_name: storable(report.reporter.name),
    activity_key: report.activityKey,
    origin: report.origin,
    kind: report.kind,
    note: storable(report.note),
    recipients: JSON.stringify(report.recipients),
    claims: report.claims === null ? null : JSON.stringify(report.claims),
    reply_to: report.replyTo === null ? null : JSON.stringify(report.replyTo),
    at: report.at
  }
}

/** By which a reporter is counted and limited. */
export function reporterId({ objectId }: Person): string {
  return storable(objectId).slice(0, longestReporterId)
}

/** An index entry of PostgreSQL holds some 2,700 bytes. */
const longestReporterId = 400

/** PostgreSQL's text cannot hold the character NUL. In JSON it is escaped and needs no care. */
function storable(text: string): string {
  return text.replaceAll('\0', '')
}

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

// Stores the reports of a case and keeps on the case what its card says of them. What people wrote stays with the report alone.
import type { Reporters } from '../case/case.js'
import type { CaseReports } from '../case/ports.js'
import type { Claims, ConversationAddress, Person, Report } from '../case/report.js'
import type { Database } from './database.js'
import type { CaseRow, NewReportRow, Queries, Within } from './schema.js'

const notesShown = 3
const hourMs = 3_600_000

type Counted = Pick<CaseRow, 'number' | 'newest_notes'>

/** @param row the case's, locked by the caller: what is counted here must not be counted by two at once. */
export async function addReport(within: Within, row: Counted, report: Report): Promise<void> {
  const values = reportRow(row.number, report)
  const { id } = await within.insertInto('reports').values(values).returning('id').executeTakeFirstOrThrow()
  await within
    .updateTable('cases')
    .set((it) => ({
      reporter_count: it(
        'reporter_count',
        '+',
        it
          .case()
          .when(
            it.exists(
              it
                .selectFrom('reports')
                .select('id')
                .where('case_number', '=', row.number)
                .where('reporter_id', '=', values.reporter_id)
                .where('id', '<>', id)
            )
          )
          .then(0)
          .else(1)
          .end()
      ),
      first_report: it.fn.coalesce('first_report', it.val(id)),
      ...(report.claims !== null && { first_claims: it.fn.coalesce('first_claims', it.val(id)) }),
      ...(values.note !== '' && { newest_notes: JSON.stringify([id, ...notesOf(row)].slice(0, notesShown)) })
    }))
    .where('number', '=', row.number)
    .execute()
}

/** Hands all reports of one case to another; both are locked by the caller. */
export async function moveReports(within: Within, from: number, to: number): Promise<void> {
  await within.updateTable('reports').set({ case_number: to }).where('case_number', '=', from).execute()
  await countAgain(within, from)
  await countAgain(within, to)
}

async function countAgain(within: Within, number: number): Promise<void> {
  const total = await within
    .selectFrom('reports')
    .select((it) => [
      it.fn.count<number>('reporter_id').distinct().as('reporter_count'),
      it.fn.min<number | null>('id').as('first_report'),
      it.fn.min<number | null>(it.case().when('claims', 'is not', null).then(it.ref('id')).end()).as('first_claims')
    ])
    .where('case_number', '=', number)
    .executeTakeFirstOrThrow()
  const noted = await within
    .selectFrom('reports')
    .select('id')
    .where('case_number', '=', number)
    .where('note', '<>', '')
    .orderBy('id', 'desc')
    .limit(notesShown)
    .execute()
  const newest_notes = JSON.stringify(noted.map(({ id }) => id))
  await within
    .updateTable('cases')
    .set({ ...total, newest_notes })
    .where('number', '=', number)
    .execute()
}

/** This person's reports of the last hour about mail that nobody could find yet. */
export async function unresolvedReports(within: Within, { reporter, at }: Report): Promise<number> {
  const { waiting } = await within
    .selectFrom('reports')
    .innerJoin('cases', 'cases.number', 'reports.case_number')
    .select((it) => it.fn.countAll<number>().as('waiting'))
    .where('reports.reporter_id', '=', reporterId(reporter))
    .where('reports.at', '>', at - hourMs)
    .where('cases.mail', 'is', null)
    .executeTakeFirstOrThrow()
  return waiting
}

/** What is to be said of each of these cases' reports. One query, of a handful of reports for each case. */
export async function reportersOf(
  queries: Queries,
  rows: CaseRow[]
): Promise<(row: CaseRow) => Omit<Reporters, 'kind'>> {
  const named = rows.flatMap((row) => [row.first_report, row.first_claims, ...notesOf(row)])
  const ids = [...new Set(named)].filter((id) => id !== null)
  const found =
    ids.length === 0
      ? []
      : await queries
          .selectFrom('reports')
          .select(['id', 'reporter_id', 'reporter_name', 'reply_to', 'claims', 'note'])
          .where('id', 'in', ids)
          .execute()
  const reports = new Map(found.map((report) => [report.id, report]))
  return (row) => {
    const first = reports.get(row.first_report ?? 0)
    const replyTo = first?.reply_to ?? null
    const claims = reports.get(row.first_claims ?? 0)?.claims ?? null
    return {
      count: row.reporter_count,
      // A case whose reports went to another still has who opened it.
      first:
        first === undefined
          ? (JSON.parse(row.opened_by) as Person)
          : { objectId: first.reporter_id, name: first.reporter_name },
      replyTo: replyTo === null ? null : (JSON.parse(replyTo) as ConversationAddress),
      claims: claims === null ? null : (JSON.parse(claims) as Claims),
      notes: notesOf(row).flatMap((id) => reports.get(id)?.note ?? [])
    }
  }
}

/** Ids of reports, newest first. */
function notesOf({ newest_notes }: Counted): number[] {
  return JSON.parse(newest_notes) as number[]
}

function reportRow(caseNumber: number, report: Report): NewReportRow & { note: string; reporter_id: string } {
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
    mailboxes: JSON.stringify(report.mailboxes),
    at: report.at
  }
}

/** By which a reporter is counted and limited. */
function reporterId({ objectId }: Person): string {
  return storable(objectId).slice(0, longestReporterId)
}

/** An index entry of PostgreSQL holds some 2,700 bytes. */
const longestReporterId = 400

/** PostgreSQL's text cannot hold the character NUL. In JSON it is escaped and needs no care. */
export function storable(text: string): string {
  return text.replaceAll('\0', '')
}

/** Questions about reports that a case's record does not answer, because it holds counts only. */
export function createCaseReports({ queries }: Database): CaseReports {
  return {
    async partOf(caseNumber, { objectId, mailboxes }) {
      const ids = [objectId, ...mailboxes.map((address) => `mailto:${address.toLowerCase()}`)]
      const rows = await queries
        .selectFrom('reports')
        .select('origin')
        .distinct()
        .where('case_number', '=', caseNumber)
        .where(
          'reporter_id',
          'in',
          ids.map((id) => reporterId({ objectId: id, name: '' }))
        )
        .execute()
      return {
        reported: rows.some(({ origin }) => origin !== 'triage'),
        triaged: rows.some(({ origin }) => origin === 'triage')
      }
    }
  }
}

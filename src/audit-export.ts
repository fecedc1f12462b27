// Writes audit rows for a SIEM: JSON lines, or CSV that no spreadsheet takes for formulas. Leaves nothing out of a row.
import { stringify } from 'csv-stringify/sync'
import { caseName } from './case/case.js'
import { entryOf } from './store/audit-chain.js'
import type { AuditRow } from './store/schema.js'

export const exportFormats = ['csv', 'jsonl'] as const
export type ExportFormat = (typeof exportFormats)[number]

const columns = [
  'seq',
  'time',
  'case',
  'event',
  'actorId',
  'actorName',
  'activityId',
  'planVersion',
  'digest',
  'requestId',
  'status',
  'reason',
  'detail',
  'prevHash',
  'hash'
]

/** What stands before the first row. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? csv([columns]) : ''
}

/** @param rows in the order in which they are to stand; UTF-8, and for CSV as RFC 4180 has it. */
export function exportRows(rows: AuditRow[], format: ExportFormat): string {
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(jsonOf(row))}\n`).join('')
  return csv(rows.map(cellsOf))
}

/** `at` is what the hash covers; `time` says the same for people. */
function jsonOf(row: AuditRow) {
  const { at, caseNumber, event, actor, detail } = entryOf(row)
  const time = new Date(at).toISOString()
  const name = nameOf(caseNumber)
  return {
    seq: row.seq,
    at,
    time,
    case: name,
    caseNumber,
    event,
    actor,
    detail,
    prevHash: row.prev_hash,
    hash: row.hash
  }
}

function cellsOf(row: AuditRow): string[] {
  const { detail, ...rest } = jsonOf(row)
  const fact = (name: string) => plain(detail[name])
  return [
    String(rest.seq),
    rest.time,
    rest.case ?? '',
    rest.event,
    rest.actor?.objectId ?? '',
    rest.actor?.name ?? '',
    fact('activityId'),
    fact('planVersion'),
    fact('digest'),
    fact('requestId'),
    fact('status'),
    fact('reason'),
    row.detail,
    rest.prevHash,
    rest.hash
  ]
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : ''
}

function nameOf(caseNumber: number): string | null {
  return caseNumber === 0 ? null : caseName(caseNumber)
}

/** Every cell is quoted: where lists are separated otherwise, a cell must not fall apart into several. */
function csv(rows: string[][]): string {
  return stringify(rows, { escape_formulas: true, quoted: true, quoted_empty: true, record_delimiter: 'windows' })
}

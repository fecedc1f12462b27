// Adds to the audit log and reads it. There is no statement here, or anywhere, that changes or removes a row of it.
import type { AuditEntry } from '../case/change.js'
import type { Person } from '../case/report.js'
import type { Database } from './database.js'
import type { Within } from './schema.js'

export interface AuditLog {
  /** Oldest first. */
  entriesOf(caseNumber: number): Promise<AuditEntry[]>
}

/** Part of the caller's transaction, so that nothing is stored without its audit rows. */
export async function appendAudit(within: Within, entries: AuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  await within
    .insertInto('audit')
    .values(
      entries.map((entry) => ({
        at: entry.at,
        case_number: entry.caseNumber,
        event: entry.event,
        actor: entry.actor === null ? null : JSON.stringify(entry.actor),
        detail: JSON.stringify(entry.detail)
      }))
    )
    .execute()
}

export function createAuditLog({ queries }: Database): AuditLog {
  return {
    async entriesOf(caseNumber) {
      const rows = await queries
        .selectFrom('audit')
        .selectAll()
        .where('case_number', '=', caseNumber)
        .orderBy('seq')
        .execute()
      return rows.map((row) => ({
        at: row.at,
        caseNumber: row.case_number,
        event: row.event,
        actor: row.actor === null ? null : (JSON.parse(row.actor) as Person),
        detail: JSON.parse(row.detail) as Record<string, unknown>
      }))
    }
  }
}

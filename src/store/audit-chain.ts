// The hash chain of the audit log: what a row's hash covers, and the one way to add rows. Never changes a row that is there.
import { createHash, createHmac } from 'node:crypto'
import type { AuditEntry } from '../case/change.js'
import type { Person } from '../case/report.js'
import type { AuditRow, Within } from './schema.js'

/** Before the first row. */
export const chainStart = '0'.repeat(64)

const sealMark = 'hmac:'
// SQLite takes at most 32,766 parameters in a statement; a row has 8.
const rowsPerInsert = 500

/** Adds rows as part of the caller's transaction, so that nothing is stored without them. */
export type AppendAudit = (within: Within, entries: AuditEntry[]) => Promise<void>

/**
 * The head's row is locked until the transaction ends, so that there is one chain whoever writes: call this after every
 * other lock of the transaction was taken, or two transactions can wait for each other.
 * @param key makes the hashes an HMAC; without it anybody who can write to the database can also make the whole chain anew.
 */
export function auditAppender(key: string | null): AppendAudit {
  return async (within, entries) => {
    if (entries.length === 0) return
    // The update is the lock, on either engine. Numbers come from this row: a sequence would leave gaps where a
    // transaction was rolled back, and a gap must mean that a row is missing.
    const head = await within
      .updateTable('audit_head')
      .set((it) => ({ seq: it('seq', '+', entries.length) }))
      .returning(['seq', 'hash'])
      .executeTakeFirstOrThrow()
    const rows = chained(entries, { seq: head.seq - entries.length, hash: head.hash }, key)
    for (let start = 0; start < rows.length; start += rowsPerInsert) {
      await within
        .insertInto('audit')
        .values(rows.slice(start, start + rowsPerInsert))
        .execute()
    }
    await within
      .updateTable('audit_head')
      .set({ hash: rows.at(-1)?.hash ?? head.hash })
      .execute()
  }
}

/** The rows of these entries, as they follow on the given one. */
export function chained(entries: AuditEntry[], last: { seq: number; hash: string }, key: string | null): AuditRow[] {
  let { seq, hash } = last
  return entries.map((entry) => {
    seq += 1
    const row = {
      seq,
      at: entry.at,
      case_number: entry.caseNumber,
      event: entry.event,
      actor: entry.actor === null ? null : canonicalJson(entry.actor),
      detail: canonicalJson(entry.detail),
      prev_hash: hash
    }
    hash = hashOf(row, key)
    return { ...row, hash }
  })
}

/** SHA-256 in hex; with a key HMAC-SHA-256, marked as such. Over the row's canonical JSON, the hash before it included. */
export function hashOf(row: Omit<AuditRow, 'hash'>, key: string | null): string {
  // In the order of the names. Actor and detail are stored as canonical JSON and need not be written anew.
  const members = [
    `"actor":${row.actor ?? 'null'}`,
    `"at":${JSON.stringify(row.at)}`,
    `"caseNumber":${JSON.stringify(row.case_number)}`,
    `"detail":${row.detail}`,
    `"event":${JSON.stringify(row.event)}`,
    `"prevHash":${JSON.stringify(row.prev_hash)}`,
    `"seq":${JSON.stringify(row.seq)}`
  ]
  const content = `{${members.join(',')}}`
  if (key === null) return createHash('sha256').update(content).digest('hex')
  return sealMark + createHmac('sha256', key).update(content).digest('hex')
}

export function isSealed(hash: string): boolean {
  return hash.startsWith(sealMark)
}

export function entryOf(row: Omit<AuditRow, 'hash' | 'prev_hash' | 'seq'>): AuditEntry {
  return {
    at: row.at,
    caseNumber: row.case_number,
    event: row.event,
    actor: row.actor === null ? null : (JSON.parse(row.actor) as Person),
    detail: JSON.parse(row.detail) as Record<string, unknown>
  }
}

/** JSON without spaces, the keys of every object in the order of their UTF-16 code units: one text for one value. */
export function canonicalJson(value: unknown): string {
  // Once through JSON first: it leaves out what JSON cannot hold, and knows toJSON.
  return write(JSON.parse(JSON.stringify(value)))
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = value as Record<string, unknown>
  const texts = Object.keys(members)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${write(members[name])}`)
  return `{${texts.join(',')}}`
}

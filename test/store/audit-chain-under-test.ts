// Checks the chain of a store under test as the audit tool does, and breaks it as somebody with access to the database could.
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { type AuditVerdict, type CheckOptions, checkAudit } from '../../src/store/audit-check.js'
import { type AuditHead, readAudit } from '../../src/store/audit-reader.js'
import type { AuditRow } from '../../src/store/schema.js'
import { open } from './samples.js'
import type { StoreUnderTest } from './store-under-test.js'

export function check(store: StoreUnderTest, options: Partial<CheckOptions> = {}): Promise<AuditVerdict> {
  return readAudit(store.place, (reader) => checkAudit(reader, { keys: [], ...options }))
}

export async function intact(store: StoreUnderTest, options: Partial<CheckOptions> = {}): Promise<AuditHead> {
  const verdict = await check(store, options)
  assert.equal(verdict.kind, 'intact', JSON.stringify(verdict))
  return verdict.kind === 'intact' ? verdict.head : { seq: 0, hash: '' }
}

export function rowsOf({ database }: StoreUnderTest): Promise<AuditRow[]> {
  return database.queries.selectFrom('audit').selectAll().orderBy('seq').execute()
}

export async function numbersOf(store: StoreUnderTest): Promise<number[]> {
  return (await rowsOf(store)).map(({ seq }) => seq)
}

let messages = 0

/** Each of a message of its own, so that each has one row. */
export async function openCases(store: StoreUnderTest, count: number): Promise<number[]> {
  const numbers = []
  for (let index = 0; index < count; index += 1) {
    const { number } = await open(store.cases, { message: { kind: 'file', value: `file ${String((messages += 1))}` } })
    numbers.push(number)
  }
  return numbers
}

/** As its owner can: without the triggers that guard the table. */
export async function tamper({ database }: StoreUnderTest, ...statements: string[]): Promise<void> {
  const unguard =
    database.engine === 'postgres'
      ? ['alter table audit disable trigger user']
      : ['drop trigger if exists audit_no_update', 'drop trigger if exists audit_no_delete']
  for (const statement of [...unguard, ...statements]) await sql.raw(statement).execute(database.queries)
}

/** Writes the row as if it had always been so. */
export async function replaceRow(store: StoreUnderTest, { seq, ...row }: AuditRow): Promise<void> {
  await tamper(store)
  await store.database.queries.updateTable('audit').set(row).where('seq', '=', seq).execute()
}

// Reads the whole audit log beside a running bot, as it stood at one moment. Opens the database so that it cannot write to it.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import Libsql from 'libsql'
import pg from 'pg'
import { chainStart } from './audit-chain.js'
import { numbersAsNumbers } from './database.js'
import type { AuditRow, Queries, Schema } from './schema.js'

export interface AuditHead {
  seq: number
  hash: string
}

export interface AuditCheckpoint extends AuditHead {
  at: number
  removed: number
}

export interface AuditReader {
  /** The row that was added last, as the store noted it beside the rows. */
  head: AuditHead
  /** Where rows were removed when their time was over: the newest of these removals. */
  checkpoint: AuditCheckpoint | null
  /** In the order of their numbers, in parts. @param since only rows that were added at this time or later; epoch ms. */
  pages(since?: number): AsyncGenerator<AuditRow[]>
}

export interface AuditPlace {
  databaseUrl: string | null
  dataDir: string
}

/** There is nothing that could be read; the message says what to do. */
export class AuditUnreadableError extends Error {
  override name = 'AuditUnreadableError'
}

const rowsPerPage = 1_000
const noRow: AuditHead = { seq: 0, hash: chainStart }

/** @throws AuditUnreadableError */
export async function readAudit<T>(place: AuditPlace, read: (reader: AuditReader) => Promise<T>): Promise<T> {
  const queries = place.databaseUrl === null ? openEmbedded(place.dataDir) : openPostgres(place.databaseUrl)
  try {
    // One view for all pages: what the bot adds or removes meanwhile is not part of it.
    const view =
      place.databaseUrl === null
        ? queries.transaction()
        : queries.transaction().setIsolationLevel('repeatable read').setAccessMode('read only')
    return await view.execute(async (within) => {
      if (!(await hasChain(within))) {
        throw new AuditUnreadableError(
          'This database has no audit log of this version yet. Start the bot once: it brings the database up to date.'
        )
      }
      return read(await readerOf(within))
    })
  } finally {
    await queries.destroy()
  }
}

async function readerOf(within: Queries): Promise<AuditReader> {
  return {
    // Taken away, it is at odds with every chain that has a row.
    head: (await within.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirst()) ?? noRow,
    checkpoint:
      (await within.selectFrom('audit_checkpoint').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst()) ??
      null,
    async *pages(since) {
      for (let after = Number.MIN_SAFE_INTEGER; ;) {
        const rows = await within
          .selectFrom('audit')
          .selectAll()
          .where('seq', '>', after)
          .$if(since !== undefined, (select) => select.where('at', '>=', since ?? 0))
          .orderBy('seq')
          .limit(rowsPerPage)
          .execute()
        const last = rows.at(-1)
        if (last === undefined) return
        yield rows
        after = last.seq
      }
    }
  }
}

async function hasChain(within: Queries): Promise<boolean> {
  const tables = await within.introspection.getTables()
  return tables.some(({ name }) => name === 'audit_head')
}

/** Without the lock of the process that writes: readers of a write-ahead log disturb nobody. */
function openEmbedded(dataDir: string): Kysely<Schema> {
  const path = join(resolve(dataDir), 'cases.db')
  if (!existsSync(path)) {
    throw new AuditUnreadableError(
      `There is no database in ${resolve(dataDir)}. Set DATA_DIR or DATABASE_URL as the bot has it.`
    )
  }
  // The library's own option `readonly` has no effect (0.5.29).
  const database = opened(`${pathToFileURL(path).href}?mode=ro`)
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database }) })
}

function opened(address: string): Libsql.Database {
  try {
    const database = new Libsql(address, { timeout: 5_000 })
    database.prepare('select count(*) from sqlite_master').get()
    return database
  } catch (error) {
    throw new AuditUnreadableError(
      "The database could not be opened. Run this as the bot's user: it needs to read DATA_DIR and the files in it.",
      { cause: error }
    )
  }
}

function openPostgres(databaseUrl: string): Kysely<Schema> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'phish-triage-audit',
    types: numbersAsNumbers(pg)
  })
  pool.on('error', () => undefined)
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
}

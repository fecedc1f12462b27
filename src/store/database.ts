// Opens the one database of the bot, embedded or PostgreSQL, at the newest schema. Never shares an embedded one.
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import Libsql from 'libsql'
import type pg from 'pg'
import type { Clock } from '../case/ports.js'
import { embeddedDialect } from './embedded-dialect.js'
import { type Engine, migrate } from './migrations.js'
import type { Queries, Schema } from './schema.js'

export interface DatabaseSettings {
  /** `postgres://…`, or null for the embedded engine. */
  databaseUrl: string | null
  /** Directory of the embedded database; created with mode 0700 where it does not exist. */
  dataDir: string
  clock: Clock
  /** Seals the audit log's hashes; without it they are plain. */
  auditKey?: string | null
}

export interface Database {
  engine: Engine
  queries: Kysely<Schema>
  clock: Clock
  auditKey: string | null
  close(): Promise<void>
}

export class DatabaseInUseError extends Error {
  override name = 'DatabaseInUseError'
  constructor(readonly dataDir: string) {
    super(
      `Another process is using the database in ${dataDir}. Stop it first, give this one a DATA_DIR of its own, ` +
        'or set DATABASE_URL: several processes can share PostgreSQL.'
    )
  }
}

/** @throws DatabaseInUseError when another process has the embedded database open. */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  const { databaseUrl, dataDir, clock, auditKey = null } = settings
  const { engine, queries, release, upToDate } =
    databaseUrl === null ? openEmbedded(dataDir) : await openPostgres(databaseUrl)
  const close = async () => {
    await queries.destroy()
    release()
  }
  try {
    await upToDate()
  } catch (error) {
    await close()
    throw error
  }
  return { engine, queries, clock, auditKey, close }
}

/** One moment's view, although a record is read in several queries: nobody shares the embedded engine's connection. */
export function readTogether<T>(
  { engine, queries }: Pick<Database, 'engine' | 'queries'>,
  read: (queries: Queries) => Promise<T>
): Promise<T> {
  if (engine === 'embedded') return queries.connection().execute(read)
  return queries.transaction().setIsolationLevel('repeatable read').execute(read)
}

interface Opened {
  engine: Engine
  queries: Kysely<Schema>
  release: () => void
  upToDate: () => Promise<void>
}

function openEmbedded(dataDir: string): Opened {
  const directory = resolve(dataDir)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = takeLock(directory)
  try {
    const database = openPrivately(join(directory, 'cases.db'), 5_000)
    // FULL: an acknowledged row survives a power cut too, https://www.sqlite.org/pragma.html#pragma_synchronous
    for (const setting of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON']) database.pragma(setting)
    const queries = new Kysely<Schema>({ dialect: embeddedDialect(database) })
    return {
      engine: 'embedded',
      queries,
      release: () => {
        lock.close()
      },
      upToDate: () => migrate(queries, 'embedded')
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

/**
 * A lock on a second, tiny database: an exclusive lock on the main one would also shut out read-only tools. It is the
 * operating system's, so it ends with the process, however that ends.
 */
function takeLock(directory: string): Libsql.Database {
  const lock = openPrivately(join(directory, 'lock.db'), 0)
  try {
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    if (error instanceof Libsql.SqliteError && error.code === 'SQLITE_BUSY') throw new DatabaseInUseError(directory)
    throw error
  }
}

/** SQLite gives its journals the mode of their database. */
function openPrivately(path: string, timeout: number): Libsql.Database {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    // By path: to open and close an existing file would drop the locks that this process holds on it.
    chmodSync(path, 0o600)
  }
  return new Libsql(path, { timeout })
}

/** Times and counts, all far below 2^53; pg would give them as strings. */
export function numbersAsNumbers({ types }: { types: typeof pg.types }): pg.CustomTypesConfig {
  const int8 = types.builtins.INT8
  const builtInParser = types.getTypeParser as (oid: number, format?: string) => (text: string) => unknown
  return { getTypeParser: (oid, format) => (oid === int8 ? Number : builtInParser(oid, format)) }
}

async function openPostgres(databaseUrl: string): Promise<Opened> {
  // Only here: the embedded engine's start is shorter without it.
  const { default: pg } = await import('pg')
  const connection: pg.PoolConfig = {
    connectionString: databaseUrl,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'phish-triage',
    types: numbersAsNumbers(pg)
  }
  const opened = (settings: pg.PoolConfig) => {
    const pool = new pg.Pool({ ...connection, ...settings })
    // A lost idle connection is replaced by the next query; without a listener it would end the process.
    pool.on('error', () => undefined)
    return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  }
  return {
    engine: 'postgres',
    queries: opened({
      max: 10,
      statement_timeout: 10_000,
      query_timeout: 15_000,
      idle_in_transaction_session_timeout: 15_000
    }),
    release: () => undefined,
    async upToDate() {
      // As long as it takes: a change of a large table that was given up would be given up at every start.
      const patient = opened({ max: 1 })
      try {
        await migrate(patient, 'postgres')
      } finally {
        await patient.destroy()
      }
    }
  }
}

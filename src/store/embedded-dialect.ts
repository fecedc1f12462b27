// Kysely's SQLite dialect, with statements prepared once and a turn of the event loop between those who wait. Holds no query.
import { type Dialect, SqliteAdapter, SqliteDialect, SqliteDriver, type SqliteStatement } from 'kysely'
import type Libsql from 'libsql'

/** Far more than this folder has queries; migrations, and lists of unusual lengths, fall out again. */
const statementsKept = 200

export function embeddedDialect(database: Libsql.Database): Dialect {
  const settings = {
    database: {
      prepare: preparingOnce(database),
      close: () => {
        database.close()
      }
    }
  }
  const dialect = new SqliteDialect(settings)
  dialect.createAdapter = adapterOfWholeMigrations
  dialect.createDriver = () => yielding(new SqliteDriver(settings))
  return dialect
}

/**
 * SQLite takes back changed tables too, https://www.sqlite.org/transactional.html; Kysely's adapter denies it, for the sake
 * of a setting that no migration here changes. A version that was not reached whole would never be reached any more.
 */
function adapterOfWholeMigrations(): SqliteAdapter {
  return Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', { value: true })
}

/** To prepare costs up to ten times what it costs to run; SQLite prepares again by itself where the schema has changed. */
function preparingOnce(database: Libsql.Database): (sql: string) => SqliteStatement {
  const kept = new Map<string, SqliteStatement>()
  return (sql) => {
    const known = kept.get(sql)
    // Taken out and put back, so that the first one is the one that was not used for longest.
    if (known !== undefined) kept.delete(sql)
    const statement = known ?? statementOf(database.prepare(sql))
    kept.set(sql, statement)
    if (kept.size > statementsKept) kept.delete(kept.keys().next().value ?? '')
    return statement
  }
}

function statementOf(prepared: Libsql.Statement): SqliteStatement {
  return {
    // Asked before each run, and each time across the border to the engine.
    reader: prepared.reader,
    all: (parameters) => prepared.all(parameters),
    run: (parameters) => prepared.run(parameters),
    iterate: (parameters) => prepared.iterate(parameters)
  }
}

/**
 * The engine answers at once, so what asks in a row or waits in a line would all run before the loop comes round again,
 * and nobody else would be served. So the connection is handed on in the next round.
 */
function yielding(driver: SqliteDriver): SqliteDriver {
  const release = driver.releaseConnection.bind(driver)
  driver.releaseConnection = () => {
    setImmediate(() => void release())
    return Promise.resolve()
  }
  return driver
}

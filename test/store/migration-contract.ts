// A database of the first version comes up to date with nothing lost; `first-version.json` holds the rows as that version wrote them.
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import Libsql from 'libsql'
import pg from 'pg'
import { embeddedDialect } from '../../src/store/embedded-dialect.js'
import { type Engine, migrate, migratorOf } from '../../src/store/migrations.js'
import type { Schema } from '../../src/store/schema.js'
import { bringTimersForward } from '../../src/store/timers.js'
import { intact } from './audit-chain-under-test.js'
import { approve, limits, open, openedIn, read, report } from './samples.js'
import { type Place, type StoreEngine, useStore } from './store-under-test.js'

type Rows = Record<string, Record<string, unknown>[]>
const written = JSON.parse(await readFile(new URL('first-version.json', import.meta.url), 'utf8')) as Rows
const numbered: Record<string, string> = { reports: 'id', outbox: 'id', audit: 'seq' }

export function describeMigrating(engine: StoreEngine): void {
  describe('a database of the first version', () => {
    const store = useStore(engine)
    const queries = () => store.database.queries

    beforeEach(async () => {
      await store.database.close()
      await store.place.remove()
      store.place = await engine.makePlace()
      await fill(store.place)
    })

    it('keeps every case, plan, approval and report', async () => {
      await store.reopen()
      const states = []
      for (const { number } of written.cases ?? []) states.push((await read(store.cases, Number(number))).state)
      const before = (written.cases ?? []).map(({ state }) => state)
      assert.deepEqual(states, before)
      assert.equal(new Set(before).size, 7)

      const first = await read(store.cases, 1001)
      assert.equal(first.plan?.purpose, 'remediate')
      assert.equal(first.reporters.count, 4)
      assert.deepEqual(first.reporters.notes, ['Mine.', 'Again.', 'I paid.'])
      assert.equal(first.reporters.claims?.subject, 'Invoice')
      assert.equal((await read(store.cases, 1006)).joinedInto, 1001)
      assert.equal((await queries().selectFrom('reports').selectAll().execute()).length, written.reports?.length)

      const [request] = (await read(store.cases, 1002)).remediations
      assert.deepEqual(
        request?.approvals.map(({ person, reason, ruling }) => [person.objectId, reason, ruling.allowed]),
        [['anna', 'It asks for passwords.', true]]
      )
      assert.equal(request?.batches[0]?.trackingLink, 'https://security.microsoft.com/x')
      assert.equal((await read(store.cases, 1003)).remediations[0]?.approvals[0]?.person.objectId, 'ben')
      assert.equal((await read(store.cases, 1005)).remediations[0]?.batches[0]?.state, 'uncertain')
      assert.equal((await read(store.cases, 1004)).closing?.reason, 'Ours.')
    })

    it('keeps all work that was to do, and adds what waits for people now', async () => {
      await store.reopen()
      await bringTimersForward(store.database, Number.MAX_SAFE_INTEGER)
      const work = await queries().selectFrom('outbox').select(['kind', 'key', 'payload']).orderBy('id').execute()
      const before = (written.outbox ?? []).map(({ kind, key, payload }) => ({ kind, key, payload }))
      assert.deepEqual(work.slice(0, before.length), before)
      assert.deepEqual(
        work.slice(before.length).map(({ kind, key }) => [kind, key]),
        [
          ['nudge', '1001'],
          ['nudge', '1005']
        ]
      )
    })

    it('chains every row of the audit log, and goes on with it', async () => {
      await store.reopen()
      assert.equal((await intact(store)).seq, written.audit?.length)
      const rows = await queries().selectFrom('audit').select(['seq', 'event', 'case_number']).orderBy('seq').execute()
      assert.deepEqual(
        rows,
        (written.audit ?? []).map(({ seq, event, case_number }) => ({ seq, event, case_number }))
      )
      assert.deepEqual((await store.auditLog.entriesOf(1001))[4]?.detail, { a: 'ö <b>', z: 1 })
      assert.equal((await store.cases.change(1001, (record) => approve(record, 'cleo')))?.won, true)
      assert.equal((await intact(store)).seq, (written.audit?.length ?? 0) + 1)
    })

    it('recognises a report that it had, and numbers on', async () => {
      await store.reopen()
      const again = await store.cases.open(report({ activityKey: 'activity-3' }), limits)
      assert.deepEqual([again.kind, openedIn(again).number], ['repeated', 1001])
      const message = { kind: 'networkMessageId' as const, value: '73f2a4b1-0000-4c3d-8e5f-000000000004' }
      const next = await open(store.cases, { message, activityKey: 'activity-new' })
      assert.deepEqual([next.number, next.previousCase], [1008, 1004])
    })

    if (engine.name === 'postgres') {
      it('is given all the time that a change of a large table takes', async () => {
        const old = await openAsItIs(store.place)
        for (const statement of [
          'create table limits (text text)',
          `create function note_limit() returns trigger language plpgsql as $$
           begin insert into limits values (current_setting('statement_timeout')); return new; end $$`,
          'create trigger note_limit before update on remediations for each row execute function note_limit()'
        ]) {
          await sql.raw(statement).execute(old.queries)
        }
        await old.queries.destroy()
        await store.reopen()
        const { rows } = await sql<{ text: string }>`select distinct text from limits`.execute(queries())
        assert.deepEqual(rows, [{ text: '0' }])
        const { rows: later } = await sql<{
          limit: string
        }>`select current_setting('statement_timeout') as limit`.execute(queries())
        assert.deepEqual(later, [{ limit: '10s' }])
      })
    }

    it('is brought up to date whole or not at all', async () => {
      const old = await openAsItIs(store.place)
      const [{ ruling } = {}] = (written.remediations ?? []).filter((row) => row.case_number === 1005)
      const setRuling = (text: unknown) =>
        sql`update remediations set ruling = ${text} where case_number = 1005`.execute(old.queries)
      await setRuling('no JSON')
      await assert.rejects(migrate(old.queries, old.engine))
      await setRuling(ruling)
      await old.queries.destroy()
      await store.reopen()
      assert.equal((await read(store.cases, 1005)).remediations[0]?.approvals.length, 1)
      await intact(store)
    })
  })
}

/** Makes such a database, and does not bring it up to date. */
async function fill(place: Place): Promise<void> {
  const { engine, queries } = await openAsItIs(place)
  const { error } = await migratorOf(queries, engine).migrateTo('0002-idempotency')
  assert.equal(error, undefined)
  await queries.deleteFrom('counters').execute()
  for (const [table, rows] of Object.entries(written)) {
    for (const row of rows) {
      const columns = Object.keys(row)
      await sql`insert into ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))})
        values (${sql.join(columns.map((name) => row[name]))})`.execute(queries)
    }
    const number = numbered[table]
    if (engine === 'postgres' && number !== undefined) {
      await sql`select setval(pg_get_serial_sequence(${table}, ${number}), ${rows.length + 100})`.execute(queries)
    }
  }
  await queries.destroy()
}

async function openAsItIs({ databaseUrl, dataDir }: Place): Promise<{ engine: Engine; queries: Kysely<Schema> }> {
  if (databaseUrl !== null) {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
    return { engine: 'postgres', queries: new Kysely({ dialect: new PostgresDialect({ pool }) }) }
  }
  await mkdir(dataDir, { recursive: true })
  return {
    engine: 'embedded',
    queries: new Kysely({ dialect: embeddedDialect(new Libsql(join(dataDir, 'cases.db'))) })
  }
}

// What the audit log promises: one chain whoever writes, no gap, and rows that nobody can change.
import assert from 'node:assert/strict'
import { Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely'
import Libsql from 'libsql'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { chainStart } from '../../src/store/audit-chain.js'
import { readAudit } from '../../src/store/audit-reader.js'
import { numbersAsNumbers } from '../../src/store/database.js'
import { migratorOf } from '../../src/store/migrations.js'
import type { Schema } from '../../src/store/schema.js'
import { check, intact, numbersOf, openCases, rowsOf } from './audit-chain-under-test.js'
import { open, report, start, storing } from './samples.js'
import { type StoreEngine, type StoreUnderTest, useStore } from './store-under-test.js'

const keyA = 'a'.repeat(32)
const keyB = 'b'.repeat(32)

export function describeAudit(engine: StoreEngine): void {
  describe('audit chain', () => {
    const store = useStore(engine)

    it('begins at nothing, and gives each row the hash of the one before', async () => {
      assert.deepEqual(await intact(store), { seq: 0, hash: chainStart })
      await openCases(store, 3)
      const rows = await rowsOf(store)
      assert.deepEqual(
        rows.map(({ seq, prev_hash }) => [seq, prev_hash]),
        [
          [1, chainStart],
          [2, rows[0]?.hash],
          [3, rows[1]?.hash]
        ]
      )
      assert.equal(new Set(rows.map(({ hash }) => hash)).size, 3)
      assert.deepEqual(await intact(store), { seq: 3, hash: rows[2]?.hash })
    })

    it('stays one chain while many write at once', async () => {
      const replica = await store.replicas(5)
      const { number } = await open(store.cases)
      const entry = { at: start, caseNumber: number, event: 'x', actor: null, detail: {} }
      await Promise.all(
        Array.from({ length: 60 }, (_, turn) =>
          turn % 2 === 0
            ? open(replica(turn).cases, { message: { kind: 'file', value: `at once ${String(turn)}` } })
            : replica(turn).cases.change(number, () => ({
                next: null,
                outbox: [],
                audit: [entry, { ...entry, event: 'y' }],
                answer: null
              }))
        )
      )
      assert.deepEqual(
        await numbersOf(store),
        Array.from({ length: 91 }, (_, index) => index + 1)
      )
      await intact(store)
    })

    it('has no gap where a transaction was rolled back after it took its number', async () => {
      const [number = 0] = await openCases(store, 1)
      const unstorable = { at: start, caseNumber: number, event: 'x', actor: null, detail: { big: 1n } }
      await assert.rejects(
        store.cases.change(number, (record) => ({ ...storing(record), audit: [unstorable] })),
        TypeError
      )
      await openCases(store, 1)
      assert.deepEqual(await numbersOf(store), [1, 2])
      await intact(store)
    })

    it('goes on over a restart', async () => {
      await openCases(store, 2)
      await store.reopen()
      await openCases(store, 2)
      assert.equal((await intact(store)).seq, 4)
    })

    it('keeps whatever a person can write', async () => {
      const note = 'NUL \0, half a pair \ud800, "quotes", \u2028, =1+1'
      const detail = { note, 'b"': [null, -0, 1e300, { z: 1, a: [] }], 10: 'ten', 9: 'nine', ['__proto__']: 'x' }
      const { number } = await open(store.cases, { note })
      const entry = { at: start, caseNumber: number, event: 'x', actor: { objectId: 'a', name: note }, detail }
      await store.cases.change(number, () => ({ next: null, outbox: [], audit: [entry], answer: null }))
      const stored = (await store.auditLog.entriesOf(number)).at(-1)
      assert.deepEqual(JSON.stringify(stored?.detail.note), JSON.stringify(note))
      assert.deepEqual(Object.keys(stored?.detail ?? {}).sort(), ['10', '9', '__proto__', 'b"', 'note'])
      await intact(store)
    })

    it('gives a case its rows in parts, oldest first, and counts them all', async () => {
      const { number } = await open(store.cases)
      await openCases(store, 1)
      for (let turn = 0; turn < 4; turn += 1) await store.cases.open(report(), { unresolvedPerHour: 10 })
      const part = await store.trail.entriesOf(number, { skip: 0, limit: 2 })
      assert.deepEqual([part.total, part.entries.map(({ event }) => event)], [5, ['case.opened', 'report.joined']])
      const rest = await store.trail.entriesOf(number, { skip: 4, limit: 2 })
      assert.deepEqual([rest.total, rest.entries.length], [5, 1])
      assert.deepEqual(await store.trail.entriesOf(number + 9, { skip: 0, limit: 2 }), { entries: [], total: 0 })
    })

    it('records a policy once, until another one is loaded', async () => {
      const policies = ['one', 'one', 'two', 'one'].map((sha256) => ({ sha256, channelId: 'c' }))
      for (const policy of policies) await store.trail.notePolicy(policy)
      await store.trail.notePolicy({ sha256: 'one', channelId: 'd' })
      const noted = (await store.auditLog.entriesOf(0)).map(({ event, detail }) => [event, detail.sha256])
      assert.deepEqual(
        noted,
        ['one', 'two', 'one', 'one'].map((sha256) => ['policy.loaded', sha256])
      )
    })

    it('is read as it stood at one moment, whatever the bot does meanwhile', async () => {
      await openCases(store, 3)
      const seen = await readAudit(store.place, async (reader) => {
        const before = reader.head.seq
        await openCases(store, 2)
        const numbers = []
        for await (const page of reader.pages()) numbers.push(...page.map(({ seq }) => seq))
        return { before, numbers }
      })
      assert.deepEqual(seen, { before: 3, numbers: [1, 2, 3] })
      assert.equal((await intact(store)).seq, 5)
    })

    it('gives the rows since a time', async () => {
      const number = (await openCases(store, 1))[0] ?? 0
      const at = (time: number) => ({ at: time, caseNumber: number, event: 'x', actor: null, detail: {} })
      const audit = [at(start - 1), at(start + 1), at(start)]
      await store.cases.change(number, () => ({ next: null, outbox: [], audit, answer: null }))
      const numbers = await readAudit(store.place, async (reader) => {
        const pages = []
        for await (const page of reader.pages(start)) pages.push(...page.map(({ seq }) => seq))
        return pages
      })
      assert.deepEqual(numbers, [1, 3, 4])
    })

    describe('refuses by triggers', () => {
      const always = [
        "update audit set event = 'x'",
        'update audit set hash = hash',
        'delete from audit',
        'delete from audit where seq = 2'
      ]
      const onCheckpoints = ['update audit_checkpoint set seq = 9', 'delete from audit_checkpoint']
      const truncations = engine.name === 'postgres' ? ['truncate audit', 'truncate audit_checkpoint'] : []

      beforeEach(async () => {
        await openCases(store, 3)
        await store.database.queries
          .insertInto('audit_checkpoint')
          .values({ seq: 1, hash: 'x', at: start, removed: 1 })
          .execute()
      })
      for (const statement of [...always, ...onCheckpoints, ...truncations]) {
        it(statement, async () => {
          await assert.rejects(sql.raw(statement).execute(store.database.queries), /only ever added/)
          assert.deepEqual(await numbersOf(store), [1, 2, 3])
        })
      }

      it('but not the removal of what a checkpoint covers', async () => {
        await sql.raw('delete from audit where seq = 1').execute(store.database.queries)
        assert.deepEqual(await numbersOf(store), [2, 3])
      })
    })

    describeKeys(store)
    describeMigration(engine, store)
  })
}

function describeKeys(store: StoreUnderTest): void {
  describe('with a key', () => {
    async function restartWith(key: string | null): Promise<void> {
      store.auditKey = key
      await store.reopen()
    }

    it('seals every row from then on, and says so in the chain', async () => {
      await openCases(store, 2)
      await restartWith(keyA)
      assert.equal(await store.trail.noteKey([]), 'changed')
      assert.equal(await store.trail.noteKey([]), 'same')
      await openCases(store, 2)
      const marks = (await rowsOf(store)).map(({ hash }) => hash.startsWith('hmac:'))
      assert.deepEqual(marks, [false, false, true, true, true])
      await intact(store, { keys: [keyA] })
      assert.deepEqual(
        (await store.auditLog.entriesOf(0)).map(({ event, detail }) => [event, detail]),
        [['audit.keyChanged', { sealed: true }]]
      )
    })

    it('cannot be checked without it, and not with another one', async () => {
      await restartWith(keyA)
      await openCases(store, 2)
      assert.deepEqual(await check(store), { kind: 'keyNeeded', seq: 1 })
      assert.deepEqual(await check(store, { keys: [keyB] }), {
        kind: 'broken',
        break: { kind: 'changed', seq: 1, caseNumber: 1001 }
      })
    })

    it('is followed by a newer one, with the older one kept for what it has sealed', async () => {
      await restartWith(keyA)
      await openCases(store, 1)
      await restartWith(keyB)
      assert.equal(await store.trail.noteKey([keyA]), 'changed')
      await intact(store, { keys: [keyB, keyA] })
      assert.equal((await check(store, { keys: [keyB] })).kind, 'broken')
      assert.equal((await check(store, { keys: [keyA, keyB] })).kind, 'broken')
    })

    it('is missed where it is lost or taken away', async () => {
      await restartWith(keyA)
      await openCases(store, 1)
      await restartWith(keyB)
      assert.equal(await store.trail.noteKey([]), 'lost')
      await restartWith(null)
      assert.equal(await store.trail.noteKey([keyB]), 'changed')
      assert.equal(await store.trail.noteKey([]), 'same')
    })

    it('finds a row that somebody added without it', async () => {
      await restartWith(keyA)
      await openCases(store, 2)
      await restartWith(null)
      await openCases(store, 1)
      assert.deepEqual(await check(store, { keys: [keyA] }), {
        kind: 'broken',
        break: { kind: 'seal', seq: 3, caseNumber: 1003 }
      })
    })
  })
}

function describeMigration(engine: StoreEngine, store: StoreUnderTest): void {
  describe('of an older version', () => {
    it('is chained, numbered anew where numbers are missing, and otherwise as it was', async () => {
      const place = await engine.makePlace()
      const old = await openOld(place)
      try {
        await sql
          .raw(
            `insert into audit (seq, at, case_number, event, actor, detail) values
             (3, 10, 1001, 'case.opened', '{"objectId":"a", "name":"A"}', '{ "b": 1, "a": [ "x" ] }'),
             (7, 11, 1001, 'case.found', null, '{}'),
             (9, 12, 1002, 'case.opened', null, '{"note":"n"}')`
          )
          .execute(old)
        await old.destroy()
        const before = store.place
        store.place = place
        await store.reopen()
        assert.deepEqual(await numbersOf(store), [1, 2, 3])
        assert.deepEqual(await store.auditLog.entriesOf(1001), [
          {
            at: 10,
            caseNumber: 1001,
            event: 'case.opened',
            actor: { objectId: 'a', name: 'A' },
            detail: { a: ['x'], b: 1 }
          },
          { at: 11, caseNumber: 1001, event: 'case.found', actor: null, detail: {} }
        ])
        await openCases(store, 1)
        assert.equal((await intact(store)).seq, 4)
        await assert.rejects(sql.raw('delete from audit').execute(store.database.queries), /only ever added/)
        store.place = before
        await store.reopen()
      } finally {
        await place.remove()
      }
    })
  })
}

/** A database as the version before the chain left it. */
async function openOld(place: { databaseUrl: string | null; dataDir: string }): Promise<Kysely<Schema>> {
  const { databaseUrl, dataDir } = place
  if (databaseUrl === null) mkdirSync(dataDir, { recursive: true })
  const dialect =
    databaseUrl === null
      ? new SqliteDialect({ database: new Libsql(join(dataDir, 'cases.db')) })
      : new PostgresDialect({ pool: new pg.Pool({ connectionString: databaseUrl, types: numbersAsNumbers(pg) }) })
  const queries = new Kysely<Schema>({ dialect })
  const engine = databaseUrl === null ? 'embedded' : 'postgres'
  const { error } = await migratorOf(queries, engine).migrateTo('0002-idempotency')
  assert.equal(error, undefined)
  return queries
}

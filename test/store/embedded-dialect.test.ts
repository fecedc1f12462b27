// What the embedded engine's dialect adds to Kysely's: others get their turn, and prepared statements outlive errors and new columns.
import assert from 'node:assert/strict'
import { Kysely, sql } from 'kysely'
import Libsql from 'libsql'
import { embeddedDialect } from '../../src/store/embedded-dialect.js'

interface Tables {
  notes: { id: number; text: string; colour?: string }
}

describe('embedded dialect', () => {
  let prepared: string[]
  let queries: Kysely<Tables>

  beforeEach(async () => {
    prepared = []
    const database = new Libsql(':memory:')
    const prepare = database.prepare.bind(database)
    database.prepare = (text: string) => {
      prepared.push(text)
      return prepare(text)
    }
    queries = new Kysely<Tables>({ dialect: embeddedDialect(database) })
    await sql`create table notes (id integer primary key, text text not null)`.execute(queries)
  })
  afterEach(() => queries.destroy())

  const add = (id: number) => queries.insertInto('notes').values({ id, text: 'x' }).execute()
  const all = () => queries.selectFrom('notes').selectAll().orderBy('id').execute()

  it('lets the event loop come round between transactions that wait for each other', async () => {
    let rounds = 0
    let over = false
    const count = () => {
      rounds += 1
      if (!over) setImmediate(count)
    }
    setImmediate(count)
    const begunIn: number[] = []
    await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        queries.transaction().execute(async (within) => {
          begunIn.push(rounds)
          await within.insertInto('notes').values({ id: index, text: 'x' }).execute()
        })
      )
    )
    over = true
    assert.equal(new Set(begunIn).size, 5, begunIn.join(' '))
  })

  it('prepares a query once', async () => {
    for (const id of [1, 2, 3]) await add(id)
    assert.equal(prepared.filter((text) => text.startsWith('insert')).length, 1)
    assert.equal((await all()).length, 3)
  })

  it('uses a statement again after it has failed', async () => {
    await add(1)
    await assert.rejects(add(1))
    await add(2)
    await assert.rejects(
      queries.transaction().execute(async (within) => {
        await within.insertInto('notes').values({ id: 3, text: 'x' }).execute()
        await within.insertInto('notes').values({ id: 3, text: 'x' }).returning('id').execute()
      })
    )
    assert.deepEqual(
      (await all()).map(({ id }) => id),
      [1, 2]
    )
  })

  it('sees a column that came after a statement was prepared', async () => {
    await add(1)
    assert.deepEqual(await all(), [{ id: 1, text: 'x' }])
    await sql`alter table notes add column colour text default 'red'`.execute(queries)
    assert.deepEqual(await all(), [{ id: 1, text: 'x', colour: 'red' }])
  })

  it('keeps no more statements than a few hundred', async () => {
    for (let length = 1; length <= 250; length += 1) {
      await queries
        .selectFrom('notes')
        .selectAll()
        .where(
          'id',
          'in',
          Array.from({ length }, (_, id) => id)
        )
        .execute()
    }
    const before = prepared.length
    await queries.selectFrom('notes').selectAll().where('id', 'in', [1]).execute()
    assert.equal(prepared.length, before + 1)
  })
})

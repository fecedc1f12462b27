// Which audit rows go when their time is over, which stay, and that what stays can still be checked.
import assert from 'node:assert/strict'
import { auditAppender } from '../../src/store/audit-chain.js'
import { readAudit } from '../../src/store/audit-reader.js'
import { createAuditRetention } from '../../src/store/audit-retention.js'
import { check, intact, numbersOf, openCases, rowsOf } from './audit-chain-under-test.js'
import { read, storing } from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

const dayMs = 24 * 3_600_000

export function describeRetention(engine: StoreEngine): void {
  describe('audit retention', () => {
    const store = useStore(engine)
    const trim = (days: number | null = 90) => createAuditRetention(store.database, days).trim()

    async function end(...numbers: number[]): Promise<void> {
      for (const number of numbers) {
        await store.cases.change(number, (record) => storing({ ...record, state: 'rejected' }))
      }
    }

    async function record(caseNumber: number, count = 1): Promise<void> {
      const entry = { at: store.clock.now(), caseNumber, event: 'x', actor: null, detail: {} }
      await store.database.queries
        .transaction()
        .execute((within) => auditAppender(store.auditKey)(within, Array<typeof entry>(count).fill(entry)))
    }

    it('keeps everything without a limit', async () => {
      await end(...(await openCases(store, 3)))
      store.clock.advance(10_000 * dayMs)
      assert.equal(await trim(null), null)
      assert.deepEqual(await numbersOf(store), [1, 2, 3])
    })

    it('removes what is older than the limit, to the millisecond, and says so in the chain', async () => {
      await end(...(await openCases(store, 3)))
      store.clock.advance(90 * dayMs)
      assert.equal(await trim(), store.clock.now() + dayMs)
      assert.deepEqual(await numbersOf(store), [1, 2, 3])
      const third = (await rowsOf(store)).at(-1)

      store.clock.advance(1)
      assert.equal(await trim(), store.clock.now() + dayMs)
      const [row, ...others] = await store.auditLog.entriesOf(0)
      assert.deepEqual([row?.event, others], ['audit.trimmed', []])
      assert.deepEqual(row?.detail, { seq: 3, hash: third?.hash, removed: 3, days: 90 })
      assert.deepEqual(await numbersOf(store), [4])
      assert.equal((await intact(store)).seq, 4)
      const checkpoint = await readAudit(store.place, async (reader) => reader.checkpoint)
      assert.deepEqual(checkpoint, { seq: 3, hash: third?.hash, at: store.clock.now(), removed: 3 })
    })

    it('goes on from its last checkpoint, and stays whole over restarts', async () => {
      await end(...(await openCases(store, 2)))
      store.clock.advance(50 * dayMs)
      await record(0, 2)
      store.clock.advance(50 * dayMs)
      await trim()
      assert.deepEqual(await numbersOf(store), [3, 4, 5])
      await trim()
      assert.deepEqual(await numbersOf(store), [3, 4, 5])
      await store.reopen()
      store.clock.advance(50 * dayMs)
      await trim()
      assert.deepEqual(await numbersOf(store), [5, 6])
      assert.equal((await intact(store)).seq, 6)
      await openCases(store, 1)
      assert.equal((await intact(store)).seq, 7)
    })

    it('stops before the first row of an open case', async () => {
      const [first = 0, second = 0, third = 0] = await openCases(store, 3)
      await end(first, third)
      store.clock.advance(200 * dayMs)
      await trim()
      assert.deepEqual(await numbersOf(store), [2, 3, 4])
      assert.equal((await read(store.cases, second)).state, 'looking')
      assert.equal((await store.auditLog.entriesOf(second)).length, 1)
      await intact(store)
      await end(second)
      await trim()
      assert.deepEqual(await numbersOf(store), [4, 5])
      await intact(store)
    })

    it('stops before the first young row, although older ones came later', async () => {
      await end(...(await openCases(store, 1)))
      await record(0)
      const late = { at: store.clock.now() - 300 * dayMs, caseNumber: 0, event: 'x', actor: null, detail: {} }
      await store.database.queries.transaction().execute((within) => auditAppender(null)(within, [late]))
      store.clock.advance(90 * dayMs)
      await trim()
      assert.deepEqual(await numbersOf(store), [1, 2, 3])
    })

    it('removes a long log in parts, and comes back at once for the next', async () => {
      await record(0, 5_001)
      store.clock.advance(100 * dayMs)
      assert.equal(await trim(), store.clock.now())
      assert.deepEqual(await numbersOf(store), [5_001, 5_002])
      await intact(store)
      assert.equal(await trim(), store.clock.now() + dayMs)
      assert.deepEqual(await numbersOf(store), [5_002, 5_003])
      await intact(store)
    })

    it('is at work on several replicas at once without harm', async () => {
      await record(0, 10)
      store.clock.advance(100 * dayMs)
      const replica = await store.replicas(3)
      const tries = [0, 1, 2].map((turn) => createAuditRetention(replica(turn).database, 90).trim())
      const settled = await Promise.allSettled(tries)
      assert.ok(settled.some(({ status }) => status === 'fulfilled'))
      assert.equal((await numbersOf(store)).includes(10), false)
      await intact(store)
    })

    it('stays sealed with a key, and nobody else can make a checkpoint', async () => {
      const key = 'k'.repeat(32)
      store.auditKey = key
      await store.reopen()
      await record(0, 3)
      store.clock.advance(100 * dayMs)
      await trim()
      await intact(store, { keys: [key] })
      const [kept] = await rowsOf(store)
      const forged = { seq: kept?.seq ?? 0, hash: kept?.hash ?? '', at: 0, removed: 1 }
      await record(0, 1)
      await store.database.queries.insertInto('audit_checkpoint').values(forged).execute()
      await store.database.queries.deleteFrom('audit').where('seq', '<=', forged.seq).execute()
      assert.deepEqual(await check(store, { keys: [key] }), {
        kind: 'broken',
        break: { kind: 'checkpoint', seq: 4, caseNumber: null }
      })
    })

    it('says where a noted head is gone', async () => {
      await record(0, 1)
      const first = await intact(store)
      await record(0, 1)
      const second = await intact(store)
      store.clock.advance(100 * dayMs)
      await trim()
      assert.deepEqual(await check(store, { noted: first }), { kind: 'notedIsGone', keptFrom: 3 })
      await intact(store, { noted: second })
      assert.equal((await check(store, { noted: { ...second, hash: 'x' } })).kind, 'broken')
    })
  })
}

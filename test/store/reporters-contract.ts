// What a case says of its reports, however many there are and wherever they came from, on either engine.
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { Report } from '../../src/case/report.js'
import { reporterCounts } from '../../src/store/migration-0010-reporter-counts.js'
import { open, proposed, read, report, storing } from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

const message = (value: string) => ({ kind: 'internetMessageId' as const, value })
const claimed = (subject: string) => ({ subject, senderAddress: 'a@evil.example' })
const by = (name: string): Pick<Report, 'reporter'> => ({ reporter: { objectId: name, name: name.toUpperCase() } })

export function describeReporters(engine: StoreEngine): void {
  describe('reporters', () => {
    const store = useStore(engine)

    async function reportersOf(number: number): Promise<object> {
      const { count, first, claims, notes } = (await read(store.cases, number)).reporters
      return { count, first: first.objectId, subject: claims?.subject ?? null, notes }
    }

    it('counts people once, also one who comes back after others', async () => {
      const { number } = await open(store.cases, by('anna'))
      for (const name of ['ben', 'anna', 'chen', 'ben', 'anna']) await open(store.cases, by(name))
      assert.deepEqual(await reportersOf(number), { count: 3, first: 'anna', subject: null, notes: [] })
    })

    it('counts the same person in each case apart', async () => {
      const one = await open(store.cases, { ...by('anna'), message: message('<1@x>') })
      const two = await open(store.cases, { ...by('anna'), message: message('<2@x>') })
      assert.deepEqual([one.reporters.count, two.reporters.count], [1, 1])
    })

    it('keeps the first claims and the newest three notes', async () => {
      const { number } = await open(store.cases, { ...by('anna'), note: 'one' })
      await open(store.cases, { ...by('ben'), claims: claimed('first'), note: 'two' })
      await open(store.cases, { ...by('chen'), claims: claimed('second'), note: 'three' })
      await open(store.cases, { ...by('dana'), note: 'four' })
      const expected = { count: 4, first: 'anna', subject: 'first', notes: ['four', 'three', 'two'] }
      assert.deepEqual(await reportersOf(number), expected)
      // A change of the case is no change of what is counted.
      await store.cases.change(number, (record) => storing(proposed(record)))
      assert.deepEqual(await reportersOf(number), expected)
    })

    it('counts again, in the order of the reports, where a case joins another', async () => {
      const older = await open(store.cases, { ...by('anna'), message: message('<1@x>'), note: 'older' })
      const known = await open(store.cases, { ...by('ben'), claims: claimed('known'), note: 'known' })
      await open(store.cases, { ...by('anna'), note: 'again' })
      await open(store.cases, { ...by('chen'), message: message('<1@x>'), claims: claimed('late'), note: 'late' })
      await store.cases.identify(older.number, known.message.value, store.clock.now())
      const all = { count: 3, first: 'anna', subject: 'known', notes: ['late', 'again', 'known'] }
      assert.deepEqual(await reportersOf(known.number), all)
      assert.deepEqual(await reportersOf(older.number), { count: 0, first: 'anna', subject: null, notes: [] })
      await open(store.cases, { ...by('chen'), note: 'newest' })
      assert.deepEqual(await reportersOf(known.number), { ...all, notes: ['newest', 'late', 'again'] })
    })

    it('counts what a database holds from before it was counted', async () => {
      await open(store.cases, { ...by('anna'), message: message('<1@x>') })
      const { number } = await open(store.cases, { ...by('anna'), note: 'one' })
      for (const note of ['two', '', 'three', 'four']) {
        await open(store.cases, { ...by('ben'), note, claims: note === 'two' ? null : claimed(note) })
      }
      const before = await reportersOf(number)
      assert.deepEqual(before, { count: 2, first: 'anna', subject: '', notes: ['four', 'three', 'two'] })
      const { queries } = store.database
      for (const column of ['reporter_count', 'first_report', 'first_claims', 'newest_notes']) {
        await sql`alter table cases drop column ${sql.ref(column)}`.execute(queries)
      }
      await reporterCounts.up(queries)
      await store.reopen()
      assert.deepEqual(await reportersOf(number), before)
      assert.deepEqual(await reportersOf(number - 1), { count: 1, first: 'anna', subject: null, notes: [] })
    })

    it('counts each of many who report at once', async () => {
      const replica = await store.replicas(5)
      await open(store.cases, by('anna'))
      const reports = Array.from({ length: 20 }, (_, index) => ({
        ...report(by(`person ${String(index % 10)}`)),
        note: `note ${String(index)}`
      }))
      await Promise.all(reports.map((each, index) => replica(index).cases.open(each, { unresolvedPerHour: 1 })))
      const { count, notes } = (await read(store.cases, 1001)).reporters
      assert.deepEqual([count, notes.length], [11, 3])
    })
  })
}

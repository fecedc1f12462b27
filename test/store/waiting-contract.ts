// What the store keeps of a case's waiting: since when, what was told, the order of the queue, and the timers that hang on it.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { nudges } from '../../src/store/nudge-migration.js'
import { bringTimersForward } from '../../src/store/timers.js'
import { open, proposed, read, remediationOf, start, storing } from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

const minute = 60_000
const day = 24 * 60 * minute

export function describeWaiting(engine: StoreEngine): void {
  describe('waiting', () => {
    const store = useStore(engine)
    const message = (value: string) => ({ message: { kind: 'internetMessageId' as const, value } })

    async function dueOf(kind: string): Promise<[key: string, dueAt: number][]> {
      const rows = await store.database.queries.selectFrom('outbox').selectAll().where('kind', '=', kind).execute()
      return rows.map(({ key, due_at }): [string, number] => [key, due_at]).sort()
    }

    it('begins when people are waited for, with a row of work in the same transaction', async () => {
      const { number } = await open(store.cases)
      assert.deepEqual(await dueOf('nudge'), [])
      store.clock.advance(minute)
      const before = store.added
      await store.cases.change(number, (record) => storing(proposed(record)))
      assert.equal(store.added, before + 1)
      assert.deepEqual((await read(store.cases, number)).waiting, { period: 2, since: start + minute, nudged: [] })
      assert.deepEqual(await dueOf('nudge'), [[String(number), start + minute]])
    })

    it('keeps what was told, through joins, looks and a restart, until somebody acts', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record)))
      const told = (record: CaseRecord): CaseRecord => ({
        ...record,
        waiting: { ...record.waiting, nudged: ['reminder', 'onCall'] }
      })
      await store.cases.change(number, (record) => storing(told(record)))
      store.clock.advance(minute)
      await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record, 4)))
      await store.reopen()
      const { waiting, planVersion } = await read(store.cases, number)
      assert.deepEqual([waiting, planVersion], [{ period: 2, since: start, nudged: ['reminder', 'onCall'] }, 2])
      await store.cases.change(number, (record) =>
        storing({ ...record, state: 'approved', remediations: [remediationOf(record, 'anna')] })
      )
      await store.cases.change(number, (record) => storing({ ...record, state: 'failed' }))
      assert.deepEqual((await read(store.cases, number)).waiting, { period: 4, since: start + minute, nudged: [] })
    })

    it('ends when a triage sends the case back to a look', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record)))
      store.clock.advance(minute)
      await open(store.cases, { origin: 'triage', recipients: ['user1@contoso.example'] })
      const { state, waiting } = await read(store.cases, number)
      assert.deepEqual([state, waiting], ['looking', { period: 3, since: start + minute, nudged: [] }])
    })

    it('lists first what waits for people, the longest wait first', async () => {
      const numbers = []
      for (const value of ['<1@x>', '<2@x>', '<3@x>', '<4@x>']) {
        numbers.push((await open(store.cases, message(value))).number)
      }
      const [first, second, third, fourth] = numbers as [number, number, number, number]
      for (const number of [third, second]) {
        store.clock.advance(minute)
        await store.cases.change(number, (record) => storing(proposed(record)))
      }
      const { records } = await store.cases.openCases(10)
      assert.deepEqual(
        records.map(({ number }) => number),
        [third, second, first, fourth]
      )
      const few = await store.cases.openCases(1)
      assert.deepEqual([few.records.map(({ number }) => number), few.total], [[third], 4])
    })

    it('gives a case that is opened again an end', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing({ ...proposed(record), state: 'submitted' }))
      await store.database.queries.deleteFrom('outbox').execute()
      store.clock.advance(day)
      await store.cases.change(number, (record) => storing(proposed(record)))
      assert.deepEqual(await dueOf('expire'), [[String(number), start + 31 * day]])
    })

    it('takes over the cases of a database from before', async () => {
      const { number } = await open(store.cases, { ...message('<1@x>'), at: start - day })
      const looking = await open(store.cases, { ...message('<2@x>'), at: start - 2 * day })
      const noMail = await open(store.cases, { ...message('<3@x>'), at: start })
      await store.cases.change(number, (record) => storing(proposed(record)))
      const look = { attempts: 1, lastAt: start, nextAt: null, problem: { kind: 'noMail' as const } }
      await store.cases.change(noMail.number, (record) => storing({ ...record, state: 'unreadable', look }))
      const { schema } = store.database.queries
      await schema.dropIndex('cases_waiting').execute()
      for (const column of ['waiting_period', 'waiting_since', 'waits_for_people', 'nudges']) {
        await schema.alterTable('cases').dropColumn(column).execute()
      }
      await schema.createIndex('cases_open').on('cases').columns(['opened_at', 'number']).execute()

      await nudges.up(store.database.queries)
      const { records } = await store.cases.openCases(10)
      assert.deepEqual(
        records.map((record) => [record.number, record.waiting]),
        [
          [number, { period: 1, since: start - day, nudged: [] }],
          [noMail.number, { period: 1, since: start, nudged: [] }],
          [looking.number, { period: 1, since: start - 2 * day, nudged: [] }]
        ]
      )
    })

    it('brings ends forward for a policy that has become stricter, and puts none off', async () => {
      const early = await open(store.cases, message('<1@x>'))
      const late = await open(store.cases, { ...message('<2@x>'), at: start + day })
      const endsAfter = (days: number) => [
        [String(early.number), start + days * day],
        [String(late.number), start + (days + 1) * day]
      ]
      await bringTimersForward(store.database, 30 * day)
      assert.deepEqual(await dueOf('expire'), endsAfter(30))
      await bringTimersForward(store.database, 7 * day)
      assert.deepEqual(await dueOf('expire'), endsAfter(7))
      await bringTimersForward(store.database, 9 * day)
      assert.deepEqual(await dueOf('expire'), endsAfter(7))
    })

    it('asks about everything that waits for people at a start, whatever was asked before', async () => {
      const numbers = []
      for (const value of ['<1@x>', '<2@x>', '<3@x>', '<4@x>']) {
        numbers.push((await open(store.cases, message(value))).number)
      }
      const [, told, decided, later] = numbers as [number, number, number, number]
      for (const number of [told, decided, later]) {
        await store.cases.change(number, (record) => storing(proposed(record)))
      }
      await store.cases.change(decided, (record) => storing({ ...record, state: 'rejected' }))
      await store.database.queries.deleteFrom('outbox').execute()
      await store.outbox.add([{ kind: 'nudge', caseNumber: later, dueAt: start + 9 * minute }])
      store.clock.advance(minute)
      await bringTimersForward(store.database, 30 * day)
      assert.deepEqual(await dueOf('nudge'), [
        [String(told), start + minute],
        [String(later), start + minute]
      ])
      const claimed = [await store.outbox.claim(1_000), await store.outbox.claim(1_000)]
      assert.deepEqual(claimed.map((job) => job?.entry.kind === 'nudge' && job.entry.caseNumber).sort(), [told, later])
    })
  })
}

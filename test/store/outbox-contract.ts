// What the outbox promises, on either engine.
import assert from 'node:assert/strict'
import type { OutboxEntry } from '../../src/case/change.js'
import type { Job } from '../../src/store/outbox.js'
import { start } from './samples.js'
import { type OutboxUnderTest, type StoreEngine, useStore } from './store-under-test.js'

const card = (caseNumber: number, dueAt = start): OutboxEntry => ({ kind: 'card', caseNumber, dueAt })

async function claimed(outbox: OutboxUnderTest): Promise<Job> {
  const job = await outbox.claim(1_000)
  assert.ok(job !== null)
  return job
}

export function describeOutbox(engine: StoreEngine): void {
  describe('outbox', () => {
    const store = useStore(engine)

    it('takes how several jobs ended and gives as many others, longest due first', async () => {
      const { outbox } = store
      const wanted = { places: 2, leaseMs: 60_000, few: [] }
      await outbox.add([card(1, start - 4), card(2, start - 3), card(3, start - 2), card(4, start - 1)])
      const first = await outbox.exchange([], wanted)
      assert.deepEqual(
        first.jobs.map(({ entry, attempts }) => [entry, attempts]),
        [
          [card(1, start - 4), 1],
          [card(2, start - 3), 1]
        ]
      )
      assert.equal(first.nextDueAt, null)
      const [one, two] = first.jobs
      assert.ok(one !== undefined && two !== undefined)
      // Its lease has gone to somebody else, who is not disturbed; the others' endings count all the same.
      const stale = { job: { ...one, token: 'stale' }, againAt: null }
      const endings = [stale, { job: one, againAt: start + 5 }, { job: two, againAt: null }]
      const second = await outbox.exchange(endings, { ...wanted, places: 4 })
      assert.deepEqual(
        second.jobs.map(({ entry }) => entry),
        [card(3, start - 2), card(4, start - 1)]
      )
      assert.equal(second.nextDueAt, start + 5)
      const rest = second.jobs.map((job) => ({ job, againAt: null }))
      assert.deepEqual(await outbox.exchange(rest, wanted), { jobs: [], nextDueAt: start + 5 })
      store.clock.advance(5)
      assert.deepEqual((await claimed(outbox)).entry, card(1, start - 4))
    })

    it('gives few of the kinds that are to be few, and others that are due after them', async () => {
      const { outbox } = store
      const look = (caseNumber: number, dueAt: number): OutboxEntry => ({ kind: 'look', caseNumber, dueAt })
      await outbox.add([1, 2, 3, 4].map((number) => look(number, start - 10 + number)))
      await outbox.add([card(1, start - 1), card(2), card(3, start + 7)])
      const few = [{ kinds: ['look'] as const, places: 1 }]
      const { jobs, nextDueAt } = await outbox.exchange([], { places: 4, leaseMs: 60_000, few })
      assert.deepEqual(
        jobs.map(({ entry }) => entry),
        [look(1, start - 9), card(1, start - 1), card(2)]
      )
      assert.equal(nextDueAt, start + 7)
      assert.equal(await outbox.nextDueAt(), start - 8)
    })

    it('counts the kinds that are to be few apart from each other', async () => {
      const { outbox } = store
      const of = (kind: 'look' | 'verify', caseNumber: number, dueAt: number): OutboxEntry => ({
        kind,
        caseNumber,
        dueAt
      })
      await outbox.add([1, 2, 3, 4].map((number) => of('look', number, start - 30 + number)))
      await outbox.add([1, 2, 3, 4].map((number) => of('verify', number, start - 20 + number)))
      await outbox.add([card(1), card(2)])
      const few = [
        { kinds: ['look'] as const, places: 2 },
        { kinds: ['verify'] as const, places: 1 }
      ]
      const { jobs } = await outbox.exchange([], { places: 4, leaseMs: 60_000, few })
      assert.deepEqual(
        jobs.map(({ entry }) => entry),
        [of('look', 1, start - 29), of('look', 2, start - 28), of('verify', 1, start - 19), card(1)]
      )
    })

    it('gives out what is due, longest due first, each once', async () => {
      const { outbox } = store
      await outbox.add([card(1, start), card(2, start - 5), card(3, start + 5)])
      assert.deepEqual([(await claimed(outbox)).entry, (await claimed(outbox)).entry], [card(2, start - 5), card(1)])
      assert.equal(await outbox.claim(1_000), null)
      store.clock.advance(5)
      assert.deepEqual((await claimed(outbox)).entry, card(3, start + 5))
      assert.equal(store.added, 1)
    })

    it('keeps what each kind of entry carries', async () => {
      const to = { conversationId: 'a:1', serviceUrl: 'https://smba.trafficmanager.net/teams/' }
      const file = {
        name: 'a.eml',
        downloadUrl: 'https://x',
        reporter: { objectId: 'a', name: 'A' },
        mailboxes: [],
        replyTo: to,
        at: start
      }
      const entries: OutboxEntry[] = [
        { kind: 'link', caseNumber: 1, planVersion: 1, dueAt: start },
        { kind: 'link', caseNumber: 1, planVersion: 2, dueAt: start + 1 },
        { kind: 'notice', id: 'n', to, text: 'Hello', dueAt: start + 2 },
        { kind: 'file', id: 'n', file, dueAt: start + 3 },
        { kind: 'find', id: 'n', query: { from: 'a@b.example', subject: '', sinceMs: 1 }, to, dueAt: start + 4 }
      ]
      await store.outbox.add(entries)
      store.clock.advance(10)
      for (const entry of entries) assert.deepEqual((await claimed(store.outbox)).entry, entry)
    })

    it('makes one piece of work of entries with one key, due at the earliest', async () => {
      const { outbox } = store
      await outbox.add([card(1, start + 10), card(1, start + 5), card(1, start + 20)])
      assert.equal(await outbox.nextDueAt(), start + 5)
      store.clock.advance(5)
      await outbox.finish(await claimed(outbox))
      assert.equal(await outbox.nextDueAt(), null)
    })

    it('runs again what was added while it ran, at the time asked for and not before', async () => {
      const { outbox } = store
      await outbox.add([card(1)])
      const job = await claimed(outbox)
      await outbox.add([card(1, start + 60_000), card(1, start + 30_000), card(1, start + 90_000)])
      assert.equal(await outbox.claim(1_000), null)
      await outbox.finish(job)
      assert.equal(await outbox.claim(1_000), null)
      assert.equal(await outbox.nextDueAt(), start + 30_000)
      store.clock.advance(30_000)
      const second = await claimed(outbox)
      assert.deepEqual([second.attempts, second.createdAt], [1, start])
      await outbox.finish(second)
      assert.equal(await outbox.nextDueAt(), null)
    })

    it('waits as told, unless it was added again meanwhile', async () => {
      const { outbox } = store
      await outbox.add([card(1)])
      await outbox.again(await claimed(outbox), start + 5_000, 'Error: no')
      assert.equal(await outbox.nextDueAt(), start + 5_000)
      assert.deepEqual((await outbox.stats()).failing, [
        { kind: 'card', key: '1', attempts: 1, lastError: 'Error: no' }
      ])
      store.clock.advance(5_000)
      const job = await claimed(outbox)
      assert.equal(job.attempts, 2)
      await outbox.add([card(1, start + 5_000)])
      await outbox.again(job, start + 50_000)
      assert.equal((await claimed(outbox)).attempts, 3)
      assert.deepEqual((await outbox.stats()).failing, [])
    })

    it('gives an entry to somebody else when its lease is over, and shuts out the old holder', async () => {
      const { outbox } = store
      await outbox.add([card(1)])
      const stale = await claimed(outbox)
      assert.equal(await outbox.nextDueAt(), start + 1_000)
      store.clock.advance(999)
      assert.equal(await outbox.renew(stale, 1_000), true)
      store.clock.advance(999)
      assert.equal(await outbox.claim(1_000), null)
      store.clock.advance(1)
      const job = await claimed(outbox)
      assert.equal(job.attempts, 2)
      assert.equal(await outbox.renew(stale, 1_000), false)
      await outbox.finish(stale)
      await outbox.again(stale, start)
      assert.equal(await outbox.claim(1_000), null)
      assert.equal(await outbox.renew(job, 1_000), true)
      await outbox.finish(job)
      assert.equal(await outbox.nextDueAt(), null)
    })

    it('goes on at once after a restart, without forgetting what was asked for meanwhile', async () => {
      await store.outbox.add([card(1)])
      await claimed(store.outbox)
      await store.outbox.add([card(1, start + 60_000)])
      await store.reopen()
      assert.equal(await store.outbox.claim(1_000), null)
      await store.outbox.releaseAll()
      await store.outbox.finish(await claimed(store.outbox))
      assert.equal(await store.outbox.nextDueAt(), start + 60_000)
    })

    it('gives each of 40 entries to one of several claimers at once', async () => {
      const replica = await store.replicas(4)
      await store.outbox.add(Array.from({ length: 40 }, (_, index) => card(index)))
      const jobs = await Promise.all(Array.from({ length: 60 }, (_, index) => replica(index).outbox.claim(60_000)))
      const numbers = jobs.flatMap((job) => (job?.entry.kind === 'card' ? [job.entry.caseNumber] : []))
      assert.equal(numbers.length, new Set(numbers).size)
      // A claimer may find its entry taken and nothing else free; what is left is still there.
      while ((await store.outbox.claim(60_000)) !== null) numbers.push(-1)
      assert.equal(numbers.length, 40)
    })

    it('leaves out the kinds that are not asked for, also when it says what is due next', async () => {
      const { outbox } = store
      const look = (caseNumber: number, dueAt: number): OutboxEntry => ({ kind: 'look', caseNumber, dueAt })
      await outbox.add([look(1, start - 9), look(2, start - 8), card(1, start - 1), card(2, start + 5)])
      await outbox.add([{ kind: 'expire', caseNumber: 1, dueAt: start + 3 }])
      assert.deepEqual((await outbox.claim(60_000, ['look']))?.entry, card(1, start - 1))
      assert.equal(await outbox.claim(60_000, ['look']), null)
      assert.equal(await outbox.nextDueAt(['look']), start + 3)
      assert.equal(await outbox.nextDueAt(['look', 'expire']), start + 5)
      assert.equal(await outbox.nextDueAt(), start - 9)
      assert.equal(await outbox.nextDueAt(['look', 'expire', 'card']), null)
      assert.deepEqual((await outbox.claim(60_000))?.entry, look(1, start - 9))
    })

    it('says what waits', async () => {
      await store.outbox.add([card(1, start - 7), card(2), card(3, start + 1)])
      assert.deepEqual(await store.outbox.stats(), { waiting: 2, oldestDueAt: start - 7, failing: [] })
    })
  })
}

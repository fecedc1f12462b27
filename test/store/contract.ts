// The one contract of the database door: whatever runs here holds on both engines.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { createConversationMemory } from '../../src/store/conversation-memory.js'
import { createPostedMessages } from '../../src/store/posted-messages.js'
import { describeCampaigns } from './campaign-contract.js'
import { describeAudit } from './audit-contract.js'
import { describeTampering } from './audit-tampering-contract.js'
import { describeIdentifying, describeOpening } from './case-contract.js'
import { describeChanging } from './change-contract.js'
import { describeIdempotency } from './idempotency-contract.js'
import { describeMigrating } from './migration-contract.js'
import { describeNarrowing } from './narrow-contract.js'
import { describeOutbox } from './outbox-contract.js'
import { describeReporters } from './reporters-contract.js'
import { describeTold } from './told-contract.js'
import { describeReopening } from './reopen-contract.js'
import { describeRetention } from './retention-contract.js'
import { describeSources } from './source-contract.js'
import { report } from './samples.js'
import { describeStatistics } from './statistics-contract.js'
import { type Place, type StoreEngine, useStore } from './store-under-test.js'
import { describeWaiting } from './waiting-contract.js'

export function describeStore(engine: StoreEngine): void {
  describe(`store on ${engine.name}`, () => {
    describeOpening(engine)
    describeIdentifying(engine)
    describeNarrowing(engine)
    describeCampaigns(engine)
    describeReporters(engine)
    describeTold(engine)
    describeChanging(engine)
    describeReopening(engine)
    describeWaiting(engine)
    describeStatistics(engine)
    describeOutbox(engine)
    describeIdempotency(engine)
    describeMessages(engine)
    describeSources(engine)
    describeAudit(engine)
    describeTampering(engine)
    describeRetention(engine)
    describeMigrating(engine)
    describeDurability(engine)
  })
}

function describeMessages(engine: StoreEngine): void {
  describe('messages and conversations', () => {
    const store = useStore(engine)
    const reference = { conversationId: '19:x', serviceUrl: 'https://smba.trafficmanager.net/teams/', activityId: '1' }

    it('writes the intent to post, then where the message stands', async () => {
      const posted = createPostedMessages(store.database)
      assert.equal(await posted.find('card:1'), null)
      assert.equal(await posted.intend('card:1'), 1)
      assert.deepEqual(await posted.find('card:1'), { key: 'card:1', state: 'posting', creates: 1, reference: null })
      await posted.bind('card:1', reference)
      assert.deepEqual(await posted.find('card:1'), { key: 'card:1', state: 'posted', creates: 1, reference })
    })

    it('counts creates, and lets a click bind an id only where none is known', async () => {
      const posted = createPostedMessages(store.database)
      await posted.intend('card:1')
      await posted.settle('card:1', 'unknown')
      assert.equal((await posted.find('card:1'))?.state, 'unknown')
      assert.equal(await posted.intend('card:1'), 2)
      assert.equal(await posted.bind('card:1', reference, true), true)
      assert.equal(await posted.bind('card:1', { ...reference, activityId: '2' }, true), false)
      await posted.settle('card:1', 'unknown')
      assert.deepEqual(await posted.find('card:1'), { key: 'card:1', state: 'posted', creates: 2, reference })
      assert.equal(await posted.bind('card:1', { ...reference, activityId: '3' }), true)
      assert.equal((await posted.find('card:1'))?.reference?.activityId, '3')
    })

    it('does not count a create that surely was not sent', async () => {
      const posted = createPostedMessages(store.database)
      await posted.intend('card:1')
      await posted.settle('card:1', 'unknown')
      await posted.intend('card:1')
      await posted.settle('card:1', 'notSent')
      assert.deepEqual(await posted.find('card:1'), { key: 'card:1', state: 'unknown', creates: 1, reference: null })
    })

    it('forgets a message that is gone', async () => {
      const posted = createPostedMessages(store.database)
      assert.equal(await posted.bind('link:1-1', reference, true), true)
      assert.deepEqual((await posted.find('link:1-1'))?.reference, reference)
      await posted.settle('link:1-1', 'forgotten')
      assert.equal(await posted.find('link:1-1'), null)
    })

    it('lets one caller have a claim, until it is released', async () => {
      const replica = await store.replicas(3)
      const memories = [0, 1, 2].map((turn) => createConversationMemory(replica(turn).database))
      const claims = await Promise.all(memories.map((memory) => memory.claim('welcome:19:x')))
      assert.equal(claims.filter(Boolean).length, 1)
      await memories[0]?.release('welcome:19:x')
      assert.equal(await memories[1]?.claim('welcome:19:x'), true)
    })

    it('remembers the newest value of a fact', async () => {
      const memory = createConversationMemory(store.database)
      assert.equal(await memory.recall('serviceUrl'), null)
      for (const url of ['https://a/', 'https://b/', 'https://b/']) await memory.remember('serviceUrl', url)
      await store.reopen()
      assert.equal(await createConversationMemory(store.database).recall('serviceUrl'), 'https://b/')
      assert.equal(await createConversationMemory(store.database).recall('socTeam'), null)
    })

    if (engine.name === 'postgres') {
      it('remembers the newest value of whichever replica heard it', async () => {
        const replica = await store.replicas(2)
        const [one, two] = [0, 1].map((turn) => createConversationMemory(replica(turn).database))
        assert.ok(one !== undefined && two !== undefined)
        await one.remember('serviceUrl', 'https://a/')
        await two.remember('serviceUrl', 'https://b/')
        assert.equal(await one.recall('serviceUrl'), 'https://b/')
        await one.remember('serviceUrl', 'https://a/')
        assert.equal(await two.recall('serviceUrl'), 'https://a/')
      })
    }
  })
}

function describeDurability(engine: StoreEngine): void {
  describe('durability', () => {
    const store = useStore(engine)

    it('keeps everything over a restart and migrates once', async () => {
      await store.cases.open(report({ note: 'Odd.' }), { unresolvedPerHour: 10 })
      const before = await store.cases.read(1001)
      await store.reopen()
      await store.reopen()
      assert.deepEqual(await store.cases.read(1001), before)
    })

    it('refuses to change or remove audit rows', async () => {
      await store.cases.open(report(), { unresolvedPerHour: 10 })
      const before = await store.auditLog.entriesOf(1001)
      assert.equal(before.length, 1)
      for (const statement of ["update audit set event = 'x'", 'delete from audit']) {
        await assert.rejects(sql.raw(statement).execute(store.database.queries), /only ever added/)
      }
      assert.deepEqual(await store.auditLog.entriesOf(1001), before)
    })

    it('has every acknowledged case, with its work, after SIGKILL', async () => {
      await store.database.close()
      const acknowledged = await openCasesUntilKilled(store.place, 40)
      assert.ok(acknowledged.length >= 40)

      await store.reopen()
      const { records } = await store.cases.openCases(10_000)
      const kept = records.map(({ number }) => number)
      assert.deepEqual(missing(acknowledged, kept), [])
      // One more may be stored than was said, and on PostgreSQL while this reads; but never without its rows.
      const entries = await store.database.queries.selectFrom('outbox').select(['kind', 'key']).execute()
      for (const kind of ['look', 'card', 'expire']) {
        const keys = entries.filter((entry) => entry.kind === kind).map(({ key }) => Number(key))
        assert.deepEqual(missing(kept, keys), [], kind)
      }
      const audited = await store.database.queries.selectFrom('audit').select('case_number').execute()
      assert.deepEqual(
        missing(
          kept,
          audited.map((row) => row.case_number)
        ),
        []
      )
    })
  })
}

function missing(wanted: number[], there: number[]): number[] {
  const known = new Set(there)
  return wanted.filter((number) => !known.has(number))
}

/** Answers the numbers that the child said were stored before it was killed in the middle of its work. */
async function openCasesUntilKilled(place: Place, enough: number): Promise<number[]> {
  const child = startChild('open-cases-child.ts', place)
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line))
    if (acknowledged.length === enough) child.kill('SIGKILL')
  }
  await endChild(child)
  return acknowledged
}

export function startChild(program: string, place: Place): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL(program, import.meta.url)), JSON.stringify(place)],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  return child
}

export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

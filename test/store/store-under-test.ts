// Opens a fresh database for each test, on whichever engine the contract runs. Leaves nothing behind.
import type { AuditEntry } from '../../src/case/change.js'
import type { CaseStore } from '../../src/case/ports.js'
import { type AuditLog, createAuditLog } from '../../src/store/audit-log.js'
import { createCaseStore } from '../../src/store/case-store.js'
import { type Database, openDatabase } from '../../src/store/database.js'
import type { OutboxEntry } from '../../src/case/change.js'
import { type Job, type Outbox, createOutbox } from '../../src/store/outbox.js'
import { TestClock } from '../test-clock.js'
import { start } from './samples.js'

export interface Place {
  databaseUrl: string | null
  dataDir: string
  remove(): Promise<void>
}

export interface StoreEngine {
  name: 'embedded' | 'postgres'
  makePlace(): Promise<Place>
}

/** The outbox, and its one exchange taken apart. */
export interface OutboxUnderTest extends Outbox {
  /** Leases the longest due entry that nobody holds, of any kind but these. Null: nothing is due. */
  claim(leaseMs: number, except?: OutboxEntry['kind'][]): Promise<Job | null>
  finish(job: Job): Promise<void>
  again(job: Job, at: number, error?: string): Promise<void>
  nextDueAt(except?: OutboxEntry['kind'][]): Promise<number | null>
}

export interface Replica {
  cases: CaseStore
  outbox: OutboxUnderTest
  database: Database
}

export interface StoreUnderTest {
  place: Place
  clock: TestClock
  database: Database
  cases: CaseStore
  outbox: OutboxUnderTest
  /** Reads all rows of a case. */
  auditLog: { entriesOf(caseNumber: number): Promise<AuditEntry[]> }
  trail: AuditLog
  /** Newest first; for databases that are opened from now on. */
  auditKey: string | null
  /** How often the store said that it has added to the outbox. */
  added: number
  /** Stores to be used in turn: of so many processes where the engine allows that, else of this one. */
  replicas(count: number): Promise<(turn: number) => Replica>
  reopen(): Promise<void>
}

/** To be called inside `describe`; the parts are there while a test runs. */
export function useStore(engine: StoreEngine): StoreUnderTest {
  const opened: Database[] = []
  const store = {} as StoreUnderTest

  async function open(): Promise<void> {
    const { databaseUrl, dataDir } = store.place
    store.database = await openDatabase({ databaseUrl, dataDir, clock: store.clock, auditKey: store.auditKey })
    opened.push(store.database)
    store.cases = createCaseStore(store.database, () => (store.added += 1))
    store.outbox = outboxUnderTest(createOutbox(store.database, () => (store.added += 1)))
    const trail = createAuditLog(store.database)
    store.trail = trail
    store.auditLog = {
      entriesOf: async (caseNumber) => (await trail.entriesOf(caseNumber, { skip: 0, limit: 10_000 })).entries
    }
  }

  async function closeAll(): Promise<void> {
    await Promise.all(opened.splice(0).map((database) => database.close()))
  }

  store.reopen = async () => {
    await closeAll()
    await open()
  }
  store.replicas = async (count) => {
    const { databaseUrl, dataDir } = store.place
    if (engine.name === 'embedded') return () => store
    const others = await Promise.all(
      Array.from({ length: count }, async () => {
        const database = await openDatabase({ databaseUrl, dataDir, clock: store.clock })
        opened.push(database)
        return { database, cases: createCaseStore(database), outbox: outboxUnderTest(createOutbox(database)) }
      })
    )
    return (turn) => others[turn % count] ?? store
  }

  beforeEach(async () => {
    store.place = await engine.makePlace()
    store.clock = new TestClock(start)
    store.added = 0
    store.auditKey = null
    await open()
  })
  afterEach(async () => {
    await closeAll()
    await store.place.remove()
  })
  return store
}

export function outboxUnderTest(outbox: Outbox): OutboxUnderTest {
  const nothing = { places: 0, leaseMs: 0, few: [] }
  return {
    ...outbox,
    async claim(leaseMs, kinds = []) {
      const { jobs } = await outbox.exchange([], { places: 1, leaseMs, few: [{ kinds, places: 0 }] })
      return jobs[0] ?? null
    },
    async finish(job) {
      await outbox.exchange([{ job, againAt: null }], nothing)
    },
    async again(job, againAt, error) {
      await outbox.exchange([{ job, againAt, ...(error !== undefined && { error }) }], nothing)
    },
    async nextDueAt(kinds = []) {
      return (await outbox.exchange([], { ...nothing, few: [{ kinds, places: 0 }] })).nextDueAt
    }
  }
}

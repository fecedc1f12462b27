// The queue of work to do outside of the database: at least once, leased, coalesced by kind and key. Never calls anything itself.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { OutboxEntry } from '../case/change.js'
import type { Database } from './database.js'
import type { Within } from './schema.js'

/** A claimed entry. `token` is the fence: whoever holds an older one can no longer change the row. */
export interface Job {
  entry: OutboxEntry
  id: number
  token: string
  /** Claims of this entry since it was first added or last finished, this one included. */
  attempts: number
  createdAt: number
}

export interface OutboxStats {
  /** Entries due now, running ones included. */
  waiting: number
  oldestDueAt: number | null
  failing: { kind: string; key: string; attempts: number; lastError: string }[]
}

export interface Outbox {
  add(entries: OutboxEntry[]): Promise<void>
  /** Leases the longest due entry that nobody holds, of any kind but these. Null: nothing is due. */
  claim(leaseMs: number, except?: readonly OutboxEntry['kind'][]): Promise<Job | null>
  /** False where the lease has gone to somebody else. */
  renew(job: Job, leaseMs: number): Promise<boolean>
  /** Removes the entry, or makes it due as asked where it was added again meanwhile. */
  finish(job: Job): Promise<void>
  /** Makes the entry due at the given time, or sooner where it was added again meanwhile. */
  again(job: Job, at: number, error?: string): Promise<void>
  /** When `claim` can next answer something, of any kind but these; a lease's end counts. */
  nextDueAt(except?: readonly OutboxEntry['kind'][]): Promise<number | null>
  /** Ends all leases. Only right where no other process can be alive: on the embedded engine, at start. */
  releaseAll(): Promise<void>
  stats(): Promise<OutboxStats>
}

/** Part of the caller's transaction, so that a decision and its work are stored together or not at all. */
export async function addEntries(within: Within, entries: OutboxEntry[], now: number): Promise<void> {
  const rows = entries
    .map((entry) => ({
      kind: entry.kind,
      key: keyOf(entry),
      payload: JSON.stringify(entry),
      due_at: entry.dueAt,
      attempts: 0,
      created_at: now
    }))
    // In one order everywhere: two transactions that add the same entries cannot wait for each other.
    .sort((a, b) => compare(a.kind, b.kind) || compare(a.key, b.key))

  // One statement each: PostgreSQL refuses to touch a row twice in one.
  for (const row of rows) {
    await within
      .insertInto('outbox')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['kind', 'key']).doUpdateSet({
          payload: sql<string>`excluded.payload`,
          // While it runs, its own due time is spent: the new one is kept apart for when it finishes.
          due_at: sql<number>`case when outbox.lease_token is null and excluded.due_at < outbox.due_at
            then excluded.due_at else outbox.due_at end`,
          again_at: sql<number | null>`case when outbox.lease_token is null then outbox.again_at
            when outbox.again_at < excluded.due_at then outbox.again_at else excluded.due_at end`
        })
      )
      .execute()
  }
}

/** @param onAdded called after entries were stored for good, so that the worker need not poll. */
export function createOutbox({ queries, engine, clock }: Database, onAdded: () => void = () => undefined): Outbox {
  const held = (job: Job) => queries.updateTable('outbox').where('id', '=', job.id).where('lease_token', '=', job.token)

  return {
    async add(entries) {
      await queries.transaction().execute((within) => addEntries(within, entries, clock.now()))
      onAdded()
    },

    async claim(leaseMs, except = []) {
      const now = clock.now()
      const token = randomUUID()
      const row = await queries
        .updateTable('outbox')
        .set((it) => ({ lease_token: token, lease_until: now + leaseMs, attempts: it('attempts', '+', 1) }))
        .where('id', '=', (it) =>
          it
            .selectFrom('outbox')
            .select('id')
            .where('due_at', '<=', now)
            .where((is) => is.or([is('lease_until', 'is', null), is('lease_until', '<=', now)]))
            .$if(except.length > 0, (select) => select.where('kind', 'not in', except))
            .orderBy('due_at')
            .orderBy('id')
            .limit(1)
            .$if(engine === 'postgres', (select) => select.forUpdate().skipLocked())
        )
        .where((is) => is.or([is('lease_until', 'is', null), is('lease_until', '<=', now)]))
        .returning(['id', 'payload', 'attempts', 'created_at'])
        .executeTakeFirst()
      if (row === undefined) return null
      const entry = JSON.parse(row.payload) as OutboxEntry
      return { entry, id: row.id, token, attempts: row.attempts, createdAt: row.created_at }
    },

    async renew(job, leaseMs) {
      const renewed = await held(job)
        .set({ lease_until: clock.now() + leaseMs })
        .returning('id')
        .execute()
      return renewed.length > 0
    },

    async finish(job) {
      const removed = await queries
        .deleteFrom('outbox')
        .where('id', '=', job.id)
        .where('lease_token', '=', job.token)
        .where('again_at', 'is', null)
        .returning('id')
        .execute()
      if (removed.length > 0) return
      await held(job)
        .set({
          due_at: sql<number>`coalesce(again_at, due_at)`,
          again_at: null,
          lease_token: null,
          lease_until: null,
          attempts: 0,
          last_error: null,
          created_at: clock.now()
        })
        .execute()
    },

    async again(job, at, error) {
      await held(job)
        .set({
          due_at: sql<number>`case when again_at < ${at} then again_at else ${at} end`,
          again_at: null,
          lease_token: null,
          lease_until: null,
          last_error: error ?? null
        })
        .execute()
    },

    async nextDueAt(except = []) {
      const now = clock.now()
      const of = () =>
        queries.selectFrom('outbox').$if(except.length > 0, (select) => select.where('kind', 'not in', except))
      // Apart, so that neither reads the many entries of days to come: only what is due can be leased.
      const due = await of()
        .where('due_at', '<=', now)
        .select(sql<number | null>`min(case when lease_until > due_at then lease_until else due_at end)`.as('next'))
        .executeTakeFirstOrThrow()
      const later = await of().where('due_at', '>', now).select('due_at').orderBy('due_at').limit(1).executeTakeFirst()
      const times = [due.next, later?.due_at ?? null].filter((time) => time !== null)
      return times.length === 0 ? null : Math.min(...times)
    },

    async releaseAll() {
      await queries
        .updateTable('outbox')
        .set({ lease_token: null, lease_until: null })
        .where('lease_token', 'is not', null)
        .execute()
    },

    async stats() {
      const { waiting, oldest } = await queries
        .selectFrom('outbox')
        .select((it) => [it.fn.countAll<number>().as('waiting'), it.fn.min('due_at').as('oldest')])
        .where('due_at', '<=', clock.now())
        .executeTakeFirstOrThrow()
      const failing = await queries
        .selectFrom('outbox')
        .select(['kind', 'key', 'attempts', 'last_error'])
        .where('last_error', 'is not', null)
        .orderBy('due_at')
        .limit(100)
        .execute()
      return {
        waiting,
        oldestDueAt: oldest,
        failing: failing.map((row) => ({
          kind: row.kind,
          key: row.key,
          attempts: row.attempts,
          lastError: row.last_error ?? ''
        }))
      }
    }
  }
}

function keyOf(entry: OutboxEntry): string {
  if (entry.kind === 'notice' || entry.kind === 'file' || entry.kind === 'find') return entry.id
  if (entry.kind === 'poll') return entry.source
  if (entry.kind === 'similar') return `${String(entry.caseNumber)}-${String(entry.seenAt)}`
  if (entry.kind === 'link') return `${String(entry.caseNumber)}-${String(entry.planVersion)}`
  return String(entry.caseNumber)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

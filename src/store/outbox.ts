// The queue of work to do outside of the database: at least once, leased, coalesced by kind and key. Never calls anything itself.
import { randomUUID } from 'node:crypto'
import { type Insertable, sql } from 'kysely'
import type { OutboxEntry } from '../case/change.js'
import { storable } from './case-reports.js'
import type { Database } from './database.js'
import type { OutboxTable, Queries, Within } from './schema.js'

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

/** How a job ended. Null removes its entry; a time makes it due then. Added again meanwhile, it is due as asked, if that is sooner. */
export interface Ending {
  job: Job
  againAt: number | null
  error?: string
}

export interface Wanted {
  /** At most so many jobs. */
  places: number
  leaseMs: number
  /** Of some kinds fewer; no kind is in two of these. */
  few: readonly Few[]
}

/** Of these kinds together, at most so many. */
export interface Few {
  kinds: readonly OutboxEntry['kind'][]
  places: number
}

export interface Exchanged {
  /** The longest due entries that nobody held, now leased. */
  jobs: Job[]
  /** When there is more to lease; a lease's end counts. Null: nothing is to come, or every place was filled. */
  nextDueAt: number | null
}

export interface Outbox {
  add(entries: OutboxEntry[]): Promise<void>
  /** Stores how jobs ended, unless their leases have gone to somebody else, and leases the next ones. */
  exchange(endings: Ending[], wanted: Wanted): Promise<Exchanged>
  /** False where the lease has gone to somebody else. */
  renew(job: Job, leaseMs: number): Promise<boolean>
  /** Ends all leases. Only right where no other process can be alive: on the embedded engine, at start. */
  releaseAll(): Promise<void>
  stats(): Promise<OutboxStats>
}

/** Part of the caller's transaction, so that a decision and its work are stored together or not at all. */
export async function addEntries(within: Within, entries: OutboxEntry[], now: number): Promise<void> {
  if (entries.length === 0) return
  // PostgreSQL refuses to touch a row twice in one statement, so what is one piece of work is made one before.
  const rows = new Map<string, Insertable<OutboxTable>>()
  for (const entry of entries) {
    const key = keyOf(entry)
    const before = rows.get(`${entry.kind} ${key}`)
    rows.set(`${entry.kind} ${key}`, {
      kind: entry.kind,
      key,
      payload: JSON.stringify(entry),
      due_at: Math.min(entry.dueAt, before?.due_at ?? Infinity),
      attempts: 0,
      created_at: now
    })
  }
  await within
    .insertInto('outbox')
    // In one order everywhere: two transactions that add the same entries cannot wait for each other.
    .values([...rows.values()].sort((a, b) => compare(a.kind, b.kind) || compare(a.key, b.key)))
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

/** @param onAdded called after entries were stored for good, so that the worker need not poll. */
export function createOutbox({ queries, engine, clock }: Database, onAdded: () => void = () => undefined): Outbox {
  const held = (from: Queries, job: Job) =>
    from.updateTable('outbox').where('id', '=', job.id).where('lease_token', '=', job.token)

  async function end(from: Queries, ending: Ending): Promise<void> {
    if (ending.againAt === null) await finish(from, ending.job)
    else await again(from, ending, ending.againAt)
  }

  async function finish(from: Queries, job: Job): Promise<void> {
    const removed = await from
      .deleteFrom('outbox')
      .where('id', '=', job.id)
      .where('lease_token', '=', job.token)
      .where('again_at', 'is', null)
      .returning('id')
      .execute()
    if (removed.length > 0) return
    await held(from, job)
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
  }

  async function again(from: Queries, { job, error }: Ending, at: number): Promise<void> {
    await held(from, job)
      .set({
        due_at: sql<number>`case when again_at < ${at} then again_at else ${at} end`,
        again_at: null,
        lease_token: null,
        lease_until: null,
        last_error: error === undefined ? null : storable(error)
      })
      .execute()
  }

  async function lease(within: Within, { places, leaseMs, few }: Wanted): Promise<Job[]> {
    const now = clock.now()
    const due = await within
      .selectFrom('outbox')
      .select(['id', 'kind', 'payload', 'attempts', 'created_at'])
      .where('due_at', '<=', now)
      .where((is) => is.or([is('lease_until', 'is', null), is('lease_until', '<=', now)]))
      .$if(fullKinds(few).length > 0, (select) => select.where('kind', 'not in', fullKinds(few)))
      .orderBy('due_at')
      .orderBy('id')
      .limit(places)
      .$if(engine === 'postgres', (select) => select.forUpdate().skipLocked())
      .execute()
    const free = new Map(few.map((each) => [each, each.places]))
    const taken = due.filter(({ kind }) => {
      const limit = few.find(({ kinds }) => isAmong(kinds, kind))
      const left = limit === undefined ? 1 : (free.get(limit) ?? 0)
      if (limit !== undefined) free.set(limit, left - 1)
      return left > 0
    })
    if (taken.length === 0) return []
    const token = randomUUID()
    await within
      .updateTable('outbox')
      .set((it) => ({ lease_token: token, lease_until: now + leaseMs, attempts: it('attempts', '+', 1) }))
      .where(
        'id',
        'in',
        taken.map(({ id }) => id)
      )
      .execute()
    return taken.map((row) => ({
      entry: JSON.parse(row.payload) as OutboxEntry,
      id: row.id,
      token,
      attempts: row.attempts + 1,
      createdAt: row.created_at
    }))
  }

  async function nextDueAt(within: Within, { few }: Wanted): Promise<number | null> {
    const now = clock.now()
    const full = fullKinds(few)
    const { due, later } = await within
      .selectNoFrom((it) => {
        const of = () => it.selectFrom('outbox').$if(full.length > 0, (select) => select.where('kind', 'not in', full))
        // Apart, so that neither reads the many entries of days to come: only what is due can be leased.
        return [
          of()
            .where('due_at', '<=', now)
            .select(sql<number | null>`min(case when lease_until > due_at then lease_until else due_at end)`.as('due'))
            .as('due'),
          of().where('due_at', '>', now).select('due_at').orderBy('due_at').limit(1).as('later')
        ]
      })
      .executeTakeFirstOrThrow()
    const times = [due, later].filter((time) => time !== null)
    return times.length === 0 ? null : Math.min(...times)
  }

  return {
    async add(entries) {
      await queries.transaction().execute((within) => addEntries(within, entries, clock.now()))
      onAdded()
    },

    async exchange(endings, wanted) {
      // One after another: two transactions that each wait for a row which the other has would both fail.
      if (engine === 'postgres') for (const ending of endings) await end(queries, ending)
      return queries.transaction().execute(async (within) => {
        // Together: here each commit is a wait for the disk, and nobody else writes.
        if (engine === 'embedded') for (const ending of endings) await end(within, ending)
        const jobs: Job[] = []
        let rest = wanted
        while (rest.places > 0) {
          const more = await lease(within, rest)
          jobs.push(...more)
          const full = fullKinds(rest.few).length
          const few = rest.few.map(({ kinds, places }) => ({
            kinds,
            places: places - more.filter(({ entry }) => isAmong(kinds, entry.kind)).length
          }))
          rest = { ...rest, places: rest.places - more.length, few }
          // Entries of the few kinds may have stood before others; those come now.
          if (fullKinds(few).length === full) break
        }
        const isFilled = jobs.length > 0 && rest.places === 0
        return { jobs, nextDueAt: isFilled ? null : await nextDueAt(within, rest) }
      })
    },

    async renew(job, leaseMs) {
      const renewed = await held(queries, job)
        .set({ lease_until: clock.now() + leaseMs })
        .returning('id')
        .execute()
      return renewed.length > 0
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

/** For which no place is left. */
function fullKinds(few: readonly Few[]): OutboxEntry['kind'][] {
  return few.filter(({ places }) => places <= 0).flatMap(({ kinds }) => kinds)
}

function isAmong(kinds: readonly OutboxEntry['kind'][], kind: string): boolean {
  return (kinds as readonly string[]).includes(kind)
}

function keyOf(entry: OutboxEntry): string {
  if (entry.kind === 'notice' || entry.kind === 'outcome' || entry.kind === 'file' || entry.kind === 'find')
    return entry.id
  if (entry.kind === 'review') return entry.submissionId
  if (entry.kind === 'poll') return entry.source
  if (entry.kind === 'retention') return 'audit'
  if (entry.kind === 'similar') return `${String(entry.caseNumber)}-${String(entry.seenAt)}`
  if (entry.kind === 'link' || entry.kind === 'turnedUp')
    return `${String(entry.caseNumber)}-${String(entry.planVersion)}`
  return String(entry.caseNumber)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

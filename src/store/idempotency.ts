// Remembers for a day what each caller's key was answered, so that a repeated request has one effect. Never holds what was asked, only its hash.
import { randomUUID } from 'node:crypto'
import type { Database } from './database.js'

export interface KeyedRequest {
  caller: string
  key: string
  /** The same for the same request, however it was written. */
  hash: string
}

export interface KeptAnswer {
  status: number
  /** JSON. */
  body: string
}

export type Begun =
  /**
   * The request is the caller's to carry out, and to settle or release. `activityKey` is the same when a request is
   * begun again after a release or a crash: what it did then is recognised by it.
   */
  | { kind: 'begun'; activityKey: string }
  | { kind: 'running' }
  | { kind: 'answered'; answer: KeptAnswer }
  | { kind: 'otherRequest' }

export interface Idempotency {
  begin(request: KeyedRequest): Promise<Begun>
  /** Keeps the answer and gives the one that counts: where it was settled before, that one. */
  settle(request: KeyedRequest, answer: KeptAnswer): Promise<KeptAnswer>
  /** Nothing was answered for good: the next one with this key and this request may begin it again. */
  release(request: KeyedRequest): Promise<void>
}

const keptMs = 24 * 3_600_000
/** Longer than any request is worked on; only a crash leaves one so long. */
const leaseMs = 60_000
/** Each request adds one row at most, so the table shrinks to what is not over; and no request pays for a whole day. */
const removedAtOnce = 50

export function createIdempotency({ queries, engine, clock }: Database): Idempotency {
  return {
    async begin(request) {
      const key = keyOf(request)
      const now = clock.now()
      return queries.transaction().execute(async (within): Promise<Begun> => {
        // Its own first, the only one that is waited for: whoever held others meanwhile could be waited for in turn.
        await within
          .deleteFrom('idempotency')
          .where('key', '=', key)
          .where('created_at', '<=', now - keptMs)
          .execute()
        await within
          .deleteFrom('idempotency')
          .where('key', 'in', (it) =>
            it
              .selectFrom('idempotency')
              .select('key')
              .where('created_at', '<=', now - keptMs)
              .orderBy('created_at')
              .limit(removedAtOnce)
              // Two that clear up at once must not wait for each other.
              .$if(engine === 'postgres', (select) => select.forUpdate().skipLocked())
          )
          .execute()

        const activityKey = `api:${randomUUID()}`
        const lease = { lease_until: now + leaseMs }
        const added = await within
          .insertInto('idempotency')
          .values({ key, hash: request.hash, activity_key: activityKey, created_at: now, ...lease })
          .onConflict((conflict) => conflict.column('key').doNothing())
          .returning('key')
          .executeTakeFirst()
        if (added !== undefined) return { kind: 'begun', activityKey }

        const row = await within.selectFrom('idempotency').selectAll().where('key', '=', key).executeTakeFirst()
        if (row === undefined) return { kind: 'running' }
        if (row.hash !== request.hash) return { kind: 'otherRequest' }
        if (row.status !== null) return { kind: 'answered', answer: { status: row.status, body: row.body ?? '' } }
        if (row.lease_until > now) return { kind: 'running' }
        const taken = await within
          .updateTable('idempotency')
          .set(lease)
          .where('key', '=', key)
          .where('status', 'is', null)
          .where('lease_until', '=', row.lease_until)
          .returning('activity_key')
          .executeTakeFirst()
        return taken === undefined ? { kind: 'running' } : { kind: 'begun', activityKey: taken.activity_key }
      })
    },

    async settle(request, answer) {
      const settled = await queries
        .updateTable('idempotency')
        .set(answer)
        .where('key', '=', keyOf(request))
        .where('hash', '=', request.hash)
        .where('status', 'is', null)
        .returning('key')
        .executeTakeFirst()
      if (settled !== undefined) return answer
      const row = await queries
        .selectFrom('idempotency')
        .select(['status', 'body'])
        .where('key', '=', keyOf(request))
        .where('hash', '=', request.hash)
        .executeTakeFirst()
      return row?.status == null ? answer : { status: row.status, body: row.body ?? '' }
    },

    async release(request) {
      await queries
        .updateTable('idempotency')
        .set({ lease_until: 0 })
        .where('key', '=', keyOf(request))
        .where('hash', '=', request.hash)
        .where('status', 'is', null)
        .execute()
    }
  }
}

/** A caller is an application id and holds no space, so two pairs never make one key. */
function keyOf({ caller, key }: KeyedRequest): string {
  return `${caller} ${key}`
}

// Brings stored timers into line with a policy that has changed since they were set. Never makes anything happen by itself.
import { sql } from 'kysely'
import { longestMs } from '../case/policy.js'
import type { Database } from './database.js'

/**
 * To be called at start. What a handler is asked too early it sends back to its time; too late would be too late.
 * @param expireAfterMs so long after their opening, cases end
 */
export async function bringTimersForward({ queries, clock }: Database, expireAfterMs: number): Promise<void> {
  const now = clock.now()
  await queries
    .updateTable('outbox')
    .set({ due_at: now })
    .where('kind', '=', 'nudge')
    .where('due_at', '>', now)
    .execute()
  if (expireAfterMs >= longestMs) return
  const end = sql<number>`(select cases.opened_at + ${expireAfterMs} from cases where cases.number = cast(outbox.key as bigint))`
  await queries
    .updateTable('outbox')
    .set({ due_at: end })
    .where('kind', '=', 'expire')
    .where('due_at', '>', end)
    .execute()
}

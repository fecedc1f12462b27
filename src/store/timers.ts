// Brings stored timers into line with a policy or a clock that has changed since they were set. Makes nothing happen by itself.
import { sql } from 'kysely'
import { longestMs } from '../case/policy.js'
import type { Database } from './database.js'

/**
 * To be called at start. A handler that is asked too early sends its entry back to its time; too late would be too late.
 * @param expireAfterMs so long after their opening, cases end
 */
export async function bringTimersForward({ queries, clock }: Database, expireAfterMs: number): Promise<void> {
  const now = clock.now()
  // In one statement, because there is an entry for each case that waits for people, or there should be one now. In one
  // order: two replicas that start at once cannot wait for each other.
  await sql`
    insert into outbox (kind, key, payload, due_at, attempts, created_at)
    select 'nudge', cast(number as text), '{"kind":"nudge","caseNumber":' || cast(number as text) || ',"dueAt":0}',
      cast(${now} as bigint), 0, cast(${now} as bigint)
    from cases where open_key is not null and waits_for_people = 1
    order by number
    on conflict (kind, key) do update set due_at = excluded.due_at
    where outbox.lease_token is null and outbox.due_at > excluded.due_at`.execute(queries)
  if (expireAfterMs >= longestMs) return
  const end = sql<number>`(select cases.opened_at + ${expireAfterMs} from cases
    where cases.number = cast(outbox.key as bigint))`
  await queries
    .updateTable('outbox')
    .set({ due_at: end })
    .where('kind', '=', 'expire')
    .where('due_at', '>', end)
    .execute()
}

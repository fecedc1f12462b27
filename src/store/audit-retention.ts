// Removes the oldest rows of the audit log when their time is over, and leaves a checkpoint from which the chain is still verifiable.
import { auditAppender } from './audit-chain.js'
import type { Database } from './database.js'
import type { Within } from './schema.js'

export interface AuditRetention {
  /** Removes what is over, a bounded part at a time. Answers when to come back; null: everything is kept. */
  trim(): Promise<number | null>
}

const dayMs = 24 * 3_600_000
/** One transaction holds the head of the chain meanwhile, and nobody can decide. */
const removedAtOnce = 5_000

/** @param days how long rows are kept; null: for good. */
export function createAuditRetention(database: Database, days: number | null): AuditRetention {
  const { queries, clock } = database
  const append = auditAppender(database.auditKey)

  return {
    async trim() {
      if (days === null) return null
      const now = clock.now()
      const more = await queries.transaction().execute(async (within) => {
        const end = await endOfPrefix(within, now - days * dayMs)
        if (end === null) return false
        const { seq, hash, removed, all } = end
        // In the chain itself too: a checkpoint that nobody recorded is somebody's who removed rows by hand.
        const detail = { seq, hash, removed, days }
        await append(within, [{ at: now, caseNumber: 0, event: 'audit.trimmed', actor: null, detail }])
        await within.insertInto('audit_checkpoint').values({ seq, hash, at: now, removed }).execute()
        await within.deleteFrom('audit').where('seq', '<=', seq).execute()
        return !all
      })
      return more ? now : now + dayMs
    }
  }
}

/**
 * Only a prefix of the chain can go: up to the first row that is young enough to be kept, or belongs to an open case.
 * Null where nothing can.
 */
async function endOfPrefix(
  within: Within,
  keptFrom: number
): Promise<{ seq: number; hash: string; removed: number; all: boolean } | null> {
  const rows = () => within.selectFrom('audit').select('seq').orderBy('seq').limit(1)
  const first = await rows().executeTakeFirst()
  if (first === undefined) return null
  const next = first.seq + removedAtOnce
  // Only among what can go now: whoever waits for the database would wait for all that is old to be read each time.
  const young = await rows().where('seq', '<', next).where('at', '>=', keptFrom).executeTakeFirst()
  const open = await rows()
    .where('seq', '<', next)
    .where('case_number', 'in', (it) => it.selectFrom('cases').select('number').where('open_key', 'is not', null))
    .executeTakeFirst()
  const newest = await within
    .selectFrom('audit')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const kept = Math.min(young?.seq ?? Infinity, open?.seq ?? Infinity, newest.seq + 1)
  const end = Math.min(kept, next) - 1
  const last = await within.selectFrom('audit').select(['seq', 'hash']).where('seq', '=', end).executeTakeFirst()
  if (last === undefined) return null
  return { ...last, removed: end - first.seq + 1, all: end === kept - 1 }
}

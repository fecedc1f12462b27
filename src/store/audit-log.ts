// Reads a case's rows of the audit log, and records at start what they will be judged by. Never changes or removes a row.
import type { AuditTrail } from '../case/ports.js'
import { auditAppender, entryOf, hashOf, isSealed } from './audit-chain.js'
import type { Database } from './database.js'
import type { Queries } from './schema.js'

export interface AuditLog extends AuditTrail {
  /** Records under which policy decisions are made from now on, where that has changed. */
  notePolicy(facts: { sha256: string; channelId: string }): Promise<void>
  /**
   * Records that hashes are made with another key from now on, or with none. `lost`: what stands there was sealed with a
   * key that is not among the given ones.
   */
  noteKey(olderKeys: string[]): Promise<'same' | 'changed' | 'lost'>
}

/** For what belongs to no case. */
const noCase = 0

export function createAuditLog({ queries, clock, auditKey }: Database): AuditLog {
  const append = auditAppender(auditKey)
  const recorded = (event: string, detail: Record<string, unknown>) => [
    { at: clock.now(), caseNumber: noCase, event, actor: null, detail }
  ]

  return {
    async entriesOf(caseNumber, { skip, limit, events }) {
      const ofCase = queries
        .selectFrom('audit')
        .where('case_number', '=', caseNumber)
        .$if(events !== undefined, (select) => select.where('event', 'in', events ?? []))
      const rows = await ofCase.selectAll().orderBy('seq').offset(skip).limit(limit).execute()
      const { total } = await ofCase.select((it) => it.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
      return { entries: rows.map(entryOf), total }
    },

    async notePolicy(facts) {
      await queries.transaction().execute(async (within) => {
        const last = await within
          .selectFrom('audit')
          .selectAll()
          .where('case_number', '=', noCase)
          .where('event', '=', 'policy.loaded')
          .orderBy('seq', 'desc')
          .executeTakeFirst()
        const known = last === undefined ? null : entryOf(last).detail
        if (known?.sha256 === facts.sha256 && known.channelId === facts.channelId) return
        await append(within, recorded('policy.loaded', facts))
      })
    },

    async noteKey(olderKeys) {
      return queries.transaction().execute(async (within) => {
        const last = await newestRow(within)
        if (last === undefined) return 'same'
        const wasSealed = isSealed(last.hash)
        const sealedWith = (key: string) => hashOf(last, key) === last.hash
        if (auditKey === null ? !wasSealed : sealedWith(auditKey)) return 'same'
        await append(within, recorded('audit.keyChanged', { sealed: auditKey !== null }))
        return wasSealed && !olderKeys.some(sealedWith) ? 'lost' : 'changed'
      })
    }
  }
}

function newestRow(queries: Queries) {
  return queries.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst()
}

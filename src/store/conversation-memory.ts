// Small facts about conversations: what was said once already, and where Teams was last heard from. Never holds case data.
import type { ConversationFact, ConversationMemory } from '../case/ports.js'
import type { Database } from './database.js'

export function createConversationMemory({ queries, engine, clock }: Database): ConversationMemory {
  /** Both are asked on every turn. Only where no other process can have written something newer. */
  const known = engine === 'embedded' ? new Map<ConversationFact, string>() : null

  return {
    async claim(key) {
      const claimed = await queries
        .insertInto('claims')
        .values({ key, at: clock.now() })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .returning('key')
        .executeTakeFirst()
      return claimed !== undefined
    },

    async release(key) {
      await queries.deleteFrom('claims').where('key', '=', key).execute()
    },

    async remember(fact, value) {
      if (known?.get(fact) === value) return
      await queries
        .insertInto('settings')
        .values({ name: fact, value })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ value })
            // A write to disk only when it has changed.
            .where('settings.value', '<>', value)
        )
        .execute()
      known?.set(fact, value)
    },

    async recall(fact) {
      const remembered = known?.get(fact)
      if (remembered !== undefined) return remembered
      const row = await queries.selectFrom('settings').select('value').where('name', '=', fact).executeTakeFirst()
      if (row !== undefined) known?.set(fact, row.value)
      return row?.value ?? null
    }
  }
}

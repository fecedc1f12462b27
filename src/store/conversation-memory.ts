// Small facts about conversations: what was said once already, and where Teams was last heard from. Never holds case data.
import type { ConversationMemory } from '../case/ports.js'
import type { Database } from './database.js'

export function createConversationMemory({ queries, clock }: Database): ConversationMemory {
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
      await queries
        .insertInto('settings')
        .values({ name: fact, value })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ value })
            // Asked on every turn: a write to disk only when it has changed.
            .where('settings.value', '<>', value)
        )
        .execute()
    },

    async recall(fact) {
      const row = await queries.selectFrom('settings').select('value').where('name', '=', fact).executeTakeFirst()
      return row?.value ?? null
    }
  }
}

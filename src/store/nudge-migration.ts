// Adds for whom a case waits and since when. A migration that was released never changes; a change is a new one.
import { type Kysely, type Migration, sql } from 'kysely'
import type { Schema } from './schema.js'

/** Cases from before wait since their opening: when they began to wait for people was not written down. */
export const nudges: Migration = {
  up: async (database: Kysely<Schema>) => {
    const cases = () => database.schema.alterTable('cases')
    for (const column of ['waiting_since', 'waits_for_people']) {
      await cases()
        .addColumn(column, 'bigint', (it) => it.notNull().defaultTo(0))
        .execute()
    }
    await cases()
      .addColumn('waiting_period', 'bigint', (it) => it.notNull().defaultTo(1))
      .execute()
    await cases()
      .addColumn('nudges', 'text', (it) => it.notNull().defaultTo('[]'))
      .execute()
    await sql`
      update cases set waiting_since = opened_at, waits_for_people = case
        when state in ('proposed', 'partlyApproved', 'failed', 'uncertain') then 1
        when state = 'unreadable' and look like '%"kind":"noMail"%' then 1
        when state in ('nothingFound', 'unreadable') and look like '%"nextAt":null%' then 1
        else 0 end`.execute(database)
    await database.schema
      .createIndex('cases_waiting')
      .on('cases')
      .columns(['waits_for_people desc', 'waiting_since', 'number'])
      .where(sql.ref('open_key'), 'is not', null)
      .execute()
    await database.schema.dropIndex('cases_open').execute()
  }
}

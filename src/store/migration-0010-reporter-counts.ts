// Adds to each case what its card says of its reports, so that a campaign's thousands of them are not read with each new one.
import { type Kysely, type Migration, sql } from 'kysely'
import type { Schema } from './schema.js'

export const reporterCounts: Migration = {
  up: async (database: Kysely<Schema>) => {
    const cases = () => database.schema.alterTable('cases')
    await cases()
      .addColumn('reporter_count', 'bigint', (it) => it.notNull().defaultTo(0))
      .execute()
    await cases().addColumn('first_report', 'bigint').execute()
    await cases().addColumn('first_claims', 'bigint').execute()
    await cases()
      .addColumn('newest_notes', 'text', (it) => it.notNull().defaultTo('[]'))
      .execute()
    // All cases at once: PostgreSQL would answer a `min(id)` of each case by reading the table from its start.
    await sql`
      update cases set
        reporter_count = counted.people,
        first_report = counted.first_report,
        first_claims = counted.first_claims
      from (
        select case_number, count(distinct reporter_id) as people, min(id) as first_report,
          min(case when claims is not null then id end) as first_claims
        from reports group by case_number
      ) as counted
      where counted.case_number = cases.number
    `.execute(database)
    await sql`
      update cases set newest_notes = '[' || noted.ids || ']'
      from (
        select case_number, string_agg(cast(id as text), ',' order by id desc) as ids
        from (
          select case_number, id, row_number() over (partition by case_number order by id desc) as place
          from reports where note <> ''
        ) as ranked
        where place <= 3 group by case_number
      ) as noted
      where noted.case_number = cases.number
    `.execute(database)
  }
}

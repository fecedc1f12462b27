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
    const ofCase = sql`from reports where reports.case_number = cases.number`
    await sql`
      update cases set
        reporter_count = (select count(distinct reporter_id) ${ofCase}),
        first_report = (select min(id) ${ofCase}),
        first_claims = (select min(id) ${ofCase} and claims is not null),
        newest_notes = '[' || coalesce((
          select string_agg(cast(id as text), ',' order by id desc)
          from (select id ${ofCase} and note <> '' order by id desc limit 3) as noted
        ), '') || ']'
    `.execute(database)
  }
}

// Makes room for whose mailbox a reporter has, and for what each reporter was told of the case's end.
import type { Kysely, Migration } from 'kysely'
import type { Schema } from './schema.js'

export const told: Migration = {
  up: async ({ schema }: Kysely<Schema>) => {
    await schema
      .alterTable('reports')
      .addColumn('mailboxes', 'text', (it) => it.notNull().defaultTo('[]'))
      .execute()
    await schema
      .createTable('told')
      .addColumn('case_number', 'bigint', (it) => it.notNull().references('cases.number'))
      .addColumn('reporter_id', 'text', (it) => it.notNull())
      .addColumn('disposition', 'text', (it) => it.notNull())
      .addColumn('at', 'bigint', (it) => it.notNull())
      .addPrimaryKeyConstraint('told_key', ['case_number', 'reporter_id'])
      .execute()
  }
}

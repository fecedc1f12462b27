// Makes room for several approvals of one plan, and for what came of it. Loses no approval that is stored.
import { type Kysely, type Migration, sql } from 'kysely'
import type { Schema } from './schema.js'

export const approvals: Migration = {
  up: async (database: Kysely<Schema>) => {
    await database.schema.alterTable('cases').addColumn('pending', 'text').execute()
    await database.schema
      .alterTable('remediations')
      .addColumn('approvals', 'text', (it) => it.notNull().defaultTo('[]'))
      .execute()
    await database.schema.alterTable('remediations').addColumn('outcome', 'text').execute()
    await foldSingleApprovals(database)
    for (const column of ['approver', 'reason', 'ruling']) {
      await database.schema.alterTable('remediations').dropColumn(column).execute()
    }
  }
}

interface SingleApproval {
  case_number: number
  plan_version: number
  approver: string
  reason: string
  ruling: string
  decided_at: number
}

/** One approval was all there could be; who stood how at the time was not written down then. */
async function foldSingleApprovals(database: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<SingleApproval>`
    select case_number, plan_version, approver, reason, ruling, decided_at from remediations`.execute(database)
  for (const row of rows) {
    const person = JSON.parse(row.approver) as { objectId: string }
    const approval = {
      person,
      reason: row.reason,
      at: row.decided_at,
      ruling: JSON.parse(row.ruling) as unknown,
      standing: { objectId: person.objectId, groups: [], reporter: false, opener: false }
    }
    await database
      .updateTable('remediations')
      .set({ approvals: JSON.stringify([approval]) })
      .where('case_number', '=', row.case_number)
      .where('plan_version', '=', row.plan_version)
      .execute()
  }
}

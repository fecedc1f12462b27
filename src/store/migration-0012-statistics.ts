// Adds what the statistics and the history count by, so that neither reads more than its period or page. What was never written down stays null.
import { type Kysely, type Migration, sql } from 'kysely'
import type { Schema } from './schema.js'

export const statistics: Migration = { up }

async function up(database: Kysely<Schema>): Promise<void> {
  const { schema } = database
  const add = (table: string, column: string) => schema.alterTable(table).addColumn(column, 'bigint').execute()
  await schema
    .alterTable('cases')
    .addColumn('judgement', 'text', (it) => it.notNull().defaultTo('open'))
    .execute()
  await add('cases', 'decided_at')
  await add('cases', 'ended_at')
  await schema
    .alterTable('remediations')
    .addColumn('purpose', 'text', (it) => it.notNull().defaultTo('remediate'))
    .execute()
  await add('remediations', 'settled_at')
  await add('posted_messages', 'posted_at')
  await fillIn(database)

  await schema.createIndex('reports_at').on('reports').columns(['at', 'case_number', 'kind', 'origin']).execute()
  await schema.createIndex('cases_opened').on('cases').columns(['opened_at', 'number', 'decided_at']).execute()
  await schema
    .createIndex('cases_ended')
    .on('cases')
    .columns(['ended_at', 'number'])
    .where(sql.ref('ended_at'), 'is not', null)
    .execute()
  await schema.createIndex('remediations_decided').on('remediations').columns(['decided_at']).execute()
}

// JSON escapes quotes inside of strings, so that these patterns meet no words of people.
const undoPlan = '%"purpose":"undo"%'
const foundPhish = ['%"verdict":"phish"%', '%"verdict":"malware"%']
const decisions = sql`('decision.approved', 'decision.rejected', 'decision.closed')`
const endings = sql`(
  'batch.accepted', 'batch.orphaned', 'decision.rejected', 'decision.closed', 'decision.markedDone',
  'decision.keptRemoved', 'case.undoExpired', 'case.simulation', 'case.expired'
)`

async function fillIn(database: Kysely<Schema>): Promise<void> {
  await sql`
    update remediations set purpose = 'undo' where exists (
      select 1 from plans
      where plans.case_number = remediations.case_number and plans.version = remediations.plan_version
        and plans.body like ${undoPlan}
    )`.execute(database)
  const decided = (event: typeof decisions) => sql`
    from audit where audit.case_number = cases.number and audit.event in ${event}`
  await sql`update cases set decided_at = (select min(audit.at) ${decided(decisions)})`.execute(database)
  await sql`
    update cases set ended_at = coalesce((select max(audit.at) ${decided(endings)}), waiting_since)
    where open_key is null and state <> 'joined'`.execute(database)
  // As judgementOf has it.
  const counted = sql`
    from remediations where remediations.case_number = cases.number and (cases.state <> 'rejected' or exists (
      select 1 from batches
      where batches.case_number = remediations.case_number and batches.plan_version = remediations.plan_version
        and batches.state in ('accepted', 'uncertain', 'submitting')
    ))`
  const latest = sql`(select remediations.action ${counted} order by remediations.plan_version desc limit 1)`
  await sql`
    update cases set judgement = case
      when ${latest} = 'moveToInbox' then 'notPhish'
      when ${latest} is not null then 'phish'
      when open_key is not null then 'open'
      when state = 'rejected' then 'notPhish'
      when state <> 'closed' then 'neither'
      when closing like ${foundPhish[0]} or closing like ${foundPhish[1]} then 'phish'
      else 'notPhish' end`.execute(database)
}

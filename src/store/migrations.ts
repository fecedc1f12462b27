// Brings a database to the newest schema. A migration that was released never changes; a change is a new one.
import { type ColumnDataType, type Kysely, type Migration, Migrator, sql } from 'kysely'
import { chainAudit } from './audit-migration.js'
import { approvals } from './migration-0004-approvals.js'
import { reporterCounts } from './migration-0010-reporter-counts.js'
import { told } from './migration-0009-told.js'
import { statistics } from './migration-0012-statistics.js'
import { nudges } from './nudge-migration.js'
import type { Schema } from './schema.js'

export type Engine = 'embedded' | 'postgres'

/** In one transaction. Safe to run by several processes at once: on PostgreSQL Kysely's migrator takes an advisory lock. */
export async function migrate(database: Kysely<Schema>, engine: Engine): Promise<void> {
  const { error } = await migratorOf(database, engine).migrateToLatest()
  if (error !== undefined) throw new Error('The database could not be brought to this version.', { cause: error })
}

export function migratorOf(database: Kysely<Schema>, engine: Engine): Migrator {
  return new Migrator({
    db: database,
    provider: {
      getMigrations: async () => ({
        '0001-first': first(engine),
        '0002-idempotency': idempotency,
        '0003-audit-chain': auditChain(engine),
        '0004-approvals': approvals,
        '0005-void': voided,
        '0006-nudges': nudges,
        '0008-campaign': campaign,
        '0009-told': told,
        '0010-reporter-counts': reporterCounts,
        '0012-statistics': statistics(engine)
      })
    }
  })
}

function first(engine: Engine): Migration {
  // SQLite keeps 64-bit integers in any integer column, but takes only this spelling for a row number of its own.
  const ownNumber: ColumnDataType = engine === 'postgres' ? 'bigserial' : 'integer'

  return {
    up: async (database: Kysely<Schema>) => {
      const { schema } = database
      const numbered = (table: string, column: string) =>
        schema
          .createTable(table)
          .addColumn(column, ownNumber, (it) =>
            engine === 'postgres' ? it.primaryKey() : it.primaryKey().autoIncrement()
          )

      await schema
        .createTable('counters')
        .addColumn('name', 'text', (it) => it.primaryKey())
        .addColumn('value', 'bigint', (it) => it.notNull())
        .execute()
      await sql`insert into counters (name, value) values ('case', 1000)`.execute(database)

      await schema
        .createTable('cases')
        .addColumn('number', 'bigint', (it) => it.primaryKey())
        .addColumn('revision', 'bigint', (it) => it.notNull())
        .addColumn('state', 'text', (it) => it.notNull())
        .addColumn('message_kind', 'text', (it) => it.notNull())
        .addColumn('message_value', 'text', (it) => it.notNull())
        .addColumn('open_key', 'text', (it) => it.unique())
        .addColumn('recipients', 'text', (it) => it.notNull())
        .addColumn('kind', 'text', (it) => it.notNull())
        .addColumn('opened_by', 'text', (it) => it.notNull())
        .addColumn('opened_at', 'bigint', (it) => it.notNull())
        .addColumn('previous_case', 'bigint', (it) => it.references('cases.number'))
        .addColumn('joined_into', 'bigint', (it) => it.references('cases.number'))
        .addColumn('plan_version', 'bigint', (it) => it.notNull())
        .addColumn('current_plan', 'bigint')
        .addColumn('look', 'text', (it) => it.notNull())
        .addColumn('mail', 'text')
        .addColumn('closing', 'text')
        .execute()
      await schema
        .createIndex('cases_open')
        .on('cases')
        .columns(['opened_at', 'number'])
        .where(sql.ref('open_key'), 'is not', null)
        .execute()
      await schema.createIndex('cases_message').on('cases').columns(['message_value', 'number']).execute()

      await schema
        .createTable('plans')
        .addColumn('case_number', 'bigint', (it) => it.notNull().references('cases.number'))
        .addColumn('version', 'bigint', (it) => it.notNull())
        .addColumn('body', 'text', (it) => it.notNull())
        .addPrimaryKeyConstraint('plans_key', ['case_number', 'version'])
        .execute()

      await schema
        .createTable('remediations')
        .addColumn('case_number', 'bigint', (it) => it.notNull())
        .addColumn('plan_version', 'bigint', (it) => it.notNull())
        .addColumn('action', 'text', (it) => it.notNull())
        .addColumn('severity', 'text', (it) => it.notNull())
        .addColumn('remediate_senders_copy', 'integer', (it) => it.notNull())
        .addColumn('digest', 'text', (it) => it.notNull())
        .addColumn('approver', 'text', (it) => it.notNull())
        .addColumn('reason', 'text', (it) => it.notNull())
        .addColumn('ruling', 'text', (it) => it.notNull())
        .addColumn('decided_at', 'bigint', (it) => it.notNull())
        .addPrimaryKeyConstraint('remediations_key', ['case_number', 'plan_version'])
        .addForeignKeyConstraint('remediations_plan', ['case_number', 'plan_version'], 'plans', [
          'case_number',
          'version'
        ])
        .execute()

      await schema
        .createTable('batches')
        .addColumn('case_number', 'bigint', (it) => it.notNull())
        .addColumn('plan_version', 'bigint', (it) => it.notNull())
        .addColumn('seq', 'bigint', (it) => it.notNull())
        .addColumn('first_copy', 'bigint', (it) => it.notNull())
        .addColumn('end_copy', 'bigint', (it) => it.notNull())
        .addColumn('state', 'text', (it) => it.notNull())
        .addColumn('token', 'text')
        .addColumn('lease_until', 'bigint')
        .addColumn('attempts', 'bigint', (it) => it.notNull())
        .addColumn('first_tried_at', 'bigint')
        .addColumn('sent_at', 'bigint')
        .addColumn('answered_at', 'bigint')
        .addColumn('tracking_link', 'text')
        .addColumn('raw_location', 'text')
        .addColumn('status', 'bigint')
        .addColumn('code', 'text')
        .addColumn('message', 'text')
        .addColumn('request_id', 'text')
        .addPrimaryKeyConstraint('batches_key', ['case_number', 'plan_version', 'seq'])
        .addForeignKeyConstraint('batches_remediation', ['case_number', 'plan_version'], 'remediations', [
          'case_number',
          'plan_version'
        ])
        .execute()

      await numbered('reports', 'id')
        .addColumn('case_number', 'bigint', (it) => it.notNull().references('cases.number'))
        .addColumn('reporter_id', 'text', (it) => it.notNull())
        .addColumn('reporter_name', 'text', (it) => it.notNull())
        .addColumn('activity_key', 'text', (it) => it.notNull().unique())
        .addColumn('origin', 'text', (it) => it.notNull())
        .addColumn('kind', 'text', (it) => it.notNull())
        .addColumn('note', 'text', (it) => it.notNull())
        .addColumn('recipients', 'text', (it) => it.notNull())
        .addColumn('claims', 'text')
        .addColumn('reply_to', 'text')
        .addColumn('at', 'bigint', (it) => it.notNull())
        .execute()
      await schema.createIndex('reports_case').on('reports').columns(['case_number', 'reporter_id']).execute()
      await schema.createIndex('reports_reporter').on('reports').columns(['reporter_id', 'at']).execute()

      await numbered('outbox', 'id')
        .addColumn('kind', 'text', (it) => it.notNull())
        .addColumn('key', 'text', (it) => it.notNull())
        .addColumn('payload', 'text', (it) => it.notNull())
        .addColumn('due_at', 'bigint', (it) => it.notNull())
        .addColumn('again_at', 'bigint')
        .addColumn('lease_until', 'bigint')
        .addColumn('lease_token', 'text')
        .addColumn('attempts', 'bigint', (it) => it.notNull())
        .addColumn('last_error', 'text')
        .addColumn('created_at', 'bigint', (it) => it.notNull())
        .addUniqueConstraint('outbox_key', ['kind', 'key'])
        .execute()
      await schema.createIndex('outbox_due').on('outbox').columns(['due_at', 'id']).execute()

      await numbered('audit', 'seq')
        .addColumn('at', 'bigint', (it) => it.notNull())
        .addColumn('case_number', 'bigint', (it) => it.notNull())
        .addColumn('event', 'text', (it) => it.notNull())
        .addColumn('actor', 'text')
        .addColumn('detail', 'text', (it) => it.notNull())
        .execute()
      await schema.createIndex('audit_case').on('audit').columns(['case_number', 'seq']).execute()
      for (const statement of appendOnly[engine]) await sql.raw(statement).execute(database)

      await schema
        .createTable('posted_messages')
        .addColumn('key', 'text', (it) => it.primaryKey())
        .addColumn('state', 'text', (it) => it.notNull())
        .addColumn('creates', 'bigint', (it) => it.notNull())
        .addColumn('conversation_id', 'text')
        .addColumn('service_url', 'text')
        .addColumn('activity_id', 'text')
        .execute()
      await schema
        .createTable('claims')
        .addColumn('key', 'text', (it) => it.primaryKey())
        .addColumn('at', 'bigint', (it) => it.notNull())
        .execute()
      await schema
        .createTable('settings')
        .addColumn('name', 'text', (it) => it.primaryKey())
        .addColumn('value', 'text', (it) => it.notNull())
        .execute()
      await schema
        .createTable('sources')
        .addColumn('name', 'text', (it) => it.primaryKey())
        .addColumn('cursor', 'text')
        .addColumn('succeeded_at', 'bigint')
        .addColumn('failed_at', 'bigint')
        .addColumn('failure', 'text')
        .execute()
    }
  }
}

const idempotency: Migration = {
  up: async ({ schema }: Kysely<Schema>) => {
    await schema
      .createTable('idempotency')
      .addColumn('key', 'text', (it) => it.primaryKey())
      .addColumn('hash', 'text', (it) => it.notNull())
      .addColumn('activity_key', 'text', (it) => it.notNull())
      .addColumn('status', 'bigint')
      .addColumn('body', 'text')
      .addColumn('lease_until', 'bigint', (it) => it.notNull())
      .addColumn('created_at', 'bigint', (it) => it.notNull())
      .execute()
    await schema.createIndex('idempotency_created').on('idempotency').column('created_at').execute()
  }
}

function auditChain(engine: Engine): Migration {
  return {
    up: (database: Kysely<Schema>) => chainAudit(database, engine)
  }
}

const campaign: Migration = {
  up: async ({ schema }: Kysely<Schema>) => {
    await schema.alterTable('cases').addColumn('campaign', 'text').execute()
    await schema.alterTable('cases').addColumn('candidates', 'text').execute()
    await schema
      .createTable('case_messages')
      .addColumn('message_value', 'text', (it) => it.notNull())
      .addColumn('case_number', 'bigint', (it) => it.notNull().references('cases.number'))
      .addColumn('held', 'integer', (it) => it.notNull())
      .addPrimaryKeyConstraint('case_messages_key', ['message_value', 'case_number'])
      .execute()
    await schema
      .createIndex('case_messages_held')
      .unique()
      .on('case_messages')
      .column('message_value')
      .where(sql.ref('held'), '=', 1)
      .execute()
    await schema.createIndex('case_messages_case').on('case_messages').column('case_number').execute()
  }
}

const voided: Migration = {
  up: async ({ schema }: Kysely<Schema>) => {
    await schema.alterTable('cases').addColumn('voided', 'text').execute()
  }
}

// The code has no statement that changes an audit row; these refuse one that comes from anywhere else.
const appendOnly: Record<Engine, string[]> = {
  embedded: ['update', 'delete'].map(
    (verb) =>
      `create trigger audit_no_${verb} before ${verb} on audit
       begin select raise(abort, 'audit rows are only ever added'); end`
  ),
  postgres: [
    `create function audit_is_append_only() returns trigger language plpgsql as $$
     begin raise exception 'audit rows are only ever added'; end $$`,
    `create trigger audit_append_only before update or delete or truncate on audit
     for each statement execute function audit_is_append_only()`
  ]
}

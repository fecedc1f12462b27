// Brings the audit log of an older version into the hash chain: numbered without gaps, each row with its hash. Runs once.
import { type Kysely, sql } from 'kysely'
import { chained, chainStart, entryOf } from './audit-chain.js'
import type { Engine } from './migrations.js'
import type { Schema } from './schema.js'

const rowsAtOnce = 500

/** The rows go into a table of their own: the old one lets nobody change or number them anew. */
export async function chainAudit(database: Kysely<Schema>, engine: Engine): Promise<void> {
  const { schema } = database
  // Only so spelled is it SQLite's own row number, and needs no second index.
  const rowNumber = engine === 'postgres' ? 'bigint' : 'integer'
  await sql`alter table audit rename to audit_unchained`.execute(database)
  await schema.dropIndex('audit_case').execute()
  await schema
    .createTable('audit')
    .addColumn('seq', rowNumber, (it) => it.primaryKey())
    .addColumn('at', 'bigint', (it) => it.notNull())
    .addColumn('case_number', 'bigint', (it) => it.notNull())
    .addColumn('event', 'text', (it) => it.notNull())
    .addColumn('actor', 'text')
    .addColumn('detail', 'text', (it) => it.notNull())
    .addColumn('prev_hash', 'text', (it) => it.notNull())
    .addColumn('hash', 'text', (it) => it.notNull())
    .execute()
  await schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (it) => it.primaryKey())
    .addColumn('seq', 'bigint', (it) => it.notNull())
    .addColumn('hash', 'text', (it) => it.notNull())
    .execute()
  await schema
    .createTable('audit_checkpoint')
    .addColumn('seq', 'bigint', (it) => it.primaryKey())
    .addColumn('hash', 'text', (it) => it.notNull())
    .addColumn('at', 'bigint', (it) => it.notNull())
    .addColumn('removed', 'bigint', (it) => it.notNull())
    .execute()
  const head = await copyRows(database)
  await sql`insert into audit_head (id, seq, hash) values (1, ${head.seq}, ${head.hash})`.execute(database)
  await schema.dropTable('audit_unchained').execute()
  await schema.createIndex('audit_case').on('audit').columns(['case_number', 'seq']).execute()
  for (const statement of guards[engine]) await sql.raw(statement).execute(database)
}

interface UnchainedRow {
  seq: number
  at: number
  case_number: number
  event: string
  actor: string | null
  detail: string
}

async function copyRows(database: Kysely<Schema>): Promise<{ seq: number; hash: string }> {
  let head = { seq: 0, hash: chainStart }
  for (let after = 0; ;) {
    const { rows } = await sql<UnchainedRow>`select seq, at, case_number, event, actor, detail from audit_unchained
      where seq > ${after} order by seq limit ${rowsAtOnce}`.execute(database)
    const copies = chained(rows.map(entryOf), head, null)
    if (copies.length > 0) await database.insertInto('audit').values(copies).execute()
    const last = copies.at(-1)
    if (last === undefined) return head
    head = { seq: last.seq, hash: last.hash }
    after = rows.at(-1)?.seq ?? after
  }
}

// The code changes no row, and removes only what a checkpoint covers; these refuse anything else, wherever it comes from.
const guards: Record<Engine, string[]> = {
  embedded: [
    `create trigger audit_no_update before update on audit
     begin select raise(abort, 'audit rows are only ever added'); end`,
    `create trigger audit_no_delete before delete on audit
     when old.seq > coalesce((select max(seq) from audit_checkpoint), 0)
     begin select raise(abort, 'audit rows are only ever added'); end`,
    ...['update', 'delete'].map(
      (verb) => `create trigger audit_checkpoint_no_${verb} before ${verb} on audit_checkpoint
       begin select raise(abort, 'audit checkpoints are only ever added'); end`
    )
  ],
  postgres: [
    `create function audit_is_removed_by_checkpoint() returns trigger language plpgsql as $$
     begin
       if old.seq > coalesce((select max(seq) from audit_checkpoint), 0) then
         raise exception 'audit rows are only ever added';
       end if;
       return old;
     end $$`,
    `create trigger audit_append_only before update or truncate on audit
     for each statement execute function audit_is_append_only()`,
    `create trigger audit_no_delete before delete on audit
     for each row execute function audit_is_removed_by_checkpoint()`,
    `create trigger audit_checkpoint_append_only before update or delete or truncate on audit_checkpoint
     for each statement execute function audit_is_append_only()`
  ]
}

// What a report, a click and `queue` cost in a database of 100,000 cases and in an empty one, on either engine, in
// alternating rounds.
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { sql } from 'kysely'
import pg from 'pg'
import { systemClock } from '../src/clock.js'
import { say } from '../src/playground/teams/person.js'
import { auditAppender } from '../src/store/audit-chain.js'
import { createAuditLog } from '../src/store/audit-log.js'
import { type Database, openDatabase } from '../src/store/database.js'
import type { Bot } from './bots.js'
import { type Row, median, ratioRow, tellRow } from './numbers.js'
import { type World, approve, dana, isDone, openCases, openWorld, reportTo, startProduct } from './world.js'

export interface FlatnessSizes {
  rounds: number
  /** Of each kind, a round. */
  turns: number
  cases: number
  open: number
}

/** As many as the list shows, so that both databases give the same card. */
const listed = 15
const kinds = ['report', 'click', 'queue'] as const
type Cost = Record<(typeof kinds)[number], { p50: number; cpu: number }>

interface Side {
  world: World
  bot: Bot
}

export async function benchFlatness(
  serverUrl: string | null,
  sizes: FlatnessSizes
): Promise<{ rows: Row[]; failures: number }> {
  const engine = serverUrl === null ? 'libsql' : 'PostgreSQL'
  const sides: (Side & { remove: () => Promise<void> })[] = []
  const ratios = { report: [] as number[][], click: [] as number[][], queue: [] as number[][] }
  const cpus: Cost[][] = []
  try {
    const empty = await openSide(serverUrl, { cases: listed, open: listed })
    sides.push(empty)
    const full = await openSide(serverUrl, sizes)
    sides.push(full)
    for (let round = 0; round <= sizes.rounds; round += 1) {
      const small = await costs(empty, sizes.turns)
      const large = await costs(full, sizes.turns)
      if (round === 0) continue
      cpus.push([small, large])
      for (const kind of kinds) {
        ratios[kind].push([large[kind].p50 / small[kind].p50, large[kind].cpu / small[kind].cpu])
      }
    }
  } finally {
    for (const { bot, remove } of sides) {
      await bot.stop()
      await remove()
    }
  }
  const rows = kinds.flatMap((kind) => [
    ratioRow(
      `${engine}: ${kind}, CPU`,
      ratios[kind].map(([, cpu]) => cpu ?? 0),
      { most: 1.5 }
    ),
    ratioRow(
      `${engine}: ${kind}, p50`,
      ratios[kind].map(([p50]) => p50 ?? 0),
      { most: 1.5 }
    ),
    tellRow(
      `CPU of each, empty and full`,
      [0, 1].map((side) => `${median(cpus.map((pair) => pair[side]?.[kind].cpu ?? 0)).toFixed(1)} ms`).join(', ')
    )
  ])
  return { rows, failures: 0 }
}

async function costs({ world, bot }: Side, turns: number): Promise<Cost> {
  const measure = async (turn: (index: number) => Promise<unknown>, isOver: () => boolean) => {
    const took: number[] = []
    await bot.mark()
    for (let index = 0; index < turns; index += 1) {
      const from = performance.now()
      await turn(index)
      took.push(performance.now() - from)
    }
    await world.until(isOver)
    await world.quiet()
    return { p50: median(took), cpu: (await bot.read()).cpuMs / turns }
  }
  const names: string[] = []
  const report = await measure(
    async () => names.push((await reportTo(world.room, world.newMail())) ?? ''),
    () => names.every((name) => world.cases.get(name)?.toDecide)
  )
  const click = await measure(
    (index) => approve(world, names[index] ?? ''),
    () => names.every((name) => isDone(world, name))
  )
  const queue = await measure(
    () => say(world.room, dana, 'queue'),
    () => true
  )
  return { report, click, queue }
}

/** A bot of its own on a database of its own, in which one real case was multiplied. */
async function openSide(
  serverUrl: string | null,
  sizes: Pick<FlatnessSizes, 'cases' | 'open'>
): Promise<Side & { remove: () => Promise<void> }> {
  const world = await openWorld()
  const place = serverUrl === null ? null : await makeDatabase(serverUrl)
  const env: Record<string, string> = place === null ? {} : { DATABASE_URL: place.url }
  const first = await startProduct(world, env)
  await openCases(world, 1)
  await world.quiet()
  await first.stop()
  await multiply(place?.url ?? null, world.env.DATA_DIR ?? '', sizes)
  const bot = await startProduct(world, env)
  const remove = async () => {
    await world.close()
    await place?.remove()
  }
  return { world, bot, remove }
}

/**
 * Copies the one case with all its rows. The copies were opened over the last 30 days, so each still has its `expire`
 * in the outbox, as the product would have left it; all but the newest are ended.
 */
async function multiply(
  databaseUrl: string | null,
  dataDir: string,
  { cases, open }: Pick<FlatnessSizes, 'cases' | 'open'>
): Promise<void> {
  const database = await openDatabase({ databaseUrl, dataDir, clock: systemClock })
  const text = (value: string) => sql.raw(`cast(${value} as text)`)
  const series = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(cases)})`
  const span = 29 * 24 * 3_600_000
  // Of the copy with the number 1001 + i.
  const at = sql`c.opened_at - ${sql.lit(span)} + cast(${sql.lit(span)} / ${sql.lit(cases)} as bigint) * n.i`
  const key = sql`'be7c1111-0000-4000-8000-' || substr(${text('100000000000 + n.i')}, 1, 12)`
  const isOpen = sql`n.i > ${sql.lit(cases - open)}`
  const statements = [
    sql`insert into cases (number, revision, state, message_kind, message_value, open_key, recipients, kind, opened_by,
          opened_at, plan_version, current_plan, look, mail, reporter_count)
        ${series} select c.number + n.i, c.revision, case when ${isOpen} then c.state else 'rejected' end,
          c.message_kind, ${key}, case when ${isOpen} then ${key} end, c.recipients, c.kind, c.opened_by,
          ${at}, c.plan_version, c.current_plan, c.look, c.mail, c.reporter_count from n, cases c where c.number = 1001`,
    sql`insert into plans (case_number, version, body)
        ${series} select p.case_number + n.i, p.version, p.body from n, plans p where p.case_number = 1001`,
    sql`insert into reports (case_number, reporter_id, reporter_name, activity_key, origin, kind, note, recipients, at)
        ${series} select c.case_number + n.i, c.reporter_id, c.reporter_name, 'copy:' || ${text('n.i')}, c.origin, c.kind,
          c.note, c.recipients, c.at from n, reports c where c.case_number = 1001`,
    sql`update cases set first_report = counted.id
        from (select case_number, min(id) as id from reports group by case_number) as counted
        where counted.case_number = cases.number and first_report is null`,
    sql`insert into posted_messages (key, state, creates, conversation_id, activity_id)
        ${series} select 'card:' || ${text('1001 + n.i')}, p.state, p.creates, p.conversation_id, p.activity_id
        from n, posted_messages p where p.key = 'card:1001'`,
    sql`insert into outbox (kind, key, payload, due_at, attempts, created_at)
        ${series} select o.kind, ${text('1001 + n.i')},
          '{"kind":"expire","caseNumber":' || ${text('1001 + n.i')} || '}',
          o.due_at - ${sql.lit(span)} + cast(${sql.lit(span)} / ${sql.lit(cases)} as bigint) * n.i, 0, o.created_at
        from n, outbox o where o.kind = 'expire'`,
    sql`update counters set value = ${sql.lit(1001 + cases)} where name = 'case'`,
    sql`analyze`
  ]
  try {
    await copyAudit(database, cases)
    for (const statement of statements) await statement.execute(database.queries)
  } finally {
    await database.close()
  }
}

/** Through the store's own code: only that can add to the chain. */
async function copyAudit(database: Database, cases: number): Promise<void> {
  const { entries } = await createAuditLog(database).entriesOf(1001, { skip: 0, limit: 100 })
  const append = auditAppender(null)
  const atOnce = 200
  for (let first = 1; first <= cases; first += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, cases + 1 - first) }, (_, index) => 1001 + first + index)
    const copies = numbers.flatMap((caseNumber) => entries.map((entry) => ({ ...entry, caseNumber })))
    await database.queries.transaction().execute((within) => append(within, copies))
  }
}

async function makeDatabase(serverUrl: string): Promise<{ url: string; remove: () => Promise<void> }> {
  const name = `phish_triage_bench_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, remove: () => onServer(serverUrl, `drop database ${name} with (force)`) }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

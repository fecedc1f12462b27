// Counts what happened in a period and lists ended cases, by indexes that lead to just these rows. Reads only.
import { type RawBuilder, sql } from 'kysely'
import type { RemediationAction } from '../case/plan.js'
import type { CaseStatistics } from '../case/ports.js'
import { type DayCount, type Judgement, type Spread, type Statistics, dayMs, isJudged } from '../case/statistics.js'
import { recordsOf } from './case-rows.js'
import { type Database, readTogether } from './database.js'
import type { Queries } from './schema.js'

export function createCaseStatistics(database: Database): CaseStatistics {
  return {
    between: (from, to) => readTogether(database, (queries) => statisticsOf(queries, { from, to })),

    async ended({ skip, limit }) {
      return readTogether(database, async (queries) => {
        const ended = await queries
          .selectFrom('cases')
          .select(['number', 'ended_at'])
          .where('ended_at', 'is not', null)
          .orderBy('ended_at', 'desc')
          .orderBy('number', 'desc')
          .offset(skip)
          .limit(limit + 1)
          .execute()
        const shown = ended.slice(0, limit)
        const numbers = shown.map(({ number }) => number)
        const rows =
          numbers.length === 0
            ? []
            : await queries.selectFrom('cases').selectAll().where('number', 'in', numbers).execute()
        const records = new Map((await recordsOf(queries, rows)).map((record) => [record.number, record]))
        const cases = shown.flatMap(({ number, ended_at }) => {
          const record = records.get(number)
          return record === undefined || ended_at === null ? [] : [{ record, endedAt: ended_at }]
        })
        return { cases, more: ended.length > limit }
      })
    }
  }
}

interface Period {
  from: number
  to: number
}

async function statisticsOf(queries: Queries, period: Period): Promise<Statistics> {
  const { days, precision } = await reportsIn(queries, period)
  const opened = sql`cases.opened_at >= ${period.from} and cases.opened_at < ${period.to}`
  const took = {
    // Cards are posted under the key that posts have for them.
    acknowledge: await spreadOf(
      queries,
      sql`
        select posted_messages.posted_at - cases.opened_at as took
        from cases join posted_messages on posted_messages.key = 'card:' || cast(cases.number as text)
        where ${opened} and posted_messages.posted_at is not null`
    ),
    decide: await spreadOf(
      queries,
      sql`select decided_at - opened_at as took from cases where ${opened} and decided_at is not null`
    ),
    submit: await spreadOf(
      queries,
      sql`select answered_at - decided_at as took from (${requestsIn(period)}) as requests where accepted = batches`
    ),
    seeGone: await spreadOf(
      queries,
      sql`
        select settled_at - answered_at as took from (${requestsIn(period)}) as requests
        where accepted = batches and settled_at is not null and action <> 'moveToInbox'`
    )
  }
  return { days, took, precision, ...(await actionsIn(queries, period)) }
}

async function reportsIn(queries: Queries, { from, to }: Period): Promise<Pick<Statistics, 'days' | 'precision'>> {
  // An analyst's triage is no report by a reporter, and "not junk" claims the opposite. Counted by case first: a campaign
  // is thousands of reports of a few cases.
  const { rows } = await sql<{ day: number; judgement: Judgement; reports: number; claimed: number }>`
    select counted.day as day, cases.judgement as judgement, cast(sum(counted.reports) as bigint) as reports,
      cast(sum(counted.claimed) as bigint) as claimed
    from (
      select case_number, at / ${sql.lit(dayMs)} as day, count(*) as reports,
        count(case when kind = 'phish' and origin <> 'triage' then 1 end) as claimed
      from reports where at >= ${from} and at < ${to}
      group by case_number, at / ${sql.lit(dayMs)}
    ) as counted join cases on cases.number = counted.case_number
    group by counted.day, cases.judgement`.execute(queries)
  const days = daysOf(from, to)
  const precision = { decided: 0, phish: 0 }
  for (const { day, judgement, reports, claimed } of rows) {
    const counted = days.get(day * dayMs)
    if (counted !== undefined) counted[judgement] += reports
    if (isJudged(judgement)) precision.decided += claimed
    if (judgement === 'phish') precision.phish += claimed
  }
  return { days: [...days.values()], precision }
}

function daysOf(from: number, to: number): Map<number, DayCount> {
  const days = new Map<number, DayCount>()
  for (let day = Math.floor(from / dayMs) * dayMs; day < to; day += dayMs) {
    days.set(day, { day, phish: 0, notPhish: 0, open: 0, neither: 0 })
  }
  return days
}

/**
 * What was approved in the period, each with how many of its batches Defender accepted, and when it answered the last.
 * Not joined and grouped, for which SQLite would read every request there ever was.
 */
function requestsIn({ from, to }: Period): RawBuilder<unknown> {
  const own = sql`
    from batches
    where batches.case_number = remediations.case_number and batches.plan_version = remediations.plan_version`
  return sql`
    select action, purpose, decided_at, settled_at, (select count(*) ${own}) as batches,
      (select count(*) ${own} and batches.state = 'accepted') as accepted,
      (select max(batches.answered_at) ${own}) as answered_at
    from remediations where decided_at >= ${from} and decided_at < ${to}`
}

async function actionsIn(queries: Queries, period: Period): Promise<Pick<Statistics, 'actions' | 'undone'>> {
  const { rows } = await sql<{ action: RemediationAction; purpose: string; requests: number }>`
    select action, purpose, count(*) as requests from (${requestsIn(period)}) as requests
    where accepted > 0 group by action, purpose`.execute(queries)
  const actions: Statistics['actions'] = {}
  let undone = 0
  for (const { action, purpose, requests } of rows) {
    if (purpose === 'undo') undone += requests
    else actions[action] = (actions[action] ?? 0) + requests
  }
  return { actions, undone }
}

/** Exact, by nearest rank: SQLite has no percentiles of its own. @param times a query of one column, `took`. */
async function spreadOf(queries: Queries, times: RawBuilder<unknown>): Promise<Spread> {
  const { rows } = await sql<Spread>`
    select coalesce(max(total), 0) as count,
      max(case when place = (total + 1) / 2 then took end) as half,
      max(case when place = (9 * total + 9) / 10 then took end) as most
    from (
      select took, row_number() over (order by took) as place, count(*) over () as total from (${times}) as times
    ) as placed`.execute(queries)
  return rows[0] ?? { count: 0, half: null, most: null }
}

// A storm: thousands of reports of one mail through the report API and through chat, while an approver works on other cases.
import { performance } from 'node:perf_hooks'
import { systemClock } from '../src/clock.js'
import { say, type Someone } from '../src/playground/teams/person.js'
import { openDatabase } from '../src/store/database.js'
import { type Row, exactRow, gapRows, mostRow, ms, quantile, tellRow } from './numbers.js'
import { type World, approve, inParallel, isDone, openCases, openWorld, reportTo, startProduct } from './world.js'

export interface StormSizes {
  api: number
  chat: number
  /** Other cases that the approver decides meanwhile. */
  clicks: number
}

const betweenClicksMs = 250
/** Card updates are held back for some seconds; the last one counts too. */
const lastUpdateMs = 6_000

export async function benchStorm({ api, chat, clicks }: StormSizes): Promise<{ rows: Row[]; failures: number }> {
  const people = Array.from({ length: chat }, (_, index): Someone => {
    return {
      objectId: `9e0b1e00-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
      name: `Person ${String(index)}`
    }
  })
  const world = await openWorld(people)
  try {
    const bot = await startProduct(world)
    // What the first turns leave in memory is no growth of the storm's.
    const others = await openCases(world, clicks)
    for (let turn = 0; turn < api / 50; turn += 1)
      await reportTo(world.room, `<warm-${String(turn % 20)}@mailer.example>`)
    await world.quiet()
    const mail = world.newMail()

    const before = await bot.mark('gaps')
    const storm = { over: false }
    const from = performance.now()
    const clicking = clickMeanwhile(world, others, storm)
    const [viaApi, viaChat] = await Promise.all([
      inParallel(16, api, (index) => reportTo(world.room, mail, `user${String(index)}@contoso.example`)),
      inParallel(8, chat, async (index) => {
        const person = people[index]
        return person !== undefined && (await say(world.room, person, `report ${mail}`, 'personal')).status === 200
      })
    ])
    const tookMs = performance.now() - from
    storm.over = true
    const answered = await clicking
    const name = viaApi.find((each) => each !== null) ?? ''
    await world.until(() => world.cases.get(name)?.toDecide)
    await world.quiet(lastUpdateMs)
    const after = await bot.read()
    const writes = world.cases.get(name)?.writes ?? 0
    const acknowledged = people.filter(({ objectId }) => world.posts.has(`a:personal-${objectId}`)).length
    const undone = answered.names.filter((each) => !isDone(world, each)).length
    await bot.stop()

    const stored = await storedReports(world.env.DATA_DIR ?? '', mail)
    const taken = viaApi.filter((each) => each !== null).length + viaChat.filter(Boolean).length
    const reports = api + chat
    return {
      failures: reports - taken + answered.failures + undone,
      rows: [
        exactRow(`cases of ${String(api)} reports through the API and ${String(chat)} through chat`, stored.cases, 1),
        exactRow('reports lost', reports - stored.reports, 0),
        exactRow('reporters in chat without an answer', chat - acknowledged, 0),
        tellRow('posts and updates of the one card', String(writes)),
        ...gapRows('longest event-loop gap', [after], 50),
        mostRow('RSS growth', after.rssMb - before.rssMb, { most: 150, unit: 'MB' }),
        mostRow(`p99 of ${String(answered.took.length)} clicks on other cases`, quantile(answered.took, 0.99), {
          most: 1500,
          unit: 'ms'
        }),
        tellRow(
          'reports a second; CPU a report',
          `${(reports / (tookMs / 1000)).toFixed(0)}; ${ms(after.cpuMs / reports)}`
        )
      ]
    }
  } finally {
    await world.close()
  }
}

/** Clicks until the storm or the cases are at their end. */
async function clickMeanwhile(world: World, names: string[], storm: { over: boolean }) {
  const took: number[] = []
  const clicked: string[] = []
  let failures = 0
  for (const name of names) {
    if (storm.over) break
    const from = performance.now()
    if (!(await approve(world, name))) failures += 1
    took.push(performance.now() - from)
    clicked.push(name)
    await new Promise((resolve) => setTimeout(resolve, betweenClicksMs))
  }
  return { took, failures, names: clicked }
}

/** Read after the bot has ended: the embedded database has one owner. */
async function storedReports(dataDir: string, message: string): Promise<{ cases: number; reports: number }> {
  const database = await openDatabase({ databaseUrl: null, dataDir, clock: systemClock })
  try {
    const { queries } = database
    const rows = await queries.selectFrom('cases').select('number').where('message_value', '=', message).execute()
    const numbers = rows.map(({ number }) => number)
    const { count } = await queries
      .selectFrom('reports')
      .select((it) => it.fn.countAll<number>().as('count'))
      .where('case_number', 'in', numbers)
      .executeTakeFirstOrThrow()
    return { cases: numbers.length, reports: count }
  } finally {
    await database.close()
  }
}

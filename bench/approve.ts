// An approve turn beside a bare echo turn with as many calls, in alternating rounds; then memory after 5,000 turns.
import { performance } from 'node:perf_hooks'
import { activityOf, say, send } from '../src/playground/teams/person.js'
import { type Bot, startBot } from './bots.js'
import { type Row, exactRow, gapRows, median, mostRow, ms, ratioRow, tellRow } from './numbers.js'
import type { Reading } from './reading.js'
import { type World, approve, dana, inParallel, isDone, openCases, openWorld, startProduct } from './world.js'

export interface Sizes {
  rounds: number
  /** Turns a round, one after another and eight at once. */
  alone: number
  together: number
  starts: number
  gapTurns: number
  turns: number
}

interface Measured {
  cpu: number[]
  whole: number[]
  answer: number[]
}

export async function benchApprove(sizes: Sizes): Promise<{ rows: Row[]; failures: number }> {
  const world = await openWorld()
  const peer = await openWorld()
  const rows: Row[] = []
  let failures = 0
  try {
    const starts = await startRatios(world, peer, sizes.starts)
    const bot = await startProduct(world)
    const echo = await startBot({ kind: 'echo' })
    peer.room.botUrl = echo.url
    const product: Measured = { cpu: [], whole: [], answer: [] }
    const bare: Measured = { cpu: [], whole: [], answer: [] }
    // The first round warms both up and tells how many calls a turn makes.
    let calls = 0
    for (let round = 0; round <= sizes.rounds; round += 1) {
      const done = await productRound(world, bot, sizes)
      failures += done.failures
      if (round === 0) calls = Math.round(done.calls)
      const echoed = await echoRound(peer, echo, { ...sizes, calls })
      failures += echoed.failures
      if (round === 0) continue
      for (const name of ['cpu', 'whole', 'answer'] as const) {
        product[name].push(done[name])
        bare[name].push(echoed[name])
      }
    }
    const ratios = (name: keyof Measured) => product[name].map((value, index) => value / (bare[name][index] ?? 0))
    rows.push(
      ratioRow('approve turn: CPU, 8 at once', ratios('cpu'), { most: 3, goal: 1.5 }),
      ratioRow('approve turn: p50 from click to link and card', ratios('whole'), { most: 3 }),
      tellRow('p50 from click to answer, of the same echo turn', `${median(ratios('answer')).toFixed(2)}×`),
      tellRow('calls that each turn makes, of both bots', String(calls)),
      tellRow('CPU a turn, product and echo', `${ms(median(product.cpu))}, ${ms(median(bare.cpu))}`),
      ratioRow('start to first turn', starts, { most: 2.5, goal: 1.5 })
    )

    const gaps = await gapTurns(world, bot, sizes.gapTurns)
    failures += gaps.failures
    await echo.mark('gaps')
    failures += (await echoTurns(peer, { count: sizes.gapTurns, width: 1, calls })).failures
    const bareGaps = await echo.mark()
    rows.push(
      ...gapRows('longest event-loop gap in a warm turn', [gaps.reading], 15),
      tellRow('the same three of the echo bot', gapsOf(bareGaps)),
      exactRow('`new Template` in these turns', gaps.reading.templates, 0),
      exactRow('Graph clients made in these turns', gaps.reading.clients, 0)
    )

    const before = (sizes.rounds + 1) * (sizes.alone + sizes.together) + sizes.gapTurns
    failures += await talk(world, Math.max(0, sizes.turns - before))
    rows.push(mostRow(`RSS after ${String(sizes.turns)} turns`, (await bot.read()).rssMb, { most: 350, unit: 'MB' }))
    await bot.stop()
    await echo.stop()
    return { rows, failures }
  } finally {
    await world.close()
    await peer.close()
  }
}

function gapsOf({ workGapMs, ownGapMs, gapMs }: Reading): string {
  return [workGapMs, ownGapMs, gapMs].map(ms).join(', ')
}

async function startRatios(world: World, peer: World, rounds: number): Promise<number[]> {
  const firstTurn = async (kind: 'product' | 'echo', { room, env }: World) => {
    const from = performance.now()
    const bot = await startBot({ kind, env, measured: false })
    await say({ ...room, botUrl: bot.url }, dana, 'help', 'personal')
    const took = performance.now() - from
    await bot.stop()
    return took
  }
  const ratios: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const product = await firstTurn('product', world)
    ratios.push(product / (await firstTurn('echo', peer)))
  }
  return ratios
}

interface Round {
  cpu: number
  whole: number
  answer: number
  calls: number
  failures: number
}

async function productRound(world: World, bot: Bot, { alone, together }: Sizes): Promise<Round> {
  const names = await openCases(world, alone + together)
  await world.quiet()
  const single = await approveOneByOne(world, names.slice(0, alone))
  const rest = names.slice(alone)
  await world.quiet()
  const before = world.calls()
  await bot.mark()
  const clicked = await inParallel(8, rest.length, (index) => approve(world, rest[index] ?? ''))
  await world.until(() => rest.every((name) => isDone(world, name)))
  await world.quiet()
  const { cpuMs } = await bot.read()
  const after = world.calls()
  return {
    ...single,
    cpu: cpuMs / rest.length,
    calls: (after.graph - before.graph + after.teams - before.teams) / rest.length,
    failures: single.failures + clicked.filter((taken) => !taken).length
  }
}

async function approveOneByOne(world: World, names: string[]): Promise<Pick<Round, 'whole' | 'answer' | 'failures'>> {
  const whole: number[] = []
  const answers: number[] = []
  let failures = 0
  for (const name of names) {
    const from = performance.now()
    if (!(await approve(world, name))) failures += 1
    answers.push(performance.now() - from)
    await world.until(() => isDone(world, name))
    whole.push(performance.now() - from)
  }
  return { whole: median(whole), answer: median(answers), failures }
}

async function echoRound(world: World, bot: Bot, sizes: Sizes & { calls: number }): Promise<Round> {
  const { calls } = sizes
  const single = await echoTurns(world, { count: sizes.alone, width: 1, calls })
  await bot.mark()
  const { failures } = await echoTurns(world, { count: sizes.together, width: 8, calls })
  await world.quiet()
  const { cpuMs } = await bot.read()
  const p50 = median(single.took)
  return { cpu: cpuMs / sizes.together, whole: p50, answer: p50, calls, failures: failures + single.failures }
}

async function echoTurns(
  { room }: World,
  { count, width, calls }: { count: number; width: number; calls: number }
): Promise<{ took: number[]; failures: number }> {
  const turns = await inParallel(width, count, async () => {
    const from = performance.now()
    const invoke = { type: 'invoke', name: 'adaptiveCard/action', value: { calls } }
    const { status } = await send(room, activityOf(room, dana, 'channel', invoke))
    return { took: performance.now() - from, status }
  })
  return { took: turns.map(({ took }) => took), failures: turns.filter(({ status }) => status !== 200).length }
}

async function gapTurns(world: World, bot: Bot, count: number) {
  const names = await openCases(world, count)
  await world.quiet()
  await bot.mark('gaps')
  const { failures } = await approveOneByOne(world, names)
  await world.quiet()
  return { reading: await bot.mark(), failures }
}

/** What a SOC types all day, eight at once. */
async function talk(world: World, turns: number): Promise<number> {
  const names = [...world.cases.keys()]
  const answers = await inParallel(8, turns, async (index) => {
    const words = ['help', 'queue', names[index % names.length] ?? 'help', 'whoami'][index % 4] ?? 'help'
    return (await say(world.room, dana, words)).status
  })
  await world.quiet()
  return answers.filter((status) => status !== 200).length
}

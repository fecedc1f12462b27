// Figures in plain characters and words, for clients that draw no charts: one block a report, and times that are never too short.
import { type DayCount, dayMs } from '../case/statistics.js'
import { type Line, type Run, formatNumber, own } from './card-text.js'

/** Up to so many reports a day have a block each; above, a shorter bar leaves room for its figures on a phone. */
const longestBar = 30
const longestScaledBar = 20
/** Told apart by their shape, on any background. */
const blocks = { phish: '█', else: '░', open: '·' }

/** How many reports one block stands for at most. */
export function reportsPerBlock(days: readonly DayCount[]): number {
  const most = Math.max(0, ...days.map(countOfDay))
  return most <= longestBar ? 1 : Math.ceil(most / longestScaledBar)
}

export function countOfDay({ phish, notPhish, open, neither }: DayCount): number {
  return phish + notPhish + open + neither
}

export function barLine(day: DayCount, { label, perBlock }: { label: string; perBlock: number }): Line {
  const total = countOfDay(day)
  const drawn =
    bar(blocks.phish, day.phish, perBlock) +
    bar(blocks.else, day.notPhish + day.neither, perBlock) +
    bar(blocks.open, day.open, perBlock)
  const words = total === 0 ? '0' : `${formatNumber(total)}, ${formatNumber(day.phish)} phish`
  return {
    runs: [
      monospaced(`${label} `),
      ...(drawn === '' ? [] : [{ ...monospaced(drawn), color: 'Accent' as const }, own(' ')]),
      own(words)
    ]
  }
}

export function barsLegend(perBlock: number): string {
  const shapes = `${blocks.phish} phish, ${blocks.else} anything else, ${blocks.open} open.`
  return perBlock === 1 ? shapes : `${shapes} One block is up to ${formatNumber(perBlock)} reports.`
}

/** Whatever there is shows at least one block. */
function bar(block: string, count: number, perBlock: number): string {
  return block.repeat(Math.ceil(count / perBlock))
}

function monospaced(text: string): Run {
  return { ...own(text), font: 'Monospace' }
}

const units: [ms: number, upTo: number, unit: string][] = [
  [1_000, 60, 's'],
  [60_000, 120, 'min'],
  [3_600_000, 48, 'h']
]

/** What it took no longer than: rounded up. */
export function within(ms: number): string {
  for (const [unitMs, upTo, unit] of units) {
    const count = Math.max(1, Math.ceil(ms / unitMs))
    if (count < upTo) return `${formatNumber(count)} ${unit}`
  }
  return `${formatNumber(Math.ceil(ms / dayMs))} days`
}

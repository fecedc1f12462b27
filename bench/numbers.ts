// Numbers out of samples, and the table that people read. Never rounds before it compares.
import type { Reading } from './reading.js'

export interface Row {
  what: string
  measured: string
  /** Empty: told for information. */
  target: string
  met: boolean | null
}

export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (samples: readonly number[]) => quantile(samples, 0.5)
export const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`

/** Median of the rounds, and the lowest and highest of them. */
export function spread(samples: readonly number[]): string {
  return `${median(samples).toFixed(2)}× (${Math.min(...samples).toFixed(2)} to ${Math.max(...samples).toFixed(2)})`
}

export function ratioRow(
  what: string,
  samples: readonly number[],
  { most, goal }: { most: number; goal?: number }
): Row {
  const target = `≤ ${String(most)}×${goal === undefined ? '' : ` (goal ${String(goal)}×)`}`
  return { what, measured: spread(samples), target, met: median(samples) <= most }
}

export function mostRow(what: string, value: number, { most, unit }: { most: number; unit: string }): Row {
  const target = `≤ ${String(most)} ${unit}`
  return { what, measured: `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`, target, met: value <= most }
}

/** Judged by the main thread's own work: the machine's other users and its disk are told beside it. */
export function gapRows(what: string, readings: readonly Reading[], most: number): Row[] {
  const longest = (name: 'workGapMs' | 'ownGapMs' | 'gapMs') => Math.max(...readings.map((reading) => reading[name]))
  return [
    mostRow(`${what}: work of the main thread`, longest('workGapMs'), { most, unit: 'ms' }),
    mostRow(`${what}: with waits for the disk`, longest('ownGapMs'), { most, unit: 'ms' }),
    tellRow(`${what}: with waits for a core, as Node sees it`, ms(longest('gapMs')))
  ]
}

export function exactRow(what: string, value: number, wanted: number): Row {
  return { what, measured: String(value), target: String(wanted), met: value === wanted }
}

export function tellRow(what: string, measured: string): Row {
  return { what, measured, target: '', met: null }
}

/** As a Markdown table. */
export function table(rows: readonly Row[]): string {
  const verdict = ({ met }: Row) => (met === null ? '' : met ? 'met' : '**missed**')
  const lines = rows.map((row) => `| ${row.what} | ${row.measured} | ${row.target} | ${verdict(row)} |`)
  return ['| | measured | target | |', '|---|---|---|---|', ...lines].join('\n')
}

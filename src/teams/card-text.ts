// Pieces of text on a card: our own words and, kept apart by type and font, words from outside. Never makes markup.
import { defangAddress, defangText, defangUrl } from './defang.js'
import { sanitize } from './sanitize.js'

/** A TextRun's bound values; all strings, because anything else would replace its node in the template. */
export interface Run {
  text: string
  font: 'Default' | 'Monospace'
  weight: 'Default' | 'Bolder'
  color: 'Default' | 'Good' | 'Attention' | 'Accent'
}

export interface Line {
  runs: Run[]
}

export interface Row {
  label: string
  lines: Line[]
}

/** How long words from outside may be, and how many of them are shown. Lengths in UTF-16 code units. */
export interface Caps {
  subject: number
  address: number
  name: number
  url: number
  urls: number
  files: number
  note: number
  notes: number
  recipients: number
}

/** Only for words that stand in this program. */
export function own(text: string, look: Partial<Pick<Run, 'weight' | 'color'>> = {}): Run {
  return { text, font: 'Default', weight: 'Default', color: 'Default', ...look }
}

export function bold(text: string): Run {
  return own(text, { weight: 'Bolder' })
}

/** Words from outside: sanitized, and in a font that sets them apart from what the bot says. */
export function foreign(text: string, limit: number): Run {
  const shown = sanitize(defangText(text), limit)
  return { text: shown === '' ? '(empty)' : shown, font: 'Monospace', weight: 'Default', color: 'Default' }
}

/** Words that a person typed: line breaks are theirs to make and carry no evidence. */
export function typed(text: string, limit: number): Run {
  return foreign(text.trim().replace(/\s*[\r\n\t]+\s*/g, ' '), limit)
}

export function foreignAddress(address: string, limit: number): Run[] {
  return defanged(defangAddress(address), limit)
}

export function foreignUrl(url: string, limit: number): Run[] {
  return defanged(defangUrl(url), limit)
}

function defanged({ text, warnings }: { text: string; warnings: string[] }, limit: number): Run[] {
  const run = foreign(text, limit)
  return warnings.length === 0 ? [run] : [run, own(` (${warnings.join(', ')})`, { color: 'Attention' })]
}

export function row(label: string, ...runs: Run[]): Row {
  return { label, lines: [{ runs }] }
}

/** UTC, to the minute; with the date where it is not today's, with the year where it is not this one. */
export function formatTime(at: number, now: number): string {
  const date = readDate(at)
  if (date === null) return 'at an unknown time'
  const time = `${date.toISOString().slice(11, 16)} UTC`
  const today = new Date(now)
  if (date.toISOString().slice(0, 10) === today.toISOString().slice(0, 10)) return time
  const year = date.getUTCFullYear() === today.getUTCFullYear() ? '' : ` ${String(date.getUTCFullYear())}`
  return `${String(date.getUTCDate())} ${months[date.getUTCMonth()] ?? ''}${year} ${time}`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function readDate(at: number): Date | null {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? null : date
}

export function formatNumber(count: number): string {
  return count.toLocaleString('en-US')
}

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}

export function mailboxes(count: number): string {
  return countOf(count, 'mailbox', 'mailboxes')
}

export function yesNo(condition: boolean): 'yes' | 'no' {
  return condition ? 'yes' : 'no'
}

/** An address that we made or checked; anything else is no button. */
export function isSafeLink(url: string): boolean {
  return /^https:\/\/[^\s${}]+$/.test(url) && url.length <= 1000
}

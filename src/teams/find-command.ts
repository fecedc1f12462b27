// Reads what follows `find`: from, subject and since, in any order. Pure; an error names what was wrong and shows a right example.
import type { MailQuery } from '../case/mail.js'

export type FindCommand = { kind: 'find'; query: MailQuery } | { kind: 'malformed'; problem: string; example: string }

const example = 'find from:helpdesk@contos0-support.example subject:"mailbox is full" since:24h'
const defaultSince = '24h'
const longest = 500

const minute = 60_000
const units = new Map([
  ['m', minute],
  ['h', 60 * minute],
  ['d', 24 * 60 * minute]
])
/** Defender keeps mail for so long. */
const longestSince = 30 * 24 * 60 * minute

// Phones and Word turn straight quotes into curly ones.
const part =
  /\s*([a-z]+)\s*:\s*(?:"([^"]*)"|[\u201c\u201e]([^\u201c\u201d]*)[\u201c\u201d]|(?!(?:from|subject|since)\s*:)([^\s"\u201c-\u201e]\S*))(?=\s|$)/iy

export function readFind(rest: string): FindCommand {
  const parts = readParts(rest.trim())
  if (typeof parts === 'string') return malformed(parts)

  const from = (parts.get('from') ?? '').replace(/^<(.*)>$/, '$1')
  if (parts.has('from') && !(/^[^\s@<>]+@[^\s@<>]+$/.test(from) && isSearchable(from))) {
    return malformed('from takes the whole e-mail address of the sender.')
  }
  const subject = parts.get('subject') ?? ''
  if (parts.has('subject') && (subject === '' || !isSearchable(subject))) {
    return malformed(`subject takes words of the subject: at most ${String(longest)} characters, on one line.`)
  }
  if (from === '' && subject === '') return malformed('find needs from: or subject:, or both.')
  const sinceMs = readSince(parts.get('since') ?? defaultSince)
  if (sinceMs === null) {
    return malformed('since takes minutes, hours or days, such as 30m, 24h or 7d, and 30d at most.')
  }
  return { kind: 'find', query: { from, subject, sinceMs } }
}

/** What is wrong, in words, where it cannot be read. */
function readParts(text: string): Map<string, string> | string {
  const parts = new Map<string, string>()
  for (let at = 0; at < text.length; at = part.lastIndex) {
    part.lastIndex = at
    const [, key = '', straight, curly, bare] = part.exec(text) ?? []
    const name = key.toLowerCase()
    if (!['from', 'subject', 'since'].includes(name)) {
      return 'find takes from:, subject: and since:, with quotes around what has spaces in it.'
    }
    if (parts.has(name)) return `find takes ${name}: only once.`
    parts.set(name, (straight ?? curly ?? bare ?? '').trim())
  }
  return parts
}

/** What no literal of a query may hold would find nothing, which would not be true. */
function isSearchable(text: string): boolean {
  return text.length <= longest && !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text)
}

/** Milliseconds. */
function readSince(text: string): number | null {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/i.exec(text) ?? []
  const ms = Number(count) * (units.get(unit.toLowerCase()) ?? NaN)
  return ms > 0 && ms <= longestSince ? ms : null
}

function malformed(problem: string): FindCommand {
  return { kind: 'malformed', problem, example }
}

// The fixed grammar of what people may type. Anchored, case-insensitive, pure; an error names what was wrong and shows a right example.
import type { MailQuery } from '../case/mail.js'
import { remediationActions, severities } from '../case/plan.js'
import type { MailKey } from '../case/report.js'
import { type StatsDays, statsPeriods } from '../case/statistics.js'
import { leadingMessageKey } from '../intake/message-reference.js'
import { readFind } from './find-command.js'

export type Command =
  | { kind: 'help' | 'greeting' | 'thanks' | 'queue' | 'whoami' }
  | { kind: 'report'; key: MailKey; note: string }
  /** `report` followed by pasted mail headers. */
  | { kind: 'reportHeaders'; headers: string }
  | { kind: 'triage'; key: MailKey; recipients: string[] | 'all' }
  | { kind: 'find'; query: MailQuery }
  | { kind: 'case'; number: number }
  /** `page` is 1-based. */
  | { kind: 'audit'; number: number; page: number }
  | { kind: 'history'; page: number }
  | { kind: 'stats'; days: StatsDays }
  | { kind: 'approve'; number: number; planVersion: number; action: string; severity: string; reason: string }
  | { kind: 'reject' | 'done' | 'withdraw'; number: number; planVersion: number; reason: string }
  | { kind: 'undo'; number: number; reason: string }
  | { kind: 'reject' | 'done'; number: number; planVersion: number; reason: string }
  | { kind: 'include' | 'exclude'; number: number; planVersion: number }
  | { kind: 'malformed'; problem: string; example: string }
  | { kind: 'unknown' }

export const exampleMessage = '73ca4154-58d8-43d0-a890-08dc18c52e6d'
const exampleCase = 'PT-1042'

/** @param hasHeaders says whether a text is a block of mail headers. */
export function parseCommand(text: string, hasHeaders: (text: string) => boolean): Command {
  const trimmed = text.trim()
  const [, word = '', rest = ''] = /^([\p{L}?!]+)[,.:]*(?:\s+([^]*))?$/u.exec(trimmed) ?? []
  switch (word.toLowerCase().replace(/[!?]+$/, '')) {
    case 'help':
    case '':
      return trimmed === '' || word !== '' ? { kind: 'help' } : { kind: 'unknown' }
    case 'hi':
    case 'hello':
    case 'hey':
    case 'hallo':
      return { kind: 'greeting' }
    case 'thanks':
    case 'thank':
    case 'thx':
    case 'danke':
      return { kind: 'thanks' }
    case 'queue':
      return { kind: 'queue' }
    case 'whoami':
      return { kind: 'whoami' }
    case 'report':
      return report(rest, hasHeaders)
    case 'triage':
    case 'remediate':
      return triage(rest)
    case 'find':
      return readFind(rest)
    case 'case':
      return caseCommand(rest)
    case 'audit':
      return auditCommand(rest)
    case 'history':
      return historyCommand(rest)
    case 'stats':
      return statsCommand(rest)
    // `approve? PT-1042 …` is a question, not an approval.
    case 'approve':
      return word.endsWith('?') ? { kind: 'unknown' } : approve(rest)
    case 'reject':
      return word.endsWith('?') ? { kind: 'unknown' } : withReason('reject', rest)
    case 'undo':
      return word.endsWith('?') ? { kind: 'unknown' } : undo(rest)
    case 'done':
      return word.endsWith('?') ? { kind: 'unknown' } : withReason('done', rest)
    case 'withdraw':
      return word.endsWith('?') ? { kind: 'unknown' } : withReason('withdraw', rest)
    case 'include':
      return word.endsWith('?') ? { kind: 'unknown' } : campaign('include', rest)
    case 'exclude':
      return word.endsWith('?') ? { kind: 'unknown' } : campaign('exclude', rest)
    default:
      return { kind: 'unknown' }
  }
}

function campaign(kind: 'include' | 'exclude', rest: string): Command {
  const [name = '', version = '', ...others] = rest.trim().split(/\s+/)
  const [number, planVersion] = [readCase(name), readVersion(version)]
  if (number !== null && planVersion !== null && others.length === 0) return { kind, number, planVersion }
  return malformed(`${kind} takes a case and the plan version that its card shows.`, `${kind} ${exampleCase} v1`)
}

function report(rest: string, hasHeaders: (text: string) => boolean): Command {
  const leading = leadingMessageKey(rest)
  if (leading !== null) return { kind: 'report', key: leading.key, note: leading.rest.slice(0, 1000) }
  if (hasHeaders(rest)) return { kind: 'reportHeaders', headers: rest }
  return malformed(
    rest.trim() === '' ? 'report needs a message.' : 'I found no message id after report.',
    `report ${exampleMessage} looks like our bank`
  )
}

function triage(rest: string): Command {
  const example = `triage ${exampleMessage}`
  const leading = leadingMessageKey(rest)
  if (leading === null) return malformed('triage needs a networkMessageId or a Message-ID.', example)
  const recipients = leading.rest.split(/[\s,;]+/).filter((word) => word !== '')
  if (recipients.length === 1 && recipients[0]?.toLowerCase() === 'all') {
    return { kind: 'triage', key: leading.key, recipients: 'all' }
  }
  const wrong = recipients.find((word) => !/^[^\s@<>]+@[^\s@<>]+$/.test(word))
  if (wrong !== undefined) {
    return malformed(
      'After the message, triage takes only recipients (e-mail addresses), or all.',
      `${example} ana.silva@contoso.example`
    )
  }
  return { kind: 'triage', key: leading.key, recipients }
}

function caseCommand(rest: string): Command {
  const number = readCase(rest.trim())
  return number === null ? malformed('case needs a case number.', `case ${exampleCase}`) : { kind: 'case', number }
}

function auditCommand(rest: string): Command {
  const [name = '', page = '1', ...others] = rest.trim().split(/\s+/)
  const number = readCase(name)
  if (number === null) return malformed('audit needs a case number.', `audit ${exampleCase}`)
  if (others.length > 0 || !isPage(page)) {
    return malformed('After the case, audit takes only the number of a page.', `audit ${exampleCase} 2`)
  }
  return { kind: 'audit', number, page: Number(page) }
}

function historyCommand(rest: string): Command {
  const page = rest.trim() === '' ? '1' : rest.trim()
  if (!isPage(page)) return malformed('history takes only the number of a page.', 'history 2')
  return { kind: 'history', page: Number(page) }
}

function isPage(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text)
}

function statsCommand(rest: string): Command {
  const wanted = rest.trim().toLowerCase()
  const days = wanted === '' ? statsPeriods[0] : statsPeriods.find((each) => wanted === `${String(each)}d`)
  if (days === undefined) return malformed('stats takes 7d or 30d: the last 7 or 30 days.', 'stats 30d')
  return { kind: 'stats', days }
}

function approve(rest: string): Command {
  const example = `approve ${exampleCase} v1 softDelete medium password page confirmed`
  const [name = '', version = '', action = '', severity = '', ...words] = rest.trim().split(/\s+/)
  const number = readCase(name)
  const planVersion = readVersion(version)
  if (number === null) return malformed('approve needs a case number first.', example)
  if (planVersion === null)
    return malformed('After the case, approve needs the plan version that the card shows.', example)
  const knownAction = remediationActions.find((known) => known.toLowerCase() === action.toLowerCase())
  if (knownAction === undefined)
    return malformed(`The action must be one of: ${remediationActions.join(', ')}.`, example)
  const knownSeverity = severities.find((known) => known === severity.toLowerCase())
  if (knownSeverity === undefined) return malformed(`The severity must be one of: ${severities.join(', ')}.`, example)
  if (words.length === 0) return malformed('approve needs a reason at the end: it is kept in the audit log.', example)
  return { kind: 'approve', number, planVersion, action: knownAction, severity: knownSeverity, reason: words.join(' ') }
}

/** The reason is a help for whoever approves, who has to give one. */
function undo(rest: string): Command {
  const [name = '', ...words] = rest.trim().split(/\s+/)
  const number = readCase(name)
  if (number === null) return malformed('undo needs a case number.', `undo ${exampleCase} it is our own newsletter`)
  return { kind: 'undo', number, reason: words.join(' ') }
}

const exampleReasons = {
  reject: 'newsletter the user signed up for',
  done: 'it stands in Action Center',
  withdraw: 'two users say that it is genuine'
}

function withReason(kind: 'reject' | 'done' | 'withdraw', rest: string): Command {
  const example = `${kind} ${exampleCase} v1 ${exampleReasons[kind]}`
  const [name = '', version = '', ...words] = rest.trim().split(/\s+/)
  const number = readCase(name)
  const planVersion = readVersion(version)
  if (number === null) return malformed(`${kind} needs a case number first.`, example)
  if (planVersion === null)
    return malformed(`After the case, ${kind} needs the plan version that the card shows.`, example)
  if (words.length === 0 && kind !== 'withdraw')
    return malformed(`${kind} needs a reason at the end: it is kept in the audit log.`, example)
  return { kind, number, planVersion, reason: words.join(' ') }
}

/** `PT-1042`, as written on cards; null for anything else. */
export function readCase(text: string): number | null {
  const digits = /^PT-?(\d{1,9})[,.]?$/i.exec(text)?.[1]
  return digits === undefined ? null : Number(digits)
}

function readVersion(text: string): number | null {
  const digits = /^v(\d{1,6})$/i.exec(text)?.[1]
  return digits === undefined ? null : Number(digits)
}

function malformed(problem: string, example: string): Command {
  return { kind: 'malformed', problem, example }
}

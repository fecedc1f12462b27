// For whom a case waits and since when, in words: the queue's lines. Never holds text from outside.
import { type CaseRecord, caseName } from '../case/case.js'
import { waitsFor } from '../case/waiting.js'
import { formatTime, mailboxes } from './card-text.js'
import { mailboxCount } from './case-band.js'

const minuteMs = 60_000

/** "PT-1042: 12 mailboxes, waits 42 min for an approver". */
export function queueLine(record: CaseRecord, now: number): string {
  const scope = scopeWords(record)
  return `${caseName(record.number)}: ${scope === null ? '' : `${scope}, `}${waitWords(record, now)}`
}

function waitWords(record: CaseRecord, now: number): string {
  return `waits ${howLong(now - record.waiting.since)} for ${whomWords(record, now)}`
}

function whomWords(record: CaseRecord, now: number): string {
  switch (waitsFor(record)) {
    case 'look':
      return record.look.nextAt === null ? 'Defender' : `Defender (next look ${formatTime(record.look.nextAt, now)})`
    case 'submission':
      return "Defender's answer"
    case 'approver':
      return approverWords(record)
    case 'anotherApprover':
      return `${nextApprover(record)}${untilWords(record, now)}`
    case 'lookAgain':
      return 'somebody to press Look again'
    case 'proposeAgain':
      return 'somebody to press Propose again'
    case 'actionCenter':
      return 'somebody to look in Action Center'
    case 'verdict':
      return 'a verdict'
    case null:
      return 'nobody'
  }
}

/** What nobody could approve as it stands waits for something else first. */
function approverWords({ plan }: CaseRecord): string {
  if (plan?.overLimit === true) return 'an analyst to name fewer mailboxes'
  return plan === null || plan.copies.length === 0 ? 'an approver to close it' : 'an approver'
}

export function nextApprover({ pending }: Pick<CaseRecord, 'pending'>): string {
  return pending?.approvals.length === 1 ? 'a second approver' : 'another approver'
}

function untilWords({ pending }: CaseRecord, now: number): string {
  return pending === null ? '' : ` until ${formatTime(pending.until, now)}`
}

/** "12 mailboxes", or null where nobody knows yet. */
export function scopeWords(record: CaseRecord): string | null {
  const count = mailboxCount(record)
  return count === null ? null : mailboxes(count)
}

/** Never more than has passed. */
export function howLong(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / minuteMs))
  if (minutes < 120) return minutes === 60 ? '1 h' : `${String(minutes)} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${String(hours)} h` : `${String(Math.floor(hours / 24))} days`
}

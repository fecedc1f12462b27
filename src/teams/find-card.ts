// The answer to `find`: the messages with a button each, or why there are none. What it did not see it never calls harmless.
import type { FindResult, MailQuery, ReceivedMessage } from '../case/mail.js'
import { cardTemplate } from './card-template.js'
import { messageLines } from './campaign-view.js'
import { type Line, type Run, bold, countOf, foreign, foreignAddress, own } from './card-text.js'
import template from './cards/find-card.json' with { type: 'json' }

const expand = cardTemplate(template)

const mostShown = 10
const caps = { subject: 150, address: 120, reason: 200 }

/** Adaptive Card 1.5 JSON. */
export function renderFindCard(query: MailQuery, result: FindResult, now: number): object {
  const messages = result.kind === 'messages' ? result.messages : []
  const shown = messages.slice(0, mostShown)
  const more = result.kind === 'messages' && result.more
  return renderMessages(
    {
      title: findSummary(result),
      said: [{ runs: askedFor(query) }, ...explanation(result)],
      foot: foot(messages.length - shown.length, more)
    },
    shown,
    now
  )
}

/** A list with a button each that opens the message's case; ten at most. */
export function renderMessages(
  head: { title: string; said: Line[]; foot: string },
  messages: ReceivedMessage[],
  now: number
): object {
  const rows = messages
    .slice(0, mostShown)
    .map((message) => ({ message: message.networkMessageId, lines: linesOf(message, now) }))
  return expand({ ...head, rows }).card
}

/** The activity's `summary`, and the card's title. No text from outside. */
export function findSummary(result: FindResult): string {
  switch (result.kind) {
    case 'messages': {
      const count = countOf(result.messages.length, 'message')
      return result.more ? `More than ${count} found` : `${count} found`
    }
    case 'nothing':
      return 'Nothing found'
    case 'forbidden':
      return 'Cannot search: a permission is missing'
    case 'noLicence':
      return 'Cannot search: a licence is missing'
    case 'cloudWithoutApi':
      return 'Cannot search: this cloud has no way to do it'
    case 'unavailable':
      return 'Cannot search now'
  }
}

function explanation(result: FindResult): Line[] {
  switch (result.kind) {
    case 'messages':
      return []
    case 'nothing':
      return [
        line(own('Defender lists no such mail. That does not make a mail harmless.')),
        line(
          own(
            'from: is the whole address that recipients see, subject: any part of the subject. Look further back with since:, at most 30d. New mail can take some minutes to be listed.'
          )
        )
      ]
    case 'forbidden':
      return [
        line(own('The bot lacks the Graph permission '), bold(result.permission), own('. Nothing was searched.')),
        line(own('An administrator can grant it. Until then, triage the mail by its network message id.'))
      ]
    case 'noLicence':
      return [line(own('Defender for Office 365 Plan 2 is needed to search mail. Nothing was searched.'))]
    case 'cloudWithoutApi':
      return [
        line(own('This Microsoft Graph has no such operation ('), foreign(result.code, caps.reason), own(').')),
        line(own('Nothing was searched. Search in Defender; in the global cloud, check GRAPH_API_VERSION.'))
      ]
    case 'unavailable':
      return [
        line(foreign(result.reason, caps.reason)),
        line(own('Nothing is known about this mail. Type find again later, or search in Defender.'))
      ]
  }
}

function askedFor({ from, subject, sinceMs }: MailQuery): Run[] {
  return [
    ...(from === '' ? [] : [own('From '), ...foreignAddress(from, caps.address), own(', ')]),
    ...(subject === '' ? [] : [own('subject with '), foreign(subject, caps.subject), own(', ')]),
    own(`in the last ${duration(sinceMs)}.`)
  ]
}

function linesOf(message: ReceivedMessage, now: number): Line[] {
  return [...messageLines(message, now, caps), line(own(countOf(message.copies, 'copy', 'copies')))]
}

function foot(hidden: number, more: boolean): string {
  if (hidden <= 0) return ''
  return `and ${more ? 'over ' : ''}${String(hidden)} more: narrow the search.`
}

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes % 60 > 0) return countOf(minutes, 'minute')
  const hours = minutes / 60
  return hours % 24 > 0 || hours === 24 ? countOf(hours, 'hour') : countOf(hours / 24, 'day')
}

function line(...runs: Run[]): Line {
  return { runs }
}

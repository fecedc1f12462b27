// The story of one case as the audit log has it, oldest first, a page at a time. Shows what was recorded and judges nothing.
import { caseName } from '../case/case.js'
import type { AuditEntry } from '../case/change.js'
import { cardTemplate, maxCardBytes } from './card-template.js'
import { type Line, type Run, bold, foreign, formatTime, mailboxes, own, typed } from './card-text.js'
import template from './cards/audit-card.json' with { type: 'json' }

const expand = cardTemplate(template)

/** So many rows of the longest words still make a card that Teams takes. */
export const auditPageSize = 30

/** How long words from outside may be; tried in this order until the card is small enough. */
const limitsInOrder = [300, 120, 60, 40]
const digitsShown = 12

export interface AuditPage {
  caseNumber: number
  /** 1-based. */
  page: number
  entries: AuditEntry[]
  /** Of the whole case. */
  total: number
}

/** The activity's `summary`. No text from outside. */
export function auditSummary(caseNumber: number): string {
  return `${caseName(caseNumber)}: audit log`
}

/** Adaptive Card 1.5 JSON. */
export function renderAuditCard({ caseNumber, page, entries, total }: AuditPage, now: number): object {
  const first = (page - 1) * auditPageSize + 1
  const last = first + entries.length - 1
  const name = caseName(caseNumber)
  let smallest: object = {}
  for (const limit of limitsInOrder) {
    const { card, bytes } = expand({
      title: auditSummary(caseNumber),
      subtitle: `Rows ${String(first)} to ${String(last)} of ${String(total)}, the oldest first. Times are UTC.`,
      lines: entries.flatMap((entry) => linesOf(entry, { now, limit })),
      foot: last < total ? `audit ${name} ${String(page + 1)} shows the next rows.` : ''
    })
    if (bytes <= maxCardBytes) return card
    smallest = card
  }
  return smallest
}

/** Null: there is such a page. */
export function noSuchPage({ caseNumber, page, total }: Omit<AuditPage, 'entries'>): string | null {
  const name = caseName(caseNumber)
  if (total === 0) return `No audit rows of ${name} are kept any more.`
  const pages = Math.ceil(total / auditPageSize)
  if (page <= pages) return null
  return `The audit log of ${name} has ${pages === 1 ? '1 page' : `${String(pages)} pages`}.`
}

interface Look {
  now: number
  limit: number
}

function linesOf(entry: AuditEntry, look: Look): (Line & { spacing: string })[] {
  const head = [own(`${formatTime(entry.at, look.now)}  `), eventRun(entry.event), ...actorRuns(entry, look)]
  const facts = factsOf(entry.detail, look)
  return [{ runs: head, spacing: 'Small' }, ...(facts.length === 0 ? [] : [{ runs: facts, spacing: 'None' }])]
}

const eventWords: Record<string, string> = {
  'case.opened': 'Opened',
  'report.joined': 'Reported again',
  'case.identified': 'Message-ID resolved',
  'case.joined': 'Joined another case',
  'case.joinedBy': 'Another case joined',
  'case.found': 'Found in Defender',
  'case.nothingFound': 'Not found in Defender',
  'case.cannotLook': 'Could not be looked up',
  'case.simulation': 'Closed as a phishing simulation',
  'case.expired': 'Expired',
  'case.proposedAgain': 'Proposed again',
  'decision.approved': 'Approved',
  'decision.rejected': 'Closed as not phish',
  'decision.markedDone': 'Marked as done',
  'decision.closed': 'Closed with a verdict',
  'decision.notAllowed': 'Decision refused',
  'batch.submitting': 'Being sent to Defender',
  'batch.accepted': 'Accepted by Defender',
  'batch.refused': 'Refused by Defender',
  'batch.uncertain': 'Outcome unknown',
  'batch.notSent': 'Not sent',
  'batch.throttled': 'Throttled by Defender',
  'batch.orphaned': 'Outcome unknown, because the bot stopped',
  'batch.planChanged': 'Not sent, because the plan had changed'
}

function eventRun(event: string): Run {
  const words = Object.hasOwn(eventWords, event) ? eventWords[event] : undefined
  return words === undefined ? typed(event, 60) : bold(words)
}

function actorRuns({ actor }: AuditEntry, { limit }: Look): Run[] {
  if (actor === null) return []
  // Names are not unique; so much of the object id tells two people apart.
  const id = actor.objectId.slice(0, 8)
  return [own(' by '), typed(actor.name, Math.min(limit, 80)), own(' '), typed(id, 40)]
}

/** What matters most of a row, whatever its event; the export has all of it. */
function factsOf(detail: Record<string, unknown>, { limit }: Look): Run[] {
  const facts: Run[][] = []
  const number = (name: string) => (typeof detail[name] === 'number' ? detail[name] : null)
  const text = (name: string) => (typeof detail[name] === 'string' ? detail[name] : '')
  const say = (label: string, words: string, longest = limit) => {
    if (words !== '') facts.push([own(`${label} `), typed(words, Math.min(longest, limit))])
  }

  const version = number('planVersion') ?? 0
  if (version > 0) facts.push([own(`plan v${String(version)}`)])
  say('digest', text('digest').slice(0, digitsShown))
  say('copies', text('copiesDigest').slice(0, digitsShown))
  const copies = number('copies')
  if (copies !== null) facts.push([own(mailboxes(copies))])
  say('action', text('action'), 40)
  say('severity', text('severity'), 40)
  say('verdict', text('verdict'), 40)
  const other = number('into') ?? number('case')
  if (other !== null) facts.push([own(caseName(other))])
  const batch = number('batch')
  if (batch !== null) facts.push([own(`batch ${String(batch)}`)])
  const status = number('status')
  if (status !== null) facts.push([own(`HTTP ${String(status)}`)])
  say('request', text('requestId'), 60)
  if (text('rawLocation') !== '') facts.push(locationOf(text('rawLocation')))
  say('way in', text('origin'), 40)
  for (const label of ['permission', 'code', 'message', 'reason', 'note']) say(label, text(label))
  const ruling = rulingOf(detail.ruling)
  if (ruling !== null) facts.push([own('ruling '), typed(ruling, limit)])
  return facts.flatMap((runs, index) => (index === 0 ? runs : [own(' · '), ...runs]))
}

/** The address itself is untrusted, and stands in the export. */
function locationOf(raw: string): Run[] {
  return URL.canParse(raw) ? [own('location on '), foreign(new URL(raw).host, 60)] : [own('location kept')]
}

function rulingOf(ruling: unknown): string | null {
  const reasons = (ruling as { reasons?: unknown } | null | undefined)?.reasons
  return Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === 'string').join(' ') : null
}

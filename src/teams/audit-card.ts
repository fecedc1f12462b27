// The story of one case as the audit log has it, oldest first, a page at a time. Shows what was recorded and judges nothing.
import { caseName, verdicts } from '../case/case.js'
import type { AuditEntry } from '../case/change.js'
import { remediationActions, severities } from '../case/plan.js'
import { cardTemplate, maxCardBytes } from './card-template.js'
import { type Line, type Run, bold, foreign, formatTime, mailboxes, own, typed } from './card-text.js'
import template from './cards/lines-card.json' with { type: 'json' }

const expand = cardTemplate(template)

/** So many rows of the longest words still make a card that Teams takes. */
export const auditPageSize = 20

/** How long words from outside may be, and whether rulings are shown; tried in this order until the card is small enough. */
const looksInOrder = [
  { limit: 300, rulings: true },
  { limit: 120, rulings: true },
  { limit: 60, rulings: true },
  { limit: 60, rulings: false },
  { limit: 40, rulings: false }
]
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
  for (const look of looksInOrder) {
    const { card, bytes } = expand({
      title: auditSummary(caseNumber),
      subtitle: `Rows ${String(first)} to ${String(last)} of ${String(total)}, the oldest first. Times are UTC.`,
      lines: entries.flatMap((entry) => linesOf(entry, { ...look, now })),
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
  rulings: boolean
}

function linesOf(entry: AuditEntry, look: Look): (Line & { spacing: string })[] {
  const head = [own(`${formatTime(entry.at, look.now)}  `), eventRun(entry.event), ...actorRuns(entry, look)]
  const facts = factsOf(entry.detail, look)
  return [
    { runs: merged(head), spacing: 'Small' },
    ...(facts.length === 0 ? [] : [{ runs: merged(facts), spacing: 'None' }])
  ]
}

const eventWords: Record<string, string> = {
  'case.opened': 'Opened',
  'report.joined': 'Reported again',
  'report.answered': 'Reporters told how it ended',
  'case.identified': 'Message-ID resolved',
  'case.joined': 'Joined another case',
  'case.joinedBy': 'Another case joined',
  'case.found': 'Found in Defender',
  'case.nothingFound': 'Not found in Defender',
  'case.cannotLook': 'Could not be looked up',
  'case.simulation': 'Closed as a phishing simulation',
  'case.expired': 'Expired',
  'case.proposedAgain': 'Proposed again',
  'case.followUp': 'Copies that turned up proposed',
  'case.followUpElsewhere': 'Copies that turned up left to another case',
  'case.undoProposed': 'Undo proposed',
  'case.undoExpired': 'Undo not decided in time',
  'case.verified': 'No more looks after the request',
  'campaign.found': 'Similar messages found',
  'campaign.offered': 'Similar messages named by an alert',
  'campaign.included': 'Similar messages included',
  'campaign.excluded': 'Similar messages left out again',
  'case.candidates': 'Mails with this sender and subject listed',
  'case.chosen': 'A mail was chosen for the report',
  'approval.expired': 'Approvals out of time',
  'approval.void': 'Approvals void',
  'decision.approved': 'Approved',
  'decision.approvedInPart': 'Approved, more approvals needed',
  'decision.sameTwice': 'Approved twice, counted once',
  'decision.withdrawn': 'Approval withdrawn',
  'decision.rejected': 'Closed as not phish',
  'decision.keptRemoved': 'Kept removed',
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
  'batch.policyChanged': 'Not sent, because the policy had changed',
  'verify.looked': 'Mailboxes looked at',
  'verify.cannotLook': 'Mailboxes could not be looked at',
  'batch.tooOld': 'Not sent, because the approval was too old',
  'batch.planChanged': 'Not sent, because the plan had changed'
}

function eventRun(event: string): Run {
  const words = Object.hasOwn(eventWords, event) ? eventWords[event] : undefined
  return words === undefined ? typed(event, 60) : bold(words)
}

function actorRuns({ actor }: AuditEntry, { limit }: Look): Run[] {
  if (actor === null) return []
  const name = typed(actor.name, Math.min(limit, 80))
  // Names are not unique; so much of the object id tells two people apart. Who reported elsewhere has none.
  const id = /^[0-9a-f]{8}(?=-)/.exec(actor.objectId)?.[0]
  return [own(' by '), name, ...(id === undefined ? [] : [own(` ${id}`)])]
}

/** What matters most of a row, whatever its event; the export has all of it. */
function factsOf(detail: Record<string, unknown>, { limit, rulings }: Look): Run[] {
  const number = (name: string) => (typeof detail[name] === 'number' ? detail[name] : null)
  const text = (name: string) => (typeof detail[name] === 'string' ? detail[name] : '')
  const counted = (name: string, words: (count: number) => string) => {
    const count = number(name)
    return count === null ? [] : [own(words(count))]
  }
  const said = (label: string, words = text(label), longest = limit) =>
    words === '' ? [] : [own(`${label} `), typed(words, Math.min(longest, limit))]

  const facts: Run[][] = [
    (number('planVersion') ?? 0) > 0 ? counted('planVersion', (version) => `plan v${String(version)}`) : [],
    digestOf('digest', text('digest')),
    // The digest of an approval covers the copies too.
    text('digest') === '' ? digestOf('copies digest', text('copiesDigest')) : [],
    counted('copies', mailboxes),
    choiceOf('action', text('action'), remediationActions),
    choiceOf('severity', text('severity'), severities),
    choiceOf('verdict', text('verdict'), verdicts),
    counted(number('into') === null ? 'case' : 'into', caseName),
    counted('moved', (moved) => `where they were to be: ${String(moved)} of ${String(number('total') ?? 0)}`),
    counted('in', caseName),
    counted('batch', (batch) => `batch ${String(batch)}`),
    counted('status', (status) => `HTTP ${String(status)}`),
    said('request', text('requestId'), 60),
    said('approvers', namesOf(detail.approvers)),
    locationOf(text('rawLocation')),
    said('way in', text('origin'), 40),
    ...['permission', 'code', 'message', 'reason', 'note'].map((label) => said(label)),
    rulings ? said('ruling', reasonsOf(detail.ruling)) : []
  ]
  return facts.filter((runs) => runs.length > 0).flatMap((runs, index) => (index === 0 ? runs : [own(' · '), ...runs]))
}

function digestOf(label: string, digest: string): Run[] {
  return /^[0-9a-f]{64}$/.test(digest) ? [own(`${label} ${digest.slice(0, digitsShown)}`)] : []
}

function choiceOf(label: string, choice: string, known: readonly string[]): Run[] {
  return known.includes(choice) ? [own(`${label} ${choice}`)] : []
}

/** The address itself is untrusted, and stands in the export. */
function locationOf(raw: string): Run[] {
  if (raw === '') return []
  return URL.canParse(raw) ? [own('location on '), foreign(new URL(raw).host, 60)] : [own('location kept')]
}

/** One alone is named as who did it. */
function namesOf(people: unknown): string {
  if (!Array.isArray(people) || people.length < 2) return ''
  const names = people.map((person) => (person as { name?: unknown } | null)?.name)
  return names.filter((name) => typeof name === 'string').join(', ')
}

function reasonsOf(ruling: unknown): string {
  const reasons = (ruling as { reasons?: unknown } | null | undefined)?.reasons
  return Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === 'string').join(' ') : ''
}

/** Neighbours of the same look as one run: a third of a long card. */
function merged(runs: Run[]): Run[] {
  const together: Run[] = []
  for (const run of runs) {
    const last = together.at(-1)
    if (last?.font === 'Default' && run.font === 'Default' && last.weight === run.weight) {
      together.splice(-1, 1, { ...last, text: last.text + run.text })
    } else together.push(run)
  }
  return together
}

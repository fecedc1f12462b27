// Reports that people made with Outlook's button, read from Defender's alerts. Reads only; never takes the bot's own remediations for reports.
// https://learn.microsoft.com/graph/api/security-list-alerts_v2
import { z } from 'zod'
import type { Clock } from '../case/ports.js'
import type { FoundReport, LeftOutReport, PollAnswer, ReportedKind, ReportSource } from '../case/report-source.js'
import type { GraphClient } from './graph-client.js'
import { failedPoll } from './graph-problem.js'
import { GUID } from './guid.js'
import { loose, textUpTo } from './loose-schema.js'
import { queryString, readPages, tooManyPages } from './pages.js'
import { timeWindow } from './time-window.js'

export interface AlertSourceSettings {
  client: GraphClient
  clock: Clock
  /** For each page; milliseconds. */
  deadlineMs: number
  /** How many pages one poll reads at most; what the product uses unless a test has fewer. */
  mostPages?: number
}

/** Graph cannot filter by title. https://learn.microsoft.com/defender-xdr/alert-policies */
const KIND_BY_TITLE = new Map<string, ReportedKind>([
  ['Email reported by user as malware or phish', 'phish'],
  ['Email reported by user as junk', 'junk'],
  ['Email reported by user as not junk', 'notJunk']
])

/** Of the page's example; a maximum is not documented. */
const PAGE_SIZE = 100
const MOST_PAGES = 200
/** A cluster can name thousands: no single alert may open, or offer, so many. */
const MOST_SIMILAR = 20

const words = textUpTo(1000)
const EVIDENCE = '#microsoft.graph.security.'

const evidenceSchema = loose({
  '@odata.type': words,
  networkMessageId: words,
  networkMessageIds: z.array(words).catch([]),
  subject: words,
  verdict: words,
  /** Of a message. */
  p2Sender: loose({ emailAddress: words }),
  /** Of a submission. */
  sender: words,
  submitter: words,
  submissionDateTime: words
})

const alertSchema = loose({
  id: words,
  title: words,
  createdDateTime: words,
  lastUpdateDateTime: words,
  evidence: z.array(evidenceSchema).catch([])
})

type Alert = z.infer<typeof alertSchema>
type Evidence = z.infer<typeof evidenceSchema>

export function createAlertSource(settings: AlertSourceSettings): ReportSource {
  const { client, clock, deadlineMs, mostPages = MOST_PAGES } = settings
  return {
    name: 'alerts',
    async poll(cursor): Promise<PollAnswer> {
      const window = timeWindow(cursor, clock.now())
      const $filter = `${window.filter('lastUpdateDateTime')} and serviceSource eq 'microsoftDefenderForOffice365'`
      const entries = await readPages(
        {
          client,
          clock,
          deadlineMs,
          path: 'security/alerts_v2',
          permission: 'SecurityAlert.Read.All',
          mostPages
        },
        queryString({ $filter, $top: String(PAGE_SIZE) })
      )
      if (entries === tooManyPages) return window.halved()
      if (!Array.isArray(entries)) return failedPoll(entries)
      const alerts = entries.map((entry) => alertSchema.parse(entry))
      const read = alerts.map(reportsIn)
      return {
        kind: 'read',
        // Pages may show an alert twice when others come in between.
        reports: onePerId(read.flatMap(({ reports }) => reports)),
        leftOut: onePerId(read.flatMap(({ leftOut }) => leftOut)),
        ...window.next(alerts.map(({ lastUpdateDateTime }) => lastUpdateDateTime))
      }
    }
  }
}

function reportsIn(alert: Alert): { reports: FoundReport[]; leftOut: LeftOutReport[] } {
  const kind = KIND_BY_TITLE.get(alert.title)
  if (kind === undefined || alert.id === '') return { reports: [], leftOut: [] }
  const submissions = ofType(alert, 'submissionMailEvidence')
  const messages = [...submissions, ...ofType(alert, 'analyzedMessageEvidence')]
  const named = new Map<string, FoundReport>()
  for (const evidence of messages) {
    const id = idIn(evidence.networkMessageId)
    if (id === null) continue
    const before = named.get(id)
    named.set(id, before === undefined ? reportOf(alert, kind, id, evidence) : withClaims(before, evidence))
  }
  // The others of a cluster were reported by nobody: they count only where Defender itself finds them bad.
  const similar = ofType(alert, 'mailClusterEvidence')
    .filter(({ verdict }) => verdict === 'malicious' || verdict === 'suspicious')
    .flatMap(({ networkMessageIds }) => networkMessageIds.flatMap((id) => idIn(id) ?? []))
  const others = [...new Set(similar)].filter((id) => !named.has(id))
  const [reported] = named.values()
  const reports = [
    ...named.values(),
    ...others.slice(0, MOST_SIMILAR).map((id) => ({
      ...reportOf(alert, kind, id, null),
      note: 'Defender counts this mail among those similar to a reported one.',
      ...(reported !== undefined && { similarTo: reported.message })
    }))
  ]
  const leftOut: LeftOutReport[] = []
  const sourceId = `alert/${alert.id}`
  if (reports.length === 0) leftOut.push({ sourceId, reason: 'The alert names no message.' })
  if (others.length > MOST_SIMILAR) {
    const reason = `The alert names ${others.length} similar messages; ${MOST_SIMILAR} were taken.`
    leftOut.push({ sourceId: `${sourceId}/similar`, reason })
  }
  return { reports, leftOut }
}

function reportOf(alert: Alert, kind: ReportedKind, networkMessageId: string, evidence: Evidence | null): FoundReport {
  return withClaims(
    {
      sourceId: `alert/${alert.id}/${networkMessageId}`,
      message: { kind: 'networkMessageId', value: networkMessageId },
      kind,
      reporter: evidence === null || evidence.submitter === '' ? null : { address: evidence.submitter, name: '' },
      claims: null,
      note: '',
      reportedAt: timeIn(evidence?.submissionDateTime ?? '') ?? timeIn(alert.createdDateTime)
    },
    evidence
  )
}

/** A message may be named by its submission, its analysis, or both; what the one leaves out, the other may tell. */
function withClaims(report: FoundReport, evidence: Evidence | null): FoundReport {
  if (evidence === null) return report
  const subject = firstOf(report.claims?.subject, evidence.subject)
  const senderAddress = firstOf(report.claims?.senderAddress, evidence.p2Sender.emailAddress, evidence.sender)
  return subject === '' && senderAddress === '' ? report : { ...report, claims: { subject, senderAddress } }
}

function firstOf(...texts: (string | undefined)[]): string {
  return texts.find((text) => text !== undefined && text !== '') ?? ''
}

function ofType(alert: Alert, type: string): Evidence[] {
  return alert.evidence.filter((evidence) => evidence['@odata.type'] === EVIDENCE + type)
}

function idIn(text: string): string | null {
  return GUID.test(text) ? text.toLowerCase() : null
}

function timeIn(text: string): number | null {
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}

function onePerId<T extends { sourceId: string }>(items: T[]): T[] {
  return [...new Map(items.map((item) => [item.sourceId, item])).values()]
}

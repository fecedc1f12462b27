// Mail that people submitted as phish, junk or not junk, read from Defender's submissions. Reads only; asks beta, whatever the bot's version.
// https://learn.microsoft.com/graph/api/resources/security-emailthreatsubmission
import { z } from 'zod'
import type { Clock } from '../case/ports.js'
import type { FoundReport, LeftOutReport, PollAnswer, ReportedKind, ReportSource } from '../case/report-source.js'
import type { Claims } from '../case/report.js'
import type { GraphClient } from './graph-client.js'
import { failedPoll } from './graph-problem.js'
import { huntingQuery } from './hunting-query.js'
import { loose, textUpTo } from './loose-schema.js'
import { queryString, readPages, tooManyPages } from './pages.js'
import { timeWindow } from './time-window.js'

export interface SubmissionSourceSettings {
  /** Of version beta: v1.0 has no submissions. */
  client: GraphClient
  clock: Clock
  /** For each page; milliseconds. */
  deadlineMs: number
  /** How many pages one poll reads at most; what the product uses unless a test has fewer. */
  mostPages?: number
}

/** Anything else, new words included, is looked at as phish. */
const KIND_BY_CATEGORY = new Map<string, ReportedKind>([
  ['notJunk', 'notJunk'],
  ['spam', 'junk']
])

const PAGE_SIZE = 100
const MOST_PAGES = 200
/** UTF-8: what a database can keep in an index, with room to spare. */
const MOST_MESSAGE_ID_BYTES = 900

const EMPTY = new Set<unknown>([null, undefined, ''])

const words = textUpTo(1000)

const submissionSchema = loose({
  id: words,
  source: words,
  category: words,
  createdDateTime: words,
  receivedDateTime: words,
  createdBy: loose({ user: loose({ email: words, displayName: words }) }),
  internetMessageId: words,
  subject: words,
  sender: words,
  attackSimulationInfo: z.unknown()
})

type Submission = z.infer<typeof submissionSchema>

export function createSubmissionSource(settings: SubmissionSourceSettings): ReportSource {
  const { client, clock, deadlineMs, mostPages = MOST_PAGES } = settings
  return {
    name: 'submissions',
    async poll(cursor): Promise<PollAnswer> {
      const window = timeWindow(cursor, clock.now())
      const entries = await readPages(
        {
          client,
          clock,
          deadlineMs,
          path: 'security/threatSubmission/emailThreats',
          permission: 'ThreatSubmission.Read.All',
          mostPages
        },
        queryString({ $filter: window.filter('createdDateTime'), $top: String(PAGE_SIZE) })
      )
      if (entries === tooManyPages) return window.halved()
      if (!Array.isArray(entries)) return failedPoll(entries)
      const submissions = entries.map((entry) => submissionSchema.parse(entry))
      const reports = new Map<string, FoundReport>()
      const leftOut = new Map<string, LeftOutReport>()
      // What administrators submit is sent to Microsoft for a second opinion; it is no report to the SOC.
      for (const submission of submissions.filter(({ id, source }) => id !== '' && source === 'user')) {
        const sourceId = `submission/${submission.id}`
        const report = reportOf(submission, sourceId)
        if (typeof report === 'string') leftOut.set(sourceId, { sourceId, reason: report })
        else reports.set(sourceId, report)
      }
      return {
        kind: 'read',
        reports: [...reports.values()],
        leftOut: [...leftOut.values()],
        ...window.next(submissions.map(({ createdDateTime }) => createdDateTime))
      }
    }
  }
}

/** Or, in words, why there is none. */
function reportOf(submission: Submission, sourceId: string): FoundReport | string {
  const { createdBy, category, attackSimulationInfo } = submission
  // With angle brackets, as Exchange stores it.
  const messageId = `<${submission.internetMessageId.trim().replace(/^<|>$/g, '')}>`
  if (Buffer.byteLength(messageId) > MOST_MESSAGE_ID_BYTES) return 'The Message-ID of the submission is too long.'
  if (huntingQuery(messageId) === null) return 'The submission has no Message-ID.'
  const { email, displayName } = createdBy.user
  const reportedAt = Date.parse(submission.createdDateTime)
  return {
    sourceId,
    message: { kind: 'internetMessageId', value: messageId },
    kind: isSimulation(attackSimulationInfo) ? 'simulation' : (KIND_BY_CATEGORY.get(category) ?? 'phish'),
    reporter: email === '' ? null : { address: email, name: displayName },
    claims: claimsOf(submission),
    note: '',
    reportedAt: Number.isNaN(reportedAt) ? null : reportedAt
  }
}

function claimsOf({ subject, sender, receivedDateTime }: Submission): Claims | null {
  const receivedAt = Date.parse(receivedDateTime)
  const sent = Number.isNaN(receivedAt) ? {} : { sentAt: receivedAt }
  return subject === '' && sender === '' ? null : { subject, senderAddress: sender, ...sent }
}

/** An empty object tells nothing: taken for training, real phish would go unseen. */
function isSimulation(info: unknown): boolean {
  if (typeof info !== 'object' || info === null || Array.isArray(info)) return false
  return Object.entries(info).some(([name, value]) => !name.startsWith('@') && !EMPTY.has(value))
}

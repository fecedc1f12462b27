// Mail that people submitted as phish, junk or not junk, read from Defender's submissions. Reads only; asks beta, whatever the bot's version.
// https://learn.microsoft.com/graph/api/resources/security-emailthreatsubmission
import { z } from 'zod'
import type { Clock } from '../case/ports.js'
import type { FoundReport, LeftOutReport, PollAnswer, ReportedKind, ReportSource } from '../case/report-source.js'
import type { GraphClient } from './graph-client.js'
import { failedPoll } from './graph-problem.js'
import { huntingQuery } from './hunting-query.js'
import { loose, textUpTo } from './loose-schema.js'
import { queryString, readPages } from './pages.js'
import { readWatermark } from './watermark.js'

export interface SubmissionSourceSettings {
  /** Of version beta: v1.0 has no submissions. */
  client: GraphClient
  clock: Clock
  /** For each page; milliseconds. */
  deadlineMs: number
}

/** Anything else, new words included, is looked at as phish. */
const KIND_BY_CATEGORY = new Map<string, ReportedKind>([
  ['notJunk', 'notJunk'],
  ['spam', 'junk']
])

const PAGE_SIZE = 100
const MOST_PAGES = 200

const words = textUpTo(1000)

const submissionSchema = loose({
  id: words,
  source: words,
  category: words,
  createdDateTime: words,
  createdBy: loose({ user: loose({ email: words, displayName: words }) }),
  internetMessageId: words,
  subject: words,
  sender: words,
  attackSimulationInfo: z.unknown()
})

type Submission = z.infer<typeof submissionSchema>

export function createSubmissionSource({ client, clock, deadlineMs }: SubmissionSourceSettings): ReportSource {
  return {
    name: 'submissions',
    async poll(cursor): Promise<PollAnswer> {
      const watermark = readWatermark(cursor, clock.now())
      const entries = await readPages(
        {
          client,
          clock,
          deadlineMs,
          path: 'security/threatSubmission/emailThreats',
          permission: 'ThreatSubmission.Read.All',
          mostPages: MOST_PAGES
        },
        queryString({ $filter: `createdDateTime ge ${watermark.since}`, $top: String(PAGE_SIZE) })
      )
      if (!Array.isArray(entries)) return failedPoll(entries)
      const submissions = entries.map((entry) => submissionSchema.parse(entry))
      const reports = new Map<string, FoundReport>()
      const leftOut = new Map<string, LeftOutReport>()
      // What administrators submit is sent to Microsoft for a second opinion; it is no report to the SOC.
      for (const submission of submissions.filter(({ id, source }) => id !== '' && source === 'user')) {
        const sourceId = `submission/${submission.id}`
        const report = reportOf(submission, sourceId)
        if (report === null) leftOut.set(sourceId, { sourceId, reason: 'The submission has no Message-ID.' })
        else reports.set(sourceId, report)
      }
      return {
        kind: 'read',
        reports: [...reports.values()],
        leftOut: [...leftOut.values()],
        cursor: watermark.after(submissions.map(({ createdDateTime }) => createdDateTime)),
        more: false
      }
    }
  }
}

function reportOf(submission: Submission, sourceId: string): FoundReport | null {
  const { subject, sender, createdBy, category, attackSimulationInfo: simulation } = submission
  const messageId = messageIdIn(submission.internetMessageId)
  if (messageId === null) return null
  const { email, displayName } = createdBy.user
  const reportedAt = Date.parse(submission.createdDateTime)
  return {
    sourceId,
    message: { kind: 'internetMessageId', value: messageId },
    kind: simulation !== undefined && simulation !== null ? 'simulation' : (KIND_BY_CATEGORY.get(category) ?? 'phish'),
    reporter: email === '' ? null : { address: email, name: displayName },
    claims: subject === '' && sender === '' ? null : { subject, senderAddress: sender },
    note: '',
    reportedAt: Number.isNaN(reportedAt) ? null : reportedAt
  }
}

/** With angle brackets, as Exchange stores it; null for what cannot be looked up. */
function messageIdIn(text: string): string | null {
  const id = `<${text.trim().replace(/^<|>$/g, '')}>`
  return huntingQuery(id) === null ? null : id
}

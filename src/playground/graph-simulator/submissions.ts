// Defender's submissions of mail, which only beta has. Lists them and takes reviews of what users submitted.
// https://learn.microsoft.com/graph/api/resources/security-emailthreatsubmission
import { z } from 'zod'
import { tenantSubmissionSchema, type TenantSubmission } from '../tenant-reports.js'
import { badRequest, GraphRefusal, readJson } from './odata.js'
import type { Call, Operation } from './operation.js'
import { nextLink, readCount, readPageSize, readSkipToken } from './paging.js'

const PARAMETERS = ['$filter', '$top', '$skiptoken', '$count']
const LARGEST_PAGE = 1000
const PAGE_UNASKED = 20
const FILTER = /^createdDateTime ge (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z)$/

export class Submissions {
  readonly #submissions: TenantSubmission[] = []
  readonly #reviews = new Map<string, string>()

  /** Throws a ZodError for what is none. */
  add(given: TenantSubmission): void {
    this.#submissions.push(tenantSubmissionSchema.parse(given))
  }

  find(id: string): TenantSubmission | undefined {
    return this.#submissions.find((submission) => submission.id === id)
  }

  review(id: string, category: string): void {
    this.#reviews.set(id, category)
  }

  /** What an administrator found it to be; null where nobody said. */
  reviewOf(id: string): string | null {
    return this.#reviews.get(id) ?? null
  }

  list(since: number): TenantSubmission[] {
    return this.#submissions.filter(({ createdAt }) => createdAt >= since)
  }
}

export const submissionOperations: Operation[] = [
  {
    name: 'submissions',
    method: 'GET',
    path: ['security', 'threatSubmission', 'emailThreats'],
    versions: ['beta'],
    permissions: [['ThreatSubmission.Read.All', 'ThreatSubmission.ReadWrite.All']],
    licensed: true,
    answer: list
  },
  {
    name: 'submissionReview',
    method: 'POST',
    path: ['security', 'threatSubmission', 'emailThreats', '*', 'review'],
    versions: ['beta'],
    permissions: [['ThreatSubmission.ReadWrite.All']],
    licensed: true,
    answer: review
  }
]

const reviewBody = z.object({ category: z.enum(['notSpam', 'junk', 'phishing', 'malware']) }).strict()

function review(call: Call) {
  const { category } = readJson(reviewBody, call)
  const [id = ''] = call.ids
  const submission = call.world.submissions.find(id)
  if (submission === undefined) throw new GraphRefusal(404, 'ResourceNotFound', `Submission '${id}' was not found.`)
  // https://learn.microsoft.com/graph/api/security-emailthreatsubmission-review
  if (submission.source !== 'user') throw badRequest('Only submissions of end users can be reviewed.')
  call.world.submissions.review(id, category)
  return { status: 204 }
}

function list(call: Call) {
  const { query, address, world } = call
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name))
  if (unknown !== undefined) throw badRequest(`Query option '${unknown}' is not allowed.`)
  const filter = query.get('$filter')
  const match = filter === null ? null : FILTER.exec(filter)
  if (filter !== null && match === null) throw badRequest(`Invalid filter clause: '${filter}' is not supported.`)
  const found = world.submissions.list(Date.parse(match?.[1] ?? '1970-01-01'))
  const size = Math.min(readPageSize(query.get('$top'), PAGE_UNASKED), LARGEST_PAGE)
  const start = readSkipToken(query.get('$skiptoken'))
  const end = start + size
  return {
    status: 200,
    body: {
      '@odata.context': `${address.root}/$metadata#security/threatSubmission/emailThreats`,
      ...(readCount(query.get('$count')) ? { '@odata.count': found.length } : {}),
      value: found
        .slice(start, end)
        .map((submission) => entity(submission, world.tenant.tenantId, world.submissions.reviewOf(submission.id))),
      ...(end < found.length ? { '@odata.nextLink': nextLink(call, end) } : {})
    }
  }
}

function entity(submission: TenantSubmission, tenantId: string, reviewed: string | null) {
  const { reporter, createdAt, simulation } = submission
  return {
    '@odata.type': '#microsoft.graph.security.emailContentThreatSubmission',
    id: submission.id,
    tenantId,
    createdDateTime: new Date(createdAt).toISOString(),
    contentType: 'email',
    category: submission.category,
    originalCategory: submission.category,
    source: submission.source,
    createdBy: { user: { identity: reporter.email, displayName: reporter.displayName, email: reporter.email } },
    status: 'succeeded',
    result: null,
    adminReview: reviewed === null ? null : { reviewBy: null, reviewDateTime: null, reviewResult: reviewed },
    clientSource: 'microsoft',
    recipientEmailAddress: submission.recipientEmailAddress,
    internetMessageId: submission.internetMessageId,
    subject: submission.subject,
    sender: submission.sender,
    senderIP: null,
    receivedDateTime: new Date(createdAt).toISOString(),
    attackSimulationInfo: simulation
      ? {
          attackSimId: '5e1f0000-0000-4000-8000-000000000001',
          attackSimUserId: reporter.email,
          attackSimDateTime: new Date(createdAt).toISOString(),
          attackSimDurationTime: 'P7D'
        }
      : null,
    tenantAllowOrBlockListAction: null
  }
}

// Sends one approved batch to Graph's `analyzedEmail: remediate` and says what is known of it. Never repeats what may have arrived.
// https://learn.microsoft.com/graph/api/security-analyzedemail-remediate
import type { Clock, EmailRemediation } from '../case/ports.js'
import type { RemediationRequest, SubmissionOutcome } from '../case/remediation.js'
import type { GraphAnswer, GraphClient } from './graph-client.js'
import { lacksOperation, refusalIn, retryAfterMs, versionHint } from './graph-error.js'
import { trackingLinkFrom } from './tracking-link.js'

export interface EmailRemediationSettings {
  client: GraphClient
  clock: Clock
  tenantId: string
  /** For one submit, its token and a repetition after 401 included; milliseconds. */
  deadlineMs: number
}

const PATH = 'security/collaboration/analyzedEmails/remediate'

export function createEmailRemediation(settings: EmailRemediationSettings): EmailRemediation {
  const { client, deadlineMs } = settings
  return {
    async submit(request) {
      const answer = await client.send({
        method: 'POST',
        path: PATH,
        body: bodyOf(request),
        deadline: AbortSignal.timeout(deadlineMs),
        expects: 'nothing'
      })
      return outcomeOf(answer, settings)
    }
  }
}

/** The contract's six parameters and nothing else: the page's sample has a string for the Boolean, the type is Boolean. */
function bodyOf(request: RemediationRequest) {
  return {
    displayName: request.displayName,
    description: request.description,
    severity: request.severity,
    action: request.action,
    remediateSendersCopy: request.remediateSendersCopy,
    analyzedEmails: request.copies.map(({ networkMessageId, recipientEmailAddress }) => ({
      networkMessageId,
      recipientEmailAddress
    }))
  }
}

function outcomeOf(answer: GraphAnswer, { client, clock, tenantId, deadlineMs }: EmailRemediationSettings) {
  if (answer.kind === 'notSent') return notSent(answer.why)
  if (answer.kind === 'lost') {
    const reason = answer.timedOut
      ? `Microsoft Graph did not answer within ${deadlineMs / 1000} seconds.`
      : 'The connection to Microsoft Graph broke before an answer came.'
    return uncertain(reason, null, null)
  }
  const { status, headers } = answer
  const refusal = refusalIn(answer)
  const { requestId } = refusal
  if (status >= 200 && status < 300) {
    const rawLocation = headers.get('location')
    const { link } = trackingLinkFrom(rawLocation, tenantId)
    return { kind: 'accepted', status, trackingLink: link, rawLocation, requestId } satisfies SubmissionOutcome
  }
  if (status === 429) {
    const wait = retryAfterMs(headers, clock.now())
    return { kind: 'throttled', retryAfterMs: wait, requestId } satisfies SubmissionOutcome
  }
  // 408 says that the server gave up waiting, not that it did nothing.
  if (status >= 400 && status < 500 && status !== 408) {
    const hint = lacksOperation(status, refusal) ? `${versionHint(client.version)} ` : ''
    const message = `${hint}${refusal.message}`.trim()
    return { kind: 'refused', status, code: refusal.code, message, requestId } satisfies SubmissionOutcome
  }
  if (status < 400) return uncertain(`Microsoft Graph answered with a redirect (${status}).`, status, requestId)
  return uncertain(`Microsoft Graph answered ${status} (${refusal.code}).`, status, requestId)
}

function notSent(why: 'noToken' | 'noConnection'): SubmissionOutcome {
  const reason =
    why === 'noToken'
      ? 'The bot got no token for Microsoft Graph from Entra.'
      : 'No connection to Microsoft Graph came about.'
  return { kind: 'notSent', reason }
}

function uncertain(reason: string, status: number | null, requestId: string | null): SubmissionOutcome {
  return { kind: 'uncertain', reason, status, requestId }
}

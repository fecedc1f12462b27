// Writes back to Defender what the SOC found a user's submission to be. Only beta has it; the same review twice is harmless.
// https://learn.microsoft.com/graph/api/security-emailthreatsubmission-review
import type { Clock, SubmissionReviews } from '../case/ports.js'
import type { GraphClient } from './graph-client.js'
import { refusalIn } from './graph-error.js'
import { problemIn } from './graph-problem.js'

export interface SubmissionReviewSettings {
  /** Of version beta: v1.0 has no submissions. */
  client: GraphClient
  clock: Clock
  /** Milliseconds. */
  deadlineMs: number
}

/** Refused for good: no such submission, one that cannot be reviewed, or a word that Graph does not know. */
const forGood = [400, 404, 405, 409, 422]

export function createSubmissionReviews({ client, clock, deadlineMs }: SubmissionReviewSettings): SubmissionReviews {
  return {
    async review(submissionId, category) {
      const answer = await client.send({
        method: 'POST',
        path: `security/threatSubmission/emailThreats/${encodeURIComponent(submissionId)}/review`,
        body: { category },
        deadline: AbortSignal.timeout(deadlineMs),
        expects: 'nothing'
      })
      if (answer.kind === 'answered') {
        const { status } = answer
        if (status >= 200 && status < 300) return { kind: 'written' }
        if (forGood.includes(status)) return { kind: 'refused', status, code: refusalIn(answer).code }
      }
      const problem = problemIn(answer, 'ThreatSubmission.ReadWrite.All', { version: 'beta', now: clock.now() })
      if (problem?.kind === 'unavailable') return problem
      const what =
        problem?.kind === 'forbidden' ? `it takes the permission ${problem.permission}` : 'it takes a licence'
      return { kind: 'unavailable', reason: `Microsoft Graph refused it: ${what}.`, retryAfterMs: refusedAgainMs }
    }
  }
}

/** A permission comes back when a person sees to it. */
const refusedAgainMs = 60 * 60_000

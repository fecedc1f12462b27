// Says in plain words why a read brought no answer. Never shows an address, a token or what a socket said.
import type { LookResult } from '../case/mail.js'
import type { PollAnswer } from '../case/report-source.js'
import type { GraphAnswer, GraphVersion } from './graph-client.js'
import { lacksLicence, lacksOperation, refusalIn, retryAfterMs, versionHint } from './graph-error.js'

export type GraphProblem = Exclude<LookResult, { kind: 'found' | 'nothing' }>

export const unreadable = unavailable('The answer of Microsoft Graph could not be read.')

export function unavailable(reason: string, wait: number | null = null): GraphProblem {
  return { kind: 'unavailable', reason, retryAfterMs: wait }
}

/**
 * Null where the answer is a 200.
 * @param permission the application permission that the call takes.
 */
export function problemIn(
  answer: GraphAnswer,
  permission: string,
  { version, now }: { version: GraphVersion; now: number }
): GraphProblem | null {
  if (answer.kind === 'notSent') {
    return unavailable(
      answer.why === 'noToken'
        ? 'The bot got no token for Microsoft Graph from Entra.'
        : 'No connection to Microsoft Graph came about.'
    )
  }
  if (answer.kind === 'lost') {
    return unavailable(
      answer.timedOut ? 'Microsoft Graph did not answer in time.' : 'The connection to Microsoft Graph broke.'
    )
  }
  const { status } = answer
  if (status === 200) return null
  const refusal = refusalIn(answer)
  if (lacksLicence(status, refusal)) return { kind: 'noLicence', code: refusal.code }
  // Security APIs answer a missing permission with codes of their own as well.
  if (status === 403) return { kind: 'forbidden', permission, code: refusal.code }
  // The code for a mailbox that is not there is the same.
  const lacksPath = status === 404 && refusal.code === 'ResourceNotFound' && !permission.startsWith('Mail.')
  if (lacksPath || lacksOperation(status, refusal)) return { kind: 'cloudWithoutApi', code: refusal.code, version }
  const wait = retryAfterMs(answer.headers, now)
  if (status === 429) return unavailable('Microsoft Graph is throttling the bot.', wait)
  return unavailable(`Microsoft Graph answered ${status} (${refusal.code}).`, wait)
}

/** The same as the answer of a poll. */
export function failedPoll(problem: GraphProblem): PollAnswer {
  if (problem.kind === 'unavailable') return { ...problem, kind: 'failed' }
  if (problem.kind === 'cloudWithoutApi')
    return { kind: 'failed', reason: versionHint(problem.version), retryAfterMs: null }
  const reason =
    problem.kind === 'forbidden'
      ? `Microsoft Graph refused it (${problem.code}): it takes the permission ${problem.permission}.`
      : `Microsoft Graph refused it (${problem.code}): it takes Defender for Office 365 Plan 2.`
  return { kind: 'failed', reason, retryAfterMs: null }
}

/** The parts of a JSON answer; none where it is anything but an object. */
export function bodyOf(answer: GraphAnswer): Record<string, unknown> {
  const body = answer.kind === 'answered' ? answer.body : null
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

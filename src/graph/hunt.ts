// Sends one advanced-hunting query. The queries themselves are fixed and stand elsewhere.
// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
import type { Clock } from '../case/ports.js'
import type { GraphClient } from './graph-client.js'
import { bodyOf, problemIn } from './graph-problem.js'

export interface HuntSettings {
  client: GraphClient
  clock: Clock
  /** Milliseconds. */
  deadlineMs: number
}

type Problem = NonNullable<ReturnType<typeof problemIn>>

/** The answer's body, or why there is none. */
export async function hunt(
  query: string,
  { client, clock, deadlineMs }: HuntSettings
): Promise<{ body: unknown } | { problem: Problem }> {
  const answer = await client.send({
    method: 'POST',
    path: 'security/runHuntingQuery',
    body: { Query: query },
    // Without the charset, look-alike letters in the value do not arrive whole.
    contentType: 'application/json; charset=utf-8',
    deadline: AbortSignal.timeout(deadlineMs),
    expects: 'json'
  })
  const problem = problemIn(answer, 'ThreatHunting.Read.All', { version: client.version, now: clock.now() })
  return problem === null ? { body: bodyOf(answer) } : { problem }
}

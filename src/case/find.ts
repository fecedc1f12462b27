// Asks Defender for mail by what a person remembers of it. Passes every answer on as it is; only silence is asked again.
import type { FindResult, MailQuery } from './mail.js'
import type { Clock, MessageFinding } from './ports.js'

/** Somebody waits for the list: after the last of these they are told that Defender cannot be asked now. */
const unavailableRetry = [5_000, 15_000, 45_000]
const longestWait = 60_000

/**
 * The outbox's `find`: one round of asking.
 * @param attempts how often it was tried, this time included.
 */
export async function findMail(
  query: MailQuery,
  attempts: number,
  { finder, clock }: { finder: MessageFinding; clock: Clock }
): Promise<{ againAt: number } | { result: FindResult }> {
  const result = await finder.find(query)
  const retry = unavailableRetry[attempts - 1]
  if (result.kind !== 'unavailable' || retry === undefined) return { result }
  const wait = Math.max(retry, result.retryAfterMs ?? 0)
  return wait > longestWait ? { result } : { againAt: clock.now() + wait }
}

// When the time to decide about a case is over. Pure; ends nothing.
import type { CaseRecord } from './case.js'
import { longestMs } from './policy.js'

/** From its opening; a case that people have decided before, from when it waits again. Defender's limit holds for both. */
export function expiresAt({ openedAt, remediations, waiting }: CaseRecord, expireAfterMs: number): number {
  if (remediations.length === 0) return openedAt + expireAfterMs
  return Math.min(openedAt + longestMs, Math.max(openedAt, waiting.since) + expireAfterMs)
}

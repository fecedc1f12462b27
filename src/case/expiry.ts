// When a case that nobody decides ends, by the policy of this moment. Never ends one whose request is on its way.
import { type CaseRecord, isOpen } from './case.js'
import { expire } from './decide.js'
import { expiresAt } from './expires-at.js'
import type { Policy } from './policy.js'
import type { Step } from './ports.js'

/** The outbox's `expire`: ends the case, or answers when to come back. The policy may have changed since it was set. */
export function expireByPolicy(record: CaseRecord, { time }: Pick<Policy, 'time'>, now: number): Step<number | null> {
  const dueAt = expiresAt(record, time.expireAfterMs)
  if (isOpen(record.state) && now < dueAt) return { next: null, outbox: [], audit: [], answer: dueAt }
  return expire(record, now)
}

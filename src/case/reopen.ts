// An ended case takes up a new plan: copies that came later, or an undo. Never takes a message that another open case has.
import type { CaseRecord } from './case.js'
import type { OutboxEntry } from './change.js'
import type { Plan } from './plan.js'
import { after } from './transitions.js'

const dayMs = 24 * 60 * 60_000
/** Defender keeps a mail's data for 30 days; a plan that comes at their end gets a day all the same. */
const expireAfterMs = 30 * dayMs

export type Reopening =
  | { kind: 'reopened'; next: CaseRecord; outbox: OutboxEntry[] }
  /** Another open case has the message: whatever is to be decided about it is decided there. */
  | { kind: 'taken'; by: number }
  /** The state knows no such event. */
  | { kind: 'stale' }

/** @param openCase as `store.change` says it. */
export function reopen(
  record: CaseRecord,
  openCase: number | null,
  { event, plan, now }: { event: 'followUp' | 'undo'; plan: Plan; now: number }
): Reopening {
  const state = after(record.state, event)
  if (state === null) return { kind: 'stale' }
  if (openCase !== null) return { kind: 'taken', by: openCase }
  const look = { attempts: 0, lastAt: record.look.lastAt, nextAt: null, problem: null }
  const expireAt = Math.max(record.openedAt + expireAfterMs, now + dayMs)
  return {
    kind: 'reopened',
    next: { ...record, state, plan, planVersion: plan.version, pending: null, closing: null, look },
    outbox: [
      { kind: 'card', caseNumber: record.number, dueAt: now },
      { kind: 'expire', caseNumber: record.number, dueAt: expireAt }
    ]
  }
}

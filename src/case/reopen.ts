// An ended case takes up a new plan: copies that came later, or an undo. Never takes a message that another open case has.
import type { MessageOfCase } from './campaign.js'
import type { CaseRecord } from './case.js'
import type { OutboxEntry } from './change.js'
import type { Plan } from './plan.js'
import { after } from './transitions.js'

export type Reopening =
  | { kind: 'reopened'; next: CaseRecord; outbox: OutboxEntry[] }
  /** Another open case has the message: whatever is to be decided about it is decided there. */
  | { kind: 'taken'; by: number }
  /** The state knows no such event. */
  | { kind: 'stale' }

/** @param openCase as `store.change` says it, and `elsewhere` too. */
export function reopen(
  record: CaseRecord,
  openCase: number | null,
  {
    event,
    plan,
    now,
    elsewhere = []
  }: { event: 'followUp' | 'undo'; plan: Plan; now: number; elsewhere?: MessageOfCase[] }
): Reopening {
  const state = after(record.state, event)
  if (state === null) return { kind: 'stale' }
  if (openCase !== null) return { kind: 'taken', by: openCase }
  const [by] = plan.copies.flatMap(({ networkMessageId }) => caseWith(elsewhere, networkMessageId) ?? [])
  if (by !== undefined) return { kind: 'taken', by }
  const look = { ...record.look, attempts: 0, nextAt: null, problem: null }
  const { campaign } = record
  const included = campaign?.included.filter((id) => caseWith(elsewhere, id) === null) ?? []
  return {
    kind: 'reopened',
    next: {
      ...record,
      state,
      plan,
      planVersion: plan.version,
      pending: null,
      voided: null,
      closing: null,
      look,
      campaign: campaign === null ? null : { ...campaign, included }
    },
    outbox: [{ kind: 'card', caseNumber: record.number, dueAt: now }]
  }
}

/** Null: no other open case acts on this message. */
export function caseWith(elsewhere: MessageOfCase[], networkMessageId: string): number | null {
  return elsewhere.find((message) => message.networkMessageId === networkMessageId)?.caseNumber ?? null
}

// For whom an open case waits and since when, and the timers that hang on it. Pure; never decides who is told.
import { type CaseRecord, isOpen } from './case.js'
import type { OutboxEntry } from './change.js'

export type WaitsFor =
  /** Defender's answer to a look, or the time of the next look. */
  | 'look'
  /** Defender's answer to a request. */
  | 'submission'
  | 'approver'
  | 'anotherApprover'
  /** Nobody looks again by itself. */
  | 'lookAgain'
  | 'proposeAgain'
  /** A person has to find out what became of a request. */
  | 'actionCenter'
  | 'verdict'

export type NudgeKind = 'reminder' | 'onCall' | 'escalation'

export interface Waiting {
  /** Rises with every new wait; names what is posted about this one. */
  period: number
  /** Epoch ms. */
  since: number
  /** What was posted, or passed over for something stronger, in this period. */
  nudged: NudgeKind[]
}

/** Null where the case has ended. */
export function waitsFor({ state, look }: Pick<CaseRecord, 'state' | 'look'>): WaitsFor | null {
  switch (state) {
    case 'looking':
      return 'look'
    case 'nothingFound':
      return look.nextAt === null ? 'lookAgain' : 'look'
    case 'unreadable':
      if (look.problem?.kind === 'noMail') return 'verdict'
      return look.nextAt === null ? 'lookAgain' : 'look'
    case 'proposed':
      return 'approver'
    case 'partlyApproved':
      return 'anotherApprover'
    case 'approved':
    case 'submitting':
      return 'submission'
    case 'failed':
      return 'proposeAgain'
    case 'uncertain':
      return 'actionCenter'
    default:
      return null
  }
}

export function waitsForPeople(record: Pick<CaseRecord, 'state' | 'look'>): boolean {
  const whom = waitsFor(record)
  return whom !== null && whom !== 'look' && whom !== 'submission'
}

/**
 * A new wait begins where the case waits for somebody or something else than before. Another report, a look or a higher
 * plan version changes nothing of that: people have waited, and were told so, all the same.
 */
export function withWaiting(before: CaseRecord, next: CaseRecord, now: number): CaseRecord {
  if (waitsFor(next) === waitsFor(before)) return next
  return { ...next, waiting: newWaiting(before.waiting, now) }
}

export function newWaiting({ period }: Pick<Waiting, 'period'>, now: number): Waiting {
  return { period: period + 1, since: now, nudged: [] }
}

/** What a change of a case sets going: whoever has to be told now or later, and the end of a case that was opened again. */
export function timersOf(
  before: CaseRecord,
  next: CaseRecord,
  { now, expireAfterMs }: { now: number; expireAfterMs: number }
): OutboxEntry[] {
  const { number: caseNumber } = next
  // A plan that has grown more dangerous can be one to tell at once.
  const isNews = waitsFor(next) !== waitsFor(before) || next.planVersion !== before.planVersion
  return [
    ...(isNews && waitsForPeople(next) ? [{ kind: 'nudge' as const, caseNumber, dueAt: now }] : []),
    ...(isOpen(next.state) && !isOpen(before.state)
      ? [{ kind: 'expire' as const, caseNumber, dueAt: now + expireAfterMs }]
      : [])
  ]
}

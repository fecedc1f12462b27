// A person asks for an undo, typed or clicked. Only an analyst may; it proposes, and never approves.
import type { Activity } from 'botbuilder'
import { reasonLimit } from '../case/decision.js'
import type { Person } from '../case/report.js'
import { type UndoAnswer, proposeUndo } from '../case/undo.js'
import { type Desk, rulingFor } from './desk.js'

/** Null: no such case. */
export async function requestUndo(
  desk: Desk,
  { number, reason }: { number: number; reason: string },
  { speaker, activity }: { speaker: Person; activity: Activity }
): Promise<UndoAnswer | { kind: 'refused'; reasons: string[] } | null> {
  const { ruling, person } = await rulingFor(desk, 'analyse', speaker)
  if (!ruling.allowed) return { kind: 'refused', reasons: ruling.reasons }
  // Stored plans never change; one that is approved from here on is missed by `proposeUndo`, which then proposes nothing.
  const plans = Number.isSafeInteger(number) ? await desk.plans.plansOf(number) : []
  return desk.store.change(number, (record, openCase, elsewhere) =>
    proposeUndo(record, {
      person,
      // PostgreSQL's text cannot hold NUL.
      reason: reason.replaceAll('\0', '').trim().slice(0, reasonLimit),
      policy: desk.policy,
      plans,
      openCase,
      elsewhere,
      now: desk.clock.now(),
      activityId: activity.id ?? ''
    })
  )
}

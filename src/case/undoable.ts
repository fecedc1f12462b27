// Which copies an undo could move back, and what it cannot. Pure; counts only what Defender accepted, never what was only asked for.
import type { CaseRecord } from './case.js'
import type { DeliveryLocation, MailCopy } from './mail.js'
import type { Plan, RemediationAction } from './plan.js'
import { askedAt, copyKey, timeIsUpMs } from './outcome.js'
import type { Batch, Remediation, RemediationOutcome } from './remediation.js'

/** Counts are in copies. */
export type CannotUndo =
  | { kind: 'hardDeleted' | 'unknown' | 'movedBack'; copies: number }
  /** Graph has no call that brings the sender's copy back. */
  | { kind: 'sendersCopy' }

export interface Undoable {
  /** Sorted like a plan's; the location is where the request put the copy. */
  copies: MailCopy[]
  /** Of `copies`, the keys of those that a look has seen where the request put them. */
  seen: Set<string>
  cannot: CannotUndo[]
  /** Versions of approved plans that were not given: what they acted on is not counted. */
  missing: number[]
}

/** Where a move that can be undone puts a copy; Recoverable Items has no value of its own among Graph's locations. */
const destinations: Partial<Record<RemediationAction, DeliveryLocation>> = {
  moveToJunk: 'junkFolder',
  moveToDeletedItems: 'deletedFolder',
  softDelete: 'others'
}

/** Whether Graph has a call that takes back what this action does. */
export function canBeUndone(action: RemediationAction): boolean {
  return destinations[action] !== undefined
}

interface Fate {
  copy: MailCopy
  how: 'removed' | 'hardDeleted' | 'unknown' | 'movedBack'
  /** A look found the copy where the request puts it. */
  seen: boolean
  purging: boolean
}

/** @param plans the approved plans, in any order; a remediation whose plan is not among them is `missing`. */
export function undoable({ remediations }: Pick<CaseRecord, 'remediations'>, plans: readonly Plan[]): Undoable {
  const byVersion = new Map(plans.map((plan) => [plan.version, plan]))
  const fates = new Map<string, Fate>()
  const missing: number[] = []
  // Oldest first: what was done last to a copy is what an undo finds.
  for (const remediation of [...remediations].sort((a, b) => a.planVersion - b.planVersion)) {
    if (!remediation.batches.some(mayHaveActed)) continue
    const plan = byVersion.get(remediation.planVersion)
    if (plan === undefined) {
      missing.push(remediation.planVersion)
      continue
    }
    for (const batch of remediation.batches) {
      plan.copies.slice(batch.from, batch.to).forEach((copy, offset) => {
        const fate = fateOf(remediation, batch, { copy, index: batch.from + offset })
        const key = copyKey(copy)
        if (fate === 'gone') fates.delete(key)
        else if (fate !== null && !outlasts(fates.get(key), fate)) fates.set(key, fate)
      })
    }
  }
  const all = [...fates].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, fate]) => fate)
  const removed = all.filter(({ how }) => how === 'removed')
  const count = (kind: 'hardDeleted' | 'unknown' | 'movedBack'): CannotUndo[] => {
    const copies = all.filter(({ how }) => how === kind).length
    return copies === 0 ? [] : [{ kind, copies }]
  }
  const sender = remediations.some((each) => each.remediateSendersCopy && each.batches.some(mayHaveActed))
  return {
    copies: removed.map(({ copy }) => copy),
    seen: new Set(removed.filter(({ seen }) => seen).map(({ copy }) => copyKey(copy))),
    cannot: [
      ...count('hardDeleted'),
      ...(sender ? [{ kind: 'sendersCopy' as const }] : []),
      ...count('unknown'),
      ...count('movedBack')
    ],
    missing
  }
}

/** Whether what is known of a copy stays true after a later request whose own outcome is as it is. */
function outlasts(before: Fate | undefined, later: Fate): boolean {
  // Nothing moves a purged copy; that one was moved after all proves that it was not purged.
  if (before?.how === 'hardDeleted') return !later.seen
  // It was moved for certain, and may have been moved once more: moving it to the inbox is right in either case.
  return before?.how === 'removed' && later.how === 'unknown' && !later.purging
}

function mayHaveActed({ state }: Batch): boolean {
  return state === 'accepted' || state === 'uncertain' || state === 'submitting'
}

/** What this request makes of what is known of a copy. Null: nothing; `gone`: it lies where nobody can move it from. */
function fateOf(
  remediation: Remediation,
  batch: Batch,
  { copy, index }: { copy: MailCopy; index: number }
): Fate | 'gone' | null {
  if (!mayHaveActed(batch)) return null
  const { action, outcome } = remediation
  const found = outcome?.copies[index]
  const over = outcome !== null && timeWasUp(remediation, outcome)
  const location = destinations[action]
  // Seen where it lay before, and not looked at any more: the request did nothing to it.
  if (over && found === 'waiting') return null
  // No look tells a purged copy from one that only was soft-deleted, so the action alone decides.
  if (action === 'hardDelete') {
    return { copy, how: batch.state === 'accepted' ? 'hardDeleted' : 'unknown', seen: false, purging: true }
  }
  if (found === 'already' && location !== undefined) return null
  // A soft-deleted copy may be listed no more, and can still be recovered.
  const lost = found === 'elsewhere' || (found === 'gone' && action !== 'softDelete')
  if (over && lost) return 'gone'

  const known = found === 'moved' || found === 'already'
  if (batch.state !== 'accepted' && !known) return { copy, how: 'unknown', seen: false, purging: false }
  if (location === undefined) return { copy, how: 'movedBack', seen: known, purging: false }
  return { copy: { ...copy, location }, how: 'removed', seen: known, purging: false }
}

/** Looks also end early, where a newer request acts on the same copies: then what waited may have moved since. */
function timeWasUp(remediation: Remediation, { lastLookAt }: RemediationOutcome): boolean {
  const asked = askedAt(remediation)
  return asked !== null && lastLookAt >= asked + timeIsUpMs
}

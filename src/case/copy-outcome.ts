// What became of one copy: judged from where it lay, where it lies now, and what Defender says has happened to it. Never
// says "moved" of a copy that was not seen in another place.
import type { CopyEvent, DeliveryLocation } from './mail.js'
import { type RemediationAction, isDelete } from './plan.js'
import type { CopyCause, CopyOutcome } from './remediation.js'

export interface CopySeen {
  action: RemediationAction
  /** Where it lay when the plan was made. */
  before: DeliveryLocation
  /** Null: Defender lists it no more. */
  now: DeliveryLocation | null
  /** When its request was sent. */
  sentAt: number
  /** All of them are this copy's; in any order. */
  events: CopyEvent[]
  /** What the look before this one found. */
  previous: CopyOutcome | null
}

export interface CopyVerdict {
  outcome: CopyOutcome
  /** There is nothing to wait for any more. */
  accounted: boolean
  /** The newest thing that Defender says has moved it, or has failed to; null where it says nothing. */
  cause: CopyCause | null
}

/** An administrator's act may be dated by a clock that runs behind ours. */
const skewMs = 60_000

// Recoverable Items has no value of its own: Graph shows what was deleted for good or for now as `others`, which is also
// what it calls a folder of the user's own.
const destinations: Record<RemediationAction, DeliveryLocation> = {
  moveToJunk: 'junkFolder',
  moveToInbox: 'inbox_folder',
  moveToDeletedItems: 'deletedFolder',
  softDelete: 'others',
  hardDelete: 'others'
}

/** Whether a copy that lies there is where the action would put it, or out of its reach and the user's. */
export function isThere(action: RemediationAction, location: DeliveryLocation): boolean {
  return location === destinations[action] || (location === 'quarantine' && endsInQuarantine(action))
}

/** Quarantined mail can be released or purged, but not filed or soft-deleted: there it is out of the user's reach. */
function endsInQuarantine(action: RemediationAction): boolean {
  return action !== 'moveToInbox' && action !== 'hardDelete'
}

export function judgeCopy(seen: CopySeen): CopyVerdict {
  const { action, before, now, events } = seen
  const moves = events.filter(({ result }) => result === 'done' || result === 'unknown')
  const last = newest(moves)
  const byNow = last === null ? null : causeOf(last, seen)
  const verdict = (outcome: CopyOutcome, accounted: boolean, cause: CopyCause | null = byNow): CopyVerdict => ({
    outcome,
    accounted,
    cause
  })

  // One look without it may be a slip of Defender's index; a deleted copy counts as gone when a second look agrees.
  if (now === null) return verdict('gone', isDelete(action) && seen.previous === 'gone')
  if (now === 'unknown') {
    const purged = isDelete(action) && last?.by === 'administrator' && last.result === 'done' && !isEarlier(last, seen)
    return purged ? verdict('moved', true) : verdict('waiting', false)
  }
  if (now === 'quarantine' && endsInQuarantine(action)) {
    const first = before === 'quarantine' || (last !== null && isEarlier(last, seen))
    return verdict(first ? 'already' : 'elsewhere', true)
  }
  if (now !== destinations[action]) {
    if (now !== before) return verdict('elsewhere', false)
    return verdict('waiting', false, failedSince(seen) ? 'moveFailed' : null)
  }
  if (saysAlready(seen)) return verdict('already', true)
  if (before === now) {
    if (!isDelete(action)) return verdict('already', true)
    // `others` before and after proves nothing, unless an act since then is on record.
    const acted = last !== null && last.by === 'administrator' && last.result === 'done' && !isEarlier(last, seen)
    return acted ? verdict('moved', true) : verdict('waiting', false, failedSince(seen) ? 'moveFailed' : null)
  }
  if (last !== null && isEarlier(last, seen)) return verdict('already', true)
  // A user's own folder looks the same: a copy that its user has moved was not seen deleted.
  if (isDelete(action) && last?.by === 'user') return verdict('elsewhere', false)
  return verdict('moved', true)
}

function isEarlier(event: CopyEvent, { sentAt }: CopySeen): boolean {
  return event.at < (event.by === 'administrator' ? sentAt - skewMs : sentAt)
}

/** The remediation itself found nothing to do. */
function saysAlready(seen: CopySeen): boolean {
  const last = newest(seen.events.filter(({ by }) => by === 'administrator'))
  return last !== null && last.result === 'already' && !isEarlier(last, seen)
}

function failedSince(seen: CopySeen): boolean {
  const last = newest(seen.events.filter(({ by }) => by === 'administrator'))
  return last !== null && last.result === 'failed' && !isEarlier(last, seen)
}

function newest(events: CopyEvent[]): CopyEvent | null {
  return events.reduce<CopyEvent | null>((last, event) => (last === null || event.at > last.at ? event : last), null)
}

function causeOf(event: CopyEvent, seen: CopySeen): CopyCause {
  const earlier = isEarlier(event, seen)
  if (event.by === 'administrator') return earlier ? 'administratorBefore' : 'administrator'
  if (event.by === 'user') return 'user'
  if (event.kind === 'zap') return earlier ? 'zapBefore' : 'zap'
  if (event.kind === 'air') return earlier ? 'airBefore' : 'air'
  return 'otherDefender'
}

// What one look says of a remediation as a whole, and when the next one is due. Pure; says nothing of copies that were not looked at.
import { isThere, judgeCopy } from './copy-outcome.js'
import type { CopyEvent, DeliveryLocation, Mail } from './mail.js'
import type { Plan } from './plan.js'
import { type Batch, type CopyOutcome, type Remediation, type RemediationOutcome, wasAsked } from './remediation.js'

const minute = 60_000
const hour = 60 * minute

export const firstLookMs = minute
/** After the last request was sent; then the time is up. */
export const lookOffsets = [firstLookMs, 5 * minute, 15 * minute, 1 * hour, 4 * hour, 12 * hour, 24 * hour]
export const timeIsUpMs = 24 * hour
/** Copies that are listed no more are looked at once more before anybody believes it. */
const confirmMs = 15 * minute

/** When Defender was last asked; null where it never was. */
export function askedAt({ batches }: Remediation): number | null {
  const times = batches.filter(wasAsked).map((batch) => batch.sentAt ?? batch.answeredAt ?? 0)
  return times.length === 0 ? null : Math.max(...times)
}

/** When the remediation is to be looked at next; null where it is not any more. */
export function nextLookOf(remediation: Remediation): number | null {
  if (remediation.outcome !== null) return remediation.outcome.nextLookAt
  const asked = askedAt(remediation)
  return asked === null ? null : asked + firstLookMs
}

/** All copies are accounted for, or the time is up. Looks may go on, for copies that turn up. */
export function isSettled({ outcome }: Remediation): boolean {
  return outcome !== null && (outcome.open === 0 || outcome.nextLookAt === null)
}

export interface Seen {
  /** By networkMessageId; null: Defender lists no copy of it. */
  mails: Map<string, Mail | null>
  /** Beyond those that the mails bring. */
  events: CopyEvent[]
}

export function outcomeOf(remediation: Remediation, plan: Plan, seen: Seen, now: number): RemediationOutcome {
  const { action, batches, outcome: before } = remediation
  const { locations, events } = byCopy(seen)
  const batchAt = batchFinder(batches)
  const outcome: RemediationOutcome = {
    looks: (before?.looks ?? 0) + 1,
    lastLookAt: now,
    nextLookAt: null,
    copies: [],
    open: 0,
    places: {},
    causes: {},
    leftOut: {},
    later: before?.later ?? null
  }
  for (const { reason } of plan.leftOut) outcome.leftOut[reason] = (outcome.leftOut[reason] ?? 0) + 1
  let unconfirmed = false
  for (const [index, copy] of plan.copies.entries()) {
    const place = locations.get(copyKey(copy)) ?? null
    const batch = batchAt(index)
    if (batch === undefined || !wasAsked(batch)) {
      outcome.copies.push(unasked(action, copy.location, place))
      continue
    }
    const previous = before?.copies[index] ?? null
    const verdict = judgeCopy({
      action,
      before: copy.location,
      now: place,
      sentAt: batch.sentAt ?? batch.answeredAt ?? 0,
      events: events.get(copyKey(copy)) ?? [],
      previous
    })
    outcome.copies.push(verdict.outcome)
    outcome.places[place ?? 'notListed'] = (outcome.places[place ?? 'notListed'] ?? 0) + 1
    if (verdict.cause !== null) outcome.causes[verdict.cause] = (outcome.causes[verdict.cause] ?? 0) + 1
    if (!verdict.accounted) outcome.open += 1
    if (verdict.outcome === 'gone' && previous !== 'gone') unconfirmed = true
  }
  return { ...outcome, nextLookAt: nextLook(askedAt(remediation) ?? now, now, unconfirmed) }
}

function nextLook(asked: number, now: number, unconfirmed: boolean): number | null {
  const planned = lookOffsets.map((offset) => asked + offset).find((at) => at > now)
  if (planned !== undefined) return planned
  return unconfirmed && now < asked + timeIsUpMs + hour ? now + confirmMs : null
}

/** Nobody asked for these: where they lie now is nobody's outcome. */
function unasked(action: Remediation['action'], before: DeliveryLocation, now: DeliveryLocation | null): CopyOutcome {
  if (now === null) return 'gone'
  if (isThere(action, now)) return 'already'
  return now === before || now === 'unknown' ? 'waiting' : 'elsewhere'
}

export function copyKey(copy: { networkMessageId: string; recipientEmailAddress: string }): string {
  return `${copy.networkMessageId} ${copy.recipientEmailAddress}`.toLowerCase()
}

function byCopy({ mails, events }: Seen) {
  const listed = [...mails.values()].filter((mail) => mail !== null)
  const locations = new Map(
    listed.flatMap(({ copies }) => copies.map((copy) => [copyKey(copy), copy.location] as const))
  )
  const grouped = new Map<string, CopyEvent[]>()
  for (const event of [...listed.flatMap((mail) => mail.events ?? []), ...events]) {
    const key = copyKey(event)
    const group = grouped.get(key)
    if (group === undefined) grouped.set(key, [event])
    else group.push(event)
  }
  return { locations, events: grouped }
}

function batchFinder(batches: Batch[]): (index: number) => Batch | undefined {
  return (index) => batches.find(({ from, to }) => index >= from && index < to)
}

// Who is told that a case waits for people, and when: on call, reminder, escalation. Never tells twice in one wait.
import { type CaseRecord, latestRemediation } from './case.js'
import type { Policy } from './policy.js'
import type { CaseStore, Clock } from './ports.js'
import { currentSeverity } from './severity.js'
import { type NudgeKind, type WaitsFor, waitsFor } from './waiting.js'

/** The waits that somebody is told of; what waits for Look again only has its card. */
export type NudgedWait = Exclude<WaitsFor, 'look' | 'submission' | 'lookAgain'>

export interface Nudge {
  kind: NudgeKind
  waitsFor: NudgedWait
  /** Milliseconds. */
  waited: number
  high: boolean
  /** Entra object ids. */
  users: string[]
  /** Ids of tags in Teams. */
  tags: string[]
}

export interface NudgeDecision {
  post: Nudge | null
  /** What the post makes needless: itself and whatever is weaker and due. */
  covers: NudgeKind[]
  /** When something can be due again, the post left aside; null: nothing more in this wait. */
  nextAt: number | null
}

const nothing: NudgeDecision = { post: null, covers: [], nextAt: null }

/** The weakest first. Where several are due, as after a clock that jumped, only the strongest is posted. */
const byStrength: readonly NudgeKind[] = ['reminder', 'onCall', 'escalation']

export type TimePolicy = Pick<Policy, 'time' | 'escalateTo' | 'onCall' | 'defaults' | 'vipMailboxes'>

export function nudge(record: CaseRecord, policy: TimePolicy, now: number): NudgeDecision {
  const whom = nudgedWait(record)
  if (whom === null) return nothing
  const { since, nudged } = record.waiting
  const high = currentSeverity(record, policy) === 'high'
  const onCall = without(policy.onCall.users, actorsOf(record))
  // Whoever has approved already cannot give the approval that is missing.
  const cannotHelp = whom === 'anotherApprover' ? approversOf(record) : []
  const escalateTo = without(policy.escalateTo.users, cannotHelp)
  const times: Record<NudgeKind, number | null> = {
    reminder: plus(since, policy.time.remindAfterMs),
    onCall: high && onCall.length > 0 ? since : null,
    escalation:
      escalateTo.length > 0 || policy.escalateTo.tags.length > 0 ? plus(since, policy.time.escalateAfterMs) : null
  }
  const open = byStrength.flatMap((kind) => {
    const at = times[kind]
    return at === null || nudged.includes(kind) ? [] : [{ kind, at }]
  })
  const covers = open.filter(({ at }) => at <= now).map(({ kind }) => kind)
  const later = open.filter(({ at }) => at > now).map(({ at }) => at)
  const nextAt = later.length === 0 ? null : Math.min(...later)
  const kind = covers.at(-1)
  if (kind === undefined) return { ...nothing, nextAt }
  const users = [...(kind === 'escalation' ? escalateTo : []), ...(covers.includes('onCall') ? onCall : [])]
  const tags = kind === 'escalation' ? policy.escalateTo.tags : []
  return {
    post: { kind, waitsFor: whom, waited: now - since, high, users: [...new Set(users)], tags },
    covers,
    nextAt
  }
}

function nudgedWait(record: CaseRecord): NudgedWait | null {
  const whom = waitsFor(record)
  return whom === 'look' || whom === 'submission' || whom === 'lookAgain' ? null : whom
}

function plus(since: number, ms: number | null): number | null {
  return ms === null ? null : since + ms
}

function without(users: string[], some: string[]): string[] {
  const left = new Set(some.map((objectId) => objectId.toLowerCase()))
  return users.filter((objectId) => !left.has(objectId.toLowerCase()))
}

/** Whoever brought the case to where it stands was there a moment ago. */
function actorsOf(record: CaseRecord): string[] {
  return record.state === 'proposed' ? [record.openedBy.objectId] : approversOf(record)
}

function approversOf(record: CaseRecord): string[] {
  if (record.state === 'partlyApproved') return record.pending?.approvals.map(({ person }) => person.objectId) ?? []
  if (record.state !== 'failed' && record.state !== 'uncertain') return []
  return latestRemediation(record)?.approvals.map(({ person }) => person.objectId) ?? []
}

export interface NudgeDoors {
  store: CaseStore
  clock: Clock
  policy: TimePolicy
  /** Answers when to come back where the post has to wait, or null when it is over. */
  post(record: CaseRecord, post: Nudge): Promise<number | null>
}

/** The outbox's `nudge`. Answers when to come back, or null where nothing more can be due in this wait. */
export async function nudgeCase(caseNumber: number, doors: NudgeDoors): Promise<number | null> {
  const { store, clock, policy } = doors
  const record = await store.change(caseNumber, (current) => {
    // A clock that was set back would let the case wait for as long again before anybody is told.
    const back = nudgedWait(current) !== null && current.waiting.since > clock.now()
    const next = back ? { ...current, waiting: { ...current.waiting, since: clock.now() } } : null
    return { next, outbox: [], audit: [], answer: next ?? current }
  })
  if (record === null) return null
  const decided = nudge(record, policy, clock.now())
  if (decided.post === null) return decided.nextAt
  const againAt = await doors.post(record, decided.post)
  if (againAt !== null) return againAt
  await store.change(caseNumber, (current) => {
    // Somebody acted while it was posted: the new wait has its own row.
    if (current.waiting.period !== record.waiting.period) return { next: null, outbox: [], audit: [], answer: null }
    const nudged = [...new Set([...current.waiting.nudged, ...decided.covers])]
    const next = { ...current, waiting: { ...current.waiting, nudged } }
    return { next, outbox: [], audit: [], answer: null }
  })
  return decided.nextAt
}

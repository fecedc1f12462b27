// What the figures of a period say, and which judgement of a case they count. Pure; a figure that nobody measured is null, never a guess.
import { type CaseRecord, isOpen } from './case.js'
import type { RemediationAction } from './plan.js'
import { effectOf } from './remediation.js'

/**
 * `phish`: the newest approval was to remove it, or a person closed it as phish or malware. `notPhish`: a person decided
 * anything else, such as to move it back. `open`: nobody has decided yet. `neither`: it ended without a decision.
 */
export type Judgement = 'phish' | 'notPhish' | 'open' | 'neither'

export function judgementOf(record: Pick<CaseRecord, 'state' | 'closing' | 'remediations'>): Judgement {
  const { state, closing, remediations } = record
  // "Not phish" after a request of which nothing was accepted takes that approval back; after any other it is about the rest.
  const counted = state === 'rejected' ? remediations.filter((each) => effectOf([each]) !== 'none') : remediations
  const latest = counted.at(-1)
  if (latest !== undefined) return latest.action === 'moveToInbox' ? 'notPhish' : 'phish'
  if (isOpen(state)) return 'open'
  if (state === 'rejected') return 'notPhish'
  if (state !== 'closed') return 'neither'
  return closing?.verdict === 'phish' || closing?.verdict === 'malware' ? 'phish' : 'notPhish'
}

/** A person has decided. */
export function isJudged(judgement: Judgement): boolean {
  return judgement === 'phish' || judgement === 'notPhish'
}

export const dayMs = 86_400_000

export const statsPeriods = [7, 30] as const
export type StatsDays = (typeof statsPeriods)[number]

/** So many UTC days, the current one so far among them. */
export function periodOf(days: StatsDays, now: number): { from: number; to: number } {
  const today = Math.floor(now / dayMs) * dayMs
  // What happens in this very millisecond belongs to it.
  return { from: today - (days - 1) * dayMs, to: now + 1 }
}

/** Reports of one UTC day, by how their cases are judged now. */
export type DayCount = { day: number } & Record<Judgement, number>

/**
 * `acknowledge`: from a case's first report to its card in the channel. `decide`: from the first report to the first
 * decision. `submit`: from the last approval to the 202 for the last batch. `seeGone`: from there to the look that found
 * every copy accounted for.
 */
export type StatisticsStep = 'acknowledge' | 'decide' | 'submit' | 'seeGone'

/** In ms: half of them, and nine of ten, took no longer. Null where there is none. */
export interface Spread {
  count: number
  half: number | null
  most: number | null
}

export interface Statistics {
  /** Every day of the period, oldest first; `day` is its start. */
  days: DayCount[]
  /** Of cases that were opened, and of requests that were approved, in the period. */
  took: Record<StatisticsStep, Spread>
  /** Requests that were approved in the period and of which Defender accepted a part at least; undos are not among them. */
  actions: Partial<Record<RemediationAction, number>>
  undone: number
  /** Reports of the period by people who took the mail for phish, without those that nobody has decided. */
  precision: { decided: number; phish: number }
}

// Copies of the mail that turned up after an approval: a plan of their own, which needs an approval of its own. Never adds to
// what was approved, and never proposes what people have decided about already.
import type { CaseRecord } from './case.js'
import { isThere } from './copy-outcome.js'
import type { MailCopy } from './mail.js'
import { copyKey } from './outcome.js'
import { type Plan, type PlanLimits, makePlan } from './plan.js'
import { type Remediation, wasAsked } from './remediation.js'

/** The newest remediation that Defender was asked for; null where it never was. */
export function latestAsked({ remediations }: Pick<CaseRecord, 'remediations'>): Remediation | null {
  return remediations.findLast(({ batches }) => batches.some(wasAsked)) ?? null
}

/**
 * The copies that are in no plan up to version `follows`, that the action of that version does not leave where they are,
 * and that belong to the mailboxes that the case is about. Its `copies` may be empty: then there is nothing to decide.
 */
export function followUpPlan(
  record: CaseRecord,
  follows: Remediation,
  { found, plans, limits, now }: { found: MailCopy[]; plans: Plan[]; limits: PlanLimits; now: number }
): Plan {
  const earlier = plans.filter(({ version }) => version <= follows.planVersion)
  const decided = new Set(earlier.flatMap(({ copies }) => copies.map(copyKey)))
  const copies = found.filter((copy) => !decided.has(copyKey(copy)) && !isThere(follows.action, copy.location))
  const plan = makePlan(record.planVersion + 1, { copies, recipients: record.recipients }, limits, now)
  return { ...plan, purpose: 'followUp', follows: follows.planVersion }
}

/** The remediation that the current plan follows up; null where it follows none. */
export function followedUp({ plan, remediations }: Pick<CaseRecord, 'plan' | 'remediations'>): Remediation | null {
  if (plan?.purpose !== 'followUp') return null
  return remediations.find(({ planVersion }) => planVersion === plan.follows) ?? null
}

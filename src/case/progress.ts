// How far approvals go under the policy of now: what they still lack, and whether a plan may be sent on them. Asks nobody.
import type { CaseRecord } from './case.js'
import { holdsProtected } from './choice.js'
import type { Plan, PlanChoice } from './plan.js'
import type { Policy } from './policy.js'
import type { Approval, Remediation } from './remediation.js'
import {
  type Demand,
  type Requirement,
  missingApprovals,
  planFacts,
  requirementFor,
  whyNotCounted
} from './requirement.js'
import { missingWords, neededWords } from './requirement-words.js'

export interface Progress {
  requirement: Requirement
  /** Empty only where the approvals are enough. */
  missing: Demand[]
  /** How many of the approvals count. */
  given: number
  /** How many it takes, those included. */
  needed: number
}

export function requirementOf(
  policy: Policy,
  { mail }: Pick<CaseRecord, 'mail'>,
  plan: Plan,
  choice: PlanChoice
): Requirement {
  return requirementFor(policy, planFacts(policy, plan, choice, mail))
}

export function progressOf(policy: Policy, requirement: Requirement, approvals: Approval[]): Progress {
  const standings = approvals.map(({ standing }) => standing)
  const given = standings.filter((each) => whyNotCounted(policy, requirement, each).length === 0).length
  const missing = missingApprovals(policy, requirement, standings)
  return { requirement, missing, given, needed: given + Math.max(0, ...missing.map(({ approvals: more }) => more)) }
}

/**
 * Why an approved plan may not be sent under the policy of now, in a sentence; null where it may. The policy can have
 * changed since the approvals; who approved is taken as it was then.
 */
export function whyNotSent(
  policy: Policy,
  record: CaseRecord,
  plan: Plan,
  { approvals, ...choice }: Remediation
): string | null {
  const { copies } = plan
  if (!policy.actions.includes(choice.action)) return `The policy does not offer ${choice.action} any more.`
  if (copies.length > policy.limits.maxCopies) {
    return `${String(copies.length)} copies are more than the policy allows now (${String(policy.limits.maxCopies)}).`
  }
  if (holdsProtected(plan, policy)) return 'The policy protects a mailbox of this plan now.'
  const requirement = requirementOf(policy, record, plan, choice)
  const { missing, given } = progressOf(policy, requirement, approvals)
  if (missing.length === 0) return null
  if (requirement.forbidden.length > 0) return `By the policy of now: ${neededWords(requirement)}.`
  return `By the policy of now: ${neededWords(requirement)}; ${String(given)} of the approvals count, ${missingWords(missing)}.`
}

// What the policy asks of a plan before it may be sent, and whether the approvals so far give it. Pure; knows no person's name.
import type { Direction } from './mail.js'
import type { RemediationAction, Severity } from './plan.js'
import { type Approvers, type Policy, type PolicyRule, type Principals, type Standing, isListed } from './policy.js'

/** What rules can ask about a plan and the choice that goes with it. */
export interface PlanFacts {
  action: RemediationAction
  severity: Severity
  copies: number
  /** VIP mailboxes among them. */
  vips: number
  direction: Direction
}

/** So many different people out of these; null: any approver. */
export interface Demand {
  approvals: number
  from: Approvers | null
  /** What of the plan asks for it: "hard delete", "63 mailboxes". Empty where every plan does. */
  because: string[]
}

export interface Requirement {
  /** Why nobody may approve this, or empty. */
  forbidden: string[]
  /** The largest number that any demand asks for; one at least. */
  approvals: number
  /** Of each group of people at most one demand, the strictest. */
  demands: Demand[]
  reporterMayApprove: boolean
  openerMayApprove: boolean
}

export function requirementFor(policy: Policy, facts: PlanFacts): Requirement {
  const applying = policy.rules.flatMap((rule) => {
    const because = applies(rule, facts)
    return because === null ? [] : [{ rule, because }]
  })
  const demands = new Map<string, Demand>([['', { approvals: 1, from: null, because: [] }]])
  for (const { rule, because } of applying) {
    if (rule.forbidden) continue
    const key = rule.from === null ? '' : JSON.stringify(rule.from)
    const known = demands.get(key)
    if (known === undefined || known.approvals < rule.approvals) {
      demands.set(key, { approvals: rule.approvals, from: rule.from, because })
    } else if (known.approvals === rule.approvals && known.because.length > 0) {
      demands.set(key, { ...known, because: [...new Set([...known.because, ...because])] })
    }
  }
  return {
    forbidden: [...new Set(applying.filter(({ rule }) => rule.forbidden).flatMap(({ because }) => because))],
    approvals: Math.max(...[...demands.values()].map(({ approvals }) => approvals)),
    demands: [...demands.values()],
    reporterMayApprove: applying.every(({ rule }) => rule.reporterMayApprove),
    openerMayApprove: applying.every(({ rule }) => rule.openerMayApprove)
  }
}

/** The reasons in words where the rule applies, or null where it does not. */
function applies({ when }: PolicyRule, facts: PlanFacts): string[] | null {
  const because: string[] = []
  if (when.actions.length > 0) {
    if (!when.actions.includes(facts.action)) return null
    because.push(actionWords[facts.action])
  }
  if (when.severities.length > 0) {
    if (!when.severities.includes(facts.severity)) return null
    because.push(`severity ${facts.severity}`)
  }
  if (when.copiesOver !== null) {
    if (facts.copies <= when.copiesOver) return null
    because.push(`${facts.copies.toLocaleString('en-US')} mailboxes`)
  }
  if (when.vip) {
    if (facts.vips === 0) return null
    because.push(facts.vips === 1 ? 'a VIP mailbox' : `${facts.vips.toLocaleString('en-US')} VIP mailboxes`)
  }
  if (when.directions.length > 0) {
    if (!when.directions.includes(facts.direction)) return null
    because.push(directionWords[facts.direction])
  }
  return because.length > 0 ? because : ['every plan']
}

const actionWords: Record<RemediationAction, string> = {
  softDelete: 'soft delete',
  hardDelete: 'hard delete',
  moveToJunk: 'move to junk',
  moveToDeletedItems: 'move to deleted items',
  moveToInbox: 'move to inbox'
}

const directionWords: Record<Direction, string> = {
  inbound: 'inbound mail',
  outbound: 'outbound mail',
  intraOrg: 'internal mail',
  unknown: 'mail of unknown direction'
}

/** Why this person's approval cannot count for such a plan, in sentences; empty where it can. */
export function whyNotCounted(policy: Policy, requirement: Requirement, person: Standing): string[] {
  const reasons: string[] = []
  if (!isListed(policy.approvers, person)) reasons.push('Not an approver.')
  if (person.reporter && !requirement.reporterMayApprove) {
    reasons.push('Whoever reported the mail may not approve this; another approver has to.')
  }
  if (person.opener && !requirement.openerMayApprove) {
    reasons.push('Whoever opened the case may not approve this; another approver has to.')
  }
  return reasons
}

/** What is still missing, demand by demand; empty where the approvals are enough. Nobody counts twice. */
export function missingApprovals(policy: Policy, requirement: Requirement, approvers: Standing[]): Demand[] {
  const different = new Map(approvers.map((each) => [each.objectId.toLowerCase(), each]))
  const counted = [...different.values()].filter((each) => whyNotCounted(policy, requirement, each).length === 0)
  return requirement.demands.flatMap((demand) => {
    const given = counted.filter((each) => comesFrom(demand.from, each)).length
    return given < demand.approvals ? [{ ...demand, approvals: demand.approvals - given }] : []
  })
}

function comesFrom(from: Principals | null, person: Standing): boolean {
  return from === null || isListed(from, person)
}

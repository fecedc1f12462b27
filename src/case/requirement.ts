// What the policy asks of a plan before it may be sent, and whether the approvals so far give it. Pure; knows no person's name.
import type { Direction, MailEvidence } from './mail.js'
import type { Plan, PlanChoice, RemediationAction, Severity } from './plan.js'
import { type Approvers, type Policy, type PolicyRule, type Standing, isListed } from './policy.js'

export const directions = ['inbound', 'outbound', 'intraOrg', 'unknown'] as const satisfies Direction[]

/** What rules can ask about a plan and the choice that goes with it. */
export interface PlanFacts {
  action: RemediationAction
  severity: Severity
  copies: number
  /** VIP mailboxes that it would act on, the sender's among them where the sender's copy goes too. */
  vips: number
  direction: Direction
}

/** So many different people out of these; null: any approver. */
export interface Demand {
  approvals: number
  from: Approvers | null
  /** What of the plan asks for it: "hard delete", "63 mailboxes". Empty for the one approval that no rule has to ask for. */
  because: string[]
}

export interface Requirement {
  /** Why nobody may approve this, or empty. */
  forbidden: string[]
  /** The largest number that any demand asks for; one at least. Demands of different people may need more of them. */
  approvals: number
  /** Of each group of people at most one demand, the strictest; never empty. What another one implies is left out. */
  demands: Demand[]
  reporterMayApprove: boolean
  openerMayApprove: boolean
}

/** @param mail what Defender says; null where it says nothing, which is a direction of its own for the rules. */
export function planFacts(
  policy: Policy,
  plan: Plan,
  choice: PlanChoice,
  mail: Pick<MailEvidence, 'direction' | 'senderAddress'> | null
): PlanFacts {
  const vips = new Set(policy.vipMailboxes.map((address) => address.toLowerCase()))
  const touched = new Set(plan.copies.map(({ recipientEmailAddress }) => recipientEmailAddress.toLowerCase()))
  if (choice.remediateSendersCopy && mail !== null) touched.add(mail.senderAddress.toLowerCase())
  return {
    action: choice.action,
    severity: choice.severity,
    copies: plan.copies.length,
    vips: [...touched].filter((address) => vips.has(address)).length,
    direction: mail?.direction ?? 'unknown'
  }
}

/** The order of the rules changes nothing, not even the words. */
export function requirementFor(policy: Policy, facts: PlanFacts): Requirement {
  const applying = policy.rules.filter((rule) => applies(rule, facts))
  const demanding = applying.filter(({ forbidden }) => !forbidden)
  const ofAnyone = demandOf(
    demanding.filter(({ from }) => from === null),
    facts
  )
  const ofSome = [...bySource(demanding).values()].map((rules) => demandOf(rules, facts)).sort(byPeople)
  // Whoever satisfies a demand of some people is an approver, and so counts for any approver as well.
  const implied = ofSome.some(({ approvals }) => approvals >= ofAnyone.approvals)
  const demands = implied ? ofSome : [ofAnyone, ...ofSome]
  return {
    forbidden: reasonsOf(
      applying.filter(({ forbidden }) => forbidden),
      facts
    ),
    approvals: Math.max(...demands.map(({ approvals }) => approvals)),
    demands,
    reporterMayApprove: applying.every(({ reporterMayApprove }) => reporterMayApprove),
    openerMayApprove: applying.every(({ openerMayApprove }) => openerMayApprove)
  }
}

/** The strictest of rules that ask the same people; without any, the one approval that every plan needs. */
function demandOf(rules: PolicyRule[], facts: PlanFacts): Demand {
  const approvals = Math.max(1, ...rules.map((rule) => rule.approvals))
  const strictest = rules.filter((rule) => rule.approvals === approvals && (rule.from !== null || approvals > 1))
  const [first] = strictest.map(({ from }) => from).sort(byName)
  return { approvals, from: first ?? null, because: reasonsOf(strictest, facts) }
}

function bySource(rules: PolicyRule[]): Map<string, PolicyRule[]> {
  const groups = new Map<string, PolicyRule[]>()
  for (const rule of rules) {
    if (rule.from === null) continue
    const key = peopleKey(rule.from)
    groups.set(key, [...(groups.get(key) ?? []), rule])
  }
  return groups
}

/** The same for the same people, whatever they are called and however their ids are spelled and ordered. */
export function peopleKey({ users, groups }: Approvers): string {
  const plain = (ids: string[]) => [...new Set(ids.map((id) => id.toLowerCase()))].sort()
  return JSON.stringify([plain(users), plain(groups)])
}

function byPeople(a: Demand, b: Demand): number {
  return byName(a.from, b.from) || (keyOf(a) < keyOf(b) ? -1 : 1)
}

function keyOf({ from }: Demand): string {
  return from === null ? '' : peopleKey(from)
}

function byName(a: Approvers | null, b: Approvers | null): number {
  const [left, right] = [a?.name ?? '', b?.name ?? '']
  return left < right ? -1 : left > right ? 1 : 0
}

export function applies({ when }: PolicyRule, facts: PlanFacts): boolean {
  const among = <T>(list: T[], value: T) => list.length === 0 || list.includes(value)
  return (
    among(when.actions, facts.action) &&
    among(when.severities, facts.severity) &&
    among(when.directions, facts.direction) &&
    (when.copiesOver === null || facts.copies > when.copiesOver) &&
    (!when.vip || facts.vips > 0)
  )
}

/** What of the plan makes these rules apply, always in the same order. */
function reasonsOf(rules: PolicyRule[], facts: PlanFacts): string[] {
  const asked = (what: (when: PolicyRule['when']) => boolean) => rules.some(({ when }) => what(when))
  if (rules.some(({ when }) => asksNothing(when))) return ['every plan']
  const reasons: string[] = []
  if (asked(({ actions }) => actions.length > 0)) reasons.push(actionWords[facts.action])
  if (asked(({ copiesOver }) => copiesOver !== null)) reasons.push(mailboxWords(facts.copies))
  if (asked(({ vip }) => vip))
    reasons.push(facts.vips === 1 ? 'a VIP mailbox' : mailboxWords(facts.vips, 'VIP mailbox'))
  if (asked(({ directions }) => directions.length > 0)) reasons.push(directionWords[facts.direction])
  if (asked(({ severities }) => severities.length > 0)) reasons.push(`severity ${facts.severity}`)
  return reasons
}

export function asksNothing(when: PolicyRule['when']): boolean {
  const lists = [when.actions, when.severities, when.directions]
  return lists.every((list) => list.length === 0) && when.copiesOver === null && !when.vip
}

export function mailboxWords(count: number, mailbox = 'mailbox'): string {
  return `${count.toLocaleString('en-US')} ${mailbox}${count === 1 ? '' : 'es'}`
}

export const actionWords: Record<RemediationAction, string> = {
  softDelete: 'soft delete',
  hardDelete: 'hard delete',
  moveToJunk: 'move to junk',
  moveToDeletedItems: 'move to deleted items',
  moveToInbox: 'move to inbox'
}

export const directionWords: Record<Direction, string> = {
  inbound: 'inbound mail',
  outbound: 'outbound mail',
  intraOrg: 'internal mail',
  unknown: 'mail of unknown direction'
}

/** Why this person's approval cannot count for such a plan, in sentences; empty where it can. */
export function whyNotCounted(policy: Policy, requirement: Requirement, person: Standing): string[] {
  const reasons: string[] = []
  if (requirement.forbidden.length > 0) {
    reasons.push(`The policy lets nobody approve this: ${requirement.forbidden.join('; ')}.`)
  }
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
  const standings = new Map<string, Standing[]>()
  for (const each of approvers) {
    const id = each.objectId.toLowerCase()
    standings.set(id, [...(standings.get(id) ?? []), each])
  }
  // Should one person come with several standings, the worst of them is believed.
  const people = [...standings.values()].filter((ofOne) =>
    ofOne.every((each) => whyNotCounted(policy, requirement, each).length === 0)
  )
  return requirement.demands.flatMap((demand) => {
    const given = people.filter((ofOne) => ofOne.every((each) => comesFrom(demand.from, each))).length
    return given < demand.approvals ? [{ ...demand, approvals: demand.approvals - given }] : []
  })
}

function comesFrom(from: Approvers | null, person: Standing): boolean {
  return from === null || isListed(from, person)
}

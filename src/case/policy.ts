// The policy: who may report, open, and decide what. A ruling explains itself in words and knows nothing of Teams or Graph.
import type { Direction } from './mail.js'
import type { RemediationAction, Severity } from './plan.js'

export interface Principals {
  users: string[]
  groups: string[]
}

export interface Policy {
  channelId: string
  analysts: Principals
  approvers: Principals
  actions: RemediationAction[]
  defaults: { action: RemediationAction; severity: Severity }
  limits: { maxCopies: number; protectedMailboxes: string[] }
  /** Addresses that rules can ask for; their copies are acted on like any other. */
  vipMailboxes: string[]
  /** All that apply to a plan count together. */
  rules: PolicyRule[]
  /** Null: never. */
  time: {
    /** After so long without anybody acting, the channel is reminded. */
    remindAfterMs: number | null
    /** After so long, others are mentioned. */
    escalateAfterMs: number | null
    /** So long after the first approval the last one has to come. */
    approvalsWithinMs: number
    /** So long after it was opened, a case that nobody decided ends. */
    expireAfterMs: number
  }
  /** Mentioned in an escalation. Teams lets bots mention people and tags, but no groups. */
  escalateTo: { name: string; users: string[]; tags: string[] }
  /** Mentioned at once when a case of high severity waits for people. */
  onCall: { users: string[] }
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Defender keeps mail for 30 days; after that nothing can be looked up or removed. */
export const longestMs = 30 * 24 * hourMs

/** What holds where the policy says nothing of time. */
export const defaultTime: Pick<Policy, 'time' | 'escalateTo' | 'onCall'> = {
  time: {
    remindAfterMs: 30 * minuteMs,
    escalateAfterMs: 2 * hourMs,
    approvalsWithinMs: 4 * hourMs,
    expireAfterMs: longestMs
  },
  escalateTo: { name: '', users: [], tags: [] },
  onCall: { users: [] }
}

/** Who a rule's approvals must come from; `name` stands on cards, because an object id says nothing to people. */
export interface Approvers extends Principals {
  name: string
}

export interface PolicyRule {
  /** All that is named must hold; an empty list and null ask for nothing. */
  when: {
    actions: RemediationAction[]
    severities: Severity[]
    /** More copies than this. */
    copiesOver: number | null
    /** A VIP's mailbox is among the copies. */
    vip: boolean
    directions: Direction[]
  }
  /** A plan that nobody may approve. */
  forbidden: boolean
  /** So many different people, each of whom is an approver and, where `from` names some, one of those. */
  approvals: number
  from: Approvers | null
  reporterMayApprove: boolean
  openerMayApprove: boolean
}

const everyPlan: PolicyRule = {
  when: { actions: [], severities: [], copiesOver: null, vip: false, directions: [] },
  forbidden: false,
  approvals: 1,
  from: null,
  reporterMayApprove: true,
  openerMayApprove: true
}

/** Where the policy file says nothing: what cannot be undone, and what reaches many, takes two. */
export const defaultRules: PolicyRule[] = [
  { ...everyPlan, when: { ...everyPlan.when, actions: ['hardDelete'] }, approvals: 2 },
  { ...everyPlan, when: { ...everyPlan.when, copiesOver: 50 }, approvals: 2 }
]

/** How many approvers there can be among these people; infinite where a group may bring in anybody. */
export function mostApprovers(approvers: Principals, from: Principals | null): number {
  const lower = (ids: string[]) => new Set(ids.map((id) => id.toLowerCase()))
  const named = lower(approvers.users)
  if (from === null) return approvers.groups.length > 0 ? Infinity : named.size
  if (from.groups.length > 0) return approvers.groups.length > 0 ? Infinity : named.size
  const asked = [...lower(from.users)]
  return approvers.groups.length > 0 ? asked.length : asked.filter((id) => named.has(id)).length
}

/** What the directory says of a person at this moment. Anything but `known` grants nothing. */
export type PersonRights =
  /** `external`: signs in with an account of another organisation, although this one calls it a member. */
  | {
      kind: 'known'
      name: string
      guest: boolean
      external: boolean
      enabled: boolean
      groups: string[]
      addresses: string[]
    }
  | { kind: 'notFound' }
  | { kind: 'unavailable'; reason: string }

/** `decide` is approve and reject; `analyse` is triage, case, queue, look again and propose again. */
export type Deed = 'report' | 'analyse' | 'decide'

/** What rules ask about a person, as it is at one moment. */
export interface Standing {
  objectId: string
  /** The policy's groups that the person is in. */
  groups: string[]
  /** Has reported the mail of this case. */
  reporter: boolean
  opener: boolean
}

export interface Ruling {
  allowed: boolean
  /** Sentences, in the order they were found; on a refusal they say what is missing and who can change it. */
  reasons: string[]
}

/** Every group that a ruling can hang on. */
export function groupsOf(policy: Policy): string[] {
  const inRules = policy.rules.flatMap(({ from }) => from?.groups ?? [])
  return [...new Set([...policy.approvers.groups, ...policy.analysts.groups, ...inRules])]
}

export function isListed(principals: Principals, { objectId, groups }: Pick<Standing, 'objectId' | 'groups'>): boolean {
  return listed(principals, objectId, groups) !== null
}

export function nobodyMayApprove(policy: Policy): boolean {
  return policy.approvers.users.length === 0 && policy.approvers.groups.length === 0
}

/** A person as a ruling sees them. `approvedBefore`: this very case, which only somebody who was an approver can have. */
export interface Asking {
  objectId: string
  rights: PersonRights
  approvedBefore?: boolean
}

export function rule(policy: Policy, deed: Deed, person: Asking): Ruling {
  const { objectId, rights } = person
  if (rights.kind === 'unavailable') {
    // A report removes nothing, so it is kept when the directory is silent; nothing else is.
    if (deed === 'report') return allow('Reports are taken although the directory did not answer.')
    return refuse(`I cannot check your rights now. ${rights.reason} Nothing was changed; try again soon.`)
  }
  if (rights.kind === 'notFound') {
    return refuse(
      'You are not in the directory of this organisation. People of others may not report, open or decide cases here.'
    )
  }
  if (rights.guest) return refuse('Guests may not report, open or decide cases.')
  if (!rights.enabled) return refuse('Your account is disabled in the directory.')
  if (deed === 'report') return allow('Every member of the organisation may report.')

  if (deed === 'decide' && rights.external) {
    return refuse(
      'Your account is one of another organisation. Only accounts of this organisation may approve or reject, whatever the policy lists.'
    )
  }
  const approver = listed(policy.approvers, objectId, rights.groups)
  if (approver !== null) return allow(`You are an approver: ${approver}.`)
  if (deed === 'decide') {
    if (nobodyMayApprove(policy)) return refuse('Nobody may approve: the approver list in the policy is empty.')
    return { allowed: false, reasons: notAnApprover(policy, person.approvedBefore === true) }
  }
  const analyst = listed(policy.analysts, objectId, rights.groups)
  if (analyst !== null) return allow(`You are an analyst: ${analyst}.`)
  return refuse('You are not an analyst. An administrator can add you to the analysts in the policy.')
}

function notAnApprover(policy: Policy, approvedBefore: boolean): string[] {
  return [
    approvedBefore
      ? 'You approved this case before, and have been removed from the approvers since.'
      : 'You are not an approver. An administrator can add you to the approvers in the policy.',
    // The directory's answer may be as old as that; a person who was only just added has to know.
    ...(policy.approvers.groups.length > 0
      ? ['Your groups were read within the last minute: to have been in one when the card was posted does not count.']
      : [])
  ]
}

function listed(principals: Principals, objectId: string, groups: string[]): string | null {
  const same = (a: string) => (b: string) => a.toLowerCase() === b.toLowerCase()
  if (principals.users.some(same(objectId))) return 'named in the policy'
  if (principals.groups.some((group) => groups.some(same(group)))) return 'through a group in the policy'
  return null
}

function allow(reason: string): Ruling {
  return { allowed: true, reasons: [reason] }
}

function refuse(reason: string): Ruling {
  return { allowed: false, reasons: [reason] }
}

// A policy with every kind of people, and short ways to write rules and people for the tests of what it asks.
import type { PlanFacts } from '../../src/case/requirement.js'
import { type Approvers, type Policy, type PolicyRule, type Standing, defaultTime } from '../../src/case/policy.js'

export const people = {
  ana: 'aaaaaaaa-0000-4000-8000-00000000000a',
  ben: 'bbbbbbbb-0000-4000-8000-00000000000b',
  cleo: 'cccccccc-0000-4000-8000-00000000000c',
  stranger: 'dddddddd-0000-4000-8000-00000000000d'
}
export const groups = {
  approvers: 'eeeeeeee-0000-4000-8000-000000000001',
  leads: 'eeeeeeee-0000-4000-8000-000000000002',
  customer: 'eeeeeeee-0000-4000-8000-000000000003'
}

export const leads: Approvers = { name: 'SOC leads', users: [], groups: [groups.leads] }
export const customer: Approvers = { name: 'customer leads', users: [], groups: [groups.customer] }

export const policyWith = (rules: PolicyRule[], changes: Partial<Policy> = {}): Policy => ({
  channelId: '19:soc@thread.tacv2',
  analysts: { users: [], groups: [] },
  approvers: { users: [people.ana, people.ben, people.cleo], groups: [groups.approvers] },
  actions: ['moveToJunk', 'moveToInbox', 'moveToDeletedItems', 'softDelete', 'hardDelete'],
  defaults: { action: 'softDelete', severity: 'medium' },
  limits: { maxCopies: 1000, protectedMailboxes: [] },
  vipMailboxes: ['ceo@contoso.example'],
  rules,
  ...defaultTime,
  ...changes
})

export type SomeRule = Partial<Omit<PolicyRule, 'when'>> & { when?: Partial<PolicyRule['when']> }

export const ruleWith = ({ when, ...rest }: SomeRule = {}): PolicyRule => ({
  forbidden: false,
  approvals: 1,
  from: null,
  reporterMayApprove: true,
  openerMayApprove: true,
  ...rest,
  when: { actions: [], severities: [], copiesOver: null, vip: false, directions: [], ...when }
})

export const factsWith = (changes: Partial<PlanFacts> = {}): PlanFacts => ({
  action: 'softDelete',
  severity: 'medium',
  copies: 12,
  vips: 0,
  direction: 'inbound',
  ...changes
})

export const standing = (objectId: string, changes: Partial<Standing> = {}): Standing => ({
  objectId,
  groups: [],
  reporter: false,
  opener: false,
  ...changes
})

// What a policy means, in sentences for the people who have to answer for it. Pure; decides nothing.
import { planWords, typicalPlans } from './policy-plans.js'
import { type Policy, type PolicyRule, type Principals, nobodyMayApprove } from './policy.js'
import { actionWords, asksNothing, directionWords, mailboxWords, requirementFor } from './requirement.js'
import { excludedWords, listWords, requirementWords } from './requirement-words.js'

export function whoMayWords(policy: Policy): string[] {
  const { analysts, approvers, actions, defaults, limits, vipMailboxes } = policy
  return [
    'Every member of the organisation may report; guests may not.',
    `Open and read cases: ${listWords([...principalWords(analysts), 'every approver'])}.`,
    nobodyMayApprove(policy)
      ? 'Nobody may approve or reject.'
      : `Approve and reject: ${listWords(principalWords(approvers))}; never guests, nor accounts of other organisations.`,
    `The card offers ${listWords(actions.map((action) => actionWords[action]))}, and proposes ${actionWords[defaults.action]} with severity ${defaults.severity}.`,
    `A plan may have at most ${mailboxWords(limits.maxCopies)}. ${protectedWords(limits.protectedMailboxes)}`,
    vipMailboxes.length === 0 ? 'No mailbox is a VIP.' : `VIP mailboxes: ${vipMailboxes.join(', ')}.`
  ]
}

function protectedWords(addresses: string[]): string {
  return addresses.length === 0 ? 'No mailbox is protected.' : `Left out of every plan: ${addresses.join(', ')}.`
}

export function rulesWords({ rules }: Policy): string[] {
  if (rules.length === 0) return ['There are no rules: one approval is enough for every plan.']
  return rules.map((rule, index) => `${String(index + 1)}. ${ruleWords(rule)}`)
}

function ruleWords(rule: PolicyRule): string {
  const { approvals, from, forbidden } = rule
  if (forbidden) return `${whenWords(rule)}: nobody may approve.`
  const excluded = excludedWords({ ...rule, forbidden: [] })
  const asked = `${String(approvals)} approval${approvals === 1 ? '' : 's'}${from === null ? '' : ` from ${from.name}`}`
  return `${whenWords(rule)}: ${asked}.${excluded === '' ? '' : ` ${excluded}`}`
}

function whenWords({ when }: PolicyRule): string {
  if (asksNothing(when)) return 'Every plan'
  const parts = [
    when.actions.map((action) => actionWords[action]).join(' or '),
    when.copiesOver === null ? '' : `more than ${mailboxWords(when.copiesOver)}`,
    when.vip ? 'a VIP mailbox' : '',
    when.directions.map((direction) => directionWords[direction]).join(' or '),
    when.severities.length === 0 ? '' : `severity ${when.severities.join(' or ')}`
  ].filter((part) => part !== '')
  const words = parts.join(', ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export interface TypicalRuling {
  plan: string
  needs: string
}

export function typicalRulings(policy: Policy): TypicalRuling[] {
  return typicalPlans(policy).map((facts) => ({
    plan: planWords(facts, policy.defaults),
    needs: requirementWords(requirementFor(policy, facts))
  }))
}

function principalWords({ users, groups }: Principals): string[] {
  const count = (ids: string[]) => new Set(ids.map((id) => id.toLowerCase())).size
  const [people, teams] = [count(users), count(groups)]
  return [
    ...(people === 0 ? [] : [people === 1 ? '1 person by name' : `${String(people)} people by name`]),
    ...(teams === 0 ? [] : [teams === 1 ? 'the members of 1 group' : `the members of ${String(teams)} groups`])
  ]
}

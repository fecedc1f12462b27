// Tries one person and one plan against a policy, as a click would be ruled. Changes nothing and asks nobody.
import { planWords } from './policy-plans.js'
import { type Asking, type Policy, type Standing, rule } from './policy.js'
import { type PlanFacts, missingApprovals, requirementFor, whyNotCounted } from './requirement.js'
import { missingWords, requirementWords } from './requirement-words.js'

export interface Trial {
  facts: PlanFacts
  /** Null: only the plan is tried. */
  person: (Asking & Pick<Standing, 'reporter' | 'opener'>) | null
}

export function trialWords(policy: Policy, { facts, person }: Trial): string[] {
  const requirement = requirementFor(policy, facts)
  const said = [`${capital(planWords(facts, policy.defaults))}: ${sentence(requirementWords(requirement))}`]
  if (!policy.actions.includes(facts.action)) said.push('The card does not offer this action.')
  if (facts.copies > policy.limits.maxCopies) {
    said.push('No plan may have so many mailboxes: it has to be narrowed before anybody can approve it.')
  }
  if (person === null) return said
  const { objectId, rights, reporter, opener } = person
  const ruling = rule(policy, 'decide', person)
  said.push(...ruling.reasons)
  if (!ruling.allowed || rights.kind !== 'known') return [...said, 'May not approve this.']
  const standing: Standing = { objectId, groups: rights.groups, reporter, opener }
  const reasons = whyNotCounted(policy, requirement, standing)
  if (reasons.length > 0) return [...said, ...reasons, 'May not approve this.']
  const missing = missingWords(missingApprovals(policy, requirement, [standing]))
  said.push(missing === '' ? 'May approve this, alone.' : `May approve this; then: ${missing}.`)
  return said
}

function sentence(words: string): string {
  return words.endsWith('.') ? words : `${words}.`
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

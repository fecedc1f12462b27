// What is to be approved: the choice from a card or a command, or the one that waits for more approvals; and what is wrong with it.
import type { CaseRecord } from './case.js'
import type { DecisionRequest } from './decision.js'
import { type Plan, type PlanChoice, hasSendersCopy, remediationActions, severities } from './plan.js'
import type { Policy } from './policy.js'
import type { PendingApproval } from './remediation.js'

export interface Chosen {
  /** Null where it cannot be told. */
  choice: PlanChoice | null
  problems: string[]
}

/** The choice of whoever approves first. */
export function readChoice(request: DecisionRequest, policy: Policy): Chosen {
  const problems: string[] = []
  const action = remediationActions.find((known) => known === request.action)
  const severity = severities.find((known) => known === request.severity)
  if (action === undefined) problems.push(`The action must be one of: ${policy.actions.join(', ')}.`)
  if (severity === undefined) problems.push(`The severity must be one of: ${severities.join(', ')}.`)
  if (!['', 'true', 'false'].includes(request.remediateSendersCopy)) {
    problems.push("The sender's copy choice must be true or false.")
  }
  if (action === undefined || severity === undefined) return { choice: null, problems }
  return { choice: { action, severity, remediateSendersCopy: request.remediateSendersCopy === 'true' }, problems }
}

/**
 * The choice that others have approved already: their card asks for none. Whoever names one all the same had another card
 * before them, or typed, and must not approve what they have not seen.
 */
export function pendingChoice(pending: PendingApproval, request: DecisionRequest): Chosen {
  const { action, severity, remediateSendersCopy } = pending
  const choice = { action, severity, remediateSendersCopy }
  const named = request.action !== '' || request.severity !== '' || request.remediateSendersCopy !== ''
  const same =
    request.action === action &&
    request.severity === severity &&
    (request.remediateSendersCopy === 'true') === remediateSendersCopy
  if (!named || same) return { choice, problems: [] }
  const stands = `${action} ${severity}${remediateSendersCopy ? " with the sender's copy" : ''}`
  return {
    choice,
    problems: [
      `What waits for another approval is ${stands}. Approve that with the button on the card; ` +
        'for anything else it has to be withdrawn or rejected first.'
    ]
  }
}

/** What stands against the plan and the choice under today's policy, whatever it was when they were made. */
export function choiceProblems(record: CaseRecord, choice: PlanChoice | null, policy: Policy): string[] {
  const { plan, mail } = record
  const problems: string[] = []
  if (choice !== null && !policy.actions.includes(choice.action)) {
    problems.push(`The policy does not offer ${choice.action}. Choose one of: ${policy.actions.join(', ')}.`)
  }
  if (choice?.remediateSendersCopy === true && !hasSendersCopy(mail?.direction ?? 'unknown')) {
    problems.push("This mail came from outside: there is no sender's copy to remove.")
  }
  if (plan === null || plan.copies.length === 0) return [...problems, 'There is no copy that can be acted on.']
  if (plan.copies.length > policy.limits.maxCopies) {
    problems.push(
      `${String(plan.copies.length)} copies are more than the policy allows (${String(policy.limits.maxCopies)}). ` +
        'Name the recipients to act on: triage <message> recipient …'
    )
  }
  if (holdsProtected(plan, policy)) {
    problems.push('The policy protects a mailbox of this plan now. Look again: the new plan leaves it out.')
  }
  return problems
}

/** The plan was made under the policy of its time; what was protected since then must not be acted on. */
export function holdsProtected({ copies }: Plan, { limits }: Policy): boolean {
  const guarded = new Set(limits.protectedMailboxes.map((address) => address.toLowerCase()))
  return copies.some(({ recipientEmailAddress }) => guarded.has(recipientEmailAddress.toLowerCase()))
}

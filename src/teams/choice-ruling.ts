// What each choice on a proposed case's card would need, said before anybody clicks; what nobody may approve is not offered.
import type { CaseRecord } from '../case/case.js'
import {
  type Plan,
  type PlanChoice,
  type RemediationAction,
  type Severity,
  hasSendersCopy,
  severities
} from '../case/plan.js'
import type { Policy } from '../case/policy.js'
import { type Requirement, planFacts, requirementFor } from '../case/requirement.js'
import { excludedWords, listWords, neededWords } from '../case/requirement-words.js'
import { proposedSeverity } from '../case/severity.js'
import { isUndo, undoAction } from '../case/undo.js'
import { countedAs } from './campaign-view.js'
import { formatNumber, own } from './card-text.js'
import type { Ruling } from './case-ruling.js'
import { actionWords } from './remediation-view.js'

type Need = (choice: Pick<PlanChoice, 'action' | 'severity'> & Partial<PlanChoice>) => Requirement

export interface Offer {
  /** That somebody may approve, with one severity at least. Empty: nobody may approve anything. */
  actions: RemediationAction[]
  /** What the card proposes until somebody chooses otherwise. */
  proposed: { action: RemediationAction; severity: Severity }
  ruling: Ruling
}

export function offerOf(record: CaseRecord, plan: Plan, policy: Policy): Offer {
  const need = needsOf(record, plan, policy)
  const allowed = (action: RemediationAction, severity: Severity) => need({ action, severity }).forbidden.length === 0
  // An undo has one action, and nothing to choose there.
  const known = plan.purpose === 'undo' ? policy.actions.filter((action) => action === undoAction) : policy.actions
  const actions = known.filter((action) => severities.some((severity) => allowed(action, severity)))
  // Mail that was junked by mistake is to go back; anything else as the policy says, where somebody may approve that.
  const back = record.reporters.kind === 'notJunk' && actions.includes('moveToInbox')
  const wished = back ? 'moveToInbox' : policy.defaults.action
  const action = actions.includes(wished) ? wished : (actions[0] ?? wished)
  const usual = proposedSeverity(record, policy)
  const severity = [usual, ...severities].find((each) => allowed(action, each)) ?? usual
  const proposed = { action, severity }
  const { copies, leftOut } = plan
  const said = [
    excludedWords(need(proposed)),
    ...otherChoices(record, { actions: known, proposed }, need),
    `Acts on ${formatNumber(copies.length)} of ${countedAs(plan, copies.length + leftOut.length)}.`
  ].filter((sentence) => sentence !== '')
  return { actions, proposed, ruling: { title: neededWords(need(proposed)), lines: [{ runs: [own(said.join(' '))] }] } }
}

/** The copies are counted once, however many choices are asked about. */
function needsOf({ mail }: CaseRecord, plan: Plan, policy: Policy): Need {
  const { action, severity } = policy.defaults
  const facts = planFacts(policy, plan, { action, severity, remediateSendersCopy: false }, mail)
  const withSender = planFacts(policy, plan, { action, severity, remediateSendersCopy: true }, mail)
  return ({ remediateSendersCopy, ...choice }) =>
    requirementFor(policy, { ...(remediateSendersCopy === true ? withSender : facts), ...choice })
}

/** Action, severity and the sender's copy are inputs: what they would need otherwise has to be known before the click. */
function otherChoices(
  record: CaseRecord,
  { actions: known, proposed }: Pick<Offer, 'actions' | 'proposed'>,
  needed: Need
): string[] {
  const need: (...choice: Parameters<Need>) => string = (choice) => needWords(needed(choice))
  const usual = need(proposed)
  const others: [what: string, needs: string][] = []
  const actions = known.filter((action) => action !== proposed.action)
  const otherSeverities = severities.filter((severity) => severity !== proposed.severity)
  for (const action of actions) others.push([actionWords[action], need({ ...proposed, action })])
  for (const severity of otherSeverities) others.push([`Severity ${severity}`, need({ ...proposed, severity })])
  // Only what does not follow from what was said of the action and of the severity.
  for (const action of actions) {
    for (const severity of otherSeverities) {
      const both = need({ action, severity })
      const follows = both === need({ ...proposed, action }) || both === need({ ...proposed, severity })
      if (!follows) others.push([`${actionWords[action]} with severity ${severity}`, both])
    }
  }
  if (!isUndo(record) && hasSendersCopy(record.mail?.direction ?? 'unknown')) {
    others.push(["The sender's copy", need({ ...proposed, remediateSendersCopy: true })])
  }
  const byNeed = new Map<string, string[]>()
  for (const [what, needs] of others) {
    if (needs !== usual) byNeed.set(needs, [...(byNeed.get(needs) ?? []), what])
  }
  return [...byNeed].map(([needs, whats]) => `${together(whats)} ${whats.length === 1 ? needs : plural(needs)}.`)
}

function needWords({ forbidden, approvals, demands }: Requirement): string {
  if (forbidden.length > 0) return `cannot be approved by anybody: ${forbidden.join('; ')}`
  const named = demands.flatMap(({ approvals: count, from }) => (from === null ? [] : [{ count, name: from.name }]))
  const [first] = named
  if (first === undefined) return `needs ${String(approvals)}`
  if (named.length === 1 && first.count === approvals) return `needs ${String(approvals)} from ${first.name}`
  return `needs ${String(approvals)}, ${named.map(({ count, name }) => `${String(count)} from ${name}`).join(', ')}`
}

function plural(needs: string): string {
  return needs.replace(/^needs/, 'need')
}

/** "Move to junk, severity high and hard delete" */
function together([first = '', ...rest]: string[]): string {
  return listWords([first, ...rest.map((what) => what.charAt(0).toLowerCase() + what.slice(1))])
}

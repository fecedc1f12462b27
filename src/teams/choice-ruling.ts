// What each choice on a proposed case's card would need, said before anybody clicks; what nobody may approve is not offered.
import type { CaseRecord } from '../case/case.js'
import { type PlanChoice, type RemediationAction, type Severity, hasSendersCopy, severities } from '../case/plan.js'
import type { Policy } from '../case/policy.js'
import { requirementOf } from '../case/progress.js'
import type { Requirement } from '../case/requirement.js'
import { excludedWords, neededWords } from '../case/requirement-words.js'
import { proposedSeverity } from '../case/severity.js'
import { formatNumber, mailboxes, own } from './card-text.js'
import type { Ruling } from './case-ruling.js'
import { actionWords } from './remediation-view.js'

export type Planned = CaseRecord & { plan: NonNullable<CaseRecord['plan']> }
type Choice = Pick<PlanChoice, 'action' | 'severity'> & Partial<PlanChoice>

function needOf(record: Planned, policy: Policy, choice: Choice): Requirement {
  return requirementOf(policy, record, record.plan, { remediateSendersCopy: false, ...choice })
}

export function mayBeApproved(record: Planned, policy: Policy, choice: Choice): boolean {
  return needOf(record, policy, choice).forbidden.length === 0
}

/** The actions that somebody may approve, with one severity at least. */
export function offeredActions(record: CaseRecord, policy: Policy): RemediationAction[] {
  const { plan } = record
  if (plan === null) return policy.actions
  return policy.actions.filter((action) =>
    severities.some((severity) => mayBeApproved({ ...record, plan }, policy, { action, severity }))
  )
}

/** What the card proposes until somebody chooses otherwise; as the policy says, where somebody may approve that. */
export function proposedChoice(record: CaseRecord, policy: Policy): { action: RemediationAction; severity: Severity } {
  const { plan, reporters } = record
  const offered = offeredActions(record, policy)
  // Mail that was junked by mistake is to go back; anything else as the policy says.
  const wished =
    reporters.kind === 'notJunk' && offered.includes('moveToInbox') ? 'moveToInbox' : policy.defaults.action
  const action = offered.includes(wished) ? wished : (offered[0] ?? wished)
  const wishedSeverity = proposedSeverity(record, policy)
  const bySeverity = [wishedSeverity, ...severities]
  const severity =
    plan === null
      ? undefined
      : bySeverity.find((each) => mayBeApproved({ ...record, plan }, policy, { action, severity: each }))
  return { action, severity: severity ?? wishedSeverity }
}

export function choiceRuling(
  record: Planned,
  policy: Policy,
  proposed: Choice = proposedChoice(record, policy)
): Ruling {
  const { copies, leftOut } = record.plan
  const requirement = needOf(record, policy, proposed)
  const sentences = [
    excludedWords(requirement),
    ...otherChoices(record, policy, proposed),
    `Acts on ${formatNumber(copies.length)} of ${mailboxes(copies.length + leftOut.length)}.`
  ]
  const said = sentences.filter((sentence) => sentence !== '').join(' ')
  return { title: neededWords(requirement), lines: [{ runs: [own(said)] }] }
}

/** Action, severity and the sender's copy are inputs: what they would need otherwise has to be known before the click. */
function otherChoices(record: Planned, policy: Policy, proposed: Choice): string[] {
  const need = (choice: Choice) => needWords(needOf(record, policy, choice))
  const usual = need(proposed)
  const others: [what: string, needs: string][] = []
  const actions = policy.actions.filter((action) => action !== proposed.action)
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
  if (hasSendersCopy(record.mail?.direction ?? 'unknown')) {
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
function together(whats: string[]): string {
  const [first = '', ...rest] = whats
  const others = rest.map((what) => what.charAt(0).toLowerCase() + what.slice(1))
  const last = others.pop()
  return last === undefined ? first : `${[first, ...others].join(', ')} and ${last}`
}

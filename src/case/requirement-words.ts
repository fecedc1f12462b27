// What the policy asks of a plan, in the words that stand on cards and in the audit log. Pure; decides nothing.
import type { Demand, Requirement } from './requirement.js'

/** All of it: "2 approvals needed: hard delete; 63 mailboxes. Whoever opened the case may not approve this." */
export function requirementWords(requirement: Requirement): string {
  const excluded = excludedWords(requirement)
  return excluded === '' ? neededWords(requirement) : `${neededWords(requirement)}. ${excluded}`
}

/** How many approvals, from whom and why, without a full stop, as a title: "2 approvals needed: hard delete; 63 mailboxes". */
export function neededWords({ forbidden, demands }: Requirement): string {
  if (forbidden.length > 0) return `Nobody may approve this: ${forbidden.join('; ')}`
  const because = reasonsOf(demands)
  return `${askedOf(demands, 'approval')}${because.length > 0 ? `: ${because.join('; ')}` : ''}`
}

/** Who may not approve although the approver list has them, as a sentence; empty where nobody is left out. */
export function excludedWords(requirement: Omit<Requirement, 'approvals' | 'demands'>): string {
  const { forbidden, reporterMayApprove, openerMayApprove } = requirement
  const who = [...(reporterMayApprove ? [] : ['reported the mail']), ...(openerMayApprove ? [] : ['opened the case'])]
  if (forbidden.length > 0 || who.length === 0) return ''
  return `Whoever ${who.join(' or ')} may not approve this.`
}

/** What is still missing, without a full stop: "1 more approval needed from SOC leads". Empty where nothing is. */
export function missingWords(missing: Demand[]): string {
  return missing.length === 0 ? '' : askedOf(missing, 'more approval')
}

function askedOf(demands: Demand[], approval: string): string {
  const most = Math.max(...demands.map(({ approvals }) => approvals))
  const needed = `${String(most)} ${approval}${most === 1 ? '' : 's'} needed`
  const ofSome = demands.flatMap(({ approvals, from }) => (from === null ? [] : [{ approvals, name: from.name }]))
  const [first] = ofSome
  if (first === undefined) return needed
  if (ofSome.length === 1 && first.approvals === most) return `${needed} from ${first.name}`
  const list = listWords(ofSome.map(({ approvals, name }) => `${String(approvals)} from ${name}`))
  // One person may stand for several of these groups; where nobody does, it takes more people than the largest number.
  const sum = ofSome.reduce((total, { approvals }) => total + approvals, 0)
  return sum > most ? `At least ${needed}, with ${list}` : `${needed}, of them ${list}`
}

export function listWords(parts: string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

/** In the order in which the demands name them, which is the same for each of them. */
function reasonsOf(demands: Demand[]): string[] {
  return [...new Set(demands.flatMap(({ because }) => because))]
}

// Finds what a policy says in vain, what it asks and nobody can give, and what it lets one person do. Pure; changes nothing.
import { everyKindOfPlan, planWords } from './policy-plans.js'
import { severities } from './plan.js'
import { type Policy, type PolicyRule, type Principals, mostApprovers, nobodyMayApprove } from './policy.js'
import { type PlanFacts, type Requirement, actionWords, applies, peopleKey, requirementFor } from './requirement.js'

/** A problem makes the policy do other than it says; a warning is a choice that somebody should have made on purpose. */
export interface Finding {
  kind: 'problem' | 'warning'
  words: string
}

export function reviewPolicy(policy: Policy): Finding[] {
  const plans = everyKindOfPlan(policy)
  return [
    ...people(policy),
    ...vain(policy, plans),
    ...demanding(policy),
    ...chosen(policy),
    ...outcomes(policy, plans)
  ]
}

const problem = (words: string): Finding => ({ kind: 'problem', words })
const warning = (words: string): Finding => ({ kind: 'warning', words })

function people(policy: Policy): Finding[] {
  const findings: Finding[] = []
  if (policy.channelId === '') {
    findings.push(
      warning('No SOC channel is set: until SOC_CHANNEL_ID or `channel` names one, nothing can be decided.')
    )
  }
  if (nobodyMayApprove(policy)) findings.push(problem('Nobody may approve: `approvers` is empty.'))
  const guarded = policy.limits.protectedMailboxes.map((address) => address.toLowerCase())
  for (const address of policy.vipMailboxes) {
    if (!guarded.includes(address.toLowerCase())) continue
    findings.push(
      warning(
        `${address} is a VIP mailbox and a protected one: its copies are in no plan, so rules see it as a sender at most.`
      )
    )
  }
  return findings
}

/** Rules without which every plan would need the same; of two that are alike, the later one. */
function vain(policy: Policy, plans: PlanFacts[]): Finding[] {
  const findings: Finding[] = []
  let kept = policy.rules.map((rule, index) => ({ rule, index }))
  for (const { rule, index } of [...kept].reverse()) {
    const others = kept.filter((each) => each.index !== index)
    const own = plans.filter((facts) => applies(rule, facts))
    const adds = (to: PolicyRule[]) => own.some((facts) => changes({ ...policy, rules: to }, rule, facts))
    if (adds(others.map((each) => each.rule))) continue
    kept = others
    if (own.length === 0) findings.unshift(problem(`${nameOf(index)} can never apply: ${whyNever(policy, rule)}.`))
    else if (!adds([])) findings.unshift(warning(`${nameOf(index)} asks for no more than every plan needs.`))
    else {
      const one = others.find((each) => !adds([each.rule]))
      const who = one === undefined ? 'the other rules together ask' : `rule ${String(one.index + 1)} asks`
      findings.unshift(
        problem(`${nameOf(index)} never changes anything: ${who} at least as much of every plan that it is for.`)
      )
    }
  }
  return findings
}

function changes(policy: Policy, rule: PolicyRule, facts: PlanFacts): boolean {
  const more = requirementFor({ ...policy, rules: [...policy.rules, rule] }, facts)
  return demandsKey(more) !== demandsKey(requirementFor(policy, facts))
}

function whyNever({ actions, limits, vipMailboxes }: Policy, { when }: PolicyRule): string {
  const offered = when.actions.length === 0 || when.actions.some((action) => actions.includes(action))
  if (!offered) return `the policy does not offer ${when.actions.map((action) => actionWords[action]).join(' or ')}`
  if (when.vip && vipMailboxes.length === 0) return '`vipMailboxes` is empty'
  return `no plan may have more than ${limits.maxCopies.toLocaleString('en-US')} mailboxes (limits.maxCopies)`
}

/** What must be given, and nothing of the words; what is forbidden asks for nothing else. */
function demandsKey({ forbidden, demands, reporterMayApprove, openerMayApprove }: Requirement): string {
  if (forbidden.length > 0) return 'forbidden'
  const asked = demands.map(({ approvals, from }) => [approvals, from === null ? '' : peopleKey(from)])
  return JSON.stringify([asked, reporterMayApprove, openerMayApprove])
}

/** Demands that the people who are named cannot give, or not always. */
function demanding(policy: Policy): Finding[] {
  if (nobodyMayApprove(policy)) return []
  return policy.rules.flatMap((rule, index) => (rule.forbidden ? [] : demandsOf(policy.approvers, rule, nameOf(index))))
}

function demandsOf(approvers: Principals, rule: PolicyRule, name: string): Finding[] {
  const { approvals, from, reporterMayApprove, openerMayApprove } = rule
  const most = mostApprovers(approvers, from)
  const whose = from === null ? '' : ` from ${from.name}`
  const asks = `${name} asks for ${String(approvals)} approval${approvals === 1 ? '' : 's'}${whose}`
  if (most < approvals) return [problem(`${asks} and can never be met: only ${peopleWords(most)} could give one.`)]
  const findings: Finding[] = []
  const out = [...(reporterMayApprove ? [] : ['reported the mail']), ...(openerMayApprove ? [] : ['opened the case'])]
  if (most - out.length < approvals) {
    const left = `whoever ${out.join(' or ')} is left out of the ${peopleWords(most)} who could give one`
    findings.push(warning(`${asks} and cannot always be met: ${left}.`))
  }
  const strangers = from?.groups.filter((group) => !approvers.groups.some((known) => same(known, group))) ?? []
  if (from !== null && strangers.length > 0) {
    findings.push(warning(`${name}: whoever is in ${from.name} counts only if \`approvers\` has them as well.`))
  }
  return findings
}

/** The severity is an input of the card: a safeguard that hangs on it can be chosen away. */
function chosen(policy: Policy): Finding[] {
  return policy.rules.flatMap(({ when }, index) =>
    when.severities.length === 0 || when.severities.length === severities.length
      ? []
      : [
          warning(
            `${nameOf(index)} hangs on the severity, which whoever approves chooses: with another it asks nothing.`
          )
        ]
  )
}

/** What follows from all rules together. */
function outcomes(policy: Policy, plans: PlanFacts[]): Finding[] {
  const findings: Finding[] = []
  const forbidden = (facts: PlanFacts) => requirementFor(policy, facts).forbidden.length > 0
  for (const action of policy.actions) {
    if (!plans.some((facts) => facts.action === action && !forbidden(facts))) {
      findings.push(
        problem(`The card offers ${actionWords[action]}, and nobody may ever approve it: take it from \`actions\`.`)
      )
    }
  }
  const proposed = plans.find(({ action, severity, copies, vips, direction }) => {
    const { defaults } = policy
    return (
      action === defaults.action &&
      severity === defaults.severity &&
      copies === 1 &&
      vips === 0 &&
      direction === 'inbound'
    )
  })
  if (proposed !== undefined && forbidden(proposed)) {
    findings.push(problem(`The card proposes ${planWords(proposed, policy.defaults)}, which nobody may approve.`))
  }
  const alone = plans.filter((facts) => facts.action === 'hardDelete' && needsOne(requirementFor(policy, facts)))
  const example = alone.find(({ severity }) => severity === policy.defaults.severity) ?? alone[0]
  if (example !== undefined && !nobodyMayApprove(policy)) {
    const words = planWords(example, policy.defaults)
    findings.push(warning(`One person alone can approve a hard delete, which cannot be undone; for example: ${words}.`))
  }
  return findings
}

function needsOne({ forbidden, approvals }: Requirement): boolean {
  return forbidden.length === 0 && approvals === 1
}

function nameOf(index: number): string {
  return `Rule ${String(index + 1)}`
}

function peopleWords(count: number): string {
  return count === 1 ? '1 person' : `${String(count)} people`
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

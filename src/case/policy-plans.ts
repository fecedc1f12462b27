// Every kind of plan that a policy can tell apart, and the typical ones that people ask about. Judges none of them.
import { severities } from './plan.js'
import type { Policy } from './policy.js'
import { type PlanFacts, actionWords, directionWords, directions, mailboxWords } from './requirement.js'

/** One plan of each kind: what no rule names is alike, as are all numbers of copies between two that rules name. */
export function everyKindOfPlan(policy: Policy): PlanFacts[] {
  const { maxCopies } = policy.limits
  const named = policy.rules.flatMap(({ when: { copiesOver } }) => (copiesOver === null ? [] : [copiesOver + 1]))
  const counts = [...new Set([1, ...named])].filter((copies) => copies <= maxCopies)
  const told = <T>(all: readonly T[], named: T[], usual: T) => (named.length === 0 ? [usual] : all)
  const severity = told(
    severities,
    policy.rules.flatMap(({ when }) => when.severities),
    policy.defaults.severity
  )
  const direction = told(
    directions,
    policy.rules.flatMap(({ when }) => when.directions),
    'inbound'
  )
  const vips = policy.vipMailboxes.length > 0 ? [0, 1] : [0]
  // What puts mail back is ruled like any plan, whether or not the card offers it for others.
  const actions = new Set([...policy.actions, 'moveToInbox' as const])
  return [...actions].flatMap((action) =>
    counts.flatMap((copies) =>
      vips.flatMap((each) =>
        severity.flatMap((of) => direction.map((to) => ({ action, severity: of, copies, vips: each, direction: to })))
      )
    )
  )
}

/** Each action at sizes that people have in mind, then what rules ask beyond action and size. */
export function typicalPlans(policy: Policy): PlanFacts[] {
  const { actions, defaults, limits, rules, vipMailboxes } = policy
  const plain = { ...defaults, copies: 1, vips: 0, direction: 'inbound' as const }
  const named = rules.flatMap(({ when: { copiesOver } }) => (copiesOver === null ? [] : [copiesOver + 1]))
  const sizes = [...new Set([1, 51, 1_000, ...named].map((copies) => Math.min(copies, limits.maxCopies)))]
  sizes.sort((a, b) => a - b)
  const asked = <T>(all: readonly T[], named: T[], usual: T) =>
    all.filter((each) => each !== usual && named.includes(each))
  const otherDirections = asked(
    directions,
    rules.flatMap(({ when }) => when.directions),
    'inbound'
  )
  const otherSeverities = asked(
    severities,
    rules.flatMap(({ when }) => when.severities),
    defaults.severity
  )
  const asksForVips = vipMailboxes.length > 0 && rules.some(({ when }) => when.vip)
  return [
    ...actions.flatMap((action) => sizes.map((copies) => ({ ...plain, action, copies }))),
    ...(asksForVips ? actions.map((action) => ({ ...plain, action, vips: 1 })) : []),
    ...otherDirections.flatMap((direction) => actions.map((action) => ({ ...plain, action, direction }))),
    ...otherSeverities.flatMap((severity) => actions.map((action) => ({ ...plain, action, severity })))
  ]
}

/** "hard delete, 51 mailboxes, a VIP mailbox, outbound mail, severity high"; what is usual is left out. */
export function planWords(facts: PlanFacts, usual: Policy['defaults']): string {
  const { action, copies, vips, direction, severity } = facts
  return [
    actionWords[action],
    mailboxWords(copies),
    ...(vips === 0 ? [] : [vips === 1 ? 'a VIP mailbox' : mailboxWords(vips, 'VIP mailbox')]),
    ...(direction === 'inbound' ? [] : [directionWords[direction]]),
    ...(severity === usual.severity ? [] : [`severity ${severity}`])
  ].join(', ')
}

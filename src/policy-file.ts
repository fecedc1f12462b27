// Reads policy.yaml into a Policy, or says every error with its path. Decides nothing.
import { type Document, parseDocument } from 'yaml'
import { z } from 'zod/v4'
import { remediationActions, severities } from './case/plan.js'
import { type Policy, type PolicyRule, defaultRules, mostApprovers } from './case/policy.js'
import { directions } from './case/requirement.js'
import { timeFields } from './policy-time.js'

const addresses = z.array(z.email('must be an e-mail address')).default([])
const objectIds = z.array(z.guid('must be an Entra object id (a GUID), not a name or an e-mail address')).default([])
const principals = z.strictObject({ users: objectIds, groups: objectIds })
const nobody = { users: [], groups: [] }

const oneOrMore = <T extends z.ZodType>(of: T) =>
  z.array(of).min(1, 'needs at least one; leave it out to ask for none').default([])
const whenSchema = z.strictObject(
  {
    actions: oneOrMore(z.enum(remediationActions)),
    severities: oneOrMore(z.enum(severities)),
    copiesOver: z.number().int().min(0).max(50_000).nullable().default(null),
    vip: z.literal(true, 'must be true; leave it out for plans with and without VIP mailboxes').optional(),
    directions: oneOrMore(z.enum(directions))
  },
  {
    error: ({ code }) =>
      code === 'invalid_type' ? 'must say which plans the rule is for; {} is every plan' : undefined
  }
)
const fromSchema = z
  .strictObject({
    // It stands on cards, where an object id would tell people nothing.
    name: z
      .string()
      .trim()
      .max(60)
      .regex(/^\P{C}+$/u, 'must be the name that cards show for these people'),
    users: objectIds,
    groups: objectIds
  })
  .refine(({ users, groups }) => users.length + groups.length > 0, 'names nobody: give it users or groups')
const ruleSchema = z
  .strictObject({
    when: whenSchema,
    forbidden: z.literal(true, 'must be true; leave it out for what may be approved').optional(),
    approvals: z.number().int().min(1).max(5).optional(),
    from: fromSchema.optional(),
    reporterMayApprove: z.boolean().optional(),
    openerMayApprove: z.boolean().optional()
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return
    const { forbidden, ...rest } = value
    const demands = Object.keys(rest).filter((name) => name !== 'when')
    const message =
      forbidden === undefined && demands.length === 0
        ? 'asks for nothing: give it approvals, from, reporterMayApprove, openerMayApprove, or forbidden'
        : forbidden !== undefined && demands.length > 0
          ? `what is forbidden has no ${demands.join(', ')}`
          : null
    if (message !== null) issues.push({ code: 'custom', input: value, message })
  })
  .transform(({ when, forbidden, approvals, from, reporterMayApprove, openerMayApprove }): PolicyRule => ({
    when: { ...when, vip: when.vip ?? false },
    forbidden: forbidden ?? false,
    approvals: approvals ?? 1,
    from: from ?? null,
    reporterMayApprove: reporterMayApprove ?? true,
    openerMayApprove: openerMayApprove ?? true
  }))

const policySchema = z.strictObject({
  version: z.literal(1),
  channel: z.string().default(''),
  analysts: principals.default(nobody),
  approvers: principals.default(nobody),
  actions: z
    .array(z.enum(remediationActions))
    .min(1, 'needs at least one action')
    .default([...remediationActions]),
  defaults: z
    .strictObject({
      action: z.enum(remediationActions).default('softDelete'),
      severity: z.enum(severities).default('medium')
    })
    .default({ action: 'softDelete', severity: 'medium' }),
  limits: z
    .strictObject({
      maxCopies: z.number().int().min(1).max(50_000).default(1000),
      protectedMailboxes: addresses
    })
    .default({ maxCopies: 1000, protectedMailboxes: [] }),
  vipMailboxes: addresses,
  rules: z.array(ruleSchema).max(50, 'has more than 50 rules').optional(),
  ...timeFields
})

export type PolicyAnswer = { policy: Policy } | { problems: string[] }

/**
 * @param text the YAML of the file
 * @param channelOverride takes the place of the file's `channel` where it is not empty
 */
export function readPolicy(text: string, channelOverride = ''): PolicyAnswer {
  const document = parseDocument(text)
  if (document.errors.length > 0)
    return { problems: document.errors.map((error) => error.message.split('\n')[0] ?? '') }
  const content = plain(document)
  if (content === undefined) return { problems: ['the file: an alias (*name) has no anchor, or stands for too much'] }
  const parsed = policySchema.safeParse(content)
  if (!parsed.success) {
    return { problems: parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`) }
  }
  const { channel, rules = defaultRules, ...rest } = parsed.data
  const channelId = readChannelId(channelOverride === '' ? channel : channelOverride)
  const problems: string[] = []
  if (channelId === null) {
    problems.push(
      `${channelOverride === '' ? 'channel' : 'SOC_CHANNEL_ID'}: ` +
        'must be a channel id (19:…@thread.tacv2) or the address that "Get link to channel" copies in Teams'
    )
  }
  if (!rest.actions.includes(rest.defaults.action)) {
    problems.push(`defaults.action: ${rest.defaults.action} is not among the actions`)
  }
  // Defaults are not what somebody wrote: a SOC of one starts with them, and `policy:check` says what they ask of it.
  problems.push(...neverMet(rest.approvers, parsed.data.rules ?? []))
  if (channelId === null || problems.length > 0) return { problems }
  return { policy: { ...rest, channelId, rules } }
}

function neverMet(approvers: Policy['approvers'], rules: PolicyRule[]): string[] {
  // An empty approver list is the file as shipped, where nothing can be approved at all.
  if (approvers.users.length + approvers.groups.length === 0) return []
  return rules.flatMap(({ approvals, from, forbidden }, index) => {
    const most = mostApprovers(approvers, from)
    if (forbidden || most >= approvals) return []
    const people = most === 1 ? 'only 1 approver is' : `only ${String(most)} approvers are`
    return [`rules.${String(index)}: can never be met: it asks for ${String(approvals)}, and ${people} named`]
  })
}

/** Undefined where the aliases of a well-formed document cannot be resolved: the one thing that YAML finds out so late. */
function plain(document: Document.Parsed): unknown {
  try {
    return document.toJS()
  } catch {
    return undefined
  }
}

/** Accepts the id, or the address from "Get link to channel"; an empty text means that no channel is set up yet. */
function readChannelId(value: string): string | null {
  const trimmed = value.trim()
  const address = /^https:\/\/teams\.(?:microsoft|cloud\.microsoft)(?:\.com)?\/l\/channel\/([^/?]+)/.exec(trimmed)
  const id = address?.[1] === undefined ? trimmed : decodeOnce(address[1])
  return id === '' || /^19:[\w.-]+@thread\.(?:tacv2|skype)$/.test(id) ? id : null
}

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

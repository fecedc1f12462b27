// Reads policy.yaml into a Policy, or says every error with its path. Decides nothing.
import { type Document, parseDocument } from 'yaml'
import { z } from 'zod/v4'
import { remediationActions, severities } from './case/plan.js'
import type { Policy } from './case/policy.js'
import { timeFields } from './policy-time.js'

const objectIds = z.array(z.guid('must be an Entra object id (a GUID), not a name or an e-mail address')).default([])
const principals = z.strictObject({ users: objectIds, groups: objectIds })
const nobody = { users: [], groups: [] }

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
      protectedMailboxes: z.array(z.email('must be an e-mail address')).default([])
    })
    .default({ maxCopies: 1000, protectedMailboxes: [] }),
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
  const { channel, ...rest } = parsed.data
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
  if (channelId === null || problems.length > 0) return { problems }
  return { policy: { ...rest, channelId, vipMailboxes: [], rules: [] } }
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

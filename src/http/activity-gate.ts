// Decides from an activity's content whether it came through Teams, from the right cloud and tenant. It must never
// look at what a person can write: text, values, names and attachments are judged elsewhere.
import { isLoopbackHost } from './loopback.js'

export const MAX_DEPTH = 32

export interface ActivityRules {
  /** The only tenant served, a GUID. */
  tenantId: string
  /** Exact host names, lower case. Suffixes never count: anyone can register a name under trafficmanager.net. */
  serviceHosts: readonly string[]
  /** Also take http and https service URLs on this machine (playground and tests). */
  allowLoopback: boolean
}

export type ActivityVerdict = { ok: true } | { ok: false; status: 400 | 403; reason: string }

export function checkActivity(activity: unknown, rules: ActivityRules): ActivityVerdict {
  if (!isObject(activity) || typeof activity.type !== 'string' || activity.type === '') {
    return { ok: false, status: 400, reason: 'not an activity' }
  }
  if (isDeeperThan(activity, MAX_DEPTH)) return { ok: false, status: 400, reason: 'nested too deeply' }
  if (activity.channelId !== 'msteams') return { ok: false, status: 403, reason: 'other channel' }
  if (!isServiceUrlAllowed(activity.serviceUrl, rules)) {
    return { ok: false, status: 403, reason: 'service host not allowed' }
  }
  const tenants = tenantsOf(activity)
  if (tenants.length === 0) return { ok: false, status: 403, reason: 'tenant missing' }
  const wanted = rules.tenantId.toLowerCase()
  const isOurs = (tenant: unknown): boolean => typeof tenant === 'string' && tenant.toLowerCase() === wanted
  if (!tenants.every(isOurs)) return { ok: false, status: 403, reason: 'other tenant' }
  return { ok: true }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// The recursion ends at the limit, so a hostile body cannot exhaust the stack.
function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((child) => isDeeperThan(child, levels - 1))
}

/** Every tenant id that the activity names, of whatever type it is. */
function tenantsOf(activity: Record<string, unknown>): unknown[] {
  const { channelData, conversation } = activity
  const tenant = isObject(channelData) ? channelData.tenant : undefined
  const named = [isObject(tenant) ? tenant.id : tenant, isObject(conversation) ? conversation.tenantId : undefined]
  return named.filter((id) => id !== undefined && id !== null)
}

/** The bot sends its token to this URL, so it may hold nothing that two URL parsers could read differently. */
function isServiceUrlAllowed(serviceUrl: unknown, rules: ActivityRules): boolean {
  if (typeof serviceUrl !== 'string' || !/^https?:\/\/[\w.~:/%[\]-]+$/i.test(serviceUrl)) return false
  if (!URL.canParse(serviceUrl)) return false
  const { protocol, hostname, port } = new URL(serviceUrl)
  if (rules.allowLoopback && isLoopbackHost(hostname)) return true
  return protocol === 'https:' && port === '' && rules.serviceHosts.includes(hostname)
}

// Defender's alerts: listed by time, touched by remediations as Defender touches them. Refuses filters that the page does not list.
// https://learn.microsoft.com/graph/api/security-list-alerts_v2
import { randomUUID } from 'node:crypto'
import { messageEvidence, tenantAlertSchema, type AlertEvidence, type TenantAlert } from '../tenant-reports.js'
import type { TenantMessage } from '../tenant-mail.js'
import { badRequest } from './odata.js'
import type { Call, Operation } from './operation.js'
import { nextLink, readCount, readPageSize, readSkipToken } from './paging.js'

const OWN_ACTION = 'Administrative action submitted by an Administrator'

const PARAMETERS = ['$filter', '$top', '$skip', '$skiptoken', '$count']
const LARGEST_PAGE = 1000
/** Small, so that a client that forgets to follow `@odata.nextLink` is found out. */
const PAGE_UNASKED = 20

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?Z`
const FILTER = new RegExp(`^lastUpdateDateTime ge (${TIME})(?: and serviceSource eq '([A-Za-z0-9]+)')?$`)

export class Alerts {
  readonly #alerts: TenantAlert[] = []

  constructor(private readonly clock: { now(): number }) {}

  /** Throws a ZodError for what is none. An alert that is known is changed to this. */
  add(given: TenantAlert): void {
    const alert = tenantAlertSchema.parse(given)
    const at = this.#alerts.findIndex(({ id }) => id === alert.id)
    if (at === -1) this.#alerts.push(alert)
    else this.#alerts[at] = alert
  }

  /** The most recent first. */
  list({ since, serviceSource }: { since: number; serviceSource: string | undefined }): TenantAlert[] {
    return this.#alerts
      .filter((alert) => alert.lastUpdatedAt >= since)
      .filter((alert) => serviceSource === undefined || alert.serviceSource === serviceSource)
      .sort((a, b) => b.createdAt - a.createdAt)
  }

  /** What Defender does of itself when it accepts a remediation: an alert on it, and news for those that name the mail. */
  remediated(copies: { message: TenantMessage; recipientEmailAddress: string }[]): void {
    const now = this.clock.now()
    const ids = new Set(copies.map(({ message }) => message.networkMessageId))
    for (const alert of this.#alerts) {
      const named = alert.evidence.filter((evidence) => names(evidence, ids))
      for (const evidence of named) evidence.remediationStatus = 'remediated'
      if (named.length > 0) alert.lastUpdatedAt = now
    }
    this.add({
      id: `fa${randomUUID()}`,
      title: OWN_ACTION,
      serviceSource: 'microsoftDefenderForOffice365',
      createdAt: now,
      lastUpdatedAt: now,
      evidence: copies.map(({ message, recipientEmailAddress }) => messageEvidence(message, recipientEmailAddress))
    })
  }
}

function names(evidence: AlertEvidence, ids: ReadonlySet<string>): boolean {
  return [evidence.networkMessageId, ...(evidence.networkMessageIds ?? [])].some(
    (id) => id !== undefined && ids.has(id)
  )
}

export const alertOperations: Operation[] = [
  {
    name: 'alerts',
    method: 'GET',
    path: ['security', 'alerts_v2'],
    permissions: [['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All']],
    licensed: true,
    answer: list
  }
]

function list(call: Call) {
  const { query, address, world } = call
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name))
  if (unknown !== undefined) throw badRequest(`Query option '${unknown}' is not allowed.`)
  const filter = query.get('$filter')
  const match = filter === null ? null : FILTER.exec(filter)
  if (filter !== null && match === null) throw badRequest(`Invalid filter clause: '${filter}' is not supported.`)
  const found = world.alerts.list({ since: Date.parse(match?.[1] ?? '1970-01-01'), serviceSource: match?.[2] })
  const size = Math.min(readPageSize(query.get('$top'), PAGE_UNASKED), LARGEST_PAGE)
  const start = readSkipToken(query.get('$skiptoken'))
  const end = start + size
  return {
    status: 200,
    body: {
      '@odata.context': `${address.root}/$metadata#security/alerts_v2`,
      ...(readCount(query.get('$count')) ? { '@odata.count': found.length } : {}),
      value: found.slice(start, end).map((alert) => entity(alert, world.tenant.tenantId)),
      ...(end < found.length ? { '@odata.nextLink': nextLink(call, end) } : {})
    }
  }
}

function entity(alert: TenantAlert, tenantId: string) {
  return {
    '@odata.type': '#microsoft.graph.security.alert',
    id: alert.id,
    providerAlertId: alert.id,
    status: 'new',
    severity: 'low',
    classification: null,
    determination: null,
    serviceSource: alert.serviceSource,
    detectionSource: alert.serviceSource,
    tenantId,
    title: alert.title,
    category: 'InitialAccess',
    alertWebUrl: `https://security.microsoft.com/alerts/${alert.id}?tid=${tenantId}`,
    createdDateTime: ticks(alert.createdAt),
    lastUpdateDateTime: ticks(alert.lastUpdatedAt),
    evidence: alert.evidence
  }
}

/** With the seven digits that Graph writes. */
function ticks(time: number): string {
  return new Date(time).toISOString().replace('Z', '0000Z')
}

// Builds links into the Defender portal from checked parts only. Never passes on an address as it was received.
const PORTAL = 'https://security.microsoft.com'
const LONGEST = 2048
/** The API page shows a placeholder only; a GUID is likely, but nothing here depends on it. */
const BULK_ID = /^[\w.-]{1,128}$/

/** By hand and not by `URL`, which mends what must be refused here: tabs, backslashes, odd hosts, a default port. */
const LOCATION = /^https:\/\/security\.microsoft\.com(\/action-center\/history(?:\/[\w-]+)*)\/?\?([^#]+)$/i

/**
 * The link to follow one remediation by, from the `Location` of its 202, which Graph sends raw:
 * `https://security.microsoft.com/action-center/history?filters={"bulkId":["…"]}&tid=…`. Answers null for anything but
 * that page, one bulk id, and this tenant. Braces and quotes are encoded, or Teams would end the link at them.
 */
export function trackingLinkFrom(location: string | null, tenantId: string): { link: string | null } {
  const nothing = { link: null }
  // Printable ASCII only: neither controls nor look-alike letters can be part of it.
  if (location === null || location.length > LONGEST || !/^[\x21-\x7e]+$/.test(location)) return nothing
  const [, path, query] = LOCATION.exec(location) ?? []
  if (path === undefined || query === undefined) return nothing
  const tid = onlyParameter(query, 'tid')
  if (tid?.toLowerCase() !== tenantId.toLowerCase()) return nothing
  const bulkId = bulkIdIn(onlyParameter(query, 'filters'))
  if (bulkId === null) return nothing
  const filters = encodeURIComponent(JSON.stringify({ bulkId: [bulkId] }))
  return { link: `${PORTAL}${path.toLowerCase()}?filters=${filters}&tid=${encodeURIComponent(tenantId)}` }
}

/** The Action Center's history of everything, for a remediation without a link of its own. */
export function actionCenterHistory(tenantId: string): string {
  return `${PORTAL}/action-center/history?tid=${encodeURIComponent(tenantId)}`
}

/** Explorer's start page. Microsoft documents no address of a single message's page: it is reached from here. */
export function explorer(tenantId: string): string {
  return `${PORTAL}/threatexplorerv3?tid=${encodeURIComponent(tenantId)}`
}

/** Decoded; null where it is missing, there twice, or not decodable. */
function onlyParameter(query: string, name: string): string | null {
  const values = query
    .split('&')
    .map((pair) => /^([^=]*)=(.*)$/.exec(pair))
    .filter((pair) => pair?.[1]?.toLowerCase() === name)
  const [value] = values
  if (values.length !== 1 || value?.[2] === undefined) return null
  try {
    return decodeURIComponent(value[2])
  } catch {
    return null
  }
}

function bulkIdIn(filters: string | null): string | null {
  let value: unknown
  try {
    value = JSON.parse(filters ?? '')
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'bulkId') return null
  const { bulkId } = value as { bulkId: unknown }
  if (!Array.isArray(bulkId) || bulkId.length !== 1) return null
  const id: unknown = bulkId[0]
  return typeof id === 'string' && BULK_ID.test(id) ? id : null
}

// The hunting queries that the product asks, recognised by their exact text. Not an interpreter of KQL, and must not look like one.
import type { TenantMessage } from '../tenant-mail.js'
import type { CopyState } from './mailboxes.js'

export interface HuntingAnswer {
  columns: [name: string, type: 'String' | 'Int64' | 'DateTime'][]
  rows: Record<string, string | number>[]
}

/** Null for a query that is not of this template. */
export type HuntingTemplate = (query: string, copies: CopyState[]) => HuntingAnswer | null

/** A KQL string literal's inside: a backslash or quote only after a backslash, and no line break. */
const LITERAL = String.raw`(?:[^"\\\r\n]|\\["\\])*`
const MOST = 51

const ID_HEAD = 'EmailEvents\n| where Timestamp > ago(30d)\n| where InternetMessageId == "'
const ID_TAIL =
  '"\n| summarize Subject = take_any(Subject), SenderFromAddress = take_any(SenderFromAddress), ' +
  'Copies = count() by NetworkMessageId\n| top 21 by NetworkMessageId asc'

const POST_DELIVERY =
  /^EmailPostDeliveryEvents\n\| where Timestamp > ago\(30d\)\n\| where NetworkMessageId in~ \(("[0-9a-f-]{36}"(?:, "[0-9a-f-]{36}")*)\)\n\| project Timestamp, NetworkMessageId, RecipientEmailAddress, ActionType, ActionResult\n\| top 10000 by Timestamp desc$/

const SUMMARY =
  '| summarize Received = min(Timestamp), Subject = take_any(Subject), ' +
  'SenderFromAddress = take_any(SenderFromAddress), Copies = count()'

const FIND_TAIL = `
| where isempty(sender) or SenderFromAddress =~ sender
| where isempty(part) or Subject contains part
${SUMMARY} by NetworkMessageId
| top ${MOST} by Received desc`

const CLUSTER_TAIL = String.raw`";
let mail = EmailEvents | where Timestamp > ago(30d) | extend Normalised = tolower(trim(@"\s+", replace_regex(Subject, @"(?i)^\s*((re|fw|fwd|aw|wg)\s*:\s*)+", "")));
let reported = materialize(mail | where NetworkMessageId =~ known | take 1);
let cluster = toscalar(reported | project EmailClusterId);
let sender = toscalar(reported | project SenderFromAddress);
let subject = toscalar(reported | project Normalised);
mail
| where NetworkMessageId !~ known
| extend InCluster = isnotnull(cluster) and cluster != 0 and EmailClusterId == cluster
| where InCluster or (isnotempty(sender) and isnotempty(subject) and SenderFromAddress =~ sender and Normalised == subject)
${SUMMARY}, InCluster = countif(InCluster) by NetworkMessageId
| top ${MOST} by Received desc`

/** The Message-ID that the recognised query asks for, unescaped; null for any other query. */
export function messageIdAskedFor(query: string): string | null {
  if (!query.startsWith(ID_HEAD) || !query.endsWith(ID_TAIL)) return null
  const literal = query.slice(ID_HEAD.length, -ID_TAIL.length)
  return new RegExp(`^${LITERAL}$`).test(literal) ? unescaped(literal) : null
}

/** What the recognised search asks for, unescaped; null for any other query. */
export function searchAskedFor(query: string): { sender: string; part: string; since: number; until?: number } | null {
  if (!query.endsWith(FIND_TAIL)) return null
  const time = String.raw`datetime\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\)`
  const [, sender, part, since, until] =
    new RegExp(
      `^let sender = "(${LITERAL})";\nlet part = "(${LITERAL})";\nEmailEvents\n` +
        String.raw`\| where Timestamp >= ${time}(?:\n\| where Timestamp <= ${time})?$`
    ).exec(query.slice(0, -FIND_TAIL.length)) ?? []
  if (sender === undefined || part === undefined || since === undefined) return null
  return {
    sender: unescaped(sender),
    part: unescaped(part),
    since: Date.parse(since),
    ...(until !== undefined && { until: Date.parse(until) })
  }
}

export const HUNTING_TEMPLATES: HuntingTemplate[] = [
  (query, copies) => {
    const ids = POST_DELIVERY.exec(query)?.[1]?.match(/[0-9a-f-]{36}/g)
    if (ids == null) return null
    const rows = copies
      .filter(({ message }) => ids.some((id) => same(id, message.networkMessageId)))
      .flatMap(postDeliveryRows)
      .sort((a, b) => (a.Timestamp < b.Timestamp ? 1 : -1))
      .slice(0, 10_000)
    return { columns: postDeliveryColumns, rows }
  },

  (query, copies) => {
    const messageId = messageIdAskedFor(query)
    if (messageId === null) return null
    const rows = summarised(copies.filter(({ message }) => message.internetMessageId === messageId))
      .sort((a, b) => (a.message.networkMessageId < b.message.networkMessageId ? -1 : 1))
      .slice(0, 21)
      .map(({ message, count }) => ({ ...texts(message), Copies: count }))
    return { columns: [['NetworkMessageId', 'String'], ...textColumns, ['Copies', 'Int64']], rows }
  },

  (query, copies) => {
    const asked = searchAskedFor(query)
    if (asked === null) return null
    const { sender, part, since, until = Infinity } = asked
    const found = copies.filter(
      ({ message }) =>
        message.receivedAt >= since &&
        message.receivedAt <= until &&
        (sender === '' || same(message.sender.fromAddress, sender)) &&
        message.subject.toLowerCase().includes(part.toLowerCase())
    )
    return { columns: foundColumns, rows: newest(found).map(({ message, count }) => foundRow(message, count)) }
  },

  (query, copies) => {
    const known = query.endsWith(CLUSTER_TAIL)
      ? /^let known = "([0-9a-f-]{36})$/.exec(query.slice(0, -CLUSTER_TAIL.length))?.[1]
      : undefined
    if (known === undefined) return null
    const reported = copies.find(({ message }) => same(message.networkMessageId, known))?.message
    const inCluster = ({ emailClusterId }: TenantMessage) =>
      emailClusterId !== undefined && emailClusterId === reported?.emailClusterId
    const alike = (message: TenantMessage) =>
      reported !== undefined &&
      same(message.sender.fromAddress, reported.sender.fromAddress) &&
      normalised(message.subject) !== '' &&
      normalised(message.subject) === normalised(reported.subject)
    const found = copies.filter(
      ({ message }) => !same(message.networkMessageId, known) && (inCluster(message) || alike(message))
    )
    return {
      columns: [...foundColumns, ['InCluster', 'Int64']],
      rows: newest(found).map(({ message, count }) => ({
        ...foundRow(message, count),
        InCluster: inCluster(message) ? count : 0
      }))
    }
  }
]

const textColumns: HuntingAnswer['columns'] = [
  ['Subject', 'String'],
  ['SenderFromAddress', 'String']
]
const foundColumns: HuntingAnswer['columns'] = [
  ['NetworkMessageId', 'String'],
  ['Received', 'DateTime'],
  ...textColumns,
  ['Copies', 'Int64']
]

const postDeliveryColumns: HuntingAnswer['columns'] = [
  ['Timestamp', 'DateTime'],
  ['NetworkMessageId', 'String'],
  ['RecipientEmailAddress', 'String'],
  ['ActionType', 'String'],
  ['ActionResult', 'String']
]

/** The table knows zero-hour auto purge and what administrators do; what users do is not in it. */
function postDeliveryRows({ message, recipientEmailAddress, events }: CopyState) {
  const zap = message.threatTypes.includes('malware') ? 'Malware ZAP' : 'Phish ZAP'
  return events.flatMap(({ eventDateTime, eventResult, eventSource, eventType }) => {
    const action = eventType === 'zap' ? zap : eventSource === 'admin' ? 'Manual remediation' : null
    if (action === null) return []
    return [
      {
        Timestamp: eventDateTime,
        NetworkMessageId: message.networkMessageId,
        RecipientEmailAddress: recipientEmailAddress,
        ActionType: action,
        ActionResult: eventResult
      }
    ]
  })
}

function texts({ networkMessageId, subject, sender }: TenantMessage) {
  return { NetworkMessageId: networkMessageId, Subject: subject, SenderFromAddress: sender.fromAddress }
}

function foundRow(message: TenantMessage, count: number) {
  return { ...texts(message), Received: new Date(message.receivedAt).toISOString(), Copies: count }
}

function summarised(copies: CopyState[]): { message: TenantMessage; count: number }[] {
  const groups = new Map<string, { message: TenantMessage; count: number }>()
  for (const { message } of copies) {
    const group = groups.get(message.networkMessageId)
    if (group) group.count += 1
    else groups.set(message.networkMessageId, { message, count: 1 })
  }
  return [...groups.values()]
}

function newest(copies: CopyState[]) {
  return summarised(copies)
    .sort((a, b) => b.message.receivedAt - a.message.receivedAt)
    .slice(0, MOST)
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function normalised(subject: string): string {
  return subject
    .replace(/^\s*((re|fw|fwd|aw|wg)\s*:\s*)+/i, '')
    .trim()
    .toLowerCase()
}

function unescaped(literal: string): string {
  return literal.replace(/\\(["\\])/g, '$1')
}

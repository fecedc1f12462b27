// Graph's analyzedEmails, list and get: one entity for each copy. Refuses every query that the pages do not document.
// https://learn.microsoft.com/graph/api/security-collaborationroot-list-analyzedemails
import { badRequest, GraphRefusal, unquote } from './odata.js'
import type { Call, Operation } from './operation.js'
import { nextLink, readCount, readPageSize, readSkipToken } from './paging.js'
import type { CopyState } from './mailboxes.js'
import type { DeliveryLocation } from '../tenant-mail.js'

const READ = ['SecurityAnalyzedMessage.Read.All', 'SecurityAnalyzedMessage.ReadWrite.All']
const PATH = ['security', 'collaboration', 'analyzedEmails']
const PARAMETERS = ['startTime', 'endTime', '$filter', '$top', '$skiptoken', '$count']

/** No maximum is documented; 1000 is what others are known to ask for. */
const LARGEST_PAGE = 1000
/** Small, so that a client that forgets to follow `@odata.nextLink` is found out. */
const PAGE_UNASKED = 100

const FILTER = /^networkMessageId eq '([0-9a-fA-F-]{36})'(?: and recipientEmailAddress eq '((?:[^']|'')+)')?$/
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)$/

export const analyzedEmailOperations: Operation[] = [
  { name: 'analyzedEmails', method: 'GET', path: PATH, permissions: [READ], licensed: true, answer: list },
  { name: 'analyzedEmails', method: 'GET', path: [...PATH, '*'], permissions: [READ], licensed: true, answer: get }
]

function list(call: Call) {
  const { query, address } = call
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name))
  if (unknown !== undefined) throw badRequest(`Query option '${unknown}' is not allowed.`)
  const filter = readFilter(query.get('$filter'))
  const from = readTime('startTime', query) ?? -Infinity
  const to = readTime('endTime', query) ?? Infinity
  if (to < from) throw badRequest('endTime must not be before startTime.')
  const size = Math.min(readPageSize(query.get('$top'), PAGE_UNASKED), LARGEST_PAGE)
  const start = readSkipToken(query.get('$skiptoken'))

  const found = call.world.mailboxes
    .list(filter)
    .filter((copy) => copy.message.receivedAt >= from && copy.message.receivedAt <= to)
  const end = start + size
  return {
    status: 200,
    body: {
      '@odata.context': `${address.root}/$metadata#security/collaboration/analyzedEmails`,
      ...(readCount(query.get('$count')) ? { '@odata.count': found.length } : {}),
      ...(end < found.length ? { '@odata.nextLink': nextLink(call, end) } : {}),
      value: found.slice(start, end).map(entity)
    }
  }
}

function get(call: Call) {
  const copy = call.world.mailboxes.get(call.ids[0] ?? '')
  // The code of a missing analyzedEmail is not documented.
  if (!copy) throw new GraphRefusal(404, 'NotFound', 'The requested resource does not exist.')
  return {
    status: 200,
    body: {
      '@odata.context': `${call.address.root}/$metadata#security/collaboration/analyzedEmails/$entity`,
      ...entity(copy)
    }
  }
}

function readFilter(text: string | null) {
  if (text === null) return {}
  const match = FILTER.exec(text)
  if (!match) throw badRequest(`Invalid filter clause: '${text}' is not supported.`)
  return { networkMessageId: match[1], recipientEmailAddress: match[2] === undefined ? undefined : unquote(match[2]) }
}

function readTime(name: string, query: URLSearchParams): number | null {
  const text = query.get(name)
  if (text === null) return null
  const time = ISO_TIME.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(time)) throw badRequest(`The value '${text}' of '${name}' is not a valid Edm.DateTimeOffset.`)
  return time
}

function delivery(location: DeliveryLocation, threats: string[]) {
  return {
    action: deliveryAction(location),
    location,
    latestThreats: threats[0] ?? null,
    originalThreats: threats[0] ?? null
  }
}

function deliveryAction(location: DeliveryLocation): string {
  if (location === 'unknown') return 'unknown'
  if (location === 'junkFolder') return 'deliveredToJunk'
  return ['quarantine', 'failed', 'dropped'].includes(location) ? 'blocked' : 'delivered'
}

function domain(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

/** Every property of the entity, in the order and spelling of Graph's metadata. */
function entity(copy: CopyState) {
  const { message } = copy
  const { sender, threatTypes } = message
  return {
    id: copy.id,
    alertIds: [],
    attachments: message.attachments.map((file) => ({
      fileName: file.fileName,
      fileExtension: file.fileName.slice(file.fileName.lastIndexOf('.') + 1),
      fileType: file.fileType,
      fileSize: file.fileSize,
      sha256: file.sha256,
      threatType: file.threatType,
      malwareFamily: null,
      detonationDetails: null,
      tenantAllowBlockListDetailInfo: null
    })),
    authenticationDetails: message.authentication,
    bulkComplaintLevel: '0',
    clientType: null,
    contexts: [],
    detectionMethods: message.detectionMethods,
    directionality: message.directionality,
    distributionList: null,
    dlpRules: [],
    emailClusterId: message.emailClusterId ?? null,
    exchangeTransportRules: [],
    forwardingDetail: null,
    inboundConnectorFormattedName: null,
    internetMessageId: message.internetMessageId,
    language: 'en',
    latestDelivery: delivery(copy.location, threatTypes),
    loggedDateTime: new Date(message.receivedAt).toISOString(),
    networkMessageId: message.networkMessageId,
    originalDelivery: delivery(copy.originalLocation, threatTypes),
    overrideSources: [],
    phishConfidenceLevel: message.phishConfidenceLevel,
    policy: null,
    policyAction: null,
    policyType: null,
    primaryOverrideSource: null,
    recipientDetail: { ccRecipients: [], domainName: domain(copy.recipientEmailAddress) },
    recipientEmailAddress: copy.recipientEmailAddress,
    returnPath: sender.mailFromAddress,
    senderDetail: {
      displayName: sender.displayName,
      domainCreationDateTime: null,
      domainName: domain(sender.fromAddress),
      domainOwner: null,
      fromAddress: sender.fromAddress,
      ipv4: sender.ipv4,
      location: null,
      mailFromAddress: sender.mailFromAddress,
      mailFromDomainName: domain(sender.mailFromAddress)
    },
    sizeInBytes: 48_213,
    spamConfidenceLevel: null,
    subject: message.subject,
    threatDetectionDetails: threatTypes.map((threats) => ({
      threats,
      confidenceLevel: message.phishConfidenceLevel,
      priorityAccountProtection: null
    })),
    threatTypes,
    timelineEvents: copy.events,
    urls: message.urls.map((link) => ({
      url: link.url,
      threatType: link.threatType,
      detectionMethod: link.detectionMethod,
      detonationDetails: null,
      tenantAllowBlockListDetailInfo: null
    }))
  }
}

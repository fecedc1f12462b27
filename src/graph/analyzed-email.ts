// Turns Graph's analyzedEmail entities into the domain's words. Takes nothing for granted: every property may be null or new.
// https://learn.microsoft.com/graph/api/resources/security-analyzedemail
import { z } from 'zod'
import type { CopyEvent, DeliveryLocation, Direction, MailCopy, MailEvidence } from '../case/mail.js'
import { resultOf } from './copy-event.js'
import { loose, textUpTo } from './loose-schema.js'

const LONGEST_SUBJECT = 2000
const LONGEST_TEXT = 1000
const LONGEST_LIST = 20

const words = textUpTo(LONGEST_TEXT)
const anyWords = z.array(words).catch([])
const count = z.number().int().nonnegative().nullable().catch(null)

const entitySchema = loose({
  networkMessageId: words,
  recipientEmailAddress: z.string().catch(''),
  /** Of an older beta, one entity for all copies. */
  recipientEmailAddresses: z.array(z.string().catch('')).catch([]),
  subject: textUpTo(LONGEST_SUBJECT),
  internetMessageId: words,
  loggedDateTime: words,
  directionality: words,
  phishConfidenceLevel: words,
  threatTypes: anyWords,
  /** Of an older beta. */
  threatType: words,
  detectionMethods: anyWords,
  latestDelivery: loose({ location: words }),
  senderDetail: loose({ fromAddress: words, displayName: words, mailFromAddress: words, ipv4: words }),
  authenticationDetails: loose({
    senderPolicyFramework: words,
    dkim: words,
    dmarc: words,
    compositeAuthentication: words
  }),
  threatDetectionDetails: z.array(loose({ confidenceLevel: words })).catch([]),
  timelineEvents: z
    .array(loose({ eventDateTime: words, eventResult: words, eventSource: words, eventType: words }))
    .catch([]),
  urls: z.array(loose({ url: words, threatType: words })).catch([]),
  attachments: z.array(loose({ fileName: words, fileSize: count, threatType: words })).catch([]),
  /** Of an older beta. */
  urlsCount: count,
  attachmentsCount: count
})

export type AnalyzedEmail = z.infer<typeof entitySchema>

/** Never throws: what cannot be read is empty. */
export function readEntity(value: unknown): AnalyzedEmail {
  return entitySchema.parse(value)
}

/** The copies an entity stands for, in the given message; an entity without a recipient stands for none. */
export function copiesOf(entity: AnalyzedEmail, networkMessageId: string): MailCopy[] {
  const location = locationOf(entity.latestDelivery.location)
  return recipientsOf(entity).map((recipientEmailAddress) => ({ networkMessageId, recipientEmailAddress, location }))
}

function recipientsOf({ recipientEmailAddress, recipientEmailAddresses }: AnalyzedEmail): string[] {
  const named = recipientEmailAddress === '' ? recipientEmailAddresses : [recipientEmailAddress]
  // A cut address would be somebody else's.
  return named.filter((address) => address !== '' && address.length <= LONGEST_TEXT)
}

/** What has moved an entity's copies, or tried to; the newest where there are very many. */
export function eventsOf(entity: AnalyzedEmail, networkMessageId: string): CopyEvent[] {
  const events = entity.timelineEvents.flatMap(({ eventDateTime, eventResult, eventSource, eventType }) => {
    const at = Date.parse(eventDateTime)
    const by = sources.get(eventSource.toLowerCase())
    const kind = kinds.get(eventType.toLowerCase())
    return Number.isNaN(at) || by === undefined || kind === undefined
      ? []
      : [{ at, by, kind, result: resultOf(eventResult) }]
  })
  const newest = events.sort((a, b) => b.at - a.at).slice(0, LONGEST_LIST)
  return recipientsOf(entity).flatMap((recipientEmailAddress) =>
    newest.map((event) => ({ networkMessageId, recipientEmailAddress, ...event }))
  )
}

export function evidenceOf(entity: AnalyzedEmail): MailEvidence {
  const { senderDetail, authenticationDetails, urls, attachments } = entity
  const received = Date.parse(entity.loggedDateTime)
  const threats = entity.threatTypes.length > 0 ? entity.threatTypes : [entity.threatType].filter((word) => word !== '')
  return {
    subject: entity.subject,
    senderAddress: senderDetail.fromAddress,
    senderName: senderDetail.displayName,
    mailFromAddress: senderDetail.mailFromAddress,
    senderIp: senderDetail.ipv4,
    internetMessageId: entity.internetMessageId,
    receivedAt: Number.isNaN(received) ? null : received,
    direction: directions.get(entity.directionality.toLowerCase()) ?? 'unknown',
    threatTypes: [...new Set(threats.map(threatOf))],
    confidence: entity.phishConfidenceLevel || (entity.threatDetectionDetails[0]?.confidenceLevel ?? ''),
    detectionMethods: entity.detectionMethods.slice(0, LONGEST_LIST),
    authentication: {
      spf: authenticationDetails.senderPolicyFramework,
      dkim: authenticationDetails.dkim,
      dmarc: authenticationDetails.dmarc,
      composite: authenticationDetails.compositeAuthentication
    },
    urls: worstFirst(urls.map(({ url, threatType }) => ({ url, threat: threatOf(threatType) }))),
    urlCount: Math.max(urls.length, entity.urlsCount ?? 0),
    attachments: worstFirst(
      attachments.map(({ fileName, fileSize, threatType }) => ({
        name: fileName,
        bytes: fileSize,
        threat: threatOf(threatType)
      }))
    ),
    attachmentCount: Math.max(attachments.length, entity.attachmentsCount ?? 0)
  }
}

const directions = new Map<string, Direction>([
  ['inbound', 'inbound'],
  ['outbound', 'outbound'],
  ['intraorg', 'intraOrg']
])

const sources = new Map<string, CopyEvent['by']>([
  ['system', 'defender'],
  ['admin', 'administrator'],
  ['user', 'user']
])

// The other types (delivery, clicks, reprocessing) move nothing.
const kinds = new Map<string, CopyEvent['kind']>([
  ['zap', 'zap'],
  ['air', 'air'],
  ['quarantinerelease', 'release'],
  ['unknown', 'other']
])

const locations = new Map<string, DeliveryLocation>([
  ['inbox_folder', 'inbox_folder'],
  // The spelling of the alerts API, seen in other clients' samples.
  ['inbox', 'inbox_folder'],
  ['junkfolder', 'junkFolder'],
  ['deletedfolder', 'deletedFolder'],
  ['quarantine', 'quarantine'],
  ['others', 'others'],
  ['onprem_external', 'onprem_external'],
  ['failed', 'failed'],
  ['dropped', 'dropped']
])

// Where the original delivery put it says nothing of where it lies now, so there is no falling back to that.
function locationOf(word: string): DeliveryLocation {
  return locations.get(word.toLowerCase()) ?? 'unknown'
}

function threatOf(word: string): string {
  if (word === 'phishing') return 'phish'
  return ['spam', 'malware', 'phish', 'none'].includes(word) ? word : 'unknown'
}

/** The list is short and a mail may carry hundreds of harmless links: the one that matters must not be cut. */
function worstFirst<T extends { threat: string }>(items: T[]): T[] {
  const harmless = ({ threat }: T) => threat === 'none' || threat === 'unknown'
  return [...items.filter((item) => !harmless(item)), ...items.filter(harmless)].slice(0, LONGEST_LIST)
}

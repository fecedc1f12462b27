// Reads the header block of one mail: ids, claims and what is ambiguous in them. It must never choose silently.
import PostalMime, { type Header, addressParser, decodeWords } from 'postal-mime'
import type { MailKey } from '../case/report.js'
import { type MailClaims, type MailFlag, type ReadMail, claimText, mailLimits } from './mail-answer.js'
import { readMessageKey } from './message-reference.js'

const networkId = 'x-ms-exchange-organization-network-message-id'
const correlationId = 'x-ms-office365-filtering-correlation-id'
const messageId = 'message-id'
const crossTenantId = 'x-ms-exchange-crosstenant-id'

/** One of these makes a text a mail; others, such as To and Subject, also stand in notes and letters. */
const mailHeaders = [networkId, correlationId, messageId, 'from', 'received', 'return-path', 'mime-version', 'date']

/** No header that is read here is longer in an honest mail; parsing addresses costs far more than cutting. */
const longestValue = 16 * 1024

export interface ReadHeaders {
  looksLikeMail: boolean
  mail: ReadMail
}

/** @param block without the blank line that ends it, within the limits of a header block. Never throws. */
export async function readMailHeaders(block: Uint8Array): Promise<ReadHeaders> {
  const headers = await parse(block)
  const all = (name: string) =>
    headers.filter(({ key }) => key === name).map(({ value }) => value.slice(0, longestValue))
  const networkIds = distinct(all(networkId).flatMap(guidsIn))
  const correlationIds = distinct(all(correlationId).flatMap(guidsIn))
  const messageIds = distinct(all(messageId).flatMap(messageIdsIn))
  const tenants = distinct(all(crossTenantId).flatMap(guidsIn))
  const fromValues = all('from')
  const from = fromValues.flatMap(addressesIn)

  const flags: [MailFlag, boolean][] = [
    ['duplicateFrom', fromValues.length > 1],
    ['multipleFrom', distinct(from).length > 1],
    [
      'quotedLocalPart',
      fromValues.some((value) => value.includes('"@')) || from.some((address) => /[\s"]|@.*@/.test(address))
    ],
    ['duplicateMessageId', all(messageId).length > 1 || messageIds.length > 1],
    ['duplicateNetworkMessageId', networkIds.length > 1 || correlationIds.length > 1],
    ['networkMessageIdsDiffer', differ(networkIds, correlationIds)],
    ['duplicateCrossTenantId', tenants.length > 1]
  ]
  return {
    looksLikeMail: headers.some(({ key }) => mailHeaders.includes(key)),
    mail: {
      keys: [
        ...distinct([...networkIds, ...correlationIds]).map((value) => ({ kind: 'networkMessageId', value }) as const),
        ...messageIds.map((value) => ({ kind: 'internetMessageId', value }) as const)
      ].slice(0, mailLimits.keys),
      claims: {
        subject: claimText(decodeWords(all('subject')[0] ?? '')),
        senderAddress: claimText(from[0] ?? ''),
        from: distinct(from)
          .slice(0, mailLimits.from)
          .map((address) => claimText(address)),
        date: dateClaim(all('date')[0]),
        returnPath: claimText(all('return-path').flatMap(addressesIn)[0] ?? '') || null
      } satisfies MailClaims,
      crossTenantId: tenants.length === 1 ? (tenants[0] ?? null) : null,
      flags: flags.filter(([, raised]) => raised).map(([flag]) => flag),
      urls: [],
      attachments: [],
      attached: []
    }
  }
}

/** Every id in a Message-ID header. A GUID there is the sender's invention, never a networkMessageId. */
export function messageIdsIn(value: string): string[] {
  const whole = keyOf(value.trim(), 'internetMessageId')
  if (whole.length > 0) return whole
  return (value.match(/<[^\s<>]+>/g) ?? []).flatMap((word) => keyOf(word, 'internetMessageId'))
}

export function dateClaim(text: string | undefined): string | null {
  const trimmed = text?.trim()
  if (!trimmed) return null
  const date = new Date(trimmed)
  const year = date.getUTCFullYear()
  return year >= 1970 && year <= 9999 ? date.toISOString() : claimText(trimmed)
}

const guidsIn = (value: string) => keyOf(value.trim(), 'networkMessageId')

function keyOf(word: string, kind: MailKey['kind']): string[] {
  const key = readMessageKey(word)
  return key?.kind === kind ? [claimText(key.value)] : []
}

function addressesIn(value: string): string[] {
  return addressParser(value, { flatten: true }).flatMap(({ address }) => (address ? [address] : []))
}

function differ(one: string[], other: string[]): boolean {
  return one.length > 0 && other.length > 0 && !one.some((value) => other.includes(value))
}

export function distinct<T>(values: T[]): T[] {
  return [...new Set(values)]
}

async function parse(block: Uint8Array): Promise<Header[]> {
  const mail = new Uint8Array(block.length + 2)
  mail.set(block)
  mail.fill(0x0a, block.length)
  try {
    return (await new PostalMime({ maxHeadersSize: mailLimits.headerBytes * 2 }).parse(mail)).headers
  } catch {
    return []
  }
}

// Reads the header block of a mail, pasted or from a file, for what identifies it. Believes nothing else in it. Pure.
import PostalMime, { type Email } from 'postal-mime'
import type { Claims, MailKey } from '../case/report.js'
import { readMessageKey } from './message-reference.js'

/** Larger header blocks are cut here before they are read. In characters. */
export const headerBlockLimit = 256 * 1024

export interface HeaderBlock {
  /** The best identifier first. */
  keys: MailKey[]
  claims: Claims
}

// In the order of trust: the id that Defender searches by, then its transport twin, then the sender's own.
const idHeaders = [
  'x-ms-exchange-organization-network-message-id',
  'x-ms-office365-filtering-correlation-id',
  'message-id'
]

const looksLikeHeaders =
  /^(?:x-ms-exchange-organization-network-message-id|x-ms-office365-filtering-correlation-id|message-id)[ \t]*:/im

export function hasHeaders(text: string): boolean {
  return looksLikeHeaders.test(text)
}

/** Never throws: what cannot be read has no keys. */
export async function readHeaderBlock(text: string): Promise<HeaderBlock> {
  const email = await parse(headersOnly(text))
  const keys = idHeaders.flatMap((name) =>
    (email?.headers ?? [])
      .filter((header) => header.key === name)
      .flatMap((header) => readMessageKey(header.value.trim()) ?? [])
  )
  return { keys, claims: { subject: email?.subject ?? '', senderAddress: email?.from?.address ?? '' } }
}

function headersOnly(text: string): string {
  const block = text.slice(0, headerBlockLimit).replace(/^\s+/, '').replace(/\r\n?/g, '\n')
  const end = block.indexOf('\n\n')
  return `${end === -1 ? block : block.slice(0, end)}\n\n`
}

async function parse(block: string): Promise<Email | null> {
  try {
    return await new PostalMime({ maxHeadersSize: headerBlockLimit * 2 }).parse(block)
  } catch {
    return null
  }
}

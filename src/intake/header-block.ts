// Reads mail headers that somebody pasted for what identifies the mail. Believes nothing else in them. Pure.
import type { Claims, MailKey } from '../case/report.js'
import { readMailHeaders } from './mail-headers.js'

/** Larger header blocks are cut here before they are read. In characters. */
export const headerBlockLimit = 256 * 1024

export interface HeaderBlock {
  /** The best identifier first. */
  keys: MailKey[]
  claims: Claims
}

const looksLikeHeaders =
  /^(?:x-ms-exchange-organization-network-message-id|x-ms-office365-filtering-correlation-id|message-id)[ \t]*:/im

export function hasHeaders(text: string): boolean {
  return looksLikeHeaders.test(text)
}

/** Never throws: what cannot be read has no keys. */
export async function readHeaderBlock(text: string): Promise<HeaderBlock> {
  const { mail } = await readMailHeaders(new TextEncoder().encode(headersOnly(text)))
  const { subject, senderAddress } = mail.claims
  return { keys: mail.keys, claims: { subject, senderAddress } }
}

function headersOnly(text: string): string {
  const block = text.slice(0, headerBlockLimit).replace(/^\s+/, '').replace(/\r\n?/g, '\n')
  const end = block.indexOf('\n\n')
  return end === -1 ? block : block.slice(0, end)
}

// Reads mail headers that somebody pasted for what identifies the mail. Believes nothing else in them. Pure.
import { createHash } from 'node:crypto'
import type { Claims, MailKey, MessageKey } from '../case/report.js'
import { claimsOf } from './mail-answer.js'
import { readMailHeaders } from './mail-headers.js'

/** Larger header blocks are cut here before they are read. In characters. */
export const headerBlockLimit = 256 * 1024

export interface HeaderBlock {
  /** The best identifier first. */
  keys: MailKey[]
  claims: Claims
  /** For headers that name no mail by id, but say enough to look for it: the block itself, by its SHA-256. */
  itself: MessageKey | null
}

const looksLikeHeaders =
  /^(?:x-ms-exchange-organization-network-message-id|x-ms-office365-filtering-correlation-id|message-id)[ \t]*:/im

const namesSender = /^from[ \t]*:.*@/im
const namesSubject = /^subject[ \t]*:/im

export function hasHeaders(text: string): boolean {
  return looksLikeHeaders.test(text) || (namesSender.test(text) && namesSubject.test(text))
}

/** Never throws: what cannot be read has no keys. */
export async function readHeaderBlock(text: string): Promise<HeaderBlock> {
  const block = headersOnly(text)
  const { mail } = await readMailHeaders(new TextEncoder().encode(block))
  const claims = claimsOf(mail.claims)
  const speaks = mail.keys.length === 0 && (claims.subject !== '' || claims.senderAddress !== '')
  const value = createHash('sha256').update(block).digest('hex')
  return { keys: mail.keys, claims, itself: speaks ? { kind: 'file', value } : null }
}

function headersOnly(text: string): string {
  const block = text.slice(0, headerBlockLimit).replace(/^\s+/, '').replace(/\r\n?/g, '\n')
  const end = block.indexOf('\n\n')
  return end === -1 ? block : block.slice(0, end)
}

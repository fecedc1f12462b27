// Pages of the simulated lists: sizes, tokens and links. Knows no list.
import { badRequest } from './odata.js'
import type { Call } from './operation.js'

export function readPageSize(text: string | null, unasked: number): number {
  if (text === null) return unasked
  if (!/^[1-9]\d{0,8}$/.test(text)) throw badRequest(`Invalid value '${text}' for $top query option.`)
  return Number(text)
}

export function readCount(text: string | null): boolean {
  if (text !== null && text !== 'true' && text !== 'false') throw badRequest(`Invalid value '${text}' for $count.`)
  return text === 'true'
}

/** Opaque to the caller, who must only hand it back. */
export function readSkipToken(text: string | null): number {
  if (text === null) return 0
  const match = /^after:(\d+)$/.exec(Buffer.from(text, 'base64url').toString())
  if (!match) throw badRequest('Skip token is not valid.')
  return Number(match[1])
}

export function nextLink({ query, address }: Call, end: number): string {
  const next = new URLSearchParams(query)
  next.set('$skiptoken', Buffer.from(`after:${end}`).toString('base64url'))
  return `${address.root}${address.path}?${next.toString()}`
}

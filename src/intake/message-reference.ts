// Finds the message that a text names: a networkMessageId or an Internet Message-ID, however Teams mangled it. Pure.
import { decodeHTML } from 'entities'
import type { MailKey } from '../case/report.js'

const guid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const wholeGuid = new RegExp(`^\\{?(${guid})\\}?$`, 'i')

/** In bytes. RFC 5322 allows lines of 998; the database's index holds less of what is not ASCII. */
const longestId = 900

/** What Teams makes of spaces and angle brackets, taken back: nbsp, HTML entities, line ends. */
export function plainText(text: string): string {
  return decodeHTML(text)
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
    .replace(/\r\n?/g, '\n')
}

/** The text of an HTML attachment: block ends become line ends, tags go, entities are decoded. */
export function textOfHtml(html: string): string {
  // No part of either pattern can run past the next `<` or `@`: hostile text must not cost quadratic time.
  // A line end between blocks is no text: a blank line in its place would end a block of pasted headers. A space alone
  // may be the fold of one.
  const lines = html.replace(/<(?:br|\/p|\/div|\/li|\/tr)\b[^<>]*>(?:[\t ]*[\r\n][\t\r\n ]*)?/gi, '\n')
  return plainText(lines.replace(/<\/?[a-z](?![^<>\s@]*@[^<>\s@]*>)[^<>]*>/gi, ''))
}

/** Reads one word. A Message-ID is answered with its angle brackets, as Exchange stores it. */
export function readMessageKey(word: string): MailKey | null {
  const asGuid = wholeGuid.exec(word)
  if (asGuid?.[1] !== undefined) return { kind: 'networkMessageId', value: asGuid[1].toLowerCase() }
  const id = /^<?([^\s<>@\p{Cc}]+@[^\s<>@\p{Cc}]+)>?$/u.exec(word)?.[1]
  if (id === undefined || Buffer.byteLength(id) > longestId) return null
  return { kind: 'internetMessageId', value: `<${id}>` }
}

/** The message at the start of a text, and what follows it. */
export function leadingMessageKey(text: string): { key: MailKey; rest: string } | null {
  const [, word, rest] = /^\s*(<[^<>\s]+>|\S+)([^]*)$/.exec(text) ?? []
  const key = word === undefined ? null : readMessageKey(word)
  return key === null ? null : { key, rest: (rest ?? '').trim() }
}

/** Every GUID that stands in a text as a word of its own. */
export function networkMessageIdsIn(text: string): MailKey[] {
  const found = text.matchAll(new RegExp(`(?<![0-9a-z-])${guid}(?![0-9a-z-])`, 'gi'))
  return [...new Set([...found].map(([id]) => id.toLowerCase()))].map((value) => ({ kind: 'networkMessageId', value }))
}

// Looks at the bytes of a mail before a parser does: where its headers end, and whether it is too much to parse. It must
// cost no more than one pass.
import { mailLimits } from './mail-answer.js'

const lf = 0x0a
const cr = 0x0d
const nul = 0
const dash = 0x2d

/** UTF-16 becomes UTF-8, lone carriage returns become line ends, and what stands before the headers goes. */
export function plainMail(bytes: Uint8Array): Uint8Array {
  const text = withLineFeeds(asUtf8(bytes))
  let at = 0
  if (text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf) at = 3
  while (at < mailLimits.headerBytes && isSpace(text[at])) at++
  // The separator line of an mbox file, RFC 4155.
  if (latin1(text.subarray(at, at + 5)) === 'From ') {
    const end = text.indexOf(lf, at)
    at = end === -1 ? text.length : end + 1
  }
  return text.subarray(at)
}

/** `cut` where the block went over a limit and only its start is answered. */
export function headerBlock(mail: Uint8Array): { block: Uint8Array; cut: boolean } {
  let at = 0
  for (let lines = 0; at < mail.length; lines++) {
    const end = mail.indexOf(lf, at)
    const next = end === -1 ? mail.length : end + 1
    if (isBlank(mail, at, next)) return { block: mail.subarray(0, at), cut: false }
    if (lines >= mailLimits.headerLines || next > mailLimits.headerBytes) {
      // Half a line could be half an id.
      return { block: mail.subarray(0, at), cut: true }
    }
    at = next
  }
  return { block: mail, cut: false }
}

/** More lines that could start a part, or more lines at all, than are given to a parser. */
export function isTooComplex(mail: Uint8Array): boolean {
  let boundaries = 0
  let lines = 0
  for (let at = 0; at < mail.length;) {
    if (mail[at] === dash && mail[at + 1] === dash) boundaries++
    lines++
    if (boundaries > mailLimits.boundaryLines || lines > mailLimits.lines) return true
    const end = mail.indexOf(lf, at)
    if (end === -1) return false
    at = end + 1
  }
  return false
}

function asUtf8(bytes: Uint8Array): Uint8Array {
  const [a, b, c, d] = bytes
  const little = (a === 0xff && b === 0xfe) || (a !== nul && b === nul && c !== nul && d === nul)
  const big = (a === 0xfe && b === 0xff) || (a === nul && b !== nul && c === nul && d !== nul)
  if (bytes.length < 4 || (!little && !big)) return bytes
  return new TextEncoder().encode(new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(bytes))
}

/** Some old mail programs end lines with a carriage return alone. */
function withLineFeeds(bytes: Uint8Array): Uint8Array {
  const start = bytes.subarray(0, mailLimits.headerBytes)
  if (start.includes(lf) || !start.includes(cr)) return bytes
  return bytes.map((byte) => (byte === cr ? lf : byte))
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== cr && bytes[at] !== lf) return false
  return true
}

function isSpace(byte: number | undefined): boolean {
  return byte === lf || byte === cr || byte === 0x20 || byte === 0x09
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

// What a mail carries, whatever format it came in: its links, its files, and the mails attached to it. Only mails are opened.
import { decodeHTML } from 'entities'
import { type MailFlag, type MailOutcome, type ReadMail, claimText, mailLimits } from './mail-answer.js'
import { distinct } from './mail-headers.js'

/** Goes down through mails within mails. */
export interface Reading {
  depth: number
  /** How many more attached mails are read; shared by all of one file. */
  budget: { attached: number }
  /** Told once what the headers say, before the body is touched. */
  onHeaders(mail: ReadMail): void
  /** Reads a mail found within another. Never throws. */
  read(bytes: Uint8Array, reading: Reading): Promise<MailOutcome>
}

export interface Part {
  name: string
  type: string
  bytes: number
  /** Null for what is only listed. */
  content: (() => Uint8Array) | null
}

/** Links are looked for in this much text of each kind. In characters. */
const searchedText = 2 * 1024 * 1024

/** Lists the parts in `mail`, and reads those that are mails themselves. */
export async function addParts(mail: ReadMail, parts: Part[], reading: Reading): Promise<void> {
  for (const { name, bytes } of parts.slice(0, mailLimits.attachments - mail.attachments.length)) {
    mail.attachments.push({ name: claimText(name), bytes })
  }
  for (const { content } of parts.filter(isMail)) {
    if (!content) continue
    const inner = oneDeeper(mail, reading)
    if (inner === null) return
    const outcome = await reading.read(content(), inner)
    if (outcome.kind === 'unreadable') continue
    if (outcome.bodyProblem !== null) raise(outcome.mail, 'bodyNotRead')
    mail.attached.push(outcome.mail)
  }
}

/** Takes one of the attached mails that may be read; null where none is left, which the outer mail then says. */
export function oneDeeper(outer: ReadMail, reading: Reading): Reading | null {
  if (reading.depth >= mailLimits.attachedDepth || reading.budget.attached === 0) {
    raise(outer, 'moreAttached')
    return null
  }
  reading.budget.attached--
  return { ...reading, depth: reading.depth + 1, onHeaders: () => undefined }
}

export function raise(mail: ReadMail, flag: MailFlag): void {
  if (!mail.flags.includes(flag)) mail.flags.push(flag)
}

function isMail({ name, type }: Part): boolean {
  return /^message\/(?:rfc822|global)$/i.test(type) || /\.(?:eml|msg)$/i.test(name.trim())
}

/** Distinct, in their order, the plain text's first. A link that only a browser would put together is not found. */
export function urlsIn(text: string, html: string): string[] {
  return distinct(
    [text.slice(0, searchedText), decodeHTML(html.slice(0, searchedText))]
      .flatMap((searched) => searched.match(/\bhttps?:\/\/[^\s"'<>\\^`{|}]{1,2000}/gi) ?? [])
      .map((url) => claimText(url.replace(/[.,;:!?)\]*]{1,20}$/, ''), mailLimits.url))
  ).slice(0, mailLimits.urls)
}

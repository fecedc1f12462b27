// What a message to the reporting mailbox says by Microsoft's documented format: the kind, and which attachment is the original. Pure.
// https://learn.microsoft.com/defender-office-365/submissions-user-reported-messages-custom-mailbox
import { z } from 'zod'
import type { ReportedKind } from '../case/report-source.js'
import { loose, textUpTo } from './loose-schema.js'

/** What is left unmarked, or marked otherwise, counts as phish. */
const KIND_BY_PREFIX: [RegExp, ReportedKind][] = [
  [/^(?:1\||junk:)/i, 'junk'],
  [/^(?:2\||not junk:)/i, 'notJunk'],
  [/^(?:3\||phishing:)/i, 'phish']
]

export function kindOfSubject(subject: string): ReportedKind {
  return KIND_BY_PREFIX.find(([prefix]) => prefix.test(subject.trimStart()))?.[1] ?? 'phish'
}

const words = textUpTo(1000)

const attachmentSchema = loose({
  '@odata.type': words,
  // Longer than any that counts, for a cut id would be another's.
  id: textUpTo(2000),
  name: words,
  contentType: words,
  size: z.number().catch(0)
})

export interface Original {
  attachmentId: string
  /** With an ending that tells what it is. */
  name: string
  /** As the mailbox counts it; what is fetched may be larger. */
  bytes: number
}

/** The attached originals, of which the format allows exactly one. Signatures' pictures and the like are none. */
export function originalsIn(attachments: unknown[]): Original[] {
  return attachments
    .map((attachment) => attachmentSchema.parse(attachment))
    .flatMap(({ '@odata.type': type, id, name, contentType, size }): Original[] => {
      const original = (ending: string) => [{ attachmentId: id, name: named(name, ending), bytes: size }]
      if (type === '#microsoft.graph.itemAttachment') return original('.eml')
      if (type !== '#microsoft.graph.fileAttachment') return []
      const mediaType = contentType.split(';')[0]?.trim().toLowerCase()
      if (/\.msg$/i.test(name) || mediaType === 'application/vnd.ms-outlook') return original('.msg')
      return /\.eml$/i.test(name) || mediaType === 'message/rfc822' ? original('.eml') : []
    })
}

function named(name: string, ending: string): string {
  return name.toLowerCase().endsWith(ending) ? name : `${name}${ending}`
}

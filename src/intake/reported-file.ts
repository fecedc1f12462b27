// What a reported file becomes: one report for each mail in it, or one about the file itself. Pure; believes nothing of the file.
import type { Claims, MailKey, MessageKey } from '../case/report.js'
import {
  type BodyProblem,
  type FileFacts,
  type MailFileAnswer,
  type MailFlag,
  type ReadMail,
  type UnreadableReason,
  claimsOf
} from './mail-answer.js'

export interface FiledReport {
  message: MessageKey
  claims: Claims | null
  /** What an analyst should know of the file; our own words, and the file's name. */
  note: string
}

/** A mail that claims more identities than this is reported by the first ones. */
const keysPerMail = 3
const nameLimit = 120

const unreadable: Record<UnreadableReason, string> = {
  empty: 'it is empty',
  notMail: 'it is no mail',
  damaged: 'it is damaged',
  tooLarge: 'it is too large',
  tooComplex: 'it is built in a way that no ordinary mail is',
  tooSlow: 'reading it took too long',
  outOfMemory: 'reading it took too much memory'
}

const ambiguous: Partial<Record<MailFlag, string>> = {
  duplicateFrom: 'It has more than one From header.',
  multipleFrom: 'Its From header names more than one sender.',
  quotedLocalPart: "Its sender's address is quoted, which can hide the real one.",
  duplicateMessageId: 'It has more than one Message-ID.',
  duplicateNetworkMessageId: 'It has more than one network message id.',
  networkMessageIdsDiffer: 'Its network message ids differ.',
  headersCut: 'Only the start of its headers was read.',
  moreAttached: 'More mails are attached than were read.'
}

/** Why nobody could read the file, to go on after "your file"; null where somebody could. */
export function whyUnreadable(answer: MailFileAnswer): string | null {
  return answer.kind === 'unreadable' ? unreadable[answer.reason] : null
}

/** Never empty: what names no mail is a report about the file, by its SHA-256. */
export function reportsIn(answer: MailFileAnswer): FiledReport[] {
  const { file } = answer
  const about = `File ${nameOf(file)}, ${String(file.bytes)} bytes, SHA-256 ${file.sha256}.`
  // Without a hash, where the thread died over the file, another file of this name and size joins its case.
  const itself = { kind: 'file', value: file.sha256 || `${nameOf(file)} ${String(file.bytes)}` } as const
  if (answer.kind === 'unreadable') {
    return [{ message: itself, claims: null, note: `${about} It could not be read: ${unreadable[answer.reason]}.` }]
  }
  const mails = withAttached(answer.mail, '')
  const found = mails.flatMap(({ mail, where }) => {
    const note = [where, ...flagWords(mail), bodyWords(answer.bodyProblem)].filter((part) => part !== '').join(' ')
    return bestKeys(mail).map((message) => ({ message, claims: claimsOf(mail.claims), note }))
  })
  if (found.length > 0) return found
  const note = [about, 'Its headers name no message that Defender could be asked for.', ...flagWords(answer.mail)]
  return [{ message: itself, claims: claimsOf(answer.mail.claims), note: note.join(' ') }]
}

/** A file's name is its sender's to choose. */
function nameOf({ name }: FileFacts): string {
  return name.replaceAll('\0', '').slice(0, nameLimit)
}

/** The mail, and those attached to it: a report often carries the mail in question as an attachment. */
function withAttached(mail: ReadMail, where: string): { mail: ReadMail; where: string }[] {
  const inside = mail.attached.flatMap((each) => withAttached(each, 'It was attached to another mail.'))
  return [{ mail, where }, ...inside]
}

/** Defender's own ids where there are any, else the sender's. All of the kind: none is silently chosen. */
function bestKeys({ keys }: ReadMail): MailKey[] {
  const own = keys.filter(({ kind }) => kind === 'networkMessageId')
  return (own.length > 0 ? own : keys).slice(0, keysPerMail)
}

function flagWords({ flags }: ReadMail): string[] {
  return flags.flatMap((flag) => ambiguous[flag] ?? [])
}

function bodyWords(problem: BodyProblem | null): string {
  return problem === null ? '' : `Only its headers were read: ${unreadable[problem]}.`
}

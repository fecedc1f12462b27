// Reads the body of a report that a playbook sends, or names all that is wrong with it. It must never know a member that
// approves, chooses an action or decides anything.
import { createHash } from 'node:crypto'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { z } from 'zod/v4'
import type { MessageKey } from '../case/report.js'
import { problemOf, type Problem, type ProblemFacts } from './problem.js'

export const MAX_MAIL_BYTES = 10 * 1024 * 1024
/** A mail in base64 has a third more characters. */
const MAX_MAIL_CHARACTERS = 4 * Math.ceil(MAX_MAIL_BYTES / 3)
/** Names of unknown members are the sender's words; so many, so much of each. */
const NAMED_MEMBERS = 10
const NAMED_CHARACTERS = 40

const address = z
  .string()
  .max(320)
  // Printable ASCII but space, angle brackets and a second @.
  .regex(/^[!-;=?A-~]+@[!-;=?A-~]+$/, 'must be an e-mail address')

export const reportRequestSchema = z
  .strictObject({
    message: z
      .string()
      .max(1000)
      .optional()
      .meta({
        description: 'The networkMessageId (a GUID) or the Internet Message-ID, with or without angle brackets.',
        examples: ['3b2a7f4e-6d1c-4a55-9f0e-08dd0a1b2c3d', '<CAF0-x1@mail.example>']
      }),
    mail: z.string().optional().meta({
      description:
        'The whole mail (.eml) in base64 (RFC 4648 section 4, with padding, without line breaks). Only its identifiers are used.',
      contentEncoding: 'base64',
      contentMediaType: 'message/rfc822',
      maxLength: MAX_MAIL_CHARACTERS
    }),
    recipients: z.array(address).max(1000).optional().meta({
      description: 'Mailboxes that a new case is narrowed to; every recipient where it is left out or empty.'
    }),
    reporter: address.optional().meta({ description: 'Who reported the mail, if a person did.' }),
    note: z
      .string()
      .max(1000)
      .optional()
      .meta({ description: 'What the analysts should know. Shown as the words of the caller.' })
  })
  .meta({
    description: 'A proposal: approval stays with people.',
    oneOf: [{ required: ['message'] }, { required: ['mail'] }]
  })

export type ReadReport = ({ message: MessageKey; mail: null } | { message: null; mail: Uint8Array }) & {
  recipients: string[]
  reporter: string | null
  note: string
}

export type ReportReading =
  | { ok: true; report: ReadReport; /** SHA-256, hex, of all that it says. */ hash: string }
  | { ok: false; problem: Problem }

/** @param readMessage reads one word as an id of a message; null where it is none. */
export async function readReport(
  body: unknown,
  readMessage: (word: string) => MessageKey | null
): Promise<ReportReading> {
  const parsed = reportRequestSchema.safeParse(body)
  if (!parsed.success) return refused('invalidReport', { errors: parsed.error.issues.flatMap(errorsOf) })
  const { message: word, mail: base64, recipients = [], reporter = null, note = '' } = parsed.data
  if ((word === undefined) === (base64 === undefined)) return invalid('#', 'must have either "message" or "mail"')
  const rest = { recipients, reporter, note }
  if (base64 === undefined) {
    const message = readMessage((word ?? '').trim())
    if (message === null) {
      return invalid('#/message', 'must be a networkMessageId (a GUID) or an Internet Message-ID')
    }
    return { ok: true, report: { message, mail: null, ...rest }, hash: hashOf(message, rest) }
  }
  const mail = await decode(base64)
  if (mail === 'tooLarge') return refused('tooLarge')
  if (mail === null) {
    return invalid('#/mail', 'must be a mail in base64 (RFC 4648 section 4), with padding and without line breaks')
  }
  await turnOfTheLoop()
  const content = createHash('sha256').update(mail).digest('hex')
  return { ok: true, report: { message: null, mail, ...rest }, hash: hashOf(content, rest) }
}

/** Each step over a whole mail of 10 MiB takes about 10 ms; between them others have their turn. */
async function decode(base64: string): Promise<Buffer | 'tooLarge' | null> {
  if (base64.length > MAX_MAIL_CHARACTERS) return 'tooLarge'
  await turnOfTheLoop()
  const mail = Buffer.from(base64, 'base64')
  if (mail.length > MAX_MAIL_BYTES) return 'tooLarge'
  await turnOfTheLoop()
  // Node skips what is not base64; only a text that comes out again was base64 as a whole.
  return mail.length > 0 && mail.toString('base64') === base64 ? mail : null
}

function hashOf(...parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function invalid(pointer: string, detail: string): ReportReading {
  return refused('invalidReport', { errors: [{ pointer, detail }] })
}

function refused(name: 'invalidReport' | 'tooLarge', facts: ProblemFacts = {}): ReportReading {
  return { ok: false, problem: problemOf(name, facts) }
}

function errorsOf(issue: z.core.$ZodIssue): { pointer: string; detail: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerOf(issue.path), detail: wordsOf(issue) }]
  const named = issue.keys
    .slice(0, NAMED_MEMBERS)
    .map((key) => key.slice(0, NAMED_CHARACTERS).replace(/\p{Cs}/gu, '\ufffd'))
  const more = issue.keys.length - named.length
  const errors = named.map((key) => ({ pointer: pointerOf([key]), detail: 'is not a member of a report' }))
  if (more > 0) errors.push({ pointer: '#', detail: `has ${String(more)} more members that a report does not have` })
  return errors
}

/** Its own words where zod's would be those of a library. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be ${issue.expected === 'string' ? 'a text' : `an ${issue.expected}`}`
  if (issue.code === 'too_big') {
    return `must have at most ${String(issue.maximum)} ${issue.origin === 'array' ? 'entries' : 'characters'}`
  }
  return issue.message
}

function pointerOf(path: PropertyKey[]): string {
  const parts = path.map((part) => encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')))
  return ['#', ...parts].join('/')
}

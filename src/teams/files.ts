// A mail sent as a file in a personal chat: stored first, then fetched and read by the outbox. Nothing in it is believed.
import type { Activity, TurnContext } from 'botbuilder'
import type { ReportedFile } from '../case/change.js'
import type { Clock } from '../case/ports.js'
import type { Person } from '../case/report.js'
import type { MailReader } from '../intake/mail-reader.js'
import { type CommonOfReports, openReports } from '../intake/open-reports.js'
import { reportsIn, whyUnreadable } from '../intake/reported-file.js'
import { unresolvedPerHour } from './chat.js'
import { type Desk, addressOf, rulingFor, say } from './desk.js'
import { fileUnreadable } from './look-words.js'
import * as words from './words.js'

/** Fetches a file from an allowed host. */
export interface FileDownload {
  file(url: string, maxBytes: number): Promise<{ ok: true; bytes: Uint8Array } | { ok: false; reason: string }>
}

const fileContentType = 'application/vnd.microsoft.teams.file.download.info'
/** In bytes; Exchange Online's own limit for a mail is of this order. */
const largestFile = 25 * 1024 * 1024
/** More mails than this in one message are not read. */
const filesPerMessage = 10

export interface SentFile {
  name: string
  downloadUrl: string
}

export function filesOf(activity: Activity): SentFile[] {
  return (activity.attachments ?? [])
    .filter(({ contentType }) => contentType === fileContentType)
    .map(({ name, content }: { name?: unknown; content?: unknown }) => {
      const { downloadUrl } = (content ?? {}) as { downloadUrl?: unknown }
      return { name: textOf(name), downloadUrl: textOf(downloadUrl) }
    })
}

/** In a channel Teams gives no files, but what it gives of the message still shows that one was there. */
export function hasFile(activity: Activity): boolean {
  return (activity.attachments ?? []).some(({ contentType, content }: { contentType: unknown; content?: unknown }) =>
    contentType === 'text/html' ? /<attachment\b/i.test(textOf(content)) : !textOf(contentType).startsWith('image/')
  )
}

/** Attachments are the client's to write. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function isMail({ name }: SentFile): boolean {
  return /\.(?:eml|msg)$/i.test(name)
}

/** @param from `sent` counts all files of the message, those that are no mail included. */
export async function takeFiles(
  desk: Desk,
  context: TurnContext,
  from: { mails: SentFile[]; sent: number; speaker: Person }
): Promise<void> {
  const { ruling, person, mailboxes } = await rulingFor(desk, 'report', from.speaker)
  if (!ruling.allowed) return say(desk, context, ruling.reasons.join(' '))
  const mails = from.mails.slice(0, filesPerMessage)
  const now = desk.clock.now()
  const { activity } = context
  await desk.enqueue(
    mails.map((file, index) => ({
      kind: 'file',
      id: `${activity.conversation.id}/${activity.id ?? ''}/${String(index)}`,
      file: { ...file, reporter: person, mailboxes, replyTo: addressOf(activity), at: now },
      dueAt: now
    }))
  )
  return say(desk, context, words.readingFiles(mails.length, from.sent))
}

/** The outbox's `file`. Whatever comes of it, the reporter hears it. */
export async function readFile(
  id: string,
  file: ReportedFile,
  doors: Pick<Desk, 'store' | 'enqueue'> & {
    clock: Clock
    download: FileDownload
    mailReader: Pick<MailReader, 'read'>
  }
): Promise<void> {
  const tell = (text: string) =>
    doors.enqueue([{ kind: 'notice', id: `file/${id}`, to: file.replyTo, text, dueAt: doors.clock.now() }])
  const fetched = await doors.download.file(file.downloadUrl, largestFile)
  if (!fetched.ok) return tell(words.fileProblem(fetched.reason))

  const read = await doors.mailReader.read(file.name, fetched.bytes)
  const why = whyUnreadable(read)
  const common: CommonOfReports = {
    recipients: [],
    reporter: file.reporter,
    mailboxes: file.mailboxes,
    origin: 'file',
    kind: 'phish',
    activityKey: id,
    replyTo: file.replyTo,
    at: file.at
  }
  const taken = await openReports(reportsIn(read), common, { store: doors.store, unresolvedPerHour })
  const said = words.reportedAll(taken)
  return tell(why === null || taken.numbers.length === 0 ? said : `${said}\n\n${fileUnreadable(why)}`)
}

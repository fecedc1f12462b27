// A mail sent as a file in a personal chat: stored first, fetched by the outbox, of which only the header block is read.
import type { Activity, TurnContext } from 'botbuilder'
import type { ReportedFile } from '../case/change.js'
import type { Clock } from '../case/ports.js'
import type { Person } from '../case/report.js'
import { headerBlockLimit, readHeaderBlock } from '../intake/header-block.js'
import { unresolvedPerHour } from './chat.js'
import { type Desk, addressOf, rulingFor, say } from './desk.js'
import * as words from './words.js'

/** Fetches the start of a file from an allowed host. */
export interface FileDownload {
  head(url: string, maxBytes: number): Promise<{ ok: true; text: string } | { ok: false; reason: string }>
}

const fileContentType = 'application/vnd.microsoft.teams.file.download.info'
/** More files than this in one message are not a report. */
const filesPerMessage = 10

export function filesOf(activity: Activity): { name: string; downloadUrl: string }[] {
  return (activity.attachments ?? [])
    .filter(({ contentType }) => contentType === fileContentType)
    .map(({ name, content }: { name?: unknown; content?: unknown }) => {
      const { downloadUrl } = (content ?? {}) as { downloadUrl?: unknown }
      return { name: textOf(name), downloadUrl: textOf(downloadUrl) }
    })
}

/** Attachments are the client's to write. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export async function takeFiles(desk: Desk, context: TurnContext, speaker: Person): Promise<void> {
  const { ruling, person } = await rulingFor(desk, 'report', speaker)
  if (!ruling.allowed) return say(desk, context, ruling.reasons.join(' '))
  const files = filesOf(context.activity).slice(0, filesPerMessage)
  if (!files.some(({ name }) => name.toLowerCase().endsWith('.eml'))) return say(desk, context, words.howToReport)
  const now = desk.clock.now()
  const { activity } = context
  await desk.enqueue(
    files
      .filter(({ name }) => name.toLowerCase().endsWith('.eml'))
      .map((file, index) => ({
        kind: 'file',
        id: `${activity.conversation.id}/${activity.id ?? ''}/${String(index)}`,
        file: { ...file, reporter: person, replyTo: addressOf(activity), at: now },
        dueAt: now
      }))
  )
  return say(desk, context, words.readingFile)
}

/** The outbox's `file`. Whatever comes of it, the reporter hears it. */
export async function readFile(
  id: string,
  file: ReportedFile,
  doors: Pick<Desk, 'store' | 'enqueue'> & { clock: Clock; download: FileDownload }
): Promise<void> {
  const tell = (text: string) =>
    doors.enqueue([{ kind: 'notice', id: `file/${id}`, to: file.replyTo, text, dueAt: doors.clock.now() }])
  const head = await doors.download.head(file.downloadUrl, headerBlockLimit)
  if (!head.ok) return tell(words.fileProblem(head.reason))
  const { keys, claims } = await readHeaderBlock(head.text)
  const [message] = keys
  if (message === undefined) return tell(words.fileProblem('its headers name no message'))
  const opened = await doors.store.open(
    {
      message,
      recipients: [],
      reporter: file.reporter,
      note: '',
      claims,
      origin: 'report',
      activityKey: id,
      replyTo: file.replyTo,
      at: file.at
    },
    { unresolvedPerHour }
  )
  if (opened.kind === 'limited') return tell(words.limited(opened.waiting))
  return tell(words.reported(opened.record.number, opened.kind === 'joined'))
}

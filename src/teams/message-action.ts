// The message action "Report phish" on any message in Teams: a dialog, then a report. Takes names and text only, never a file.
import { type Activity, CardFactory, type TurnContext } from 'botbuilder'
import { createHash, randomUUID } from 'node:crypto'
import type { MailKey, ReportedKind } from '../case/report.js'
import { hasHeaders, readHeaderBlock } from '../intake/header-block.js'
import { networkMessageIdsIn, plainText, textOfHtml } from '../intake/message-reference.js'
import { type CommonOfReports, openReports } from '../intake/open-reports.js'
import type { FiledReport } from '../intake/reported-file.js'
import { unresolvedPerHour } from './chat.js'
import { type Desk, rulingFor } from './desk.js'
import { personOf } from './place.js'
import dialogCard from './cards/report-dialog.json' with { type: 'json' }
import * as words from './words.js'

/** As in the manifest's composeExtensions. */
export const reportCommand = 'reportPhish'

const textLimit = 2_000
const excerptLimit = 300
const messagesPerReport = 5

/** Teams' own are of digits; one that no index of a database could hold is nobody's. */
const teamsMessageId = /^[\x21-\x7e]{1,200}$/

interface QuotedMessage {
  id: string
  text: string
  attachments: string[]
}

/** Opens the dialog. Its card is frozen: nothing of the message stands on it. */
export async function onDialog(context: TurnContext): Promise<void> {
  const card = CardFactory.adaptiveCard(dialogCard)
  await answerInvoke(context, {
    task: { type: 'continue', value: { title: 'Report phish', height: 'small', width: 'medium', card } }
  })
}

/** The dialog was sent. Teams repeats this when it waits for more than five seconds: the second time joins the first. */
export async function onReported(desk: Desk, context: TurnContext): Promise<void> {
  let text: string
  try {
    text = await take(desk, context.activity)
  } catch (error) {
    const reference = randomUUID().slice(0, 8)
    desk.log.error({ name: (error as Error).name, reference }, 'a message action failed')
    text = words.messageFailure(reference)
  }
  // Shown as it is, without Markdown.
  await answerInvoke(context, { task: { type: 'message', value: text.replaceAll('**', '') } })
}

async function take(desk: Desk, activity: Activity): Promise<string> {
  const speaker = personOf(activity)
  if (speaker === null) return words.whoAreYou
  if (desk.policy.channelId === '') return words.notSetUp
  const quoted = readQuoted(activity.value)
  if (quoted === null) return words.noQuotedMessage
  const { ruling, person } = await rulingFor(desk, 'report', speaker)
  if (!ruling.allowed) return ruling.reasons.join(' ')

  const { kind, note } = readDialog(activity.value)
  const common: CommonOfReports = {
    recipients: [],
    reporter: person,
    // Nobody is told in a chat that may be other people's.
    mailboxes: [],
    origin: 'messageAction',
    kind,
    activityKey: `action/${activity.conversation.id}/${quoted.id}/${person.objectId}/${digest(quoted.text, kind, note)}`,
    // The message may stand in a chat of other people: nothing is ever posted there.
    replyTo: null,
    at: desk.clock.now()
  }
  const reports = await reportsOf(quoted, { note, conversationId: activity.conversation.id })
  return words.reportedAll(await openReports(reports, common, { store: desk.store, unresolvedPerHour }))
}

/** One for each mail that the message names; else one about the message itself. */
async function reportsOf(
  quoted: QuotedMessage,
  about: { note: string; conversationId: string }
): Promise<FiledReport[]> {
  const { id, text } = quoted
  const block = hasHeaders(text) ? await readHeaderBlock(text) : null
  const keys: MailKey[] = [...(block?.keys.slice(0, 1) ?? []), ...networkMessageIdsIn(text)]
  const distinct = [...new Map(keys.map((key) => [key.value, key])).values()].slice(0, messagesPerReport)
  const noteOf = (...parts: string[]) => parts.filter((part) => part !== '').join(' ')
  if (distinct.length > 0) {
    // Any GUID may be taken for an id, so the text is kept beside it.
    const excerpt = block === null ? `It says: ${text.slice(0, excerptLimit)}` : ''
    const note = noteOf(about.note, excerpt, attachmentWords(quoted))
    return distinct.map((message) => ({ message, claims: block?.claims ?? null, note }))
  }
  return [
    {
      message: { kind: 'teamsMessage', value: `${about.conversationId}/${id}`.slice(0, 500) },
      claims: { subject: text.slice(0, textLimit), senderAddress: '' },
      note: noteOf(about.note, attachmentWords(quoted))
    }
  ]
}

/** Sent again by Teams it is the same; edited, or reported anew with other words, it is another report. */
function digest(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function attachmentWords({ attachments }: QuotedMessage): string {
  return attachments.length === 0 ? '' : `Attachments, not looked at: ${attachments.join(', ')}.`
}

/** All of this is the client's to write. */
function readQuoted(value: unknown): QuotedMessage | null {
  const payload = field(value, 'messagePayload')
  const id = textOf(field(payload, 'id'))
  if (!teamsMessageId.test(id)) return null
  const body = field(payload, 'body')
  const content = textOf(field(body, 'content')).slice(0, 100_000)
  const attachments = field(payload, 'attachments')
  return {
    id,
    text: (textOf(field(body, 'contentType')) === 'text' ? plainText(content) : textOfHtml(content)).trim(),
    attachments: (Array.isArray(attachments) ? attachments : [])
      .map((attachment) => textOf(field(attachment, 'name')).slice(0, 100))
      .filter((name) => name !== '')
      .slice(0, 10)
  }
}

const kinds: readonly ReportedKind[] = ['phish', 'junk', 'notJunk']

function readDialog(value: unknown): { kind: ReportedKind; note: string } {
  const data = field(value, 'data')
  const kind = kinds.find((known) => known === textOf(field(data, 'kind'))) ?? 'phish'
  return { kind, note: textOf(field(data, 'note')).trim().slice(0, 1_000) }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

async function answerInvoke(context: TurnContext, body: object): Promise<void> {
  await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body } })
}

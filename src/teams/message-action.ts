// The message action "Report phish" on any message in Teams: a dialog, then a report. Takes names and text only, never a file.
import { type Activity, CardFactory, type TurnContext } from 'botbuilder'
import { randomUUID } from 'node:crypto'
import type { Claims, MessageKey, Person, ReportedKind } from '../case/report.js'
import { hasHeaders, readHeaderBlock } from '../intake/header-block.js'
import { networkMessageIdsIn, plainText, textOfHtml } from '../intake/message-reference.js'
import { unresolvedPerHour } from './chat.js'
import { type Desk, addressOf, rulingFor } from './desk.js'
import { personOf } from './place.js'
import dialogCard from './cards/report-dialog.json' with { type: 'json' }
import * as words from './words.js'

/** As in the manifest's composeExtensions. */
export const reportCommand = 'reportPhish'

const textLimit = 2_000
const messagesPerReport = 5

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
  await answerInvoke(context, { task: { type: 'message', value: text } })
}

async function take(desk: Desk, activity: Activity): Promise<string> {
  const speaker = personOf(activity)
  if (speaker === null) return words.whoAreYou
  if (desk.policy.channelId === '') return words.notSetUp
  const quoted = readQuoted(activity.value)
  if (quoted === null) return words.noQuotedMessage
  const { ruling, person } = await rulingFor(desk, 'report', speaker)
  if (!ruling.allowed) return ruling.reasons.join(' ')

  const { keys, claims } = await readMessage(quoted, activity.conversation.id)
  const { kind, note } = readDialog(activity.value)
  const opened: number[] = []
  for (const message of keys) {
    const answer = await desk.store.open(
      {
        message,
        recipients: [],
        reporter: person,
        note: [note, attachmentWords(quoted)].filter((part) => part !== '').join(' '),
        claims,
        origin: 'messageAction',
        kind,
        activityKey: activityKey(activity, quoted, { person, message }),
        replyTo: addressOf(activity),
        at: desk.clock.now()
      },
      { unresolvedPerHour }
    )
    if (answer.kind === 'limited') return words.limited(answer.waiting)
    opened.push(answer.record.number)
  }
  return words.reportedSeveral([...new Set(opened)])
}

async function readMessage(
  { id, text }: QuotedMessage,
  conversationId: string
): Promise<{ keys: MessageKey[]; claims: Claims }> {
  const block = hasHeaders(text) ? await readHeaderBlock(text) : null
  const keys: MessageKey[] = [...(block?.keys.slice(0, 1) ?? []), ...networkMessageIdsIn(text)]
  const distinct = [...new Map(keys.map((key) => [key.value, key])).values()].slice(0, messagesPerReport)
  if (distinct.length > 0) return { keys: distinct, claims: block?.claims ?? { subject: '', senderAddress: '' } }
  return {
    keys: [{ kind: 'teamsMessage', value: `${conversationId}/${id}`.slice(0, 500) }],
    claims: { subject: text.slice(0, textLimit), senderAddress: '' }
  }
}

function activityKey(activity: Activity, { id }: QuotedMessage, of: { person: Person; message: MessageKey }): string {
  return `action/${activity.conversation.id}/${id}/${of.person.objectId}/${of.message.value}`
}

function attachmentWords({ attachments }: QuotedMessage): string {
  return attachments.length === 0 ? '' : `Attachments, not looked at: ${attachments.join(', ')}.`
}

/** All of this is the client's to write. */
function readQuoted(value: unknown): QuotedMessage | null {
  const payload = field(value, 'messagePayload')
  const id = textOf(field(payload, 'id'))
  if (id === '') return null
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

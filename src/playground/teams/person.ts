// What people do in Teams, as the activities that the Teams service would send to the bot. Never used by the product.
import { randomUUID } from 'node:crypto'

export interface Room {
  botUrl: string
  serviceUrl: string
  tenantId: string
  channelId: string
  teamId: string
  /** Adds a token where the bot asks for one. */
  authorize?: (activity: object) => Promise<string>
}

export interface Someone {
  objectId: string
  name: string
}

export type Where = 'personal' | 'channel' | { conversationId: string; conversationType: string; teamId?: string }

export interface Answer {
  status: number
  body: unknown
}

export interface CardButton {
  type: string
  title: string
  verb?: string
  data?: unknown
  fallback?: { type: string; data?: unknown }
  associatedInputs?: string
}

const bot = { id: '28:phish-triage', name: 'Phish Triage' }

/** Sends any activity; what a test changes about it, a forger could. */
export async function send(room: Room, activity: object): Promise<Answer> {
  const authorization = await room.authorize?.(activity)
  const response = await fetch(`${room.botUrl}/api/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
    body: JSON.stringify(activity)
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
}

export function activityOf(room: Room, who: Someone, where: Where, rest: object): Record<string, unknown> {
  const id = String(Date.now()) + randomUUID().slice(0, 4)
  return {
    id,
    channelId: 'msteams',
    serviceUrl: room.serviceUrl,
    from: { id: `29:${who.objectId}`, name: who.name, aadObjectId: who.objectId },
    recipient: bot,
    conversation: conversationOf(room, who, where, id),
    channelData: {
      tenant: { id: room.tenantId },
      ...(where === 'channel' && { team: { id: room.teamId }, channel: { id: room.channelId } }),
      ...(typeof where === 'object' && where.teamId !== undefined && { team: { id: where.teamId } })
    },
    ...rest
  }
}

function conversationOf(room: Room, who: Someone, where: Where, id: string): object {
  if (where === 'personal') {
    return { id: `a:personal-${who.objectId}`, conversationType: 'personal', tenantId: room.tenantId }
  }
  if (where === 'channel') {
    const thread = `${room.channelId};messageid=${id}`
    return { id: thread, conversationType: 'channel', isGroup: true, tenantId: room.tenantId }
  }
  return { id: where.conversationId, conversationType: where.conversationType, isGroup: true, tenantId: room.tenantId }
}

/** Types a message; in channels the bot is mentioned first, as Teams demands. */
export async function say(room: Room, who: Someone, text: string, where: Where = 'channel'): Promise<Answer> {
  const mention = `<at>${bot.name}</at>`
  const mentioned =
    where === 'personal'
      ? { text }
      : { text: `${mention} ${text}`, entities: [{ type: 'mention', mentioned: bot, text: mention }] }
  return send(room, activityOf(room, who, where, { type: 'message', ...mentioned }))
}

export interface DroppedFile {
  name: string
  downloadUrl: string
}

/** Drops files into the personal chat. An id of its own makes it the same message as another one. */
export async function dropFiles(room: Room, who: Someone, files: DroppedFile[], id?: string): Promise<Answer> {
  const attachments = files.map(({ name, downloadUrl }) => fileAttachment(name, downloadUrl))
  const activity = activityOf(room, who, 'personal', { type: 'message', text: '', attachments })
  return send(room, id === undefined ? activity : { ...activity, id })
}

export function fileAttachment(name: string, downloadUrl: string): object {
  return {
    contentType: 'application/vnd.microsoft.teams.file.download.info',
    contentUrl: 'https://contoso-my.sharepoint.com/personal/x/Documents/Microsoft Teams Chat Files/x',
    name,
    content: { downloadUrl, uniqueId: randomUUID(), fileType: name.slice(name.lastIndexOf('.') + 1) }
  }
}

/** A message of somebody else's that the message action is used on. */
export interface Quoted {
  id: string
  html: string
  /** Names of its files. */
  attachments?: string[]
}

/** Uses "Report phish" on a message; without an answer to the dialog, opens the dialog only. */
export async function messageAction(
  room: Room,
  who: Someone,
  quoted: Quoted,
  dialog?: Record<string, string>
): Promise<Answer> {
  const messagePayload = {
    id: quoted.id,
    messageType: 'message',
    body: { contentType: 'html', content: quoted.html },
    attachments: (quoted.attachments ?? []).map((name) => ({ id: randomUUID(), contentType: 'reference', name }))
  }
  const where = { conversationId: '19:a-group-chat@thread.v2', conversationType: 'groupChat' }
  const value = { commandId: 'reportPhish', commandContext: 'message', messagePayload }
  const invoke =
    dialog === undefined
      ? { name: 'composeExtension/fetchTask', value }
      : { name: 'composeExtension/submitAction', value: { ...value, data: dialog } }
  return send(room, activityOf(room, who, where, { type: 'invoke', ...invoke }))
}

/** A message that stands in a conversation, as the connector's ledger knows it. */
export interface Standing {
  activityId: string
  conversationId: string
}

export async function click(
  room: Room,
  who: Someone,
  message: Standing,
  press: { button: CardButton; inputs?: Record<string, string>; as?: 'execute' | 'submit' }
): Promise<Answer> {
  const { button, inputs = {}, as = 'execute' } = press
  const data = { ...(button.data as object), ...(button.associatedInputs === 'none' ? {} : inputs) }
  const id = message.conversationId
  const personal = id === `a:personal-${who.objectId}`
  const base = {
    ...activityOf(
      room,
      who,
      personal ? 'personal' : { conversationId: id, conversationType: 'channel', teamId: room.teamId },
      {}
    ),
    replyToId: message.activityId
  }
  if (as === 'submit') {
    return send(room, { ...base, type: 'message', value: { ...(button.fallback?.data as object), ...inputs } })
  }
  const value = { action: { type: 'Action.Execute', title: button.title, verb: button.verb, data }, trigger: 'manual' }
  return send(room, { ...base, type: 'invoke', name: 'adaptiveCard/action', value })
}

/** Every button of a card, wherever it stands. */
export function buttonsOf(card: unknown): CardButton[] {
  if (Array.isArray(card)) return card.flatMap(buttonsOf)
  if (typeof card !== 'object' || card === null) return []
  const { type } = card as { type?: unknown }
  const own = typeof type === 'string' && type.startsWith('Action.') ? [card as CardButton] : []
  const rest = Object.entries(card).filter(([key]) => key !== 'fallback')
  return [...own, ...rest.flatMap(([, value]) => buttonsOf(value))]
}

/** The ids of a card's inputs with the values they stand at. */
export function inputsOf(card: unknown): Record<string, string> {
  if (Array.isArray(card)) return Object.assign({}, ...card.map(inputsOf)) as Record<string, string>
  if (typeof card !== 'object' || card === null) return {}
  const { type, id, value } = card as { type?: unknown; id?: unknown; value?: unknown }
  const isInput = typeof type === 'string' && type.startsWith('Input.') && typeof id === 'string'
  const own = isInput && typeof value === 'string' ? { [id]: value } : {}
  return Object.assign(own, ...Object.values(card).map(inputsOf)) as Record<string, string>
}

/** All the text that a person could read on a card, one line a piece. */
export function readCard(card: unknown): string {
  if (Array.isArray(card)) return card.map(readCard).filter(Boolean).join('\n')
  if (typeof card !== 'object' || card === null) return ''
  const { type, text, title, label, inlines } = card as Record<string, unknown>
  if (type === 'RichTextBlock' && Array.isArray(inlines)) {
    return inlines.map((run) => (typeof run === 'string' ? run : ((run as { text?: string }).text ?? ''))).join('')
  }
  const own = [text, title, label].filter((part): part is string => typeof part === 'string')
  const rest = Object.entries(card).filter(([key]) => !['fallback', 'selectAction'].includes(key))
  return [...own, ...rest.map(([, value]) => (typeof value === 'object' ? readCard(value) : ''))]
    .filter(Boolean)
    .join('\n')
}

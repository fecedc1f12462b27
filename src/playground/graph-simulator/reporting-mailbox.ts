// The reporting mailbox: its inbox's delta query, attachments and their raw content. Holds mail; never changes any.
// https://learn.microsoft.com/graph/api/message-delta
import { createHash } from 'node:crypto'
import { reportedMailSchema, type AttachedFile, type ReportedMail } from '../tenant-reports.js'
import { badRequest, GraphRefusal } from './odata.js'
import type { Call, Operation } from './operation.js'

const MESSAGE_PROPERTIES = ['id', 'subject', 'receivedDateTime', 'from', 'sender', 'hasAttachments']
const ATTACHMENT_PROPERTIES = ['id', 'name', 'contentType', 'size', 'isInline']
const PAGE_UNASKED = 10
const PERMISSIONS = [['Mail.Read', 'Mail.ReadWrite']]

interface Held extends ReportedMail {
  id: string
}

export class ReportingMailbox {
  readonly #held: Held[] = []
  /** State tokens of another number are too old. */
  #generation = 1

  constructor(readonly address: string) {}

  /** Throws a ZodError for what is none. Answers the message's id. */
  add(given: ReportedMail): string {
    const mail = reportedMailSchema.parse(given)
    const digest = createHash('sha256').update(`${this.#held.length} ${mail.subject}`).digest('base64url')
    const id = `AAkALg${digest}AAA=`
    this.#held.push({ ...mail, id })
    return id
  }

  /** Every state token that was given out is answered with 410 from now on. */
  forgetState(): void {
    this.#generation += 1
  }

  get(id: string): Held | undefined {
    return this.#held.find((mail) => mail.id === id)
  }

  page(state: { generation: number; at: number } | null, size: number) {
    const generation = this.#generation
    if (state !== null && state.generation !== generation)
      throw new GraphRefusal(410, 'SyncStateNotFound', 'The sync state generation is not found.')
    const start = state?.at ?? 0
    const held = this.#held.slice(start, start + size)
    const at = start + held.length
    return { held, state: { generation, at }, last: at === this.#held.length }
  }
}

export const reportingMailboxOperations: Operation[] = [
  {
    name: 'mailDelta',
    method: 'GET',
    path: ['users', '*', "mailFolders('inbox')", 'messages', 'delta'],
    permissions: PERMISSIONS,
    licensed: false,
    answer: delta
  },
  {
    name: 'attachments',
    method: 'GET',
    path: ['users', '*', 'messages', '*', 'attachments'],
    permissions: PERMISSIONS,
    licensed: false,
    answer: attachments
  },
  {
    name: 'attachmentContent',
    method: 'GET',
    path: ['users', '*', 'messages', '*', 'attachments', '*', '$value'],
    permissions: PERMISSIONS,
    licensed: false,
    answer: content
  }
]

function delta(call: Call) {
  const { query, address, prefer } = call
  const mailbox = mailboxOf(call)
  const token = query.get('$deltatoken') ?? query.get('$skiptoken')
  const state = token === null ? null : readState(token)
  const select = state?.select ?? readSelect(query.get('$select'), MESSAGE_PROPERTIES)
  if (token === null) {
    const unknown = [...query.keys()].find((name) => name !== '$select' && name !== 'changeType')
    if (unknown !== undefined) throw badRequest(`Query option '${unknown}' is not allowed.`)
    if (query.get('changeType') !== 'created') throw badRequest('Only created messages are simulated here.')
  }
  const asked = /odata\.maxpagesize=(\d{1,4})/.exec(prefer ?? '')?.[1]
  const page = mailbox.page(state, asked === undefined ? PAGE_UNASKED : Number(asked))
  const next = Buffer.from(JSON.stringify({ ...page.state, select })).toString('base64url')
  // Graph writes the folder in its own spelling, and leaves the encoding of the address to the caller.
  const link = (name: string) =>
    `${address.root}/users/${call.ids[0] ?? ''}/mailfolders('inbox')/messages/delta?${name}=${next}`
  return {
    status: 200,
    body: {
      '@odata.context': `${address.root}/$metadata#Collection(message)`,
      ...(page.last ? { '@odata.deltaLink': link('$deltatoken') } : { '@odata.nextLink': link('$skiptoken') }),
      value: page.held.map((mail) => ({
        '@odata.type': '#microsoft.graph.message',
        ...picked(
          {
            subject: mail.subject,
            receivedDateTime: new Date(mail.receivedAt).toISOString(),
            from: { emailAddress: mail.from },
            sender: { emailAddress: mail.from },
            hasAttachments: mail.attachments.length > 0
          },
          select
        ),
        id: mail.id
      }))
    }
  }
}

function attachments(call: Call) {
  const { mail } = messageOf(call)
  const select = readSelect(call.query.get('$select'), ATTACHMENT_PROPERTIES)
  return {
    status: 200,
    body: {
      '@odata.context': `${call.address.root}/$metadata#attachments`,
      value: mail.attachments.map((file, index) => ({
        '@odata.type': `#microsoft.graph.${file.kind}Attachment`,
        ...picked(
          {
            id: attachmentId(mail, index),
            name: file.name,
            contentType: file.contentType,
            size: bytesOf(file).length,
            isInline: false
          },
          select
        )
      }))
    }
  }
}

function content(call: Call) {
  const { mail } = messageOf(call)
  const file = mail.attachments.find((_, index) => attachmentId(mail, index) === call.ids[2])
  if (file === undefined) throw notFound()
  return { status: 200, headers: { 'Content-Type': file.contentType ?? 'text/plain' }, body: bytesOf(file) }
}

function mailboxOf({ world, ids: [id = ''] }: Call): ReportingMailbox {
  if (id.toLowerCase() === world.reportingMailbox.address) return world.reportingMailbox
  throw new GraphRefusal(404, 'ErrorInvalidUser', `The requested user '${id}' is invalid.`)
}

function messageOf(call: Call): { mail: Held } {
  const mail = mailboxOf(call).get(call.ids[1] ?? '')
  if (mail === undefined) throw notFound()
  return { mail }
}

function notFound(): GraphRefusal {
  return new GraphRefusal(404, 'ErrorItemNotFound', 'The specified object was not found in the store.')
}

function attachmentId(mail: Held, index: number): string {
  return `${mail.id.slice(0, -1)}B${index}=`
}

function bytesOf(file: AttachedFile): Buffer {
  return Buffer.from(file.base64, 'base64')
}

function readState(token: string): { generation: number; at: number; select: string[] } {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString()) as ReturnType<typeof readState>
  } catch {
    throw badRequest('Badly formed token.')
  }
}

function readSelect(text: string | null, known: string[]): string[] {
  const names = text?.split(',') ?? known
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw badRequest(`Could not find a property named '${unknown}'.`)
  return names
}

function picked(whole: object, names: string[]): object {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => names.includes(name)))
}

// A stand-in for the Teams service's connector: takes what the bot posts, over HTTP, and keeps a ledger. Never used by the product.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PostedActivity {
  type?: string
  text?: string
  summary?: string
  attachments?: { contentType: string; content: unknown }[]
  [key: string]: unknown
}

export interface ConnectorEntry {
  operation: ConnectorOperation
  conversationId: string
  activityId: string
  activity: PostedActivity
  hasAuthorization: boolean
  /** Null until answered. */
  status: number | null
  accepted: boolean
}

export type ConnectorOperation = 'createThread' | 'post' | 'update' | 'member'

/** The next matching requests get this instead of a proper answer; `afterAccept` lets them happen first. */
export interface ConnectorFault {
  match: ConnectorOperation
  status: number
  headers?: Record<string, string>
  afterAccept?: boolean
  /** No answer at all, until the bot or the connector goes away. */
  hang?: boolean
  times?: number
}

export interface FakeConnector {
  url: string
  entries: readonly ConnectorEntry[]
  /** What stands in the conversations now, by activity id, the oldest first. */
  messages: ReadonlyMap<string, { conversationId: string; activity: PostedActivity; edits: number }>
  fail(fault: ConnectorFault): void
  /** A deleted message: updates of it get 404. */
  remove(activityId: string): void
  /** Resolves with the first truthy answer, asked at every change; rejects after a generous deadline. */
  waitFor<T>(look: () => T, deadlineMs?: number): Promise<NonNullable<T>>
  close(): Promise<void>
}

export async function startFakeConnector(): Promise<FakeConnector> {
  const entries: ConnectorEntry[] = []
  const messages = new Map<string, { conversationId: string; activity: PostedActivity; edits: number }>()
  const faults: ConnectorFault[] = []
  const waiting = new Set<() => void>()
  let counter = 1_700_000_000_000

  const changed = () => {
    for (const ask of [...waiting]) ask()
  }

  function accept(entry: ConnectorEntry): { status: number; body: object } {
    if (entry.operation === 'member') return { status: 200, body: { id: entry.activityId, name: 'Somebody' } }
    if (entry.operation === 'update') {
      const message = messages.get(entry.activityId)
      if (message === undefined) {
        return { status: 404, body: { error: { code: 'ActivityNotFoundInConversation', message: 'not found' } } }
      }
      message.activity = entry.activity
      message.edits += 1
      entry.accepted = true
      return { status: 200, body: { id: entry.activityId } }
    }
    counter += 1
    entry.activityId = String(counter)
    entry.accepted = true
    const channel = entry.conversationId
    if (entry.operation === 'createThread') entry.conversationId = `${channel};messageid=${entry.activityId}`
    messages.set(entry.activityId, { conversationId: entry.conversationId, activity: entry.activity, edits: 0 })
    const body =
      entry.operation === 'createThread'
        ? { id: entry.conversationId, activityId: entry.activityId }
        : { id: entry.activityId }
    return { status: 201, body }
  }

  function handle(entry: ConnectorEntry, response: ServerResponse): void {
    entries.push(entry)
    const index = faults.findIndex((each) => each.match === entry.operation)
    const fault = faults[index]
    if (fault !== undefined) {
      fault.times = (fault.times ?? 1) - 1
      if (fault.times <= 0) faults.splice(index, 1)
      if (fault.afterAccept === true) accept(entry)
      if (fault.hang === true) {
        changed()
        return
      }
      answer(entry, response, {
        status: fault.status,
        body: { error: { code: 'Scripted' } },
        ...(fault.headers && { headers: fault.headers })
      })
    } else answer(entry, response, accept(entry))
  }

  function answer(
    entry: ConnectorEntry,
    response: ServerResponse,
    { status, body, headers }: { status: number; body: object; headers?: Record<string, string> }
  ): void {
    entry.status = status
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
    changed()
  }

  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const entry = read(request, body)
      if (entry === null) {
        response.writeHead(404).end()
        return
      }
      handle(entry, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${String(port)}`,
    entries,
    messages,
    fail: (fault) => faults.push({ ...fault }),
    remove: (activityId) => messages.delete(activityId),
    waitFor: <T>(look: () => T, deadlineMs = 15_000) =>
      new Promise<NonNullable<T>>((resolve, reject) => {
        const deadline = setTimeout(() => {
          waiting.delete(ask)
          reject(new Error(`Teams did not see within ${String(deadlineMs)} ms: ${look.toString()}`))
        }, deadlineMs)
        const ask = () => {
          const seen = look()
          if (seen === undefined || seen === null || (seen as unknown) === false) return
          clearTimeout(deadline)
          waiting.delete(ask)
          resolve(seen)
        }
        waiting.add(ask)
        ask()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
  }
}

function read(request: IncomingMessage, body: unknown): ConnectorEntry | null {
  const [, version, collection, conversation, what, id] = (request.url ?? '').split('?')[0]?.split('/') ?? []
  if (version !== 'v3' || collection !== 'conversations') return null
  const conversationId = decodeURIComponent(conversation ?? '')
  const entry = {
    conversationId,
    activityId: decodeURIComponent(id ?? ''),
    activity: (body ?? {}) as PostedActivity,
    hasAuthorization: request.headers.authorization !== undefined,
    status: null,
    accepted: false
  }
  if (request.method === 'GET' && what === 'members') return { ...entry, operation: 'member' }
  if (request.method === 'PUT' && what === 'activities') return { ...entry, operation: 'update' }
  if (request.method !== 'POST') return null
  if (conversationId !== '') return { ...entry, operation: 'post' }
  const { activity, channelData } = body as { activity: PostedActivity; channelData?: { channel?: { id?: string } } }
  return { ...entry, operation: 'createThread', activity, conversationId: channelData?.channel?.id ?? '' }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? null : JSON.parse(text)
}

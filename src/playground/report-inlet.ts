// Takes reports while the playground runs: drops files into the personal chat, and lets the simulated Defender and mailbox
// have the seeded ones. Listens on loopback only and never touches the bot: everything goes through the chat or Graph.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { PERSONAL_CHAT_ID } from './agents-playground.js'
import type { GraphSimulator } from './graph-simulator/index.js'
import { fileAttachment } from './teams/person.js'
import type { SeededTenant } from './tenant.js'

/** What `npm run playground:report` can be asked for beside files. */
export const seededWays = ['alert', 'submission', 'simulation', 'mailbox', 'notJunk'] as const
export type SeededWay = (typeof seededWays)[number]

const orderSchema = z.union([
  z.object({ files: z.array(z.object({ name: z.string().min(1), base64: z.string() }).strict()).min(1) }).strict(),
  z.object({ way: z.enum(seededWays) }).strict()
])
export type ReportOrder = z.infer<typeof orderSchema>

export interface ReportInlet {
  url: string
  close(): Promise<void>
}

export interface InletDoors {
  graph: Pick<GraphSimulator, 'addAlert' | 'addSubmission' | 'addReportedMail'>
  tenant: SeededTenant
  clock: { now(): number }
  /** Address of the Agents Playground. */
  chat: string
}

export async function startReportInlet(doors: InletDoors): Promise<ReportInlet> {
  const files = new Map<string, Buffer>()
  let url = ''

  async function take(order: ReportOrder): Promise<void> {
    if ('way' in order) return raise(order.way, doors)
    const attachments = order.files.map(({ name, base64 }) => {
      const path = `/files/${randomUUID()}`
      files.set(path, Buffer.from(base64, 'base64'))
      return fileAttachment(name, url + path)
    })
    await inject(doors.chat, { type: 'message', text: '', attachments })
  }

  const server = createServer((request, response) => {
    const answer = (status: number, body?: string | Buffer) => response.writeHead(status).end(body)
    const file = files.get(request.url ?? '')
    if (request.method === 'GET') return void (file === undefined ? answer(404) : answer(200, file))
    // Only with this type a page in a browser would have to ask first, and is refused.
    const isOrder = request.method === 'POST' && request.headers['content-type'] === 'application/json'
    if (!isOrder || request.url !== '/reports') return void answer(404)
    readBody(request)
      .then((text) => take(orderSchema.parse(JSON.parse(text))))
      .then(
        () => answer(204),
        (error: unknown) => answer(400, error instanceof Error ? error.message : String(error))
      )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
  }
}

/** Any activity in the personal chat of whoever sits at the screen. */
export async function inject(chat: string, activity: object): Promise<void> {
  const endpoint = `${chat}/_internal/v1/customActivities`
  const template = await fetch(`${endpoint}/template?conversationId=${encodeURIComponent(PERSONAL_CHAT_ID)}`)
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...((await template.json()) as object), ...activity })
  })
  if (!answer.ok) throw new Error(`The chat answered ${String(answer.status)}: ${await answer.text()}`)
}

/** As something that happens now; asked again, somebody reports the same mail again. */
function raise(way: SeededWay, { graph, tenant, clock }: InletDoors): void {
  const now = clock.now()
  const id = randomUUID()
  switch (way) {
    case 'alert':
      for (const alert of tenant.alerts) graph.addAlert({ ...alert, id, createdAt: now, lastUpdatedAt: now })
      return
    case 'submission':
    case 'simulation':
      for (const submission of tenant.submissions) {
        if (submission.simulation === (way === 'simulation')) graph.addSubmission({ ...submission, id, createdAt: now })
      }
      return
    case 'mailbox':
    case 'notJunk':
      for (const mail of tenant.reportedMails) {
        const notJunk = /^not junk/i.test(mail.subject)
        if (notJunk === (way === 'notJunk')) graph.addReportedMail({ ...mail, receivedAt: now })
      }
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

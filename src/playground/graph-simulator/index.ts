// Starts a Microsoft Graph of one seeded tenant on loopback, over real HTTP. Never part of the product, never off 127.0.0.1.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { SeededTenant, TenantMessage } from '../tenant.js'
import { CONTROL_ROOT, turnSwitch } from './control.js'
import { Faults, type CannedAnswer, type Fault } from './faults.js'
import { Ledger } from './ledger.js'
import { Mailboxes } from './mailboxes.js'
import { badRequest, errorBody, GraphRefusal, identify, type Answer, type RequestIdentity } from './odata.js'
import type { GraphVersion } from './operation.js'
import { ALL_PERMISSIONS, checkRights, findRoute, type Route } from './routes.js'

export type { Fault } from './faults.js'
export type { AcceptedRemediation, Ledger, RequestEntry } from './ledger.js'
export { messageIdAskedFor } from './hunting.js'
export { MAX_COPIES_PER_CALL } from './remediate.js'
export { ALL_PERMISSIONS } from './routes.js'

export interface SimulatorOptions {
  /** Copied; later changes go through `addMessage`. */
  tenant: SeededTenant
  /** 0, the default, takes a free one. */
  port?: number
  /** Epoch milliseconds. */
  clock: { now(): number }
  /** How long after a 202 the copies lie elsewhere, by `clock`; 2000 by default. */
  moveDelayMs?: number
  /** PEM; makes it https. */
  tls?: { key: string; cert: string }
  /** Asked with the bearer token. Without it every caller is let in. */
  requireToken?: (bearer: string) => boolean
}

export interface GraphSimulator {
  /** Without version and without a slash at the end. */
  url: string
  tenantId: string
  ledger: Ledger
  faults: Faults
  /** Exactly these application permissions are granted from now on; at first all that the product needs. */
  grant(roles: string[]): void
  /** Defender for Office 365 Plan 2, on at first. */
  licence(on: boolean): void
  /** A new message, or more copies of a known one. */
  addMessage(message: TenantMessage): void
  /** Defender moves every reachable copy by itself, now. */
  zap(networkMessageId: string, location: 'junkFolder' | 'quarantine'): void
  /** Cuts every connection, the hanging ones too. */
  close(): Promise<void>
}

/** Graph takes no larger request. */
const LARGEST_BODY = 4 * 1024 * 1024

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  identity: RequestIdentity
}

/** Rejects when the port is taken. */
export async function startGraphSimulator(options: SimulatorOptions): Promise<GraphSimulator> {
  const { clock, requireToken } = options
  const tenant = structuredClone(options.tenant)
  const mailboxes = new Mailboxes(clock, options.moveDelayMs ?? 2000)
  for (const message of tenant.messages) mailboxes.add(message)
  const ledger = new Ledger()
  const faults = new Faults()
  const late = new Set<NodeJS.Timeout>()
  const rights = { granted: new Set(ALL_PERMISSIONS), licensed: true }
  const switches = {
    ledger,
    faults,
    grant: (roles: string[]) => void (rights.granted = new Set(roles)),
    licence: (on: boolean) => void (rights.licensed = on),
    addMessage: (message: TenantMessage) => mailboxes.add(structuredClone(message))
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const identity = identify(request.headers['client-request-id']?.toString())
    const exchange: Exchange = { request, response, identity }
    readBody(request)
      .then(
        (text) => (request.url?.startsWith(CONTROL_ROOT) ? control(exchange, text) : graph(exchange, text)),
        // The caller went away before its request was whole: nobody is left to answer.
        () => void response.destroy()
      )
      .catch((error: unknown) => {
        send(
          exchange,
          answerOf(exchange, () => {
            throw error
          })
        )
      })
  }
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener)
  const scheme = options.tls ? 'https' : 'http'

  function control(exchange: Exchange, text: string | null): void {
    const { request } = exchange
    const asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      contentType: request.headers['content-type']
    }
    send(
      exchange,
      answerOf(exchange, () => turnSwitch(switches, { ...asked, text: text ?? '' }))
    )
  }

  function graph(exchange: Exchange, text: string | null): void {
    const { request } = exchange
    const url = new URL(request.url ?? '/', `${scheme}://${request.headers.host ?? '127.0.0.1'}`)
    const [versionText = '', ...segments] = url.pathname.split('/').slice(1).map(decode)
    const version: GraphVersion | null = versionText === 'v1.0' || versionText === 'beta' ? versionText : null
    let route: Route | null = null
    let noRoute: unknown = null
    try {
      if (version === null) throw badRequest(`Invalid version: ${versionText}`)
      route = findRoute(request.method ?? '', segments)
    } catch (refusal) {
      noRoute = refusal
    }
    const end = ledger.arrived({
      at: clock.now(),
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      version,
      operation: route?.operation.name ?? null,
      headers: withoutToken(request),
      hasAuthorization: request.headers.authorization !== undefined,
      body: parsed(text)
    })
    const fault = faults.take(route?.operation.name ?? null)
    const name = fault && faultName(fault)
    if (fault && 'hang' in fault) return end({ status: null, fault: name })
    if (fault && 'reset' in fault && fault.reset === 'before') {
      end({ status: null, fault: name })
      return reset(request)
    }
    if (fault && 'answer' in fault) {
      end({ status: fault.answer.status, fault: name })
      return send(exchange, canned(exchange, fault.answer))
    }

    const answer = answerOf(exchange, () => {
      checkToken(request)
      if (text === null) throw new GraphRefusal(413, 'RequestEntityTooLarge', 'The request is too large.')
      if (route === null || version === null) throw noRoute
      checkRights(route.operation, rights)
      const address = { root: `${url.origin}/${version}`, path: `/${segments.map(encodeURIComponent).join('/')}` }
      return route.operation.answer({
        world: { tenant, mailboxes, ledger, clock },
        version,
        ids: route.ids,
        query: url.searchParams,
        contentType: request.headers['content-type'],
        text,
        address
      })
    })
    const happened = answer.status < 300
    if (fault && happened && 'reset' in fault) {
      end({ status: null, fault: name })
      return reset(request)
    }
    const shown = fault && happened ? altered(exchange, answer, fault) : answer
    const finish = () => {
      end({ status: shown.status, fault: name })
      send(exchange, shown)
    }
    if (!fault || !('delayMs' in fault)) return finish()
    const timer = setTimeout(() => {
      late.delete(timer)
      finish()
    }, fault.delayMs)
    late.add(timer)
  }

  function checkToken(request: IncomingMessage): void {
    if (!requireToken) return
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (bearer === undefined) throw new GraphRefusal(401, 'InvalidAuthenticationToken', 'Access token is empty.')
    if (!requireToken(bearer))
      throw new GraphRefusal(401, 'InvalidAuthenticationToken', 'Access token validation failure.')
  }

  function answerOf(exchange: Exchange, work: () => Answer): Answer {
    try {
      return work()
    } catch (error) {
      const refusal =
        error instanceof GraphRefusal ? error : new GraphRefusal(500, 'generalException', `Simulator: ${String(error)}`)
      return { status: refusal.status, body: errorBody(refusal, exchange.identity, clock.now()) }
    }
  }

  function canned(exchange: Exchange, { status, headers, body }: CannedAnswer): Answer {
    const code = { 429: 'TooManyRequests', 503: 'serviceNotAvailable' }[status] ?? 'UnknownError'
    const unsaid = status < 400 ? undefined : errorBody({ code, message: 'Scripted.' }, exchange.identity, clock.now())
    return { status, headers: headers ?? {}, body: body === undefined ? unsaid : body }
  }

  function altered(exchange: Exchange, answer: Answer, fault: Fault): Answer {
    if ('answerAfterAccept' in fault) return canned(exchange, fault.answerAfterAccept)
    if (!('location' in fault)) return answer
    const headers = { ...answer.headers }
    delete headers.Location
    return { ...answer, headers: fault.location === null ? headers : { ...headers, Location: fault.location } }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tenantId: tenant.tenantId,
    ...switches,
    faults,
    zap: (networkMessageId, location) => mailboxes.zap(networkMessageId, location),
    close: () =>
      new Promise((resolve) => {
        for (const timer of late) clearTimeout(timer)
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

function send({ response, identity }: Exchange, { status, headers = {}, body }: Answer): void {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, {
    'request-id': identity.requestId,
    'client-request-id': identity.clientRequestId,
    ...(text === '' ? {} : { 'Content-Type': 'application/json' }),
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) }),
    ...headers
  })
  response.end(text)
}

function reset({ socket }: IncomingMessage): void {
  // Only a plain TCP socket can send RST.
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

/** Null where it is larger than Graph takes. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= LARGEST_BODY) chunks.push(chunk)
  }
  return bytes > LARGEST_BODY ? null : Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string | null): unknown {
  if (text === null || text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function withoutToken(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => name !== 'authorization')
      .map(([name, value]) => [name, String(value)])
  )
}

function faultName(fault: Fault): string {
  return Object.keys(fault)
    .filter((key) => key !== 'match' && key !== 'times')
    .join('+')
}

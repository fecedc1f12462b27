// The web door: listens, lets a request pass only after every check, and drains on close. It must never hand on a
// request that a gate refused, and never answer with internals.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Response,
  type Router
} from 'express'
import { checkActivity, type ActivityRules } from './activity-gate.js'
import { failureOf } from './failure.js'
import { healthRoutes, type Readiness } from './health.js'
import { isLoopbackHost } from './loopback.js'
import { refuse } from './refusal.js'
import { RETRY_PAUSE_MS } from './signing-keys.js'
import type { TokenGate } from './token-gate.js'

const MAX_BODY_BYTES = 256 * 1024
/** A turn answers within 3 s; what is still open after this is cut off. */
const DRAIN_DEADLINE_MS = 10_000

export type ActivityRequest = { method: string; headers: IncomingHttpHeaders; body: Record<string, unknown> }

/** What botbuilder's adapter needs of a response. Nothing is sent before `onActivity` has ended. */
export type ActivityAnswer = {
  socket: unknown
  status(code: number): unknown
  header(name: string, value: unknown): unknown
  send(body?: unknown): unknown
  end(): unknown
}

type Log = (about: object, message: string) => void

export interface ServerOptions {
  host: string
  /** 0 takes a free one. */
  port: number
  /** `null`: tokens are not checked. Only on a loopback host. */
  gate: TokenGate | null
  rules: ActivityRules
  /** Gets only activities that every check let pass. */
  onActivity: (req: ActivityRequest, res: ActivityAnswer) => Promise<void>
  ready: () => Readiness
  /** The report API, which checks its callers itself; left out or `null`: there is none. */
  api?: Router | null
  log: { info: Log; warn: Log; error: Log }
}

export interface RunningServer {
  url: string
  port: number
  /** Stops accepting, lets running requests end (10 s at most), then closes every connection. */
  close(): Promise<void>
}

/** Throws when tokens are not checked on a host that others can reach; rejects with Node's error when it cannot listen. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, gate } = options
  if (!gate && !isLoopbackHost(host)) {
    throw new Error(`authentication can be off only on a loopback address, not on "${host}"`)
  }
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 16 * 1024 },
    createApp(options)
  )
  let closing: Promise<void> | undefined
  server.prependListener('request', (_req, res) => {
    // A kept-alive connection would otherwise outlive its last answer and hold up the drain.
    res.once('close', () => closing && setImmediate(() => server.closeIdleConnections()))
  })
  server.listen(options.port, host)
  await once(server, 'listening')

  const close = async (): Promise<void> => {
    const cutOff = setTimeout(() => server.closeAllConnections(), DRAIN_DEADLINE_MS)
    await new Promise((resolve) => server.close(resolve))
    clearTimeout(cutOff)
  }
  const { port } = server.address() as AddressInfo
  const authority = host.includes(':') ? `[${host}]` : host
  return { url: `http://${authority}:${port}`, port, close: () => (closing ??= close()) }
}

function createApp(options: ServerOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use((_req, res, next) => {
    res.set({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    next()
  })
  app.use(healthRoutes(options.ready))
  app.post(
    '/api/messages',
    requireJson(options),
    express.json({ limit: MAX_BODY_BYTES }),
    checkToken(options),
    checkContent(options),
    handOver(options)
  )
  app.all('/api/messages', (_req, res) => {
    refuse(res.set('allow', 'POST'), 405)
  })
  if (options.api) app.use(options.api)
  app.use((_req, res) => {
    refuse(res, 404)
  })
  app.use(answerError(options))
  return app
}

function requireJson({ log }: ServerOptions): RequestHandler {
  return (req, res, next) => {
    if (/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '')) {
      next()
      return
    }
    turnAway(res, log, { status: 415, reason: 'not JSON' })
  }
}

function checkToken({ gate, log }: ServerOptions): RequestHandler {
  return async (req, res, next) => {
    // The only thing read from a body that nobody has vouched for yet.
    const { serviceUrl } = (req.body ?? {}) as { serviceUrl?: unknown }
    const verdict = await gate?.check(
      req.headers.authorization,
      typeof serviceUrl === 'string' ? serviceUrl : undefined
    )
    if (!verdict || verdict.ok) {
      next()
      return
    }
    if (verdict.status === 401) res.set('www-authenticate', 'Bearer')
    else res.set('retry-after', String(RETRY_PAUSE_MS / 1000))
    turnAway(res, log, verdict)
  }
}

function checkContent({ rules, log }: ServerOptions): RequestHandler {
  return (req, res, next) => {
    const verdict = checkActivity(req.body, rules)
    if (verdict.ok) {
      next()
      return
    }
    turnAway(res, log, verdict)
  }
}

function handOver({ onActivity, log }: ServerOptions): RequestHandler {
  return async (req, res) => {
    let status = 200
    let body: unknown
    // botbuilder puts an exception's message into its answer, so its answer is held back and looked at first.
    const answer: ActivityAnswer = {
      socket: res.socket,
      status: (code) => (status = code),
      header: (name, value) => res.setHeader(name, String(value)),
      send: (content) => (body = content),
      end: () => undefined
    }
    try {
      await onActivity({ method: req.method, headers: req.headers, body: req.body as Record<string, unknown> }, answer)
    } catch (error) {
      answerFailure(res, log, error)
      return
    }
    if (status < 400) {
      res.status(status)
      if (body === undefined) res.end()
      else res.json(body)
      return
    }
    const correlationId = randomUUID()
    log.warn({ status, correlationId }, 'the activity handler refused an activity')
    refuse(res, status, correlationId)
  }
}

function answerError({ log }: ServerOptions): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters
  return (error: unknown, _req, res, _next) => {
    const status = (error as { status?: unknown } | null)?.status
    if (typeof status === 'number' && status >= 400 && status < 500) {
      turnAway(res, log, { status, reason: 'unreadable body' })
    } else {
      answerFailure(res, log, error)
    }
  }
}

function turnAway(res: Response, log: ServerOptions['log'], why: { status: number; reason: string }): void {
  log.warn({ status: why.status, reason: why.reason }, 'request refused')
  refuse(res, why.status)
}

function answerFailure(res: Response, log: ServerOptions['log'], error: unknown): void {
  const correlationId = randomUUID()
  log.error({ correlationId, ...failureOf(error) }, 'request failed')
  if (res.headersSent) res.destroy()
  else refuse(res, 500, correlationId)
}

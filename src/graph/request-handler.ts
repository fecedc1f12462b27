// The innermost link of the Graph client's chain: one HTTP request, and whether it can have left. Never repeats a request.
import { Agent, request as plain, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as encrypted } from 'node:https'
import { Readable } from 'node:stream'
import type { Context, Middleware, MiddlewareOptions } from '@microsoft/microsoft-graph-client'

/**
 * How far one request came. GraphError drops the cause of a failed request, so that a refused connection and a reset
 * after the request was written look alike outside the chain; this is handed through it instead.
 */
export class Journey implements MiddlewareOptions {
  /** Whether the request can have reached Graph. */
  left = false
  /** Whether it ended before it began, for want of a token. */
  tokenRefused = false
  /** What stopped it, for the log. */
  cause: unknown = null
}

/** Shorter than what servers are known to keep: a request on a connection that they have just closed fails. */
const IDLE_MS = 4000
const LARGEST_HEADER_BYTES = 16 * 1024
/** Those whose answer has no body, for which a Response refuses one. */
const WITHOUT_BODY: readonly unknown[] = [204, 205, 304]

/**
 * By node:http and not by fetch, which sends a body again by itself after a 421 and follows redirects,
 * https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
 */
export class RequestHandler implements Middleware {
  private readonly reads: Agent

  /** @param root every address must begin with it, whatever the client makes of a path. */
  constructor(private readonly root: string) {
    this.reads = new (isEncrypted(root) ? TlsAgent : Agent)({ keepAlive: true, maxFreeSockets: 4, timeout: IDLE_MS })
  }

  async execute(context: Context): Promise<void> {
    const journey = context.middlewareControl?.getMiddlewareOptions(Journey)
    if (!(journey instanceof Journey) || typeof context.request !== 'string')
      throw new TypeError('not a request of ours')
    // As it will be asked for, its `..` resolved.
    const { href } = new URL(context.request)
    if (!href.startsWith(this.root)) throw new TypeError('outside the configured Graph')
    const options = context.options as RequestInit
    options.signal?.throwIfAborted()
    try {
      context.response = await this.ask(href, options, journey)
    } catch (error) {
      journey.cause = error
      throw error
    }
  }

  private async ask(href: string, options: RequestInit, journey: Journey): Promise<Response> {
    const { method = 'GET', signal } = options
    const body = options.body ?? ''
    if (typeof body !== 'string') throw new TypeError('not a body of ours')
    const headers = new Headers(options.headers)
    headers.set('User-Agent', 'phish-triage-bot')
    // Nothing here would decompress it.
    headers.set('Accept-Encoding', 'identity')
    if (method !== 'GET') headers.set('Content-Length', String(Buffer.byteLength(body)))
    const outgoing = (isEncrypted(href) ? encrypted : plain)(href, {
      method,
      headers: Object.fromEntries(headers),
      // A kept connection that the server has just closed would leave the outcome of a POST unknown.
      agent: method === 'GET' ? this.reads : false,
      maxHeaderSize: LARGEST_HEADER_BYTES
    })
    // Lasts until the answer's body has ended. The option `signal` is not documented to.
    const abort = () => outgoing.destroy(signal?.reason as Error)
    signal?.addEventListener('abort', abort, { once: true })
    outgoing.once('close', () => signal?.removeEventListener('abort', abort))
    sendWhenConnected(outgoing, body, journey)
    try {
      return responseOf(await answerTo(outgoing))
    } catch (error) {
      outgoing.destroy()
      throw error
    }
  }
}

/** Writes nothing before the connection stands and its certificate is accepted: until then nothing can have left. */
function sendWhenConnected(outgoing: ClientRequest, body: string, journey: Journey): void {
  const send = () => {
    journey.left = true
    outgoing.end(body)
  }
  outgoing.once('socket', (socket) => {
    if (outgoing.reusedSocket) send()
    else socket.once(outgoing.protocol === 'https:' ? 'secureConnect' : 'connect', send)
  })
}

function answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve)
    // Not once: the connection can still break while the answer's body is read, which then sees it itself.
    outgoing.on('error', reject)
    // After a 101 there is neither an answer nor an error.
    outgoing.once('close', () => reject(new Error('the connection ended without an answer')))
  })
}

function responseOf(incoming: IncomingMessage): Response {
  const { statusCode: status = 0, rawHeaders } = incoming
  const headers = new Headers()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  if (!WITHOUT_BODY.includes(status)) {
    return new Response(Readable.toWeb(incoming) as ReadableStream<Uint8Array>, { status, headers })
  }
  incoming.destroy()
  return new Response(null, { status, headers })
}

function isEncrypted(address: string): boolean {
  return address.startsWith('https:')
}

// One Microsoft Graph client for all calls of the bot. Never sends a request twice by itself, except once after a 401.
import { randomUUID } from 'node:crypto'
import type { TokenCredential } from '@azure/identity'
import {
  AuthenticationHandler,
  AuthenticationHandlerOptions,
  Client,
  ResponseType,
  type AuthenticationProvider
} from '@microsoft/microsoft-graph-client'
import { Journey, RequestHandler } from './request-handler.js'

export type GraphVersion = 'v1.0' | 'beta'

export type GraphLog = (event: string, detail: Record<string, unknown>) => void

export interface GraphClientSettings {
  /** `https://graph.microsoft.com`, another cloud's root, or a stand-in; no version. */
  baseUrl: string
  version: GraphVersion
  /** Makes a credential that has no token yet; null sends no token at all (a simulator on loopback). */
  newCredential: (() => TokenCredential) | null
  log: GraphLog
}

export interface GraphRequest {
  method: 'GET' | 'POST'
  /** Below the version, query included and already encoded. */
  path: string
  body?: unknown
  contentType?: string
  /** RFC 7240. */
  prefer?: string
  /** Bounds everything: the token, the request, a repetition after 401, and the answer's body. */
  deadline: AbortSignal
  /** `nothing`: the body of a 2xx is not waited for. `bytes`: the body of a 2xx is taken as it is. */
  expects: 'json' | 'nothing' | 'bytes'
  /** The most bytes of an answer that are read. */
  largest?: number
}

export type GraphAnswer =
  | {
      kind: 'answered'
      status: number
      headers: Headers
      requestId: string | null
      /** Parsed, or a Uint8Array where bytes were expected; null where it is empty, not JSON, too large, or was cut off. */
      body: unknown
    }
  /** No byte of it reached Graph. */
  | { kind: 'notSent'; why: 'noToken' | 'noConnection' }
  /** It may have reached Graph. */
  | { kind: 'lost'; timedOut: boolean }

export interface GraphClient {
  version: GraphVersion
  /** Where every request goes: base URL and version, without a slash at the end. */
  root: string
  /** Never throws for anything the network, Entra or Graph did. */
  send(request: GraphRequest): Promise<GraphAnswer>
}

/** A token that takes longer must not eat the time in which Graph could answer. */
const TOKEN_MS = 10_000
/** A page of 1,000 copies has about 3 MB. */
const LARGEST_ANSWER = 32 * 1024 * 1024

export function createGraphClient(settings: GraphClientSettings): GraphClient {
  const { version, newCredential, log } = settings
  const base = new URL(settings.baseUrl)
  const root = `${base.href.replace(/\/+$/, '')}/${version}`
  const requestHandler = new RequestHandler(`${root}/`)
  let credential = newCredential?.() ?? null
  const client = Client.initWithMiddleware({
    baseUrl: base.href,
    defaultVersion: version,
    // The default chain re-sends a POST on 429, 503 and 504, and follows redirects with the body to any host.
    middleware: credential === null ? requestHandler : [new AuthenticationHandler(noToken), requestHandler],
    // The token goes to this host only, and only over https: the client's own check.
    customHosts: new Set([base.hostname])
  })

  async function attempt(request: GraphRequest): Promise<GraphAnswer> {
    const { deadline } = request
    const journey = new Journey()
    const middlewareOptions = [journey, ...(credential === null ? [] : [tokenFor(credential, journey, deadline)])]
    const call = client
      .api(request.path)
      .header('client-request-id', randomUUID())
      .option('signal', deadline)
      .middlewareOptions(middlewareOptions)
      // Any other type throws the headers away.
      .responseType(ResponseType.RAW)
    if (request.contentType !== undefined) call.header('Content-Type', request.contentType)
    if (request.prefer !== undefined) call.header('Prefer', request.prefer)
    let response: Response
    try {
      response = (await (request.method === 'GET' ? call.get() : call.post(request.body))) as Response
    } catch (error) {
      const why = journey.tokenRefused ? 'noToken' : 'noConnection'
      log('graph.failed', {
        path: request.path.split('?')[0],
        outcome: journey.left ? 'lost' : why,
        cause: words(journey.cause ?? error)
      })
      return journey.left ? { kind: 'lost', timedOut: deadline.aborted } : { kind: 'notSent', why }
    }
    return answered(response, request)
  }

  function tokenFor(from: TokenCredential, journey: Journey, deadline: AbortSignal): AuthenticationHandlerOptions {
    const getAccessToken = async () => {
      try {
        const abortSignal = AbortSignal.any([deadline, AbortSignal.timeout(TOKEN_MS)])
        const token = await within(abortSignal, from.getToken(`${base.origin}/.default`, { abortSignal }))
        if (token === null) throw new TypeError('the credential has no token')
        return token.token
      } catch (error) {
        journey.tokenRefused = true
        journey.cause = error
        throw error
      }
    }
    return new AuthenticationHandlerOptions({ getAccessToken })
  }

  return {
    version,
    root,
    async send(request) {
      const first = await attempt(request)
      if (first.kind !== 'answered' || first.status !== 401) return first
      // A 401 means that nothing was accepted. A new credential has no cached token; only a managed identity's cache is
      // shared within the process, so there the second request may carry the same one.
      credential = newCredential?.() ?? null
      return attempt(request)
    }
  }
}

// Each request brings its own way to a token, with its own deadline.
const noToken: AuthenticationProvider = {
  getAccessToken: () => Promise.reject(new TypeError('a request without a token source'))
}

/** @azure/identity does not end every wait at the signal, so the wait itself is given up. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason as Error)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

async function answered(response: Response, request: GraphRequest): Promise<GraphAnswer> {
  const { status, headers } = response
  const unread = response.ok && request.expects === 'nothing'
  const bytes = unread ? null : await readBytes(response, request.largest ?? LARGEST_ANSWER)
  if (unread) await response.body?.cancel().catch(() => undefined)
  const body = response.ok && request.expects === 'bytes' ? bytes : parsed(bytes)
  return { kind: 'answered', status, headers, requestId: headers.get('request-id')?.slice(0, 100) ?? null, body }
}

async function readBytes(response: Response, largest: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > largest) return null
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch {
    return null
  }
}

function parsed(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return null
  }
}

/** Of our own machine and of Entra's answer; neither token nor body is in it. */
function words(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown'
  const inner = cause.cause instanceof Error ? `: ${codeOf(cause.cause) ?? cause.cause.name}` : ''
  // Where a name has several addresses and each failed, there is no message.
  return `${cause.name}: ${cause.message || (codeOf(cause) ?? '')}`.slice(0, 500) + inner
}

function codeOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

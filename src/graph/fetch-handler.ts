// The innermost link of the Graph client's chain: one fetch, and whether its request can have left. Never repeats a request.
import type { Context, Middleware, MiddlewareOptions } from '@microsoft/microsoft-graph-client'

/**
 * How far one request came. GraphError drops the cause of a failed fetch, so that a refused connection and a reset after
 * the request was written look alike outside the chain; this is handed through it instead.
 */
export class Journey implements MiddlewareOptions {
  /** Whether the request can have reached Graph. */
  left = false
  /** Whether it ended before it began, for want of a token. */
  tokenRefused = false
  /** What stopped it, for the log. */
  cause: unknown = null
}

export class FetchHandler implements Middleware {
  /** @param root every address must begin with it, whatever the client makes of a path. */
  constructor(private readonly root: string) {}

  async execute(context: Context): Promise<void> {
    const journey = context.middlewareControl?.getMiddlewareOptions(Journey)
    if (!(journey instanceof Journey) || typeof context.request !== 'string')
      throw new TypeError('not a request of ours')
    if (!context.request.startsWith(this.root)) throw new TypeError('outside the configured Graph')
    const options = context.options as RequestInit
    options.signal?.throwIfAborted()
    try {
      journey.left = true
      // By default fetch follows a 307 with the body, to any host.
      context.response = await fetch(context.request, { ...options, ...once(options.body), redirect: 'manual' })
    } catch (error) {
      journey.left = !neverConnected(error)
      journey.cause = error
      throw error
    }
  }
}

/**
 * A body that can be read only once: after a 421 fetch would send a text again by itself,
 * https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
 */
function once(body: RequestInit['body']): { body?: ReadableStream; duplex?: 'half' } {
  return typeof body === 'string' ? { body: new Blob([body]).stream(), duplex: 'half' } : {}
}

// A certificate is checked before the first byte of the request is written. Other TLS errors can come later: with
// TLS 1.3 a server's alert may arrive after the request.
const CERTIFICATE_REFUSED: readonly unknown[] = [
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID'
]

/** True only where the name was not resolved, no connection came about, or its certificate was refused. */
function neverConnected(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : null
  // Where a name has several addresses, each was tried and failed on its own.
  const failures: unknown[] = cause instanceof AggregateError ? cause.errors : [cause]
  return failures.length > 0 && failures.every(beforeRequest)
}

function beforeRequest(failure: unknown): boolean {
  if (!(failure instanceof Error)) return false
  const { code, syscall } = failure as NodeJS.ErrnoException
  // Node names the call that failed: a reset of an open connection is a `read` or `write`.
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true
  return code === 'UND_ERR_CONNECT_TIMEOUT' || CERTIFICATE_REFUSED.includes(code)
}

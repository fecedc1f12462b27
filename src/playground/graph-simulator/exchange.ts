// One request and its answer on the wire. Knows nothing of Graph's operations.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Answer, RequestIdentity } from './odata.js'

export interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  identity: RequestIdentity
}

/** Graph takes no larger request. */
const LARGEST_BODY = 4 * 1024 * 1024

export function send({ response, identity }: Exchange, { status, headers = {}, body }: Answer): void {
  const isPlain = typeof body === 'string' || body instanceof Uint8Array
  const text = body === undefined ? '' : isPlain ? body : JSON.stringify(body)
  response.writeHead(status, {
    'request-id': identity.requestId,
    'client-request-id': identity.clientRequestId,
    ...(text === '' ? {} : { 'Content-Type': 'application/json' }),
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) }),
    ...headers
  })
  response.end(text)
}

export function reset({ socket }: IncomingMessage): void {
  // Only a plain TCP socket can send RST.
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

/** Null where it is larger than Graph takes. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= LARGEST_BODY) chunks.push(chunk)
  }
  return bytes > LARGEST_BODY ? null : Buffer.concat(chunks).toString('utf8')
}

export function parsed(text: string | null): unknown {
  if (text === null || text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

export function withoutToken(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => name !== 'authorization')
      .map(([name, value]) => [name, String(value)])
  )
}

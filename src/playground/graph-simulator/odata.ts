// Graph's way to answer: OData error bodies and the refusals that become one. Holds no rule about any operation.
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'

export interface Answer {
  status: number
  headers?: Record<string, string>
  /** Strings and bytes are sent as they are, anything else as JSON; absent is an empty body. */
  body?: unknown
}

/** Thrown by an operation to answer with an OData error. */
export class GraphRefusal extends Error {
  override name = 'GraphRefusal'

  constructor(
    readonly status: number,
    readonly code: string,
    message: string
  ) {
    super(message)
  }
}

export function badRequest(message: string): GraphRefusal {
  return new GraphRefusal(400, 'BadRequest', message)
}

/** What identifies one request in answers, logs and support tickets. */
export interface RequestIdentity {
  requestId: string
  clientRequestId: string
}

export function identify(clientRequestId: string | undefined): RequestIdentity {
  const requestId = randomUUID()
  return { requestId, clientRequestId: clientRequestId ?? requestId }
}

/** @param now epoch milliseconds. */
export function errorBody(refusal: { code: string; message: string }, identity: RequestIdentity, now: number): unknown {
  return {
    error: {
      code: refusal.code,
      message: refusal.message,
      innerError: {
        // Graph writes this one without milliseconds and without a zone.
        date: new Date(now).toISOString().slice(0, 19),
        'request-id': identity.requestId,
        'client-request-id': identity.clientRequestId
      }
    }
  }
}

/** Parses a JSON body against a schema. Throws the refusals that Graph's own deserializer would answer. */
export function readJson<S extends z.ZodTypeAny>(
  schema: S,
  request: { contentType: string | undefined; text: string }
): z.output<S> {
  const mediaType = request.contentType?.split(';')[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json')
    throw new GraphRefusal(400, 'RequestBodyRead', 'Entity only allows writes with a JSON Content-Type header.')
  let value: unknown
  try {
    value = JSON.parse(request.text)
  } catch {
    throw badRequest(
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.'
    )
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data as z.output<S>
  const issue = result.error.issues[0]
  throw badRequest(`Invalid value for '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'not readable'}.`)
}

/** An OData string literal's content, where a quote is written twice. */
export function unquote(literal: string): string {
  return literal.replaceAll("''", "'")
}

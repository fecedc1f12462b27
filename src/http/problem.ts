// Says no to a caller of the report API, as RFC 9457 has it, with what to do next. It must never carry internals or a stack.
import type { Response } from 'express'
import { z } from 'zod/v4'

const WORDS = {
  unreadableRequest: {
    status: 400,
    title: 'The request could not be read',
    detail: 'Check the address; a body must be one JSON object in UTF-8. Correct it, then send it again.'
  },
  invalidReport: {
    status: 400,
    title: 'The report is not valid',
    detail:
      'Correct what "errors" names, then send it again. A report has "message" or "mail", and may have "recipients", "reporter" and "note".'
  },
  invalidIdempotencyKey: {
    status: 400,
    title: 'The Idempotency-Key is not valid',
    detail: 'Send 1 to 255 printable ASCII characters, for example a GUID; or leave the header out.'
  },
  unauthorized: {
    status: 401,
    title: 'The request is not authorized',
    detail:
      'Send "Authorization: Bearer" with a current v2.0 access token for this API, issued by its own tenant to an application (client credentials).'
  },
  applicationOnly: {
    status: 403,
    title: 'This API serves applications, not people',
    detail: "Get a token with the client credentials flow; a user's token is not accepted, whatever it may do."
  },
  missingRole: {
    status: 403,
    title: 'The application lacks a role',
    detail:
      'Ask an administrator to grant the application the role that the OpenAPI document names, then get a new token.'
  },
  caseNotFound: {
    status: 404,
    title: 'There is no such case',
    detail: 'Use the "case" of an answer to POST /api/reports, for example PT-1042.'
  },
  methodNotAllowed: {
    status: 405,
    title: 'The method is not allowed here',
    detail: 'Use a method that the "Allow" header lists.'
  },
  stillRunning: {
    status: 409,
    title: 'The same request is still being worked on',
    detail: 'Send the same request with the same Idempotency-Key again after the seconds in "Retry-After".'
  },
  tooLarge: {
    status: 413,
    title: 'The request is too large',
    detail:
      'A mail may have 10 MiB, the whole request 14 MiB. Send the networkMessageId or the Message-ID as "message" instead.'
  },
  unsupportedMediaType: {
    status: 415,
    title: 'The media type is not supported',
    detail: 'Send the body as "Content-Type: application/json" in UTF-8, without a Content-Encoding.'
  },
  keyReused: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    detail: 'Send a new key with a new request; to repeat a request, send exactly the same one.'
  },
  unreadableMail: {
    status: 422,
    title: 'The mail names no message',
    detail: 'Send the networkMessageId or the Message-ID as "message" instead.'
  },
  tooManyReports: {
    status: 429,
    title: 'Too many reports of mail that cannot be found',
    detail: 'Wait for the seconds in "Retry-After", then send it again.'
  },
  failed: {
    status: 500,
    title: 'Something went wrong here',
    detail:
      'Send it again, with the same Idempotency-Key. If it goes on, give the "correlationId" to whoever runs the bot.'
  },
  unavailable: {
    status: 503,
    title: 'The token cannot be checked now',
    detail: 'Send it again after the seconds in "Retry-After".'
  }
} as const

export type ProblemName = keyof typeof WORDS

export const problemSchema = z.strictObject({
  type: z.enum(Object.keys(WORDS).map((name) => typeOf(name as ProblemName))).meta({ format: 'uri' }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ description: 'What to do.' }),
  errors: z
    .array(z.strictObject({ pointer: z.string(), detail: z.string() }))
    .optional()
    .meta({ description: 'What is wrong, each with a JSON Pointer (RFC 6901) as a fragment.' }),
  correlationId: z.string().optional().meta({ description: 'Stands in the log of the bot too.' })
})

/** Words of our own only: nothing that was received, except the names of members that do not exist. */
export type ProblemFacts = {
  /** Stands before what to do. */
  because?: string
  errors?: { pointer: string; detail: string }[]
  correlationId?: string
}

export type Problem = z.infer<typeof problemSchema>

export function problemOf(name: ProblemName, { because, ...facts }: ProblemFacts = {}): Problem {
  const { status, title, detail } = WORDS[name]
  return {
    type: typeOf(name),
    title,
    status,
    detail: because === undefined ? detail : `${because} ${detail}`,
    ...facts
  }
}

export function sendProblem(res: Response, problem: Problem): void {
  res.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

function typeOf(name: ProblemName): string {
  return `urn:phish-triage:problem:${name}`
}

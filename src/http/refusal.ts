// Says no to a request in one small shape. It must never carry internals, a stack or anything that was received.
import type { Response } from 'express'

const WORDS = {
  400: { code: 'badRequest', message: 'The request could not be read.' },
  401: { code: 'unauthorized', message: 'The request is not authorized.' },
  403: { code: 'forbidden', message: 'This bot does not serve the sender.' },
  404: { code: 'notFound', message: 'There is nothing here.' },
  405: { code: 'methodNotAllowed', message: 'Use POST.' },
  413: { code: 'tooLarge', message: 'The request is too large.' },
  415: { code: 'unsupportedMediaType', message: 'Send JSON.' },
  500: { code: 'internalError', message: 'Something went wrong here.' },
  503: { code: 'unavailable', message: 'The request cannot be checked now. Try again.' }
} as const

/** Takes any status; one without words of its own gets the general ones. `correlationId` also stands in the log. */
export function refuse(res: Response, status: number, correlationId?: string): void {
  const words = WORDS[Object.hasOwn(WORDS, status) ? (status as keyof typeof WORDS) : 500]
  res.status(status).json({ error: { ...words, ...(correlationId ? { correlationId } : {}) } })
}

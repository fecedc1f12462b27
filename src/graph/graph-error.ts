// Reads what Graph says when it does not do as asked. Never decides what happens next.
import type { GraphAnswer } from './graph-client.js'

type Answered = Extract<GraphAnswer, { kind: 'answered' }>

export interface GraphRefusal {
  /** Graph's own code, or `HTTP 409` where the answer holds none. */
  code: string
  message: string
  requestId: string | null
}

const LONGEST_CODE = 100
const LONGEST_MESSAGE = 500

/** https://learn.microsoft.com/graph/errors: `{error: {code, message, innerError: {request-id}}}`. */
export function refusalIn(answer: Answered): GraphRefusal {
  const error = field(answer.body, 'error')
  const inner = text(field(field(error, 'innerError'), 'request-id'), LONGEST_CODE)
  return {
    code: text(field(error, 'code'), LONGEST_CODE) || `HTTP ${answer.status}`,
    message: text(field(error, 'message'), LONGEST_MESSAGE),
    requestId: answer.requestId ?? (inner || null)
  }
}

/**
 * Whether this version of Graph has no such operation. Graph's code for it is the `BadRequest` of any other mistake, so
 * this is one of the two places where only the words can tell; nothing but a hint depends on it.
 */
export function lacksOperation(status: number, refusal: GraphRefusal): boolean {
  return (status === 400 || status === 404) && /\bfor the segment\b/i.test(refusal.message)
}

export function versionHint(version: string): string {
  return `Microsoft Graph has no such operation in version ${version}: check the setting GRAPH_API_VERSION.`
}

/**
 * Whether Defender for Office 365 Plan 2 is missing. Neither status nor code is documented; what others have seen are the
 * words "Invalid subscription", so code and message are both looked at. Nothing but the words on a card depends on it.
 */
export function lacksLicence(status: number, refusal: GraphRefusal): boolean {
  return status >= 400 && status < 500 && /\binvalid ?subscription\b/i.test(`${refusal.code} ${refusal.message}`)
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** RFC 9110 §10.2.3: seconds or an HTTP date. Null where it is missing or neither. */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const value = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const at = HTTP_DATE.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

function text(value: unknown, longest: number): string {
  return typeof value === 'string' ? value.slice(0, longest) : ''
}

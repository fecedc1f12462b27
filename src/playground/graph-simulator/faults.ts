// Scripted faults: what the next matching requests meet instead of, or after, the real answer. Never fires unasked.
import { validateHeaderValue } from 'node:http'
import { z } from 'zod'
import { OPERATION_NAMES, type OperationName } from './operation.js'

const headerValue = z.string().superRefine((value, context) => {
  try {
    validateHeaderValue('location', value)
  } catch {
    context.addIssue({ code: 'custom', message: 'cannot be sent in a header' })
  }
})

/** An error status without a body gets an OData error; a string body is sent as it is. */
const cannedAnswer = z
  .object({
    status: z.number().int().min(200).max(599),
    headers: z.record(headerValue).optional(),
    body: z.unknown().optional()
  })
  .strict()

const target = {
  match: z.enum([...OPERATION_NAMES, 'any']),
  /** How many requests meet it; 1 by default. */
  times: z.number().int().positive().optional()
}

/**
 * `answer` and `reset: 'before'` and `hang` leave the request undone. `answerAfterAccept`, `reset: 'after'` and
 * `location` let it happen first; where Graph refuses it, the refusal is answered. `delayMs` does it at once and answers late.
 */
export const faultSchema = z.union([
  z.object({ ...target, answer: cannedAnswer }).strict(),
  z.object({ ...target, answerAfterAccept: cannedAnswer }).strict(),
  z.object({ ...target, reset: z.enum(['before', 'after']) }).strict(),
  z.object({ ...target, hang: z.literal(true) }).strict(),
  z.object({ ...target, location: headerValue.nullable() }).strict(),
  z.object({ ...target, delayMs: z.number().int().positive() }).strict()
])

export type Fault = z.infer<typeof faultSchema>
export type CannedAnswer = z.infer<typeof cannedAnswer>

export class Faults {
  #queue: { fault: Fault; left: number }[] = []

  /** Throws a ZodError for a fault that could not be played. */
  add(...faults: Fault[]): void {
    for (const given of faults) {
      const fault = faultSchema.parse(given)
      this.#queue.push({ fault, left: fault.times ?? 1 })
    }
  }

  clear(): void {
    this.#queue = []
  }

  /** Requests that still have a fault before them. */
  get pending(): number {
    return this.#queue.reduce((sum, item) => sum + item.left, 0)
  }

  /** The first fault in line for this operation, used up by one. */
  take(operation: OperationName | null): Fault | null {
    const item = this.#queue.find(({ fault }) => fault.match === 'any' || fault.match === operation)
    if (!item) return null
    item.left -= 1
    if (item.left === 0) this.#queue = this.#queue.filter((other) => other !== item)
    return item.fault
  }
}

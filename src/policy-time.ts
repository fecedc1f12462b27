// The part of the policy file about time: reminder, escalation, expiry, and who is mentioned. Decides nothing.
import { z } from 'zod/v4'
import { type Policy, defaultTime } from './case/policy.js'

const unitMs = { m: 60_000, h: 3_600_000, d: 24 * 3_600_000 }
const example = 'like 30m, 2h or 4d'

/** Milliseconds of "30m", "2h" or "4d"; a sentence where it is none of these. */
function readDuration(text: string, mostDays: number): number | string {
  const [, count, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? []
  if (count === undefined) return `must be a duration ${example}`
  const ms = Number(count) * unitMs[unit as keyof typeof unitMs]
  return ms > mostDays * unitMs.d ? `may be at most ${String(mostDays)}d` : ms
}

function duration(mostDays: number) {
  return z.string(`must be a duration ${example}`).transform((text, context) => {
    const read = readDuration(text, mostDays)
    if (typeof read === 'number') return read
    context.addIssue(read)
    return z.NEVER
  })
}

function durationOrNever(mostDays: number) {
  return z.string(`must be never or a duration ${example}`).transform((text, context) => {
    const read = text === 'never' ? null : readDuration(text, mostDays)
    if (typeof read !== 'string') return read
    context.addIssue(read)
    return z.NEVER
  })
}

/** More would be a crowd, and each one is looked up before the post. */
const mostMentioned = 20
const people = z
  .array(z.guid('must be an Entra object id (a GUID), not a name or an e-mail address'))
  .max(mostMentioned, `may name at most ${String(mostMentioned)}`)
  .default([])
const tags = z
  .array(z.string().regex(/^[\w+/=-]{1,500}$/, "must be a tag's id from Microsoft Graph, not its name"))
  .max(mostMentioned, `may name at most ${String(mostMentioned)}`)
  .default([])

// Defender keeps mail for 30 days: a case that waits longer can do nothing any more.
const time = z
  .strictObject({
    remindAfter: durationOrNever(30).prefault('30m'),
    escalateAfter: durationOrNever(30).prefault('2h'),
    approvalsWithin: duration(7).prefault('4h'),
    expireAfter: duration(30).prefault('30d')
  })
  .transform(({ remindAfter, escalateAfter, approvalsWithin, expireAfter }): Policy['time'] => ({
    remindAfterMs: remindAfter,
    escalateAfterMs: escalateAfter,
    approvalsWithinMs: approvalsWithin,
    expireAfterMs: expireAfter
  }))
  .refine(
    ({ remindAfterMs, escalateAfterMs }) =>
      remindAfterMs === null || escalateAfterMs === null || remindAfterMs < escalateAfterMs,
    { path: ['escalateAfter'], message: 'must be longer than remindAfter' }
  )

/** To be spread into the schema of the whole file. */
export const timeFields = {
  time: time.default(defaultTime.time),
  escalateTo: z
    .strictObject({ name: z.string().trim().min(1, 'needs a name to show').max(60), users: people, tags })
    .default(defaultTime.escalateTo),
  onCall: z.strictObject({ users: people }).default(defaultTime.onCall)
}

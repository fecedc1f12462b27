// The two advanced-hunting queries that look for more mail: by what a person remembers, and like a known message. Fixed but for escaped literals.
// https://learn.microsoft.com/defender-xdr/advanced-hunting-emailevents-table
import { z } from 'zod'
import { GUID } from './guid.js'
import { kqlLiteral } from './hunting-query.js'
import { textUpTo } from './loose-schema.js'

const LONGEST_WANTED = 500
/** One more is asked for, to tell whether there are more. */
export const MOST_MESSAGES = 50

const DAY_MS = 24 * 60 * 60 * 1000
/** Defender keeps mail for so long. */
const WINDOW_MS = 30 * DAY_MS

const SUMMARY =
  'summarize Received = min(Timestamp), Subject = take_any(Subject), SenderFromAddress = take_any(SenderFromAddress), ' +
  'Copies = count()'

export interface Wanted {
  /** The whole address of the sender. */
  from?: string
  /** Any part of the subject. */
  subject?: string
  /** How far back, in milliseconds; 30 days at most. */
  sinceMs: number
  /** Only what arrived at least so long ago, in milliseconds. */
  untilMs?: number
}

/** Null for what no mail can match: neither sender nor subject, too long, or with a character that no literal may hold. */
export function findQuery(wanted: Wanted, now: number): string | null {
  const { from = '', subject = '' } = wanted
  if ((from === '' && subject === '') || from.length > LONGEST_WANTED || subject.length > LONGEST_WANTED) return null
  const [sender, part] = [kqlLiteral(from), kqlLiteral(subject)]
  if (sender === null || part === null) return null
  const ago = (ms: number) => `datetime(${new Date(now - Math.min(Math.max(ms, 0), WINDOW_MS)).toISOString()})`
  return [
    `let sender = ${sender};`,
    `let part = ${part};`,
    'EmailEvents',
    `| where Timestamp >= ${ago(wanted.sinceMs)}`,
    ...(wanted.untilMs === undefined ? [] : [`| where Timestamp <= ${ago(wanted.untilMs)}`]),
    '| where isempty(sender) or SenderFromAddress =~ sender',
    '| where isempty(part) or Subject contains part',
    `| ${SUMMARY} by NetworkMessageId`,
    `| top ${MOST_MESSAGES + 1} by Received desc`
  ].join('\n')
}

/** Null for what is no id. Subjects are compared without their case, outer spaces and marks of answers and forwards. */
export function clusterQuery(networkMessageId: string): string | null {
  if (!GUID.test(networkMessageId)) return null
  const normalised = String.raw`tolower(trim(@"\s+", replace_regex(Subject, @"(?i)^\s*((re|fw|fwd|aw|wg)\s*:\s*)+", "")))`
  return [
    `let known = "${networkMessageId.toLowerCase()}";`,
    `let mail = EmailEvents | where Timestamp > ago(30d) | extend Normalised = ${normalised};`,
    'let reported = materialize(mail | where NetworkMessageId =~ known | take 1);',
    'let cluster = toscalar(reported | project EmailClusterId);',
    'let sender = toscalar(reported | project SenderFromAddress);',
    'let subject = toscalar(reported | project Normalised);',
    'mail',
    '| where NetworkMessageId !~ known',
    '| extend InCluster = isnotnull(cluster) and cluster != 0 and EmailClusterId == cluster',
    '| where InCluster or (isnotempty(sender) and isnotempty(subject) and SenderFromAddress =~ sender and Normalised == subject)',
    `| ${SUMMARY}, InCluster = countif(InCluster) by NetworkMessageId`,
    `| top ${MOST_MESSAGES + 1} by Received desc`
  ].join('\n')
}

const rowSchema = z.object({
  NetworkMessageId: z.string().regex(GUID),
  Received: textUpTo(100),
  Subject: textUpTo(2000),
  SenderFromAddress: textUpTo(1000),
  Copies: z.coerce.number().int().nonnegative().catch(0),
  InCluster: z.coerce.number().catch(0)
})

const answerSchema = z.object({ results: z.array(rowSchema) })

export type FoundRow = z.infer<typeof rowSchema>

/** Null where the answer is not one of these queries. */
export function rowsIn(body: unknown): FoundRow[] | null {
  const answer = answerSchema.safeParse(body)
  return answer.success ? answer.data.results : null
}

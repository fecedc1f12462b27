// The one advanced-hunting query of the bot: which messages bear a Message-ID. Never lets the value out of its string literal.
// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
import { z } from 'zod'
import type { FoundMessage } from '../case/mail.js'
import { GUID } from './guid.js'

/** RFC 5322 allows lines of 998 characters; a header cannot hold a longer id. */
const LONGEST_MESSAGE_ID = 998

export const MOST_MESSAGES = 20

/**
 * Null for what no Message-ID can be: without angle brackets, too long, or with a control character or line separator.
 */
export function huntingQuery(internetMessageId: string): string | null {
  if (internetMessageId.length > LONGEST_MESSAGE_ID || !/^<[^<>]+>$/.test(internetMessageId)) return null
  const literal = kqlLiteral(internetMessageId)
  if (literal === null) return null
  return [
    'EmailEvents',
    '| where Timestamp > ago(30d)',
    `| where InternetMessageId == ${literal}`,
    '| summarize Subject = take_any(Subject), SenderFromAddress = take_any(SenderFromAddress), ' +
      'Copies = count() by NetworkMessageId',
    `| top ${MOST_MESSAGES + 1} by NetworkMessageId asc`
  ].join('\n')
}

/**
 * The text as a string literal, quotes included: of one, only backslash and quote need escaping. Null where the text holds
 * a control character, a line separator or half of a surrogate pair: no literal may.
 */
export function kqlLiteral(text: string): string | null {
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text)) return null
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}

const rowSchema = z.object({
  NetworkMessageId: z.string().regex(GUID),
  Subject: z
    .string()
    .transform((value) => value.slice(0, 2000))
    .catch(''),
  SenderFromAddress: z
    .string()
    .transform((value) => value.slice(0, 1000))
    .catch(''),
  Copies: z.coerce.number().int().nonnegative().catch(0)
})

const answerSchema = z.object({ results: z.array(rowSchema) })

/** Null where the answer is not one of this query. */
export function messagesIn(body: unknown): FoundMessage[] | null {
  const answer = answerSchema.safeParse(body)
  if (!answer.success) return null
  return answer.data.results.map((row) => ({
    networkMessageId: row.NetworkMessageId,
    subject: row.Subject,
    senderAddress: row.SenderFromAddress,
    copies: row.Copies
  }))
}

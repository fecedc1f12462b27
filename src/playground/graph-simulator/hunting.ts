// The one hunting query that the product asks, recognised by its exact text. Not an interpreter of KQL, and must not look like one.
// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
import { z } from 'zod'
import { badRequest, readJson } from './odata.js'
import type { Call, Operation } from './operation.js'

const QUERY_HEAD = 'EmailEvents\n| where Timestamp > ago(30d)\n| where InternetMessageId == "'
const QUERY_TAIL =
  '"\n| summarize Subject = take_any(Subject), SenderFromAddress = take_any(SenderFromAddress), ' +
  'Copies = count() by NetworkMessageId\n| top 20 by NetworkMessageId asc'

/** A KQL string literal's inside: a backslash or quote only after a backslash, and no line break. */
const LITERAL = /^(?:[^"\\\r\n]|\\["\\])*$/

/** The Message-ID that the recognised query asks for, unescaped; null for any other query. */
export function messageIdAskedFor(query: string): string | null {
  if (!query.startsWith(QUERY_HEAD) || !query.endsWith(QUERY_TAIL)) return null
  const literal = query.slice(QUERY_HEAD.length, -QUERY_TAIL.length)
  return LITERAL.test(literal) ? literal.replace(/\\(["\\])/g, '$1') : null
}

const huntingBody = z
  .object({
    Query: z.string(),
    Timespan: z
      .string()
      .regex(/^P\d{1,3}D$/)
      .optional()
  })
  .strict()

export const huntingOperations: Operation[] = [
  {
    name: 'hunting',
    method: 'POST',
    path: ['security', 'runHuntingQuery'],
    permissions: [['ThreatHunting.Read.All']],
    licensed: true,
    answer: runHuntingQuery
  }
]

function runHuntingQuery(call: Call) {
  const messageId = messageIdAskedFor(readJson(huntingBody, call).Query)
  if (messageId === null) throw badRequest('Query could not be parsed, or is not the one query known here.')
  const rows = new Map<
    string,
    { NetworkMessageId: string; Subject: string; SenderFromAddress: string; Copies: number }
  >()
  for (const { message } of call.world.mailboxes.list()) {
    if (message.internetMessageId !== messageId) continue
    const row = rows.get(message.networkMessageId)
    if (row) row.Copies += 1
    else
      rows.set(message.networkMessageId, {
        NetworkMessageId: message.networkMessageId,
        Subject: message.subject,
        SenderFromAddress: message.sender.fromAddress,
        Copies: 1
      })
  }
  return {
    status: 200,
    body: {
      '@odata.context': `${call.address.root}/$metadata#microsoft.graph.security.huntingQueryResults`,
      schema: [
        { name: 'NetworkMessageId', type: 'String' },
        { name: 'Subject', type: 'String' },
        { name: 'SenderFromAddress', type: 'String' },
        { name: 'Copies', type: 'Int64' }
      ],
      results: [...rows.values()].sort((a, b) => (a.NetworkMessageId < b.NetworkMessageId ? -1 : 1)).slice(0, 20)
    }
  }
}

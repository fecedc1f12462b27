// Graph's way into advanced hunting. Answers the few queries that it knows and refuses every other.
// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
import { z } from 'zod'
import { HUNTING_TEMPLATES } from './hunting-templates.js'
import { badRequest, readJson } from './odata.js'
import type { Call, Operation } from './operation.js'

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
  const { Query } = readJson(huntingBody, call)
  const copies = call.world.mailboxes.list()
  for (const template of HUNTING_TEMPLATES) {
    const answer = template(Query, copies)
    if (answer === null) continue
    return {
      status: 200,
      body: {
        '@odata.context': `${call.address.root}/$metadata#microsoft.graph.security.huntingQueryResults`,
        schema: answer.columns.map(([name, type]) => ({ name, type })),
        results: answer.rows
      }
    }
  }
  throw badRequest('Query could not be parsed, or is not one of those known here.')
}

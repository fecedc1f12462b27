// Graph's remediate action: strict about types, answers 202 with the raw tracking link. Never answers that mail was moved.
// https://learn.microsoft.com/graph/api/security-analyzedemail-remediate
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { badRequest, readJson } from './odata.js'
import type { Call, Operation } from './operation.js'

/** Microsoft documents no maximum; this one is far above any batch size the product offers. */
export const MAX_COPIES_PER_CALL = 1000

/** The page lists all six parameters as required, and each item by these two keys. */
export const remediateBody = z
  .object({
    displayName: z.string(),
    description: z.string(),
    severity: z.enum(['low', 'medium', 'high']),
    // In the enum, but refused below: "isn't currently supported".
    action: z.enum(['moveToJunk', 'moveToInbox', 'hardDelete', 'softDelete', 'moveToDeletedItems', 'moveToQuarantine']),
    remediateSendersCopy: z.boolean(),
    analyzedEmails: z
      .array(
        z
          .object({ networkMessageId: z.string().uuid(), recipientEmailAddress: z.string().regex(/^[^@\s]+@[^@\s]+$/) })
          .strict()
      )
      .min(1)
      .max(MAX_COPIES_PER_CALL)
  })
  .strict()

const PATH = ['security', 'collaboration', 'analyzedEmails']

export const remediateOperations: Operation[] = [
  // The SDKs write the action with its namespace, the pages without.
  ...['remediate', 'microsoft.graph.security.remediate'].map((action): Operation => ({
    name: 'remediate',
    method: 'POST',
    path: [...PATH, action],
    permissions: [['SecurityAnalyzedMessage.ReadWrite.All']],
    licensed: true,
    answer: remediate
  }))
]

function remediate(call: Call) {
  const { world, version, text } = call
  const body = readJson(remediateBody, call)
  if (body.action === 'moveToQuarantine') throw badRequest("The action 'moveToQuarantine' is not supported.")
  const bulkId = randomUUID()
  world.mailboxes.remediate(body.action, body.analyzedEmails)
  world.alerts.remediated(body.analyzedEmails.flatMap((copy) => world.mailboxes.list(copy)))
  world.ledger.accept({ bulkId, version, body, text, at: world.clock.now() })
  return {
    status: 202,
    headers: {
      Location: `https://security.microsoft.com/action-center/history?filters={"bulkId":["${bulkId}"]}&tid=${world.tenant.tenantId}`,
      'Content-Type': 'application/json;text/plain'
    }
  }
}

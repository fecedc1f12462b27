// Asks advanced hunting what was done to messages after their delivery. One fixed query; where it is not allowed, does without.
// https://learn.microsoft.com/defender-xdr/advanced-hunting-emailpostdeliveryevents-table
import { z } from 'zod'
import type { CopyEvent } from '../case/mail.js'
import type { PostDelivery } from '../case/ports.js'
import { resultOf } from './copy-event.js'
import { GUID } from './guid.js'
import { hunt, type HuntSettings } from './hunt.js'
import { textUpTo } from './loose-schema.js'

/** More messages than this are not asked for: their copies have their own events all the same. */
export const MOST_MESSAGES = 50
const MOST_EVENTS = 10_000

/** Null where there is nothing to ask for. */
export function postDeliveryQuery(networkMessageIds: string[]): string | null {
  const ids = networkMessageIds.filter((id) => GUID.test(id)).slice(0, MOST_MESSAGES)
  if (ids.length === 0) return null
  return [
    'EmailPostDeliveryEvents',
    '| where Timestamp > ago(30d)',
    `| where NetworkMessageId in~ (${ids.map((id) => `"${id.toLowerCase()}"`).join(', ')})`,
    '| project Timestamp, NetworkMessageId, RecipientEmailAddress, ActionType, ActionResult',
    `| top ${MOST_EVENTS} by Timestamp desc`
  ].join('\n')
}

export function createPostDelivery(settings: HuntSettings): PostDelivery {
  return {
    async eventsOf(networkMessageIds) {
      const query = postDeliveryQuery(networkMessageIds)
      if (query === null) return []
      const answer = await hunt(query, settings)
      return 'problem' in answer ? [] : eventsIn(answer.body)
    }
  }
}

const rowSchema = z.object({
  Timestamp: textUpTo(100),
  NetworkMessageId: z.string().regex(GUID),
  RecipientEmailAddress: z.string().min(1).max(1000),
  ActionType: textUpTo(100),
  ActionResult: textUpTo(100)
})

const answerSchema = z.object({ results: z.array(z.unknown()) })

const actions = new Map<string, Pick<CopyEvent, 'by' | 'kind'>>([
  ['manual remediation', { by: 'administrator', kind: 'other' }],
  ['phish zap', { by: 'defender', kind: 'zap' }],
  ['malware zap', { by: 'defender', kind: 'zap' }]
])

/** What cannot be read is left out: an event is evidence, and its absence is none. */
function eventsIn(body: unknown): CopyEvent[] {
  const answer = answerSchema.safeParse(body)
  if (!answer.success) return []
  return answer.data.results.flatMap((result) => {
    const row = rowSchema.safeParse(result)
    if (!row.success) return []
    const { Timestamp, NetworkMessageId, RecipientEmailAddress, ActionType, ActionResult } = row.data
    const action = actions.get(ActionType.toLowerCase())
    const at = Date.parse(Timestamp)
    if (action === undefined || Number.isNaN(at)) return []
    return [
      {
        networkMessageId: NetworkMessageId.toLowerCase(),
        recipientEmailAddress: RecipientEmailAddress,
        at,
        ...action,
        result: resultOf(ActionResult)
      }
    ]
  })
}

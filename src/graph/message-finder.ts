// Looks for more mail than was reported: by sender and subject, or like a known message. Reads only, and says when it did not show all.
// https://learn.microsoft.com/graph/api/security-security-runhuntingquery
import type { FindResult, ReceivedMessage, SimilarMessage } from '../case/mail.js'
import { unreadable } from './graph-problem.js'
import { hunt, type HuntSettings } from './hunt.js'
import { clusterQuery, findQuery, MOST_MESSAGES, rowsIn, type FoundRow, type Wanted } from './message-queries.js'

export interface MessageFinder {
  /** Needs a sender or a subject; answers `nothing` without asking where no mail can match. */
  find(wanted: Wanted): Promise<FindResult<ReceivedMessage>>
  /** The other messages of the last 30 days that look like this one. */
  cluster(of: { networkMessageId: string }): Promise<FindResult<SimilarMessage>>
}

export function createMessageFinder(settings: HuntSettings): MessageFinder {
  async function ask<M extends ReceivedMessage>(
    query: string | null,
    message: (row: FoundRow) => M
  ): Promise<FindResult<M>> {
    if (query === null) return { kind: 'nothing' }
    const answer = await hunt(query, settings)
    if ('problem' in answer) return answer.problem
    const rows = rowsIn(answer.body)
    if (rows === null) return unreadable
    if (rows.length === 0) return { kind: 'nothing' }
    return {
      kind: 'messages',
      messages: rows.slice(0, MOST_MESSAGES).map(message),
      more: rows.length > MOST_MESSAGES
    }
  }

  return {
    find: (wanted) => ask(findQuery(wanted, settings.clock.now()), messageOf),
    cluster: ({ networkMessageId }) =>
      ask(clusterQuery(networkMessageId), (row) => ({
        ...messageOf(row),
        why: row.InCluster > 0 ? 'cluster' : 'senderAndSubject'
      }))
  }
}

function messageOf(row: FoundRow): ReceivedMessage {
  const receivedAt = Date.parse(row.Received)
  return {
    networkMessageId: row.NetworkMessageId.toLowerCase(),
    subject: row.Subject,
    senderAddress: row.SenderFromAddress,
    copies: row.Copies,
    receivedAt: Number.isNaN(receivedAt) ? null : receivedAt
  }
}

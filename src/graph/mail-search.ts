// Looks a message up in Defender: all its copies by networkMessageId, or its ids by Message-ID. Reads only; never cuts silently.
// https://learn.microsoft.com/graph/api/security-collaborationroot-list-analyzedemails
import type { LookResult, MailCopy, ResolveResult } from '../case/mail.js'
import type { Clock, MailSearch } from '../case/ports.js'
import { copiesOf, eventsOf, evidenceOf, readEntity, type AnalyzedEmail } from './analyzed-email.js'
import type { GraphClient } from './graph-client.js'
import { unavailable, unreadable } from './graph-problem.js'
import { GUID } from './guid.js'
import { hunt } from './hunt.js'
import { huntingQuery, messagesIn, MOST_MESSAGES } from './hunting-query.js'
import { queryString, readPages, tooManyPages } from './pages.js'

export interface MailSearchSettings {
  client: GraphClient
  clock: Clock
  /** For each page of an answer; milliseconds. */
  deadlineMs: number
}

const LIST_PATH = 'security/collaboration/analyzedEmails'
/** Defender keeps mail for so long. */
const WINDOW_MS = 30 * 24 * 60 * 60 * 1000
/** No maximum is documented; others ask for as many. */
const PAGE_SIZE = 1000
const MOST_PAGES = 50

export function createMailSearch({ client, clock, deadlineMs }: MailSearchSettings): MailSearch {
  return {
    async byNetworkMessageId(networkMessageId) {
      // It becomes part of a filter; and no message has such an id.
      if (!GUID.test(networkMessageId)) return { kind: 'nothing' }
      const entities = await readPages(
        {
          client,
          clock,
          deadlineMs,
          path: LIST_PATH,
          permission: 'SecurityAnalyzedMessage.Read.All',
          mostPages: MOST_PAGES
        },
        firstQuery(networkMessageId)
      )
      if (entities === tooManyPages) return unavailable('The message has more copies than can be read.')
      return Array.isArray(entities) ? mailIn(entities.map(readEntity), networkMessageId) : entities
    },

    async byInternetMessageId(internetMessageId): Promise<ResolveResult> {
      const query = huntingQuery(internetMessageId)
      if (query === null) return { kind: 'nothing' }
      const answer = await hunt(query, { client, clock, deadlineMs })
      if ('problem' in answer) return answer.problem
      const messages = messagesIn(answer.body)
      if (messages === null) return unreadable
      if (messages.length === 0) return { kind: 'nothing' }
      // The query asks for one more than is answered, so that a cut is known.
      return { kind: 'messages', messages: messages.slice(0, MOST_MESSAGES), more: messages.length > MOST_MESSAGES }
    }
  }

  // One document says that the times are required and another that they are not, so they are always sent.
  function firstQuery(networkMessageId: string): string {
    const now = clock.now()
    return queryString({
      $filter: `networkMessageId eq '${networkMessageId}'`,
      startTime: new Date(now - WINDOW_MS).toISOString(),
      endTime: new Date(now).toISOString(),
      $top: String(PAGE_SIZE)
    })
  }
}

function mailIn(entities: AnalyzedEmail[], networkMessageId: string): LookResult {
  const [first] = entities
  if (first === undefined) return { kind: 'nothing' }
  const asked = networkMessageId.toLowerCase()
  // An answer that disregards the filter must not put other mail into a plan.
  if (entities.some((entity) => entity.networkMessageId !== '' && entity.networkMessageId.toLowerCase() !== asked))
    return unavailable('Microsoft Graph answered with another message than the one asked for.')
  const copies = new Map<string, MailCopy>()
  for (const copy of entities.flatMap((entity) => copiesOf(entity, asked))) {
    const recipient = copy.recipientEmailAddress.toLowerCase()
    if (!copies.has(recipient)) copies.set(recipient, copy)
  }
  const events = entities.flatMap((entity) => eventsOf(entity, asked))
  const mail = { networkMessageId: asked, evidence: evidenceOf(first), copies: [...copies.values()], events }
  return { kind: 'found', mail }
}

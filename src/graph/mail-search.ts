// Looks a message up in Defender: all its copies by networkMessageId, or its ids by Message-ID. Reads only; never cuts silently.
// https://learn.microsoft.com/graph/api/security-collaborationroot-list-analyzedemails
import type { LookResult, MailCopy, ResolveResult } from '../case/mail.js'
import type { Clock, MailSearch } from '../case/ports.js'
import { copiesOf, evidenceOf, readEntity, type AnalyzedEmail } from './analyzed-email.js'
import type { GraphAnswer, GraphClient } from './graph-client.js'
import { lacksLicence, lacksOperation, refusalIn, retryAfterMs, versionHint } from './graph-error.js'
import { GUID } from './guid.js'
import { huntingQuery, messagesIn } from './hunting-query.js'

export interface MailSearchSettings {
  client: GraphClient
  clock: Clock
  /** For each page of an answer; milliseconds. */
  deadlineMs: number
}

type Problem = Exclude<LookResult, { kind: 'found' | 'nothing' }>

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
      const entities = await listAll(networkMessageId)
      return Array.isArray(entities) ? mailIn(entities, networkMessageId) : entities
    },

    async byInternetMessageId(internetMessageId): Promise<ResolveResult> {
      const query = huntingQuery(internetMessageId)
      if (query === null) return { kind: 'nothing' }
      const answer = await client.send({
        method: 'POST',
        path: 'security/runHuntingQuery',
        body: { Query: query },
        // Without the charset, look-alike letters in the value do not arrive whole.
        contentType: 'application/json; charset=utf-8',
        deadline: AbortSignal.timeout(deadlineMs),
        expects: 'json'
      })
      const problem = problemIn(answer, 'ThreatHunting.Read.All')
      if (problem !== null) return problem
      const messages = messagesIn(bodyOf(answer))
      if (messages === null) return unreadable
      return messages.length === 0 ? { kind: 'nothing' } : { kind: 'messages', messages }
    }
  }

  async function listAll(networkMessageId: string): Promise<AnalyzedEmail[] | Problem> {
    const entities: AnalyzedEmail[] = []
    const asked = new Set<string>()
    let query: string | null = firstQuery(networkMessageId)
    while (query !== null) {
      if (asked.has(query)) return unavailable('Microsoft Graph answered the same page twice.')
      if (asked.size === MOST_PAGES) return unavailable('The message has more copies than can be read.')
      asked.add(query)
      const answer = await client.send({
        method: 'GET',
        path: `${LIST_PATH}${query}`,
        deadline: AbortSignal.timeout(deadlineMs),
        expects: 'json'
      })
      const problem = problemIn(answer, 'SecurityAnalyzedMessage.Read.All')
      if (problem !== null) return problem
      const { value, '@odata.nextLink': nextLink } = bodyOf(answer)
      if (!Array.isArray(value)) return unreadable
      for (const each of value) entities.push(readEntity(each))
      const next = nextLink === undefined || nextLink === null ? null : queryOf(nextLink)
      if (next === undefined) return unreadable
      query = next
    }
    return entities
  }

  // One document says that the times are required and another that they are not, so they are always sent.
  function firstQuery(networkMessageId: string): string {
    const now = clock.now()
    const parameters = [
      ['$filter', `networkMessageId eq '${networkMessageId}'`],
      ['startTime', new Date(now - WINDOW_MS).toISOString()],
      ['endTime', new Date(now).toISOString()],
      ['$top', String(PAGE_SIZE)]
    ]
    return `?${parameters.map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`).join('&')}`
  }

  /** The next page's query; undefined where it would lead anywhere but to this same list. */
  function queryOf(nextLink: unknown): string | undefined {
    if (typeof nextLink !== 'string' || !URL.canParse(nextLink)) return undefined
    const url = new URL(nextLink)
    if (`${url.origin}${url.pathname}` !== `${client.root}/${LIST_PATH}`) return undefined
    // The client takes any `https://` in a path for the beginning of an address.
    return url.search.replaceAll('://', '%3A%2F%2F')
  }

  function problemIn(answer: GraphAnswer, permission: string): Problem | null {
    if (answer.kind === 'notSent') {
      return unavailable(
        answer.why === 'noToken'
          ? 'The bot got no token for Microsoft Graph from Entra.'
          : 'No connection to Microsoft Graph came about.'
      )
    }
    if (answer.kind === 'lost') {
      return unavailable(
        answer.timedOut ? 'Microsoft Graph did not answer in time.' : 'The connection to Microsoft Graph broke.'
      )
    }
    const { status } = answer
    if (status === 200) return null
    const refusal = refusalIn(answer)
    if (lacksLicence(status, refusal)) return { kind: 'noLicence', code: refusal.code }
    // Security APIs answer a missing permission with codes of their own as well.
    if (status === 403) return { kind: 'forbidden', permission, code: refusal.code }
    if (lacksOperation(status, refusal)) return unavailable(versionHint(client.version))
    const wait = retryAfterMs(answer.headers, clock.now())
    if (status === 429) return unavailable('Microsoft Graph is throttling the bot.', wait)
    return unavailable(`Microsoft Graph answered ${status} (${refusal.code}).`, wait)
  }
}

const unreadable = unavailable('The answer of Microsoft Graph could not be read.')

function unavailable(reason: string, wait: number | null = null): Problem {
  return { kind: 'unavailable', reason, retryAfterMs: wait }
}

function bodyOf(answer: GraphAnswer): Record<string, unknown> {
  const body = answer.kind === 'answered' ? answer.body : null
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
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
  const mail = { networkMessageId: asked, evidence: evidenceOf(first), copies: [...copies.values()] }
  return { kind: 'found', mail }
}

// Posts to Teams outside of a turn. One request a call: the outbox alone repeats. Sends the bot's token only to allowed hosts.
import type { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js'
import type { Activity, ConversationReference, TurnContext } from 'botbuilder'
import type { ConnectorClient, ServiceClientCredentials } from 'botframework-connector'
import type { MessageReference } from '../case/ports.js'
import type { ConversationAddress } from '../case/report.js'

/** How a request to Teams ended, when it did not end well. Only `unknown` may have had an effect. */
export type ConnectorProblem =
  | { kind: 'throttled'; retryAfterMs: number | null }
  | { kind: 'gone' }
  | { kind: 'blocked'; status: number }
  | { kind: 'notSent' }
  | { kind: 'unknown'; status: number | null }

export class ConnectorError extends Error {
  override readonly name = 'ConnectorError'
  constructor(readonly problem: ConnectorProblem) {
    super(`Teams: ${problem.kind}${'status' in problem ? ` ${String(problem.status)}` : ''}`)
  }
}

export interface ConnectorSettings {
  adapter: TeamsAdapter
  botAppId: string
  tenantId: string
  serviceHosts: readonly string[]
  allowLoopback: boolean
  deadlineMs: number
}

export interface Connector {
  /** Starts a new thread in a channel. */
  startThread(channelId: string, serviceUrl: string, activity: Partial<Activity>): Promise<MessageReference>
  /** Posts into a conversation, or into a thread by its id with `;messageid=`. */
  post(to: ConversationAddress, activity: Partial<Activity>): Promise<MessageReference>
  update(reference: MessageReference, activity: Partial<Activity>): Promise<void>
}

export function createConnector(settings: ConnectorSettings): Connector {
  const { adapter, botAppId, tenantId } = settings

  async function call<T>(to: ConversationAddress, request: (client: ConnectorClient) => Promise<T>): Promise<T> {
    if (!isAllowed(to.serviceUrl, settings)) throw new ConnectorError({ kind: 'notSent' })
    const reference: Partial<ConversationReference> = {
      channelId: 'msteams',
      serviceUrl: to.serviceUrl,
      conversation: { id: to.conversationId, isGroup: true, conversationType: 'channel', tenantId, name: '' },
      bot: { id: `28:${botAppId}`, name: '' }
    }
    let answer = { problem: { kind: 'unknown', status: null } } as { value: T } | { problem: ConnectorProblem }
    const departure = { left: false, over: false }
    try {
      await adapter.continueConversationAsync(botAppId, reference, async (context) => {
        // Caught in here: out of a turn comes what the adapter's error handler makes of it.
        try {
          const client = signingFor(withoutRetry(context, adapter), departure)
          answer = { value: await within(settings.deadlineMs, request(client), departure) }
        } catch (error) {
          answer = { problem: problemOf(error) }
        }
      })
    } catch (error) {
      throw new ConnectorError(departure.left ? problemOf(error) : { kind: 'notSent' })
    }
    if ('problem' in answer) throw new ConnectorError(answer.problem)
    return answer.value
  }

  return {
    async startThread(channelId, serviceUrl, activity) {
      const parameters = {
        isGroup: true,
        tenantId,
        channelData: { channel: { id: channelId }, tenant: { id: tenantId } },
        bot: { id: `28:${botAppId}`, name: '' },
        activity: { ...activity, type: 'message' } as Activity
      }
      return call({ conversationId: channelId, serviceUrl }, async (client) => {
        const created = await client.conversations.createConversation(parameters)
        const { id, activityId } = created as { id?: string; activityId?: string }
        // The id of a new thread is the id of its first message.
        const messageId = activityId ?? id?.split(';messageid=')[1]
        if (messageId === undefined) throw new ConnectorError({ kind: 'unknown', status: 201 })
        return { conversationId: id ?? channelId, activityId: messageId, serviceUrl }
      })
    },
    async post(to, activity) {
      return call(to, async (client) => {
        const sent = await client.conversations.sendToConversation(to.conversationId, { ...activity, type: 'message' })
        if (!sent.id) throw new ConnectorError({ kind: 'unknown', status: 201 })
        return { ...to, activityId: sent.id }
      })
    },
    async update(reference, activity) {
      await call(reference, (client) =>
        client.conversations.updateActivity(reference.conversationId, reference.activityId, {
          ...activity,
          id: reference.activityId,
          type: 'message'
        })
      )
    }
  }
}

/**
 * The connector client re-sends creates by itself on 408, 429, 5xx and resets, whatever its options say
 * (botframework-connector 4.23.3); a card would stand in the channel several times. It also follows redirects, to any
 * host. Without its pipeline this throws: a version that hides it elsewhere must not go back to re-sending unnoticed.
 */
export function withoutRetry(context: TurnContext, adapter: TeamsAdapter): ConnectorClient {
  const client = context.turnState.get<ConnectorClient>(adapter.ConnectorClientKey)
  const { pipeline } = (client as unknown as { client: { pipeline: Pipeline } }).client
  for (const name of ['defaultRetryPolicy', 'redirectPolicy']) pipeline.removePolicy({ name })
  return client
}

interface Departure {
  /** The request has its token: from here on it may have an effect. */
  left: boolean
  /** The deadline has passed: a token that comes now is not used any more. */
  over: boolean
}

/** The client asks for its token right before it sends; without one (Entra down, a wrong secret) nothing was sent. */
function signingFor(client: ConnectorClient, departure: Departure): ConnectorClient {
  const signing = client as unknown as { credentials: ServiceClientCredentials }
  const given = signing.credentials
  signing.credentials = {
    async signRequest(request) {
      const signed = await given.signRequest(request).catch(() => null)
      if (signed === null || departure.over) throw new ConnectorError({ kind: 'notSent' })
      departure.left = true
      return signed
    }
  }
  return client
}

interface Pipeline {
  removePolicy(options: { name: string }): unknown
}

function isAllowed(serviceUrl: string, { serviceHosts, allowLoopback }: ConnectorSettings): boolean {
  if (!URL.canParse(serviceUrl)) return false
  const { protocol, hostname, username, port } = new URL(serviceUrl)
  if (allowLoopback && (hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]')) return true
  return protocol === 'https:' && username === '' && port === '' && serviceHosts.includes(hostname)
}

/** A create that takes longer may still happen: it counts as unknown, not as failed. */
async function within<T>(deadlineMs: number, work: Promise<T>, departure: Departure): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      departure.over = true
      reject(new ConnectorError(departure.left ? { kind: 'unknown', status: null } : { kind: 'notSent' }))
    }, deadlineMs)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}

const neverLeft = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED']

function problemOf(error: unknown): ConnectorProblem {
  if (error instanceof ConnectorError) return error.problem
  const { statusCode, code, response } = error as {
    statusCode?: number
    code?: string
    response?: { headers?: { get(name: string): string | undefined } }
  }
  if (statusCode === undefined) {
    return code !== undefined && neverLeft.includes(code) ? { kind: 'notSent' } : { kind: 'unknown', status: null }
  }
  if (statusCode === 429 || statusCode === 412) {
    const seconds = Number(response?.headers?.get('retry-after') ?? Number.NaN)
    return { kind: 'throttled', retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null }
  }
  if (statusCode === 404) return { kind: 'gone' }
  if (statusCode === 408 || statusCode >= 500 || statusCode < 300) return { kind: 'unknown', status: statusCode }
  return { kind: 'blocked', status: statusCode }
}

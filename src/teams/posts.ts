// The outbox's posts: a case's card, its link reply, nudges, notices and search results. Renders from the store at send time; repeats an unknown create once.
import type { Activity } from 'botbuilder'
import type { CaseRecord } from '../case/case.js'
import type { Nudge } from '../case/nudge.js'
import type {
  CaseStore,
  Clock,
  ConversationMemory,
  Directory,
  MessageReference,
  PostedMessages
} from '../case/ports.js'
import type { FindResult, MailQuery } from '../case/mail.js'
import type { ConversationAddress } from '../case/report.js'
import type { Policy } from '../case/policy.js'
import { caseSummary, renderCaseCard, type CardContext } from './case-card.js'
import { type Connector, ConnectorError } from './connector.js'
import { linkSummary, renderLinkCard } from './link-card.js'
import { mentionsFor } from './mention.js'
import { nudgeSummary, renderNudgeCard } from './nudge-card.js'
import { type OutcomeCardInput, outcomeSummary, renderOutcomeCard } from './outcome-card.js'
import { threadId } from './place.js'
import { cardActivity, plainActivity } from './activities.js'
import { findSummary, renderFindCard } from './find-card.js'
import { renderSimilar, similarSummary } from './similar-card.js'
import { turnedUpWords } from './outcome-words.js'

export interface PostDoors {
  connector: Connector
  store: CaseStore
  directory: Directory
  posted: PostedMessages
  memory: ConversationMemory
  clock: Clock
  policy: Policy
  links: { defenderLink(networkMessageId: string): string; actionCenterLink: string }
  /** Used until this tenant's Teams has spoken to the bot. */
  defaultServiceUrl: string
}

/** Null: done; a number: come back at that time. */
export type PostAnswer = number | null

export interface Posts {
  card(caseNumber: number): Promise<PostAnswer>
  link(caseNumber: number, planVersion: number): Promise<PostAnswer>
  /** Which similar messages a later look saw first at that time; in the card's thread. */
  similar(caseNumber: number, seenAt: number): Promise<PostAnswer>
  /** The reply that asks for a decision on copies that turned up; said once for each plan. */
  turnedUp(caseNumber: number, planVersion: number): Promise<PostAnswer>
  /** Tells the case's thread, once, that the case waits. */
  nudge(record: CaseRecord, nudge: Nudge): Promise<PostAnswer>
  /** A message to one conversation; a conversation that is gone or closed to the bot ends it. */
  notice(notice: { id: string; to: ConversationAddress; text: string }): Promise<PostAnswer>
  /** What somebody who reported is told of the end of their case; repeated like a notice. */
  outcome(told: OutcomeCardInput & { id: string; to: ConversationAddress }): Promise<PostAnswer>
  /** What a search came to, where it was asked for; repeated like a notice. */
  found(asked: { id: string; to: ConversationAddress; query: MailQuery }, result: FindResult): Promise<PostAnswer>
}

export function cardContext(
  doors: Pick<PostDoors, 'clock' | 'policy' | 'links'>,
  extra: Partial<CardContext> = {}
): CardContext {
  return { now: doors.clock.now(), policy: doors.policy, ...doors.links, ...extra }
}

export const cardKey = (caseNumber: number) => `card:${String(caseNumber)}`
const similarKey = (caseNumber: number, seenAt: number) => `similar:${String(caseNumber)}-${String(seenAt)}`
const linkKey = (caseNumber: number, planVersion: number) => `link:${String(caseNumber)}-${String(planVersion)}`
const nudgeKey = ({ number, waiting }: CaseRecord, { kind }: Nudge) =>
  `nudge:${String(number)}-${String(waiting.period)}-${kind}`

/**
 * A create whose outcome was unknown is repeated after so long, and a click may tell until then where it stands. Where
 * the repeat's is unknown too, ever more rarely: another marked copy is better than a case that nobody sees.
 */
const repeatAfterMs = [5_000, 5 * 60_000]
const repeatAtLastMs = 60 * 60_000
const throttledMs = 5_000
/** What mentions people is not repeated more often than once, and not edited: an edit would reach nobody. */
const mostNudges = 2
/** A case that waits from the start may not have its card yet. */
const cardFirstMs = 5_000
const cardAtMostMs = 60_000

export function createPosts(doors: PostDoors): Posts {
  const { connector, store, posted, clock, policy } = doors
  /** When a post that has to wait may be tried again, by deed. Only in memory: after a restart one try more is no harm. */
  const notBefore = new Map<string, number>()
  /** Notices and lists that may have arrived. In memory too, at the price of one repeat more. */
  const repeated = new Set<string>()

  async function put(key: string, message: Put): Promise<PostAnswer> {
    const known = await posted.find(key)
    const { atMost } = message
    if (atMost !== undefined && known !== null && (known.reference !== null || known.creates >= atMost)) return null
    if (known?.reference != null) {
      // The copy that came second keeps its mark: the first may stand for ever as it was.
      const updated = await update(key, known.reference, message.render(known.creates > 1))
      if (updated !== 'gone') return updated
    }
    const deed = `create ${key}`
    const until = waiting(deed)
    if (until !== null) return until
    const again = known?.state === 'posting' || known?.state === 'unknown'
    const creates = await posted.intend(key)
    try {
      const reference = await message.create(message.render(again))
      await posted.bind(key, reference)
      return null
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      const { problem } = error
      if (problem.kind === 'unknown') {
        await posted.settle(key, 'unknown')
        if (atMost !== undefined && creates >= atMost) return null
        return wait(deed, repeatAfterMs[creates - 1] ?? repeatAtLastMs)
      }
      await posted.settle(key, again ? 'notSent' : 'forgotten')
      if (problem.kind === 'throttled') return wait(deed, problem.retryAfterMs ?? throttledMs)
      throw error
    }
  }

  async function update(
    key: string,
    reference: MessageReference,
    activity: Partial<Activity>
  ): Promise<PostAnswer | 'gone'> {
    const deed = `update ${key}`
    const until = waiting(deed)
    if (until !== null) return until
    try {
      await where(reference.serviceUrl, (url) => connector.update({ ...reference, serviceUrl: url }, activity))
      return null
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      if (error.problem.kind === 'throttled') return wait(deed, error.problem.retryAfterMs ?? throttledMs)
      if (error.problem.kind !== 'gone') throw error
      await posted.settle(key, 'forgotten')
      return 'gone'
    }
  }

  /** News about a case makes its card due at once; that must not shorten a wait that Teams asked for. */
  function waiting(deed: string): number | null {
    const until = notBefore.get(deed)
    if (until !== undefined && until > clock.now()) return until
    notBefore.delete(deed)
    return null
  }

  function wait(deed: string, ms: number): number {
    const until = clock.now() + ms
    notBefore.set(deed, until)
    return until
  }

  async function tell(id: string, to: ConversationAddress, activity: Partial<Activity>): Promise<PostAnswer> {
    try {
      await connector.post({ ...to, serviceUrl: await serviceUrl() }, activity)
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      const { problem } = error
      if (problem.kind === 'throttled') return clock.now() + (problem.retryAfterMs ?? throttledMs)
      if (problem.kind === 'notSent') throw error
      if (problem.kind === 'unknown' && !repeated.has(id)) {
        repeated.add(id)
        return clock.now() + (repeatAfterMs[0] ?? 0)
      }
    }
    repeated.delete(id)
    return null
  }

  /**
   * First where the message was posted: several clients may speak for one tenant. Teams may also have moved since, and
   * what was surely not done there is asked for where the tenant was last heard from.
   */
  async function where<T>(known: string, call: (url: string) => Promise<T>): Promise<T> {
    try {
      return await call(known)
    } catch (error) {
      const latest = await serviceUrl()
      const notDone = error instanceof ConnectorError && ['gone', 'notSent'].includes(error.problem.kind)
      if (!notDone || latest === known) throw error
      return call(latest)
    }
  }

  async function serviceUrl(): Promise<string> {
    return (await doors.memory.recall('serviceUrl')) ?? doors.defaultServiceUrl
  }

  async function startThread(activity: Partial<Activity>): Promise<MessageReference> {
    return connector.startThread(policy.channelId, await serviceUrl(), activity)
  }

  /** Without a known card it still has to stand in the channel: it starts a thread of its own. */
  async function reply(card: MessageReference | null, activity: Partial<Activity>): Promise<MessageReference> {
    if (card === null) return startThread(activity)
    const conversationId = threadId(policy.channelId, card.activityId)
    return where(card.serviceUrl, (url) => connector.post({ conversationId, serviceUrl: url }, activity))
  }

  return {
    async card(caseNumber) {
      const record = await store.read(caseNumber)
      if (record === null || policy.channelId === '') return null
      // A case that joined another before it was ever shown has its reporter on the other's card.
      if (record.state === 'joined' && (await posted.find(cardKey(caseNumber))) === null) return null
      return put(cardKey(caseNumber), {
        render: (repeat) => cardActivity(renderCaseCard(record, cardContext(doors, { repeat })), caseSummary(record)),
        create: startThread
      })
    },

    async similar(caseNumber, seenAt) {
      const record = await store.read(caseNumber)
      const messages = record?.campaign?.similar.filter((message) => message.seenAt === seenAt) ?? []
      if (record === null || messages.length === 0) return null
      const shown = () => cardActivity(renderSimilar(record, messages, clock.now()), similarSummary(record, messages))
      const card = await posted.find(cardKey(caseNumber))
      return put(similarKey(caseNumber, seenAt), {
        render: shown,
        create: (activity) => reply(card?.reference ?? null, activity)
      })
    },

    async link(caseNumber, planVersion) {
      const record = await store.read(caseNumber)
      const remediation = record?.remediations.find((each) => each.planVersion === planVersion)
      if (record == null || remediation === undefined) return null
      const card = await posted.find(cardKey(caseNumber))
      return put(linkKey(caseNumber, planVersion), {
        render: () =>
          cardActivity(renderLinkCard(record, remediation, cardContext(doors)), linkSummary(record, remediation)),
        create: (activity) => reply(card?.reference ?? null, activity)
      })
    },

    async turnedUp(caseNumber, planVersion) {
      const record = await store.read(caseNumber)
      if (record?.plan?.purpose !== 'followUp' || policy.channelId === '') return null
      const text = turnedUpWords(record.number, record.plan.copies.length)
      const card = await posted.find(cardKey(caseNumber))
      return put(`turnedUp:${String(caseNumber)}-${String(planVersion)}`, {
        render: () => plainActivity(text),
        create: (activity) => reply(card?.reference ?? null, activity)
      })
    },

    async nudge(record, nudge) {
      if (policy.channelId === '') return null
      const reference = (await posted.find(cardKey(record.number)))?.reference ?? null
      if (reference === null) {
        if (nudge.waited < cardAtMostMs) return clock.now() + cardFirstMs
        // A reminder of a card that nobody can see helps nobody; whoever is mentioned can ask for the case by its number.
        if (nudge.users.length + nudge.tags.length === 0) return clock.now() + cardAtMostMs
      }
      const mentions = await mentionsFor(nudge, policy.escalateTo.name, doors.directory)
      return put(nudgeKey(record, nudge), {
        render: (repeat) =>
          cardActivity(renderNudgeCard(record, nudge, { mentions, repeat }), nudgeSummary(record, nudge)),
        create: (activity) => reply(reference, activity),
        atMost: mostNudges
      })
    },

    notice: ({ id, to, text }) => tell(id, to, plainActivity(text)),

    outcome: ({ id, to, ...told }) =>
      tell(
        `outcome/${id}`,
        to,
        cardActivity(renderOutcomeCard(told), outcomeSummary(told.caseNumber, told.disposition))
      ),

    found: ({ id, to, query }, result) =>
      tell(`find/${id}`, to, cardActivity(renderFindCard(query, result, clock.now()), findSummary(result)))
  }
}

interface Put {
  render: (repeat: boolean) => Partial<Activity>
  create: (activity: Partial<Activity>) => Promise<MessageReference>
  /** So many creates; then, and once one is known to have arrived, it stays as it is. */
  atMost?: number
}

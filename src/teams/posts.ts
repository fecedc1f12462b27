// The outbox's posts: a case's card, its link reply, and notices. Renders from the store at send time; repeats an unknown create once.
import type { Activity } from 'botbuilder'
import type { CaseStore, Clock, ConversationMemory, MessageReference, PostedMessages } from '../case/ports.js'
import type { ConversationAddress } from '../case/report.js'
import type { Policy } from '../case/policy.js'
import { caseSummary, renderCaseCard, type CardContext } from './case-card.js'
import { type Connector, ConnectorError } from './connector.js'
import { linkSummary, renderLinkCard } from './link-card.js'
import { threadId } from './place.js'
import { plainActivity } from './activities.js'
import { cardActivity } from './activities.js'

export interface PostDoors {
  connector: Connector
  store: CaseStore
  posted: PostedMessages
  memory: ConversationMemory
  clock: Clock
  policy: Policy
  links: { defenderLink(networkMessageId: string): string; actionCenterLink: string }
  /** Used until this tenant's Teams has spoken to the bot. */
  defaultServiceUrl: string
  /** When a post that has to wait may be tried again, by deed. Only in memory: after a restart one try more is no harm. */
  notBefore: Map<string, number>
}

/** Null: done; a number: come back at that time. */
export type PostAnswer = number | null

export function cardContext(
  doors: Pick<PostDoors, 'clock' | 'policy' | 'links'>,
  extra: Partial<CardContext> = {}
): CardContext {
  return { now: doors.clock.now(), policy: doors.policy, ...doors.links, ...extra }
}

export const cardKey = (caseNumber: number) => `card:${String(caseNumber)}`
const linkKey = (caseNumber: number, planVersion: number) => `link:${String(caseNumber)}-${String(planVersion)}`

/** A create whose outcome was unknown is repeated after so long; a click may still tell until then where it stands. */
const repeatAfterMs = 5_000
/** And where the repeat's is unknown too, so rarely: another marked copy is better than a case that nobody sees. */
const repeatAgainAfterMs = 5 * 60_000
const throttledMs = 5_000

export async function postCard(caseNumber: number, doors: PostDoors): Promise<PostAnswer> {
  const record = await doors.store.read(caseNumber)
  if (record === null || doors.policy.channelId === '') return null
  // A case that joined another before it was ever shown has its reporter on the other's card.
  if (record.state === 'joined' && (await doors.posted.find(cardKey(caseNumber))) === null) return null
  return put(cardKey(caseNumber), doors, {
    render: (repeat) => cardActivity(renderCaseCard(record, cardContext(doors, { repeat })), caseSummary(record)),
    create: async (activity) => doors.connector.startThread(doors.policy.channelId, await serviceUrl(doors), activity)
  })
}

export async function postLink(caseNumber: number, planVersion: number, doors: PostDoors): Promise<PostAnswer> {
  const record = await doors.store.read(caseNumber)
  const remediation = record?.remediations.find((each) => each.planVersion === planVersion)
  if (record == null || remediation === undefined) return null
  const card = await doors.posted.find(cardKey(caseNumber))
  return put(linkKey(caseNumber, planVersion), doors, {
    render: () =>
      cardActivity(renderLinkCard(record, remediation, cardContext(doors)), linkSummary(record, remediation)),
    create: async (activity) => {
      const reference = card?.reference ?? null
      // Without a known card the link still has to stand in the channel: it starts a thread of its own.
      if (reference === null)
        return doors.connector.startThread(doors.policy.channelId, await serviceUrl(doors), activity)
      const conversationId = threadId(doors.policy.channelId, reference.activityId)
      return doors.connector.post({ conversationId, serviceUrl: await serviceUrl(doors) }, activity)
    }
  })
}

/** A message to one conversation; a conversation that is gone or closed to the bot ends it. */
export async function postNotice(to: ConversationAddress, text: string, doors: PostDoors): Promise<PostAnswer> {
  try {
    await doors.connector.post({ ...to, serviceUrl: await serviceUrl(doors) }, plainActivity(text))
    return null
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    const { problem } = error
    if (problem.kind === 'throttled') return doors.clock.now() + (problem.retryAfterMs ?? throttledMs)
    if (problem.kind === 'notSent') throw error
    return null
  }
}

interface Put {
  render: (repeat: boolean) => Partial<Activity>
  create: (activity: Partial<Activity>) => Promise<MessageReference>
}

async function put(key: string, doors: PostDoors, message: Put): Promise<PostAnswer> {
  const known = await doors.posted.find(key)
  if (known?.reference != null) {
    // The copy that came second keeps its mark: the first may stand for ever as it was.
    const updated = await update(key, known.reference, { doors, activity: message.render(known.creates > 1) })
    if (updated !== 'gone') return updated
  }
  const deed = `create ${key}`
  const until = waiting(deed, doors)
  if (until !== null) return until
  const again = known?.state === 'posting' || known?.state === 'unknown'
  const creates = await doors.posted.intend(key)
  try {
    const reference = await message.create(message.render(again))
    await doors.posted.bind(key, reference)
    return null
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    const { problem } = error
    if (problem.kind === 'unknown') {
      await doors.posted.settle(key, 'unknown')
      return wait(deed, creates < 2 ? repeatAfterMs : repeatAgainAfterMs, doors)
    }
    await doors.posted.settle(key, again ? 'unknown' : 'forgotten')
    if (problem.kind === 'throttled') return wait(deed, problem.retryAfterMs ?? throttledMs, doors)
    throw error
  }
}

async function update(
  key: string,
  reference: MessageReference,
  { doors, activity }: { doors: PostDoors; activity: Partial<Activity> }
): Promise<PostAnswer | 'gone'> {
  const deed = `update ${key}`
  const until = waiting(deed, doors)
  if (until !== null) return until
  try {
    await doors.connector.update({ ...reference, serviceUrl: await serviceUrl(doors) }, activity)
    return null
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    if (error.problem.kind === 'throttled') return wait(deed, error.problem.retryAfterMs ?? throttledMs, doors)
    if (error.problem.kind !== 'gone') throw error
    await doors.posted.settle(key, 'forgotten')
    return 'gone'
  }
}

/** News about a case makes its card due at once; that must not shorten a wait that Teams asked for. */
function waiting(deed: string, { clock, notBefore }: PostDoors): number | null {
  const until = notBefore.get(deed)
  if (until !== undefined && until > clock.now()) return until
  notBefore.delete(deed)
  return null
}

function wait(deed: string, ms: number, { clock, notBefore }: PostDoors): number {
  const until = clock.now() + ms
  notBefore.set(deed, until)
  return until
}

async function serviceUrl(doors: PostDoors): Promise<string> {
  return (await doors.memory.recall('serviceUrl')) ?? doors.defaultServiceUrl
}

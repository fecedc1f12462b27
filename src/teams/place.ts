// Tells from an activity who speaks and where. Trusts only what the Teams service fills in, never names or text.
import type { Activity } from 'botbuilder'
import type { Person } from '../case/report.js'

export type Place =
  | 'personal'
  | 'socChannel'
  /** Another channel of the team that the SOC channel is in. */
  | 'socTeam'
  | 'elsewhere'

/** A channel's conversation id is `<channel id>;messageid=<root message>`. */
export function baseConversationId(conversationId: string): string {
  return conversationId.split(';messageid=')[0] ?? conversationId
}

export function threadId(channelId: string, activityId: string): string {
  return `${channelId};messageid=${activityId}`
}

export function placeOf(activity: Activity, soc: { channelId: string; teamId: string | null }): Place {
  const { conversation } = activity
  if (conversation.conversationType === 'personal') return 'personal'
  if (soc.channelId !== '' && baseConversationId(conversation.id) === soc.channelId) return 'socChannel'
  const team = teamIdOf(activity)
  return team !== null && team === soc.teamId ? 'socTeam' : 'elsewhere'
}

export function teamIdOf(activity: Activity): string | null {
  const { team } = (activity.channelData ?? {}) as { team?: { id?: unknown } }
  return typeof team?.id === 'string' ? team.id : null
}

/** Null where Teams names no Entra object id (anonymous guests of meetings, other bots). */
export function personOf(activity: Activity): Person | null {
  const from = activity.from as Activity['from'] | undefined
  const objectId = from?.aadObjectId
  if (typeof objectId !== 'string' || objectId === '') return null
  return { objectId: objectId.toLowerCase(), name: typeof from?.name === 'string' ? from.name : '' }
}

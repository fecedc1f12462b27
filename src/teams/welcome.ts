// Installations: one welcome each, naming who installed the bot and what is left to set up. Never writes to a roster.
import { TeamsInfo, type TurnContext } from 'botbuilder'
import { type Desk, say } from './desk.js'
import { baseConversationId, teamIdOf } from './place.js'
import { missingSetUp } from './whoami.js'
import * as words from './words.js'

export async function onInstalled(desk: Desk, context: TurnContext): Promise<void> {
  const { activity } = context
  const { conversationType } = activity.conversation
  // A group chat is no place for this bot; it says so when somebody speaks to it there.
  if (conversationType === 'groupChat') return
  if (!(await desk.memory.claim(installationKey(context)))) return
  const scope = conversationType === 'personal' ? 'personal' : 'team'
  await say(desk, context, words.welcome({ installer: await installerName(context), scope, setUp: missingSetUp(desk) }))
}

/** Installed again is installed anew: it gets its own welcome. */
export async function onRemoved(desk: Desk, context: TurnContext): Promise<void> {
  await desk.memory.release(installationKey(context))
}

function installationKey(context: TurnContext): string {
  const place = teamIdOf(context.activity) ?? baseConversationId(context.activity.conversation.id)
  return `welcome/${place}`
}

async function installerName(context: TurnContext): Promise<string> {
  const { from } = context.activity
  if (from.name) return from.name
  try {
    return (await TeamsInfo.getMember(context, from.id)).name
  } catch {
    return ''
  }
}

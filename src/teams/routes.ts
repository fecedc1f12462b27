// The table of contents: every activity that Teams can send, and the one function that answers it.
// By their files: the package's own index also loads its planners, tokenizers and models, for half of the start's time.
import { Application } from '@microsoft/teams-ai/lib/Application.js'
import type { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js'
import { type Activity, type TurnContext } from 'botbuilder'
import { randomUUID } from 'node:crypto'
import { hasHeaders } from '../intake/header-block.js'
import { textOfHtml, plainText } from '../intake/message-reference.js'
import { onExecute, onSubmit } from './card-actions.js'
import { answer } from './chat.js'
import { type Command, parseCommand } from './commands.js'
import { withoutRetry } from './connector.js'
import { type Desk, say } from './desk.js'
import { filesOf, hasFile, isMail, takeFiles } from './files.js'
import { baseConversationId, personOf, placeOf, teamIdOf } from './place.js'
import { onDialog, onReported, reportCommand } from './message-action.js'
import { onInstalled, onRemoved } from './welcome.js'
import * as words from './words.js'

export function createRoutes(desk: Desk, adapter: TeamsAdapter): Application {
  const app = new Application({ adapter })
  // The library's own option is not looked at (1.7.4). The timer is shared between turns, and typing breaks a thread's client.
  app.startTypingTimer = () => undefined
  const is = (type: string, test: (activity: Activity) => boolean = () => true) => {
    return async ({ activity }: TurnContext) => activity.type === type && test(activity)
  }
  const isMessageAction = (invoke: string) =>
    is('invoke', ({ name, value }) => {
      const { commandId } = (value ?? {}) as { commandId?: unknown }
      return desk.takesMessages && name === invoke && commandId === reportCommand
    })

  app.turn('beforeTurn', async (context) => {
    withoutRetry(context, adapter)
    // What it learns is a help for later posts; the click or message at hand still gets its answer without.
    await remember(desk, context.activity).catch((error: unknown) => {
      desk.log.error({ name: (error as Error).name }, 'what a turn tells of Teams could not be stored')
    })
    return true
  })

  // Cards. Any verb comes here: an unknown one needs an answer too.
  app.addRoute(
    is('invoke', ({ name }) => name === 'adaptiveCard/action'),
    (context) => onExecute(desk, context),
    true
  )
  app.addRoute(isMessageAction('composeExtension/fetchTask'), (context) => onDialog(context), true)
  app.addRoute(isMessageAction('composeExtension/submitAction'), (context) => onReported(desk, context), true)
  app.addRoute(is('invoke'), (context) => nothingToInvoke(context), true)
  app.addRoute(is('message', isSubmit), (context) => onSubmit(desk, context))

  // Words and files.
  app.addRoute(is('message'), (context) => unlessItFails(desk, context, () => onMessage(desk, context)))

  // Installations. Teams reports them in two ways; whichever comes first gets the welcome.
  app.addRoute(
    is('installationUpdate', ({ action }) => action?.startsWith('add') ?? false),
    (context) => onInstalled(desk, context)
  )
  app.addRoute(
    is('installationUpdate', ({ action }) => action?.startsWith('remove') ?? false),
    (context) => onRemoved(desk, context)
  )
  app.addRoute(is('conversationUpdate', botWasAdded), (context) => onInstalled(desk, context))
  app.addRoute(is('conversationUpdate', botWasRemoved), (context) => onRemoved(desk, context))
  return app
}

function isSubmit({ value, text }: Activity): boolean {
  return typeof value === 'object' && value !== null && (text ?? '').trim() === ''
}

function botWasAdded({ membersAdded, recipient }: Activity): boolean {
  return membersAdded?.some(({ id }) => id === recipient.id) ?? false
}

function botWasRemoved({ membersRemoved, recipient }: Activity): boolean {
  return membersRemoved?.some(({ id }) => id === recipient.id) ?? false
}

async function nothingToInvoke(context: TurnContext): Promise<void> {
  await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body: {} } })
}

/** Where this tenant's Teams is reached, and which team the SOC channel is in: known only from what arrives. */
async function remember(desk: Desk, activity: Activity): Promise<void> {
  if (activity.serviceUrl) await desk.memory.remember('serviceUrl', activity.serviceUrl)
  const { channelId } = desk.policy
  const team = teamIdOf(activity)
  if (team !== null && channelId !== '' && baseConversationId(activity.conversation.id) === channelId) {
    await desk.memory.remember('socTeam', team)
  }
}

/** Whoever writes gets an answer: after an error page Teams would send the same message again, and say nothing. */
async function unlessItFails(desk: Desk, context: TurnContext, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const reference = randomUUID().slice(0, 8)
    desk.log.error({ name: (error as Error).name, reference }, 'a message could not be handled')
    await say(desk, context, words.messageFailure(reference))
  }
}

async function onMessage(desk: Desk, context: TurnContext): Promise<void> {
  const { activity } = context
  const place = placeOf(activity, { channelId: desk.policy.channelId, teamId: await desk.memory.recall('socTeam') })
  const setUp = desk.policy.channelId !== ''
  if (setUp && place === 'elsewhere') {
    const first = await desk.memory.claim(`notHere/${baseConversationId(activity.conversation.id)}`)
    return first ? say(desk, context, words.notHere) : undefined
  }
  const person = personOf(activity)
  if (person === null) return say(desk, context, words.whoAreYou)

  const command = readMessage(activity)
  const files = place === 'personal' ? filesOf(activity) : []
  const mails = files.filter(isMail)
  const always = mails.length === 0 && (command.kind === 'help' || command.kind === 'whoami')
  if (!setUp && !always) return say(desk, context, words.notSetUp)
  if (place === 'socTeam' && !always) return say(desk, context, words.onlyHelpHere)
  if (mails.length > 0) return takeFiles(desk, context, { mails, sent: files.length, speaker: person })
  const saysNothing = plainText(activity.text ?? '').trim() === '' || command.kind === 'unknown'
  if (place !== 'personal' && saysNothing && hasFile(activity)) return say(desk, context, words.filesOnlyInPersonalChat)
  if (files.length > 0 && saysNothing) return say(desk, context, words.howToReport)
  return answer(desk, context, command, { person, place })
}

/** Teams may strip what stands in angle brackets from `text`; the HTML attachment still has it, and so goes first. */
function readMessage(activity: Activity): Command {
  const command = parseCommand(plainText(activity.text ?? ''), hasHeaders)
  const html = activity.attachments?.find(({ contentType }) => contentType === 'text/html')?.content as unknown
  if (typeof html !== 'string') return command
  // A mention is the only span with an item scope; other spans are what people pasted.
  const mention = /<(at|span(?= [^<>]*\bitemscope\b))\b[^<>]*>[^<>]*<\/(?:at|span)>/i
  const fromHtml = parseCommand(textOfHtml(html.replace(mention, '')), hasHeaders)
  return namesMessage(fromHtml) ? fromHtml : command
}

function namesMessage({ kind }: Command): boolean {
  return kind === 'report' || kind === 'reportHeaders' || kind === 'triage' || kind === 'find'
}

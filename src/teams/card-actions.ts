// Buttons, however they arrive: Action.Execute as an invoke, its Action.Submit fallback as a message. Never believes what a card carries.
import { type Activity, type TurnContext } from 'botbuilder'
import { randomUUID } from 'node:crypto'
import { proposeAgain } from '../case/decide.js'
import type { DecisionAnswer } from '../case/decision.js'
import { type CaseRecord } from '../case/case.js'
import { lookAgain } from '../case/look.js'
import type { MailKey, Person } from '../case/report.js'
import { readMessageKey } from '../intake/message-reference.js'
import { onCampaign } from './campaign-click.js'
import { renderCaseCard } from './case-card.js'
import { openAsAnalyst, recordDecision } from './chat.js'
import { readCase } from './commands.js'
import { decisionWords } from './decision-words.js'
import { type Desk, rulingFor, say } from './desk.js'
import { baseConversationId, personOf, placeOf } from './place.js'
import { cardContext, cardKey } from './posts.js'
import { requestUndo } from './undo-request.js'
import { undoAnswerWords } from './undo-words.js'
import * as words from './words.js'

/** What a button means once it was read. Everything is still unchecked. */
export interface Click {
  verb: string
  caseNumber: number | null
  /** For `openCase` and `choose`; null for what is no network message id. */
  message: MailKey | null
  planVersion: number
  inputs: { action: string; severity: string; remediateSendersCopy: string; verdict: string; reason: string }
}

/** `card` stands in for the clicker's view, with the words on top where it does not say them itself; `message` leaves it. */
export type ClickAnswer =
  { kind: 'message'; text: string } | { kind: 'card'; record: CaseRecord; text: string; banner: boolean }

const knownKeys = ['case', 'message', 'plan', 'verb', 'action', 'severity', 'remediateSendersCopy', 'verdict', 'reason']

/** The payload is `{case, plan, verb}` and the card's inputs; other keys are ignored and named in the log. */
export function readClick(payload: unknown, executeVerb?: string): { click: Click; ignored: string[] } {
  const data = typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : {}
  const text = (key: string) => (typeof data[key] === 'string' ? data[key] : '')
  const plan = data.plan
  return {
    click: {
      verb: executeVerb ?? text('verb'),
      caseNumber: readCase(text('case')),
      message: readMessageKey(text('message')),
      planVersion: typeof plan === 'number' && Number.isSafeInteger(plan) ? plan : -1,
      inputs: {
        action: text('action'),
        severity: text('severity'),
        remediateSendersCopy: text('remediateSendersCopy'),
        verdict: text('verdict'),
        reason: text('reason')
      }
    },
    ignored: Object.keys(data).filter((key) => !knownKeys.includes(key))
  }
}

export async function onClick(desk: Desk, activity: Activity, click: Click): Promise<ClickAnswer> {
  const person = personOf(activity)
  if (person === null) return message(words.whoAreYou)
  if (click.verb === 'openCase') return openCase(desk, { activity, speaker: person }, click.message)
  if (desk.policy.channelId === '' || baseConversationId(activity.conversation.id) !== desk.policy.channelId) {
    return message(words.decideInChannel)
  }
  if (click.caseNumber === null) return message(words.unknownCase)
  const { caseNumber: number, planVersion } = click
  switch (click.verb) {
    case 'approve':
    case 'withdraw':
    case 'reject':
    case 'markDone':
    case 'close': {
      const request = { kind: click.verb, number, planVersion, ...click.inputs } as const
      const decided = await recordDecision(desk, request, { speaker: person, activity })
      if (decided === null) return message(words.unknownCase)
      await bindCard(desk, number, activity)
      return decisionAnswer(desk, decided)
    }
    case 'include':
    case 'exclude':
    case 'choose': {
      const answer = await onCampaign(
        desk,
        { ...click, verb: click.verb, caseNumber: number },
        { activity, speaker: person }
      )
      if (answer === null) return message(words.unknownCase)
      await bindCard(desk, number, activity)
      return answer
    }
    case 'undo': {
      const asked = await requestUndo(desk, { number, reason: '' }, { speaker: person, activity })
      if (asked === null) return message(words.unknownCase)
      if (asked.kind === 'refused') return message(words.refusal(asked.reasons))
      await bindCard(desk, number, activity)
      const banner = asked.kind !== 'proposed'
      return { kind: 'card', record: asked.record, text: undoAnswerWords(asked), banner }
    }
    case 'lookAgain':
    case 'proposeAgain': {
      const { ruling, person: named } = await rulingFor(desk, 'analyse', person)
      if (!ruling.allowed) return message(words.refusal(ruling.reasons))
      const now = desk.clock.now()
      const answer = await desk.store.change<string>(number, (record) =>
        click.verb === 'lookAgain'
          ? lookAgain(record, now)
          : proposeAgain(record, { planVersion }, { person: named, ruling, now, activityId: activity.id ?? '' })
      )
      const record = await desk.store.read(number)
      if (answer === null || record === null) return message(words.unknownCase)
      await bindCard(desk, number, activity)
      if (answer === 'looking') return message(click.verb === 'lookAgain' ? words.looking : words.proposing)
      if (answer === 'closed') return withBanner(record, words.lookingIsOver)
      return withBanner(record, decisionWords({ kind: 'stale', record }, now))
    }
    default:
      return message(words.unknownButton)
  }
}

/** From the list that `find` gives. It decides nothing, so the personal chat will do. */
async function openCase(
  desk: Desk,
  from: { activity: Activity; speaker: Person },
  named: MailKey | null
): Promise<ClickAnswer> {
  const { channelId } = desk.policy
  if (channelId === '') return message(words.notSetUp)
  const place = placeOf(from.activity, { channelId, teamId: null })
  if (place !== 'personal' && place !== 'socChannel') return message(words.notHere)
  if (named?.kind !== 'networkMessageId') return message(words.unknownButton)
  const { conversation, id } = from.activity
  const activityKey = `${conversation.id}/${id ?? randomUUID()}/${named.value}`
  const opened = await openAsAnalyst(desk, { key: named, recipients: [], activityKey }, from)
  return message(opened.kind === 'refused' ? opened.reasons.join(' ') : words.openedByClick(opened))
}

/** A click shows where the card stands; that matters only where the answer to its post was lost. */
async function bindCard(desk: Desk, number: number, activity: Activity): Promise<void> {
  if (activity.replyToId === undefined) return
  const bound = await desk.posted.bind(
    cardKey(number),
    { conversationId: activity.conversation.id, serviceUrl: activity.serviceUrl, activityId: activity.replyToId },
    true
  )
  // The update that the click itself asked for may have run before anybody knew where the card stands.
  if (bound) await desk.enqueue([{ kind: 'card', caseNumber: number, dueAt: desk.clock.now() }])
}

const winners: readonly DecisionAnswer['kind'][] = [
  'approved',
  'approvedInPart',
  'withdrawn',
  'rejected',
  'keptRemoved',
  'markedDone',
  'closed'
]

function decisionAnswer(desk: Desk, answer: DecisionAnswer): ClickAnswer {
  const text = decisionWords(answer, desk.clock.now())
  if (answer.kind === 'notAllowed') return message(text)
  // The winner's card shows what was decided; whoever came second needs the sentence, in whatever state the case is.
  const won = winners.includes(answer.kind)
  return { kind: 'card', record: answer.record, text, banner: !won }
}

function withBanner(record: CaseRecord, text: string): ClickAnswer {
  return { kind: 'card', record, text, banner: true }
}

function message(text: string): ClickAnswer {
  return { kind: 'message', text }
}

/** Action.Execute: always HTTP 200, the result in the body; only the clicker sees the card that is answered. */
export async function onExecute(desk: Desk, context: TurnContext): Promise<void> {
  const { action } = (context.activity.value ?? {}) as { action?: { verb?: unknown; data?: unknown } }
  const { click, ignored } = readClick(action?.data, typeof action?.verb === 'string' ? action.verb : '')
  warnOfIgnored(desk, ignored)
  const answer = await guarded(desk, () => onClick(desk, context.activity, click))
  await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body: executeBody(desk, answer) } })
}

/** The keys are the client's to write, and may be of any length. */
function warnOfIgnored({ log }: Desk, ignored: string[]): void {
  if (ignored.length === 0) return
  const names = ignored.slice(0, 10).map((key) => key.slice(0, 40))
  log.warn({ ignored: names }, 'a card carried keys that no card of ours has')
}

function executeBody(desk: Desk, answer: ClickAnswer): object {
  if (answer.kind === 'message') {
    return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: answer.text }
  }
  const banner = answer.banner ? { banner: answer.text } : {}
  return {
    statusCode: 200,
    type: 'application/vnd.microsoft.card.adaptive',
    value: renderCaseCard(answer.record, cardContext(desk, banner))
  }
}

/** Action.Submit: the same decision; the words come as a reply, the card changes through its update. */
export async function onSubmit(desk: Desk, context: TurnContext): Promise<void> {
  const { click, ignored } = readClick(context.activity.value)
  warnOfIgnored(desk, ignored)
  const answer = await guarded(desk, () => onClick(desk, context.activity, click))
  await say(desk, context, answer.text)
}

/** A failure of ours is a clear answer with a reference, never an error page that makes Teams send the click again. */
async function guarded(desk: Desk, work: () => Promise<ClickAnswer>): Promise<ClickAnswer> {
  try {
    return await work()
  } catch (error) {
    const reference = randomUUID().slice(0, 8)
    desk.log.error({ name: (error as Error).name, reference }, 'a click failed')
    return message(words.failure(reference))
  }
}

// Buttons and commands that change what a case's plan is about: similar messages in or out, or which mail a report means. Never approves anything.
import type { Activity, TurnContext } from 'botbuilder'
import { exclude, include, type CampaignAnswer } from '../case/campaign.js'
import { choose } from '../case/choose.js'
import type { MailKey, Person } from '../case/report.js'
import { campaignWords, chooseWords } from './campaign-words.js'
import type { ClickAnswer } from './card-actions.js'
import type { Speaker } from './chat.js'
import { type Desk, rulingFor, say } from './desk.js'
import * as words from './words.js'

interface Wish {
  verb: 'include' | 'exclude' | 'choose'
  caseNumber: number
  planVersion: number
  /** For `choose`. */
  message: MailKey | null
}

interface From {
  speaker: Person
  activity: Activity
}

/** Null: no such case. */
export async function onCampaign(desk: Desk, wish: Wish, from: From): Promise<ClickAnswer | null> {
  if (wish.verb === 'choose') return onChoose(desk, wish, from)
  const answer = await changeCampaign(desk, { ...wish, verb: wish.verb }, from)
  if (answer === null) return null
  if (answer.kind === 'refused') return { kind: 'message', text: words.refusal(answer.reasons) }
  const text = campaignWords(answer)
  if (answer.kind === 'stale') return { kind: 'card', record: answer.record, text, banner: true }
  return { kind: 'message', text }
}

export async function typedCampaign(
  desk: Desk,
  context: TurnContext,
  { kind, number, planVersion }: { kind: 'include' | 'exclude'; number: number; planVersion: number },
  speaker: Speaker
): Promise<void> {
  if (speaker.place !== 'socChannel') return say(desk, context, words.decideInChannel)
  const from = { speaker: speaker.person, activity: context.activity }
  const answer = await changeCampaign(desk, { verb: kind, caseNumber: number, planVersion }, from)
  if (answer === null) return say(desk, context, words.unknownCase)
  return say(desk, context, answer.kind === 'refused' ? answer.reasons.join(' ') : campaignWords(answer))
}

async function changeCampaign(
  desk: Desk,
  { verb, caseNumber, planVersion }: { verb: 'include' | 'exclude'; caseNumber: number; planVersion: number },
  from: From
): Promise<CampaignAnswer | { kind: 'refused'; reasons: string[] } | null> {
  const { ruling, person } = await rulingFor(desk, 'analyse', from.speaker)
  if (!ruling.allowed) return { kind: 'refused', reasons: ruling.reasons }
  const context = { person, now: desk.clock.now(), activityId: from.activity.id ?? '', planVersion }
  return desk.campaigns.change(caseNumber, (record, elsewhere) =>
    verb === 'include' ? include(record, elsewhere, context) : exclude(record, context)
  )
}

async function onChoose(desk: Desk, wish: Wish, from: From): Promise<ClickAnswer | null> {
  const { ruling, person } = await rulingFor(desk, 'analyse', from.speaker)
  if (!ruling.allowed) return { kind: 'message', text: words.refusal(ruling.reasons) }
  if (wish.message?.kind !== 'networkMessageId') return { kind: 'message', text: words.unknownButton }
  const { planVersion } = wish
  const chosen = { planVersion, networkMessageId: wish.message.value }
  const answer = await desk.store.change(wish.caseNumber, (record) =>
    choose(record, chosen, { person, now: desk.clock.now(), activityId: from.activity.id ?? '' })
  )
  if (answer === null) return null
  const text = chooseWords(answer)
  if (answer.kind === 'chosen') return { kind: 'message', text }
  return { kind: 'card', record: answer.record, text, banner: true }
}

// What happens on each typed command. Never decides by itself: it asks the policy and hands over to the domain.
import type { Activity, TurnContext } from 'botbuilder'
import type { Command } from './commands.js'
import { hasApproved } from '../case/case.js'
import { decide } from '../case/decide.js'
import { type DecisionRequest, samePerson } from '../case/decision.js'
import type { MailQuery } from '../case/mail.js'
import { rule } from '../case/policy.js'
import type { OpenAnswer } from '../case/ports.js'
import type { Claims, MessageKey, Person } from '../case/report.js'
import { type StatsDays, periodOf } from '../case/statistics.js'
import { readHeaderBlock } from '../intake/header-block.js'
import { approversNow } from './approvers-now.js'
import { typedCampaign } from './campaign-click.js'
import { auditPageSize, auditSummary, noSuchPage, renderAuditCard } from './audit-card.js'
import { caseSummary, renderCaseCard } from './case-card.js'
import { cardActivity } from './activities.js'
import { decisionWords } from './decision-words.js'
import { type Desk, addressOf, rulingFor, say } from './desk.js'
import { historyPageSize, historySummary, noSuchHistory, renderHistory } from './history-card.js'
import { linkSummary, renderAllLinks } from './link-card.js'
import { renderMailboxList, renderQueue } from './list-card.js'
import type { Place } from './place.js'
import { cardContext } from './posts.js'
import { renderReportCard } from './report-card.js'
import { renderStatsCard, statsSummary } from './stats-card.js'
import { readStory, renderTimeLine, timeLineSummary } from './time-line.js'
import { requestUndo } from './undo-request.js'
import { undoAnswerWords } from './undo-words.js'
import { pastedWithoutId } from './look-words.js'
import * as words from './words.js'
import { whoAmI } from './whoami.js'

export const unresolvedPerHour = 10
const queueLimit = 15

export interface Speaker {
  person: Person
  place: Place
}

export async function answer(desk: Desk, context: TurnContext, command: Command, speaker: Speaker): Promise<void> {
  switch (command.kind) {
    case 'help':
      return say(desk, context, words.help)
    case 'greeting':
      return say(desk, context, words.greeting)
    case 'thanks':
      return say(desk, context, words.thanks)
    case 'unknown':
      return say(desk, context, words.unknown)
    case 'malformed':
      return say(desk, context, words.malformed(command.problem, command.example))
    case 'whoami':
      return say(desk, context, await whoAmI(desk, context.activity, speaker.person))
    case 'report':
      return report(desk, context, { keys: [command.key], note: command.note, claims: null }, speaker)
    case 'reportHeaders':
      return reportHeaders(desk, context, command.headers, speaker)
    case 'triage':
      return triage(desk, context, command, speaker.person)
    case 'find':
      return find(desk, context, command.query, speaker.person)
    case 'case':
      return showCase(desk, context, command.number, speaker)
    case 'audit':
      return showAudit(desk, context, command, speaker.person)
    case 'history':
      return history(desk, context, command.page, speaker.person)
    case 'stats':
      return stats(desk, context, command.days, speaker.person)
    case 'queue':
      return queue(desk, context, speaker.person)
    case 'approve':
      return typedDecision(desk, context, { ...command, remediateSendersCopy: '', verdict: '' }, speaker)
    case 'include':
    case 'exclude':
      return typedCampaign(desk, context, command, speaker)
    case 'undo':
      return undo(desk, context, command, speaker)
    case 'reject':
    case 'withdraw':
    case 'done': {
      const kind = command.kind === 'done' ? 'markDone' : command.kind
      const inputs = { action: '', severity: '', remediateSendersCopy: '', verdict: '' }
      return typedDecision(desk, context, { ...command, ...inputs, kind }, speaker)
    }
  }
}

async function reportHeaders(desk: Desk, context: TurnContext, headers: string, speaker: Speaker): Promise<void> {
  const { keys, claims, itself } = await readHeaderBlock(headers)
  if (keys.length > 0 || itself === null) return report(desk, context, { keys, claims, note: '' }, speaker)
  return report(desk, context, { keys: [itself], claims, note: pastedWithoutId }, speaker)
}

interface Reported {
  keys: MessageKey[]
  note: string
  claims: Claims | null
}

async function report(desk: Desk, context: TurnContext, reported: Reported, speaker: Speaker): Promise<void> {
  const { ruling, person, mailboxes } = await rulingFor(desk, 'report', speaker.person)
  if (!ruling.allowed) return say(desk, context, ruling.reasons.join(' '))
  const [message] = reported.keys
  if (message === undefined) return say(desk, context, words.noIdentifier)
  const opened = await desk.store.open(
    {
      message,
      recipients: [],
      reporter: person,
      mailboxes,
      note: reported.note,
      claims: reported.claims,
      origin: 'report',
      kind: 'phish',
      activityKey: activityKey(context.activity),
      replyTo: addressOf(context.activity),
      at: desk.clock.now()
    },
    { unresolvedPerHour }
  )
  if (opened.kind === 'limited') return say(desk, context, words.limited(opened.waiting))
  const joined = opened.kind === 'joined'
  const text = words.reported(opened.record.number, joined)
  if (speaker.place !== 'personal') return say(desk, context, text)
  const card = renderReportCard({
    caseNumber: opened.record.number,
    joined,
    subject: reported.claims?.subject ?? ''
  })
  return say(desk, context, cardActivity(card, words.reportedSummary(opened.record.number)))
}

async function triage(
  desk: Desk,
  context: TurnContext,
  command: { key: MessageKey; recipients: string[] | 'all' },
  speaker: Person
): Promise<void> {
  const { activity } = context
  const wanted = { ...command, activityKey: activityKey(activity) }
  const opened = await openAsAnalyst(desk, wanted, { speaker, activity })
  return say(desk, context, opened.kind === 'refused' ? opened.reasons.join(' ') : words.triaged(opened))
}

/** Opens a case, or joins the one that is open, for whoever may; typed and clicked. */
export async function openAsAnalyst(
  desk: Desk,
  wanted: { key: MessageKey; recipients: string[] | 'all'; activityKey: string },
  from: { speaker: Person; activity: Activity }
): Promise<{ kind: 'refused'; reasons: string[] } | Exclude<OpenAnswer, { kind: 'limited' }>> {
  const { ruling, person } = await rulingFor(desk, 'analyse', from.speaker)
  if (!ruling.allowed) return { kind: 'refused', reasons: ruling.reasons }
  const opened = await desk.store.open(
    {
      message: wanted.key,
      recipients: wanted.recipients,
      reporter: person,
      mailboxes: [],
      note: '',
      claims: null,
      origin: 'triage',
      kind: 'phish',
      activityKey: wanted.activityKey,
      replyTo: addressOf(from.activity),
      at: desk.clock.now()
    },
    { unresolvedPerHour: Infinity }
  )
  if (opened.kind === 'limited') return { kind: 'refused', reasons: [words.limited(opened.waiting)] }
  return opened
}

/** The search takes longer than a turn may. */
async function find(desk: Desk, context: TurnContext, query: MailQuery, speaker: Person): Promise<void> {
  const { ruling } = await rulingFor(desk, 'analyse', speaker)
  if (!ruling.allowed) return say(desk, context, ruling.reasons.join(' '))
  const { activity } = context
  await desk.enqueue([
    { kind: 'find', id: activityKey(activity), query, to: addressOf(activity), dueAt: desk.clock.now() }
  ])
  return say(desk, context, words.searching)
}

async function showCase(desk: Desk, context: TurnContext, number: number, speaker: Speaker): Promise<void> {
  const { ruling } = await rulingFor(desk, 'analyse', speaker.person)
  if (!ruling.allowed) return say(desk, context, ruling.reasons.join(' '))
  const record = await desk.store.read(number)
  if (record === null) return say(desk, context, words.unknownCase)
  const card = renderCaseCard(record, cardContext(desk, { readOnly: speaker.place !== 'socChannel' }))
  await say(desk, context, cardActivity(card, caseSummary(record)))
  const timeLine = renderTimeLine(await readStory(desk.audit, record), desk.clock.now())
  await say(desk, context, cardActivity(timeLine, timeLineSummary(record)))
  const list = renderMailboxList(record)
  if (list !== null) await say(desk, context, cardActivity(list, caseSummary(record)))
  for (const remediation of record.remediations) {
    for (const links of renderAllLinks(record, remediation, cardContext(desk))) {
      await say(desk, context, cardActivity(links, linkSummary(record, remediation)))
    }
  }
}

/** For those who decide: it shows who decided what, and why. */
async function showAudit(
  desk: Desk,
  context: TurnContext,
  { number, page }: { number: number; page: number },
  speaker: Person
): Promise<void> {
  const { ruling } = await rulingFor(desk, 'decide', speaker)
  if (!ruling.allowed) return say(desk, context, ruling.reasons.join(' '))
  if ((await desk.store.read(number)) === null) return say(desk, context, words.unknownCase)
  const part = { skip: (page - 1) * auditPageSize, limit: auditPageSize }
  const kept = { caseNumber: number, page, ...(await desk.audit.entriesOf(number, part)) }
  const none = noSuchPage(kept)
  if (none !== null) return say(desk, context, none)
  return say(desk, context, cardActivity(renderAuditCard(kept, desk.clock.now()), auditSummary(number)))
}

async function history(desk: Desk, context: TurnContext, page: number, speaker: Person): Promise<void> {
  const { ruling } = await rulingFor(desk, 'analyse', speaker)
  if (!ruling.allowed) return say(desk, context, ruling.reasons.join(' '))
  const part = { skip: (page - 1) * historyPageSize, limit: historyPageSize }
  const shown = { page, ...(await desk.statistics.ended(part)) }
  const none = noSuchHistory(shown)
  if (none !== null) return say(desk, context, none)
  return say(desk, context, cardActivity(renderHistory(shown, desk.clock.now()), historySummary(page)))
}

async function stats(desk: Desk, context: TurnContext, days: StatsDays, speaker: Person): Promise<void> {
  const { ruling } = await rulingFor(desk, 'analyse', speaker)
  if (!ruling.allowed) return say(desk, context, ruling.reasons.join(' '))
  const { from, to } = periodOf(days, desk.clock.now())
  const card = renderStatsCard(await desk.statistics.between(from, to))
  return say(desk, context, cardActivity(card, statsSummary(days)))
}

async function queue(desk: Desk, context: TurnContext, speaker: Person): Promise<void> {
  const { ruling } = await rulingFor(desk, 'analyse', speaker)
  if (!ruling.allowed) return say(desk, context, ruling.reasons.join(' '))
  const { records, total } = await desk.store.openCases(queueLimit)
  if (total === 0) return say(desk, context, words.emptyQueue)
  return say(desk, context, cardActivity(renderQueue(records, total, desk.clock.now()), words.queueSummary(total)))
}

async function typedDecision(
  desk: Desk,
  context: TurnContext,
  request: DecisionRequest & { number: number },
  speaker: Speaker
): Promise<void> {
  if (speaker.place !== 'socChannel') return say(desk, context, words.decideInChannel)
  const decided = await recordDecision(desk, request, { speaker: speaker.person, activity: context.activity })
  return say(desk, context, decided === null ? words.unknownCase : decisionWords(decided, desk.clock.now()))
}

async function undo(
  desk: Desk,
  context: TurnContext,
  wanted: { number: number; reason: string },
  { person, place }: Speaker
): Promise<void> {
  if (place !== 'socChannel') return say(desk, context, words.decideInChannel)
  const asked = await requestUndo(desk, wanted, { speaker: person, activity: context.activity })
  if (asked === null) return say(desk, context, words.unknownCase)
  return say(desk, context, asked.kind === 'refused' ? words.refusal(asked.reasons) : undoAnswerWords(asked))
}

/** The one way from a person's decision to the store, whether it was clicked or typed. Null: no such case. */
export async function recordDecision(
  desk: Desk,
  request: DecisionRequest & { number: number },
  from: { speaker: Person; activity: Activity }
) {
  const [{ ruling, person, groups, mailboxes, rights }, earlier] = await Promise.all([
    rulingFor(desk, 'decide', from.speaker),
    request.kind === 'approve' ? approversNow(desk, request.number) : []
  ])
  const { objectId } = person
  const { reported, triaged } = await desk.reports.partOf(request.number, { objectId, mailboxes })
  return desk.store.change(request.number, (record) =>
    decide(record, request, {
      policy: desk.policy,
      person,
      // A refusal says more to somebody who has approved this case before.
      ruling: hasApproved(record, objectId)
        ? rule(desk.policy, 'decide', { objectId, rights, approvedBefore: true })
        : ruling,
      // A triage that joins a case asks for it as much as one that opens it.
      standing: { objectId, groups, reporter: reported, opener: triaged || samePerson(record.openedBy, person) },
      approversNow: earlier,
      batchSize: desk.batchSize,
      now: desk.clock.now(),
      activityId: from.activity.id ?? ''
    })
  )
}

function activityKey(activity: Activity): string {
  return `${activity.conversation.id}/${activity.id ?? ''}`
}

// Messages like the one of a case: offered, included in its plan or left out of it again. Pure; never acts on anything.
import type { CaseRecord, CaseState } from './case.js'
import { caseName, latestRemediation } from './case.js'
import type { AuditEntry, OutboxEntry } from './change.js'
import type { FindResult, SimilarMessage } from './mail.js'
import { withoutPending } from './pending.js'
import type { Step } from './ports.js'
import type { Person } from './report.js'
import { after } from './transitions.js'

export interface CampaignMessage extends SimilarMessage {
  /** When a look saw it first. Epoch ms. */
  seenAt: number
  /** An alert names it, whatever a look says of it. */
  named?: true
}

export interface MessageOfCase {
  networkMessageId: string
  caseNumber: number
}

export interface Campaign {
  /** Null where no look for similar messages has answered yet. */
  lookedAt: number | null
  /** The case's own message is not among them. */
  similar: CampaignMessage[]
  /** There are others, which are not in the list. */
  more: boolean
  /** Their copies are in the plan, or the plan is being made anew with them. */
  included: string[]
  /** Included messages that had a case of their own, which has joined this one. */
  joined: MessageOfCase[]
  /** Left out again although their cases had joined this one: each still has to become a case of its own. */
  apart: MessageOfCase[]
  /** Not included, because a case of their own is past its proposal. */
  handled: MessageOfCase[]
}

/** A plan is made of so many messages at most, the case's own among them. */
export const mostMessages = 50

const hour = 3_600_000
/** A case that nobody decides must not use up what an organisation may ask Defender: then it only waits for its request. */
const lookedForMs = 24 * hour

const none: Campaign = {
  lookedAt: null,
  similar: [],
  more: false,
  included: [],
  joined: [],
  apart: [],
  handled: []
}

const waiting: readonly CaseState[] = ['proposed', 'partlyApproved']
const sent: readonly CaseState[] = ['submitted', 'verified']
const onItsWay: readonly CaseState[] = ['approved', 'submitting']

/** `now`: look; a number: come back then; null: there is no more to look for. */
export function campaignDue(record: CaseRecord, now: number): 'now' | number | null {
  const lookedAt = record.campaign?.lookedAt ?? null
  const again = lookedAt === null ? now : lookedAt + hour
  if (waiting.includes(record.state)) {
    if (lookedAt !== null && record.plan !== null && lookedAt > record.plan.madeAt + lookedForMs) return now + hour
    return again <= now ? 'now' : again
  }
  if (onItsWay.includes(record.state)) return now + hour
  const remediation = latestRemediation(record)
  if (!sent.includes(record.state) || remediation === null) return null
  const due = remediation.decidedAt + hour
  if (due > now) return due
  return lookedAt !== null && lookedAt >= due ? null : 'now'
}

/** What a look for similar messages found. Answers when to come back. Without a permission or a licence nothing is shown. */
export function similarFound(record: CaseRecord, result: FindResult<SimilarMessage>, now: number): Step<number | null> {
  const due = campaignDue(record, now)
  if (due !== 'now') return { next: null, outbox: [], audit: [], answer: due }
  const before = record.campaign ?? none
  const found = result.kind === 'messages' ? result.messages : []
  const known = new Map(before.similar.map((message) => [message.networkMessageId, message]))
  const fresh = found.filter(({ networkMessageId }) => !known.has(networkMessageId))
  const seen = found.map((message): CampaignMessage => {
    const before = known.get(message.networkMessageId)
    return { ...message, seenAt: before?.seenAt ?? now, ...(before?.named === true && { named: true }) }
  })
  const listed = new Set(found.map(({ networkMessageId }) => networkMessageId))
  const campaign: Campaign = {
    ...before,
    lookedAt: now,
    // What people were shown stays, whatever a later look answers.
    similar: [...seen, ...before.similar.filter(({ networkMessageId }) => !listed.has(networkMessageId))],
    more: result.kind === 'messages' ? result.more : before.more
  }
  const next: CaseRecord = { ...record, campaign }
  const outbox: OutboxEntry[] = []
  if (waiting.includes(record.state)) outbox.push(cardOf(record, now))
  // The first list stands on the card; what comes later would go unseen there.
  const late = before.lookedAt !== null || sent.includes(record.state)
  if (late && fresh.length > 0) outbox.push({ kind: 'similar', caseNumber: record.number, seenAt: now, dueAt: now })
  const audit =
    fresh.length === 0
      ? []
      : [entry(record, now, { event: 'campaign.found', detail: { messages: fresh.map(idOf), more: campaign.more } })]
  return { next, outbox, audit, answer: nextDue(next, now) }
}

function nextDue(record: CaseRecord, now: number): number | null {
  const due = campaignDue(record, now)
  return due === 'now' ? now + hour : due
}

/**
 * A message that an alert names as similar, before anybody has looked. False where the case takes no more: then it needs
 * a case of its own.
 */
export function offerSimilar(record: CaseRecord, networkMessageId: string, now: number): Step<boolean> {
  const before = record.campaign ?? none
  const listed = before.similar.find((message) => message.networkMessageId === networkMessageId)
  const actedOn = [record.message.value, ...before.included].includes(networkMessageId)
  if (actedOn || listed?.named === true) return { next: null, outbox: [], audit: [], answer: true }
  const full = listed === undefined && before.similar.length >= mostMessages - 1
  if (full || beforePlan(record) === null) return { next: null, outbox: [], audit: [], answer: false }
  const facts = { subject: '', senderAddress: '', copies: 0, receivedAt: null, why: 'alert', seenAt: now } as const
  const message: CampaignMessage = { ...facts, ...listed, networkMessageId, named: true }
  return {
    next: {
      ...record,
      campaign: { ...before, similar: [...before.similar.filter((each) => each !== listed), message] }
    },
    outbox: [cardOf(record, now)],
    audit: [entry(record, now, { event: 'campaign.offered', detail: { messages: [networkMessageId] } })],
    answer: true
  }
}

/** The messages that can still be included, newest first as they were found. */
export function includable(record: CaseRecord): CampaignMessage[] {
  const { campaign } = record
  if (campaign === null || beforePlan(record) === null) return []
  const out = new Set([...campaign.included, ...campaign.handled.map(({ networkMessageId }) => networkMessageId)])
  return campaign.similar
    .filter(({ networkMessageId }) => !out.has(networkMessageId))
    .slice(0, mostMessages - 1 - campaign.included.length)
}

export function mayExclude(record: CaseRecord): boolean {
  return (record.campaign?.included.length ?? 0) > 0 && beforePlan(record) !== null
}

export interface CampaignContext {
  person: Person
  now: number
  activityId: string
}

/** An open case that one of the messages has already. */
export interface OpenElsewhere extends MessageOfCase {
  /** Nobody has begun to decide it, and it says nothing that joining would undo. */
  joinable: boolean
}

export type CampaignAnswer =
  | { kind: 'including'; record: CaseRecord; count: number; handled: number[] }
  | { kind: 'excluding'; record: CaseRecord }
  | { kind: 'nothingToInclude' | 'nothingToExclude'; record: CaseRecord; handled: number[] }
  | { kind: 'stale'; record: CaseRecord }

export interface CampaignStep extends Step<CampaignAnswer> {
  /** The cases that join this one, with all their reports. */
  joins: number[]
}

/** Pure: the plan that was shown can no longer be approved; the look makes one over all messages, or none. */
export function include(
  record: CaseRecord,
  elsewhere: OpenElsewhere[],
  { planVersion, ...context }: CampaignContext & { planVersion: number }
): CampaignStep {
  const state = beforePlan(record)
  if (state === null || record.campaign === null || planVersion !== record.planVersion) return stale(record)
  const handled = elsewhere.filter(({ joinable }) => !joinable).map(messageOfCase)
  const campaign: Campaign = { ...record.campaign, handled }
  const ids = includable({ ...record, campaign }).map(idOf)
  if (ids.length === 0) {
    const answer: CampaignAnswer = { kind: 'nothingToInclude', record, handled: numbers(handled) }
    if (handled.length === 0) return { next: null, outbox: [], audit: [], answer, joins: [] }
    return { next: { ...record, campaign }, outbox: [cardOf(record, context.now)], audit: [], answer, joins: [] }
  }
  const joined = elsewhere
    .filter(({ joinable, networkMessageId }) => joinable && ids.includes(networkMessageId))
    .map(messageOfCase)
  const { person, now, activityId } = context
  const { record: cleared, audit } = anew(record, state, { change: 'messages were included', by: person, now })
  const next: CaseRecord = {
    ...cleared,
    campaign: {
      ...campaign,
      included: [...campaign.included, ...ids],
      joined: [...campaign.joined, ...joined],
      apart: campaign.apart.filter(({ networkMessageId }) => !ids.includes(networkMessageId))
    }
  }
  const detail = { planVersion, messages: ids, joined: numbers(joined), handled: numbers(handled), activityId }
  return {
    next,
    outbox: [lookOf(record, now), cardOf(record, now)],
    audit: [...audit, entry(record, now, { event: 'campaign.included', detail, by: person })],
    answer: { kind: 'including', record: next, count: ids.length, handled: numbers(handled) },
    joins: numbers(joined)
  }
}

/** Pure: back to the case's own message. What had a case of its own becomes one again. */
export function exclude(
  record: CaseRecord,
  { planVersion, ...context }: CampaignContext & { planVersion: number }
): CampaignStep {
  const state = beforePlan(record)
  if (state === null || planVersion !== record.planVersion) return stale(record)
  const { campaign } = record
  if (campaign === null || campaign.included.length === 0) {
    const answer: CampaignAnswer = { kind: 'nothingToExclude', record, handled: [] }
    return { next: null, outbox: [], audit: [], answer, joins: [] }
  }
  const apart = [...campaign.apart, ...campaign.joined]
  const { person, now, activityId } = context
  const { record: cleared, audit } = anew(record, state, { change: 'messages were left out', by: person, now })
  const next: CaseRecord = { ...cleared, campaign: { ...campaign, included: [], joined: [], apart } }
  const detail = { planVersion, messages: campaign.included, apart: numbers(apart), activityId }
  return {
    next,
    outbox: [
      lookOf(record, now),
      cardOf(record, now),
      ...(apart.length === 0 ? [] : [{ kind: 'apart' as const, caseNumber: record.number, dueAt: now }])
    ],
    audit: [...audit, entry(record, now, { event: 'campaign.excluded', detail, by: person })],
    answer: { kind: 'excluding', record: next },
    joins: []
  }
}

/** What was shown, and what some have approved of it, counts no more. */
function anew(
  record: CaseRecord,
  state: CaseState,
  { change, by, now }: { change: string; by: Person; now: number }
): { record: CaseRecord; audit: AuditEntry[] } {
  const { record: cleared, audit } = withoutPending(record, { why: 'changed', changes: [change], by }, now)
  const look = { ...record.look, attempts: 0, nextAt: null, problem: null }
  return { record: { ...cleared, state, look }, audit }
}

/** Null where messages can neither be included nor left out: a follow-up and an undo are about what was acted on. */
function beforePlan({ state, plan }: CaseRecord): CaseState | null {
  return plan === null || plan.purpose === 'remediate' ? after(state, 'narrow') : null
}

function stale(record: CaseRecord): CampaignStep {
  return { next: null, outbox: [], audit: [], answer: { kind: 'stale', record }, joins: [] }
}

function messageOfCase({ networkMessageId, caseNumber }: MessageOfCase): MessageOfCase {
  return { networkMessageId, caseNumber }
}

function numbers(messages: MessageOfCase[]): number[] {
  return [...new Set(messages.map(({ caseNumber }) => caseNumber))]
}

function idOf({ networkMessageId }: { networkMessageId: string }): string {
  return networkMessageId
}

function cardOf({ number }: CaseRecord, now: number): OutboxEntry {
  return { kind: 'card', caseNumber: number, dueAt: now }
}

function lookOf({ number }: CaseRecord, now: number): OutboxEntry {
  return { kind: 'look', caseNumber: number, dueAt: now }
}

function entry(
  record: CaseRecord,
  at: number,
  what: Pick<AuditEntry, 'event' | 'detail'> & { by?: Person }
): AuditEntry {
  const { number } = record
  const { event, detail, by = null } = what
  return { at, caseNumber: number, event, actor: by, detail: { case: caseName(number), ...detail } }
}

// For a report that names no mail by id: which messages it may be about, by the sender, subject and date that it claims. A person chooses.
import { type CaseRecord, type LookProblem, caseName } from './case.js'
import type { FindResult, MailQuery, ReceivedMessage } from './mail.js'
import type { CaseStore, Clock, MessageFinding, Step } from './ports.js'
import type { Person } from './report.js'

export interface Candidates {
  searches: number
  lastAt: number
  nextAt: number | null
  /** Newest first, at most five. */
  messages: ReceivedMessage[]
  more: boolean
  /** Why the last search brought no answer. */
  problem: LookProblem | null
  /** A person says that it is this one. */
  chosen: string | null
}

const day = 24 * 3_600_000
/** Defender keeps mail for so long. */
export const keptMs = 30 * day
/** Clocks go wrong, and a mail may be sent long after it was written. */
const aroundMs = 2 * day
const undatedMs = 7 * day
const mostShown = 5
const longestWanted = 500

/** Defender indexes late. */
const searchAgainAfter = [5 * 60_000, 15 * 60_000]
const unavailableRetry = [10_000, 60_000, 5 * 60_000, 15 * 60_000]

/** Null where the report claims nothing to search by, or names its mail itself. `tooOld`: no search can find it. */
export function candidateQuery({ message, reporters }: CaseRecord, now: number): MailQuery | 'tooOld' | null {
  const { claims } = reporters
  if (message.kind !== 'file' || claims === null) return null
  const address = claims.senderAddress.trim()
  const from = /^[^\s@<>]+@[^\s@<>]+$/.test(address) && searchable(address) === address ? address : ''
  const subject = searchable(withoutMarks(claims.subject))
  if (from === '' && subject === '') return null
  const { sentAt } = claims
  // A date to come is no date to go by.
  if (sentAt === undefined || sentAt > now + aroundMs) return { from, subject, sinceMs: undatedMs }
  const untilMs = now - sentAt - aroundMs
  if (untilMs >= keptMs) return 'tooOld'
  return { from, subject, sinceMs: Math.min(now - sentAt + aroundMs, keptMs), ...(untilMs > 0 && { untilMs }) }
}

/** Whoever forwards a mail to report it changes its subject. */
function withoutMarks(subject: string): string {
  return subject.replace(/^\s*((re|fw|fwd|aw|wg)\s*:\s*)+/i, '')
}

/** The longest part that a query can hold: any part of a subject will do. */
function searchable(text: string): string {
  const parts = text.split(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/u).map((part) => part.trim())
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '')
  let cut = ''
  for (const character of longest) {
    if (cut.length + character.length > longestWanted) break
    cut += character
  }
  return cut
}

export interface ChooseDoors {
  store: CaseStore
  finder: MessageFinding
  clock: Clock
}

/** The outbox's `candidates`: one search. Answers when to search again, if at all. */
export async function findCandidates(
  caseNumber: number,
  { store, finder, clock }: ChooseDoors
): Promise<number | null> {
  const record = await store.read(caseNumber)
  if (record === null || !mayChoose(record)) return null
  const query = candidateQuery(record, clock.now())
  if (query === null) return null
  const result = query === 'tooOld' ? query : await finder.find(query)
  return store.change(caseNumber, (current) => candidatesFound(current, result, clock.now()))
}

function mayChoose({ state, look, message, candidates }: CaseRecord): boolean {
  const noMail = state === 'unreadable' && look.problem?.kind === 'noMail' && message.kind === 'file'
  return noMail && candidates?.chosen == null
}

/** Pure: what a search found. Messages that were offered stay, so that nobody's button vanishes under the finger. */
export function candidatesFound(record: CaseRecord, result: FindResult | 'tooOld', now: number): Step<number | null> {
  if (!mayChoose(record)) return { next: null, outbox: [], audit: [], answer: null }
  const before = record.candidates
  const searches = (before?.searches ?? 0) + 1
  const found = result !== 'tooOld' && result.kind === 'messages' ? result.messages : null
  const nextAt = delayed(now, result, searches, (before?.messages.length ?? 0) > 0)
  const candidates: Candidates = {
    searches,
    lastAt: now,
    nextAt,
    messages: found?.slice(0, mostShown) ?? before?.messages ?? [],
    more: found === null ? (before?.more ?? false) : moreThanShown(found, result),
    problem: problemOf(record, result),
    chosen: null
  }
  const audit =
    found === null
      ? []
      : [
          {
            at: now,
            caseNumber: record.number,
            actor: null,
            event: 'case.candidates',
            detail: { messages: candidates.messages.map(({ networkMessageId }) => networkMessageId) }
          }
        ]
  return {
    next: { ...record, candidates },
    outbox: [{ kind: 'card', caseNumber: record.number, dueAt: now }],
    audit,
    answer: nextAt
  }
}

function moreThanShown(found: ReceivedMessage[], result: FindResult | 'tooOld'): boolean {
  return found.length > mostShown || (result !== 'tooOld' && result.kind === 'messages' && result.more)
}

function delayed(now: number, result: FindResult | 'tooOld', searches: number, offered: boolean): number | null {
  if (result === 'tooOld' || offered) return null
  if (result.kind === 'nothing') {
    const delay = searchAgainAfter[searches - 1]
    return delay === undefined ? null : now + delay
  }
  if (result.kind !== 'unavailable') return null
  const delay = unavailableRetry[Math.min(searches, unavailableRetry.length) - 1] ?? 0
  return now + Math.max(delay, result.retryAfterMs ?? 0)
}

function problemOf({ reporters }: CaseRecord, result: FindResult | 'tooOld'): LookProblem | null {
  if (result === 'tooOld') return { kind: 'tooOld', sentAt: reporters.claims?.sentAt ?? 0 }
  if (result.kind === 'messages' || result.kind === 'nothing') return null
  return result.kind === 'unavailable' ? { kind: 'unavailable', reason: result.reason } : result
}

export type ChooseAnswer =
  | { kind: 'chosen' | 'notOffered'; record: CaseRecord }
  | { kind: 'alreadyChosen'; record: CaseRecord }
  | { kind: 'stale'; record: CaseRecord }

/** Pure: a person says which of the offered messages it is. The look binds the case to it, or joins it to that mail's case. */
export function choose(
  record: CaseRecord,
  { planVersion, networkMessageId }: { planVersion: number; networkMessageId: string },
  { person, now, activityId }: { person: Person; now: number; activityId: string }
): Step<ChooseAnswer> {
  const only = (kind: ChooseAnswer['kind']) => ({ next: null, outbox: [], audit: [], answer: { kind, record } })
  const { candidates } = record
  if (candidates?.chosen != null) return only('alreadyChosen')
  if (candidates === null || !mayChoose(record) || planVersion !== record.planVersion) return only('stale')
  const id = networkMessageId.toLowerCase()
  if (!candidates.messages.some((message) => message.networkMessageId === id)) return only('notOffered')
  const next = { ...record, candidates: { ...candidates, chosen: id, nextAt: null } }
  const due = { caseNumber: record.number, dueAt: now }
  return {
    next,
    outbox: [
      { kind: 'look', ...due },
      { kind: 'card', ...due }
    ],
    audit: [
      {
        at: now,
        caseNumber: record.number,
        actor: person,
        event: 'case.chosen',
        detail: { case: caseName(record.number), networkMessageId: id, activityId }
      }
    ],
    answer: { kind: 'chosen', record: next }
  }
}

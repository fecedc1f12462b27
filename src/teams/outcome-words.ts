// What the looks after a request have found, in words. Says what was seen and when, never who did it unless Defender says so,
// and never "removed" of a copy that was not seen gone.
import { type CaseRecord, caseName } from '../case/case.js'
import { followedUp } from '../case/follow-up.js'
import { isSettled } from '../case/outcome.js'
import type { LeftOutReason, RemediationAction } from '../case/plan.js'
import {
  type CopyCause,
  type OutcomeCounts,
  type Remediation,
  type RemediationOutcome,
  countOutcome
} from '../case/remediation.js'
import { countOf, formatNumber, formatTime } from './card-text.js'
import { actionWords } from './remediation-view.js'
import { locationWords } from './evidence-view.js'

interface Did {
  /** Before a number of mailboxes. */
  in: string
  /** Under a number, and before a list of mailboxes. */
  label: string
}

const didWords: Record<RemediationAction, Did> = {
  softDelete: { in: 'removed from', label: 'removed' },
  hardDelete: { in: 'removed from', label: 'removed' },
  moveToJunk: { in: 'moved to junk in', label: 'moved to junk' },
  moveToDeletedItems: { in: 'moved to deleted items in', label: 'moved to deleted items' },
  moveToInbox: { in: 'moved back to the inbox in', label: 'back in the inbox' }
}

const leftOutWords: Record<LeftOutReason, string> = {
  protected: 'protected mailbox',
  onprem_external: 'on-premises',
  failed: 'delivery failed',
  dropped: 'dropped',
  unknown: 'unknown place'
}

export const placeWords = { ...locationWords, notListed: 'not listed' }

/** `removed from 37 of 40`; null where nobody has looked yet. */
export function movedWords(remediation: Remediation): string | null {
  const counts = countOutcome(remediation)
  return counts === null ? null : `${didWords[remediation.action].in} ${ofTotal(counts)}`
}

function ofTotal({ moved, total }: OutcomeCounts): string {
  return `${formatNumber(moved)} of ${formatNumber(total)}`
}

/** `Removed from 37 of 40 mailboxes`. */
export function outcomeTitle(remediation: Remediation): string | null {
  const words = movedWords(remediation)
  const total = countOutcome(remediation)?.total ?? 0
  return words === null ? null : sentence(`${words} ${total === 1 ? 'mailbox' : 'mailboxes'}`)
}

/** `PT-1038: removed from 37 of 40; 2 already there; 1 cannot be acted on (on-premises)`. */
export function outcomeSummary(caseNumber: number, remediation: Remediation): string | null {
  const words = movedWords(remediation)
  return words === null ? null : `${caseName(caseNumber)}: ${[words, ...restWords(remediation)].join('; ')}`
}

function restWords(remediation: Remediation): string[] {
  const counts = countOutcome(remediation)
  if (counts === null || remediation.outcome === null) return []
  return [
    ...numbered(counts.already, 'already there'),
    ...numbered(counts.waiting, 'not moved'),
    ...numbered(counts.elsewhere, 'in another place'),
    ...numbered(counts.gone, 'listed no more'),
    ...numbered(counts.notAsked, 'not accepted'),
    ...leftOutPart(remediation.outcome)
  ]
}

function leftOutPart({ leftOut }: RemediationOutcome): string[] {
  const reasons = Object.keys(leftOutWords) as LeftOutReason[]
  const named = reasons.filter((reason) => (leftOut[reason] ?? 0) > 0)
  const total = named.reduce((count, reason) => count + (leftOut[reason] ?? 0), 0)
  const what = named.includes('protected') ? 'left out' : 'cannot be acted on'
  return total === 0 ? [] : [`${formatNumber(total)} ${what} (${named.map((each) => leftOutWords[each]).join(', ')})`]
}

function numbered(count: number, words: string): string[] {
  return count === 0 ? [] : [`${formatNumber(count)} ${words}`]
}

/** The big numbers of a card, at most four; always with what the action has done. */
export function outcomeNumbers(remediation: Remediation): { count: string; label: string }[] {
  const counts = countOutcome(remediation)
  if (counts === null || remediation.outcome === null) return []
  const isProtected = (remediation.outcome.leftOut.protected ?? 0) > 0
  const numbers: [number, string][] = [
    [counts.already, 'already there'],
    [counts.waiting, 'not moved'],
    [counts.elsewhere, 'in another place'],
    [counts.gone, 'listed no more'],
    [counts.notAsked, 'not accepted'],
    [counts.leftOut, isProtected ? 'left out' : 'cannot be acted on']
  ]
  const shown = numbers.filter(([count]) => count > 0)
  // More than four do not fit a phone; the reply in the thread and `case` have them all.
  const fitting = shown.length > 3 ? [...shown.slice(0, 2), ...shown.slice(-1)] : shown
  return [[counts.moved, didWords[remediation.action].label] as const, ...fitting].map(([count, label]) => ({
    count: formatNumber(count),
    label
  }))
}

/** In the order of the lists: what each copy's outcome is called. */
export function outcomeLabels({ action }: Remediation): [keyof OutcomeCounts, string][] {
  return [
    ['moved', sentence(didWords[action].label)],
    ['already', 'Already there'],
    ['waiting', 'Not moved'],
    ['elsewhere', 'In another place'],
    ['gone', 'Listed no more'],
    ['notAsked', 'Not accepted']
  ]
}

/** `9 inbox, 2 junk`: the copies that were asked for, at the last look. */
export function placesLine({ places }: RemediationOutcome): string {
  const order = Object.keys(placeWords) as (keyof typeof placeWords)[]
  return order.flatMap((place) => numbered(places[place] ?? 0, placeWords[place])).join(', ')
}

/** Who else has moved copies, as far as Defender says; each a sentence. */
export function causeLines({ causes }: RemediationOutcome): string[] {
  const count = (cause: CopyCause) => causes[cause] ?? 0
  const lines: string[] = []
  const byItself = (zap: number, air: number, say: (moved: string, how: string) => string) => {
    const how = [...(zap > 0 ? ['ZAP'] : []), ...(air > 0 ? ['AIR'] : [])].join(', ')
    if (zap + air > 0) lines.push(say(formatNumber(zap + air), how))
  }
  byItself(
    count('zapBefore'),
    count('airBefore'),
    (moved, how) => `Defender had already moved ${moved} by itself (${how}).`
  )
  byItself(count('zap'), count('air'), (moved, how) => `Defender moved ${moved} by itself (${how}) after the request.`)
  if (count('administratorBefore') > 0) {
    lines.push(`An administrator had already moved ${formatNumber(count('administratorBefore'))}.`)
  }
  if (count('user') > 0) lines.push(`${countOf(count('user'), 'copy was', 'copies were')} moved by the user.`)
  if (count('moveFailed') > 0) lines.push(`Defender reports that ${countOf(count('moveFailed'), 'move')} failed.`)
  return lines
}

/** For an unknown outcome: what was seen, and what that does not say. */
export function unknownSeen(remediation: Remediation): { last: string; whose: string | null } | null {
  const { outcome, action } = remediation
  const counts = countOutcome(remediation)
  if (outcome === null || counts === null) return null
  const asked = Object.values(outcome.places).reduce((total, count) => total + count, 0)
  if (counts.moved === 0) {
    const still = counts.waiting === asked ? ' Nothing has moved.' : ''
    return { last: `${placesLine(outcome)}.${still}`, whose: null }
  }
  const moved = `${didWords[action].in} ${formatNumber(counts.moved)} of ${formatNumber(asked)}`
  const byAdministrator = (outcome.causes.administrator ?? 0) > 0
  const what = sentence(didWords[action].label)
  return {
    last: `${moved}; ${placesLine(outcome)}.`,
    whose: byAdministrator
      ? `${what} by an administrator; whether by this request is not known.`
      : `${what}; by whom is not known.`
  }
}

/** `7 not moved after 24 h`, `12 of 40 so far`: the one line of a card's head. */
export function verifiedLine(remediation: Remediation, now: number): string {
  const counts = countOutcome(remediation)
  const { outcome } = remediation
  if (outcome === null || counts === null) return 'not looked at'
  const left = [...numbered(counts.waiting, 'not moved'), ...numbered(counts.elsewhere, 'in another place')]
  const after = outcome.nextLookAt === null && left.length > 0 ? ' after 24 h' : ''
  return [...(outcome.open > 0 && left.length > 0 ? [`${left.join(', ')}${after}`] : []), lastLook(outcome, now)].join(
    ', '
  )
}

/** `removed from 12 of 40 so far, next look 03:31 UTC`. */
export function soFarLine(remediation: Remediation, now: number): string | null {
  const words = movedWords(remediation)
  const next = remediation.outcome?.nextLookAt ?? null
  if (words === null) return null
  return `${words} so far${next === null ? '' : `, next look ${formatTime(next, now)}`}`
}

function lastLook({ lastLookAt }: RemediationOutcome, now: number): string {
  return `last look ${formatTime(lastLookAt, now)}`
}

/** Everything that could be waited for was seen. */
export function isProven(remediation: Remediation): boolean {
  return remediation.outcome !== null && remediation.outcome.open === 0 && isSettled(remediation)
}

/** What stands of the case's earlier requests, in the one line of a card's head; null where nobody has looked. */
export function beforeLine({ remediations }: CaseRecord): string | null {
  const seen = remediations.findLast(({ outcome }) => outcome !== null)
  const words = seen === undefined ? null : movedWords(seen)
  return words === null ? null : `${words} before`
}

/** A follow-up that nobody wanted says nothing of what was removed before. */
export function closedFollowUpTitle(record: CaseRecord): string | null {
  if (followedUp(record) === null) return null
  return record.plan?.copies.length === 1 ? 'Closed: the later copy stays' : 'Closed: the later copies stay'
}

/** What the person is told who left the later copies where they are. */
export function closedFollowUpWords(record: CaseRecord): string {
  const before = beforeLine(record)
  const what = before === null ? 'What was submitted before stays submitted' : sentence(before)
  return `closed; the copies that came later stay where they are. ${what}.`
}

/** The reply under the card. */
export function turnedUpWords(caseNumber: number, copies: number): string {
  return `${caseName(caseNumber)}: ${countOf(copies, 'more copy', 'more copies')} turned up; a new approval is needed`
}

/** `PT-1050 handles 3 copies that came later`. */
export function laterWords({ later }: RemediationOutcome): string | null {
  if (later === null) return null
  return `${caseName(later.caseNumber)} handles ${countOf(later.copies, 'copy that', 'copies that')} came later`
}

/** `Soft delete, severity medium.` */
export function choiceWords({ action, severity }: Remediation): string {
  return `${actionWords[action]}, severity ${severity}.`
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

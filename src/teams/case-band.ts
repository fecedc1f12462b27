// The head of a case's card and its one-line summary: which state it is in, in our own words. Never holds text from outside.
import { type CaseRecord, caseName, latestRemediation } from '../case/case.js'
import { type Waiting, nextApproval, waitingLine } from './approvals-view.js'
import { formatTime, formatNumber, mailboxes } from './card-text.js'
import { countedAs } from './campaign-view.js'
import { problemHeads, tooOldTitle } from './look-words.js'
import { effectOf } from '../case/remediation.js'
import { beforeLine, closedFollowUpTitle, isProven, outcomeTitle, soFarLine, verifiedLine } from './outcome-words.js'
import { undoHead, undoneTitle } from './undo-view.js'
import { countBatches, effectLine, failure, waitingBatch } from './remediation-view.js'

export interface Band {
  style: 'emphasis' | 'warning' | 'accent' | 'attention' | 'good'
  color: 'Default' | 'Warning' | 'Accent' | 'Attention' | 'Good'
  glyph: string
  title: string
  line: string
}

export function bandOf(record: CaseRecord, now: number, approvals: Waiting | null): Band {
  const head = headOf(record, now)
  const line = approvals === null ? head.line : waitingLine(approvals, now)
  const version = record.planVersion > 0 ? ` · v${String(record.planVersion)}` : ''
  return { ...head, line: `${caseName(record.number)}${version} · ${line}` }
}

const quiet = { style: 'emphasis', color: 'Default' } as const
const waiting = { style: 'warning', color: 'Warning' } as const
const moving = { style: 'accent', color: 'Accent' } as const
const proved = { style: 'good', color: 'Good' } as const
const bad = { style: 'attention', color: 'Attention' } as const

function headOf(record: CaseRecord, now: number): Band {
  switch (record.state) {
    case 'looking':
      return { ...quiet, glyph: '…', title: 'Looking it up', line: 'asking Defender' }
    case 'nothingFound':
      if (record.look.problem?.kind === 'tooOld') {
        return { ...bad, glyph: '○', title: tooOldTitle, line: problemHeads.tooOld }
      }
      return { ...quiet, glyph: '○', title: 'Nothing found yet', line: `reported ${formatTime(record.openedAt, now)}` }
    case 'unreadable':
      if (record.look.problem?.kind === 'noMail') {
        return {
          ...waiting,
          glyph: '!',
          title: 'Needs a verdict',
          line: `no mail to act on, reported ${formatTime(record.openedAt, now)}`
        }
      }
      return { ...bad, glyph: '✕', title: 'Cannot be looked up', line: problemWords(record) }
    case 'proposed':
      return {
        ...waiting,
        glyph: '!',
        title: 'Needs a decision',
        line: undoHead(record) ?? `first reported ${formatTime(record.openedAt, now)}`
      }
    case 'partlyApproved':
      return {
        ...waiting,
        glyph: '◐',
        title: `Waiting for ${nextApproval(record)} approval`,
        line: 'an approval is missing'
      }
    case 'approved':
      return { ...moving, glyph: '▷', title: 'Approved, being submitted', line: 'not sent yet' }
    case 'submitting':
      return { ...moving, glyph: '▷', title: 'Approved, being submitted', line: submittingWords(record) }
    case 'submitted':
      return { ...moving, glyph: '►', title: undoneTitle(record) ?? 'Submitted', line: submittedWords(record, now) }
    case 'verified':
      return verifiedHead(record, now)
    case 'failed':
      return { ...bad, glyph: '✕', ...failure(record) }
    case 'uncertain':
      return { ...bad, glyph: '?', title: 'Outcome unknown', line: 'may or may not have been accepted' }
    case 'rejected':
      return {
        ...quiet,
        glyph: '–',
        title: closedFollowUpTitle(record) ?? 'Closed: not phish',
        line: removedWords(record)
      }
    case 'closed':
      return { ...quiet, glyph: '–', title: `Closed: ${verdictWords(record)}`, line: removedWords(record) }
    case 'simulation':
      return { ...quiet, glyph: '–', title: 'Closed: phishing simulation', line: 'a training mail, nothing to remove' }
    case 'expired':
      return { ...quiet, glyph: '–', title: expiredTitle(record), line: removedWords(record) }
    case 'joined':
      return { ...quiet, glyph: '–', title: `Joined ${joinedWords(record)}`, line: 'its reports are there now' }
  }
}

function verdictWords({ closing }: CaseRecord): string {
  return closing?.verdict ?? 'no verdict'
}

function problemWords({ look }: CaseRecord): string {
  switch (look.problem?.kind) {
    case 'noMail':
      return 'it names no mail'
    case 'forbidden':
      return 'the bot lacks a permission'
    case 'noLicence':
      return 'a licence is missing'
    case 'tooOld':
    case 'cloudWithoutApi':
    case 'includedMissing':
      return problemHeads[look.problem.kind]
    case 'unavailable':
    case undefined:
      return 'Defender did not answer'
  }
}

function submittingWords(record: CaseRecord): string {
  const remediation = latestRemediation(record)
  if (remediation === null) return 'Defender has not answered yet'
  const waits = waitingBatch(remediation) !== undefined
  const { batches, batchTotal } = countBatches(remediation)
  if (batchTotal < 2 || (waits && batches.accepted === 0)) {
    return waits ? 'not accepted yet, tried again by itself' : 'Defender has not answered yet'
  }
  const accepted = `${formatNumber(batches.accepted)} of ${formatNumber(batchTotal)} batches accepted`
  return waits ? `${accepted}, the rest is tried again by itself` : accepted
}

function submittedWords(record: CaseRecord, now: number): string {
  const { closing } = record
  const remediation = latestRemediation(record)
  const soFar = remediation === null ? null : soFarLine(remediation, now)
  if (soFar !== null) return closing === null ? soFar : `found in Action Center by a person; ${soFar}`
  return closing === null ? 'accepted, not looked at yet' : 'found in Action Center by a person, not looked at yet'
}

function verifiedHead(record: CaseRecord, now: number): Band {
  const remediation = latestRemediation(record)
  const title = remediation === null ? null : outcomeTitle(remediation)
  if (remediation === null || title === null)
    return { ...moving, glyph: '►', title: 'Submitted', line: 'not looked at' }
  const line = verifiedLine(remediation, now)
  return isProven(remediation) ? { ...proved, glyph: '✓', title, line } : { ...waiting, glyph: '!', title, line }
}

function expiredTitle({ remediations }: CaseRecord): string {
  return remediations.length === 0 ? 'Expired: nobody decided' : 'Expired: nobody decided again'
}

function removedWords(record: CaseRecord): string {
  const effect = effectOf(record.remediations)
  return (effect === 'accepted' ? beforeLine(record) : null) ?? effectLine[effect]
}

function joinedWords({ joinedInto }: CaseRecord): string {
  return joinedInto === null ? 'another case' : caseName(joinedInto)
}

/** The activity's `summary`, also on lock screens: "PT-1042: 12 mailboxes, needs a decision". No text from outside. */
export function caseSummary(record: CaseRecord): string {
  const { title } = headOf(record, record.openedAt)
  const words = title.charAt(0).toLowerCase() + title.slice(1)
  if (record.state === 'verified') return `${caseName(record.number)}: ${words}`
  const count = mailboxCount(record)
  const counted = count === null ? '' : `${record.plan === null ? mailboxes(count) : countedAs(record.plan, count)}, `
  return `${caseName(record.number)}: ${counted}${words}`
}

/** Null where no plan stands for them. */
export function mailboxCount(record: CaseRecord): number | null {
  const { plan, state } = record
  if (state === 'proposed' || state === 'partlyApproved')
    return plan === null ? null : plan.copies.length + plan.leftOut.length
  const remediation = latestRemediation(record)
  if (
    remediation === null ||
    !['approved', 'submitting', 'submitted', 'verified', 'failed', 'uncertain'].includes(state)
  )
    return null
  return countBatches(remediation).copyTotal
}

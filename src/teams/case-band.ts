// The head of a case's card and its one-line summary: which state it is in, in our own words. Never holds text from outside.
import { type CaseRecord, caseName, latestRemediation } from '../case/case.js'
import { formatTime, formatNumber, mailboxes } from './card-text.js'
import { countedAs } from './campaign-view.js'
import { problemHeads, tooOldTitle } from './look-words.js'
import { effectOf } from '../case/remediation.js'
import { countBatches, effectLine, failure, waitingBatch } from './remediation-view.js'

export interface Band {
  style: 'emphasis' | 'warning' | 'accent' | 'attention'
  color: 'Default' | 'Warning' | 'Accent' | 'Attention'
  glyph: string
  title: string
  line: string
}

export function bandOf(record: CaseRecord, now: number): Band {
  const { line, ...band } = headOf(record, now)
  const version = record.planVersion > 0 ? ` · v${String(record.planVersion)}` : ''
  return { ...band, line: `${caseName(record.number)}${version} · ${line}` }
}

const quiet = { style: 'emphasis', color: 'Default' } as const
const waiting = { style: 'warning', color: 'Warning' } as const
const moving = { style: 'accent', color: 'Accent' } as const
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
        line: `first reported ${formatTime(record.openedAt, now)}`
      }
    case 'partlyApproved':
      return { ...waiting, glyph: '◐', title: 'Waiting for second approval', line: 'one approval is missing' }
    case 'approved':
      return { ...moving, glyph: '▷', title: 'Approved, being submitted', line: 'not sent yet' }
    case 'submitting':
      return { ...moving, glyph: '▷', title: 'Approved, being submitted', line: submittingWords(record) }
    case 'submitted':
      return { ...moving, glyph: '►', title: 'Submitted', line: submittedWords(record) }
    case 'verified':
      return { ...moving, glyph: '✓', title: 'Looked at', line: 'the looks are over' }
    case 'failed':
      return { ...bad, glyph: '✕', ...failure(record) }
    case 'uncertain':
      return { ...bad, glyph: '?', title: 'Outcome unknown', line: 'may or may not have been accepted' }
    case 'rejected':
      return { ...quiet, glyph: '–', title: 'Closed: not phish', line: removedWords(record) }
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

function submittedWords({ closing }: CaseRecord): string {
  return closing === null ? 'accepted, not looked at yet' : 'found in Action Center by a person, not looked at yet'
}

function expiredTitle({ remediations }: CaseRecord): string {
  return remediations.length === 0 ? 'Expired: nobody decided' : 'Expired: nobody decided again'
}

function removedWords({ remediations }: CaseRecord): string {
  return effectLine[effectOf(remediations)]
}

function joinedWords({ joinedInto }: CaseRecord): string {
  return joinedInto === null ? 'another case' : caseName(joinedInto)
}

/** The activity's `summary`, also on lock screens: "PT-1042: 12 mailboxes, needs a decision". No text from outside. */
export function caseSummary(record: CaseRecord): string {
  const { title } = headOf(record, record.openedAt)
  const words = title.charAt(0).toLowerCase() + title.slice(1)
  const count = mailboxCount(record)
  const counted = count === null ? '' : `${record.plan === null ? mailboxes(count) : countedAs(record.plan, count)}, `
  return `${caseName(record.number)}: ${counted}${words}`
}

function mailboxCount(record: CaseRecord): number | null {
  const { plan, state } = record
  if (state === 'proposed') return plan === null ? null : plan.copies.length + plan.leftOut.length
  const remediation = latestRemediation(record)
  if (
    remediation === null ||
    !['approved', 'submitting', 'submitted', 'verified', 'failed', 'uncertain'].includes(state)
  )
    return null
  return countBatches(remediation).copyTotal
}

// The head of a case's card and its one-line summary: which state it is in, in our own words. Never holds text from outside.
import { type CaseRecord, caseName, latestRemediation } from '../case/case.js'
import { formatTime, formatNumber, mailboxes } from './card-text.js'
import { countBatches, failure } from './remediation-view.js'

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
      return { ...quiet, glyph: '○', title: 'Nothing found yet', line: `reported ${formatTime(record.openedAt, now)}` }
    case 'unreadable':
      return { ...bad, glyph: '✕', title: 'Cannot be looked up', line: problemWords(record) }
    case 'proposed':
      return {
        ...waiting,
        glyph: '!',
        title: 'Needs a decision',
        line: `first reported ${formatTime(record.openedAt, now)}`
      }
    case 'approved':
      return { ...moving, glyph: '▷', title: 'Approved, being submitted', line: 'not sent yet' }
    case 'submitting':
      return { ...moving, glyph: '▷', title: 'Approved, being submitted', line: submittingWords(record) }
    case 'submitted':
      return { ...moving, glyph: '►', title: 'Submitted', line: 'accepted, not looked at yet' }
    case 'failed':
      return { ...bad, glyph: '✕', ...failure(latestRemediation(record)) }
    case 'uncertain':
      return { ...bad, glyph: '?', title: 'Outcome unknown', line: 'may or may not have been accepted' }
    case 'rejected':
      return { ...quiet, glyph: '–', title: 'Closed: not phish', line: removedWords(record) }
    case 'expired':
      return { ...quiet, glyph: '–', title: 'Expired: nobody decided', line: removedWords(record) }
    case 'joined':
      return { ...quiet, glyph: '–', title: `Joined ${joinedWords(record)}`, line: 'the same message' }
  }
}

function problemWords({ look }: CaseRecord): string {
  switch (look.problem?.kind) {
    case 'forbidden':
      return 'the bot lacks a permission'
    case 'noLicence':
      return 'a licence is missing'
    case 'unavailable':
    case undefined:
      return 'Defender did not answer'
  }
}

function submittingWords(record: CaseRecord): string {
  const remediation = latestRemediation(record)
  if (remediation === null || remediation.batches.length < 2) return 'Defender has not answered yet'
  const { batches, batchTotal } = countBatches(remediation)
  return `${formatNumber(batches.accepted)} of ${formatNumber(batchTotal)} batches accepted`
}

function removedWords({ remediations }: CaseRecord): string {
  const mayHaveMoved = remediations.some(({ batches }) =>
    batches.some(({ state }) => state === 'accepted' || state === 'uncertain')
  )
  return mayHaveMoved ? 'a part was submitted before' : 'nothing was removed'
}

function joinedWords({ joinedInto }: CaseRecord): string {
  return joinedInto === null ? 'another case' : caseName(joinedInto)
}

/** The activity's `summary`, also on lock screens: "PT-1042: 12 mailboxes, needs a decision". No text from outside. */
export function caseSummary(record: CaseRecord): string {
  const { title } = headOf(record, record.openedAt)
  const words = title.charAt(0).toLowerCase() + title.slice(1)
  const count = mailboxCount(record)
  return `${caseName(record.number)}: ${count === null ? '' : `${mailboxes(count)}, `}${words}`
}

function mailboxCount(record: CaseRecord): number | null {
  const { plan, state } = record
  if (state === 'proposed') return plan === null ? null : plan.copies.length + plan.leftOut.length
  const remediation = latestRemediation(record)
  if (remediation === null || !['approved', 'submitting', 'submitted', 'failed', 'uncertain'].includes(state))
    return null
  return countBatches(remediation).copyTotal
}

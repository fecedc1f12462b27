// What people said and did about a case, and what stands in its way, as rows of a card. Claims are never shown as facts.
import { type CaseRecord, caseName } from '../case/case.js'
import { lookAgainAfter } from '../case/look.js'
import { type Remediation, effectOf } from '../case/remediation.js'
import type { ReportedKind } from '../case/report.js'
import { isUndo } from '../case/undo.js'
import {
  type Caps,
  type Line,
  type Row,
  type Run,
  bold,
  countOf,
  foreign,
  foreignAddress,
  formatNumber,
  formatTime,
  mailboxes,
  own,
  row,
  typed
} from './card-text.js'
import { problemWords } from './look-words.js'
import { followUpWarning } from './outcome-view.js'
import { actionWords, approvedByRow, countBatches } from './remediation-view.js'

export interface Warning {
  title: string
  rows: Row[]
  text: string
}

const kindWords: Record<ReportedKind, string> = {
  phish: 'phish',
  junk: 'junk',
  notJunk: 'not junk',
  simulation: 'a simulation'
}

export function reporterRows({ reporters }: CaseRecord, caps: Caps): Row[] {
  const others = reporters.count - 1
  const name = foreign(reporters.first.name, caps.name)
  const notes = reporters.notes.filter((note) => note.trim() !== '')
  const shown = notes.slice(0, caps.notes)
  return [
    row('Reported by', name, ...(others > 0 ? [own(` and ${countOf(others, 'other')}`)] : [])),
    ...(reporters.kind === 'phish' ? [] : [row('Reported as', bold(kindWords[reporters.kind]))]),
    ...shown.map((note) => row('Note', typed(note, caps.note))),
    ...(notes.length > shown.length ? [row('More', own(countOf(notes.length - shown.length, 'note')))] : [])
  ]
}

export function reportRows(record: CaseRecord, caps: Caps): Row[] {
  const claims = record.reporters.claims
  const subjectLabel = record.message.kind === 'teamsMessage' ? 'Text' : 'Subject'
  const named = ['teamsMessage', 'file'].includes(record.message.kind)
    ? []
    : [row('Message', foreign(record.message.value, caps.address))]
  return [
    ...(claims === null || claims.subject.trim() === ''
      ? []
      : [row(subjectLabel, foreign(claims.subject, caps.subject))]),
    ...(claims === null || claims.senderAddress.trim() === ''
      ? []
      : [row('From', ...foreignAddress(claims.senderAddress, caps.address))]),
    ...named,
    ...reporterRows(record, caps),
    ...seenBeforeRow(record)
  ]
}

export function seenBeforeRow({ previousCase }: CaseRecord): Row[] {
  return previousCase === null ? [] : [row('Seen before', own(caseName(previousCase)))]
}

export function closingRows({ closing }: CaseRecord, now: number, caps: Caps): Row[] {
  if (closing === null) return []
  const time = formatTime(closing.at, now)
  if (closing.by === null) return [row('Closed', own(time))]
  const by = row('Closed by', foreign(closing.by.name, caps.name), own(`, ${time}`))
  return closing.reason.trim() === '' ? [by] : [by, row('Reason', typed(closing.reason, caps.note))]
}

export function markedDoneRows({ closing }: CaseRecord, now: number, caps: Caps): Row[] {
  if (closing?.by == null) return []
  return [
    row('Marked by', foreign(closing.by.name, caps.name), own(`, ${formatTime(closing.at, now)}`)),
    row('Because', typed(closing.reason, caps.note))
  ]
}

/** Why there is no plan, and what to do about it. */
export function problemLines({ state, look, message }: CaseRecord, now: number, caps: Caps): Line[] {
  if (state === 'looking') return [{ runs: [own('Asking Defender what it knows of this message.')] }]
  if (state === 'nothingFound' && look.problem?.kind !== 'tooOld') {
    const words =
      'Defender does not know this message yet. That does not mean it is safe: new mail can take 15 minutes to appear.'
    return [{ runs: [own(words)] }]
  }
  const { problem } = look
  switch (problem?.kind) {
    case 'forbidden':
      return [
        { runs: [own('Defender does not let this bot read mail ('), foreign(problem.code, caps.name), own(').')] },
        {
          runs: [
            own('An administrator can grant '),
            foreign(problem.permission, caps.name),
            own(' in Entra, with admin consent. Then look again.')
          ]
        },
        kept
      ]
    case 'noLicence':
      return [
        {
          runs: [
            own('This organisation has no active licence that lets Defender answer ('),
            foreign(problem.code, caps.name),
            own(').')
          ]
        },
        { runs: [own('An administrator can check Defender for Office 365 Plan 2. Then look again.')] },
        kept
      ]
    case 'tooOld':
    case 'cloudWithoutApi':
    case 'includedMissing':
      return problemWords(problem, now, caps, nextLook(look.nextAt, now))
    case 'noMail':
      return [{ runs: [own(noMailWords[message.kind])] }]
    case 'unavailable':
      return [
        { runs: [own('Defender could not be asked: '), typed(problem.reason, caps.note), own('.')] },
        { runs: [own(`${nextLook(look.nextAt, now)} Look again asks at once.`)] },
        kept
      ]
    case undefined:
      return [kept]
  }
}

const noMailWords: Record<CaseRecord['message']['kind'], string> = {
  file: 'The reported file names no mail that Defender could be asked for. Read what the report says, and close it with a verdict.',
  teamsMessage:
    'A message in Teams was reported that names no mail. This bot removes mail only: read the text, and close it with a verdict.',
  networkMessageId: 'There is no mail to ask for.',
  internetMessageId: 'There is no mail to ask for.'
}

const kept: Line = { runs: [own('The report is kept. This says nothing about the mail.')] }

function nextLook(nextAt: number | null, now: number): string {
  return nextAt === null ? 'It is not asked again by itself.' : `It is asked again at ${formatTime(nextAt, now)}.`
}

export function waitingRows({ state, look }: CaseRecord, now: number): Row[] {
  if (state !== 'nothingFound') return []
  if (look.nextAt === null) return [row('Next look', bold('when somebody presses Look again'))]
  const round = `${ordinal(look.attempts)} of ${String(lookAgainAfter.length)}`
  return [row('Next look', bold(`${formatTime(look.nextAt, now)} (${round})`))]
}

function ordinal(count: number): string {
  return ['1st', '2nd', '3rd'][count - 1] ?? `${String(count)}th`
}

export function warnings(record: CaseRecord, now: number, caps: Caps): Warning[] {
  const followUp = beforeDecision.includes(record.state) ? followUpWarning(record, now, caps) : null
  return [...mismatch(record, caps), ...(followUp === null ? earlierRequests(record, now, caps) : [followUp])]
}

/** An empty claim claims nothing; case and spacing are not differences. */
function mismatch({ mail, reporters }: CaseRecord, caps: Caps): Warning[] {
  const { claims } = reporters
  if (mail === null || claims === null) return []
  const rows: Row[] = []
  const differing: string[] = []
  if (differs(claims.senderAddress, mail.senderAddress)) {
    differing.push('sender')
    rows.push(
      row('Report says', ...foreignAddress(claims.senderAddress, caps.address)),
      row('Defender says', ...foreignAddress(mail.senderAddress, caps.address))
    )
  }
  if (differs(claims.subject, mail.subject)) {
    differing.push('subject')
    const says = (text: string): Run => foreign(text, caps.subject)
    rows.push(row('Report says', says(claims.subject)), row('Defender says', says(mail.subject)))
  }
  if (differing.length === 0) return []
  const title = `≠ Report and Defender disagree on the ${differing.join(' and the ')}`
  return [{ title, rows, text: 'The decision is about the mail Defender knows.' }]
}

function differs(claimed: string, known: string): boolean {
  const fold = (text: string) => text.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase()
  return fold(claimed) !== '' && fold(claimed) !== fold(known)
}

const beforeDecision: readonly CaseRecord['state'][] = [
  'looking',
  'nothingFound',
  'unreadable',
  'proposed',
  'partlyApproved'
]

/** A new plan after unknown or partial outcomes: every earlier request may still do its work. */
function earlierRequests(record: CaseRecord, now: number, caps: Caps): Warning[] {
  const earlier = earlierOf(record).filter((each) => effectOf([each]) !== 'none')
  const effect = effectOf(earlier)
  // What was accepted is what an undo takes back.
  if (isUndo(record) && effect === 'accepted') return []
  // What is unknown weighs more than what came later.
  const shown = earlier.findLast((each) => effectOf([each]) === effect)
  if (shown === undefined) return []
  const { copies } = countBatches(shown)
  const outcome = [
    ...(copies.uncertain > 0 ? [`unknown for ${mailboxes(copies.uncertain)}`] : []),
    ...(copies.accepted > 0 ? [`accepted for ${mailboxes(copies.accepted)}`] : [])
  ]
  const others = earlier.length - 1
  const rows = [
    approvedByRow(shown, now, caps),
    row('Action', own(`${actionWords[shown.action]}, plan v${formatNumber(shown.planVersion)}`)),
    row('Outcome', own(outcome.join(', '))),
    ...(others > 0 ? [row('Besides', own(`${countOf(others, 'more request')}, accepted or unknown`))] : [])
  ]
  return effect === 'unknown'
    ? [
        {
          title: '? The outcome of an earlier request is unknown',
          rows,
          text: 'Careful: the earlier request may still be carried out.'
        }
      ]
    : [
        {
          title: '► A part was accepted before',
          rows,
          text: 'A new approval acts again on every mailbox of this plan.'
        }
      ]
}

/** The latest request of a case that failed stands on its card in any case. */
function earlierOf({ state, remediations }: CaseRecord): Remediation[] {
  if (beforeDecision.includes(state)) return remediations
  return state === 'failed' || state === 'uncertain' ? remediations.slice(0, -1) : []
}

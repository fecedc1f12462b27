// The rows of a card that show what the looks after a request have found. Holds no words of its own but labels.
import { type CaseRecord, latestRemediation } from '../case/case.js'
import { followedUp } from '../case/follow-up.js'
import type { MailCopy } from '../case/mail.js'
import { askedAt, nextLookOf } from '../case/outcome.js'
import type { Plan } from '../case/plan.js'
import { type OutcomeCounts, type Remediation, countOutcome, wasAsked } from '../case/remediation.js'
import { type Caps, type Line, type Row, bold, formatNumber, formatTime, mailboxes, own, row } from './card-text.js'
import { commonDomain, domainLine, mailboxName } from './evidence-view.js'
import { causeLines, laterWords, movedWords, outcomeLabels, outcomeNumbers, unknownSeen } from './outcome-words.js'
import { actionWords, approvedByRow, countBatches } from './remediation-view.js'

/** What a verified card shows in the place of the plan's mailboxes. */
export interface OutcomePanel {
  show: 'yes' | 'no'
  numbers: { count: string; label: string }[]
  line: string
  rows: Row[]
  foot: Line[]
}

const none: OutcomePanel = { show: 'no', numbers: [], line: '-', rows: [], foot: [] }

/** Only where the plan is the one that was looked at. */
export function outcomePanel(record: CaseRecord, caseName: string, caps: Caps): OutcomePanel {
  const remediation = latestRemediation(record)
  const { plan } = record
  if (record.state !== 'verified' || plan === null || remediation?.outcome == null) return none
  if (plan.version !== remediation.planVersion) return none
  const groups = copiesByOutcome(plan, remediation)
  const domain = commonDomain(plan)
  let room = caps.recipients
  const rows = groups.map(({ label, copies }) => {
    const shown = copies.slice(0, room)
    room -= shown.length
    const runs = shown.flatMap(({ recipientEmailAddress }, index) => [
      ...(index === 0 ? [] : [own(', ')]),
      ...mailboxName(recipientEmailAddress, domain, caps)
    ])
    const hidden = copies.length - shown.length
    if (hidden > 0) runs.push(own(shown.length === 0 ? mailboxes(hidden) : ` and ${formatNumber(hidden)} more`))
    return row(`${label}, ${formatNumber(copies.length)}`, ...runs)
  })
  const total = countOutcome(remediation)?.total ?? 0
  return {
    show: 'yes',
    numbers: outcomeNumbers(remediation),
    line: `${formatNumber(total)}, one by one`,
    rows,
    foot: [{ runs: [own(`The full list: case ${caseName}`)] }, ...domainLine(domain, caps)]
  }
}

export interface OutcomeGroup {
  label: string
  copies: MailCopy[]
}

/** The plan's copies by what became of them; empty groups are left out. */
export function copiesByOutcome(plan: Plan, remediation: Remediation): OutcomeGroup[] {
  const { batches, outcome } = remediation
  if (outcome === null) return []
  const asked = batches.filter(wasAsked)
  const goneIsMoved = countOutcome(remediation)?.gone === 0
  const groupOf = (index: number): keyof OutcomeCounts => {
    if (!asked.some(({ from, to }) => index >= from && index < to)) return 'notAsked'
    const what = outcome.copies[index] ?? 'waiting'
    return what === 'gone' && goneIsMoved ? 'moved' : what
  }
  return outcomeLabels(remediation)
    .map(([group, label]) => ({ label, copies: plan.copies.filter((_, index) => groupOf(index) === group) }))
    .filter(({ copies }) => copies.length > 0)
}

/** ✓ what was seen, ○ when the next look is; for a request that was accepted as a whole. */
export function lookSteps(remediation: Remediation, record: CaseRecord, now: number): Row[] {
  const { outcome } = remediation
  const rows: Row[] = []
  const words = movedWords(remediation)
  if (outcome !== null && words !== null) {
    const done = own('✓ ', { weight: 'Bolder', color: 'Good' })
    rows.push(row(formatTime(outcome.lastLookAt, now), done, own(`Looked: ${words}`)))
  }
  return [...rows, ...nextLookRows(remediation, record, now)]
}

function nextLookRows(remediation: Remediation, record: CaseRecord, now: number): Row[] {
  const next = record.look.nextAt ?? nextLookOf(remediation)
  const failed = failedLookRows(remediation, record, now)
  if (next === null) return failed
  return [...failed, row(formatTime(next, now), own('○ Next look: is the mail gone?'))]
}

/** What is said of the mail is as old as the last look that could be made. */
export function failedLookRows(remediation: Remediation, { look: { problem } }: CaseRecord, now: number): Row[] {
  if (problem === null) return []
  return [row('Last try', own(`${failedWords(problem.kind)}${sinceWords(remediation, now)}`))]
}

function failedWords(kind: NonNullable<CaseRecord['look']['problem']>['kind']): string {
  if (kind === 'forbidden') return 'The bot lacks the permission to look'
  if (kind === 'noLicence') return 'A licence is missing to look'
  return 'Defender could not be asked'
}

function sinceWords({ outcome }: Remediation, now: number): string {
  return outcome === null ? '; nobody has looked yet' : `; last looked at ${formatTime(outcome.lastLookAt, now)}`
}

/** For an unknown outcome, and for what was accepted in part. */
export function lastLookRows(remediation: Remediation, record: CaseRecord, now: number): Row[] {
  if (askedAt(remediation) === null) return []
  const { outcome, batches } = remediation
  const rows: Row[] = []
  if (outcome !== null) {
    const unknown = batches.some(({ state }) => state === 'uncertain') ? unknownSeen(remediation) : null
    const seen = unknown?.last ?? `${movedWords(remediation) ?? ''}.`
    rows.push(row('Last look', bold(`${formatTime(outcome.lastLookAt, now)}: ${seen}`)))
    if (unknown !== null && unknown.whose !== null) rows.push(row('By whom', own(unknown.whose)))
    rows.push(...causeRows(remediation))
  }
  rows.push(...failedLookRows(remediation, record, now))
  const next = record.look.problem === null ? nextLookOf(remediation) : record.look.nextAt
  rows.push(row('Next look', own(next === null ? 'none, the looks are over' : formatTime(next, now))))
  return rows
}

export function causeRows({ outcome }: Remediation): Row[] {
  const lines = outcome === null ? [] : causeLines(outcome)
  return lines.length === 0 ? [] : [{ label: 'Also', lines: lines.map((text) => ({ runs: [own(text)] })) }]
}

/** Another case has the copies that came later. */
export function laterRows({ remediations }: CaseRecord): Row[] {
  const outcome = remediations.findLast((each) => each.outcome !== null)?.outcome ?? null
  const words = outcome === null ? null : laterWords(outcome)
  return words === null ? [] : [row('Later', bold(words))]
}

/** Above a follow-up: what was done before, which the new decision does not touch. */
export function followUpWarning(
  record: CaseRecord,
  now: number,
  caps: Caps
): { title: string; rows: Row[]; text: string } | null {
  const earlier = followedUp(record)
  if (earlier === null || record.plan === null) return null
  const { copies } = countBatches(earlier)
  const acted = copies.accepted + copies.uncertain
  const at = formatTime(askedAt(earlier) ?? earlier.decidedAt, now)
  const words = movedWords(earlier)
  const known = copies.uncertain > 0 ? 'outcome unknown' : 'submitted'
  const count = record.plan.copies.length
  return {
    title: `► ${formatNumber(count)} more ${count === 1 ? 'copy' : 'copies'} turned up`,
    rows: [
      row('Earlier', own(`${actionWords[earlier.action]} of ${formatNumber(acted)}, ${known} ${at}`)),
      ...(words === null
        ? []
        : [row('Last look', own(`${words}, ${formatTime(earlier.outcome?.lastLookAt ?? now, now)}`))]),
      approvedByRow(earlier, now, caps)
    ],
    text: 'A new approval acts on the copies of this plan only.'
  }
}

/** The lines of the reply: when was looked, who else has moved copies, and when the next look is. */
export function replyLookLines(remediation: Remediation, now: number): Line[] {
  const { outcome, batches } = remediation
  const line = (text: string): Line => ({ runs: [own(text)] })
  const next = nextLookOf(remediation)
  const nextWords = next === null ? '' : ` Next look at the mailboxes: ${formatTime(next, now)}.`
  if (outcome === null) return nextWords === '' ? [] : [line(nextWords.trim())]
  const unknown = batches.some(({ state }) => state === 'uncertain') ? unknownSeen(remediation) : null
  const seen =
    unknown === null ? '.' : `: ${[unknown.last, ...(unknown.whose === null ? [] : [unknown.whose])].join(' ')}`
  return [
    line(`Last look at the mailboxes: ${formatTime(outcome.lastLookAt, now)}${seen}${nextWords}`),
    ...causeLines(outcome).map(line)
  ]
}

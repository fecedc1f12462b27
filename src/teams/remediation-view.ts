// What is known of a remediation, in words. Never says "done", and never turns an unknown outcome into a known one.
import type { CaseRecord } from '../case/case.js'
import type { RemediationAction, Severity } from '../case/plan.js'
import {
  type Approval,
  type Batch,
  type BatchState,
  type Effect,
  type Remediation,
  effectOf,
  remediationName
} from '../case/remediation.js'
import {
  type Caps,
  type Line,
  type Row,
  type Run,
  bold,
  foreign,
  formatNumber,
  formatTime,
  mailboxes,
  own,
  row,
  typed
} from './card-text.js'

export const actionWords: Record<RemediationAction, string> = {
  softDelete: 'Soft delete',
  hardDelete: 'Hard delete',
  moveToJunk: 'Move to junk',
  moveToDeletedItems: 'Move to deleted items',
  moveToInbox: 'Move to inbox'
}

export const actionTitles: Record<RemediationAction, string> = {
  softDelete: 'Soft delete (can be undone)',
  hardDelete: 'Hard delete (cannot be undone)',
  moveToJunk: 'Move to junk (can be undone)',
  moveToDeletedItems: 'Move to deleted items (can be undone)',
  moveToInbox: 'Move to inbox (false positive)'
}

export const severityWords: Record<Severity, string> = { low: 'Low', medium: 'Medium', high: 'High' }

/** What the requests of a case have done so far, as a sentence. */
export const effectWords: Record<Effect, string> = {
  none: 'Nothing was removed.',
  accepted: 'What was submitted before stays submitted.',
  unknown: 'The outcome of an earlier request is unknown: it may have been carried out.'
}

/** The same for the one line of a card's head. */
export const effectLine: Record<Effect, string> = {
  none: 'nothing was removed',
  accepted: 'what was submitted before stays submitted',
  unknown: 'the outcome of an earlier request is unknown'
}

export interface Counts {
  batches: Record<BatchState, number>
  copies: Record<BatchState, number>
  batchTotal: number
  copyTotal: number
}

export function countBatches({ batches }: Remediation): Counts {
  const none = () => ({ pending: 0, submitting: 0, accepted: 0, refused: 0, notSent: 0, uncertain: 0 })
  const counts: Counts = { batches: none(), copies: none(), batchTotal: batches.length, copyTotal: 0 }
  for (const { state, from, to } of batches) {
    counts.batches[state] += 1
    counts.copies[state] += to - from
    counts.copyTotal += to - from
  }
  return counts
}

export interface Outcome {
  title: string
  line: string
}

/** The heading of a case whose remediation did not go through as a whole. */
export function failure({ remediations }: CaseRecord): Outcome {
  const latest = remediations.at(-1)
  const effect = effectOf(remediations)
  if (latest === undefined) return { title: 'Not sent', line: effectLine[effect] }
  const { batches, batchTotal } = countBatches(latest)
  if (batches.accepted > 0) {
    const line = `${formatNumber(batches.accepted)} of ${formatNumber(batchTotal)} batches accepted`
    return { title: 'Partly submitted', line: effect === 'unknown' ? `${line}, an outcome is unknown` : line }
  }
  if (batches.uncertain > 0) return { title: 'Partly refused', line: 'the outcome of a part is unknown' }
  if (batches.refused > 0) return { title: 'Refused by Defender', line: `refused, ${effectLine[effect]}` }
  return { title: 'Not sent', line: effectLine[effect] }
}

/** `8 accepted, 1 refused, 1 outcome unknown`, in batches. */
export function batchLine({ batches }: Counts): string {
  const words: [number, string][] = [
    [batches.accepted, 'accepted'],
    [batches.refused, 'refused'],
    [batches.uncertain, 'outcome unknown'],
    [batches.notSent, 'not sent'],
    [batches.submitting, 'being sent'],
    [batches.pending, 'waiting']
  ]
  return words.flatMap(([count, word]) => (count > 0 ? [`${formatNumber(count)} ${word}`] : [])).join(', ')
}

/** "Defender refused it: `Forbidden`, HTTP 403." for each different refusal, at most three. */
export function refusalLines(remediation: Remediation, caps: Pick<Caps, 'name' | 'note'>): Line[] {
  const refused = remediation.batches.filter(({ state }) => state === 'refused')
  const different = new Map(refused.map((batch) => [`${batch.code ?? ''} ${String(batch.status)}`, batch]))
  return [...different.values()].slice(0, 3).map((batch) => refusalLine(batch, caps))
}

function refusalLine({ code, status, message }: Batch, caps: Pick<Caps, 'name' | 'note'>): Line {
  const answer = status === null ? '' : `, HTTP ${String(status)}`
  const runs = [
    own('Defender refused it: '),
    code === null ? own('no code') : foreign(code, caps.name),
    own(`${answer}.`)
  ]
  if (message !== null && message.trim() !== '') runs.push(own(' It says: '), typed(message, caps.note))
  return { runs }
}

/** The approvals did not cover it any more when it was to be sent. */
const stopped = ['planChanged', 'policyChanged', 'tooOld']

/** Why batches were not sent: never left, throttled, or stopped. */
export function notSentLines({ batches }: Remediation, caps: Pick<Caps, 'note'>): Line[] {
  const notSent = batches.filter(({ state }) => state === 'notSent')
  const count = (some: Batch[]) => mailboxes(some.reduce((sum, { from, to }) => sum + to - from, 0))
  const throttled = notSent.filter(({ code }) => code === 'throttled')
  const changed = notSent.filter(({ code }) => stopped.includes(code ?? ''))
  const never = notSent.filter((batch) => !throttled.includes(batch) && !changed.includes(batch))
  const lines: Line[] = []
  if (throttled.length > 0) {
    lines.push({ runs: [own(`Defender is throttling: not accepted for ${count(throttled)} (HTTP 429).`)] })
  }
  if (changed.length > 0) {
    lines.push({ runs: [own(`Not sent for ${count(changed)}: `), typed(changed[0]?.message ?? '', caps.note)] })
  }
  if (never.length > 0) lines.push({ runs: [own(`The request never left this bot for ${count(never)}.`)] })
  return lines
}

/** A batch that was tried, was surely not accepted, and is tried again by itself. */
export function waitingBatch({ batches }: Remediation): Batch | undefined {
  return batches.find(({ state, sentAt, message }) => state === 'pending' && sentAt !== null && message !== null)
}

export function actionRow(remediation: Remediation): Row {
  const { copyTotal } = countBatches(remediation)
  const sender = remediation.remediateSendersCopy ? ", the sender's copy too" : ''
  return row(
    'Action',
    own(`${actionWords[remediation.action]}, severity ${remediation.severity}, ${mailboxes(copyTotal)}${sender}`)
  )
}

/** A line for each approval, in the order of the approvers. */
export function reasonRow({ approvals }: Remediation, caps: Pick<Caps, 'note'>): Row {
  return { label: 'Reason', lines: approvals.map(({ reason }) => ({ runs: [typed(reason, caps.note)] })) }
}

export function approvedByRow({ approvals, decidedAt }: Remediation, now: number, caps: Caps): Row {
  return row('Approved by', ...approverNames(approvals, caps), own(`, ${formatTime(decidedAt, now)}`))
}

export function approverNames(approvals: Approval[], caps: Pick<Caps, 'name'>): Run[] {
  return approvals.flatMap(({ person }, index) => [
    ...(index === 0 ? [] : [own(index === approvals.length - 1 ? ' and ' : ', ')]),
    foreign(person.name, caps.name)
  ])
}

/** The rows that tell an administrator which answer it was. */
export function requestRows(remediation: Remediation, caps: Caps): Row[] {
  const id = remediation.batches.find(({ state, requestId }) => state === 'refused' && requestId !== null)?.requestId
  return id == null ? [] : [row('Request id', foreign(id, caps.name))]
}

export function batchRows(remediation: Remediation): Row[] {
  const counts = countBatches(remediation)
  return counts.batchTotal > 1 ? [row('Batches', own(batchLine(counts)))] : []
}

/** ✓ done, ○ to come. */
export function steps(remediation: Remediation, now: number, caps: Caps): Row[] {
  const done = own('✓ ', { weight: 'Bolder', color: 'Good' })
  const { batches, batchTotal } = countBatches(remediation)
  const rows = remediation.approvals.map(({ person, at }) =>
    row(formatTime(at, now), done, own('Approved by '), foreign(person.name, caps.name))
  )
  if (batchTotal > 0 && batches.accepted === batchTotal) {
    rows.push(row(formatTime(lastAnswer(remediation), now), done, own('Submitted, accepted by Defender')))
    return rows
  }
  const waiting = waitingBatch(remediation)
  const sent = remediation.batches.flatMap((batch) =>
    batch.sentAt === null || batch === waiting ? [] : [batch.sentAt]
  )
  if (sent.length > 0) rows.push(row(formatTime(Math.min(...sent), now), done, own('Sent to Defender')))
  const counts = batchTotal > 1 ? `: ${batchLine(countBatches(remediation))}` : ''
  if (waiting !== undefined) {
    const why = waiting.status === 429 ? 'throttled' : 'no connection'
    return [...rows, row('To come', own(`○ Waiting: ${why}, it is tried again${counts}`))]
  }
  if (sent.length === 0) return [...rows, row('To come', own('○ Send it to Defender'))]
  rows.push(row('To come', own(`○ Defender's answer${counts}`)))
  return rows
}

function lastAnswer({ batches, decidedAt }: Remediation): number {
  return Math.max(decidedAt, ...batches.flatMap(({ answeredAt }) => (answeredAt === null ? [] : [answeredAt])))
}

/** When the request whose answer never came was sent. */
export function sentAt({ batches, decidedAt }: Remediation): number {
  const unanswered = batches.filter(({ state }) => state === 'uncertain')
  const times = unanswered.map((batch) => batch.sentAt ?? batch.firstTriedAt ?? decidedAt)
  return times.length === 0 ? decidedAt : Math.min(...times)
}

/** The name under which Action Center lists what was sent. */
export function actionCenterName(caseNumber: number, remediation: Remediation): Line {
  const name = { ...foreign(remediationName(caseNumber, remediation), 60), weight: 'Bolder' as const }
  return { runs: [bold('Look in Action Center for '), name] }
}

// The rows of a case's card that differ from state to state. Never says more of an outcome than was answered.
import { type CaseRecord, caseName, latestRemediation } from '../case/case.js'
import type { Remediation } from '../case/remediation.js'
import { pendingRows } from './approvals-view.js'
import { type Caps, type Line, type Row, bold, formatTime, mailboxes, own, row } from './card-text.js'
import {
  closingRows,
  markedDoneRows,
  problemLines,
  reportRows,
  reporterRows,
  seenBeforeRow,
  waitingRows
} from './case-rows.js'
import { causeRows, failedLookRows, lastLookRows, laterRows, lookSteps } from './outcome-view.js'
import { leftOutRow, receivedRow, verdictRow } from './evidence-view.js'
import {
  actionCenterName,
  actionRow,
  approvedByRow,
  batchLine,
  batchRows,
  countBatches,
  notSentLines,
  reasonRow,
  refusalLines,
  requestRows,
  sentAt,
  steps
} from './remediation-view.js'
import { canUndoRow, proposalRows } from './undo-view.js'

export interface Parts {
  paragraphs?: Line[]
  rows: Row[]
  moreRows?: Row[]
  part?: { heading: Line; rows: Row[] }
  steps?: Row[]
  /** Where the work can be followed is the next thing to look at. */
  follow?: true
}

/** @param mayDecide whether anybody may: what nobody may do is not proposed. */
export function partsOf(record: CaseRecord, now: number, caps: Caps, mayDecide: boolean): Parts {
  const remediation = latestRemediation(record)
  const reported = { heading: { runs: [bold('What the report says (not checked)')] }, rows: reportRows(record, caps) }
  switch (record.state) {
    case 'looking':
      return { paragraphs: problemLines(record, now, caps), rows: [], part: reported }
    case 'nothingFound':
    case 'unreadable':
      return { paragraphs: problemLines(record, now, caps), rows: waitingRows(record, now), part: reported }
    case 'partlyApproved':
      return { rows: [...pendingRows(record), ...evidenceRows(record, now, caps)] }
    case 'proposed':
      return {
        rows: [...proposalRows(record, caps), ...evidenceRows(record, now, caps)],
        moreRows: [...reporterRows(record, caps), ...seenBeforeRow(record)]
      }
    case 'approved':
    case 'submitting':
      if (remediation === null) return { rows: [] }
      return {
        rows: [actionRow(remediation), ...canUndoRow(remediation), reasonRow(remediation, caps)],
        steps: steps(remediation, now, caps)
      }
    case 'submitted':
      if (remediation === null) return { rows: [] }
      if (record.closing !== null) return markedDoneParts(record, remediation, now, caps)
      return {
        rows: [
          actionRow(remediation),
          ...batchRows(remediation),
          reasonRow(remediation, caps),
          ...causeRows(remediation),
          ...laterRows(record)
        ],
        steps: [...steps(remediation, now, caps), ...lookSteps(remediation, record, now)],
        follow: true
      }
    case 'verified':
      if (remediation === null) return { rows: [] }
      return verifiedParts(record, remediation, now, caps)
    case 'failed':
      return failedParts(record, now, caps)
    case 'uncertain':
      return uncertainParts(record, now, caps, mayDecide)
    case 'simulation':
      return { paragraphs: [simulationLine], rows: [...reporterRows(record, caps), ...seenBeforeRow(record)] }
    case 'rejected':
    case 'closed':
      return { rows: closingRows(record, now, caps), part: reported }
    case 'expired':
      return { rows: [...closingRows(record, now, caps), ...reporterRows(record, caps), ...seenBeforeRow(record)] }
    case 'joined':
      return { rows: [row('Continues in', own(joinedName(record))), ...reporterRows(record, caps)] }
  }
}

const simulationLine: Line = {
  runs: [own('Your organisation sent this mail itself, to train people. Whoever reported it did the right thing.')]
}

function joinedName(record: CaseRecord): string {
  return record.joinedInto === null ? 'another case' : caseName(record.joinedInto)
}

function evidenceRows(record: CaseRecord, now: number, caps: Caps): Row[] {
  const { mail, plan } = record
  const narrowed =
    record.recipients.length > 0
      ? [row('Narrowed', own(`to the ${mailboxes(record.recipients.length)} named in triage`))]
      : []
  // A look that fails leaves the plan as it was shown; people must know how old it is.
  const stale =
    plan !== null && record.look.problem !== null
      ? [row('Last look', bold(`failed; this is from ${formatTime(plan.madeAt, now)}`))]
      : []
  return [
    ...stale,
    ...narrowed,
    ...(plan === null ? [] : leftOutRow(plan, caps)),
    ...(mail === null ? [] : [verdictRow(mail, caps), ...(record.pending === null ? [receivedRow(mail, now)] : [])])
  ]
}

/** The numbers and the mailboxes one by one stand above these. An undo is offered below them. */
function verifiedParts(record: CaseRecord, remediation: Remediation, now: number, caps: Caps): Parts {
  return {
    rows: [
      ...(record.plan === null ? [] : leftOutRow(record.plan, caps, true)),
      ...failedLookRows(remediation, record, now),
      ...causeRows(remediation),
      ...laterRows(record)
    ],
    moreRows: [
      actionRow(remediation),
      ...batchRows(remediation),
      approvedByRow(remediation, now, caps),
      ...(record.closing === null ? [] : markedDoneRows(record, now, caps))
    ],
    follow: true
  }
}

function failedParts(record: CaseRecord, now: number, caps: Caps): Parts {
  const remediation = latestRemediation(record)
  if (remediation === null) return { rows: [] }
  const { batches, copies } = countBatches(remediation)
  const paragraphs = [...refusalLines(remediation, caps), ...notSentLines(remediation, caps)]
  if (batches.accepted > 0) {
    paragraphs.push({ runs: [own(`Accepted for ${mailboxes(copies.accepted)}; the rest needs a new approval.`)] })
  }
  if (batches.uncertain > 0) {
    paragraphs.push({ runs: [own(`The outcome is unknown for ${mailboxes(copies.uncertain)}.`)] })
  }
  if (batches.accepted === 0) paragraphs.push({ runs: [own('It is not sent again without a new approval.')] })
  const followed: Pick<Parts, 'follow'> = batches.accepted > 0 ? { follow: true } : {}
  return {
    paragraphs,
    rows: [
      ...lastLookRows(remediation, record, now),
      actionRow(remediation),
      ...batchRows(remediation),
      reasonRow(remediation, caps),
      approvedByRow(remediation, now, caps),
      ...requestRows(remediation, caps)
    ],
    ...followed
  }
}

/** The batches stay as they are known: that a person found the request is the person's word. */
function markedDoneParts(record: CaseRecord, remediation: Remediation, now: number, caps: Caps): Parts {
  return {
    rows: [
      actionRow(remediation),
      row('Batches', own(batchLine(countBatches(remediation)))),
      reasonRow(remediation, caps),
      approvedByRow(remediation, now, caps),
      ...markedDoneRows(record, now, caps),
      ...lastLookRows(remediation, record, now)
    ],
    follow: true
  }
}

function uncertainParts(record: CaseRecord, now: number, caps: Caps, mayDecide: boolean): Parts {
  const remediation = latestRemediation(record)
  if (remediation === null) return { rows: [] }
  const sent = formatTime(sentAt(remediation), now)
  return {
    paragraphs: [
      {
        runs: [own(`Sent to Defender at ${sent}; no answer came back. It is not sent again without a new approval.`)]
      },
      ...refusalLines(remediation, caps),
      ...notSentLines(remediation, caps)
    ],
    rows: [
      ...lastLookRows(remediation, record, now),
      actionRow(remediation),
      ...batchRows(remediation),
      reasonRow(remediation, caps),
      approvedByRow(remediation, now, caps)
    ],
    part: {
      heading: actionCenterName(record.number, remediation),
      rows: [
        row(
          'It is there',
          own(mayDecide ? 'Mark as done.' : 'Defender accepted it: follow it there. Propose nothing.')
        ),
        row(
          'It is not',
          own('Propose again: needs a new approval. Careful: the first request may still be carried out.')
        )
      ]
    },
    follow: true
  }
}

// What a card shows where a report names no mail by id: the messages that it may be about, a button each. Claims stay claims.
import type { CaseRecord } from '../case/case.js'
import { type Candidates, candidateQuery } from '../case/choose.js'
import type { ReceivedMessage } from '../case/mail.js'
import { messageLines } from './campaign-view.js'
import { type Caps, type Line, bold, countOf, foreign, formatTime, mailboxes, own, typed, yesNo } from './card-text.js'

export interface ChoiceView {
  show: 'yes' | 'no'
  said: Line[]
  rows: { message: string; lines: Line[] }[]
  /** Whether the rows have buttons. */
  choose: 'yes' | 'no'
  /** Whether searching again may find more. */
  again: 'yes' | 'no'
}

/** @param acting whether buttons are of any use where the card stands. */
export function choiceView(record: CaseRecord, now: number, caps: Caps, acting: boolean): ChoiceView {
  const { candidates } = record
  const noMail = record.state === 'unreadable' && record.look.problem?.kind === 'noMail'
  if (!noMail || record.message.kind !== 'file') return nothing
  if (candidates === null)
    return candidateQuery(record, now) === null ? nothing : { ...nothing, show: 'yes', said: [line(searching)] }
  const open = candidates.chosen === null
  return {
    show: 'yes',
    said: saidOf(candidates, now, caps),
    rows: open ? candidates.messages.map((message) => rowOf(message, now, caps)) : [],
    choose: yesNo(acting && open),
    again: yesNo(acting && open && candidates.problem?.kind !== 'tooOld')
  }
}

const nothing: ChoiceView = { show: 'no', said: [], rows: [], choose: 'no', again: 'no' }

const searching = 'Searching Defender for mail with the sender, subject and date that the report claims.'

function rowOf(message: ReceivedMessage, now: number, caps: Caps): { message: string; lines: Line[] } {
  const limits = { subject: Math.min(caps.subject, 160), address: Math.min(caps.address, 100) }
  return {
    message: message.networkMessageId,
    lines: [...messageLines(message, now, limits), line(mailboxes(message.copies))]
  }
}

function saidOf(candidates: Candidates, now: number, caps: Caps): Line[] {
  const { chosen, messages, more } = candidates
  if (chosen !== null) {
    return [{ runs: [own('Somebody chose '), foreign(chosen, caps.address), own('. Looking it up.')] }]
  }
  const problem = problemOf(candidates, caps)
  if (messages.length === 0) return problem ?? nothingFound(candidates, now)
  const count = more
    ? `The newest ${String(messages.length)} of more messages have`
    : `${countOf(messages.length, 'message')} ${messages.length === 1 ? 'has' : 'have'}`
  return [
    { runs: [bold('Which mail is it?')] },
    line(
      `${count} the sender and subject that the report claims. Choose one to look it up, or close the case with a verdict.`
    ),
    ...(problem ?? [])
  ]
}

function nothingFound({ nextAt }: Candidates, now: number): Line[] {
  const next =
    nextAt === null ? 'Look again searches once more.' : `It is searched again at ${formatTime(nextAt, now)}.`
  return [
    line(
      `Defender lists no mail with the sender and subject that the report claims, around its date. That does not mean it is safe. ${next}`
    )
  ]
}

function problemOf({ problem }: Candidates, caps: Caps): Line[] | null {
  switch (problem?.kind) {
    case 'forbidden':
      return [
        {
          runs: [
            own('Mail cannot be searched by sender and subject: the bot lacks '),
            foreign(problem.permission, caps.name),
            own('. Nothing was searched.')
          ]
        }
      ]
    case 'noLicence':
      return [line('Mail cannot be searched without Defender for Office 365 Plan 2. Nothing was searched.')]
    case 'cloudWithoutApi':
      return [line('Mail cannot be searched in this cloud: its Microsoft Graph has no such operation.')]
    case 'unavailable':
      return [{ runs: [own('Defender could not be searched: '), typed(problem.reason, caps.note), own('.')] }]
    case 'tooOld':
      return [
        line(
          'The report dates the mail more than 30 days back, and Defender keeps mail for 30 days. It cannot be searched here: look into the mailbox itself.'
        )
      ]
    default:
      return null
  }
}

function line(text: string): Line {
  return { runs: [own(text)] }
}

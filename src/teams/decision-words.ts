// What the person who decided is told, on a card as its banner and in chat as the reply. Names pass through plainName first.
import { caseName } from '../case/case.js'
import { decidedBy } from '../case/decide.js'
import type { DecisionAnswer } from '../case/decision.js'
import { type FallenApproval, effectOf } from '../case/remediation.js'
import type { Demand } from '../case/requirement.js'
import { formatTime } from './card-text.js'
import { closedFollowUpWords } from './outcome-words.js'
import { effectWords } from './remediation-view.js'
import { lines, plainName, refusal } from './words.js'
import { undoEndWords } from './undo-words.js'

export function decisionWords(answer: DecisionAnswer, now: number): string {
  const { record } = answer
  const name = caseName(record.number)
  switch (answer.kind) {
    case 'approved':
      return `${name}: approved. It is being submitted; the tracking link follows in the card's thread.`
    case 'approvedInPart': {
      const { given, needed, missing, fallen } = answer
      const until = record.pending === null ? '' : `, until ${formatTime(record.pending.until, now)}`
      return `${name}: your approval is recorded, ${String(given)} of ${String(needed)}. Still needed: ${stillNeeded(missing)}${until}.${fallenWords(fallen)}`
    }
    case 'sameTwice':
      return `${name}: you approved this at ${formatTime(answer.at, now)}, and nobody counts twice. Another approver has to.`
    case 'withdrawn':
      return record.pending === null
        ? `${name}: your approval is withdrawn. It needs a decision again, at plan v${String(record.planVersion)}.`
        : `${name}: your approval is withdrawn. Those of others stay until ${formatTime(record.pending.until, now)}.`
    case 'rejected':
      if (record.plan?.purpose === 'followUp') return `${name}: ${closedFollowUpWords(record)}`
      return `${name}: closed as not phish. ${effectWords[effectOf(record.remediations)]}`
    case 'markedDone':
      return `${name}: marked as done, because you found it in Action Center. The bot sends nothing more for it; its own counts keep the outcome as unknown.`
    case 'closed':
      return `${name}: closed. Nothing was there to remove.`
    case 'notAllowed':
      return refusal(answer.reasons)
    case 'invalid':
      return lines(...answer.problems, `${name} is unchanged.`)
    case 'stale':
      if (answer.record.state === 'expired') return `${name} ${expiredClick}`
      return `${name} has changed since this was shown: it stands at plan v${String(record.planVersion)} now. Nothing was decided; look at the card and decide again.`
    case 'keptRemoved':
    case 'undoIsOver':
      return undoEndWords(answer.kind, name)
    case 'tooLate':
    case 'alreadyDecided': {
      const first = decidedBy(record)
      const what = answer.kind === 'tooLate' ? 'There is nothing to withdraw any more.' : notNeeded
      if (first === null) return `${name} was already decided.`
      return `${name} was already ${first.what} by ${plainName(first.person.name)} at ${formatTime(first.at, now)}. ${what}`
    }
  }
}

function fallenWords(fallen: FallenApproval[]): string {
  return fallen
    .map(({ person, why }) => ` The approval of ${plainName(person.name)} does not count any more. ${why.join(' ')}`)
    .join('')
}

const notNeeded = 'Your decision was not needed and changed nothing.'

const expiredClick =
  'has expired: the time to decide is over. Nothing was decided. Report or triage the mail again to decide about it.'

/** "another approver", "another approver from SOC leads", "2 more approvers, 1 from SOC leads". */
export function stillNeeded(missing: Demand[]): string {
  const most = Math.max(1, ...missing.map(({ approvals }) => approvals))
  const people = most === 1 ? 'another approver' : `${String(most)} more approvers`
  const named = missing.flatMap(({ approvals, from }) =>
    from === null ? [] : [{ approvals, name: plainName(from.name) }]
  )
  const [first] = named
  if (first === undefined) return people
  if (named.length === 1 && first.approvals === most) return `${people} from ${first.name}`
  return `${people}, ${named.map(({ approvals, name }) => `${String(approvals)} from ${name}`).join(', ')}`
}

// What the bot says of an undo, in chat and on cards: what goes back and where to, and what cannot. Own words only.
import { caseName } from '../case/case.js'
import type { RemediationAction } from '../case/plan.js'
import type { UndoAnswer } from '../case/undo.js'
import { type CannotUndo, canBeUndone } from '../case/undoable.js'
import { countOf, mailboxes } from './card-text.js'

export const sendersCopyTitle = "Act on the sender's copy too (cannot be undone)"

const backToInbox = 'to the Inbox, not to the folder'
const sendersCopyStays = "The sender's copy cannot be brought back."

/** Said of a choice before and while it is approved. */
export function undoSentence(action: RemediationAction, remediateSendersCopy: boolean): string {
  const sender = remediateSendersCopy ? ` ${sendersCopyStays}` : ''
  if (action === 'hardDelete') {
    return 'Cannot be undone, here or by the user. Administrators may recover items in Exchange.' + sender
  }
  if (!canBeUndone(action)) return `Is taken back by a new case of the same mail.${sender}`
  return `Can be undone: it goes back ${backToInbox} it came from.${sender}`
}

/** "Moves 37 copies back to the Inbox, not to the folder they came from." */
export function movesBack(copies: number | null): string {
  if (copies === 1) return `Moves 1 copy back ${backToInbox} it came from.`
  const what = copies === null ? 'what was moved' : countOf(copies, 'copy', 'copies')
  return `Moves ${what} back ${backToInbox} ${copies === null ? 'it' : 'they'} came from.`
}

export function cannotSentence(cannot: CannotUndo): string {
  switch (cannot.kind) {
    case 'hardDeleted':
      return (
        `Hard deleted in ${mailboxes(cannot.copies)}: cannot be undone, here or by the user. ` +
        'Administrators may recover items in Exchange.'
      )
    case 'sendersCopy':
      return sendersCopyStays
    case 'unknown':
      return `The outcome is unknown in ${mailboxes(cannot.copies)}: look in Action Center first.`
    case 'movedBack':
      return `A move back to the Inbox was already accepted for ${mailboxes(cannot.copies)}.`
  }
}

/** What the person who asked is told, in chat as on the card. */
export function undoAnswerWords(answer: UndoAnswer): string {
  const name = caseName(answer.record.number)
  switch (answer.kind) {
    case 'proposed': {
      const { plan } = answer.record
      return `${name}: undo proposed. ${movesBack(plan?.copies.length ?? null)} It needs an approval on the card.`
    }
    case 'underWay':
      return `${name}: an undo is under way. The card shows where it stands.`
    case 'open':
      return `${name} still waits for something else. Decide that on its card first; then it can be undone.`
    case 'taken':
      return `${caseName(answer.by)} is open for this mail: decide there, or close it first. Then ${name} can be undone.`
    case 'nothing': {
      const why = answer.cannot.map(cannotSentence)
      if (why.length > 0) return `${name}: nothing can be moved back. ${why.join(' ')}`
      return `${name}: nothing can be moved back. No request of this case is known to have moved anything.`
    }
    case 'notOffered':
      return `${name} cannot be undone: the policy does not offer moveToInbox. An administrator can add it to the actions.`
    case 'stale':
      return `${name} has just changed. Nothing was proposed; look at the card and try again.`
  }
}

/** To whoever turned an undo down, and to whoever decides about one that has ended. */
export function undoEndWords(kind: 'keptRemoved' | 'undoIsOver', name: string): string {
  if (kind === 'keptRemoved') return `${name}: the undo is turned down. What was removed stays removed.`
  return `${name}: the undo was turned down, or nobody approved it in time. What was removed stays removed; your decision changed nothing.`
}

// An undo on a case's card: the offer, what it would do, and the proposal itself. Offers nothing that would only be refused.
import type { CaseRecord } from '../case/case.js'
import type { MailCopy } from '../case/mail.js'
import type { Plan, PlanChoice } from '../case/plan.js'
import type { Policy } from '../case/policy.js'
import type { Remediation } from '../case/remediation.js'
import { requirementFor } from '../case/requirement.js'
import { isKept, isUndone, undoAction, undoIsOpen, undoWaits } from '../case/undo.js'
import { type CannotUndo, canBeUndone, undoable } from '../case/undoable.js'
import { type Caps, type Line, type Row, countOf, foreign, mailboxes, own, row, typed } from './card-text.js'
import { scopeLine } from './evidence-view.js'
import { cannotSentence, movesBack, undoSentences } from './undo-words.js'

/** Beside a choice that was approved and has not been answered for good yet: whether it can be taken back, and what of it cannot. */
export function undoRow({ action, remediateSendersCopy }: Pick<PlanChoice, 'action' | 'remediateSendersCopy'>): Row {
  const sentences = undoSentences(action, remediateSendersCopy).map(({ text, never }, index) =>
    own(`${index === 0 ? '' : ' '}${text}`, never ? { weight: 'Bolder', color: 'Attention' } : {})
  )
  return row('Undo', ...sentences)
}

export interface UndoOffer {
  rows: Row[]
  button: boolean
}

const nothing: UndoOffer = { rows: [], button: false }
const offeredIn: readonly CaseRecord['state'][] = ['submitted', 'verified', 'rejected', 'expired']

/** On an ended case: what an undo would move back, or why there is none. */
export function undoOffer(record: CaseRecord, policy: Policy): UndoOffer {
  const over = isUndone(record) && (record.state === 'submitted' || record.state === 'verified')
  if (!offeredIn.includes(record.state) || over) return nothing
  const { copies, cannot } = knownUndo(record)
  const lines = cannot.map((each): Line => ({ runs: [own(cannotSentence(each))] }))
  const possible = copies === null ? removals(record).length > 0 : copies.length > 0
  if (!possible) return { rows: lines.length === 0 ? [] : [{ label: 'Undo', lines }], button: false }
  if (!policy.actions.includes(undoAction)) {
    const why: Line = { runs: [own('Not possible: the policy does not offer to move mail to the Inbox.')] }
    return { rows: [{ label: 'Undo', lines: [why, ...lines] }], button: false }
  }
  const needs = copies === null ? 'Needs an approval.' : approvalWords(record, policy, copies)
  const back: Line = { runs: [own(`${movesBack(copies?.length ?? null)} ${needs}`)] }
  return { rows: [{ label: 'Undo', lines: [back, ...lines] }], button: true }
}

/** Copies are null where plans before the card's own have acted: the proposal reads them, and counts. */
function knownUndo(record: CaseRecord): { copies: MailCopy[] | null; cannot: CannotUndo[] } {
  const { plan } = record
  // Nothing was sent since this undo was turned down.
  if (plan?.undo !== undefined && isKept(record)) return { copies: plan.copies, cannot: plan.undo.cannot }
  const { copies, cannot, missing } = undoable(record, plan === null ? [] : [plan])
  return { copies: missing.length === 0 ? copies : null, cannot }
}

function approvalWords({ mail }: CaseRecord, policy: Policy, copies: MailCopy[]): string {
  const vips = new Set(policy.vipMailboxes.map((address) => address.toLowerCase()))
  const { approvals, forbidden } = requirementFor(policy, {
    action: undoAction,
    severity: policy.defaults.severity,
    copies: copies.length,
    vips: copies.filter(({ recipientEmailAddress }) => vips.has(recipientEmailAddress.toLowerCase())).length,
    direction: mail?.direction ?? 'unknown'
  })
  if (forbidden.length > 0) return `The policy lets nobody approve that: ${forbidden.join('; ')}.`
  return `Needs ${countOf(approvals, 'approval')}.`
}

/** Requests of the case that may have moved something which can be moved back. */
function removals({ remediations }: CaseRecord): Remediation[] {
  return remediations.filter(
    ({ action, batches }) => canBeUndone(action) && batches.some(({ state }) => state === 'accepted')
  )
}

/** "undo of softDelete v3": what the head of an undo's card says in the place of the report's time. */
export function undoHead(record: CaseRecord): string | null {
  if (!undoWaits(record)) return null
  const undone = removals(record).at(-1)
  return undone === undefined ? 'undo' : `undo of ${undone.action} v${String(undone.planVersion)}`
}

/** The title of the head once the undo was accepted. */
export function undoneTitle(record: CaseRecord): string | null {
  return isUndone(record) ? 'Submitted: move back to inbox' : null
}

/** The mailboxes of a plan as a card may show them: an undo's are in no known place before a look has seen them. */
export function scopeShown(plan: Plan, { look }: CaseRecord): { line: string; plan: Plan } {
  const looked = look.lastAt !== null && look.lastAt >= plan.madeAt && look.problem === null
  if (plan.purpose !== 'undo' || looked) return { line: scopeLine(plan), plan }
  const copies = plan.copies.map((copy): MailCopy => ({ ...copy, location: 'unknown' }))
  return { line: `${mailboxes(copies.length + plan.leftOut.length)}, not looked at yet`, plan: { ...plan, copies } }
}

/** The plan on the record is an undo that came to nothing: where its copies lay is no news of the case. */
export function hidesScope(record: CaseRecord): boolean {
  return isKept(record)
}

/** What an undo's card says first: what it does, who wants it, and what it leaves. */
export function proposalRows(record: CaseRecord, caps: Caps): Row[] {
  if (!undoWaits(record) || record.plan?.undo === undefined) return []
  const { by, reason, cannot } = record.plan.undo
  const why = reason === '' ? [] : [own(': '), typed(reason, caps.note)]
  return [
    row('Action', own('Move back to the Inbox, not to the folder it came from')),
    row('Asked by', foreign(by.name, caps.name), ...why),
    ...(cannot.length === 0
      ? []
      : [{ label: 'Not undone', lines: cannot.map((each) => ({ runs: [own(cannotSentence(each))] })) }])
  ]
}

/** Why an undo has no copies left to approve. */
export function nothingLeft(plan: Plan | null): string | null {
  return plan?.purpose === 'undo'
    ? 'Nothing is left to move back: every copy is in the Inbox again, or is left out.'
    : null
}

/** Null: no undo is open. */
export function undoLabels(record: CaseRecord): { approve: string; reject: string } | null {
  return undoIsOpen(record) ? { approve: 'Approve move back', reject: 'Keep removed' } : null
}

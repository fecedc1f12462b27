// Approvals on a case's card: who has given theirs, what is still needed and until when, and why earlier ones are void.
import type { CaseRecord } from '../case/case.js'
import type { PlanChoice, RemediationAction } from '../case/plan.js'
import type { Policy } from '../case/policy.js'
import { type Progress, progressOf, requirementOf } from '../case/progress.js'
import type { PendingApproval, VoidedApprovals } from '../case/remediation.js'
import { whyNotCounted } from '../case/requirement.js'
import { excludedWords, neededWords } from '../case/requirement-words.js'
import { type Caps, type Line, type Row, type Run, bold, foreign, formatTime, own, row, typed } from './card-text.js'
import type { Warning } from './case-rows.js'
import type { Ruling } from './case-ruling.js'
import { stillNeeded } from './decision-words.js'
import { actionWords } from './remediation-view.js'
import { undoRow } from './undo-view.js'

export interface GlyphRow {
  glyph: Run
  lines: Line[]
}

export interface Waiting extends Progress {
  pending: PendingApproval
}

/** Null where no approval waits for another. */
export function waitingOf(record: CaseRecord, policy: Policy): Waiting | null {
  const { pending, plan } = record
  if (pending === null || plan === null) return null
  return { ...progressOf(policy, requirementOf(policy, record, plan, pending), pending.approvals), pending }
}

/** For the head of the card: "1 of 2 given, ends 04:14 UTC". */
export function waitingLine({ given, needed, pending }: Waiting, now: number): string {
  return `${String(given)} of ${String(needed)} given, ends ${formatTime(pending.until, now)}`
}

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth']

/** "second" where one has approved. */
export function nextApproval({ pending }: Pick<CaseRecord, 'pending'>): string {
  return ordinals[pending?.approvals.length ?? 1] ?? 'next'
}

export function waitingRuling({ requirement }: Waiting): Ruling {
  const excluded = excludedWords(requirement)
  return { title: neededWords(requirement), lines: excluded === '' ? [] : [{ runs: [own(excluded)] }] }
}

export function approvalRows(waiting: Waiting, policy: Policy, now: number, caps: Caps): GlyphRow[] {
  const { pending, requirement, missing } = waiting
  const given = pending.approvals.map(({ person, reason, at, standing }): GlyphRow => {
    const name: Run = { ...foreign(person.name, caps.name), weight: 'Bolder' }
    const uncounted = whyNotCounted(policy, requirement, standing)
    const lines: Line[] = [{ runs: [name, own(`, ${formatTime(at, now)}`)] }, { runs: [typed(reason, caps.note)] }]
    if (uncounted.length === 0) return { glyph: own('✓', { weight: 'Bolder', color: 'Good' }), lines }
    return { glyph: own('–'), lines: [...lines, { runs: [own(`Does not count any more: ${uncounted.join(' ')}`)] }] }
  })
  const known = [...given, ...fallenRows(pending, now, caps)]
  if (missing.length === 0 || requirement.forbidden.length > 0) return known
  return [...known, { glyph: own('○'), lines: [{ runs: [own(`Still needed: ${stillNeeded(missing)}`)] }] }]
}

/** Whose approval fell away, and why: whoever is still asked must not wonder where it went. */
function fallenRows({ fallen = [] }: PendingApproval, now: number, caps: Caps): GlyphRow[] {
  return fallen.map(({ person, approvedAt, why }) => {
    const name: Run = { ...foreign(person.name, caps.name), weight: 'Bolder' }
    return {
      glyph: own('–'),
      lines: [
        { runs: [name, own(`, ${formatTime(approvedAt, now)}`)] },
        { runs: [own(`Does not count any more: ${why.join(' ')}`)] }
      ]
    }
  })
}

export function pendingRows({ pending }: Pick<CaseRecord, 'pending'>): Row[] {
  return pending === null ? [] : [choiceRow(pending), undoRow(pending)]
}

function choiceRow({ action, severity, remediateSendersCopy }: PlanChoice): Row {
  const sender = remediateSendersCopy ? ", the sender's copy too" : ''
  return row('Action', bold(actionWords[action]), own(`, severity ${severity}${sender}`))
}

/** At most 20 characters; where a move goes stands in the row above. */
const approveTitles: Record<RemediationAction, string> = {
  softDelete: 'Approve soft delete',
  hardDelete: 'Approve hard delete',
  moveToJunk: 'Approve move to junk',
  moveToDeletedItems: 'Approve move',
  moveToInbox: 'Approve move'
}

export interface ApproveButton {
  approveTitle: string
  approveStyle: 'positive' | 'destructive'
}

/** The first approval chooses, so its button can name nothing; the others approve what stands there. */
export function approveButton(pending: PendingApproval | null): ApproveButton {
  if (pending === null) return { approveTitle: 'Approve', approveStyle: 'positive' }
  const approveStyle = pending.action === 'hardDelete' ? 'destructive' : 'positive'
  return { approveTitle: approveTitles[pending.action], approveStyle }
}

const voidStates: readonly CaseRecord['state'][] = ['looking', 'nothingFound', 'unreadable', 'proposed']

/** What was approved before is not what would be approved now; whoever decides next must know. */
export function voidWarnings({ state, voided }: CaseRecord, now: number): Warning[] {
  if (voided === null || !voidStates.includes(state)) return []
  return [
    {
      title: `Approvals are void: ${voidReason(voided)}`,
      rows: [],
      text: `Since ${formatTime(voided.at, now)}. ${again}`
    }
  ]
}

const again = 'Nothing was sent. Everybody who approved has to decide again.'

function voidReason({ why, changes }: VoidedApprovals): string {
  switch (why) {
    case 'changed':
      return changes.join(', ')
    case 'narrowed':
      return 'a triage named other mailboxes'
    case 'withdrawn':
      return 'withdrawn'
    case 'timeUp':
      return 'their time was up'
  }
}

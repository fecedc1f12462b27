// The plan: action, severity, sender's-copy flag and the exact copies; its digest is what people approve.
import { createHash } from 'node:crypto'
import type { Closing } from './case.js'
import type { DeliveryLocation, Direction, MailCopy } from './mail.js'
import type { Person } from './report.js'
import type { CannotUndo } from './undoable.js'

export const remediationActions = [
  'moveToJunk',
  'moveToInbox',
  'moveToDeletedItems',
  'softDelete',
  'hardDelete'
] as const
export type RemediationAction = (typeof remediationActions)[number]

export function isDelete(action: RemediationAction): boolean {
  return action === 'softDelete' || action === 'hardDelete'
}

export const severities = ['low', 'medium', 'high'] as const
export type Severity = (typeof severities)[number]

export type LeftOutReason = 'protected' | 'onprem_external' | 'failed' | 'dropped' | 'unknown'

export interface LeftOut {
  copy: MailCopy
  reason: LeftOutReason
}

/** `followUp`: copies that turned up after an approval. `undo`: what was moved goes back to the inbox. */
export type PlanPurpose = 'remediate' | 'followUp' | 'undo'

/** The copies that a decision of this version acts on. `copies` is sorted and never changes once stored. */
export interface Plan {
  version: number
  purpose: PlanPurpose
  /** Of a follow-up: the version of the plan that was carried out before these copies turned up. */
  follows?: number
  copies: MailCopy[]
  leftOut: LeftOut[]
  overLimit: boolean
  madeAt: number
  /** Only where the purpose is to undo. */
  undo?: UndoRequest
}

/** Who wants to take back what was removed, and what the case goes back to where nobody approves that. */
export interface UndoRequest {
  by: Person
  reason: string
  state: 'submitted' | 'verified' | 'rejected' | 'expired'
  recipients: string[]
  closing: Closing | null
  /** What stays as it is. */
  cannot: CannotUndo[]
}

export interface PlanChoice {
  action: RemediationAction
  severity: Severity
  remediateSendersCopy: boolean
}

export interface PlanLimits {
  maxCopies: number
  protectedMailboxes: string[]
}

// Places where Defender documents that remediation does nothing (hard-deleted mail is reported as unknown).
const notActionable: readonly DeliveryLocation[] = ['onprem_external', 'failed', 'dropped', 'unknown']

/**
 * @param found `recipients`: addresses to narrow to; empty means every copy. `unknownToo`: also what Defender cannot
 * place, which is no proof that it cannot be moved.
 */
export function makePlan(
  version: number,
  found: { copies: MailCopy[]; recipients: string[]; unknownToo?: boolean },
  limits: PlanLimits,
  now: number
): Plan {
  const wanted = new Set(found.recipients.map((address) => address.toLowerCase()))
  const guarded = new Set(limits.protectedMailboxes.map((address) => address.toLowerCase()))
  const copies: MailCopy[] = []
  const leftOut: LeftOut[] = []
  for (const copy of sorted(found.copies)) {
    const address = copy.recipientEmailAddress.toLowerCase()
    if (wanted.size > 0 && !wanted.has(address)) continue
    if (guarded.has(address)) leftOut.push({ copy, reason: 'protected' })
    else if (copy.location === 'unknown' && found.unknownToo === true) copies.push(copy)
    else if (notActionable.includes(copy.location)) leftOut.push({ copy, reason: copy.location as LeftOutReason })
    else copies.push(copy)
  }
  return { version, purpose: 'remediate', copies, leftOut, overLimit: copies.length > limits.maxCopies, madeAt: now }
}

/** Whether two plans act on the same copies in the same places: if not, an approval of one is none of the other. */
export function sameCopies(a: Plan, b: Plan): boolean {
  const text = (plan: Plan) =>
    JSON.stringify([plan.copies.map(copyKey), plan.leftOut.map((left) => [copyKey(left.copy), left.reason])])
  return text(a) === text(b)
}

/** SHA-256, hex, over case, version, choice and the identity of every copy. Where a copy lies is not part of it. */
export function planDigest(caseNumber: number, plan: Plan, choice: PlanChoice): string {
  const content = {
    case: caseNumber,
    version: plan.version,
    action: choice.action,
    severity: choice.severity,
    remediateSendersCopy: choice.remediateSendersCopy,
    copies: plan.copies.map(identity)
  }
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

/** SHA-256, hex, over the identity of every copy: which plan somebody saw, whatever they then chose or refused. */
export function copiesDigest(plan: Plan): string {
  return createHash('sha256')
    .update(JSON.stringify(plan.copies.map(identity)))
    .digest('hex')
}

function identity({ networkMessageId, recipientEmailAddress }: MailCopy): [string, string] {
  return [networkMessageId, recipientEmailAddress]
}

/** Only mail that left one of the tenant's own mailboxes has a sender's copy to remove. */
export function hasSendersCopy(direction: Direction): boolean {
  return direction === 'outbound' || direction === 'intraOrg'
}

function copyKey(copy: MailCopy): string {
  return `${copy.networkMessageId} ${copy.recipientEmailAddress} ${copy.location}`
}

function sorted(copies: MailCopy[]): MailCopy[] {
  const key = (copy: MailCopy) => `${copy.recipientEmailAddress.toLowerCase()} ${copy.networkMessageId}`
  return [...copies].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}

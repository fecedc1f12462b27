// How severe a case is taken to be before a person says so: what the card proposes, and whether somebody is told at once. Pure.
import { type CaseRecord, latestRemediation } from './case.js'
import type { Severity } from './plan.js'
import type { Policy } from './policy.js'

/** High where Defender says malware or a VIP has a copy; else as the policy says. Mail that goes back is no threat. */
export function proposedSeverity(
  { mail, plan }: Pick<CaseRecord, 'mail' | 'plan'>,
  policy: Pick<Policy, 'defaults' | 'vipMailboxes'>
): Severity {
  if (plan?.purpose === 'undo') return policy.defaults.severity
  const saysMalware =
    mail?.threatTypes.some(isMalware) === true || mail?.attachments.some(({ threat }) => isMalware(threat)) === true
  const vips = new Set(policy.vipMailboxes.map((address) => address.toLowerCase()))
  // A protected mailbox is left out of the plan, and has the mail all the same.
  const reached = [
    ...(plan?.copies ?? []),
    ...(plan?.leftOut ?? []).filter(({ reason }) => reason === 'protected').map(({ copy }) => copy)
  ]
  const reachedVip = reached.some(({ recipientEmailAddress }) => vips.has(recipientEmailAddress.toLowerCase()))
  return saysMalware || reachedVip ? 'high' : policy.defaults.severity
}

function isMalware(threat: string): boolean {
  return threat.toLowerCase() === 'malware'
}

/** What people have chosen for what is on its way now; the proposal where nobody has yet. */
export function currentSeverity(record: CaseRecord, policy: Pick<Policy, 'defaults' | 'vipMailboxes'>): Severity {
  if (record.state === 'partlyApproved' && record.pending !== null) return record.pending.severity
  const sent = record.state === 'failed' || record.state === 'uncertain' ? latestRemediation(record) : null
  return sent?.severity ?? proposedSeverity(record, policy)
}

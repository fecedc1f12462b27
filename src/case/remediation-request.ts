// What one batch asks Defender for, and how it is named there, so that the Action Center and the audit log can be matched.
import { caseName } from './case.js'
import type { Plan } from './plan.js'
import { type Batch, type Remediation, type RemediationRequest, remediationName } from './remediation.js'

export function requestFor(
  caseNumber: number,
  { plan, remediation, batch }: { plan: Plan; remediation: Remediation; batch: Batch }
): RemediationRequest {
  const { action, severity, remediateSendersCopy, approvals, digest, batches } = remediation
  const part = batches.length > 1 ? ` ${String(batch.seq)}/${String(batches.length)}` : ''
  return {
    displayName: `${remediationName(caseNumber, remediation)}${part}`,
    description:
      `${approvals.map(({ reason }) => reason).join(' / ')} | ` +
      `Approved by ${approvals.map(({ person }) => `${person.name} (${person.objectId})`).join(' and ')} | ` +
      `${caseName(caseNumber)} v${String(plan.version)}, plan sha256:${digest}`,
    severity,
    action,
    remediateSendersCopy,
    copies: plan.copies
      .slice(batch.from, batch.to)
      .map(({ networkMessageId, recipientEmailAddress }) => ({ networkMessageId, recipientEmailAddress }))
  }
}

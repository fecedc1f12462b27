// What stands right above a case card's buttons: what an approval would do, or why none is possible. Decides nothing itself.
import type { CaseRecord } from '../case/case.js'
import { type Policy, nobodyMayApprove } from '../case/policy.js'
import { countedAs } from './campaign-view.js'
import { type Line, foreign, mailboxes, own } from './card-text.js'
import { nothingLeft } from './undo-view.js'

export interface Ruling {
  title: string
  lines: Line[]
}

/** What keeps everybody from approving, whatever they would choose. */
export function blockers(record: CaseRecord, policy: Policy): Ruling[] {
  const { plan } = record
  const rulings: Ruling[] = []
  if (plan === null || plan.copies.length === 0) {
    const why = nothingLeft(plan) ?? whyNothing(record)
    rulings.push({ title: 'Nothing to approve', lines: [{ runs: [own(why)] }] })
  }
  if (plan?.overLimit === true) {
    const limit = mailboxes(policy.limits.maxCopies)
    rulings.push({
      title: 'Too many to approve',
      lines: [
        {
          runs: [
            own(`${countedAs(plan, plan.copies.length)}; the policy allows ${limit} at once. Name those to act on:`)
          ]
        },
        { runs: [foreign(`triage ${messageIdOf(record)} recipient …`, 200)] }
      ]
    })
  }
  if (nobodyMayApprove(policy)) {
    const words = 'The approver list in the policy is empty. An administrator can add approvers.'
    rulings.push({ title: 'Nobody may approve', lines: [{ runs: [own(words)] }] })
  }
  return rulings
}

function whyNothing(record: CaseRecord): string {
  if ((record.plan?.leftOut.length ?? 0) > 0) return 'Every copy is left out; the reasons stand above.'
  if (record.recipients.length > 0) return 'None of the mailboxes named in triage has a copy.'
  return 'Defender lists no mailbox that has a copy.'
}

export function messageIdOf(record: CaseRecord): string {
  if (record.message.kind === 'networkMessageId') return record.message.value
  return record.plan?.copies[0]?.networkMessageId ?? record.message.value
}

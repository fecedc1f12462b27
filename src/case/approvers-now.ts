// Whether those who approved before may still do so, at the moment of the approval that is to join theirs. Never adds an approval.
import type { Policy, PersonRights } from './policy.js'
import { rule } from './policy.js'
import type { Approval, FallenApproval } from './remediation.js'
import { type Requirement, whyNotCounted } from './requirement.js'

/** Who approved before, as the directory and the reports have them now. */
export interface ApproverNow {
  objectId: string
  rights: PersonRights
  /** Has reported the mail of this case. */
  reporter: boolean
}

export interface AskedAgain {
  /** Those that count, with what the policy asks about a person as it is now. */
  stands: Approval[]
  fallen: FallenApproval[]
  /** Why it cannot be told, in sentences: then nothing may be approved. Empty where it can. */
  unknown: string[]
}

interface Asking {
  policy: Policy
  requirement: Requirement
  now: number
}

/** @param approvers an approval of somebody who is not among them came after they were asked: it was checked itself just now. */
export function askedAgain(
  earlier: Approval[],
  approvers: ApproverNow[],
  { policy, requirement, now }: Asking
): AskedAgain {
  const answer: AskedAgain = { stands: [], fallen: [], unknown: [] }
  for (const approval of earlier) {
    const { objectId } = approval.person
    const approver = approvers.find((each) => each.objectId.toLowerCase() === objectId.toLowerCase())
    if (approver === undefined) {
      answer.stands.push(approval)
      continue
    }
    const { rights, reporter } = approver
    if (rights.kind === 'unavailable') {
      answer.unknown = [
        `I cannot check now whether everybody who approved before still may. ${rights.reason} ` +
          'Nothing was changed; try again soon.'
      ]
      continue
    }
    const ruling = rule(policy, 'decide', { objectId, rights })
    const groups = rights.kind === 'known' ? rights.groups : []
    // A report once made stays made, whatever the addresses are now.
    const standing = { ...approval.standing, groups, reporter: reporter || approval.standing.reporter }
    const why = ruling.allowed ? whyNotCounted(policy, requirement, standing) : [noLonger]
    if (why.length === 0) answer.stands.push({ ...approval, ruling, standing })
    else answer.fallen.push({ person: approval.person, approvedAt: approval.at, at: now, why })
  }
  return answer
}

const noLonger = 'May not approve any more, by the directory and the policy of now.'

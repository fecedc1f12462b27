// Asks again about those who approved a case before, while the next approval is checked. Decides nothing.
import type { ApproverNow } from '../case/approvers-now.js'
import { groupsOf } from '../case/policy.js'
import type { Desk } from './desk.js'

/** All at once, so that it takes no longer than asking about one. */
export async function approversNow(desk: Desk, caseNumber: number): Promise<ApproverNow[]> {
  const record = await desk.store.read(caseNumber)
  const groups = groupsOf(desk.policy)
  return Promise.all(
    (record?.pending?.approvals ?? []).map(async ({ person: { objectId } }) => {
      const rights = await desk.directory.rightsOf(objectId, groups)
      const mailboxes = rights.kind === 'known' ? rights.addresses : []
      const { reported } = await desk.reports.partOf(caseNumber, { objectId, mailboxes })
      return { objectId, rights, reporter: reported }
    })
  )
}

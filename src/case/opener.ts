// Whether a person set going what is to be decided, under whatever name. Decides nothing.
import type { CaseRecord } from './case.js'
import type { Person } from './report.js'

/** Has opened the case, under the object id or elsewhere by one of the person's own addresses, or again by asking for its undo. */
export function isOpener(
  { openedBy, plan }: Pick<CaseRecord, 'openedBy' | 'plan'>,
  { objectId, mailboxes }: { objectId: string; mailboxes: string[] }
): boolean {
  const names = [objectId, ...mailboxes.map((address) => `mailto:${address}`)].map((name) => name.toLowerCase())
  const openers: Person[] = plan?.undo === undefined ? [openedBy] : [openedBy, plan.undo.by]
  return openers.some((opener) => names.includes(opener.objectId.toLowerCase()))
}

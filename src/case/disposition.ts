// How a case ended, for one person who reported its mail: in the words of their own copy. Pure; knows nothing of other people.
import { type CaseRecord, isOpen } from './case.js'
import { type Plan, isDelete } from './plan.js'
import { type CopyOutcome, type Remediation, wasAsked } from './remediation.js'

export type Disposition =
  /** Phish, and the person's own copy was seen gone. */
  | 'removed'
  /** Phish, and Defender had put the person's own copy out of reach before. */
  | 'blocked'
  /** Phish; of the person's own copy nothing is known, or it could not be removed. */
  | 'phish'
  | 'spam'
  | 'notPhish'
  /** Not phish, and the person's own copy was seen back in the inbox. */
  | 'restored'
  | 'simulation'
  /** Nobody could tell. */
  | 'unknown'

/**
 * Null where there is nothing to tell yet.
 * @param plans every plan of the case
 * @param mailboxes the person's own addresses
 */
export function dispositionFor(record: CaseRecord, plans: Plan[], mailboxes: string[]): Disposition | null {
  const own = ownRequest(record, plans, mailboxes)
  switch (record.state) {
    case 'simulation':
      return 'simulation'
    case 'closed':
      return byVerdict[record.closing?.verdict ?? 'none']
    case 'rejected':
      return own === null ? 'notPhish' : outcomeFor(own, true)
    case 'expired':
      return own === null ? 'unknown' : outcomeFor(own, true)
    case 'submitted':
    case 'verified':
      return own === null ? null : outcomeFor(own, record.state === 'verified')
    default:
      return null
  }
}

const byVerdict: Record<'phish' | 'malware' | 'spam' | 'clean' | 'none', Disposition> = {
  phish: 'phish',
  malware: 'phish',
  spam: 'spam',
  clean: 'notPhish',
  none: 'unknown'
}

interface OwnRequest {
  remediation: Remediation
  /** What became of the person's own copies that Defender was asked for; empty where it was asked for none. */
  copies: CopyOutcome[]
}

/**
 * The newest request for the person's own copy, because a later one for other people's copies changes nothing of it; the
 * newest of all where there was none. Null: Defender was asked for nothing.
 */
function ownRequest({ remediations }: CaseRecord, plans: Plan[], mailboxes: string[]): OwnRequest | null {
  const own = new Set(mailboxes.map((address) => address.toLowerCase()))
  const asked = remediations
    .filter(({ batches }) => batches.some(wasAsked))
    .map((remediation): OwnRequest => {
      const { batches, outcome, planVersion } = remediation
      const plan = plans.find(({ version }) => version === planVersion)
      const copies = batches
        .filter(wasAsked)
        .flatMap(({ from, to }) =>
          (plan?.copies ?? [])
            .slice(from, to)
            .flatMap(({ recipientEmailAddress }, index) =>
              own.has(recipientEmailAddress.toLowerCase()) ? [outcome?.copies[from + index] ?? 'waiting'] : []
            )
        )
      return { remediation, copies }
    })
  const latest = asked.at(-1) ?? null
  // That mail goes back says of the mail what it is, whoever's copy it is that goes.
  if (latest?.remediation.action === 'moveToInbox') return latest
  return asked.findLast(({ copies }) => copies.length > 0) ?? latest
}

function outcomeFor({ remediation, copies }: OwnRequest, over: boolean): Disposition | null {
  const { action, outcome } = remediation
  const all = (...known: string[]) => copies.length > 0 && copies.every((each) => known.includes(each))
  if (action === 'moveToInbox') return all('moved') ? 'restored' : over ? 'notPhish' : null
  // As on the card: what Defender lists no more was deleted only where a second look has said so too.
  const deleted = isDelete(action) && outcome?.open === 0
  if (all('moved') || (over && deleted && all('moved', 'gone'))) return 'removed'
  if (all('already') || all('moved', 'already')) return 'blocked'
  return over ? 'phish' : null
}

/** Whether this change can be news to those who reported. */
export function isNewsToReporters(before: CaseRecord, next: CaseRecord): boolean {
  if (isOpen(next.state)) return false
  const outcomes = ({ remediations }: CaseRecord) => remediations.map(({ outcome }) => outcome)
  const [old, now] = [outcomes(before), outcomes(next)]
  return before.state !== next.state || now.some((outcome, index) => outcome !== old[index])
}

// How a case ended, for one person who reported its mail: in the words of their own copy. Pure; knows nothing of other people.
import { type CaseRecord, isOpen } from './case.js'
import type { Plan } from './plan.js'
import { type Remediation, wasAsked } from './remediation.js'

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
 * @param plan the one that the newest request was made for
 * @param mailboxes the person's own addresses
 */
export function dispositionFor(record: CaseRecord, plan: Plan | null, mailboxes: string[]): Disposition | null {
  const asked = latestAsked(record)
  switch (record.state) {
    case 'simulation':
      return 'simulation'
    case 'closed':
      return byVerdict[record.closing?.verdict ?? 'none']
    case 'rejected':
      return asked === null ? 'notPhish' : outcomeFor(asked, { plan, mailboxes, over: true })
    case 'expired':
      return asked === null ? 'unknown' : outcomeFor(asked, { plan, mailboxes, over: true })
    case 'submitted':
    case 'verified':
      return asked === null ? null : outcomeFor(asked, { plan, mailboxes, over: record.state === 'verified' })
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

/** The newest remediation that may have been carried out. */
export function latestAsked({ remediations }: CaseRecord): Remediation | null {
  return remediations.findLast(({ batches }) => batches.some(wasAsked)) ?? null
}

function outcomeFor(
  { action, outcome }: Remediation,
  { plan, mailboxes, over }: { plan: Plan | null; mailboxes: string[]; over: boolean }
): Disposition | null {
  const own = new Set(mailboxes.map((address) => address.toLowerCase()))
  const mine = (plan?.copies ?? []).flatMap(({ recipientEmailAddress }, index) =>
    own.has(recipientEmailAddress.toLowerCase()) ? [outcome?.copies[index] ?? 'waiting'] : []
  )
  const all = (...known: string[]) => mine.length > 0 && mine.every((each) => known.includes(each))
  if (action === 'moveToInbox') return all('moved') ? 'restored' : over ? 'notPhish' : null
  if (all('moved') || (over && all('moved', 'gone'))) return 'removed'
  if (all('already') || all('moved', 'already')) return 'blocked'
  return over ? 'phish' : null
}

/** Whether this change can be news to those who reported. */
export function isNewsToReporters(before: CaseRecord, next: CaseRecord): boolean {
  if (isOpen(next.state)) return false
  return before.state !== next.state || latestAsked(before)?.outcome !== latestAsked(next)?.outcome
}

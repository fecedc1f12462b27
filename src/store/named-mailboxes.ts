// Which mailboxes a triage has named for a case. Reads only.
import type { Report } from '../case/report.js'
import type { Within } from './schema.js'

export function sameAddresses(a: string[], b: string[]): boolean {
  const text = (addresses: string[]) => [...new Set(addresses.map((each) => each.toLowerCase()))].sort().join('\n')
  return text(a) === text(b)
}

/** The mailboxes that the newest triage of this case named; what a report or a playbook named narrows no other case. */
export async function narrowedByTriage(within: Within, number: number): Promise<string[] | null> {
  const row = await within
    .selectFrom('reports')
    .select('recipients')
    .where('case_number', '=', number)
    .where('origin', '=', 'triage')
    .where('recipients', '<>', '[]')
    .orderBy('id', 'desc')
    .executeTakeFirst()
  const recipients = row === undefined ? null : (JSON.parse(row.recipients) as Report['recipients'])
  return recipients === null || recipients === 'all' ? null : recipients
}

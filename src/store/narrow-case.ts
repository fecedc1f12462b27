// Changes which mailboxes a case is about, as its newest triage says. What was approved already stays as it is.
import type { CaseState } from '../case/case.js'
import type { AuditEntry } from '../case/change.js'
import { voidOf } from '../case/pending.js'
import type { Narrowed, OpenedCase } from '../case/ports.js'
import type { Report } from '../case/report.js'
import { after } from '../case/transitions.js'
import { newWaiting } from '../case/waiting.js'
import { pendingOf, waitingColumns, waitingOf } from './case-rows.js'
import { addEntries } from './outbox.js'
import type { CaseRow, Within } from './schema.js'

// What was approved stays as it is; the recipients count for the plan that is proposed next.
const beforeNextPlan: readonly CaseState[] = ['failed', 'uncertain']

export interface Joined {
  narrowed: Narrowed
  record: OpenedCase
  /** To be appended last: the chain's head is the last lock of every transaction. */
  audit: AuditEntry[]
}

export function openedCase(row: CaseRow): OpenedCase {
  return {
    number: row.number,
    state: row.state as CaseState,
    recipients: JSON.parse(row.recipients) as string[],
    previousCase: row.previous_case
  }
}

/** A plan that was shown for other mailboxes can no longer be approved: the case is looked up again first. */
export async function narrow(within: Within, row: CaseRow, said: Report['recipients'], now: number): Promise<Joined> {
  const before = openedCase(row)
  const recipients = said === 'all' ? [] : said
  const wanted = JSON.stringify(recipients)
  const saysNothing = said !== 'all' && said.length === 0
  if (saysNothing || sameAddresses(recipients, before.recipients)) {
    return { narrowed: 'no', record: before, audit: [] }
  }
  const state = after(before.state, 'narrow') ?? (beforeNextPlan.includes(before.state) ? before.state : null)
  if (state === null) return { narrowed: 'tooLate', record: before, audit: [] }
  const pending = pendingOf(row)
  // What some have approved was for other mailboxes.
  const lost = pending === null ? null : voidOf(row.number, pending, { why: 'narrowed', changes: [] }, now)
  await within
    .updateTable('cases')
    .set({
      recipients: wanted,
      state,
      revision: row.revision + 1,
      ...(state === row.state ? {} : waitingColumns(newWaiting(waitingOf(row), now), false))
    })
    .$if(lost !== null, (update) => update.set({ pending: null, voided: JSON.stringify(lost?.voided) }))
    .where('number', '=', row.number)
    .execute()
  const due = { caseNumber: row.number, dueAt: now }
  if (state !== before.state || state === 'looking') await addEntries(within, [{ kind: 'look', ...due }], now)
  return { narrowed: 'yes', record: { ...before, recipients, state }, audit: lost === null ? [] : [lost.entry] }
}

function sameAddresses(a: string[], b: string[]): boolean {
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

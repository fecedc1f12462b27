// Changes a case's campaign: what is included is taken from other cases in the same transaction. No network call is made in here.
import type { CaseRecord, CaseState } from '../case/case.js'
import type { OpenElsewhere } from '../case/campaign.js'
import type { AuditEntry } from '../case/change.js'
import { longestMs } from '../case/policy.js'
import type { CampaignStore } from '../case/ports.js'
import { newWaiting, timersOf, withWaiting } from '../case/waiting.js'
import { auditAppender } from './audit-chain.js'
import { storeChange } from './case-changes.js'
import { openingInTurn } from './case-messages.js'
import { moveReports } from './case-reports.js'
import { recordsOf, waitingColumns, waitingOf } from './case-rows.js'
import type { Database } from './database.js'
import { addEntries } from './outbox.js'
import type { CaseRow, Within } from './schema.js'

// Nobody has begun to decide a case that is in one of these.
const beforeDecision: readonly CaseState[] = ['looking', 'nothingFound', 'unreadable', 'proposed']

/** @param onAdded called after outbox entries were stored for good, so that the worker need not poll. */
export function createCampaignStore(database: Database, onAdded: () => void = () => undefined): CampaignStore {
  const { queries, engine, clock } = database
  const appendAudit = auditAppender(database.auditKey)

  /** In the order of their numbers, so that two of these cannot wait for each other. */
  async function lockAll(within: Within, numbers: number[]): Promise<CaseRow[]> {
    if (numbers.length === 0) return []
    return within
      .selectFrom('cases')
      .selectAll()
      .where('number', 'in', numbers)
      .orderBy('number')
      .$if(engine === 'postgres', (select) => select.forUpdate())
      .execute()
  }

  async function elsewhereOf(within: Within, record: CaseRecord): Promise<OpenElsewhere[]> {
    const ids = record.campaign?.similar.map(({ networkMessageId }) => networkMessageId) ?? []
    if (ids.length === 0) return []
    const own = await within
      .selectFrom('cases')
      .select('number')
      .where('open_key', 'in', ids)
      .where('number', '<>', record.number)
      .execute()
    const rows = await lockAll(
      within,
      own.map(({ number }) => number)
    )
    const included = await within
      .selectFrom('case_messages')
      .selectAll()
      .where((is) => is.or([is('message_value', 'in', ids), is('case_number', 'in', numbersOf(rows))]))
      .where('case_number', '<>', record.number)
      .where('held', '=', 1)
      .execute()
    const decided = await within
      .selectFrom('remediations')
      .select('case_number')
      .where('case_number', 'in', numbersOf(rows))
      .execute()
    const including = new Set(included.map(({ case_number: number }) => number))
    const acted = new Set(decided.map(({ case_number: number }) => number))
    const theirs = rows
      .filter(({ open_key: key }) => key !== null)
      .map((row): OpenElsewhere => ({
        networkMessageId: row.message_value,
        caseNumber: row.number,
        // A triage that named mailboxes said not to act on others; and a campaign of its own stays one.
        joinable:
          beforeDecision.includes(row.state as CaseState) &&
          row.recipients === '[]' &&
          !including.has(row.number) &&
          !acted.has(row.number)
      }))
    const others = included
      .filter(({ message_value: message }) => ids.includes(message))
      .map(({ message_value: message, case_number: number }): OpenElsewhere => {
        return { networkMessageId: message, caseNumber: number, joinable: false }
      })
    return [...theirs, ...others]
  }

  /** Answers the audit rows, to be appended last: the chain's head is the last lock of every transaction. */
  async function join(within: Within, numbers: number[], into: number): Promise<AuditEntry[]> {
    const now = clock.now()
    const audit: AuditEntry[] = []
    for (const row of await lockAll(within, numbers)) {
      const { number } = row
      await within
        .updateTable('cases')
        .set({
          state: 'joined',
          joined_into: into,
          open_key: null,
          revision: row.revision + 1,
          ...waitingColumns(newWaiting(waitingOf(row), now), false)
        })
        .where('number', '=', number)
        .execute()
      await moveReports(within, number, into)
      audit.push(
        { caseNumber: number, at: now, actor: null, event: 'case.joined', detail: { into, campaign: true } },
        { caseNumber: into, at: now, actor: null, event: 'case.joinedBy', detail: { case: number, campaign: true } }
      )
    }
    await addEntries(
      within,
      numbers.map((caseNumber) => ({ kind: 'card', caseNumber, dueAt: now })),
      now
    )
    return audit
  }

  return {
    async change(number, decide) {
      const step = await queries.transaction().execute(async (within) => {
        await openingInTurn(within, engine)
        const [record] = await recordsOf(within, await lockAll(within, [number]))
        if (record === undefined) return null
        const decided = decide(record, await elsewhereOf(within, record))
        // First, so that the messages are free to be included.
        const joined = await join(within, decided.joins, number)
        const now = clock.now()
        const next = decided.next === null ? null : withWaiting(record, decided.next, now)
        if (next !== null) await storeChange(within, record, next, now)
        // What is changed here is open and stays so: no end has to be set.
        const timers = next === null ? [] : timersOf(record, next, { now, expireAfterMs: longestMs })
        const outbox = [...decided.outbox, ...timers]
        await addEntries(within, outbox, now)
        await appendAudit(within, [...joined, ...decided.audit])
        return { answer: decided.answer, added: outbox.length > 0 }
      })
      if (step === null) return null
      if (step.added) onAdded()
      return step.answer
    }
  }
}

function numbersOf(rows: CaseRow[]): number[] {
  // No case has this number; an empty list is no list to a database.
  return rows.length === 0 ? [0] : rows.map(({ number }) => number)
}

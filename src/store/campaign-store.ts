// Changes a case's campaign: what is included is taken from other cases in the same transaction. No network call is made in here.
import type { CaseRecord, CaseState } from '../case/case.js'
import type { OpenElsewhere } from '../case/campaign.js'
import type { CampaignStore } from '../case/ports.js'
import { appendAudit } from './audit-log.js'
import { storeChange } from './case-changes.js'
import { openingInTurn } from './case-messages.js'
import { recordsOf } from './case-rows.js'
import type { Database } from './database.js'
import { addEntries } from './outbox.js'
import type { CaseRow, Within } from './schema.js'

// Nobody has begun to decide a case that is in one of these.
const beforeDecision: readonly CaseState[] = ['looking', 'nothingFound', 'unreadable', 'proposed']

/** @param onAdded called after outbox entries were stored for good, so that the worker need not poll. */
export function createCampaignStore(database: Database, onAdded: () => void = () => undefined): CampaignStore {
  const { queries, engine, clock } = database

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
    const including = new Set(included.map(({ case_number: number }) => number))
    const theirs = rows
      .filter(({ open_key: key }) => key !== null)
      .map((row): OpenElsewhere => ({
        networkMessageId: row.message_value,
        caseNumber: row.number,
        // A triage that named mailboxes said not to act on others; and a campaign of its own stays one.
        joinable:
          beforeDecision.includes(row.state as CaseState) && row.recipients === '[]' && !including.has(row.number)
      }))
    const others = included
      .filter(({ message_value: message }) => ids.includes(message))
      .map(({ message_value: message, case_number: number }): OpenElsewhere => {
        return { networkMessageId: message, caseNumber: number, joinable: false }
      })
    return [...theirs, ...others]
  }

  async function join(within: Within, numbers: number[], into: number): Promise<void> {
    const now = clock.now()
    for (const number of numbers) {
      await within
        .updateTable('cases')
        .set((it) => ({ state: 'joined', joined_into: into, open_key: null, revision: it('revision', '+', 1) }))
        .where('number', '=', number)
        .execute()
      await within.updateTable('reports').set({ case_number: into }).where('case_number', '=', number).execute()
      await appendAudit(within, [
        { caseNumber: number, at: now, actor: null, event: 'case.joined', detail: { into, campaign: true } },
        { caseNumber: into, at: now, actor: null, event: 'case.joinedBy', detail: { case: number, campaign: true } }
      ])
    }
    await addEntries(
      within,
      numbers.map((caseNumber) => ({ kind: 'card', caseNumber, dueAt: now })),
      now
    )
  }

  return {
    async change(number, decide) {
      const step = await queries.transaction().execute(async (within) => {
        await openingInTurn(within, engine)
        const [record] = await recordsOf(within, await lockAll(within, [number]))
        if (record === undefined) return null
        const decided = decide(record, await elsewhereOf(within, record))
        // First, so that the messages are free to be included.
        await join(within, decided.joins, number)
        if (decided.next !== null) await storeChange(within, record, decided.next)
        await addEntries(within, decided.outbox, clock.now())
        await appendAudit(within, decided.audit)
        return decided
      })
      if (step === null) return null
      if (step.outbox.length > 0) onAdded()
      return step.answer
    }
  }
}

function numbersOf(rows: CaseRow[]): number[] {
  // No case has this number; an empty list is no list to a database.
  return rows.length === 0 ? [0] : rows.map(({ number }) => number)
}

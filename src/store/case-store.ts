// Opens, reads and changes cases, each with its outbox and audit rows in one transaction. No network call is made in here.
import { type CaseRecord, type CaseState, isOpen } from '../case/case.js'
import type { CaseStore, Narrowed, OpenAnswer } from '../case/ports.js'
import type { MessageKey, Report, ReportOrigin } from '../case/report.js'
import { after } from '../case/transitions.js'
import { appendAudit } from './audit-log.js'
import { storeChange } from './case-changes.js'
import { caseIncluding, endedCaseIncluding, openingInTurn } from './case-messages.js'
import { recordsOf, reporterId, reportRow } from './case-rows.js'
import type { Database } from './database.js'
import { addEntries } from './outbox.js'
import type { CaseRow, Queries, Within } from './schema.js'

const hourMs = 3_600_000
/** Defender keeps mail for 30 days; after that nothing can be looked up or removed. */
const expireAfterMs = 30 * 24 * hourMs

// What was approved stays as it is; the recipients count for the plan that is proposed next.
const beforeNextPlan: readonly CaseState[] = ['failed', 'uncertain']

// People are limited; systems and analysts are not.
const byPeople: readonly ReportOrigin[] = ['report', 'file', 'messageAction', 'mailbox']

/** One more reporter is no hurry: a storm of reports of one mail is one update of its card in so many milliseconds. */
const joinShownAfterMs = 5_000

/**
 * A plain join leaves the revision as it is: it changes no column of the case, and must not disturb an approval.
 * @param onAdded called after outbox entries were stored for good, so that the worker need not poll.
 */
export function createCaseStore(database: Database, onAdded: () => void = () => undefined): CaseStore {
  const { queries, engine, clock } = database

  async function lock(within: Within, column: 'number' | 'open_key', value: number | string): Promise<CaseRow | null> {
    const row = await within
      .selectFrom('cases')
      .selectAll()
      .where(column, '=', value)
      .$if(engine === 'postgres', (select) => select.forUpdate())
      .executeTakeFirst()
    return row ?? null
  }

  /** The open case that acts on this message: its own, or one whose plan includes it. */
  async function lockOpen(within: Within, message: string): Promise<CaseRow | null> {
    const own = await lock(within, 'open_key', message)
    if (own !== null) return own
    const number = await caseIncluding(within, message)
    const including = number === null ? null : await lock(within, 'number', number)
    // It may have ended before its row was locked.
    return including !== null && isOpen(including.state as CaseState) ? including : null
  }

  /** One moment's view, although a record is read in several queries. */
  function view() {
    return engine === 'postgres' ? queries.transaction().setIsolationLevel('repeatable read') : queries.transaction()
  }

  /** A plan that was shown for other mailboxes can no longer be approved: the case is looked up again first. */
  async function narrow(within: Within, row: CaseRow, said: Report['recipients']): Promise<Narrowed> {
    const recipients = said === 'all' ? [] : said
    const wanted = JSON.stringify(recipients)
    const saysNothing = said !== 'all' && said.length === 0
    if (saysNothing || sameAddresses(recipients, JSON.parse(row.recipients) as string[])) return 'no'
    const state =
      after(row.state as CaseState, 'narrow') ?? (beforeNextPlan.includes(row.state as CaseState) ? row.state : null)
    if (state === null) return 'tooLate'
    await within
      .updateTable('cases')
      .set({ recipients: wanted, state, revision: row.revision + 1 })
      .where('number', '=', row.number)
      .execute()
    const due = { caseNumber: row.number, dueAt: clock.now() }
    if (state !== row.state || state === 'looking') await addEntries(within, [{ kind: 'look', ...due }], clock.now())
    return 'yes'
  }

  async function join(within: Within, row: CaseRow, report: Report): Promise<Narrowed> {
    await within.insertInto('reports').values(reportRow(row.number, report)).execute()
    const narrowed = report.origin === 'triage' ? await narrow(within, row, report.recipients) : 'no'
    const shownAt = clock.now() + (narrowed === 'no' ? joinShownAfterMs : 0)
    await addEntries(within, [{ kind: 'card', caseNumber: row.number, dueAt: shownAt }], clock.now())
    await appendAudit(within, [auditOf(row.number, 'report.joined', report)])
    return narrowed
  }

  async function openNew(within: Within, message: MessageKey, report: Report): Promise<number> {
    const { value: number } = await within
      .updateTable('counters')
      .set((it) => ({ value: it('value', '+', 1) }))
      .where('name', '=', 'case')
      .returning('value')
      .executeTakeFirstOrThrow()
    await within
      .insertInto('cases')
      .values({
        number,
        revision: 1,
        state: 'looking',
        message_kind: message.kind,
        message_value: message.value,
        open_key: message.value,
        recipients: JSON.stringify(report.recipients === 'all' ? [] : report.recipients),
        kind: report.kind,
        opened_by: JSON.stringify(report.reporter),
        opened_at: report.at,
        previous_case: await latestEnded(within, message.value),
        plan_version: 0,
        look: JSON.stringify({ attempts: 0, lastAt: null, nextAt: null, problem: null })
      })
      .execute()
    await within.insertInto('reports').values(reportRow(number, report)).execute()
    const now = clock.now()
    await addEntries(
      within,
      [
        { kind: 'look', caseNumber: number, dueAt: now },
        { kind: 'card', caseNumber: number, dueAt: now },
        { kind: 'expire', caseNumber: number, dueAt: report.at + expireAfterMs }
      ],
      now
    )
    await appendAudit(within, [auditOf(number, 'case.opened', report)])
    return number
  }

  return {
    async open(report, limits) {
      const message = normalised(report.message)
      const answer = await queries.transaction().execute(async (within): Promise<OpenAnswer> => {
        await openingInTurn(within, engine)
        const seen = await within
          .selectFrom('reports')
          .select('case_number')
          .where('activity_key', '=', report.activityKey)
          .executeTakeFirst()
        if (seen !== undefined) {
          const known = await lock(within, 'number', seen.case_number)
          return { kind: 'repeated', record: await recordOf(within, known) }
        }
        const open = await lockOpen(within, message.value)
        if (open !== null) {
          const narrowed = await join(within, open, report)
          return { kind: 'joined', narrowed, record: await recordOf(within, await lock(within, 'number', open.number)) }
        }
        if (byPeople.includes(report.origin)) {
          const waiting = await unresolvedReports(within, report)
          if (waiting >= limits.unresolvedPerHour) return { kind: 'limited', waiting }
        }
        const number = await openNew(within, message, report)
        return { kind: 'opened', record: await recordOf(within, await lock(within, 'number', number)) }
      })
      if (answer.kind === 'opened' || answer.kind === 'joined') onAdded()
      return answer
    },

    async read(number) {
      if (!Number.isSafeInteger(number)) return null
      return view().execute(async (within) => {
        const rows = await within.selectFrom('cases').selectAll().where('number', '=', number).execute()
        return (await recordsOf(within, rows))[0] ?? null
      })
    },

    async change(number, decide) {
      if (!Number.isSafeInteger(number)) return null
      const step = await queries.transaction().execute(async (within) => {
        const row = await lock(within, 'number', number)
        if (row === null) return null
        const record = await recordOf(within, row)
        const decided = decide(record)
        if (decided.next !== null) await storeChange(within, record, decided.next)
        await addEntries(within, decided.outbox, clock.now())
        await appendAudit(within, decided.audit)
        return decided
      })
      if (step === null) return null
      if (step.outbox.length > 0) onAdded()
      return step.answer
    },

    async identify(number, networkMessageId, at) {
      const key = networkMessageId.toLowerCase()
      const identified = await queries.transaction().execute(async (within) => {
        await openingInTurn(within, engine)
        const row = await lock(within, 'number', number)
        if (row === null) throw new Error(`There is no case ${String(number)}.`)
        // Ended or identified while the answer was on its way.
        if (!isOpen(row.state as CaseState) || row.message_kind === 'networkMessageId') {
          return { joinedInto: row.joined_into }
        }
        const other = await lockOpen(within, key)
        const fixed = { message_kind: 'networkMessageId', message_value: key, revision: row.revision + 1 }
        const update = within.updateTable('cases').where('number', '=', number)
        if (other === null) {
          const previous = row.previous_case ?? (await latestEnded(within, key))
          await update.set({ ...fixed, open_key: key, previous_case: previous }).execute()
          await appendAudit(within, [{ ...auditFrame(number, at), event: 'case.identified', detail: { key } }])
          return { joinedInto: null }
        }
        await update.set({ ...fixed, state: 'joined', joined_into: other.number, open_key: null }).execute()
        const narrowed = await narrowedByTriage(within, number)
        await within
          .updateTable('reports')
          .set({ case_number: other.number })
          .where('case_number', '=', number)
          .execute()
        if (narrowed !== null) await narrow(within, other, narrowed)
        await addEntries(
          within,
          [number, other.number].map((caseNumber) => ({ kind: 'card', caseNumber, dueAt: clock.now() })),
          clock.now()
        )
        await appendAudit(within, [
          { ...auditFrame(number, at), event: 'case.joined', detail: { key, into: other.number } },
          { ...auditFrame(other.number, at), event: 'case.joinedBy', detail: { key, case: number } }
        ])
        return { joinedInto: other.number }
      })
      if (identified.joinedInto !== null) onAdded()
      return identified
    },

    async openCases(limit) {
      return view().execute(async (within) => {
        const open = within.selectFrom('cases').where('open_key', 'is not', null)
        const rows = await open.selectAll().orderBy('opened_at').orderBy('number').limit(limit).execute()
        const { total } = await open.select((it) => it.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
        return { records: await recordsOf(within, rows), total }
      })
    }
  }
}

function sameAddresses(a: string[], b: string[]): boolean {
  const text = (addresses: string[]) => [...new Set(addresses.map((each) => each.toLowerCase()))].sort().join('\n')
  return text(a) === text(b)
}

async function recordOf(queries: Queries, row: CaseRow | null): Promise<CaseRecord> {
  const [record] = await recordsOf(queries, row === null ? [] : [row])
  if (record === undefined) throw new Error('A report names a case that does not exist.')
  return record
}

/** The newest ended case that acted on this message; one that was joined into another ended nothing. */
async function latestEnded(within: Within, messageValue: string): Promise<number | null> {
  const row = await within
    .selectFrom('cases')
    .select('number')
    .where('message_value', '=', messageValue)
    .where('open_key', 'is', null)
    .where('state', '<>', 'joined')
    .orderBy('number', 'desc')
    .executeTakeFirst()
  const newest = Math.max(row?.number ?? 0, (await endedCaseIncluding(within, messageValue)) ?? 0)
  return newest === 0 ? null : newest
}

/** The mailboxes that the newest triage of this case named; what a report or a playbook named narrows no other case. */
async function narrowedByTriage(within: Within, number: number): Promise<string[] | null> {
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

/** This person's reports of the last hour about mail that nobody could find yet. */
async function unresolvedReports(within: Within, { reporter, at }: Report): Promise<number> {
  const { waiting } = await within
    .selectFrom('reports')
    .innerJoin('cases', 'cases.number', 'reports.case_number')
    .select((it) => it.fn.countAll<number>().as('waiting'))
    .where('reports.reporter_id', '=', reporterId(reporter))
    .where('reports.at', '>', at - hourMs)
    .where('cases.mail', 'is', null)
    .executeTakeFirstOrThrow()
  return waiting
}

function normalised(message: MessageKey): MessageKey {
  return message.kind === 'networkMessageId' ? { ...message, value: message.value.toLowerCase() } : message
}

function auditFrame(caseNumber: number, at: number) {
  return { caseNumber, at, actor: null }
}

function auditOf(caseNumber: number, event: string, report: Report) {
  const { message, recipients, note, claims, origin, kind, activityKey } = report
  const detail = { message, recipients, note, claims, origin, kind, activityKey }
  return { caseNumber, at: report.at, event, actor: report.reporter, detail }
}

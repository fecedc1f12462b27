// Opens, reads and changes cases, each with its outbox and audit rows in one transaction. No network call is made in here.
import { type CaseState, isOpen } from '../case/case.js'
import type { CaseStore, OpenAnswer, OpenedCase } from '../case/ports.js'
import type { MessageKey, Report, ReportOrigin } from '../case/report.js'
import { longestMs } from '../case/policy.js'
import { tellAfter } from '../case/tell.js'
import { timersOf, withWaiting } from '../case/waiting.js'
import { auditAppender } from './audit-chain.js'
import { storeChange } from './case-changes.js'
import { caseIncluding, endedCaseIncluding, openCasesOf, openingInTurn } from './case-messages.js'
import { addReport, moveReports, unresolvedReports } from './case-reports.js'
import { recordsOf, waitingColumns } from './case-rows.js'
import { type Database, readTogether } from './database.js'
import { type Joined, narrow, narrowedByTriage, openedCase } from './narrow-case.js'
import { addEntries } from './outbox.js'
import type { CaseRow, Within } from './schema.js'

// People are limited; systems and analysts are not.
const byPeople: readonly ReportOrigin[] = ['report', 'file', 'messageAction', 'mailbox']

/** One more reporter is no hurry: a storm of reports of one mail is one update of its card in so many milliseconds. */
const joinShownAfterMs = 5_000

/**
 * A plain join leaves the revision as it is: it only counts its report, and must not disturb an approval.
 * @param onAdded called after outbox entries were stored for good, so that the worker need not poll.
 * @param expireAfterMs when to ask whether a case has to end; whether it does is the policy's of that time.
 */
export function createCaseStore(
  database: Database,
  onAdded: () => void = () => undefined,
  expireAfterMs = longestMs
): CaseStore {
  const { queries, engine, clock } = database
  const appendAudit = auditAppender(database.auditKey)

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

  async function join(within: Within, row: CaseRow, report: Report): Promise<Joined> {
    await addReport(within, row, report)
    const joined: Joined =
      report.origin === 'triage'
        ? await narrow(within, row, report.recipients, clock.now())
        : { narrowed: 'no', record: openedCase(row), audit: [] }
    const shownAt = clock.now() + (joined.narrowed === 'no' ? joinShownAfterMs : 0)
    await addEntries(within, [{ kind: 'card', caseNumber: row.number, dueAt: shownAt }], clock.now())
    const entry = auditOf(row.number, 'report.joined', report)
    await appendAudit(within, [{ ...entry, detail: { ...entry.detail, narrowed: joined.narrowed } }, ...joined.audit])
    return joined
  }

  async function openNew(within: Within, message: MessageKey, report: Report): Promise<OpenedCase> {
    const { value: number } = await within
      .updateTable('counters')
      .set((it) => ({ value: it('value', '+', 1) }))
      .where('name', '=', 'case')
      .returning('value')
      .executeTakeFirstOrThrow()
    const recipients = report.recipients === 'all' ? [] : report.recipients
    const previousCase = await latestEnded(within, message.value)
    await within
      .insertInto('cases')
      .values({
        number,
        revision: 1,
        state: 'looking',
        message_kind: message.kind,
        message_value: message.value,
        open_key: message.value,
        recipients: JSON.stringify(recipients),
        kind: report.kind,
        opened_by: JSON.stringify(report.reporter),
        opened_at: report.at,
        ...waitingColumns({ period: 1, since: report.at, nudged: [] }, false),
        previous_case: previousCase,
        plan_version: 0,
        look: JSON.stringify({ attempts: 0, lastAt: null, nextAt: null, problem: null })
      })
      .execute()
    await addReport(within, { number, newest_notes: '[]' }, report)
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
    return { number, state: 'looking', recipients, previousCase }
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
          if (known === null) throw new Error('A report names a case that does not exist.')
          return { kind: 'repeated', record: openedCase(known) }
        }
        const open = await lockOpen(within, message.value)
        if (open !== null) {
          const { narrowed, record } = await join(within, open, report)
          return { kind: 'joined', narrowed, record }
        }
        if (byPeople.includes(report.origin)) {
          const waiting = await unresolvedReports(within, report)
          if (waiting >= limits.unresolvedPerHour) return { kind: 'limited', waiting }
        }
        return { kind: 'opened', record: await openNew(within, message, report) }
      })
      if (answer.kind === 'opened' || answer.kind === 'joined') onAdded()
      return answer
    },

    async read(number) {
      if (!Number.isSafeInteger(number)) return null
      return readTogether(database, async (within) => {
        const rows = await within.selectFrom('cases').selectAll().where('number', '=', number).execute()
        return (await recordsOf(within, rows))[0] ?? null
      })
    },

    async change(number, decide) {
      if (!Number.isSafeInteger(number)) return null
      const attempt = (inOrder: boolean) =>
        queries.transaction().execute(async (within) => {
          if (inOrder) await openingInTurn(within, engine)
          const row = await lock(within, 'number', number)
          if (row === null) return null
          // Whether its message is free is certain only in order with the opening of cases, which comes before any lock.
          if (row.open_key === null && !inOrder) return 'ended'
          const [record] = await recordsOf(within, [row])
          if (record === undefined) return null
          const similar = record.campaign?.similar.map(({ networkMessageId }) => networkMessageId) ?? []
          const [own, elsewhere] =
            row.open_key === null
              ? [await openCasesOf(within, [row.message_value]), await openCasesOf(within, similar)]
              : [[], []]
          const decided = decide(record, own[0]?.caseNumber ?? null, elsewhere)
          const now = clock.now()
          const next = decided.next === null ? null : withWaiting(record, decided.next, now)
          if (next !== null) await storeChange(within, record, next, now)
          const timers = next === null ? [] : timersOf(record, next, { now, expireAfterMs })
          const news = next === null ? [] : tellAfter(record, next, now)
          const outbox = [...decided.outbox, ...timers, ...news]
          await addEntries(within, outbox, now)
          await appendAudit(within, decided.audit)
          return { answer: decided.answer, added: outbox.length > 0 }
        })
      const first = await attempt(false)
      const step = first === 'ended' ? await attempt(true) : first
      if (step === null || step === 'ended') return null
      if (step.added) onAdded()
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
        await moveReports(within, number, other.number)
        const narrows = narrowed === null ? null : await narrow(within, other, narrowed, clock.now())
        await addEntries(
          within,
          [number, other.number].map((caseNumber) => ({ kind: 'card', caseNumber, dueAt: clock.now() })),
          clock.now()
        )
        await appendAudit(within, [
          { ...auditFrame(number, at), event: 'case.joined', detail: { key, into: other.number } },
          {
            ...auditFrame(other.number, at),
            event: 'case.joinedBy',
            detail: { key, case: number, narrowed: narrows?.narrowed ?? 'no' }
          },
          ...(narrows?.audit ?? [])
        ])
        return { joinedInto: other.number }
      })
      if (identified.joinedInto !== null) onAdded()
      return identified
    },

    async openCases(limit) {
      return readTogether(database, async (within) => {
        const open = within.selectFrom('cases').where('open_key', 'is not', null)
        const rows = await open
          .selectAll()
          .orderBy('waits_for_people', 'desc')
          .orderBy('waiting_since')
          .orderBy('number')
          .limit(limit)
          .execute()
        const { total } = await open.select((it) => it.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
        return { records: await recordsOf(within, rows), total }
      })
    }
  }
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

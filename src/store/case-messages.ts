// Which open case acts on a message that is not its own: included ones belong to one case at a time, until it ends. Never opens a case.
import type { MessageOfCase } from '../case/campaign.js'
import { type CaseRecord, isOpen } from '../case/case.js'
import type { ExpressionBuilder } from 'kysely'
import type { Engine } from './migrations.js'
import type { Queries, Schema, Within } from './schema.js'

/** What opens, identifies or joins goes one after another, so that two reports of one message find each other's case. */
export async function openingInTurn(within: Within, engine: Engine): Promise<void> {
  if (engine === 'embedded') return
  await within.selectFrom('counters').select('value').where('name', '=', 'case').forUpdate().execute()
}

/** The open case whose plan includes this message. */
export async function caseIncluding(queries: Queries, message: string): Promise<number | null> {
  const row = await queries
    .selectFrom('case_messages')
    .select('case_number')
    .where('message_value', '=', message)
    .where('held', '=', 1)
    .executeTakeFirst()
  return row?.case_number ?? null
}

/** Which open case acts on each of these messages, its own or an included one; those are left out that none acts on. */
export async function openCasesOf(within: Within, messages: string[]): Promise<MessageOfCase[]> {
  if (messages.length === 0) return []
  const own = await within
    .selectFrom('cases')
    .select(['open_key', 'number'])
    .where('open_key', 'in', messages)
    .execute()
  const included = await within
    .selectFrom('case_messages')
    .select(['message_value', 'case_number'])
    .where('message_value', 'in', messages)
    .where('held', '=', 1)
    .execute()
  return [
    ...own.flatMap(({ open_key: key, number }) =>
      key === null ? [] : [{ networkMessageId: key, caseNumber: number }]
    ),
    ...included.map((row) => ({ networkMessageId: row.message_value, caseNumber: row.case_number }))
  ]
}

/** The newest ended case that included this message. */
export async function endedCaseIncluding(queries: Queries, message: string): Promise<number | null> {
  const row = await queries
    .selectFrom('case_messages')
    .select('case_number')
    .where('message_value', '=', message)
    .where('held', '=', 0)
    .orderBy('case_number', 'desc')
    .executeTakeFirst()
  return row?.case_number ?? null
}

/** Part of every stored change. A case that is opened again gets back only what nobody else acts on by now. */
export async function keepIncluded(within: Within, before: CaseRecord, next: CaseRecord): Promise<void> {
  const included = next.campaign?.included ?? []
  const [had, wanted] = [held(before), held(next)]
  const gone = had.filter((message) => !wanted.includes(message))
  const leftOut = gone.filter((message) => !included.includes(message))
  const mine = (messages: string[]) => (is: ExpressionBuilder<Schema, 'case_messages'>) =>
    is.and([is('case_number', '=', next.number), is('message_value', 'in', messages)])
  if (leftOut.length > 0) await within.deleteFrom('case_messages').where(mine(leftOut)).execute()
  if (gone.length > 0) await within.updateTable('case_messages').set({ held: 0 }).where(mine(gone)).execute()
  const added = wanted.filter((message) => !had.includes(message))
  if (added.length > 0) await hold(within, next.number, added)
}

async function hold(within: Within, number: number, messages: string[]): Promise<void> {
  const taken = new Set((await openCasesOf(within, messages)).map(({ networkMessageId }) => networkMessageId))
  const free = messages.filter((message) => !taken.has(message)).sort()
  if (free.length === 0) return
  await within
    .insertInto('case_messages')
    .values(free.map((message) => ({ message_value: message, case_number: number, held: 1 })))
    .onConflict((conflict) => conflict.columns(['message_value', 'case_number']).doUpdateSet({ held: 1 }))
    .execute()
}

function held({ state, campaign }: CaseRecord): string[] {
  return isOpen(state) ? (campaign?.included ?? []) : []
}

// Which open case acts on a message that is not its own: included ones belong to one case at a time, until it ends. Never opens a case.
import { type CaseRecord, isOpen } from '../case/case.js'
import type { Engine } from './migrations.js'
import type { Queries, Within } from './schema.js'

/** What opens, identifies or joins goes one after another, so that two reports of one message find each other's case. */
export async function openingInTurn(within: Within, engine: Engine): Promise<void> {
  if (engine === 'embedded') return
  await within.selectFrom('counters').select('value').where('name', '=', 'case').forUpdate().execute()
}

export async function caseIncluding(queries: Queries, message: string): Promise<number | null> {
  const row = await queries
    .selectFrom('case_messages')
    .select('case_number')
    .where('message_value', '=', message)
    .executeTakeFirst()
  return row?.case_number ?? null
}

/** Part of every stored change. A case that is opened again gets back only what nobody else acts on by now. */
export async function keepIncluded(within: Within, before: CaseRecord, next: CaseRecord): Promise<void> {
  const [had, wanted] = [held(before), held(next)]
  const gone = had.filter((message) => !wanted.includes(message))
  if (gone.length > 0) {
    await within
      .deleteFrom('case_messages')
      .where('case_number', '=', next.number)
      .where('message_value', 'in', gone)
      .execute()
  }
  const added = wanted.filter((message) => !had.includes(message))
  if (added.length === 0) return
  const open = await within.selectFrom('cases').select('open_key').where('open_key', 'in', added).execute()
  const taken = new Set(open.map(({ open_key: message }) => message))
  const free = added.filter((message) => !taken.has(message)).sort()
  if (free.length === 0) return
  await within
    .insertInto('case_messages')
    .values(free.map((message) => ({ message_value: message, case_number: next.number })))
    .onConflict((conflict) => conflict.column('message_value').doNothing())
    .execute()
}

function held({ state, campaign }: CaseRecord): string[] {
  return isOpen(state) ? (campaign?.included ?? []) : []
}

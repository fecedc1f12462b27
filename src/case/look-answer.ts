// Whether looking has ended without a plan, and in which of the five ways: the reporter hears of each once. Pure.
import type { CaseRecord, CaseState, LookAnswer } from './case.js'
import { latestAsked } from './follow-up.js'

// Where a plan stands, the reporter's mail was found before: what one look could not do is no news to them.
const withoutPlan: readonly CaseState[] = ['nothingFound', 'unreadable']

/** Null while looking goes on, and where the reporter was told already. */
export function untoldAnswer(record: CaseRecord): LookAnswer | null {
  // What was acted on was found.
  if (latestAsked(record) !== null) return null
  const answer = lastAnswer(record)
  return answer !== null && record.look.told?.includes(answer) !== true ? answer : null
}

function lastAnswer({ state, look: { nextAt, problem } }: CaseRecord): LookAnswer | null {
  if (nextAt !== null || !withoutPlan.includes(state)) return null
  if (problem === null) return 'nothing'
  const { kind } = problem
  return kind === 'noMail' || kind === 'unavailable' || kind === 'includedMissing' ? null : kind
}

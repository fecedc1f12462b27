// Opens a case for each mail that one report holds. Says which were taken, also where a limit ended it halfway.
import type { CaseStore } from '../case/ports.js'
import type { Report } from '../case/report.js'
import type { FiledReport } from './reported-file.js'

export interface TakenReports {
  /** Case numbers, each once. */
  numbers: number[]
  /** How many unresolved reports the person has where that stopped it; null where all were taken. */
  limitedAt: number | null
}

export type CommonOfReports = Omit<Report, keyof FiledReport>

/** @param common what all have in common; the place in the list is added to its activity key. */
export async function openReports(
  reports: FiledReport[],
  common: CommonOfReports,
  { store, unresolvedPerHour }: { store: CaseStore; unresolvedPerHour: number }
): Promise<TakenReports> {
  const numbers = new Set<number>()
  for (const [index, filed] of reports.entries()) {
    const activityKey = `${common.activityKey}/${String(index)}`
    const answer = await store.open({ ...common, ...filed, activityKey }, { unresolvedPerHour })
    if (answer.kind === 'limited') return { numbers: [...numbers], limitedAt: answer.waiting }
    numbers.add(answer.record.number)
  }
  return { numbers: [...numbers], limitedAt: null }
}

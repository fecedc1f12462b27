// Reads every plan that a case has had; its record holds the current one only. Changes nothing: a stored plan never does.
import type { PlanHistory } from '../case/ports.js'
import { planOf } from './case-rows.js'
import type { Database } from './database.js'

export function createPlanHistory({ queries }: Database): PlanHistory {
  return {
    async plansOf(caseNumber) {
      const rows = await queries
        .selectFrom('plans')
        .select('body')
        .where('case_number', '=', caseNumber)
        .orderBy('version')
        .execute()
      return rows.map(({ body }) => planOf(body))
    }
  }
}

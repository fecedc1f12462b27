// Reads who has reported what: questions that a case's record does not answer because it holds counts only. Changes nothing.
import type { CaseReports } from '../case/ports.js'
import { reporterId } from './case-rows.js'
import type { Database } from './database.js'

export function createCaseReports({ queries }: Database): CaseReports {
  return {
    async hasReported(caseNumber, objectId) {
      const row = await queries
        .selectFrom('reports')
        .select('id')
        .where('case_number', '=', caseNumber)
        .where('reporter_id', '=', reporterId({ objectId, name: '' }))
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    }
  }
}

// How far each report source was read, and how the last try went. Never holds what was reported.
import type { SourceLog } from '../case/ports.js'
import type { Database } from './database.js'

export function createSourceLog({ queries }: Database): SourceLog {
  return {
    async read(name) {
      const row = await queries.selectFrom('sources').selectAll().where('name', '=', name).executeTakeFirst()
      const failedAt = row?.failed_at ?? null
      return {
        cursor: row?.cursor ?? null,
        lastSuccessAt: row?.succeeded_at ?? null,
        lastError: failedAt === null ? null : { at: failedAt, reason: row?.failure ?? '' }
      }
    },

    async succeeded(name, cursor, at) {
      await queries
        .insertInto('sources')
        .values({ name, cursor, succeeded_at: at })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ cursor, succeeded_at: at }))
        .execute()
    },

    async failed(name, failure, at) {
      await queries
        .insertInto('sources')
        .values({ name, failed_at: at, failure })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ failed_at: at, failure }))
        .execute()
    }
  }
}

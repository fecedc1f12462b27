// Remembers what the bot has posted and where, so that it can be edited and an unknown post is found. Never posts.
import { sql } from 'kysely'
import type { MessageReference, PostedMessages } from '../case/ports.js'
import type { Database } from './database.js'

export function createPostedMessages({ queries, clock }: Pick<Database, 'queries' | 'clock'>): PostedMessages {
  return {
    async find(key) {
      const row = await queries.selectFrom('posted_messages').selectAll().where('key', '=', key).executeTakeFirst()
      if (row === undefined || row.state === 'forgotten') return null
      const { conversation_id: conversationId, service_url: serviceUrl, activity_id: activityId } = row
      const known = conversationId !== null && serviceUrl !== null && activityId !== null
      return {
        key,
        state: row.state as 'posting' | 'posted' | 'unknown',
        creates: row.creates,
        reference: known ? { conversationId, serviceUrl, activityId } : null
      }
    },

    async intend(key) {
      const { creates } = await queries
        .insertInto('posted_messages')
        .values({ key, state: 'posting', creates: 1 })
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet({
            state: 'posting',
            creates: sql<number>`posted_messages.creates + 1`,
            conversation_id: null,
            service_url: null,
            activity_id: null
          })
        )
        .returning('creates')
        .executeTakeFirstOrThrow()
      return creates
    },

    async bind(key, reference, onlyIfUnknown = false) {
      const where = columnsOf(reference)
      // Who finds the message later does not know when it was posted.
      const posted_at = onlyIfUnknown ? null : clock.now()
      const bound = await queries
        .insertInto('posted_messages')
        .values({ key, state: 'posted', creates: 1, ...where, posted_at })
        .onConflict((conflict) => {
          const update = conflict.column('key').doUpdateSet((it) => ({
            state: 'posted',
            ...where,
            posted_at: it.fn.coalesce('posted_messages.posted_at', it.val(posted_at))
          }))
          return onlyIfUnknown ? update.where('posted_messages.activity_id', 'is', null) : update
        })
        .returning('key')
        .execute()
      return bound.length > 0
    },

    async settle(key, state) {
      if (state === 'forgotten') {
        // When it stood there first outlives it.
        const nowhere = { conversation_id: null, service_url: null, activity_id: null }
        await queries
          .updateTable('posted_messages')
          .set({ state: 'forgotten', creates: 0, ...nowhere })
          .where('key', '=', key)
          .execute()
        return
      }
      // A click may have told the id while the answer to the create was lost.
      await queries
        .updateTable('posted_messages')
        .set((it) => ({ state: 'unknown', ...(state === 'notSent' && { creates: it('creates', '-', 1) }) }))
        .where('key', '=', key)
        .where('activity_id', 'is', null)
        .execute()
    }
  }
}

function columnsOf({ conversationId, serviceUrl, activityId }: MessageReference) {
  return { conversation_id: conversationId, service_url: serviceUrl, activity_id: activityId }
}

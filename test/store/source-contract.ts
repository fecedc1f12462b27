// What the database door promises about report sources: how far each was read outlives failures, restarts and other sources.
import assert from 'node:assert/strict'
import { createSourceLog } from '../../src/store/source-log.js'
import { type StoreEngine, useStore } from './store-under-test.js'

export function describeSources(engine: StoreEngine): void {
  describe('report sources', () => {
    const store = useStore(engine)
    const log = () => createSourceLog(store.database)
    const nothing = { cursor: null, lastSuccessAt: null, lastError: null }

    it('knows nothing of a source that was never asked', async () => {
      assert.deepEqual(await log().read('alerts'), nothing)
    })

    it('keeps how far it was read, over a restart and later reads', async () => {
      await log().succeeded('alerts', 'one', 5)
      await log().succeeded('alerts', '{"since":"2026-11-22T03:20:00Z","seen":["ä😀"]}', 6)
      await store.reopen()
      assert.deepEqual(await log().read('alerts'), {
        cursor: '{"since":"2026-11-22T03:20:00Z","seen":["ä😀"]}',
        lastSuccessAt: 6,
        lastError: null
      })
    })

    it('keeps the cursor through failures, and the last failure after a success', async () => {
      await log().succeeded('mailbox', 'one', 5)
      await log().failed('mailbox', '503', 6)
      await log().failed('mailbox', '403', 7)
      assert.deepEqual(await log().read('mailbox'), {
        cursor: 'one',
        lastSuccessAt: 5,
        lastError: { at: 7, reason: '403' }
      })
      await log().succeeded('mailbox', 'two', 8)
      assert.deepEqual(await log().read('mailbox'), {
        cursor: 'two',
        lastSuccessAt: 8,
        lastError: { at: 7, reason: '403' }
      })
    })

    it('stays without a cursor where the first read fails', async () => {
      await log().failed('submissions', '403', 7)
      assert.deepEqual(await log().read('submissions'), { ...nothing, lastError: { at: 7, reason: '403' } })
    })

    it('keeps each source to itself', async () => {
      await log().succeeded('alerts', 'one', 5)
      await log().failed('submissions', '403', 6)
      assert.deepEqual(await log().read('mailbox'), nothing)
      assert.equal((await log().read('submissions')).cursor, null)
      assert.equal((await log().read('alerts')).lastError, null)
    })
  })
}

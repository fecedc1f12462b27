// What the store of answers by key promises, on either engine.
import assert from 'node:assert/strict'
import { createIdempotency, type Idempotency, type KeyedRequest } from '../../src/store/idempotency.js'
import { type StoreEngine, useStore } from './store-under-test.js'

const day = 24 * 3_600_000
const answer = { status: 201, body: '{"case":"PT-1042"}' }
const request = (parts: Partial<KeyedRequest> = {}): KeyedRequest => ({ caller: 'app', key: 'k', hash: 'h', ...parts })

async function begun(answers: Idempotency, parts: Partial<KeyedRequest> = {}): Promise<string> {
  const result = await answers.begin(request(parts))
  assert.equal(result.kind, 'begun')
  return result.kind === 'begun' ? result.activityKey : ''
}

export function describeIdempotency(engine: StoreEngine): void {
  describe('answers by key', () => {
    const store = useStore(engine)
    const rows = () => store.database.queries.selectFrom('idempotency').select('key').orderBy('key').execute()
    let answers: Idempotency
    beforeEach(() => {
      answers = createIdempotency(store.database)
    })

    it('begins once, says that it runs, then gives the same answer', async () => {
      await begun(answers)
      assert.deepEqual(await answers.begin(request()), { kind: 'running' })
      assert.deepEqual(await answers.settle(request(), answer), answer)
      assert.deepEqual(await answers.begin(request()), { kind: 'answered', answer })
      await store.reopen()
      assert.deepEqual(await createIdempotency(store.database).begin(request()), { kind: 'answered', answer })
    })

    it('refuses a key for another request, while it runs and after', async () => {
      await begun(answers)
      assert.deepEqual(await answers.begin(request({ hash: 'other' })), { kind: 'otherRequest' })
      await answers.settle(request(), answer)
      assert.deepEqual(await answers.begin(request({ hash: 'other' })), { kind: 'otherRequest' })
    })

    it('keeps callers and keys apart', async () => {
      const keys = [await begun(answers), await begun(answers, { caller: 'app2' }), await begun(answers, { key: 'k2' })]
      assert.equal(new Set(keys).size, 3)
    })

    it('begins again after a release with the same activity key, and no other request can', async () => {
      const first = await begun(answers)
      await answers.release(request())
      assert.deepEqual(await answers.begin(request({ hash: 'other' })), { kind: 'otherRequest' })
      assert.equal(await begun(answers), first)
      assert.deepEqual(await answers.begin(request()), { kind: 'running' })
    })

    it('gives what a crash left to the next one when its lease is over; the answer that was first counts', async () => {
      const first = await begun(answers)
      store.clock.advance(59_999)
      assert.deepEqual(await answers.begin(request()), { kind: 'running' })
      store.clock.advance(1)
      assert.equal(await begun(answers), first)
      assert.deepEqual(await answers.begin(request()), { kind: 'running' })
      assert.deepEqual(await answers.settle(request(), answer), answer)
      assert.deepEqual(await answers.settle(request(), { status: 200, body: '{}' }), answer)
      await answers.release(request())
      assert.deepEqual(await answers.begin(request()), { kind: 'answered', answer })
    })

    it('keeps an answer for a day to the millisecond, then forgets it with its activity key', async () => {
      const first = await begun(answers)
      await answers.settle(request(), answer)
      store.clock.advance(day - 1)
      assert.deepEqual(await answers.begin(request()), { kind: 'answered', answer })
      store.clock.advance(1)
      assert.notEqual(await begun(answers, { hash: 'other' }), first)
      assert.equal((await rows()).length, 1)
    })

    it('removes what is over, fifty at a time and never what is not', async () => {
      for (let index = 0; index < 60; index++) await begun(answers, { key: `old${String(index).padStart(2, '0')}` })
      store.clock.advance(day)
      // Found expired itself, although fifty others are older in line.
      await begun(answers, { key: 'old59', hash: 'new' })
      assert.equal((await rows()).length, 10)
      await begun(answers, { key: 'new' })
      assert.deepEqual(await rows(), [{ key: 'app new' }, { key: 'app old59' }])
    })

    it('lets one of ten at once begin, on several replicas', async () => {
      const replica = await store.replicas(4)
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, turn) => createIdempotency(replica(turn).database).begin(request()))
      )
      assert.deepEqual(results.map(({ kind }) => kind).sort(), ['begun', ...Array<string>(9).fill('running')])
      await answers.release(request())
      const again = await Promise.all(
        Array.from({ length: 10 }, (_, turn) => createIdempotency(replica(turn).database).begin(request()))
      )
      assert.equal(again.filter(({ kind }) => kind === 'begun').length, 1)
    })

    it('begins keys that are over anew on several replicas, while each clears up the others', async () => {
      const replica = await store.replicas(8)
      const keys = Array.from({ length: 200 }, (_, index) => `old${String(index).padStart(3, '0')}`)
      for (const key of keys) await begun(answers, { key })
      store.clock.advance(day)
      const reused = keys.filter((_, index) => index % 25 === 12).reverse()
      await Promise.all(
        reused.map((key, turn) => begun(createIdempotency(replica(turn).database), { key, hash: 'new' }))
      )
      assert.equal((await rows()).filter(({ key }) => reused.some((each) => key.endsWith(each))).length, reused.length)
    })

    it('clears up on several replicas at once', async () => {
      const replica = await store.replicas(4)
      for (let index = 0; index < 30; index++) await begun(answers, { key: `old${String(index)}` })
      store.clock.advance(day)
      await Promise.all(
        Array.from({ length: 12 }, (_, turn) =>
          begun(createIdempotency(replica(turn).database), { key: `new${String(turn)}` })
        )
      )
      assert.equal((await rows()).length, 12)
    })
  })
}

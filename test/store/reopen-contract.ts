// What opening an ended case again promises, on either engine: the message has one open case, whoever comes first.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { Step } from '../../src/case/ports.js'
import { type Reopening, reopen } from '../../src/case/reopen.js'
import { createPlanHistory } from '../../src/store/plan-history.js'
import { approve, messageId, open, planOf, proposed, read, start, storing } from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

export function describeReopening(engine: StoreEngine): void {
  describe('reopening', () => {
    const store = useStore(engine)

    const again = (record: CaseRecord, openCase: number | null): Step<Reopening['kind']> => {
      const plan = { ...planOf(record.planVersion + 1, 2), purpose: 'followUp' as const }
      const answer = reopen(record, openCase, { event: 'followUp', plan, now: start })
      if (answer.kind !== 'reopened') return { next: null, outbox: [], audit: [], answer: answer.kind }
      return { next: answer.next, outbox: answer.outbox, audit: [], answer: answer.kind }
    }

    async function submittedCase(): Promise<number> {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record)))
      await store.cases.change(number, (record) => approve(record, 'anna'))
      await store.cases.change(number, (record) => storing({ ...record, state: 'submitted' }))
      return number
    }

    it('gives the message back to the case, and later reports with it', async () => {
      const number = await submittedCase()
      assert.equal(await store.cases.change(number, again), 'reopened')
      const record = await read(store.cases, number)
      assert.deepEqual(
        [record.state, record.planVersion, record.plan?.purpose, record.remediations.length],
        ['proposed', 2, 'followUp', 1]
      )
      assert.equal((await open(store.cases)).number, number)
      assert.deepEqual(
        (await store.cases.openCases(10)).records.map((each) => each.number),
        [number]
      )
    })

    it('keeps every plan, oldest first', async () => {
      const number = await submittedCase()
      await store.cases.change(number, again)
      const plans = await createPlanHistory(store.database).plansOf(number)
      assert.deepEqual(plans, [planOf(1, 3), { ...planOf(2, 2), purpose: 'followUp' }])
    })

    it('can close the case again and free the message', async () => {
      const number = await submittedCase()
      await store.cases.change(number, again)
      await store.cases.change(number, (record) => storing({ ...record, state: 'rejected' }))
      assert.notEqual((await open(store.cases)).number, number)
    })

    it('tells which open case has the message meanwhile, and changes neither', async () => {
      const number = await submittedCase()
      const other = await open(store.cases)
      assert.notEqual(other.number, number)
      const told: (number | null)[] = []
      const answer = await store.cases.change(number, (record, openCase) => {
        told.push(openCase)
        return again(record, openCase)
      })
      assert.deepEqual([answer, told], ['taken', [other.number]])
      assert.equal((await read(store.cases, number)).state, 'submitted')
      assert.deepEqual(await read(store.cases, other.number), other)
    })

    it('names no other case to one that is open itself', async () => {
      const { number } = await open(store.cases)
      const told = await store.cases.change(number, (_, openCase) => ({ ...storing(_), answer: openCase }))
      assert.equal(told, null)
    })

    it('has one open case of the message when reports and reopenings come at the same time', async () => {
      const number = await submittedCase()
      const replica = await store.replicas(5)
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, turn) =>
          turn % 2 === 0
            ? replica(turn).cases.change(number, again)
            : open(replica(turn).cases).then(({ number: opened }) => opened)
        )
      )
      const reopened = answers.filter((answer) => answer === 'reopened').length
      const numbers = new Set(answers.filter((answer) => typeof answer === 'number'))
      const { records } = await store.cases.openCases(10)
      assert.equal(records.length, 1)
      assert.equal(numbers.size, 1)
      assert.deepEqual([...numbers], [records[0]?.number])
      assert.equal(reopened, records[0]?.number === number ? 1 : 0)
      assert.equal(records[0]?.message.value, messageId)
    })
  })
}

// The job around one request: a process that was suspended sends nothing, and an answer outlives a short failure of the database.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { CaseStore } from '../../src/case/ports.js'
import type { RemediationRequest, SubmissionOutcome } from '../../src/case/remediation.js'
import { type SubmitDoors, submitNextBatch } from '../../src/case/submit.js'
import { TestClock } from '../test-clock.js'
import { approvedCase, batchesOf, outcomes, policy, start } from './approved-case.js'

const lease = 120_000
const away = new Error('the database is away')

/** One record in memory; `failing` refuses to store while it answers true. */
class OneCase {
  record: CaseRecord
  tries: number[] = []
  failing = () => false
  /** Called after each try, stored or not. */
  tried: () => void = () => undefined
  readonly #clock: TestClock

  constructor(record: CaseRecord, clock: TestClock) {
    this.record = record
    this.#clock = clock
  }

  readonly change: CaseStore['change'] = async (_, decide) => {
    this.tries.push(this.#clock.now() - start)
    // The one who waits goes on first, and sets the next timer.
    setImmediate(() => {
      this.tried()
    })
    if (this.failing()) throw away
    const { next, answer } = decide(this.record, null, [])
    this.record = next ?? this.record
    return answer
  }
}

function workplace(batches = 1) {
  const clock = new TestClock(start)
  const store = new OneCase(approvedCase(batches), clock)
  const sent: RemediationRequest[] = []
  const remediation: { submit: (request: RemediationRequest) => Promise<SubmissionOutcome> } = {
    submit: async (request) => {
      sent.push(request)
      return outcomes.accepted
    }
  }
  const doors: SubmitDoors = { store: store as unknown as CaseStore, remediation, clock, policy, alone: false }
  return { clock, store, sent, remediation, doors }
}

const only = (store: OneCase) => batchesOf(store.record)[0] ?? assert.fail('no batch')

describe('submit: one job', () => {
  it('stores the intent, sends once, stores the answer', async () => {
    const { store, sent, remediation, doors } = workplace()
    const { submit } = remediation
    remediation.submit = (request) => {
      assert.equal(only(store).state, 'submitting')
      return submit(request)
    }
    assert.equal(await submitNextBatch(1042, doors), null)
    assert.deepEqual([sent.length, store.tries, store.record.state], [1, [0, 0], 'submitted'])
    assert.equal(await submitNextBatch(1042, doors), null)
    assert.equal(sent.length, 1)
  })

  it('comes back at once while batches are left, and not after the last', async () => {
    const { store, sent, doors } = workplace(3)
    const answers = []
    for (let job = 0; job < 3; job += 1) answers.push(await submitNextBatch(1042, doors))
    assert.deepEqual(answers, [start, start, null])
    assert.deepEqual([sent.length, store.record.state], [3, 'submitted'])
  })

  it('does not come back where a refusal stopped the rest', async () => {
    const { store, remediation, doors } = workplace(3)
    remediation.submit = async () => outcomes.refused
    assert.equal(await submitNextBatch(1042, doors), null)
    assert.equal(store.record.state, 'failed')
  })

  for (const [ms, requests, state] of [
    [lease / 2, 1, 'accepted'],
    [lease / 2 + 1, 0, 'pending']
  ] as const) {
    it(`suspended for ${String(ms)} ms after the intent, sends ${String(requests)} requests`, async () => {
      const { clock, store, sent, doors } = workplace()
      const { change } = store
      const sleepy: CaseStore['change'] = async (number, decide) => {
        const answer = await change(number, decide)
        if (only(store).state === 'submitting') clock.advance(ms)
        return answer
      }
      await submitNextBatch(1042, { ...doors, store: { change: sleepy } as CaseStore })
      assert.deepEqual([sent.length, only(store).state], [requests, state])
    })
  }

  it('sends in a later job what the suspended one did not', async () => {
    const { clock, store, sent, doors } = workplace()
    const { change } = store
    const sleepy: CaseStore['change'] = async (number, decide) => {
      const answer = await change(number, decide)
      if (only(store).state === 'submitting') clock.advance(lease)
      return answer
    }
    const againAt = await submitNextBatch(1042, { ...doors, store: { change: sleepy } as CaseStore })
    assert.equal(againAt, start + lease + 5_000)
    assert.equal(only(store).message, 'The bot was suspended before it could send the request.')
    clock.advance(5_000)
    await submitNextBatch(1042, doors)
    assert.deepEqual([sent.length, only(store).state, store.record.state], [1, 'accepted', 'submitted'])
  })

  it('never sends what others gave up while it was suspended', async () => {
    const { clock, store, sent, doors } = workplace()
    const { change } = store
    let slept = false
    const sleepy: CaseStore['change'] = async (number, decide) => {
      const answer = await change(number, decide)
      if (!slept) {
        slept = true
        clock.advance(lease)
        await submitNextBatch(1042, doors)
        assert.equal(only(store).state, 'uncertain')
      }
      return answer
    }
    await submitNextBatch(1042, { ...doors, store: { change: sleepy } as CaseStore })
    assert.deepEqual([sent.length, only(store).state, store.record.state], [0, 'notSent', 'failed'])
  })
})

describe('submit: an answer while the database is away', () => {
  /** Fails each try to store the answer until `until`; moves the clock a second after each. Answers what the job did. */
  async function awayUntil(until: number) {
    const { clock, store, sent, doors, remediation } = workplace()
    const { submit } = remediation
    remediation.submit = (request) => {
      store.failing = () => clock.now() < until
      store.tried = () => {
        clock.advance(1_000)
      }
      return submit(request)
    }
    const job = await submitNextBatch(1042, doors).then(
      () => 'done',
      (error: unknown) => error
    )
    return { job, store, sent }
  }

  it('is stored as soon as it is back, and asked for once', async () => {
    const { job, store, sent } = await awayUntil(start + 3_000)
    assert.deepEqual([job, sent.length], ['done', 1])
    assert.deepEqual(store.tries, [0, 0, 1_000, 2_000, 3_000])
    assert.deepEqual([only(store).state, store.record.state], ['accepted', 'submitted'])
  })

  it('is stored in the last second of the lease', async () => {
    const { job, store } = await awayUntil(start + lease)
    assert.deepEqual([job, store.tries.at(-1), only(store).state], ['done', lease, 'accepted'])
  })

  it('is given up with the lease: the batch is unknown then, and is not sent again', async () => {
    const { job, store, sent } = await awayUntil(Infinity)
    assert.equal(job, away)
    assert.deepEqual([store.tries.length, store.tries.at(-1)], [lease / 1_000 + 2, lease])
    assert.deepEqual([sent.length, only(store).state], [1, 'submitting'])
  })
})

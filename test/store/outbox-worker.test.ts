// The worker against the real outbox on the embedded engine; time moves only when a test moves it.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OutboxEntry } from '../../src/case/change.js'
import { type Database, openDatabase } from '../../src/store/database.js'
import { createOutbox } from '../../src/store/outbox.js'
import {
  type OutboxHandlers,
  type OutboxWorker,
  type OutboxWorkerOptions,
  type Outcome,
  backOff,
  createOutboxWorker
} from '../../src/store/outbox-worker.js'
import { TestClock } from '../test-clock.js'
import { type OutboxUnderTest, outboxUnderTest } from './store-under-test.js'

describe('outbox worker', () => {
  let directory: string
  let clock: TestClock
  let database: Database
  let outbox: OutboxUnderTest
  let worker: OutboxWorker
  let warnings: object[]

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'phish-triage-worker-'))
    clock = new TestClock()
    warnings = []
    database = await openDatabase({ databaseUrl: null, dataDir: directory, clock })
    outbox = outboxUnderTest(
      createOutbox(database, () => {
        worker.wake()
      })
    )
  })
  afterEach(async () => {
    await worker.stop()
    await database.close()
    await rm(directory, { recursive: true, force: true })
  })

  type Handle = (entry: OutboxEntry, job: { attempts: number; createdAt: number }) => Promise<Outcome>

  function startWith(
    handle: Handle,
    options: Omit<Partial<OutboxWorkerOptions>, 'outbox' | 'clock' | 'handlers' | 'log'> = {}
  ): void {
    const kinds: OutboxEntry['kind'][] = [
      'look',
      'card',
      'submit',
      'link',
      'notice',
      'file',
      'find',
      'nudge',
      'expire',
      'poll'
    ]
    const handlers = Object.fromEntries(kinds.map((kind) => [kind, handle])) as unknown as OutboxHandlers
    const log = { warn: (details: object) => warnings.push(details) }
    worker = createOutboxWorker({ outbox, clock, handlers, log, ...options })
    worker.start()
  }

  const card = (caseNumber: number, dueAt = clock.now()): OutboxEntry => ({ kind: 'card', caseNumber, dueAt })
  const done: Outcome = { done: true }

  it('runs what is added at once, and once', async () => {
    const seen: unknown[] = []
    startWith(async (entry, job) => {
      seen.push([entry, job])
      return done
    })
    await outbox.add([card(1)])
    await worker.idle()
    assert.deepEqual(seen, [[card(1), { attempts: 1, createdAt: clock.now() }]])
    assert.equal(await outbox.nextDueAt(), null)
  })

  it('calls the handler of the kind', async () => {
    const seen: string[] = []
    startWith(async () => done)
    await worker.stop()
    const never = () => Promise.reject(new Error('wrong handler'))
    const notice = async (entry: { text: string }) => {
      seen.push(entry.text)
      return done
    }
    const handlers = {
      look: never,
      card: never,
      submit: never,
      link: never,
      verify: never,
      turnedUp: never,
      notice,
      file: never,
      find: never,
      tell: never,
      outcome: never,
      review: never,
      nudge: never,
      pendingEnds: never,
      expire: never,
      poll: never,
      retention: never,
      campaign: never,
      similar: never,
      apart: never,
      candidates: never
    }
    worker = createOutboxWorker({ outbox, clock, handlers, log: { warn: (details) => warnings.push(details) } })
    worker.start()
    const to = { conversationId: 'a', serviceUrl: 'b' }
    await outbox.add([{ kind: 'notice', id: '1', to, text: 'Hello', dueAt: clock.now() }])
    await worker.idle()
    assert.deepEqual(seen, ['Hello'])
    assert.deepEqual(warnings, [])
  })

  it('waits for the time an entry is due, however far', async () => {
    const seen: number[] = []
    startWith(async () => {
      seen.push(clock.now())
      return done
    })
    const due = clock.now() + 30 * 24 * 3_600_000
    await outbox.add([card(1, due)])
    await worker.idle()
    clock.advance(due - clock.now() - 1)
    await worker.idle()
    assert.deepEqual(seen, [])
    clock.advance(1)
    await worker.idle()
    assert.deepEqual(seen, [due])
  })

  it('comes back when a handler says so', async () => {
    const attempts: number[] = []
    startWith(async (_, job) => {
      attempts.push(job.attempts)
      return attempts.length < 3 ? { againAt: clock.now() + 60_000 } : done
    })
    await outbox.add([card(1)])
    await worker.idle()
    assert.deepEqual(attempts, [1])
    clock.advance(59_999)
    await worker.idle()
    assert.deepEqual(attempts, [1])
    clock.advance(1)
    await worker.idle()
    clock.advance(60_000)
    await worker.idle()
    assert.deepEqual(attempts, [1, 2, 3])
    assert.deepEqual(warnings, [])
    assert.equal(await outbox.nextDueAt(), null)
  })

  it('never drops what fails: waits longer each time, says why, and tries again', async () => {
    let failures = 0
    startWith(async () => {
      if (failures === 12) return done
      failures += 1
      throw new TypeError('Teams is away')
    })
    await outbox.add([card(1)])
    await worker.idle()
    const waits: number[] = []
    while (failures < 12) {
      const [failing] = (await outbox.stats()).failing
      assert.deepEqual(failing, { kind: 'card', key: '1', attempts: failures, lastError: 'TypeError: Teams is away' })
      const wait = ((await outbox.nextDueAt()) ?? 0) - clock.now()
      waits.push(wait)
      clock.advance(wait)
      await worker.idle()
    }
    assert.ok(waits.every((wait) => wait >= 1_000 && wait <= 300_000))
    assert.ok((waits[0] ?? 0) <= 2_000 && (waits.at(-1) ?? 0) >= 150_000)
    assert.equal(warnings.length, 12)
    clock.advance(300_000)
    await worker.idle()
    assert.equal(await outbox.nextDueAt(), null)
  })

  it('keeps every delay between one second and five minutes', () => {
    for (const attempts of [1, 2, 5, 9, 50, 5_000]) {
      for (let round = 0; round < 50; round += 1) {
        const delay = backOff(attempts)
        assert.ok(delay >= 1_000 && delay <= 300_000, `${String(attempts)}: ${String(delay)}`)
      }
    }
  })

  it('runs at most so many at a time, and one entry never twice at a time', async () => {
    const release: (() => void)[] = []
    let most = 0
    let full: () => void
    const isFull = new Promise<void>((resolve) => (full = resolve))
    const active = new Set<number>()
    startWith(
      async (entry) => {
        assert.ok(entry.kind === 'card' && !active.has(entry.caseNumber))
        active.add(entry.caseNumber)
        most = Math.max(most, active.size)
        if (active.size === 2) full()
        if (release.length < 2) await new Promise<void>((resolve) => release.push(resolve))
        active.delete(entry.caseNumber)
        return done
      },
      { concurrency: 2 }
    )
    await outbox.add([1, 2, 3, 4, 5].map((number) => card(number)))
    await isFull
    await outbox.add([card(1)])
    for (const resume of release) resume()
    await worker.idle()
    assert.equal(most, 2)
    assert.deepEqual(warnings, [])
    assert.equal(await outbox.nextDueAt(), null)
  })

  it('leaves places to cards while thousands of reporters are told and slow work hangs', async () => {
    let go: () => void = () => undefined
    const ready = new Promise<void>((resolve) => (go = resolve))
    const seen = { cards: 0, running: 0, most: 0, told: 0 }
    const told = (id: string): OutboxEntry => ({
      kind: 'notice',
      id,
      to: { conversationId: id, serviceUrl: 's' },
      text: '',
      dueAt: clock.now() - 1
    })
    startWith(
      async (entry) => {
        if (entry.kind === 'card') seen.cards += 1
        else if (entry.kind === 'look') await ready
        else {
          seen.running += 1
          seen.most = Math.max(seen.most, seen.running)
          if (seen.cards < 3) await ready
          seen.running -= 1
          seen.told += 1
        }
        if (seen.cards === 3) go()
        return done
      },
      { slow: ['look'], many: ['notice'] }
    )
    const looks = [1, 2, 3].map((caseNumber): OutboxEntry => ({ kind: 'look', caseNumber, dueAt: clock.now() - 2 }))
    await outbox.add([...looks, ...Array.from({ length: 20 }, (_, index) => told(String(index)))])
    await outbox.add([card(1), card(2), card(3)])
    await worker.idle()
    assert.deepEqual(seen, { cards: 3, running: 0, most: 1, told: 20 })
  })

  it('leaves half of the places to the others while slow work hangs, and does not ask in a circle', async () => {
    const look = (caseNumber: number): OutboxEntry => ({ kind: 'look', caseNumber, dueAt: clock.now() - 1 })
    const stored = createOutbox(database)
    let claims = 0
    outbox.exchange = (endings, wanted) => {
      claims += 1
      return stored.exchange(endings, wanted)
    }
    const hanging: (() => void)[] = []
    const looked: number[] = []
    const cards: number[] = []
    let allCards: () => void = () => undefined
    const cardsDone = new Promise<void>((resolve) => (allCards = resolve))
    startWith(
      async (entry) => {
        if (entry.kind === 'look') {
          await new Promise<void>((resolve) => hanging.push(resolve))
          looked.push(entry.caseNumber)
        }
        if (entry.kind === 'card') cards.push(entry.caseNumber)
        if (cards.length === 6) allCards()
        return done
      },
      { slow: ['look', 'file'] }
    )
    await outbox.add([...[1, 2, 3, 4].map(look), ...[1, 2, 3, 4, 5, 6].map((number) => card(number))])
    await cardsDone
    const seen = { cards: [...cards].sort(), looked: [...looked], hanging: hanging.length }

    // Time enough for a circle: each of these reads the database after whatever the worker would ask.
    for (let round = 0; round < 50; round += 1) await stored.stats()
    const asked = claims
    for (let round = 0; round < 50; round += 1) await stored.stats()
    const askedLater = claims

    let resumed = 0
    const resumeAll = () => {
      for (const resume of hanging.splice(0)) {
        resumed += 1
        resume()
      }
      if (resumed < 4) setImmediate(resumeAll)
    }
    resumeAll()
    await worker.idle()
    assert.deepEqual(seen, { cards: [1, 2, 3, 4, 5, 6], looked: [], hanging: 2 })
    assert.equal(askedLater, asked)
    // The first, and one for each end of a card at most.
    assert.ok(asked <= 1 + 6, `${String(asked)} exchanges`)
    assert.deepEqual(looked.sort(), [1, 2, 3, 4])
    assert.equal(await outbox.nextDueAt(), null)
  })

  it('runs slow work too where there is one place', async () => {
    const seen: string[] = []
    startWith(
      async ({ kind }) => {
        seen.push(kind)
        return done
      },
      { concurrency: 1, slow: ['look'] }
    )
    await outbox.add([{ kind: 'look', caseNumber: 1, dueAt: clock.now() - 1 }, card(1)])
    await worker.idle()
    assert.deepEqual(seen, ['look', 'card'])
  })

  it('runs an entry again that was added while it ran', async () => {
    let runs = 0
    startWith(async () => {
      runs += 1
      if (runs === 1) await outbox.add([card(1)])
      return done
    })
    await outbox.add([card(1)])
    await worker.idle()
    assert.equal(runs, 2)
  })

  it('keeps the lease of what runs long', async () => {
    const renewed: boolean[] = []
    let sayRenewed: () => void = () => undefined
    const stored = createOutbox(database)
    outbox.renew = async (job, leaseMs) => {
      const answer = await stored.renew(job, leaseMs)
      renewed.push(answer)
      // After the worker has set its next timer.
      setImmediate(sayRenewed)
      return answer
    }
    let resume: () => void = () => undefined
    let runs = 0
    const started = new Promise<void>((resolve) => {
      startWith(
        async () => {
          runs += 1
          resolve()
          await new Promise<void>((go) => (resume = go))
          return done
        },
        { leaseMs: 30_000 }
      )
    })
    await outbox.add([card(1)])
    await started
    for (let round = 0; round < 6; round += 1) {
      const next = new Promise<void>((resolve) => (sayRenewed = resolve))
      clock.advance(10_000)
      await next
    }
    assert.deepEqual(
      renewed,
      Array.from({ length: 6 }, () => true)
    )
    resume()
    await worker.idle()
    assert.equal(runs, 1)
    assert.equal(await outbox.nextDueAt(), null)
  })

  it('finds what another process has added when it polls', async () => {
    const seen: OutboxEntry[] = []
    startWith(
      async (entry) => {
        seen.push(entry)
        return done
      },
      { pollMs: 1_000 }
    )
    await worker.idle()
    await createOutbox(database).add([card(1)])
    clock.advance(1_000)
    await worker.idle()
    assert.equal(seen.length, 1)
  })

  it('stops: waits for what runs and claims nothing new', async () => {
    let resume: () => void = () => undefined
    const seen: OutboxEntry[] = []
    const started = new Promise<void>((resolve) => {
      startWith(
        async (entry) => {
          seen.push(entry)
          resolve()
          await new Promise<void>((go) => (resume = go))
          return done
        },
        { concurrency: 1 }
      )
    })
    const second = card(2, clock.now() + 1)
    await outbox.add([card(1), second])
    await started
    clock.advance(1)
    let stopped = false
    const stopping = worker.stop().then(() => (stopped = true))
    await outbox.stats()
    assert.equal(stopped, false)
    resume()
    await stopping
    worker.wake()
    await worker.idle()
    assert.equal(seen.length, 1)
    assert.deepEqual((await outbox.claim(1))?.entry, second)
  })

  it('goes on when the database failed for a moment', async () => {
    const stored = createOutbox(database)
    let failed = false
    let warned: () => void = () => undefined
    outbox.exchange = async (endings, wanted) => {
      if (!failed) {
        failed = true
        // After the worker has said so and set its timer.
        setImmediate(() => {
          warned()
        })
        throw new Error('disk full')
      }
      return stored.exchange(endings, wanted)
    }
    const failure = new Promise<void>((resolve) => (warned = resolve))
    let runs = 0
    startWith(async () => {
      runs += 1
      return done
    })
    await failure
    assert.deepEqual(warnings, [{ error: 'Error: disk full' }])
    const later = createOutbox(database)
    await later.add([card(1)])
    clock.advance(1_000)
    await worker.idle()
    assert.equal(runs, 1)
  })

  it('stores each outcome alone where they cannot be stored together', async () => {
    const stored = createOutbox(database)
    let refused = 0
    outbox.exchange = async (endings, wanted) => {
      if (endings.some(({ job }) => job.entry.kind === 'card' && job.entry.caseNumber === 1)) {
        refused += 1
        throw new Error('no place for this one')
      }
      return stored.exchange(endings, wanted)
    }
    const runs: number[] = []
    startWith(async (entry) => {
      if (entry.kind === 'card') runs.push(entry.caseNumber)
      return done
    })
    await outbox.add([card(1), card(2), card(3)])
    while (warnings.length < 2) await stored.stats()
    clock.advance(1_000)
    await worker.idle()
    assert.deepEqual(runs, [1, 2, 3])
    assert.deepEqual(warnings, [
      { error: 'Error: no place for this one' },
      { kind: 'card', error: 'Error: no place for this one' }
    ])
    assert.equal(refused, 2)
    // Not lost: it comes back when its lease is over.
    assert.equal(await outbox.nextDueAt(), clock.now() - 1_000 + 60_000)
  })
})

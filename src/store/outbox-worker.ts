// Runs the outbox: claims what is due, calls its handler, finishes it or tries again later. Knows nothing of what handlers do.
import { setImmediate } from 'node:timers/promises'
import type { OutboxEntry } from '../case/change.js'
import type { Clock } from '../case/ports.js'
import type { Ending, Job, Outbox } from './outbox.js'

export type Outcome = { done: true } | { againAt: number }

export type OutboxHandlers = {
  [K in OutboxEntry['kind']]: (
    entry: Extract<OutboxEntry, { kind: K }>,
    job: Pick<Job, 'attempts' | 'createdAt'>
  ) => Promise<Outcome>
}

export interface OutboxWorkerOptions {
  outbox: Outbox
  clock: Clock
  handlers: OutboxHandlers
  log: { warn(details: object, message: string): void }
  concurrency?: number
  /** Kinds that wait long for others; together they may take half of the places, so that the rest never waits for them. */
  slow?: readonly OutboxEntry['kind'][]
  /** Renewed while a handler runs; after a crash, how long others wait. */
  leaseMs?: number
  /** How often to look for what other processes have added; only for several processes on one database. */
  pollMs?: number
}

export interface OutboxWorker {
  start(): void
  /** To be called when entries were added. */
  wake(): void
  /** Resolves when nothing is due now and nothing runs. */
  idle(): Promise<void>
  /** Claims nothing more and waits for what runs. */
  stop(): Promise<void>
}

const shortestDelay = 1_000
const longestDelay = 300_000

/** Doubles with each attempt; the jitter keeps entries that failed together from coming back together. */
export function backOff(attempts: number): number {
  const delay = Math.min(longestDelay, shortestDelay * 2 ** Math.min(attempts, 20))
  return Math.round(delay / 2 + (Math.random() * delay) / 2)
}

interface Ended extends Ending {
  stopRenewing: () => void
}

export function createOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const { outbox, clock, handlers, log, concurrency = 4, slow = [], leaseMs = 60_000, pollMs } = options
  const running = new Set<Promise<void>>()
  let runningSlow = 0
  /** What has run, but is leased until its outcome is stored. */
  const ended: Ended[] = []
  let on = false
  let turn: Promise<void> | null = null
  let wokenMeanwhile = false
  let cancelTimer: () => void = () => undefined
  let idleWaiters: (() => void)[] = []

  function wake(): void {
    if (!on && ended.length === 0) return
    if (turn !== null) {
      wokenMeanwhile = true
      return
    }
    // What happens now often goes on: a job adds entries and ends right after. One transaction is enough for both.
    turn = setImmediate()
      .then(takeTurn)
      .finally(() => {
        turn = null
        if (wokenMeanwhile) {
          wokenMeanwhile = false
          wake()
        }
      })
  }

  /** Stores what has ended, fills the free places, then sets the timer for what comes next. */
  async function takeTurn(): Promise<void> {
    const endings = ended.splice(0)
    const places = on ? concurrency - running.size : 0
    if (endings.length === 0 && places <= 0) return
    const few = { kinds: slow, places: Math.max(0, Math.ceil(concurrency / 2) - runningSlow) }
    try {
      const { jobs, nextDueAt } = await outbox.exchange(endings, { places, leaseMs, few })
      for (const job of jobs) run(job)
      if (jobs.length < places && !wokenMeanwhile) sleepUntil(nextDueAt)
    } catch (error) {
      log.warn({ error: said(error) }, 'The outbox cannot be read; trying again.')
      for (const ending of endings) await storeAlone(ending)
      wakeAt(clock.now() + shortestDelay)
    } finally {
      for (const { stopRenewing } of endings) stopRenewing()
    }
  }

  /** One outcome that cannot be stored must not keep the others back. The lease's end brings its entry back. */
  async function storeAlone(ending: Ended): Promise<void> {
    await outbox.exchange([ending], { places: 0, leaseMs, few: { kinds: [], places: 0 } }).catch((error: unknown) => {
      log.warn({ kind: ending.job.entry.kind, error: said(error) }, 'The outcome of outbox work could not be stored.')
    })
  }

  function sleepUntil(next: number | null): void {
    const poll = pollMs === undefined ? null : clock.now() + pollMs
    const at = next === null || poll === null ? (next ?? poll) : Math.min(next, poll)
    if (running.size === 0 && ended.length === 0 && (next === null || next > clock.now())) {
      for (const resolve of idleWaiters.splice(0)) resolve()
    }
    if (at !== null) wakeAt(at)
  }

  function wakeAt(at: number): void {
    cancelTimer()
    if (on) cancelTimer = clock.wake(at, wake)
  }

  function run(job: Job): void {
    const isSlow = slow.includes(job.entry.kind)
    if (isSlow) runningSlow += 1
    const stopRenewing = keepLease(job)
    const work = endingOf(job).then((ending) => {
      if (isSlow) runningSlow -= 1
      running.delete(work)
      ended.push({ ...ending, stopRenewing })
      wake()
    })
    running.add(work)
  }

  async function endingOf(job: Job): Promise<Ending> {
    try {
      const outcome = await call(job)
      return { job, againAt: 'done' in outcome ? null : outcome.againAt }
    } catch (error) {
      log.warn(
        { kind: job.entry.kind, attempts: job.attempts, error: said(error) },
        'Outbox work failed; it will be tried again.'
      )
      return { job, againAt: clock.now() + backOff(job.attempts), error: said(error) }
    }
  }

  async function call({ entry, attempts, createdAt }: Job): Promise<Outcome> {
    const handler = handlers[entry.kind] as (
      entry: OutboxEntry,
      job: Pick<Job, 'attempts' | 'createdAt'>
    ) => Promise<Outcome>
    return handler(entry, { attempts, createdAt })
  }

  function keepLease(job: Job): () => void {
    let cancel: () => void
    let ended = false
    const renewLater = () => {
      cancel = clock.wake(clock.now() + leaseMs / 3, () => {
        outbox
          .renew(job, leaseMs)
          .catch((error: unknown) => {
            log.warn({ kind: job.entry.kind, error: said(error) }, 'A lease could not be renewed.')
          })
          .finally(() => {
            if (!ended) renewLater()
          })
      })
    }
    renewLater()
    return () => {
      ended = true
      cancel()
    }
  }

  return {
    start() {
      on = true
      wake()
    },
    wake,
    idle() {
      if (!on) return Promise.resolve()
      return new Promise((resolve) => {
        idleWaiters.push(resolve)
        wake()
      })
    },
    async stop() {
      on = false
      cancelTimer()
      while (turn !== null || running.size > 0) await Promise.all([turn, ...running])
      for (const resolve of idleWaiters) resolve()
      idleWaiters = []
    }
  }
}

function said(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500)
}

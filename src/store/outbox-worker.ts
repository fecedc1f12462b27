// Runs the outbox: claims what is due, calls its handler, finishes it or tries again later. Knows nothing of what handlers do.
import type { OutboxEntry } from '../case/change.js'
import type { Clock } from '../case/ports.js'
import type { Job, Outbox } from './outbox.js'

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

export function createOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const { outbox, clock, handlers, log, concurrency = 4, slow = [], leaseMs = 60_000, pollMs } = options
  const running = new Set<Promise<void>>()
  let runningSlow = 0
  let on = false
  let claiming: Promise<void> | null = null
  let wokenMeanwhile = false
  let cancelTimer: () => void = () => undefined
  let idleWaiters: (() => void)[] = []

  function wake(): void {
    if (!on) return
    if (claiming !== null) {
      wokenMeanwhile = true
      return
    }
    claiming = claimAll().finally(() => {
      claiming = null
      if (wokenMeanwhile) {
        wokenMeanwhile = false
        wake()
      }
    })
  }

  /** Fills the free places, then sets the timer for what comes next. */
  async function claimAll(): Promise<void> {
    try {
      while (on && running.size < concurrency) {
        // The end of a slow one wakes this up again, so what is left out here is not waited for.
        const except = runningSlow >= concurrency / 2 ? slow : []
        const job = await outbox.claim(leaseMs, except)
        if (job === null) {
          await sleepUntilNext(except)
          return
        }
        run(job)
      }
    } catch (error) {
      log.warn({ error: said(error) }, 'The outbox cannot be read; trying again.')
      wakeAt(clock.now() + shortestDelay)
    }
  }

  async function sleepUntilNext(except: readonly OutboxEntry['kind'][]): Promise<void> {
    const next = await outbox.nextDueAt(except)
    if (wokenMeanwhile) return
    const poll = pollMs === undefined ? null : clock.now() + pollMs
    const at = next === null || poll === null ? (next ?? poll) : Math.min(next, poll)
    if (running.size === 0 && (next === null || next > clock.now())) {
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
    const work = handle(job).finally(() => {
      if (isSlow) runningSlow -= 1
      running.delete(work)
      wake()
    })
    running.add(work)
  }

  async function handle(job: Job): Promise<void> {
    const stopRenewing = keepLease(job)
    try {
      const outcome = await call(job)
      if ('done' in outcome) await outbox.finish(job)
      else await outbox.again(job, outcome.againAt)
    } catch (error) {
      log.warn(
        { kind: job.entry.kind, attempts: job.attempts, error: said(error) },
        'Outbox work failed; it will be tried again.'
      )
      // Where even this cannot be stored, the lease's end brings it back.
      await outbox.again(job, clock.now() + backOff(job.attempts), said(error)).catch(() => undefined)
    } finally {
      stopRenewing()
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
      await claiming
      await Promise.all(running)
      for (const resolve of idleWaiters) resolve()
      idleWaiters = []
    }
  }
}

function said(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500)
}

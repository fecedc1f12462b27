// Runs until somebody ends it or a part of it dies, then ends every part. Must leave no process behind.
import { systemClock } from '../clock.js'
import { type Child, ChildError } from './processes.js'
import * as words from './words.js'

/** The bot itself drains for at most 10 s. */
const stopMs = 12_000

export interface Life {
  env: NodeJS.ProcessEnv
  /** Where the logs are, for what is said of a part that died. */
  folder: string
  /** What runs; parts are added as they start. */
  children: Child[]
  /** Resolves with what the terminal says once everything is up. */
  start: () => Promise<string>
}

/** Null: somebody ended it. Words: what went wrong. All children are gone when it resolves. */
export async function live({ env, folder, children, start }: Life): Promise<string | null> {
  const signalled = untilSignal(env)
  const up = start()
  const problem = await untilEnd(up, { folder, children, signalled })
  console.log(problem ?? words.stopping)
  await stopAll(children)
  // A start that was interrupted may still have added one.
  await up.catch(() => undefined)
  await stopAll(children)
  return problem
}

async function untilEnd(
  up: Promise<string>,
  { folder, children, signalled }: { folder: string; children: Child[]; signalled: Promise<null> }
): Promise<string | null> {
  try {
    const started = await Promise.race([up, signalled])
    if (started === null) return null
    console.log(started)
  } catch (error) {
    return error instanceof ChildError ? error.message : error instanceof Error ? (error.stack ?? '') : String(error)
  }
  const deaths = children.map(async (child) => words.childDied(child.name, await child.ended, folder))
  return Promise.race([signalled, ...deaths])
}

async function stopAll(children: Child[]): Promise<void> {
  await Promise.all(children.map((child) => child.stop(stopMs)))
}

/** Null: a person, or the system, wants it to end. */
function untilSignal(env: NodeJS.ProcessEnv): Promise<null> {
  return new Promise((resolve) => {
    const end = () => {
      resolve(null)
    }
    // Not once: Ctrl-C arrives twice where npm hands it on too, and the second must not cut the ending short.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
    // npm hands a SIGTERM only to its shell, which ends without telling us: then this process has another parent.
    if (env.npm_lifecycle_event !== undefined) watchParent(process.ppid, end)
  })
}

const watchMs = 500

function watchParent(parent: number, gone: () => void): void {
  if (process.ppid === parent) systemClock.wake(systemClock.now() + watchMs, () => watchParent(parent, gone))
  else gone()
}

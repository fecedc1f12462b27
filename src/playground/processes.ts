// Child processes of the playground: started with a log, awaited by what they say, ended for certain. Must never end a process it did not start.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

export interface ChildSettings {
  /** What a person calls it. */
  name: string
  /** Arguments to Node. */
  args: string[]
  env: NodeJS.ProcessEnv
  cwd: string
  /** Gets everything that it writes. */
  logFile: string
}

export interface Child {
  readonly name: string
  /** Resolves with how it ended, in words; never rejects. */
  readonly ended: Promise<string>
  /**
   * The first match in a line of its output; to be asked right after the start.
   * @throws ChildError when it ends, or says nothing that matches within the deadline
   */
  said(pattern: RegExp, deadlineMs: number): Promise<RegExpExecArray>
  /** Asks it to end, and after the deadline makes it. Resolves when it is gone. */
  stop(deadlineMs: number): Promise<void>
}

export class ChildError extends Error {
  override readonly name = 'ChildError'
}

const linesKept = 15

export function startChild(settings: ChildSettings): Child {
  const { name, args, env, cwd, logFile } = settings
  // Standard input is never written to: its end tells the child that this process is gone (end-with-parent.cjs).
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
  // A child that is gone cannot read; that it is gone is told by `ended`.
  child.stdin.on('error', () => undefined)
  const log = createWriteStream(logFile, { flags: 'a' })
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`)
      lines.push(line)
      if (lines.length > linesKept) lines.shift()
      for (const listener of listeners) listener(line)
    })
  }
  const ended = endOf(child).then((how) => {
    log.end()
    return how
  })
  const isOver = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined

  return {
    name,
    ended,
    said(pattern, deadlineMs) {
      return new Promise((resolve, reject) => {
        const fail = (what: string) => {
          done()
          reject(new ChildError([`${name} ${what}. It said:`, ...lines].join('\n  ')))
        }
        const listener = (line: string) => {
          const match = pattern.exec(line)
          if (match === null) return
          done()
          resolve(match)
        }
        const deadline = setTimeout(() => {
          fail(`was not ready within ${String(deadlineMs / 1000)} s`)
        }, deadlineMs)
        const done = () => {
          clearTimeout(deadline)
          listeners.delete(listener)
        }
        listeners.add(listener)
        lines.forEach(listener)
        void ended.then((how) => {
          fail(how)
        })
      })
    },
    async stop(deadlineMs) {
      if (!isOver()) child.kill('SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
      await ended
      clearTimeout(deadline)
    }
  }
}

/** After `close`, all that it wrote has been read. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`could not be started (${error.message})`)
    })
    child.once('close', (code, signal) => {
      resolve(signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`)
    })
  })
}

// Reads reported files in threads of their own and kills a thread that takes too long or too much. It must never parse on
// the main thread, nor leave a file without an answer.
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type BodyProblem, type MailFileAnswer, type MailOutcome, type ReadMail } from './mail-answer.js'
import type { FromMailWorker } from './mail-worker.js'

export type { MailFileAnswer } from './mail-answer.js'

export interface MailReaderOptions {
  /** For parsing one file, from when it is hashed. 2 s unless given. */
  deadlineMs?: number
  /** Files read at the same time; 2 unless given. */
  threads?: number
  /** What the parsed mail may take of a thread's heap; 128 MB unless given. Buffers are bounded by the scan before parsing. */
  heapMb?: number
}

export interface MailReader {
  /**
   * Takes the bytes over: an array that owns its buffer is moved to the thread and is empty afterwards. Never throws for what is in a file.
   * @param bytes at most 25 MiB; above 10 MiB only the headers are read.
   */
  read(name: string, bytes: Uint8Array): Promise<MailFileAnswer>
  /** Waits for the files being read, then ends the threads. */
  close(): Promise<void>
}

interface Thread {
  worker: Worker
  ready: boolean
}

/** For a thread to start or to hash; neither depends on what is in the file. */
const startMs = 30_000
/** Smaller arrays may lie in a pool that others use, and cost nothing to copy. In bytes. */
const copiedBelow = 64 * 1024

export function createMailReader(options: MailReaderOptions = {}): MailReader {
  const { deadlineMs = 2_000, threads = 2, heapMb = 128 } = options
  const idle: Thread[] = []
  const waiting: (() => void)[] = []
  let running = 0
  let onQuiet: (() => void)[] = []

  const turn = async () => {
    if (running < threads) running++
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const pass = () => {
    const next = waiting.shift()
    if (next) return next()
    if (--running > 0) return
    for (const tell of onQuiet) tell()
    onQuiet = []
  }
  const take = (): Thread | null => {
    for (let thread = idle.pop(); thread; thread = idle.pop()) if (thread.worker.threadId !== -1) return thread
    return startThread(heapMb)
  }
  const readInTurn = async (bytes: Uint8Array): Promise<End> => {
    await turn()
    try {
      const thread = take()
      if (!thread) return { outcome: { kind: 'unreadable', reason: 'outOfMemory' }, sha256: '', usable: false }
      const end = await readOn(thread, bytes, deadlineMs)
      if (end.usable) idle.push(thread)
      else await thread.worker.terminate()
      return end
    } finally {
      pass()
    }
  }

  return {
    async read(name, bytes) {
      const size = bytes.byteLength
      const { outcome, sha256 } = await readInTurn(bytes)
      const mayHash = sha256 === '' && bytes.byteLength === size
      return answerOf({ name, bytes: size, sha256: mayHash ? await sha256Of(bytes) : sha256 }, outcome)
    },
    async close() {
      if (running > 0) await new Promise<void>((resolve) => onQuiet.push(resolve))
      await Promise.all(idle.splice(0).map(({ worker }) => worker.terminate()))
    }
  }
}

function answerOf(file: MailFileAnswer['file'], outcome: MailOutcome): MailFileAnswer {
  if (outcome.kind === 'unreadable') return { ...outcome, file }
  return { ...outcome, file, bodyRead: outcome.bodyProblem === null }
}

const compiled = !import.meta.url.endsWith('.ts')

/** Run from its sources, a thread needs a TypeScript loader of its own: Node 20 gives threads none. */
function sourceLoader(): string[] {
  // By its place in the package: asked for by name from a CommonJS loader, its other build comes, which finds no hooks.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx'))
  const { href } = new URL('esm/api/index.mjs', tsx)
  const loader = `import { register } from ${JSON.stringify(href)}; register()`
  return ['--import', `data:text/javascript,${encodeURIComponent(loader)}`]
}

/** Null where the system gives no more threads. */
function startThread(heapMb: number): Thread | null {
  try {
    return { worker: startWorker(heapMb), ready: false }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_INIT_FAILED') return null
    throw error
  }
}

function startWorker(heapMb: number): Worker {
  const worker = new Worker(new URL(compiled ? './mail-worker.js' : './mail-worker.ts', import.meta.url), {
    execArgv: compiled ? [] : sourceLoader(),
    // Nothing that a file could talk the parser into should find a secret.
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 32 }
  })
  worker.stdout.resume()
  worker.stderr.resume()
  // A thread may fail while nobody is reading; without a listener that would end the process.
  worker.on('error', () => undefined)
  worker.unref()
  return worker
}

interface End {
  outcome: MailOutcome
  sha256: string
  /** The thread can take another file. */
  usable: boolean
}

function readOn(thread: Thread, bytes: Uint8Array, deadlineMs: number): Promise<End> {
  const { worker } = thread
  return new Promise((resolve) => {
    let sha256 = ''
    let headers: ReadMail | null = null
    const finish = (outcome: MailOutcome, usable: boolean) => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      worker.unref()
      resolve({ outcome, sha256, usable })
    }
    // What the headers said before the thread went down still holds.
    const fail = (problem: BodyProblem) =>
      finish(
        headers ? { kind: 'mail', mail: headers, bodyProblem: problem } : { kind: 'unreadable', reason: problem },
        false
      )
    const onMessage = (message: FromMailWorker) => {
      if (message.kind === 'ready') {
        thread.ready = true
        send(worker, bytes)
      } else if (message.kind === 'hash') {
        sha256 = message.sha256
        clearTimeout(timer)
        timer = setTimeout(fail, deadlineMs, 'tooSlow')
      } else if (message.kind === 'headers') headers = message.mail
      else finish(message.outcome, true)
    }
    const onError = (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'outOfMemory' : 'damaged')
    const onExit = () => fail('damaged')
    let timer = setTimeout(fail, startMs, 'tooSlow')
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.ref()
    if (thread.ready) send(worker, bytes)
  })
}

function send(worker: Worker, bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength >= copiedBelow
  const sent = new Uint8Array(whole ? buffer : bytes)
  worker.postMessage(sent, [sent.buffer])
}

/** For files that no thread could be started for; a megabyte at a time, so that others get their turn. */
async function sha256Of(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += 2 ** 20) {
    hash.update(bytes.subarray(at, at + 2 ** 20))
    await setImmediate()
  }
  return hash.digest('hex')
}

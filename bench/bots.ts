// Starts the measured bots as processes of their own, asks their preload for readings, and ends them. Never measures itself.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import ts from 'typescript'
import type { Asked, Reading, Told } from './reading.js'

export interface Bot {
  url: string
  /** Begins a new reading and answers the one before. */
  mark(gaps?: 'gaps'): Promise<Reading>
  read(): Promise<Reading>
  stop(): Promise<void>
}

export class BotFailed extends Error {
  override readonly name = 'BotFailed'
}

const root = resolve(import.meta.dirname, '..')
const made = join(root, 'node_modules', '.cache', 'bench')
const running = new Set<ChildProcess>()
const stopMs = 15_000

/** Without a loader: it would make the peer's start slower than it is. */
async function compiled(name: string): Promise<string> {
  const target = join(made, `${name}.mjs`)
  const { outputText } = ts.transpileModule(await readFile(join(import.meta.dirname, `${name}.ts`), 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  })
  await mkdir(made, { recursive: true })
  await writeFile(target, outputText)
  return target
}

let files: { echo: string; preload: string } | null = null

export interface BotStart {
  kind: 'product' | 'echo'
  env?: Record<string, string>
  /** Left out where the start itself is measured. */
  measured?: boolean
}

export async function compilePeers(): Promise<void> {
  files = { echo: await compiled('echo-bot'), preload: await compiled('preload') }
}

/** @throws BotFailed where it ends before it listens. */
export async function startBot({ kind, env = {}, measured = true }: BotStart): Promise<Bot> {
  if (files === null) throw new BotFailed('The peers are not compiled.')
  const entry = kind === 'product' ? join(root, 'dist', 'index.js') : files.echo
  const profile = process.env.BENCH_CPU_PROF === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir=' + made]
  const args = [...(measured ? ['--import', files.preload] : []), ...(kind === 'product' ? profile : []), entry]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env.PATH ?? '', BENCH_COUNTS: kind === 'product' ? '1' : '0', ...env }
  })
  running.add(child)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)))
  const ended = once(child, 'close').then(() => {
    running.delete(child)
  })
  const url = await new Promise<string>((found, failed) => {
    if (child.stdout === null) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /Server listening to (http:\/\/[\d.:]+)/.exec(line)?.[1]
      if (address !== undefined) found(address)
      else said = `${said}${line}\n`.slice(-4_000)
    })
    void ended.then(() => {
      failed(new BotFailed(`The ${kind} bot ended: ${said}`))
    })
  })

  const asked = new Map<number, (reading: Reading) => void>()
  let last = 0
  child.on('message', ({ id, reading }: Told) => {
    asked.get(id)?.(reading)
    asked.delete(id)
  })
  const put = (ask: Asked['ask']) =>
    new Promise<Reading>((answer, failed) => {
      last += 1
      asked.set(last, answer)
      child.send({ id: last, ask } satisfies Asked)
      void ended.then(() => {
        failed(new BotFailed(`The ${kind} bot ended: ${said}`))
      })
    })
  return {
    url,
    mark: (gaps) => put(gaps === 'gaps' ? 'markWithGaps' : 'mark'),
    read: () => put('read'),
    async stop() {
      child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), stopMs)
      await ended
      clearTimeout(kill)
    }
  }
}

export function endAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

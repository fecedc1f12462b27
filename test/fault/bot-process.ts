// The real bot as a process of its own, made from today's src, to be killed and started again on the same data.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import ts from 'typescript'

export interface BotProcess {
  /** Where it listens. */
  url: string
  /** Sends the signal and waits for the end. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ending>
}

export interface Ending {
  code: number | null
  signal: string | null
  stderr: string
}

export interface BuiltBot {
  /** Rejects where the process ends before it listens; `Ending` is the reason. */
  start(env: Record<string, string>): Promise<BotProcess>
  /** For a bot that is meant to give up at start. */
  fail(env: Record<string, string>): Promise<Ending>
  remove(): Promise<void>
}

/** Loads the bot's modules while a test still has the one before it, and starts it when told its environment. */
const standby = `import './app.js'
process.stdin.once('data', (environment) => {
  process.stdin.destroy()
  Object.assign(process.env, JSON.parse(environment))
  import('./index.js')
})
`

/** Neither `dist`, which may be stale, nor a loader, which makes every start twice as slow. */
export async function buildBot(): Promise<BuiltBot> {
  const root = resolve(import.meta.dirname, '../..')
  const built = await mkdtemp(join(tmpdir(), 'phish-triage-built-'))
  await symlink(join(root, 'node_modules'), join(built, 'node_modules'))
  await writeFile(join(built, 'package.json'), '{"type":"module"}')
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  for (const entry of await readdir(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const from = join(entry.parentPath, entry.name)
    const to = from.replace(join(root, 'src'), built)
    await mkdir(dirname(to), { recursive: true })
    if (entry.name.endsWith('.ts')) {
      const { outputText } = ts.transpileModule(await readFile(from, 'utf8'), { compilerOptions })
      await writeFile(to.replace(/\.ts$/, '.js'), outputText)
    } else await cp(from, to)
  }
  await writeFile(join(built, 'standby.js'), standby)
  const running = new Set<ChildProcess>()
  let next = stand()

  function stand(): ChildProcess {
    const child = spawn(process.execPath, [join(built, 'standby.js')], { env: { PATH: process.env.PATH } })
    running.add(child)
    return child
  }

  function launch(env: Record<string, string>): { child: ChildProcess; ended: Promise<Ending> } {
    const child = next
    next = stand()
    child.stdin?.write(JSON.stringify(env))
    let stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const ended = once(child, 'close').then(([code, signal]): Ending => {
      running.delete(child)
      return { code: code as number | null, signal: signal as string | null, stderr }
    })
    return { child, ended }
  }

  return {
    async start(env) {
      const { child, ended } = launch(env)
      assert.ok(child.stdout)
      const lines = createInterface({ input: child.stdout })
      const listening = new Promise<string>((found) => {
        lines.on('line', (line) => {
          const url = /Server listening to (http:\/\/[\d.:]+)/.exec(line)?.[1]
          if (url !== undefined) found(url)
        })
      })
      const url = await Promise.race([
        listening,
        ended.then(({ code, stderr }) => Promise.reject(new Error(`the bot ended with ${String(code)}: ${stderr}`)))
      ])
      return {
        url,
        async end(signal) {
          child.kill(signal)
          return ended
        }
      }
    },
    async fail(env) {
      const { child, ended } = launch(env)
      child.stdout?.resume()
      return ended
    },
    async remove() {
      for (const child of running) child.kill('SIGKILL')
      await rm(built, { recursive: true, force: true })
    }
  }
}

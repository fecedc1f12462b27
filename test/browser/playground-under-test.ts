// Starts the compiled playground as a person does, reads its terminal, and lists its processes. Ends only what it started.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'

const packageRoot = fileURLToPath(new URL('../../', import.meta.url))

// What a killed playground leaves in its temporary folder, its logs above all, is kept until the next run.
const temporary = `${packageRoot}artifacts/playground-runs`
rmSync(temporary, { recursive: true, force: true })
mkdirSync(temporary, { recursive: true })

export interface PlaygroundUnderTest {
  pid: number
  /** Everything it has printed so far. */
  terminal(): string
  /** The address that the terminal shows behind this word. */
  address(word: 'Open' | 'Bot' | 'Graph'): string
  /** Every process of it that runs now, itself first. */
  pids(): number[]
  /** Sends a signal to the one process that was started, as a person's `kill` does, and waits for its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>
  exited: Promise<number | null>
}

/**
 * @param how `npm` stands for `npm run`: a shell between, which ends without handing a signal on.
 * @param options what stands behind `npm run playground --`
 */
export async function startPlayground(
  how: 'node' | 'npm' = 'node',
  options: string[] = []
): Promise<PlaygroundUnderTest> {
  const command = ['node dist/playground/index.js', ...options].join(' ')
  // The second command keeps the shell from handing its process over to node.
  const [program, args] =
    how === 'npm' ? ['sh', ['-c', `true && ${command}; exit $?`]] : ['node', command.split(' ').slice(1)]
  const child = spawn(program, args, {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TEAMSAPPTESTER_BROWSER: 'none',
      TMPDIR: temporary,
      // Settings of a real deployment in the developer's shell: the playground's bot must get none of them.
      DATABASE_URL: 'postgres://127.0.0.1:1/never',
      GRAPH_CREDENTIAL: 'secret',
      npm_lifecycle_event: how === 'npm' ? 'playground' : undefined
    }
  })
  const { pid } = child
  assert.ok(pid !== undefined, `${program} could not be started`)
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  let printed = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text
        if (printed.includes('Press Ctrl-C')) resolve()
      })
    }
    void exited.then((code) => {
      reject(new Error(`the playground ended with ${String(code)} before it was up; it said:\n${printed}`))
    })
  })
  return {
    pid,
    terminal: () => printed,
    address(word) {
      const found = new RegExp(`^ *${word} +(http://127\\.0\\.0\\.1:\\d+)`, 'm').exec(printed)?.[1]
      assert.ok(found, `the terminal shows no address for ${word}:\n${printed}`)
      return found
    },
    pids: () => [pid, ...descendantsOf(pid)],
    end(signal) {
      child.kill(signal)
      return exited
    },
    exited
  }
}

function descendantsOf(ancestor: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number))
  const found: number[] = []
  const look = (parent: number) => {
    for (const [pid = 0, ppid = 0] of rows) {
      if (ppid !== parent) continue
      found.push(pid)
      look(pid)
    }
  }
  look(ancestor)
  return found.filter((pid) => isRunning(pid))
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** For processes that are nobody's children any more: there is no event to wait for, so it asks until they are gone. */
export async function allGone(pids: number[], deadlineMs = 20_000): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (pids.some(isRunning)) {
    assert.ok(performance.now() < deadline, `still running: ${pids.filter(isRunning).join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Makes sure that a port is taken, by this test or by whoever has it already. */
export async function occupy(port: number): Promise<Server> {
  const server = createServer().listen({ port, host: '127.0.0.1' })
  await Promise.race([once(server, 'listening'), once(server, 'error').catch(() => undefined)]).catch(() => undefined)
  return server
}

// `npm run bench`: runs every benchmark, prints what was measured beside its target, and ends what it started.
// `--quick` is a smoke of under a minute; `--only approve,storm,file,flatness` leaves the others out.
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { benchApprove } from './approve.js'
import { compilePeers, endAll } from './bots.js'
import { benchFile } from './file.js'
import { benchFlatness } from './flatness.js'
import { type Row, table } from './numbers.js'
import { benchStorm } from './storm.js'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } })
const { quick } = values
const wanted = values.only?.split(',')
const server = process.env.TEST_DATABASE_URL ?? ''

const approve = quick
  ? { rounds: 1, alone: 4, together: 8, starts: 1, gapTurns: 5, turns: 100 }
  : { rounds: 6, alone: 16, together: 32, starts: 5, gapTurns: 100, turns: 5_000 }
const storm = quick ? { api: 200, chat: 40, clicks: 5 } : { api: 10_000, chat: 2_000, clicks: 150 }
const flatness = quick
  ? { rounds: 1, turns: 5, cases: 5_000, open: 500 }
  : { rounds: 5, turns: 20, cases: 100_000, open: 2_000 }

const benches: [string, string, () => Promise<{ rows: Row[]; failures: number }>][] = [
  ['approve', `Approve turn beside an echo turn, ${String(approve.rounds)} rounds`, () => benchApprove(approve)],
  ['storm', 'Storm, 1 round', () => benchStorm(storm)],
  ['file', 'Mail as a file', () => benchFile(quick ? 2 : 6)],
  ...(server === '' ? [null] : [null, server]).map((url): (typeof benches)[number] => [
    'flatness',
    `${String(flatness.cases)} cases beside none, ${url === null ? 'libsql' : 'PostgreSQL'}, ${String(flatness.rounds)} rounds`,
    () => benchFlatness(url, flatness)
  ])
]

function tell(text: string): void {
  process.stdout.write(`${text}\n`)
}

let failures = 0
process.once('SIGINT', () => {
  endAll()
  process.exit(130)
})
try {
  await compilePeers()
  tell(
    `${cpus().length.toString()} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, everything on loopback`
  )
  for (const [name, title, bench] of benches) {
    if (wanted !== undefined && !wanted.includes(name)) continue
    const from = performance.now()
    const result = await bench().catch((error: unknown) => {
      tell(`\n## ${title}\n\nDid not come to its end: ${String(error)}`)
      endAll()
      return { rows: [], failures: 1 }
    })
    failures += result.failures
    const took = ((performance.now() - from) / 1000).toFixed(0)
    tell(`\n## ${title}\n\n${table(result.rows)}\n\nFailures: ${String(result.failures)}. Took ${took} s.`)
  }
} finally {
  endAll()
}
// A missed target is a finding; a request that failed makes the numbers worthless.
if (failures > 0) process.exitCode = 1

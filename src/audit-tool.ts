// Checks and exports the audit log from a terminal, beside a running bot. Opens the database for reading only.
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { type ExportFormat, exportFormats, exportHead, exportRows } from './audit-export.js'
import { checkpointWords, progressWords, usage, verdictWords } from './audit-words.js'
import { systemClock } from './clock.js'
import { checkAudit } from './store/audit-check.js'
import { type AuditHead, AuditUnreadableError, readAudit } from './store/audit-reader.js'
import { type StoreConfig, readStoreConfig } from './store-settings.js'

/** Intact; broken; could not be found out. */
type ExitCode = 0 | 1 | 2

const progressEvery = 100_000

/** What was typed cannot be done; the message says why. */
class UsageError extends Error {
  override name = 'UsageError'
}

async function main(args: string[]): Promise<ExitCode> {
  const answer = readStoreConfig(process.env)
  if ('problems' in answer) throw new UsageError(`Change these settings:\n  - ${answer.problems.join('\n  - ')}`)
  const { values, positionals } = parsed(args)
  const [command] = positionals
  if (command === 'verify' && positionals.length === 1) return verify(answer.config, readHead(values.head))
  if (command === 'export' && positionals.length === 1) {
    return exportAll(answer.config, { since: readSince(values.since), format: readFormat(values.format) })
  }
  throw new UsageError(usage)
}

function parsed(args: string[]) {
  const options = { head: { type: 'string' }, since: { type: 'string' }, format: { type: 'string' } } as const
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch {
    throw new UsageError(usage)
  }
}

async function verify(config: StoreConfig, noted: AuditHead | undefined): Promise<ExitCode> {
  return readAudit<ExitCode>(config, async (reader) => {
    const before = checkpointWords(reader.checkpoint)
    if (before !== '') await print(`${before}\n`)
    let told = 0
    const verdict = await checkAudit(reader, {
      keys: config.audit.keys,
      noted,
      onProgress: (rows) => {
        if (rows < told + progressEvery) return
        told = rows
        process.stderr.write(`${progressWords(rows, reader.head.seq - (reader.checkpoint?.seq ?? 0))}\n`)
      }
    })
    await print(`${verdictWords(verdict)}\n`)
    if (verdict.kind === 'intact') return 0
    return verdict.kind === 'broken' ? 1 : 2
  })
}

async function exportAll(
  config: StoreConfig,
  { since, format }: { since: number | undefined; format: ExportFormat }
): Promise<ExitCode> {
  return readAudit<ExitCode>(config, async (reader) => {
    await print(exportHead(format))
    for await (const page of reader.pages(since)) await print(exportRows(page, format))
    return 0
  })
}

/** Waits where the reader is slower, so that a long log is never held whole. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

function readHead(text: string | undefined): AuditHead | undefined {
  if (text === undefined) return undefined
  const [, seq, hash] = /^(\d{1,15}):((?:hmac:)?[0-9a-f]{64})$/.exec(text) ?? []
  if (seq === undefined || hash === undefined) {
    throw new UsageError('--head must be a head as audit:verify prints it: <seq>:<hash>')
  }
  return { seq: Number(seq), hash }
}

const units = { h: 3_600_000, d: 24 * 3_600_000 }

function readSince(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, amount, unit] = /^(\d{1,6})([hd])$/.exec(text) ?? []
  if (amount !== undefined) return systemClock.now() - Number(amount) * units[unit === 'h' ? 'h' : 'd']
  // Without a zone a time would be the machine's own, and the log is in UTC.
  const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/.test(text) ? `${text}Z` : text
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(zoned) : NaN
  if (Number.isNaN(at)) throw new UsageError('--since must be a time ago (30d, 12h) or a date (2026-11-01)')
  return at
}

function readFormat(text: string | undefined): ExportFormat {
  const format = text === undefined ? 'jsonl' : exportFormats.find((known) => known === text)
  if (format === undefined) throw new UsageError(`--format must be one of: ${exportFormats.join(', ')}`)
  return format
}

// Nobody reads on, or the disk is full: what was asked for was not said whole.
process.stdout.on('error', () => process.exit(2))

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.exitCode = 2
    const expected = error instanceof UsageError || error instanceof AuditUnreadableError
    // A driver's message may show the address of the database, with its password; its code does not.
    const { name, code = name } = error as { name: string; code?: string }
    const reason = expected
      ? error.message
      : `The audit log could not be read (${code}). Check that DATABASE_URL is the bot's, and that its user may read the tables.`
    process.stderr.write(`${reason}\n`)
  }
)

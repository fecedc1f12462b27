// What the audit tool says in the terminal: what a check found, and what to do about it.
import type { AuditBreak, AuditVerdict } from './store/audit-check.js'
import type { AuditCheckpoint } from './store/audit-reader.js'

export const usage = `Usage:
  npm run audit:verify -- [--head <seq>:<hash>]
      checks the hash chain; --head also looks for a head that an earlier check printed
  npm run --silent audit:export -- [--since 30d|12h|2026-11-01] [--format jsonl|csv]
      writes the rows to standard output
It reads DATABASE_URL or DATA_DIR, and AUDIT_KEY, as the bot has them, and may run beside it.`

export function checkpointWords(checkpoint: AuditCheckpoint | null): string {
  if (checkpoint === null) return ''
  const { seq, at } = checkpoint
  return `Rows up to ${count(seq)} were removed on ${day(at)}, when their time was over; the check starts after them.`
}

export function verdictWords(verdict: AuditVerdict): string {
  switch (verdict.kind) {
    case 'intact': {
      const { rows, head, sealed } = verdict
      return [
        `The audit log is intact: ${rows === 1 ? '1 row' : `${count(rows)} rows`}, ${sealed ? 'sealed with AUDIT_KEY' : 'not sealed with a key'}.`,
        `Head: ${String(head.seq)}:${head.hash}`,
        'Keep the head elsewhere: with --head, a later check finds out whether the log was made anew.'
      ].join('\n')
    }
    case 'broken':
      return `The audit log is broken at ${placeOf(verdict.break)}: ${whatIsWrong(verdict.break)}.\nWhat stands before is intact.`
    case 'keyNeeded':
      return `Rows from ${count(verdict.seq)} on are sealed. Set AUDIT_KEY as the bot has it.`
    case 'notedIsGone':
      return `The head that you noted was removed when its time was over; the log begins with row ${count(verdict.keptFrom)}. Give a newer one.`
  }
}

function placeOf({ kind, seq, until, caseNumber }: AuditBreak): string {
  if (kind === 'missing' && until !== undefined && until > seq) return `rows ${count(seq)} to ${count(until)}`
  const ofCase = caseNumber === null || caseNumber === 0 ? '' : ` (PT-${String(caseNumber)})`
  return `row ${count(seq)}${ofCase}`
}

function whatIsWrong({ kind, seq, until }: AuditBreak): string {
  const before = count(seq - 1)
  switch (kind) {
    case 'changed':
      return 'it is not what its hash was made of; it was changed, or sealed with a key that AUDIT_KEY does not have'
    case 'missing':
      return until !== undefined && until > seq ? 'they are missing' : 'it is missing'
    case 'order':
      return `it does not follow on row ${before}; one of them was replaced, or the order was changed`
    case 'seal':
      return 'it is not sealed with the newest key of AUDIT_KEY, as it has to be; it was added by somebody without the key'
    case 'head':
      return 'it is not the row that the bot added last'
    case 'checkpoint':
      return 'everything up to it was removed, and no later row says that the bot did'
    case 'noted':
      return 'it is not the row that you noted; the log was made anew since then'
  }
}

export function progressWords(rows: number, total: number): string {
  return `${count(rows)} of about ${count(total)} rows checked`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

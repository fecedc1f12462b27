// Checks the hash chain of the audit log row by row, and names the first break. Judges what it is given; repairs nothing.
import { canonicalJson, chainStart, entryOf, hashOf, isSealed } from './audit-chain.js'
import type { AuditCheckpoint, AuditHead } from './audit-reader.js'
import type { AuditRow } from './schema.js'

export type BreakKind =
  /** The row is not what its hash was made of. */
  | 'changed'
  /** Rows up to `until` are not there. */
  | 'missing'
  /** The row does not follow on the one before it. */
  | 'order'
  /** Made without the key, or with another one than those before it were made with. */
  | 'seal'
  /** The last row is not the one that was added last. */
  | 'head'
  /** Rows were removed, and the chain does not say that the bot did. */
  | 'checkpoint'
  /** The row is not the one that somebody noted. */
  | 'noted'

export interface AuditBreak {
  kind: BreakKind
  seq: number
  /** 0 where the row belongs to no case, null where there is no row. */
  caseNumber: number | null
  until?: number
}

export type AuditVerdict =
  | { kind: 'intact'; rows: number; head: AuditHead; sealed: boolean }
  | { kind: 'broken'; break: AuditBreak }
  /** Sealed rows, from this one on, and no key was given. */
  | { kind: 'keyNeeded'; seq: number }
  /** What was noted is older than what is kept. */
  | { kind: 'notedIsGone'; keptFrom: number }

export interface AuditChain {
  head: AuditHead
  checkpoint: AuditCheckpoint | null
  pages(): AsyncIterable<AuditRow[]>
}

export interface CheckOptions {
  /** Newest first. */
  keys: string[]
  /** A head that was kept elsewhere, to be found again. */
  noted?: AuditHead | undefined
  onProgress?: (rows: number) => void
}

export async function checkAudit(chain: AuditChain, options: CheckOptions): Promise<AuditVerdict> {
  const { head, checkpoint } = chain
  const { noted } = options
  const start = checkpoint ?? { seq: 0, hash: chainStart }
  if (noted !== undefined && noted.seq < start.seq) return { kind: 'notedIsGone', keptFrom: start.seq + 1 }
  if (noted?.seq === start.seq && noted.hash !== start.hash) return broken('noted', start.seq, null)

  const seal = sealing(options.keys)
  let last: AuditHead = start
  let recorded = checkpoint === null
  let rows = 0
  for await (const page of chain.pages()) {
    for (const row of page) {
      if (isSealed(row.hash) && options.keys.length === 0) return { kind: 'keyNeeded', seq: row.seq }
      const found = breakAt(row, last, seal)
      if (found !== null) return { kind: 'broken', break: found }
      if (noted?.seq === row.seq && noted.hash !== row.hash) return broken('noted', row.seq, row.case_number)
      recorded ||= records(row, start)
      last = row
      rows += 1
    }
    options.onProgress?.(rows)
  }
  if (last.seq < head.seq) return broken('missing', last.seq + 1, null, head.seq)
  if (last.seq > head.seq || last.hash !== head.hash) return broken('head', last.seq, null)
  if (noted !== undefined && noted.seq > last.seq) return broken('missing', last.seq + 1, null, noted.seq)
  if (!recorded) return broken('checkpoint', start.seq, null)
  if (rows > 0 && !seal.isNewest()) return broken('seal', last.seq, null)
  return { kind: 'intact', rows, head: { seq: last.seq, hash: last.hash }, sealed: options.keys.length > 0 }
}

function breakAt(row: AuditRow, last: AuditHead, seal: Sealing): AuditBreak | null {
  const at = { seq: row.seq, caseNumber: row.case_number }
  if (row.seq > last.seq + 1) return { kind: 'missing', seq: last.seq + 1, caseNumber: null, until: row.seq - 1 }
  if (row.seq <= last.seq || row.prev_hash !== last.hash) return { ...at, kind: 'order' }
  if (!isCanonical(row)) return { ...at, kind: 'changed' }
  const answer = seal.check(row)
  return answer === 'good' ? null : { ...at, kind: answer }
}

/** What the hash covers is read from the text; another text that reads the same is a change too. */
function isCanonical({ actor, detail }: AuditRow): boolean {
  try {
    return [actor, detail].every((text) => text === null || canonicalJson(JSON.parse(text)) === text)
  } catch {
    return false
  }
}

interface Sealing {
  check(row: AuditRow): 'good' | 'changed' | 'seal'
  isNewest(): boolean
}

/** Rows without a seal come first, then those of the oldest key, and so on; whoever lacks a key can only go back. */
function sealing(keys: string[]): Sealing {
  const modes = [null, ...keys.toReversed()]
  let mode = 0
  return {
    check(row) {
      const made = modes.findIndex((key) => (key !== null) === isSealed(row.hash) && hashOf(row, key) === row.hash)
      if (made === -1) return 'changed'
      if (made < mode) return 'seal'
      mode = made
      return 'good'
    },
    isNewest: () => mode === modes.length - 1
  }
}

function records(row: AuditRow, start: AuditHead): boolean {
  if (row.event !== 'audit.trimmed') return false
  const { detail } = entryOf(row)
  return detail.seq === start.seq && detail.hash === start.hash
}

function broken(kind: BreakKind, seq: number, caseNumber: number | null, until?: number): AuditVerdict {
  return { kind: 'broken', break: { kind, seq, caseNumber, ...(until === undefined ? {} : { until }) } }
}

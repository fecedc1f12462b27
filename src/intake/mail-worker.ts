// The thread in which reported files are read, one at a time. It tells each thing as soon as it knows it, because it may
// be killed at any moment.
import { createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import type { MailOutcome, ReadMail } from './mail-answer.js'
import { readMailFile } from './mail-file.js'

export type FromMailWorker =
  | { kind: 'ready' }
  | { kind: 'hash'; sha256: string }
  | { kind: 'headers'; mail: ReadMail }
  | { kind: 'done'; outcome: MailOutcome }

function tell(message: FromMailWorker): void {
  parentPort?.postMessage(message)
}

async function readFile(bytes: Uint8Array): Promise<void> {
  tell({ kind: 'hash', sha256: createHash('sha256').update(bytes).digest('hex') })
  const outcome = await readMailFile(bytes, (mail) => {
    tell({ kind: 'headers', mail })
  })
  tell({ kind: 'done', outcome })
}

parentPort?.on('message', (bytes: Uint8Array) => void readFile(bytes))
tell({ kind: 'ready' })

// What the simulator was asked and what it accepted: the proof that tests read. Entries are never removed or rewritten.
import type { z } from 'zod'
import type { GraphVersion, OperationName } from './operation.js'
import type { remediateBody } from './remediate.js'

export interface RequestEntry {
  /** Epoch milliseconds of arrival. */
  at: number
  method: string
  path: string
  query: Record<string, string>
  version: GraphVersion | null
  operation: OperationName | null
  /** Without Authorization: whether there was one is all that is kept. */
  headers: Record<string, string>
  hasAuthorization: boolean
  /** Parsed where it was JSON, else its text; null where empty. */
  body: unknown
  /** Null until the answer is sent; stays null where the socket was cut or never answered. */
  status: number | null
  /** The scripted fault that this request met. */
  fault: string | null
}

export interface AcceptedRemediation {
  bulkId: string
  version: GraphVersion
  body: z.infer<typeof remediateBody>
  /** The body as it was sent. */
  text: string
  /** Epoch milliseconds. */
  at: number
}

export class Ledger {
  readonly #requests: RequestEntry[] = []
  readonly #accepted: AcceptedRemediation[] = []
  readonly #waiting = new Set<() => void>()

  get requests(): readonly RequestEntry[] {
    return this.#requests
  }

  get accepted(): readonly AcceptedRemediation[] {
    return this.#accepted
  }

  /** Answers a function that writes down how the request was answered; it is called once at most. */
  arrived(entry: Omit<RequestEntry, 'status' | 'fault'>): (end: Pick<RequestEntry, 'status' | 'fault'>) => void {
    const stored: RequestEntry = { ...entry, status: null, fault: null }
    this.#requests.push(stored)
    this.#changed()
    return (end) => {
      Object.assign(stored, end)
      this.#changed()
    }
  }

  accept(remediation: AcceptedRemediation): void {
    this.#accepted.push(remediation)
    this.#changed()
  }

  /**
   * Resolves with the first truthy answer of `look`, which is asked now and at every new or answered entry.
   * @param deadlineMs after which it rejects; generous, so that only a broken test meets it.
   */
  waitFor<T>(look: (ledger: Ledger) => T, deadlineMs = 10_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const ask = () => {
        try {
          const seen = look(this)
          if (!seen) return
          done()
          resolve(seen)
        } catch (error) {
          done()
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      const done = () => {
        clearTimeout(deadline)
        this.#waiting.delete(ask)
      }
      const deadline = setTimeout(() => {
        done()
        const counts = `${this.#requests.length} requests, ${this.#accepted.length} accepted`
        reject(new Error(`not seen within ${deadlineMs} ms: ${look.toString()} (${counts})`))
      }, deadlineMs)
      this.#waiting.add(ask)
      ask()
    })
  }

  #changed(): void {
    for (const ask of [...this.#waiting]) ask()
  }
}

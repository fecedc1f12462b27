// The process's log: JSON lines on standard output. Tokens, subjects and bodies are never given to it.
import { type Logger, pino } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    // A second net: should a request or an activity ever be logged whole, these stay out.
    redact: ['*.authorization', '*.headers.authorization', '*.password', '*.token', '*.text', '*.body']
  })
}

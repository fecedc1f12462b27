// Logs what a report source could not take, once each: a source shows the same again as long as it is in its window. Never what it says.
import type { Log } from '../log.js'
import type { PollDoors } from './poll.js'

const mostKept = 1_000

export function leftOutLog(log: Pick<Log, 'warn'>): PollDoors['leftOut'] {
  const told = new Set<string>()
  return (source, entries) => {
    for (const { sourceId, reason } of entries) {
      if (told.has(sourceId)) continue
      log.warn({ source, sourceId, reason }, 'Something that arrived could not be taken as a report.')
      told.add(sourceId)
      const [oldest] = told
      if (told.size > mostKept && oldest !== undefined) told.delete(oldest)
    }
  }
}

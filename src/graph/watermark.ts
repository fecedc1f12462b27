// How far a list that can be filtered by time has been read. Moves by the list's own times, never ahead of the clock.

const FIRST_POLL_MS = 24 * 60 * 60 * 1000
/**
 * What is read again at every poll: an entry may become visible later than the time it bears, or while pages are read.
 * No delay is documented; half an hour is far above what Graph's other lists of Defender are known to take.
 */
const OVERLAP_MS = 30 * 60 * 1000

const CURSOR = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

export interface Watermark {
  /** For `ge` in a filter: entries with the very time of the newest one are read again, so that none is lost. */
  since: string
  /** The cursor after these entries, given the times they bear (ISO; what is no time counts for nothing). */
  after(times: string[]): string
}

/** A cursor that cannot be read counts as none, which means: the last 24 hours. */
export function readWatermark(cursor: string | null, now: number): Watermark {
  const stored = cursor !== null && CURSOR.test(cursor) ? Date.parse(cursor) : NaN
  // A time ahead of the clock would pass over all that comes until then.
  const at = Math.min(Number.isNaN(stored) ? now - FIRST_POLL_MS + OVERLAP_MS : stored, now)
  return {
    since: new Date(at - OVERLAP_MS).toISOString(),
    after: (times) => {
      const newest = times.map(Date.parse).reduce((most, time) => (time > most ? time : most), at)
      return new Date(Math.min(newest, now)).toISOString()
    }
  }
}

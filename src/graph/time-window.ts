// Which stretch of a list a poll asks for, by time. Never stands still before more than can be read: it asks for a shorter stretch.
import type { PollAnswer } from '../case/report-source.js'
import { failedPoll } from './graph-problem.js'
import { tooManyPages } from './pages.js'
import { readWatermark } from './watermark.js'

export interface TimeWindow {
  /** A clause for `$filter`, on a property that holds a time. */
  filter(property: string): string
  /** What to poll next once all of the window was read, given the times its entries bear (ISO). */
  next(times: string[]): { cursor: string; more: boolean }
  /** For a window that holds more than can be read: the answer that has its first half polled at once. */
  halved(): PollAnswer
}

/** Epoch milliseconds. Of a longer stretch, up to `end`, that is read piece by piece because no order can be asked for. */
interface Piece {
  since: number
  until: number
  end: number
}

/** A cursor that cannot be read counts as none. */
export function timeWindow(cursor: string | null, now: number): TimeWindow {
  const piece = readPiece(cursor, now)
  const watermark = readWatermark(piece === null ? cursor : iso(piece.since), now)
  // Within a stretch there is no overlap: with one, a piece shorter than that would be polled for ever.
  const { since, until, end } = piece ?? { since: Date.parse(watermark.since), until: now, end: now }
  return {
    filter(property) {
      const from = `${property} ge ${iso(since)}`
      return piece === null ? from : `${from} and ${property} le ${iso(until)}`
    },
    next(times) {
      if (until === end) return { cursor: watermark.after(times), more: false }
      const following = { since: until, until: Math.min(until + 2 * (until - since), end), end }
      return { cursor: written(following), more: true }
    },
    halved() {
      const middle = since + Math.floor((until - since) / 2)
      if (middle === since) return failedPoll(tooManyPages)
      return { kind: 'read', reports: [], leftOut: [], cursor: written({ since, until: middle, end }), more: true }
    }
  }
}

function written({ since, until, end }: Piece): string {
  return [since, until, end].map(iso).join('/')
}

function readPiece(cursor: string | null, now: number): Piece | null {
  const [since = NaN, until = NaN, end = NaN, ...others] = (cursor ?? '').split('/').map(Date.parse)
  return others.length === 0 && since < until && until <= end && end <= now ? { since, until, end } : null
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

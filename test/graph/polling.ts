// What the tests of the polled sources share: reading a source to its end, as its caller does. Holds no expectation.
import type { FoundReport, LeftOutReport, ReportSource } from '../../src/case/report-source.js'

export interface Polled {
  reports: FoundReport[]
  leftOut: LeftOutReport[]
  cursor: string
  polls: number
}

/** Polls until there is no more; throws where a poll failed. */
export async function readAll(source: ReportSource, cursor: string | null): Promise<Polled> {
  const polled: Polled = { reports: [], leftOut: [], cursor: cursor ?? '', polls: 0 }
  let at = cursor
  for (;;) {
    const answer = await source.poll(at)
    if (answer.kind === 'failed') throw new Error(`the poll failed: ${answer.reason}`)
    polled.reports.push(...answer.reports)
    polled.leftOut.push(...answer.leftOut)
    polled.polls += 1
    at = answer.cursor
    polled.cursor = at
    if (!answer.more) return polled
  }
}

export function ids(items: { sourceId: string }[]): string[] {
  return items.map(({ sourceId }) => sourceId)
}

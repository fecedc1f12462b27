// Ended cases, the newest end first, a page at a time. The subject of a mail stands in a TextRun of its own only.
import type { EndedCase } from '../case/ports.js'
import { caseSummary } from './case-card.js'
import { cardTemplate, maxCardBytes } from './card-template.js'
import { type Line, bold, foreign, formatTime, own } from './card-text.js'
import template from './cards/lines-card.json' with { type: 'json' }

const expand = cardTemplate(template)

export const historyPageSize = 15

/** How long a subject may be; tried in this order until the card is small enough. */
const subjectLimits = [80, 40, 20]

export interface HistoryPage {
  /** 1-based. */
  page: number
  cases: EndedCase[]
  /** There are cases that ended before these. */
  more: boolean
}

/** The activity's `summary`. No text from outside. */
export function historySummary(page: number): string {
  return `Ended cases, page ${String(page)}`
}

/** Adaptive Card 1.5 JSON. */
export function renderHistory({ page, cases, more }: HistoryPage, now: number): object {
  let smallest: object = {}
  for (const limit of subjectLimits) {
    const { card, bytes } = expand({
      title: historySummary(page),
      subtitle: 'Those first that ended last. Times are UTC.',
      lines: cases.flatMap((ended) => linesOf(ended, { now, limit })),
      foot: more ? `history ${String(page + 1)} shows the cases before these. case PT-1042 shows one.` : ''
    })
    if (bytes <= maxCardBytes) return card
    smallest = card
  }
  return smallest
}

/** Null: there is such a page. */
export function noSuchHistory({ page, cases }: HistoryPage): string | null {
  if (cases.length > 0) return null
  return page === 1 ? 'No case has ended yet.' : `So many cases have not ended: there is no page ${String(page)}.`
}

function linesOf({ record, endedAt }: EndedCase, look: { now: number; limit: number }): (Line & { spacing: string })[] {
  const subject = record.mail?.subject ?? record.reporters.claims?.subject ?? ''
  const head = [bold(caseSummary(record)), own(`, ${formatTime(endedAt, look.now)}`)]
  return [
    { runs: head, spacing: 'Small' },
    ...(subject.trim() === '' ? [] : [{ runs: [foreign(subject, look.limit)], spacing: 'None' }])
  ]
}

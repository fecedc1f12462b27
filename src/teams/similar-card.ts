// A reply in a case's thread: similar messages that turned up after its card listed others, with a button each that opens a case.
import type { CampaignMessage } from '../case/campaign.js'
import { type CaseRecord, caseName } from '../case/case.js'
import { countOf, formatNumber, own } from './card-text.js'
import { renderMessages } from './find-card.js'

const mostShown = 10

/** Adaptive Card 1.5 JSON. */
export function renderSimilar(record: CaseRecord, messages: CampaignMessage[], now: number): object {
  const waits = record.state === 'proposed' || record.state === 'partlyApproved'
  const next = waits
    ? 'Include them with the button on the case’s card, or open a case for each.'
    : 'The request of this case does not act on them. Open a case for each that should be looked at.'
  const hidden = messages.length - mostShown
  return renderMessages(
    {
      title: similarSummary(record, messages),
      said: [{ runs: [own(`They have turned up since the last look. ${next}`)] }],
      foot: hidden > 0 ? `and ${formatNumber(hidden)} more: type find with the sender and the subject.` : ''
    },
    messages.slice(0, mostShown),
    now
  )
}

/** The activity's `summary`, and the card's title. No text from outside. */
export function similarSummary({ number }: CaseRecord, messages: CampaignMessage[]): string {
  return `${caseName(number)}: ${countOf(messages.length, 'more similar message')}`
}

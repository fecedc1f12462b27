// The card of a case in the SOC channel, in all its states. Never longer than 20 KiB, and never holds markup from outside.
import type { CaseRecord } from '../case/case.js'
import { cardTemplate, maxCardBytes } from './card-template.js'
import type { Caps } from './card-text.js'
import { type CardContext, caseView } from './case-view.js'
import template from './cards/case-card.json' with { type: 'json' }

export { caseSummary } from './case-band.js'
export type { CardContext } from './case-view.js'

const expand = cardTemplate(template)

const most: Caps = {
  subject: 300,
  address: 254,
  name: 120,
  url: 500,
  urls: 5,
  files: 5,
  note: 300,
  notes: 3,
  recipients: 10
}

// Tried in this order: long URLs go first, then long names and notes, and only then the number of things shown.
const capsInOrder: Caps[] = [
  most,
  { ...most, url: 200 },
  { ...most, url: 120, address: 100, name: 60, note: 160 },
  { ...most, subject: 160, url: 80, address: 64, name: 48, note: 100, urls: 3, files: 3, recipients: 6 },
  { subject: 100, address: 48, name: 40, url: 60, urls: 2, files: 2, note: 60, notes: 1, recipients: 3 },
  { subject: 60, address: 40, name: 40, url: 40, urls: 1, files: 1, note: 40, notes: 1, recipients: 2 },
  // No shorter: the mark of a cut needs its room.
  { subject: 40, address: 40, name: 40, url: 40, urls: 1, files: 1, note: 40, notes: 0, recipients: 1 }
]

/** Adaptive Card 1.5 JSON. */
export function renderCaseCard(record: CaseRecord, context: CardContext): object {
  let smallest: object = {}
  for (const caps of capsInOrder) {
    const { card, bytes } = expand(caseView(record, context, caps))
    if (bytes <= maxCardBytes) return card
    smallest = card
  }
  return smallest
}

// What is said to people who include similar messages, leave them out again, or choose the mail of a report without ids.
import type { CampaignAnswer } from '../case/campaign.js'
import { type CaseRecord, caseName } from '../case/case.js'
import type { ChooseAnswer } from '../case/choose.js'
import { countOf } from './card-text.js'

export function campaignWords(answer: CampaignAnswer): string {
  const name = caseName(answer.record.number)
  switch (answer.kind) {
    case 'including':
      return `${name}: looking up ${countOf(answer.count, 'more message')}. A new plan version over all of them follows on the card; nothing is removed by this.${handledWords(answer.handled)}`
    case 'excluding':
      return `${name}: back to this message alone. A new plan version follows on the card.`
    case 'nothingToInclude':
      return `${name}: there is no similar message to include.${handledWords(answer.handled)}`
    case 'nothingToExclude':
      return `${name}: no other message is included.`
    case 'stale':
      return `${name} has changed since this was shown: it stands at plan v${String(answer.record.planVersion)} now. Nothing was changed; look at the card.`
  }
}

function handledWords(numbers: number[]): string {
  return numbers.length === 0 ? '' : ` Handled on their own: ${numbers.map(caseName).join(', ')}.`
}

export function chooseWords({ kind, record }: ChooseAnswer): string {
  const name = caseName(record.number)
  switch (kind) {
    case 'chosen':
      return `${name}: I am looking this mail up.`
    case 'alreadyChosen':
      return `${name}: somebody has already said which mail it is. Nothing was changed.`
    case 'notOffered':
      return `${name}: this mail is not among those that were found. Nothing was changed.`
    case 'stale':
      return staleChoice(record)
  }
}

function staleChoice({ number }: CaseRecord): string {
  return `${caseName(number)} has changed since this was shown. Nothing was changed; look at the card.`
}

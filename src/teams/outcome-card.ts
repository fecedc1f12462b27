// What somebody who reported a mail is told of how it ended. Never another person's name, mailbox or words.
import { caseName } from '../case/case.js'
import type { Disposition } from '../case/disposition.js'
import { cardTemplate } from './card-template.js'
import { foreign, yesNo } from './card-text.js'
import template from './cards/outcome-card.json' with { type: 'json' }

const expand = cardTemplate(template)

export interface OutcomeCardInput {
  caseNumber: number
  disposition: Disposition
  /** As the person's own report claims it; empty where it claims none. */
  subject: string
}

interface Words {
  glyph: string
  color: 'Good' | 'Default' | 'Warning'
  title: string
  text: string
  /** What to do, where there is something. */
  advice?: string
}

const doNot = 'Do not click, reply or forward.'

const outcomeWords: Record<Disposition, Words> = {
  removed: {
    glyph: '✓',
    color: 'Good',
    title: 'It was phishing, and it has been removed',
    text: 'Thank you for reporting it. There is nothing more for you to do.'
  },
  blocked: {
    glyph: '✓',
    color: 'Good',
    title: 'It was phishing, and it was already blocked',
    text: 'It had been taken out of your inbox before. Thank you for reporting it. There is nothing more for you to do.'
  },
  phish: {
    glyph: '!',
    color: 'Warning',
    title: 'It was phishing',
    text: 'Thank you for reporting it. If you still have it, delete it.',
    advice: doNot
  },
  spam: {
    glyph: '–',
    color: 'Default',
    title: 'It was spam, not phishing',
    text: 'The security team has looked at it. You can delete it. Thank you for asking.'
  },
  notPhish: {
    glyph: '–',
    color: 'Default',
    title: 'It was not phishing',
    text: 'The security team has looked at it. Thank you for asking: better once too often.'
  },
  restored: {
    glyph: '✓',
    color: 'Good',
    title: 'It was not phishing, and it is back in your inbox',
    text: 'The security team has looked at it. It is in the inbox now, not in the folder it came from.'
  },
  simulation: {
    glyph: '✓',
    color: 'Good',
    title: 'It was a phishing simulation',
    text: 'Your organisation sent it itself, and you did the right thing. There is nothing more for you to do.'
  },
  unknown: {
    glyph: '?',
    color: 'Warning',
    title: 'Nobody could tell what it was',
    text: 'Treat it as phishing, and ask your security team if you need to know.',
    advice: doNot
  }
}

/** Adaptive Card 1.5 JSON. */
export function renderOutcomeCard({ caseNumber, disposition, subject }: OutcomeCardInput): object {
  const { glyph, color, title, text, advice = '' } = outcomeWords[disposition]
  return expand({
    summary: outcomeSummary(caseNumber, disposition),
    glyph,
    color,
    title,
    subject: subject.trim() === '' ? [] : [{ runs: [foreign(subject, 300)] }],
    text,
    advised: yesNo(advice !== ''),
    advice,
    name: caseName(caseNumber)
  }).card
}

/** The activity's `summary`, also on lock screens: "PT-1042: it was phishing, and it has been removed". */
export function outcomeSummary(caseNumber: number, disposition: Disposition): string {
  const { title } = outcomeWords[disposition]
  return `${caseName(caseNumber)}: ${title.charAt(0).toLowerCase()}${title.slice(1)}`
}

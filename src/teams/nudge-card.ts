// The reply in a case's thread that says that the case waits, and mentions whoever is to look. Holds no text of the mail.
import { type CaseRecord, caseName } from '../case/case.js'
import type { Nudge, NudgedWait } from '../case/nudge.js'
import { cardTemplate } from './card-template.js'
import type { Mentions } from './mention.js'
import { howLong, nextApprover, scopeWords } from './queue-view.js'
import template from './cards/nudge-card.json' with { type: 'json' }

const expand = cardTemplate(template)

export function renderNudgeCard(
  record: CaseRecord,
  nudge: Nudge,
  { mentions, repeat }: { mentions: Mentions; repeat: boolean }
): object {
  const summary = nudgeSummary(record, nudge)
  const mark = repeat ? 'Repeat, the first may have arrived. ' : ''
  return expand({ summary, line: `${mark}${summary}${askWords(nudge, mentions)}`, ...mentions }).card
}

/** Also on lock screens: "PT-1042 has waited 30 min for a decision: 12 mailboxes." */
export function nudgeSummary(record: CaseRecord, { kind, waitsFor, waited, high }: Nudge): string {
  const name = caseName(record.number)
  const whom = waitsForWords(waitsFor, record)
  const count = scopeWords(record)
  const scope = count === null ? '' : `: ${count}`
  const severity = high ? ', severity high' : ''
  if (kind === 'onCall') return `${name} needs ${whom} now${severity}${scope}.`
  return `${name} has waited ${howLong(waited)} for ${whom}${severity}${scope}.`
}

function waitsForWords(whom: NudgedWait, record: CaseRecord): string {
  switch (whom) {
    case 'approver':
      return 'a decision'
    case 'anotherApprover':
      return nextApprover(record)
    case 'proposeAgain':
      return 'somebody to propose it again'
    case 'actionCenter':
      return 'somebody to look in Action Center'
    case 'verdict':
      return 'a verdict'
  }
}

function askWords({ users, tags }: Nudge, { people, tags: shown }: Mentions): string {
  if (users.length + tags.length === 0) return ''
  const names = [...people, ...shown].map(({ text }) => text)
  if (names.length === 0) return ' Nobody whom the policy names for this can be found in the directory.'
  return ` ${names.join(', ')}, please look.`
}

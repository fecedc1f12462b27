// Looks up the messages that a case's plan includes besides its own. Never leaves one out silently.
import type { CaseRecord, LookProblem } from './case.js'
import { followedUp } from './follow-up.js'
import type { LookResult, Mail } from './mail.js'
import type { MailSearch } from './ports.js'
import { isUndo } from './undo.js'

export type MessageCopies = Pick<Mail, 'networkMessageId' | 'copies'>

export type IncludedMissing = Extract<LookProblem, { kind: 'includedMissing' }>

type Answer = LookResult | 'noMail'

/** A plan over fewer messages than people asked for would be taken for the whole: one that cannot be looked up stops all. */
export async function withIncluded(
  record: CaseRecord,
  answer: Answer,
  search: MailSearch
): Promise<{ answer: Answer | IncludedMissing; included: MessageCopies[] }> {
  // They were acted on: that Defender lists one no more is what people wanted.
  const actedOn = isUndo(record) || followedUp(record) !== null
  const included: MessageCopies[] = []
  const goesOn = answer !== 'noMail' && (answer.kind === 'found' || (answer.kind === 'nothing' && actedOn))
  if (!goesOn) return { answer, included }
  for (const networkMessageId of record.campaign?.included ?? []) {
    const other = await search.byNetworkMessageId(networkMessageId)
    if (other.kind === 'found') included.push(other.mail)
    else if (other.kind !== 'nothing') return { answer: other, included }
    else if (actedOn) included.push({ networkMessageId, copies: [] })
    else return { answer: { kind: 'includedMissing', networkMessageId }, included }
  }
  return { answer, included }
}

/** Whether a look has asked for these messages, and for no others. */
export function sameMessages(ids: string[], looked: MessageCopies[]): boolean {
  const asked = new Set(looked.map(({ networkMessageId }) => networkMessageId))
  return ids.length === asked.size && ids.every((id) => asked.has(id))
}

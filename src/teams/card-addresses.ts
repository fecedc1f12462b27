// The addresses that a case card's buttons open. Never one that is not a safe link: then it is empty, and there is no button.
import { type CaseRecord, latestRemediation } from '../case/case.js'
import { isSafeLink } from './card-text.js'
import { messageIdOf } from './case-ruling.js'
import type { CardContext, CaseView } from './case-view.js'

export function addressesOf(record: CaseRecord, context: CardContext): CaseView['addresses'] {
  return {
    defender: defenderAddress(record, context),
    track: onlyTrackingLink(record),
    actionCenter: isSafeLink(context.actionCenterLink) ? context.actionCenterLink : ''
  }
}

function defenderAddress(record: CaseRecord, context: CardContext): string {
  const id = messageIdOf(record)
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return ''
  const address = context.defenderLink(id)
  return isSafeLink(address) ? address : ''
}

function onlyTrackingLink(record: CaseRecord): string {
  const remediation = latestRemediation(record)
  const [batch] = remediation?.batches ?? []
  if (remediation?.batches.length !== 1 || batch?.state !== 'accepted' || batch.trackingLink === null) return ''
  return isSafeLink(batch.trackingLink) ? batch.trackingLink : ''
}

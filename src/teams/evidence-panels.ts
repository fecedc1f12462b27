// Which evidence a case's card offers behind a Show while somebody decides. Offers nothing that would open onto nothing.
import type { CaseRecord } from '../case/case.js'
import type { MailEvidence } from '../case/mail.js'
import { type Caps, type Row, own, row } from './card-text.js'
import { checkRows, checksLine, foundByRow, linkRows, linksLine } from './evidence-view.js'

export interface Panel {
  show: 'yes' | 'no'
  line: string
  rows: Row[]
}

/** Rows stand in sight, in the place of a panel that would have nothing to show. */
export interface Evidence {
  checks: Panel
  links: Panel
  rows: Row[]
}

const hidden: Panel = { show: 'no', line: '-', rows: [] }

export function evidenceOf({ mail, state }: CaseRecord, caps: Caps): Evidence {
  const waits = state === 'proposed' || state === 'partlyApproved'
  if (mail === null || !waits) return { checks: hidden, links: hidden, rows: [] }
  const checks: Panel = { show: 'yes', line: checksLine(mail), rows: checkRows(mail, caps) }
  if (!hasLinksOrFiles(mail)) {
    return { checks, links: hidden, rows: [row('Links, files', own('None')), ...foundByRow(mail, caps)] }
  }
  return { checks, links: { show: 'yes', line: linksLine(mail), rows: linkRows(mail, caps) }, rows: [] }
}

function hasLinksOrFiles({ urls, urlCount, attachments, attachmentCount }: MailEvidence): boolean {
  return urls.length + urlCount + attachments.length + attachmentCount > 0
}

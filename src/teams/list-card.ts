// Two plain lists: the queue of open cases, and a case's mailboxes. Untrusted text stands in TextRuns only.
import { Template } from 'adaptivecards-templating'
import { type CaseRecord, caseName } from '../case/case.js'
import type { DeliveryLocation, MailCopy } from '../case/mail.js'
import type { Plan } from '../case/plan.js'
import { defangText } from './defang.js'
import { copiesByOutcome } from './outcome-view.js'
import { queueLine } from './queue-view.js'
import { sanitize } from './sanitize.js'
import listCard from './cards/list-card.json' with { type: 'json' }

const template = new Template(listCard)

/** The card's activity must stay under 24 KiB; so many addresses do. */
const mailboxLimit = 150

interface Row {
  label: string
  text: string
}

function render(title: string, rows: Row[], foot: string): object {
  return template.expand({ $root: { title, rows, foot } }) as object
}

export function renderQueue(records: CaseRecord[], total: number, now: number): object {
  const rows = records.map((record) => ({
    label: `${queueLine(record, now)}  `,
    text: sanitize(defangText(record.mail?.subject ?? record.reporters.claims?.subject ?? ''), 80)
  }))
  const more = total - records.length
  const foot = more > 0 ? `and ${String(more)} more, which wait for people less long, or for Defender.` : ''
  return render(total === 1 ? '1 open case' : `${String(total)} open cases, the longest wait first`, rows, foot)
}

const places: [DeliveryLocation, string][] = [
  ['inbox_folder', 'Inbox'],
  ['junkFolder', 'Junk'],
  ['deletedFolder', 'Deleted items'],
  ['quarantine', 'Quarantine'],
  ['others', 'Another folder']
]

/** Null where there is no plan to list. */
export function renderMailboxList(record: CaseRecord): object | null {
  const { plan } = record
  if (plan === null) return null
  const shown = plan.copies.slice(0, mailboxLimit)
  const rows = groupsOf(record, { ...plan, copies: shown }).map(({ label, copies }) => ({
    label: `${label}: `,
    text: addresses(copies)
  }))
  const leftOut = plan.leftOut.slice(0, mailboxLimit - shown.length).map(({ copy }) => copy)
  if (leftOut.length > 0) rows.push({ label: 'Left out: ', text: addresses(leftOut) })
  const more = plan.copies.length + plan.leftOut.length - shown.length - leftOut.length
  const foot = more > 0 ? `and ${String(more)} more. Defender lists them all.` : ''
  return render(`${caseName(record.number)} · v${String(plan.version)}: mailboxes`, rows, foot)
}

/** By what became of them, where somebody has looked; else by where they lay when the plan was made. */
function groupsOf(record: CaseRecord, plan: Plan): { label: string; copies: MailCopy[] }[] {
  const remediation = record.remediations.find(({ planVersion }) => planVersion === plan.version)
  if (remediation?.outcome != null) return copiesByOutcome(plan, remediation)
  return places
    .map(([place, label]) => ({ label, copies: plan.copies.filter((copy) => copy.location === place) }))
    .filter(({ copies }) => copies.length > 0)
}

function addresses(copies: MailCopy[]): string {
  return copies.map((copy) => sanitize(copy.recipientEmailAddress, 100)).join(', ')
}

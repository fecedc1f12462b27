// Takes the reports that playbooks send through the report API. It can only open or join cases, never decide or narrow one.
import type { CaseState } from '../case/case.js'
import type { CaseStore, Clock } from '../case/ports.js'
import type { Claims, MessageKey, Person } from '../case/report.js'
import type { MailReader } from './mail-reader.js'
import { reportsIn } from './reported-file.js'

export type ApiReport = ({ message: MessageKey; mail: null } | { message: null; mail: Uint8Array }) & {
  recipients: string[]
  reporter: string | null
  note: string
  activityKey: string
  caller: { appId: string }
}

export type ApiReportAnswer = { kind: 'taken'; caseNumber: number; state: CaseState; joined: boolean }

export interface ApiReportDoors {
  store: CaseStore
  mailReader: Pick<MailReader, 'read'>
  clock: Clock
}

/** A mail with others attached becomes several cases; the answer is about the mail itself. */
export async function takeApiReport(report: ApiReport, doors: ApiReportDoors): Promise<ApiReportAnswer> {
  const [first, ...others] = await filedIn(report, doors)
  const answer = await open(report, first, { ...doors, part: 0 })
  for (const [index, filed] of others.entries()) await open(report, filed, { ...doors, part: index + 1 })
  return answer
}

interface Filed {
  message: MessageKey
  claims: Claims | null
  note: string
}

async function filedIn(report: ApiReport, { mailReader }: ApiReportDoors): Promise<[Filed, ...Filed[]]> {
  if (report.message !== null) return [{ message: report.message, claims: null, note: '' }]
  const [first, ...others] = reportsIn(await mailReader.read('mail.eml', report.mail))
  if (first === undefined) throw new Error('A file without a report.')
  return [first, ...others]
}

async function open(
  report: ApiReport,
  filed: Filed,
  { store, clock, part }: ApiReportDoors & { part: number }
): Promise<ApiReportAnswer> {
  const opened = await store.open(
    {
      message: filed.message,
      recipients: report.recipients,
      reporter: reporterOf(report),
      mailboxes: report.reporter === null ? [] : [report.reporter],
      note: [report.note, filed.note].filter((words) => words !== '').join(' '),
      claims: filed.claims,
      origin: 'api',
      kind: 'phish',
      activityKey: part === 0 ? report.activityKey : `${report.activityKey}/${String(part)}`,
      replyTo: null,
      at: clock.now()
    },
    { unresolvedPerHour: Infinity }
  )
  if (opened.kind === 'limited') throw new Error('A limit without a bound was reached.')
  const { number, state } = opened.record
  return { kind: 'taken', caseNumber: number, state, joined: opened.kind === 'joined' }
}

function reporterOf({ reporter, caller }: ApiReport): Person {
  if (reporter === null) return { objectId: `app:${caller.appId}`, name: 'a playbook' }
  const address = reporter.toLowerCase()
  return { objectId: `mailto:${address}`, name: address }
}

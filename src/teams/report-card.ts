// The thanks that somebody gets for a report. Never promises an outcome, and never repeats what is in the mail but its subject.
import { caseName } from '../case/case.js'
import { cardTemplate } from './card-template.js'
import { foreign, own, yesNo } from './card-text.js'
import template from './cards/report-card.json' with { type: 'json' }

const expand = cardTemplate(template)

export interface ReportCardInput {
  /** Null where the report has no case yet. */
  caseNumber: number | null
  /** Others have reported the same mail. */
  joined?: boolean
  /** As the report claims it; empty where it claims none. */
  subject?: string
  /** How to reach the service desk, from the settings. */
  serviceDesk?: string
}

/** Adaptive Card 1.5 JSON. */
export function renderReportCard(input: ReportCardInput): object {
  const { caseNumber, joined = false, subject = '', serviceDesk = '' } = input
  const help = [
    own('Already clicked or typed a password? Call the service desk now: '),
    { ...foreign(serviceDesk, 120), font: 'Default' as const }
  ]
  return expand({
    subject: subject.trim() === '' ? [] : [{ runs: [foreign(subject, 300)] }],
    joined: yesNo(joined),
    serviceDesk: serviceDesk.trim() === '' ? [] : [{ runs: help }],
    name: caseNumber === null ? '' : caseName(caseNumber)
  }).card
}

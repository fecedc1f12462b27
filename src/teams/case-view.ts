// Chooses what a case's card shows in each state, as the flat strings that the frozen template binds. Never builds card elements.
import { type CaseRecord, caseName, latestRemediation } from '../case/case.js'
import { hasSendersCopy } from '../case/plan.js'
import { type Policy, nobodyMayApprove } from '../case/policy.js'
import { type Band, bandOf, caseSummary } from './case-band.js'
import {
  type Warning,
  closingRows,
  problemLines,
  reportRows,
  reporterRows,
  seenBeforeRow,
  waitingRows,
  warnings
} from './case-rows.js'
import {
  type Caps,
  type Line,
  type Row,
  type Run,
  bold,
  foreign,
  foreignAddress,
  formatNumber,
  formatTime,
  isSafeLink,
  mailboxes,
  own,
  row,
  yesNo
} from './card-text.js'
import {
  checkRows,
  checksLine,
  leftOutRow,
  linkRows,
  linksLine,
  mailboxRows,
  receivedRow,
  scopeLine,
  verdictRow
} from './evidence-view.js'
import {
  actionCenterName,
  actionRow,
  actionTitles,
  approvedByRow,
  batchRows,
  countBatches,
  reasonRow,
  refusalLines,
  requestRows,
  sentAt,
  severityWords,
  steps
} from './remediation-view.js'

export interface CardContext {
  /** Epoch milliseconds. */
  now: number
  policy: Policy
  /** An https address of Defender's page about this message; anything else is no button. */
  defenderLink(networkMessageId: string): string
  /** Action Center's history page. */
  actionCenterLink: string
  /** A refusal's reason, in our own words, shown on top. */
  banner?: string
  /** The first post of this card may have arrived too. */
  repeat?: boolean
}

interface Ruling {
  title: string
  lines: Line[]
}

type YesNo = 'yes' | 'no'

interface Panel {
  show: YesNo
  line: string
  rows: Row[]
}

/** Every leaf is a string; the template compares only `yes` and `no`. */
export interface CaseView {
  name: string
  plan: string
  summary: string
  band: Band
  repeat: YesNo
  banner: { show: YesNo; run: Run }
  warnings: Warning[]
  mail: { show: YesNo; subject: Run; from: Run[]; shownAs: { name: Run }[] }
  paragraphs: { show: 'ruled' | 'plain' | 'no'; lines: Line[] }
  scope: Panel & { foot: Run[] }
  rows: Row[]
  checks: Panel
  links: Panel
  moreRows: Row[]
  evidenceButtons: YesNo
  part: { show: YesNo; heading: Line; rows: Row[] }
  inputs: {
    choice: YesNo
    choices: { title: string; value: string }[]
    severities: { title: string; value: string }[]
    action: string
    severity: string
    sendersCopy: YesNo
    reasonAlone: YesNo
  }
  rulings: Ruling[]
  steps: { show: YesNo; rows: Row[] }
  buttons: Record<
    'any' | 'approve' | 'track' | 'lookAgain' | 'actionCenter' | 'proposeAgain' | 'reject' | 'defender',
    YesNo
  > & { proposeStyle: 'positive' | 'default' }
  addresses: { defender: string; track: string; actionCenter: string }
}

export function caseView(record: CaseRecord, context: CardContext, caps: Caps): CaseView {
  const { now, policy } = context
  const parts = partsOf(record, context, caps)
  const mayDecide = !nobodyMayApprove(policy)
  const rulings = record.state === 'proposed' ? rulingsOf(record, policy) : []
  const approvable = record.state === 'proposed' && blockers(record, policy).length === 0
  const rejectable = mayDecide && ['nothingFound', 'unreadable', 'proposed', 'failed'].includes(record.state)
  const addresses = {
    defender: defenderAddress(record, context),
    track: onlyTrackingLink(record),
    actionCenter: isSafeLink(context.actionCenterLink) ? context.actionCenterLink : ''
  }
  const inEvidence = record.state === 'proposed'
  const buttons = {
    approve: yesNo(approvable),
    track: yesNo(parts.follow === true && addresses.track !== ''),
    lookAgain: yesNo(record.state === 'nothingFound' || record.state === 'unreadable'),
    actionCenter: yesNo(parts.follow === true && addresses.track === '' && addresses.actionCenter !== ''),
    proposeAgain: yesNo(record.state === 'failed' || record.state === 'uncertain'),
    reject: yesNo(rejectable),
    defender: yesNo(!inEvidence && addresses.defender !== '' && parts.follow !== true)
  }
  return {
    name: caseName(record.number),
    plan: String(record.planVersion),
    summary: caseSummary(record),
    band: bandOf(record, now),
    repeat: yesNo(context.repeat === true),
    banner: {
      show: yesNo(context.banner !== undefined && context.banner !== ''),
      run: { ...foreign(context.banner ?? '', 300), font: 'Default', weight: 'Bolder' }
    },
    warnings: warnings(record, now, caps),
    mail: mailOf(record, caps),
    paragraphs: paragraphsOf(parts.paragraphs ?? [], record),
    scope: scopeOf(record, caps),
    rows: parts.rows,
    ...evidenceOf(record, caps),
    moreRows: parts.moreRows ?? [],
    evidenceButtons: yesNo(inEvidence),
    part: { show: yesNo(parts.part !== undefined), ...(parts.part ?? { heading: { runs: [] }, rows: [] }) },
    inputs: {
      choice: yesNo(approvable),
      choices: policy.actions.map((action) => ({ title: actionTitles[action], value: action })),
      severities: Object.entries(severityWords).map(([value, title]) => ({ title, value })),
      action: policy.defaults.action,
      severity: policy.defaults.severity,
      sendersCopy: yesNo(approvable && record.mail !== null && hasSendersCopy(record.mail.direction)),
      reasonAlone: yesNo(rejectable && !approvable)
    },
    rulings,
    steps: { show: yesNo(parts.steps !== undefined), rows: parts.steps ?? [] },
    buttons: {
      ...buttons,
      any: yesNo(Object.values(buttons).includes('yes')),
      // One filled button at most: where there is something to follow, that comes first.
      proposeStyle: parts.follow === true ? 'default' : 'positive'
    },
    addresses
  }
}

interface Parts {
  paragraphs?: Line[]
  rows: Row[]
  moreRows?: Row[]
  part?: { heading: Line; rows: Row[] }
  steps?: Row[]
  /** Where the work can be followed is the next thing to look at. */
  follow?: true
}

function partsOf(record: CaseRecord, context: CardContext, caps: Caps): Parts {
  const { now } = context
  const remediation = latestRemediation(record)
  const reported = { heading: { runs: [bold('What the report says (not checked)')] }, rows: reportRows(record, caps) }
  switch (record.state) {
    case 'looking':
      return { paragraphs: problemLines(record, now, caps), rows: [], part: reported }
    case 'nothingFound':
    case 'unreadable':
      return { paragraphs: problemLines(record, now, caps), rows: waitingRows(record, now), part: reported }
    case 'proposed':
      return {
        rows: evidenceRows(record, context, caps),
        moreRows: [...reporterRows(record, caps), ...seenBeforeRow(record)]
      }
    case 'approved':
    case 'submitting':
      if (remediation === null) return { rows: [] }
      return {
        rows: [actionRow(remediation), reasonRow(remediation.reason, caps)],
        steps: steps(remediation, now, caps)
      }
    case 'submitted':
      if (remediation === null) return { rows: [] }
      return {
        rows: [actionRow(remediation), ...batchRows(remediation), reasonRow(remediation.reason, caps)],
        steps: steps(remediation, now, caps),
        follow: true
      }
    case 'failed':
      return failedParts(record, context, caps)
    case 'uncertain':
      return uncertainParts(record, context, caps)
    case 'rejected':
    case 'expired':
      return { rows: [...closingRows(record, now, caps), ...reporterRows(record, caps), ...seenBeforeRow(record)] }
    case 'joined':
      return { rows: [row('Continues in', own(joinedName(record))), ...reporterRows(record, caps)] }
  }
}

function joinedName(record: CaseRecord): string {
  return record.joinedInto === null ? 'another case' : caseName(record.joinedInto)
}

function evidenceRows(record: CaseRecord, { now }: CardContext, caps: Caps): Row[] {
  const { mail, plan } = record
  const narrowed =
    record.recipients.length > 0
      ? [row('Narrowed', own(`to the ${mailboxes(record.recipients.length)} named in triage`))]
      : []
  return [
    ...narrowed,
    ...(plan === null ? [] : leftOutRow(plan, caps)),
    ...(mail === null ? [] : [verdictRow(mail, caps), receivedRow(mail, now)])
  ]
}

function failedParts(record: CaseRecord, { now }: CardContext, caps: Caps): Parts {
  const remediation = latestRemediation(record)
  if (remediation === null) return { rows: [] }
  const { batches, copies } = countBatches(remediation)
  const paragraphs = refusalLines(remediation, caps)
  if (batches.accepted > 0) {
    paragraphs.push({ runs: [own(`Accepted for ${mailboxes(copies.accepted)}; the rest needs a new approval.`)] })
  }
  if (batches.uncertain > 0) {
    paragraphs.push({ runs: [own(`The outcome is unknown for ${mailboxes(copies.uncertain)}.`)] })
  }
  if (batches.refused === 0)
    paragraphs.push({ runs: [own(`The request never left this bot for ${mailboxes(unsent(copies))}.`)] })
  if (batches.accepted === 0) paragraphs.push({ runs: [own('It is not sent again without a new approval.')] })
  const followed: Pick<Parts, 'follow'> = batches.accepted > 0 ? { follow: true } : {}
  return {
    paragraphs,
    rows: [
      actionRow(remediation),
      ...batchRows(remediation),
      reasonRow(remediation.reason, caps),
      approvedByRow(remediation, now, caps),
      ...requestRows(remediation, caps)
    ],
    ...followed
  }
}

function unsent(copies: { pending: number; submitting: number; notSent: number }): number {
  return copies.pending + copies.submitting + copies.notSent
}

function uncertainParts(record: CaseRecord, { now }: CardContext, caps: Caps): Parts {
  const remediation = latestRemediation(record)
  if (remediation === null) return { rows: [] }
  const sent = formatTime(sentAt(remediation), now)
  return {
    paragraphs: [
      {
        runs: [own(`Sent to Defender at ${sent}; no answer came back. It is not sent again without a new approval.`)]
      },
      ...refusalLines(remediation, caps)
    ],
    rows: [
      actionRow(remediation),
      ...batchRows(remediation),
      reasonRow(remediation.reason, caps),
      approvedByRow(remediation, now, caps)
    ],
    part: {
      heading: actionCenterName(record.number, remediation),
      rows: [
        row('It is there', own('Defender accepted it: follow it there. Propose nothing.')),
        row(
          'It is not',
          own('Propose again: needs a new approval. Careful: the first request may still be carried out.')
        )
      ]
    },
    follow: true
  }
}

/** A line parts them from the mail, where there is mail above them. */
function paragraphsOf(lines: Line[], { mail }: CaseRecord): CaseView['paragraphs'] {
  return { show: lines.length === 0 ? 'no' : mail === null ? 'plain' : 'ruled', lines }
}

function mailOf(record: CaseRecord, caps: Caps): CaseView['mail'] {
  const { mail } = record
  const subject = (text: string): Run => ({ ...foreign(text, caps.subject), weight: 'Bolder' })
  if (mail === null) return { show: 'no', subject: own('-'), from: [], shownAs: [] }
  return {
    show: 'yes',
    subject: mail.subject.trim() === '' ? bold('(no subject)') : subject(mail.subject),
    from: mail.senderAddress === '' ? [own('an unknown address')] : foreignAddress(mail.senderAddress, caps.address),
    shownAs: mail.senderName === '' ? [] : [{ name: foreign(mail.senderName, caps.name) }]
  }
}

function scopeOf(record: CaseRecord, caps: Caps): CaseView['scope'] {
  const { plan, state } = record
  const shown = !['looking', 'nothingFound', 'unreadable', 'uncertain', 'failed', 'joined'].includes(state)
  if (plan === null || !shown) return { show: 'no', line: '-', rows: [], foot: [] }
  return { show: 'yes', line: scopeLine(plan), ...mailboxRows(plan, caseName(record.number), caps) }
}

function evidenceOf(record: CaseRecord, caps: Caps): Pick<CaseView, 'checks' | 'links'> {
  const { mail } = record
  const hidden: Panel = { show: 'no', line: '-', rows: [] }
  if (mail === null || record.state !== 'proposed') return { checks: hidden, links: hidden }
  return {
    checks: { show: 'yes', line: checksLine(mail), rows: checkRows(mail, caps) },
    links: { show: 'yes', line: linksLine(mail), rows: linkRows(mail, caps) }
  }
}

/** What stands right above the buttons: what a click does, or why there is none. */
function rulingsOf(record: CaseRecord, policy: Policy): Ruling[] {
  const blocked = blockers(record, policy)
  if (blocked.length > 0 || record.plan === null) return blocked
  const { copies, leftOut } = record.plan
  const acts = `Acts on ${formatNumber(copies.length)} of ${mailboxes(copies.length + leftOut.length)}.`
  return [{ title: '1 approval needed', lines: [{ runs: [own(acts)] }] }]
}

function blockers(record: CaseRecord, policy: Policy): Ruling[] {
  const { plan } = record
  const rulings: Ruling[] = []
  if (plan === null || plan.copies.length === 0) {
    rulings.push({ title: 'Nothing to approve', lines: [{ runs: [own(whyNothing(record))] }] })
  }
  if (plan?.overLimit === true) {
    const limit = mailboxes(policy.limits.maxCopies)
    rulings.push({
      title: 'Too many to approve',
      lines: [
        { runs: [own(`${mailboxes(plan.copies.length)}; the policy allows ${limit} at once. Name those to act on:`)] },
        { runs: [foreign(`triage ${messageIdOf(record)} recipient …`, 200)] }
      ]
    })
  }
  if (nobodyMayApprove(policy)) {
    const words = 'The approver list in the policy is empty. An administrator can add approvers.'
    rulings.push({ title: 'Nobody may approve', lines: [{ runs: [own(words)] }] })
  }
  return rulings
}

function whyNothing(record: CaseRecord): string {
  if ((record.plan?.leftOut.length ?? 0) > 0) return 'Every copy is left out; the reasons stand above.'
  if (record.recipients.length > 0) return 'None of the mailboxes named in triage has a copy.'
  return 'Defender lists no mailbox that has a copy.'
}

function messageIdOf(record: CaseRecord): string {
  return record.plan?.copies[0]?.networkMessageId ?? record.message.value
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

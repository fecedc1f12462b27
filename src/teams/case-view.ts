// Chooses what a case's card shows in each state, as the flat strings that the frozen template binds. Never builds card elements.
import { type CaseRecord, caseName, latestRemediation } from '../case/case.js'
import { type RemediationAction, hasSendersCopy } from '../case/plan.js'
import { type Policy, nobodyMayApprove } from '../case/policy.js'
import { type Band, bandOf, caseSummary } from './case-band.js'
import { type CampaignView, campaignView } from './campaign-view.js'
import { partsOf } from './case-parts.js'
import { type Warning, warnings } from './case-rows.js'
import { type Ruling, blockers, messageIdOf, rulingsOf } from './case-ruling.js'
import {
  type Caps,
  type Line,
  type Row,
  type Run,
  bold,
  foreign,
  foreignAddress,
  isSafeLink,
  own,
  yesNo
} from './card-text.js'
import { type ChoiceView, choiceView } from './choice-view.js'
import { checkRows, checksLine, linkRows, linksLine, mailboxRows, scopeLine } from './evidence-view.js'
import { actionTitles, severityWords } from './remediation-view.js'

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
  /** Where nothing can be decided: links, but no inputs and no buttons that would only be refused. */
  readOnly?: boolean
}

/** Room for two problems of a decision. */
const bannerLimit = 400

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
  choice: ChoiceView
  scope: Panel & { foot: Line[] }
  campaign: CampaignView
  rows: Row[]
  checks: Panel
  links: Panel
  moreRows: Row[]
  evidence: { show: YesNo; lookAgain: YesNo }
  part: { show: YesNo; heading: Line; rows: Row[] }
  inputs: {
    choice: YesNo
    choices: { title: string; value: string }[]
    severities: { title: string; value: string }[]
    action: string
    severity: string
    sendersCopy: YesNo
    reasonAlone: YesNo
    reasonLabel: string
    verdict: YesNo
  }
  rulings: Ruling[]
  steps: { show: YesNo; rows: Row[] }
  buttons: Record<
    | 'any'
    | 'approve'
    | 'track'
    | 'lookAgain'
    | 'actionCenter'
    | 'markDone'
    | 'proposeAgain'
    | 'close'
    | 'reject'
    | 'defender',
    YesNo
  > & { proposeStyle: 'positive' | 'default' }
  addresses: { defender: string; track: string; actionCenter: string }
}

export function caseView(record: CaseRecord, context: CardContext, caps: Caps): CaseView {
  const { now, policy } = context
  const mayDecide = !nobodyMayApprove(policy)
  const acting = context.readOnly !== true
  const parts = partsOf(record, now, caps, mayDecide)
  const rulings = record.state === 'proposed' ? rulingsOf(record, policy) : []
  const approvable = acting && record.state === 'proposed' && blockers(record, policy).length === 0
  const markable = acting && mayDecide && record.state === 'uncertain'
  const noMail = record.state === 'unreadable' && record.look.problem?.kind === 'noMail'
  const closable = acting && mayDecide && noMail
  const rejectable =
    acting && mayDecide && !noMail && ['nothingFound', 'unreadable', 'proposed', 'failed'].includes(record.state)
  const choice = choiceView(record, now, caps, acting)
  const addresses = {
    defender: defenderAddress(record, context),
    track: onlyTrackingLink(record),
    actionCenter: isSafeLink(context.actionCenterLink) ? context.actionCenterLink : ''
  }
  const inEvidence = record.state === 'proposed'
  const buttons = {
    approve: yesNo(approvable),
    track: yesNo(parts.follow === true && addresses.track !== ''),
    lookAgain: yesNo(
      choice.again === 'yes' ||
        (acting && !noMail && (record.state === 'nothingFound' || record.state === 'unreadable'))
    ),
    actionCenter: yesNo(parts.follow === true && addresses.track === '' && addresses.actionCenter !== ''),
    markDone: yesNo(markable),
    proposeAgain: yesNo(acting && (record.state === 'failed' || record.state === 'uncertain')),
    close: yesNo(closable),
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
      run: {
        ...foreign((context.banner ?? '').replace(/\s*\n\s*/g, ' '), bannerLimit),
        font: 'Default',
        weight: 'Bolder'
      }
    },
    warnings: warnings(record, now, caps),
    mail: mailOf(record, caps),
    paragraphs: paragraphsOf(parts.paragraphs ?? [], record),
    choice,
    scope: scopeOf(record, caps),
    campaign: campaignView(record, now, caps, acting),
    rows: parts.rows,
    ...evidenceOf(record, caps),
    moreRows: parts.moreRows ?? [],
    evidence: { show: yesNo(inEvidence), lookAgain: yesNo(acting) },
    part: { show: yesNo(parts.part !== undefined), ...(parts.part ?? { heading: { runs: [] }, rows: [] }) },
    inputs: {
      choice: yesNo(approvable),
      choices: policy.actions.map((action) => ({ title: actionTitles[action], value: action })),
      severities: Object.entries(severityWords).map(([value, title]) => ({ title, value })),
      action: proposedAction(record, policy),
      severity: policy.defaults.severity,
      sendersCopy: yesNo(approvable && record.mail !== null && hasSendersCopy(record.mail.direction)),
      reasonAlone: yesNo(markable || closable || (rejectable && !approvable)),
      reasonLabel: markable ? 'Reason (for Mark as done)' : closable ? 'Reason' : 'Reason (for Not phish)',
      verdict: yesNo(closable)
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

/** Mail that was junked by mistake is to go back; anything else as the policy says. */
function proposedAction({ reporters }: CaseRecord, policy: Policy): RemediationAction {
  const back = reporters.kind === 'notJunk' && policy.actions.includes('moveToInbox')
  return back ? 'moveToInbox' : policy.defaults.action
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

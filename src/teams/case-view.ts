// Chooses what a case's card shows in each state, as the flat strings that the frozen template binds. Never builds card elements.
import { type CaseRecord, caseName } from '../case/case.js'
import { hasSendersCopy } from '../case/plan.js'
import { type Policy, nobodyMayApprove } from '../case/policy.js'
import { isUndo } from '../case/undo.js'
import {
  type ApproveButton,
  type GlyphRow,
  approvalRows,
  approveButton,
  voidWarnings,
  waitingOf,
  waitingRuling
} from './approvals-view.js'
import { addressesOf } from './card-addresses.js'
import { type Band, bandOf, caseSummary } from './case-band.js'
import { type CampaignView, campaignView } from './campaign-view.js'
import { partsOf } from './case-parts.js'
import { type Warning, warnings } from './case-rows.js'
import { type Ruling, blockers } from './case-ruling.js'
import { offerOf } from './choice-ruling.js'
import { type Caps, type Line, type Row, type Run, bold, foreign, foreignAddress, own, yesNo } from './card-text.js'
import { type ChoiceView, choiceView } from './choice-view.js'
import { type OutcomePanel, outcomePanel } from './outcome-view.js'
import { type Panel, evidenceOf } from './evidence-panels.js'
import { mailboxRows } from './evidence-view.js'
import { actionTitles, severityWords } from './remediation-view.js'
import { hidesScope, scopeShown, undoLabels, undoOffer } from './undo-view.js'
import { sendersCopyTitle } from './undo-words.js'

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
  outcome: OutcomePanel
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
    sendersCopyTitle: string
    /** There is one action only, and it stands in a row. */
    fixedAction: YesNo
    reasonAlone: YesNo
    reasonLabel: string
    rejectTitle: string
    verdict: YesNo
  }
  rulings: Ruling[]
  approvals: { show: YesNo; rows: GlyphRow[] }
  steps: { show: YesNo; rows: Row[] }
  buttons: Record<
    | 'any'
    | 'approve'
    | 'undoFirst'
    | 'track'
    | 'lookAgain'
    | 'actionCenter'
    | 'undo'
    | 'markDone'
    | 'proposeAgain'
    | 'close'
    | 'reject'
    | 'withdraw'
    | 'defender',
    YesNo
  > &
    Record<'proposeStyle' | 'trackStyle' | 'lookStyle', 'positive' | 'default'> &
    ApproveButton
  addresses: { defender: string; track: string; actionCenter: string }
}

export function caseView(record: CaseRecord, context: CardContext, caps: Caps): CaseView {
  const { now, policy } = context
  const mayDecide = !nobodyMayApprove(policy)
  const acting = context.readOnly !== true
  const parts = partsOf(record, now, caps, mayDecide)
  const undo = undoOffer(record, policy)
  const evidence = evidenceOf(record, caps)
  const choosing = record.state === 'proposed'
  const pending = record.state === 'partlyApproved'
  const deciding = choosing || pending
  const blocked = deciding ? blockers(record, policy) : []
  const offer = choosing && blocked.length === 0 && record.plan !== null ? offerOf(record, record.plan, policy) : null
  const waiting = pending ? waitingOf(record, policy) : null
  const open =
    blocked.length === 0 && offer?.actions.length !== 0 && (waiting?.requirement.forbidden ?? []).length === 0
  const approvable = acting && deciding && open
  const choosable = approvable && choosing
  const markable = acting && mayDecide && record.state === 'uncertain'
  const noMail = record.state === 'unreadable' && record.look.problem?.kind === 'noMail'
  const closable = acting && mayDecide && noMail
  const choice = choiceView(record, now, caps, acting)
  const rejectable = acting && mayDecide && !noMail && rejectStates.includes(record.state)
  const addresses = addressesOf(record, context)
  // Whether the mail is phish was decided before; what is left to decide is its later copies.
  const undoing = undoLabels(record)
  const rejectTitle = undoing?.reject ?? (record.plan?.purpose === 'followUp' ? 'Leave them' : 'Not phish')
  const buttons = {
    approve: yesNo(approvable),
    // Where nothing is waiting any more, it is what is left to do; where there is something to follow, that comes first.
    undoFirst: yesNo(acting && undo.button && record.state === 'verified'),
    track: yesNo(parts.follow === true && addresses.track !== ''),
    lookAgain: yesNo(
      choice.again === 'yes' ||
        (acting && !noMail && (record.state === 'nothingFound' || record.state === 'unreadable'))
    ),
    actionCenter: yesNo(parts.follow === true && addresses.track === '' && addresses.actionCenter !== ''),
    undo: yesNo(acting && undo.button && record.state !== 'verified'),
    markDone: yesNo(markable),
    proposeAgain: yesNo(acting && (record.state === 'failed' || record.state === 'uncertain')),
    close: yesNo(closable),
    reject: yesNo(rejectable),
    withdraw: yesNo(acting && pending),
    defender: yesNo(!deciding && addresses.defender !== '' && parts.follow !== true)
  }
  return {
    name: caseName(record.number),
    plan: String(record.planVersion),
    summary: caseSummary(record),
    band: bandOf(record, now, waiting),
    repeat: yesNo(context.repeat === true),
    banner: {
      show: yesNo(context.banner !== undefined && context.banner !== ''),
      run: {
        ...foreign((context.banner ?? '').replace(/\s*\n\s*/g, ' '), bannerLimit),
        font: 'Default',
        weight: 'Bolder'
      }
    },
    warnings: [...voidWarnings(record, now), ...warnings(record, now, caps)],
    mail: mailOf(record, caps),
    paragraphs: paragraphsOf(parts.paragraphs ?? [], record),
    choice,
    ...scopeAndOutcome(record, caps),
    campaign: campaignView(record, now, caps, acting),
    rows: parts.rows,
    checks: evidence.checks,
    links: evidence.links,
    moreRows: [...evidence.rows, ...(parts.moreRows ?? []), ...undo.rows],
    evidence: { show: yesNo(deciding), lookAgain: yesNo(acting) },
    part: { show: yesNo(parts.part !== undefined), ...(parts.part ?? { heading: { runs: [] }, rows: [] }) },
    inputs: {
      choice: yesNo(choosable),
      choices: (offer?.actions ?? []).map((action) => ({ title: actionTitles[action], value: action })),
      severities: Object.entries(severityWords).map(([value, title]) => ({ title, value })),
      ...(offer?.proposed ?? policy.defaults),
      sendersCopy: yesNo(choosable && !isUndo(record) && record.mail !== null && hasSendersCopy(record.mail.direction)),
      sendersCopyTitle,
      fixedAction: yesNo(isUndo(record)),
      reasonAlone: yesNo(markable || closable || (rejectable && !choosable)),
      reasonLabel: reasonLabel({ markable, several: closable || approvable, rejectTitle }),
      rejectTitle,
      verdict: yesNo(closable)
    },
    rulings: [
      ...blocked,
      ...(offer === null ? [] : [offer.ruling]),
      ...(waiting === null ? [] : [waitingRuling(waiting)])
    ],
    approvals: {
      show: yesNo(waiting !== null),
      rows: waiting === null ? [] : approvalRows(waiting, policy, now, caps)
    },
    steps: { show: yesNo(parts.steps !== undefined), rows: parts.steps ?? [] },
    buttons: {
      ...buttons,
      ...approveButton(record.pending),
      ...(undoing === null ? {} : { approveTitle: undoing.approve }),
      any: yesNo(Object.values(buttons).includes('yes')),
      // One filled button at most: where there is something to follow, that comes first.
      proposeStyle: parts.follow === true ? 'default' : 'positive',
      // What was seen needs nothing of anybody.
      trackStyle: record.state === 'verified' ? 'default' : 'positive',
      lookStyle: closable ? 'default' : 'positive'
    },
    addresses
  }
}

const rejectStates: readonly CaseRecord['state'][] = [
  'nothingFound',
  'unreadable',
  'proposed',
  'partlyApproved',
  'failed'
]

function reasonLabel({
  markable,
  several,
  rejectTitle
}: {
  markable: boolean
  several: boolean
  rejectTitle: string
}): string {
  if (markable) return 'Reason (for Mark as done)'
  return several ? 'Reason' : `Reason (for ${rejectTitle})`
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

/** One or the other: what a plan would act on, or what became of it. */
function scopeAndOutcome(record: CaseRecord, caps: Caps): Pick<CaseView, 'scope' | 'outcome'> {
  const outcome = outcomePanel(record, caseName(record.number), caps)
  const scope = outcome.show === 'yes' ? { show: yesNo(false), line: '-', rows: [], foot: [] } : scopeOf(record, caps)
  return { scope, outcome }
}

function scopeOf(record: CaseRecord, caps: Caps): CaseView['scope'] {
  const { plan, state } = record
  const shown = !['looking', 'nothingFound', 'unreadable', 'uncertain', 'failed', 'joined'].includes(state)
  if (plan === null || !shown || hidesScope(record)) return { show: 'no', line: '-', rows: [], foot: [] }
  const { line, plan: seen } = scopeShown(plan, record)
  return { show: 'yes', line, ...mailboxRows(seen, caseName(record.number), caps) }
}

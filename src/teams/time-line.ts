// The dated steps of one case, for analysts: what happened and who decided, never what anybody wrote about it.
import { type CaseRecord, caseName, verdicts } from '../case/case.js'
import type { AuditEntry } from '../case/change.js'
import { isDelete, remediationActions, severities } from '../case/plan.js'
import type { AuditTrail } from '../case/ports.js'
import { effectOf } from '../case/remediation.js'
import { cardTemplate } from './card-template.js'
import { type Line, type Run, bold, countOf, formatNumber, formatTime, mailboxes, own, typed } from './card-text.js'
import template from './cards/lines-card.json' with { type: 'json' }
import { actionWords } from './remediation-view.js'

const expand = cardTemplate(template)

/** So many steps from each end; what lies between is counted. */
const stepsOfEachEnd = 15
const nameLimit = 60

type Words = (facts: Facts, record: CaseRecord) => string

/** Of these, only numbers and known words are shown. */
interface Facts {
  number(name: string): number | null
  choice<T extends string>(name: string, known: readonly T[]): T | null
}

/** Events that are not here are no step of the case, such as one more report or a click that was refused. */
const stepWords: Record<string, Words> = {
  'case.found': (facts) => `Found in Defender${listed([version(facts), copies(facts)])}`,
  'case.nothingFound': () => 'Not found in Defender yet',
  'case.cannotLook': () => 'Could not be looked up',
  'case.simulation': () => 'Closed: phishing simulation',
  'case.joined': (facts) => `Joined ${otherCase(facts, 'into')}`,
  'case.joinedBy': (facts) => `${otherCase(facts, 'case')} joined`,
  'case.expired': () => 'Expired: nobody decided',
  'case.proposedAgain': () => 'Proposed again',
  'decision.approvedInPart': (facts) => `Approved, more approvals needed${choice(facts)}`,
  'decision.approved': (facts) => `Approved${choice(facts)}`,
  'decision.withdrawn': () => 'Approval withdrawn',
  'approval.expired': () => 'Approvals out of time',
  'approval.void': () => 'Approvals void: the mail or its mailboxes changed',
  'decision.rejected': closedWords,
  'decision.closed': (facts) => `Closed${listed([facts.choice('verdict', verdicts)])}`,
  'decision.markedDone': () => 'Marked as done',
  'decision.keptRemoved': () => 'Undo turned down',
  'batch.accepted': (facts) => `Accepted by Defender${batch(facts)}`,
  'batch.refused': (facts) => `Refused by Defender${batch(facts)}`,
  'batch.uncertain': (facts) => `Outcome unknown${batch(facts)}`,
  'batch.orphaned': (facts) => `Outcome unknown, because the bot stopped${batch(facts)}`,
  'batch.notSent': (facts) => `Not sent${batch(facts)}`,
  'batch.throttled': (facts) => `Throttled by Defender${batch(facts)}`,
  'batch.planChanged': (facts) => `Not sent, because the plan had changed${batch(facts)}`,
  'batch.policyChanged': (facts) => `Not sent, because the policy had changed${batch(facts)}`,
  'verify.looked': lookedWords,
  'verify.cannotLook': () => 'The mailboxes could not be looked at',
  'case.verified': () => 'The outcome is settled',
  'case.followUp': (facts) => `${more(facts)} turned up`,
  'case.followUpElsewhere': (facts) => `${more(facts)} turned up; decided in ${otherCase(facts, 'in')}`,
  'case.undoProposed': (facts) => `Undo proposed${listed([version(facts), copies(facts)])}`,
  'case.undoExpired': () => 'Undo not decided in time'
}

export interface Story {
  record: CaseRecord
  entries: AuditEntry[]
  /** Steps between the first and the last ones that were read. */
  between: number
}

/** At most two reads, however long the story is. */
export async function readStory(audit: AuditTrail, record: CaseRecord): Promise<Story> {
  const events = Object.keys(stepWords)
  const limit = stepsOfEachEnd
  const { entries: first, total } = await audit.entriesOf(record.number, { skip: 0, limit, events })
  if (total <= limit) return { record, entries: first, between: 0 }
  const skip = Math.max(limit, total - limit)
  const { entries: last } = await audit.entriesOf(record.number, { skip, limit, events })
  return { record, entries: [...first, ...last], between: skip - limit }
}

/** The activity's `summary`. No text from outside. */
export function timeLineSummary(record: CaseRecord): string {
  return `${caseName(record.number)}: time line`
}

/** Adaptive Card 1.5 JSON. */
export function renderTimeLine({ record, entries, between }: Story, now: number): object {
  const lines = entries
    .filter(({ event }) => Object.hasOwn(stepWords, event))
    .map((entry) => lineOf(entry, record, now))
  const cut = { runs: [own(`… ${countOf(between, 'step')} between`)], spacing: 'Small' }
  const shown = between === 0 ? lines : [...lines.slice(0, stepsOfEachEnd), cut, ...lines.slice(stepsOfEachEnd)]
  return expand({
    title: timeLineSummary(record),
    subtitle: 'The oldest step first. Times are UTC.',
    lines: [reportedLine(record, now), ...shown],
    foot: ''
  }).card
}

function reportedLine({ reporters, openedAt }: CaseRecord, now: number): Line & { spacing: string } {
  const others = reporters.count - 1
  const rest = others > 0 ? [own(` and ${countOf(others, 'other')}`)] : []
  return {
    runs: [when(openedAt, now), bold('First reported'), own(' by '), typed(reporters.first.name, nameLimit), ...rest],
    spacing: 'Small'
  }
}

function lineOf({ at, event, actor, detail }: AuditEntry, record: CaseRecord, now: number): Line & { spacing: string } {
  const facts: Facts = {
    number: (name) => (typeof detail[name] === 'number' ? detail[name] : null),
    choice: (name, known) => known.find((each) => each === detail[name]) ?? null
  }
  const words = stepWords[event]?.(facts, record) ?? ''
  const by = actor === null ? [] : [own(', by '), typed(actor.name, nameLimit)]
  return { runs: [when(at, now), bold(words), ...by], spacing: 'Small' }
}

function when(at: number, now: number): Run {
  return own(`${formatTime(at, now)}  `)
}

/** Where a part was accepted before, only the rest was turned down. */
function closedWords(facts: Facts, { remediations }: CaseRecord): string {
  const earlier = remediations.filter(({ planVersion }) => planVersion < (facts.number('planVersion') ?? 0))
  return effectOf(earlier) === 'none' ? 'Closed: not phish' : 'Closed: the rest stays'
}

function lookedWords(facts: Facts, { remediations }: CaseRecord): string {
  const [moved, total] = [facts.number('moved'), facts.number('total')]
  if (moved === null || total === null) return 'Looked at the mailboxes'
  const asked = remediations.find(({ planVersion }) => planVersion === facts.number('planVersion'))
  const did = asked !== undefined && isDelete(asked.action) ? 'removed from' : 'moved in'
  return `Looked: ${did} ${formatNumber(moved)} of ${formatNumber(total)}`
}

function choice(facts: Facts): string {
  const action = facts.choice('action', remediationActions)
  const severity = facts.choice('severity', severities)
  const named = action === null ? null : actionWords[action].toLowerCase()
  return listed([named, severity === null ? null : `severity ${severity}`])
}

function version(facts: Facts): string | null {
  const planVersion = facts.number('planVersion')
  return planVersion === null ? null : `v${String(planVersion)}`
}

function copies(facts: Facts): string | null {
  const count = facts.number('copies')
  return count === null ? null : mailboxes(count)
}

function batch(facts: Facts): string {
  const seq = facts.number('batch')
  return seq === null ? '' : ` (batch ${formatNumber(seq)})`
}

function more(facts: Facts): string {
  return countOf(facts.number('copies') ?? 0, 'more copy', 'more copies')
}

function otherCase(facts: Facts, name: string): string {
  const number = facts.number(name)
  return number === null ? 'another case' : caseName(number)
}

function listed(parts: (string | null)[]): string {
  const said = parts.filter((part) => part !== null)
  return said.length === 0 ? '' : `: ${said.join(', ')}`
}

// What a case's card shows of messages like its own, and of those that its plan acts on besides. Never builds card elements.
import { type CampaignMessage, includable, mayExclude } from '../case/campaign.js'
import { type CaseRecord, type CaseState, caseName } from '../case/case.js'
import type { ReceivedMessage } from '../case/mail.js'
import type { Plan } from '../case/plan.js'
import {
  type Caps,
  type Line,
  bold,
  countOf,
  foreign,
  foreignAddress,
  formatNumber,
  formatTime,
  mailboxes,
  own,
  yesNo
} from './card-text.js'

export interface CampaignView {
  show: 'yes' | 'no'
  /** Always in sight. */
  said: Line[]
  panel: 'yes' | 'no'
  line: string
  /** What the panel shows. */
  lines: Line[]
  include: 'yes' | 'no'
  exclude: 'yes' | 'no'
}

const countsShown = 8
const mostShown = 5
const deciding: readonly CaseState[] = ['proposed', 'partlyApproved']
const ended: readonly CaseState[] = ['joined', 'simulation', 'rejected', 'closed', 'expired']

/** @param acting whether buttons are of any use where the card stands. */
export function campaignView(record: CaseRecord, now: number, caps: Caps, acting: boolean): CampaignView {
  const offered = deciding.includes(record.state) ? includable(record) : []
  // A card that is full already says how many there are, and no more.
  const shown = offered.slice(0, caps.urls > 1 ? Math.min(caps.urls, mostShown) : 0)
  const said = ended.includes(record.state) ? [] : [...beingMade(record), ...perMessage(record), ...handled(record)]
  const exclude = acting && mayExclude(record)
  const more = record.campaign?.more === true
  return {
    show: yesNo(said.length > 0 || offered.length > 0 || exclude),
    said,
    panel: yesNo(offered.length > 0),
    line: offered.length === 0 ? '-' : offerLine(offered, more),
    lines: [
      ...shown.flatMap((message) => similarLines(message, now, caps)),
      ...foot(offered.length - shown.length, more)
    ],
    include: yesNo(acting && offered.length > 0),
    exclude: yesNo(exclude)
  }
}

function foot(hidden: number, more: boolean): Line[] {
  const words = [
    ...(hidden > 0 ? [`and ${formatNumber(hidden)} more.`] : []),
    ...(more ? ['Defender lists others.'] : [])
  ]
  return words.length === 0 ? [] : [{ runs: [own(words.join(' '))] }]
}

/** `5 similar messages, 48 more mailboxes`; what an alert alone names is of unknown size. */
function offerLine(offered: { copies: number; why: string }[], more: boolean): string {
  const copies = offered.reduce((sum, message) => sum + message.copies, 0)
  const known = offered.filter(({ why }) => why !== 'alert')
  const messages = `${more ? 'At least ' : ''}${countOf(offered.length, 'similar message')}`
  if (known.length === 0) return `${messages}, their mailboxes are not known yet`
  return `${messages}, ${known.length < offered.length ? 'at least ' : ''}${countOf(copies, 'more mailbox', 'more mailboxes')}`
}

const whyWords = {
  cluster: 'Defender counts it as similar',
  senderAndSubject: 'same sender and subject',
  alert: 'named by a Defender alert'
}

function similarLines(message: CampaignMessage, now: number, caps: Caps): Line[] {
  const { why, networkMessageId, copies } = message
  if (why === 'alert') return [{ runs: [foreign(networkMessageId, caps.address), own(`, ${whyWords.alert}`)] }]
  const [subject, sent] = messageLines(message, now, caps)
  const size = own(`, ${mailboxes(copies)}, ${whyWords[why]}`)
  return [...(subject === undefined ? [] : [subject]), { runs: [...(sent?.runs ?? []), size] }]
}

/** Subject, then time and sender: how a message that Defender lists stands on every card. */
export function messageLines(message: ReceivedMessage, now: number, caps: Pick<Caps, 'subject' | 'address'>): Line[] {
  const time = message.receivedAt === null ? 'at an unknown time' : formatTime(message.receivedAt, now)
  return [
    { runs: [{ ...foreign(message.subject, caps.subject), weight: 'Bolder' }] },
    { runs: [own(`${time}, from `), ...foreignAddress(message.senderAddress, caps.address)] }
  ]
}

const withoutPlan: readonly CaseState[] = ['looking', 'nothingFound', 'unreadable']

function beingMade({ state, campaign }: CaseRecord): Line[] {
  const count = campaign?.included.length ?? 0
  if (count === 0 || !withoutPlan.includes(state)) return []
  const being = state === 'looking' ? 'being made' : 'to be made'
  return [{ runs: [own(`A plan over ${countOf(count + 1, 'message')} is ${being}.`)] }]
}

/** `3 messages: 12, 30, 18 mailboxes`, the case's own first. */
function perMessage({ plan, message, state }: CaseRecord): Line[] {
  if (plan === null || withoutPlan.includes(state)) return []
  const counts = copiesPerMessage(plan)
  if (counts.size < 2) return []
  const others = [...counts].filter(([id]) => id !== message.value)
  const all = [...counts]
    .filter(([id]) => id === message.value)
    .concat(others)
    .map(([, count]) => count)
  const shown = all.slice(0, countsShown).map(formatNumber).join(', ')
  const more = all.length > countsShown ? ' and more' : ''
  return [{ runs: [bold(`${countOf(all.length, 'message')}: ${shown}${more} mailboxes`)] }]
}

function handled({ campaign }: CaseRecord): Line[] {
  const counts = new Map<number, number>()
  for (const { caseNumber } of campaign?.handled ?? []) counts.set(caseNumber, (counts.get(caseNumber) ?? 0) + 1)
  return [...counts].slice(0, 3).map(([number, count]) => ({
    runs: [own(`${caseName(number)} handles ${count === 1 ? 'one' : formatNumber(count)} of them.`)]
  }))
}

/** With the copies that are left out: they belong to their message all the same. */
function copiesPerMessage(plan: Plan): Map<string, number> {
  const counts = new Map<string, number>()
  const copies = [...plan.copies, ...plan.leftOut.map(({ copy }) => copy)]
  for (const { networkMessageId: id } of copies) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

/** A mailbox may hold several of a plan's messages, so that their copies are no longer as many mailboxes. */
export function countedAs(plan: Plan, count: number): string {
  return copiesPerMessage(plan).size > 1 ? countOf(count, 'copy', 'copies') : mailboxes(count)
}

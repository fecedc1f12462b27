// The reply under a case's card: what Defender accepted and where to follow it. A link is shown only where one was checked.
import { type CaseRecord, caseName } from '../case/case.js'
import { type Remediation, effectOf } from '../case/remediation.js'
import { cardTemplate } from './card-template.js'
import { type Line, countOf, formatNumber, formatTime, isSafeLink, mailboxes, own, yesNo } from './card-text.js'
import template from './cards/link-card.json' with { type: 'json' }
import { replyLookLines } from './outcome-view.js'
import { choiceWords, outcomeSummary } from './outcome-words.js'
import {
  actionCenterName,
  actionWords,
  approverNames,
  batchLine,
  countBatches,
  effectWords,
  notSentLines,
  refusalLines
} from './remediation-view.js'

const expand = cardTemplate(template)

const maxLinks = 10
/** So many stay under 20 KiB a card; a case of more than 100 batches is followed in Defender itself. */
const linksPerPage = 20
const mostPages = 5

export interface LinkCardContext {
  /** Epoch milliseconds. */
  now: number
  /** Action Center's history page, for what was accepted without a usable link. */
  actionCenterLink: string
}

/** Adaptive Card 1.5 JSON: one for each remediation, edited as its batches are answered. */
export function renderLinkCard(record: CaseRecord, remediation: Remediation, context: LinkCardContext): object {
  const links = linksOf(remediation)
  const [only] = links
  const alone = remediation.batches.length === 1 && only !== undefined
  const rest =
    links.length > maxLinks
      ? `and ${countOf(links.length - maxLinks, 'more link')}: case ${caseName(record.number)}`
      : ''
  const track = alone ? only.url : ''
  return linkCard(record, remediation, context, { shown: alone ? [] : links.slice(0, maxLinks), rest, track })
}

/** Every tracking link of a remediation of several batches, in as many cards as it takes; empty where one button does. */
export function renderAllLinks(record: CaseRecord, remediation: Remediation, context: LinkCardContext): object[] {
  const links = remediation.batches.length === 1 ? [] : linksOf(remediation)
  const pages = Math.min(mostPages, Math.ceil(links.length / linksPerPage))
  const hidden = links.length - pages * linksPerPage
  return Array.from({ length: pages }, (_, page) => {
    const shown = links.slice(page * linksPerPage, (page + 1) * linksPerPage)
    const rest =
      page === pages - 1 && hidden > 0 ? `and ${countOf(hidden, 'more link')}: in Action Center's history` : ''
    return linkCard(record, remediation, context, { shown, rest, track: '' })
  })
}

interface Shown {
  shown: ReturnType<typeof linksOf>
  rest: string
  /** The one link, as a button. */
  track: string
}

function linkCard(
  record: CaseRecord,
  remediation: Remediation,
  { now, actionCenterLink }: LinkCardContext,
  { shown, rest, track }: Shown
): object {
  const links = linksOf(remediation)
  const { batches } = countBatches(remediation)
  const missing = links.length < batches.accepted || batches.uncertain > 0
  const history = missing && isSafeLink(actionCenterLink) ? actionCenterLink : ''
  return expand({
    summary: linkSummary(record, remediation),
    title: linkSummary(record, remediation),
    approvers: approverNames(remediation.approvals, { name: 120 }),
    approved: ` at ${formatTime(remediation.decidedAt, now)}${
      isLookedAt(remediation) ? `. ${choiceWords(remediation)}` : `, severity ${remediation.severity}.`
    }`,
    outcome: outcomeLines(record, remediation, now),
    batches: shown,
    rest,
    track,
    actionCenter: history,
    buttons: yesNo(track !== '' || history !== '')
  }).card
}

/** The activity's `summary`: "PT-1042 submitted: soft delete in 11 mailboxes". No text from outside. */
export function linkSummary(record: CaseRecord, remediation: Remediation): string {
  const name = caseName(record.number)
  const action = actionWords[remediation.action].toLowerCase()
  const { batches, copies, copyTotal } = countBatches(remediation)
  const looked = isLookedAt(remediation) ? outcomeSummary(record.number, remediation) : null
  if (looked !== null) return looked
  if (batches.accepted > 0) {
    const count = copies.accepted === copyTotal ? '' : `${formatNumber(copies.accepted)} of `
    return `${name} submitted: ${action} in ${count}${mailboxes(copyTotal)}`
  }
  if (batches.uncertain > 0) return `${name}: outcome unknown, ${action} in ${mailboxes(copyTotal)}`
  if (batches.refused > 0)
    return `${name}: refused by Defender${codeOf(remediation)}, ${action} in ${mailboxes(copyTotal)}`
  if (batches.notSent > 0) return `${name}: not sent, ${action} in ${mailboxes(copyTotal)}`
  return `${name}: not submitted yet, ${action} in ${mailboxes(copyTotal)}`
}

/** Graph's code stands here only as what it is documented to be: one word. */
function codeOf({ batches }: Remediation): string {
  const code = batches.find(({ state }) => state === 'refused')?.code ?? ''
  return /^[A-Za-z][A-Za-z0-9]{0,39}$/.test(code) ? ` (${code})` : ''
}

/** While a part is unknown, what was seen is no title. */
function isLookedAt({ batches, outcome }: Remediation): boolean {
  return outcome !== null && !batches.some(({ state }) => state === 'uncertain')
}

function outcomeLines(record: CaseRecord, remediation: Remediation, now: number): Line[] {
  const counts = countBatches(remediation)
  const lines: Line[] =
    counts.batchTotal === 1 && isLookedAt(remediation)
      ? []
      : [{ runs: [own(counts.batchTotal === 1 ? oneBatch(remediation) : `Batches: ${batchLine(counts)}.`)] }]
  lines.push(...replyLookLines(remediation, now))
  const unusable = remediation.batches.filter(
    ({ state, trackingLink }) => state === 'accepted' && !usable(trackingLink)
  )
  if (counts.batchTotal > 1 && unusable.length > 0) {
    lines.push({
      runs: [own(`${formatNumber(unusable.length)} accepted, no usable link: see Action Center's history.`)]
    })
  }
  const caps = { name: 120, note: 300 }
  return [
    ...lines,
    ...refusalLines(remediation, caps),
    ...notSentLines(remediation, caps),
    ...nextLines(record, remediation)
  ]
}

/** What nobody has to do again, what has happened if nothing was accepted, and what a person can do next. */
function nextLines(record: CaseRecord, remediation: Remediation): Line[] {
  const { batches } = countBatches(remediation)
  const lines: Line[] = []
  if (batches.uncertain > 0) {
    lines.push(actionCenterName(record.number, remediation))
    lines.push({ runs: [own('What is unknown is not sent again without a new approval. The card says what to do.')] })
  } else if (batches.refused + batches.notSent > 0) {
    // What comes after this request is told by its own reply.
    const soFar = record.remediations.filter(({ planVersion }) => planVersion <= remediation.planVersion)
    const before = batches.accepted > 0 ? '' : `${effectWords[effectOf(soFar)]} `
    const rest = batches.accepted > 0 ? 'The rest' : 'It'
    lines.push({ runs: [own(`${before}${rest} is not sent again without a new approval: Propose again on the card.`)] })
  }
  return lines
}

function oneBatch({ batches }: Remediation): string {
  const [batch] = batches
  switch (batch?.state) {
    case 'accepted':
      return usable(batch.trackingLink)
        ? 'Accepted by Defender; the mailboxes were not looked at yet.'
        : "Accepted, no usable link: look for it in Action Center's history."
    case 'refused':
      return 'Refused by Defender.'
    case 'uncertain':
      return 'The outcome is unknown: it may or may not have been accepted.'
    case 'notSent':
      return 'Not sent.'
    case 'pending':
    case 'submitting':
    case undefined:
      return 'Defender has not answered yet.'
  }
}

function usable(link: string | null): link is string {
  return link !== null && isSafeLink(link)
}

function linksOf({ batches }: Remediation): { label: string; line: string; url: string }[] {
  return batches.flatMap(({ seq, state, from, to, trackingLink }) =>
    state === 'accepted' && usable(trackingLink)
      ? [
          {
            label: `Batch ${String(seq)}/${String(batches.length)}`,
            line: `accepted, ${mailboxes(to - from)}`,
            url: trackingLink
          }
        ]
      : []
  )
}

// What Defender says of the mail and where its copies lie, as rows of a card. Never mixes in what the report claims.
import type { DeliveryLocation, Direction, MailEvidence } from '../case/mail.js'
import type { LeftOut, LeftOutReason, Plan } from '../case/plan.js'
import {
  type Caps,
  type Line,
  type Row,
  type Run,
  countOf,
  foreign,
  foreignAddress,
  foreignUrl,
  formatNumber,
  formatTime,
  mailboxes,
  own,
  row
} from './card-text.js'
import { countedAs } from './campaign-view.js'

export const locationWords: Record<DeliveryLocation, string> = {
  inbox_folder: 'inbox',
  junkFolder: 'junk',
  deletedFolder: 'deleted items',
  quarantine: 'quarantine',
  others: 'other folders',
  onprem_external: 'on-premises',
  failed: 'not delivered',
  dropped: 'dropped',
  unknown: 'unknown place'
}

const leftOutWords: Record<LeftOutReason, string> = {
  protected: 'protected mailbox',
  onprem_external: 'on-premises, cannot be acted on',
  failed: 'delivery failed, cannot be acted on',
  dropped: 'dropped, cannot be acted on',
  unknown: 'unknown place, cannot be acted on'
}

const directionWords: Record<Direction, string> = {
  inbound: 'inbound',
  outbound: 'outbound',
  intraOrg: 'inside the organisation',
  unknown: 'direction unknown'
}

/** `12 mailboxes: 9 inbox, 2 junk, 1 cannot be acted on`; in our own words only. */
export function scopeLine(plan: Plan): string {
  const parts = byLocation(plan).map(
    ({ location, addresses }) => `${formatNumber(addresses.length)} ${locationWords[location]}`
  )
  const out = plan.leftOut.length
  if (out > 0) parts.push(`${formatNumber(out)} ${anyProtected(plan) ? 'left out' : 'cannot be acted on'}`)
  return `${countedAs(plan, plan.copies.length + out)}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`
}

function anyProtected(plan: Plan): boolean {
  return plan.leftOut.some(({ reason }) => reason === 'protected')
}

function byLocation(plan: Plan): { location: DeliveryLocation; addresses: string[] }[] {
  const groups = new Map<DeliveryLocation, string[]>()
  for (const { location, recipientEmailAddress } of plan.copies) {
    const group = groups.get(location)
    if (group === undefined) groups.set(location, [recipientEmailAddress])
    else group.push(recipientEmailAddress)
  }
  const order = Object.keys(locationWords)
  return [...groups]
    .map(([location, addresses]) => ({ location, addresses }))
    .sort((a, b) => order.indexOf(a.location) - order.indexOf(b.location))
}

/** The panel behind the scope line: the first mailboxes by location, then what is left out and why. */
export function mailboxRows(plan: Plan, caseName: string, caps: Caps): { rows: Row[]; foot: Line[] } {
  const domain = commonDomain(plan)
  let room = caps.recipients
  const rows = byLocation(plan).map(({ location, addresses }) => {
    const shown = addresses.slice(0, room)
    room -= shown.length
    const runs = shown.flatMap((address, index) => [
      ...(index === 0 ? [] : [own(', ')]),
      ...mailboxName(address, domain, caps)
    ])
    const hidden = addresses.length - shown.length
    if (hidden > 0) runs.push(own(shown.length === 0 ? mailboxes(hidden) : ` and ${formatNumber(hidden)} more`))
    return row(`${sentence(locationWords[location])}, ${formatNumber(addresses.length)}`, ...runs)
  })
  if (plan.leftOut.length > 0 && leftOutRow(plan, caps).length === 0) {
    rows.push({ label: `Left out, ${formatNumber(plan.leftOut.length)}`, lines: leftOutLines(plan, caps) })
  }
  const foot: Line[] = [{ runs: [own(`The full list: case ${caseName}`)] }]
  foot.push(...domainLine(domain, caps))
  return { rows, foot }
}

/** The row that is in sight where a mailbox is left out on purpose, or where nothing else is left; or `always`. */
export function leftOutRow(plan: Plan, caps: Caps, always = false): Row[] {
  if (plan.leftOut.length === 0) return []
  if (!always && !anyProtected(plan) && plan.copies.length > 0) return []
  return [{ label: 'Left out', lines: leftOutLines(plan, caps) }]
}

function leftOutLines(plan: Plan, caps: Caps): Line[] {
  const domain = commonDomain(plan)
  // Protected first: somebody chose to leave them out, and a decision should not overlook it.
  const sorted = [...plan.leftOut].sort((a, b) => rank(a) - rank(b))
  const lines = sorted.slice(0, caps.recipients).map(({ copy, reason }) => ({
    runs: [...mailboxName(copy.recipientEmailAddress, domain, caps), own(`: ${leftOutWords[reason]}`)]
  }))
  const hidden = sorted.length - lines.length
  return hidden > 0 ? [...lines, { runs: [own(`and ${formatNumber(hidden)} more`)] }] : lines
}

function rank({ reason }: LeftOut): number {
  return reason === 'protected' ? 0 : 1
}

export function domainLine(domain: string | null, caps: Caps): Line[] {
  return domain === null ? [] : [{ runs: [own('All at '), ...domainName(domain, caps)] }]
}

export function mailboxName(address: string, domain: string | null, caps: Caps): Run[] {
  if (domain === null) return foreignAddress(address, caps.address)
  return [foreign(address.slice(0, address.lastIndexOf('@')), caps.address)]
}

function domainName(domain: string, caps: Caps): Run[] {
  return foreignAddress(`@${domain}`, caps.address).map((run) => ({ ...run, text: run.text.replace(/^\[@\]/, '') }))
}

/** The domain of all mailboxes, so that it need be said only once; null where they differ. */
export function commonDomain(plan: Plan): string | null {
  const domains = new Set(
    [...plan.copies, ...plan.leftOut.map(({ copy }) => copy)].map(({ recipientEmailAddress: address }) =>
      address.includes('@')
        ? address
            .slice(address.lastIndexOf('@') + 1)
            .trim()
            .toLowerCase()
        : ''
    )
  )
  const [domain] = domains
  return domains.size === 1 && domain !== undefined && domain !== '' ? domain : null
}

const threatWords = new Map([
  ['phish', 'Phish'],
  ['phishing', 'Phish'],
  ['malware', 'Malware'],
  ['spam', 'Spam'],
  ['none', 'No threat found'],
  ['unknown', 'Unknown']
])

export function verdictRow(mail: MailEvidence, caps: Caps): Row {
  const runs = mail.threatTypes.slice(0, 5).flatMap((type, index) => {
    const words = threatWords.get(type.toLowerCase())
    return [...(index === 0 ? [] : [own(', ')]), words === undefined ? foreign(type, caps.name) : own(words)]
  })
  if (runs.length === 0) return row('Verdict', own('None given'))
  if (mail.confidence.trim() !== '') runs.push(own(', '), ...word(mail.confidence, caps, false), own(' confidence'))
  return row('Verdict', ...runs)
}

export function receivedRow(mail: MailEvidence, now: number): Row {
  const time = mail.receivedAt === null ? 'Time unknown' : formatTime(mail.receivedAt, now)
  return row('Received', own(`${time}, ${directionWords[mail.direction]}`))
}

/** `2 of 3 failed`: SPF, DKIM and DMARC, whose names stand in the panel. */
export function checksLine(mail: MailEvidence): string {
  const { spf, dkim, dmarc } = mail.authentication
  const results = [spf, dkim, dmarc].map((result) => result.trim().toLowerCase())
  const count = (pattern: RegExp) => results.filter((result) => pattern.test(result)).length
  const failed = count(/fail|error/)
  const passed = count(/^(best guess )?pass/)
  if (passed === 3) return 'All 3 passed'
  if (failed > 0) return `${String(failed)} of 3 failed`
  return passed > 0 ? `${String(passed)} of 3 passed` : 'None passed'
}

export function checkRows(mail: MailEvidence, caps: Caps): Row[] {
  const { spf, dkim, dmarc, composite } = mail.authentication
  return [
    row('SPF', ...word(spf, caps)),
    row('DKIM', ...word(dkim, caps)),
    row('DMARC', ...word(dmarc, caps)),
    row('Microsoft', ...word(composite, caps), own(' (composite authentication)')),
    row(
      'Sent from',
      ...(mail.senderIp === '' ? [own('address unknown')] : [foreign(mail.senderIp, 64)]),
      ...(mail.mailFromAddress === ''
        ? []
        : [own(', bounces to '), ...foreignAddress(mail.mailFromAddress, caps.address)])
    )
  ]
}

const plainWords = new Set(
  'pass,fail,none,softfail,neutral,temperror,permerror,bestguesspass,softpass,unknown,high,normal,medium,low'.split(',')
)

/** A word of Graph's own vocabulary reads as ours; anything else is from outside. */
function word(text: string, caps: Caps, capital = true): Run[] {
  const known = text.trim().toLowerCase()
  if (known === '') return [own(capital ? 'Not given' : 'not given')]
  if (!plainWords.has(known)) return [foreign(text, caps.name)]
  return [own(capital ? sentence(known) : known)]
}

function isBad(threat: string): boolean {
  return !['', 'none', 'unknown'].includes(threat.trim().toLowerCase())
}

export function linksLine(mail: MailEvidence): string {
  const part = (count: number, noun: string, listed: { threat: string }[]) => {
    const bad = listed.filter(({ threat }) => isBad(threat)).length
    const atLeast = count > listed.length ? 'at least ' : ''
    return `${countOf(count, noun)}${bad === 0 ? '' : ` (${atLeast}${formatNumber(bad)} bad)`}`
  }
  const links = Math.max(mail.urlCount, mail.urls.length)
  const files = Math.max(mail.attachmentCount, mail.attachments.length)
  return `${part(links, 'link', mail.urls)}, ${part(files, 'file', mail.attachments)}`
}

export function linkRows(mail: MailEvidence, caps: Caps): Row[] {
  const urls = worstFirst(mail.urls).slice(0, caps.urls)
  const files = worstFirst(mail.attachments).slice(0, caps.files)
  const rows = [
    ...urls.map(({ url, threat }) =>
      row(isBad(threat) ? 'Bad link' : 'Link', ...foreignUrl(url, caps.url), ...verdictOf(threat, caps))
    ),
    ...moreRow(Math.max(mail.urlCount, mail.urls.length) - urls.length, 'link'),
    ...files.map(({ name, bytes, threat }) =>
      row(
        isBad(threat) ? 'Bad file' : 'File',
        foreign(name, caps.name),
        ...(bytes === null ? [] : [own(`, ${size(bytes)}`)]),
        ...verdictOf(threat, caps)
      )
    ),
    ...moreRow(Math.max(mail.attachmentCount, mail.attachments.length) - files.length, 'file')
  ]
  return [...rows, ...foundByRow(mail, caps)]
}

export function foundByRow({ detectionMethods }: MailEvidence, caps: Caps): Row[] {
  return detectionMethods.length === 0 ? [] : [row('Found by', foreign(detectionMethods.join(', '), caps.note))]
}

function worstFirst<T extends { threat: string }>(items: T[]): T[] {
  return [...items.filter(({ threat }) => isBad(threat)), ...items.filter(({ threat }) => !isBad(threat))]
}

function verdictOf(threat: string, caps: Caps): Run[] {
  if (!isBad(threat)) return [own(' (no verdict)')]
  const words = threatWords.get(threat.trim().toLowerCase())
  return [own(' ('), words === undefined ? foreign(threat, caps.name) : own(words.toLowerCase()), own(')')]
}

function moreRow(hidden: number, noun: string): Row[] {
  return hidden > 0 ? [row('More', own(`${countOf(hidden, noun)} not shown`))] : []
}

function size(bytes: number): string {
  return bytes < 1000 ? countOf(bytes, 'byte') : `${formatNumber(Math.round(bytes / 1000))} KB`
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

// Reports sent to the reporting mailbox, read with its inbox's delta query. Never marks, moves or deletes mail, and takes nothing else from it.
// https://learn.microsoft.com/graph/api/message-delta
import { z } from 'zod'
import type { Clock } from '../case/ports.js'
import type { Claims, MailKey } from '../case/report.js'
import type { FoundReport, LeftOutReport, PollAnswer, ReportSource } from '../case/report-source.js'
import type { GraphAnswer, GraphClient, GraphRequest } from './graph-client.js'
import { bodyOf, failedPoll, problemIn, unavailable, unreadable, type GraphProblem } from './graph-problem.js'
import { loose, textUpTo } from './loose-schema.js'
import { queryOf, queryString } from './pages.js'
import { kindOfSubject, originalsIn, type Original } from './reporting-format.js'

/** What a reader makes of a mail that came as a file. */
export type OriginalMail =
  | {
      kind: 'mail'
      mail: {
        /** The best identifier first. */
        keys: MailKey[]
        claims: Claims
        /** `X-MS-Exchange-CrossTenant-Id`; null where it has none, or several. */
        crossTenantId: string | null
      }
    }
  | { kind: 'unreadable'; reason: string }

/** Reads a mail, hostile or not: `.eml` or `.msg`, by its name. Never throws. */
export type ReadMail = (name: string, bytes: Uint8Array) => Promise<OriginalMail>

export interface MailboxSourceSettings {
  client: GraphClient
  clock: Clock
  /** For each request; milliseconds. */
  deadlineMs: number
  /** Address or object id of the reporting mailbox. */
  mailbox: string
  tenantId: string
  readMail: ReadMail
}

const PERMISSION = 'Mail.Read'
const LARGEST_ORIGINAL = 10 * 1024 * 1024
const FIRST_POLL_MS = 24 * 60 * 60 * 1000
/** Other ids change when a message is moved. Without a page size it is 10, and the first round reads the whole inbox. */
const PREFER = 'IdType="ImmutableId", odata.maxpagesize=50'
/**
 * What is read of one. An item's size in the list is not that of the mail made of it, so somewhat larger ones do come; as
 * they arrive whole, they are told from those that were cut off.
 */
const LARGEST_READ = 2 * LARGEST_ORIGINAL
/** How often one message may stop the mailbox before it is passed over. */
const MOST_TRIES = 5
/** So many failing at one poll are no matter of single messages: the rest is not tried, nor counted against. */
const MOST_FAILING = 3

/** It becomes part of a path: no dot, or it could climb out of the mailbox. */
const ID = /^[\w=+/-]{1,1000}$/

const words = textUpTo(1000)
const messageSchema = loose({
  // Longer than any that counts, for a cut id would be another's.
  id: textUpTo(2000),
  '@removed': z.unknown(),
  subject: words,
  receivedDateTime: words,
  from: loose({ emailAddress: loose({ address: words, name: words }) })
})
type Message = z.infer<typeof messageSchema>

const cursorSchema = z.object({
  /** Of another mailbox, the state is worth nothing here. */
  mailbox: z.string(),
  /** Of the next delta request: Graph's state token. */
  query: z.string().startsWith('?'),
  /** Messages received before are none of ours. All three in epoch milliseconds. */
  since: z.number(),
  /** The newest message of the rounds that were read to their end, and of this one as well. */
  newest: z.number(),
  latest: z.number()
})
type Place = z.infer<typeof cursorSchema>

type MessageAnswer = { kind: 'report'; report: FoundReport } | { kind: 'leftOut'; reason: string } | GraphProblem

export function createMailboxSource(settings: MailboxSourceSettings): ReportSource {
  const { client, clock, deadlineMs, tenantId, readMail } = settings
  const user = `users/${encodeURIComponent(settings.mailbox)}`
  const deltaPath = `${user}/mailFolders('inbox')/messages/delta`
  /** Of the messages on the page that is not through yet: how often each could not be read. */
  const tries = new Map<string, number>()

  function get(path: string, expects: Pick<GraphRequest, 'expects' | 'largest'>): Promise<GraphAnswer> {
    const deadline = AbortSignal.timeout(deadlineMs)
    return client.send({ method: 'GET', path, deadline, prefer: PREFER, ...expects })
  }

  function problem(answer: GraphAnswer): GraphProblem | null {
    return problemIn(answer, PERMISSION, { version: client.version, now: clock.now() })
  }

  return {
    name: 'mailbox',
    async poll(cursor): Promise<PollAnswer> {
      let place = readCursor(cursor, settings.mailbox) ?? start(clock.now())
      let answer = await get(deltaPath + place.query, { expects: 'json' })
      // Graph forgets its state some day (410) or cannot read it any more (400): then the mailbox is read anew.
      if (cursor !== null && answer.kind === 'answered' && [400, 410].includes(answer.status)) {
        place = start(place.newest)
        answer = await get(deltaPath + place.query, { expects: 'json' })
      }
      const failure = problem(answer)
      if (failure !== null) return failedPoll(failure)
      const { value, '@odata.nextLink': nextLink, '@odata.deltaLink': deltaLink } = bodyOf(answer)
      const query = queryOf(nextLink ?? deltaLink, isDelta)
      if (!Array.isArray(value) || query === undefined || query === '') return failedPoll(unreadable)
      const more = nextLink !== undefined && nextLink !== null
      if (more && query === place.query) return failedPoll(unavailable('Microsoft Graph answered the same page twice.'))

      const reports: FoundReport[] = []
      const leftOut: LeftOutReport[] = []
      let { latest } = place
      const failing: GraphProblem[] = []
      const messages = value.map((each) => messageSchema.parse(each))
      const onPage = new Set(messages.map(({ id }) => id))
      for (const id of tries.keys()) if (!onPage.has(id)) tries.delete(id)
      for (const message of messages) {
        const receivedAt = timeIn(message)
        if (message['@removed'] !== undefined || !ID.test(message.id)) continue
        if (receivedAt !== null && receivedAt < place.since) continue
        const read = giveUpIfStuck(message, await readMessage(message))
        if (read.kind === 'report') reports.push(read.report)
        else if (read.kind === 'leftOut') leftOut.push({ sourceId: sourceIdOf(message), reason: read.reason })
        else {
          failing.push(read)
          // The others are tried as well, or each would hold up the mailbox in its turn; but not where Graph asks to wait.
          if (read.kind !== 'unavailable' || read.retryAfterMs !== null || failing.length === MOST_FAILING)
            return failedPoll(read)
        }
        // A time ahead of the clock would pass over mail when the mailbox is read anew.
        latest = Math.max(latest, Math.min(receivedAt ?? latest, clock.now()))
      }
      const [first] = failing
      if (first !== undefined) return failedPoll(first)
      tries.clear()
      // Pages come in no order: until the last one, older messages may still be missing.
      const next: Place = { ...place, query, latest, newest: more ? place.newest : latest }
      return { kind: 'read', reports, leftOut, cursor: JSON.stringify(next), more }
    }
  }

  /**
   * Without a filter by time: with one, Graph leaves out what goes beyond 5,000 messages. Created only: that somebody has
   * read or marked a message makes no report of it.
   */
  function start(newest: number): Place {
    const query = queryString({ changeType: 'created', $select: 'id,subject,receivedDateTime,from' })
    return { mailbox: settings.mailbox, query, since: newest - FIRST_POLL_MS, newest, latest: newest }
  }

  /** Graph writes the way to a folder in more than one spelling, so only the server and the end of it are compared. */
  function isDelta(address: string): boolean {
    return address.startsWith(`${client.root}/`) && address.toLowerCase().endsWith('/messages/delta')
  }

  async function readMessage(message: Message): Promise<MessageAnswer> {
    const path = `${user}/messages/${encodeURIComponent(message.id)}/attachments`
    const list = await get(`${path}${queryString({ $select: 'id,name,contentType,size,isInline' })}`, {
      expects: 'json'
    })
    if (isGone(list)) return gone
    const failure = problem(list)
    if (failure !== null) return failure
    const { value, '@odata.nextLink': nextLink } = bodyOf(list)
    if (!Array.isArray(value)) return unreadable
    const originals = originalsIn(value)
    const [original] = originals
    if (original === undefined) return leftOut('No mail is attached.')
    // With a further page it cannot be told that there is no other.
    if (originals.length > 1 || (nextLink !== undefined && nextLink !== null))
      return leftOut('More than one mail is attached.')
    if (!ID.test(original.attachmentId)) return unreadable
    if (original.bytes > LARGEST_ORIGINAL) return tooLarge
    return readOriginal(message, original, path)
  }

  async function readOriginal(message: Message, original: Original, path: string): Promise<MessageAnswer> {
    const content = await get(`${path}/${encodeURIComponent(original.attachmentId)}/$value`, {
      expects: 'bytes',
      largest: LARGEST_READ
    })
    if (isGone(content)) return gone
    const failure = problem(content)
    if (failure !== null) return failure
    const bytes = content.kind === 'answered' ? content.body : null
    if (!(bytes instanceof Uint8Array))
      return unavailable('An attached mail in the reporting mailbox is far too large, or did not arrive whole.')
    if (bytes.length > LARGEST_ORIGINAL) return tooLarge
    const read = await readMail(original.name, bytes)
    if (read.kind === 'unreadable') return leftOut(`The attached mail could not be read (${read.reason}).`)
    const { keys, claims, crossTenantId } = read.mail
    // Microsoft's format asks for it: mail of another tenant is not for this SOC to move.
    if (crossTenantId?.trim().toLowerCase() !== tenantId.toLowerCase())
      return leftOut('The attached mail was not delivered to this tenant.')
    const [key] = keys
    if (key === undefined) return leftOut('The attached mail bears no identifier.')
    const { address, name } = message.from.emailAddress
    const report: FoundReport = {
      sourceId: sourceIdOf(message),
      message: key,
      kind: kindOfSubject(message.subject),
      reporter: address === '' ? null : { address, name },
      claims: { subject: claims.subject, senderAddress: claims.senderAddress },
      note: '',
      reportedAt: timeIn(message)
    }
    return { kind: 'report', report }
  }

  /** The list was just read, so Graph is there: a message that fails again and again must not hold up all that follow. */
  function giveUpIfStuck(message: Message, read: MessageAnswer): MessageAnswer {
    if (read.kind !== 'unavailable') return read
    const tried = (tries.get(message.id) ?? 0) + 1
    tries.set(message.id, tried)
    return tried < MOST_TRIES ? read : leftOut(`It could not be read in ${MOST_TRIES} tries: ${read.reason}`)
  }
}

const tooLarge = leftOut('The attached mail is larger than 10 MiB.')
const gone = leftOut('It was deleted before it was read.')

function leftOut(reason: string): MessageAnswer {
  return { kind: 'leftOut', reason }
}

function isGone(answer: GraphAnswer): boolean {
  return answer.kind === 'answered' && answer.status === 404
}

function sourceIdOf({ id }: Message): string {
  return `mailbox/${id}`
}

function timeIn({ receivedDateTime }: Message): number | null {
  const time = Date.parse(receivedDateTime)
  return Number.isNaN(time) ? null : time
}

function readCursor(cursor: string | null, mailbox: string): Place | null {
  let value: unknown
  try {
    value = JSON.parse(cursor ?? '')
  } catch {
    return null
  }
  const read = cursorSchema.safeParse(value)
  return read.success && read.data.mailbox === mailbox ? read.data : null
}

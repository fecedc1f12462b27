// Takes what a report source has found since it was last asked, and stores it before the source's cursor moves on. Never decides.
import { offerSimilar } from '../case/campaign.js'
import type { CaseStore, Clock, SourceLog } from '../case/ports.js'
import type { FoundReport, LeftOutReport, ReportSource } from '../case/report-source.js'
import type { Person } from '../case/report.js'

export interface PollDoors {
  store: CaseStore
  sources: SourceLog
  clock: Clock
  /** Told when a source that was fine begins to fail. */
  failing(source: ReportSource['name'], reason: string): void
  /** Told of what arrived and is no report, so that somebody can find out why; the same may be told again. */
  leftOut(source: ReportSource['name'], entries: LeftOutReport[]): void
}

/** Defender itself takes minutes to raise an alert; asking more often finds nothing sooner. */
const pollEveryMs = 60_000
const failedAgainMs = 5 * 60_000
/** Anybody can write to a reporting mailbox: of mail that nobody can find, so many an hour from one address. */
const unresolvedPerHour = 10
/** Beside other reports this is one voice among them: only its own look may close a case as a simulation. */
const simulationNote = 'Defender lists this report as one of a phishing simulation.'

/** One poll. Answers when the next one is due. */
export async function poll(source: ReportSource, doors: PollDoors): Promise<number> {
  const { sources, clock } = doors
  const { cursor, lastSuccessAt, lastError } = await sources.read(source.name)
  const answer = await source.poll(cursor)
  const now = clock.now()
  if (answer.kind === 'failed') {
    await sources.failed(source.name, answer.reason, now)
    const wasFine = lastError === null || (lastSuccessAt ?? 0) > lastError.at
    if (wasFine) doors.failing(source.name, answer.reason)
    return now + Math.max(failedAgainMs, answer.retryAfterMs ?? 0)
  }
  // Should this be cut off, the same reports come again and are known by their ids.
  const leftOut = [...answer.leftOut]
  const cases = new Map<string, number>()
  for (const report of answer.reports) {
    if (await offered(report, cases, doors)) continue
    const taken = await take(source, report, doors)
    if (taken !== null) cases.set(report.message.value, taken)
    else leftOut.push({ sourceId: report.sourceId, reason: 'Its reporter has too many unresolved reports.' })
  }
  if (leftOut.length > 0) doors.leftOut(source.name, leftOut)
  await sources.succeeded(source.name, answer.cursor, clock.now())
  return answer.more ? clock.now() : clock.now() + pollEveryMs
}

/** Whether the case of the mail that it is similar to, among those of this poll, shows it for people to include. */
async function offered(
  { message, similarTo }: FoundReport,
  cases: Map<string, number>,
  { store, clock }: PollDoors
): Promise<boolean> {
  const number = similarTo === undefined ? undefined : cases.get(similarTo.value)
  if (number === undefined) return false
  return (await store.change(number, (record) => offerSimilar(record, message.value, clock.now()))) === true
}

/** The case; null where its reporter has too many reports of mail that nobody can find. */
async function take(source: ReportSource, found: FoundReport, { store, clock }: PollDoors): Promise<number | null> {
  const opened = await store.open(
    {
      message: found.message,
      recipients: [],
      reporter: personOf(source, found),
      mailboxes: found.reporter === null ? [] : [found.reporter.address],
      note: [found.kind === 'simulation' ? simulationNote : '', found.note].filter((note) => note !== '').join(' '),
      claims: found.claims,
      origin: source.name,
      kind: found.kind,
      activityKey: found.sourceId,
      replyTo: null,
      at: clock.now()
    },
    { unresolvedPerHour: source.name === 'mailbox' ? unresolvedPerHour : Infinity }
  )
  return opened.kind === 'limited' ? null : opened.record.number
}

const unnamed = { alerts: 'a Defender alert', submissions: 'a user submission', mailbox: 'the reporting mailbox' }

function personOf(source: ReportSource, { reporter }: FoundReport): Person {
  if (reporter === null) return { objectId: `source:${source.name}`, name: unnamed[source.name] }
  const address = reporter.address.toLowerCase()
  return { objectId: `mailto:${address}`, name: reporter.name === '' ? address : reporter.name }
}

// Takes what a report source has found since it was last asked, and stores it before the source's cursor moves on. Never decides.
import { type LookDoors, isSimulation } from '../case/look.js'
import type { CaseStore, Clock, SourceLog } from '../case/ports.js'
import type { FoundReport, LeftOutReport, ReportSource } from '../case/report-source.js'
import type { Person } from '../case/report.js'

export interface PollDoors {
  store: CaseStore
  sources: SourceLog
  clock: Clock
  /** Whoever reported a simulation did what it is for. */
  thank: LookDoors['thank']
  /** Told of what arrived and is no report, so that somebody can find out why; the same may be told again. */
  leftOut(source: ReportSource['name'], entries: LeftOutReport[]): void
}

/** Defender itself takes minutes to raise an alert; asking more often finds nothing sooner. */
const pollEveryMs = 60_000
const failedAgainMs = 5 * 60_000

/** One poll. Answers when the next one is due. */
export async function poll(source: ReportSource, doors: PollDoors): Promise<number> {
  const { sources, clock } = doors
  const { cursor } = await sources.read(source.name)
  const answer = await source.poll(cursor)
  const now = clock.now()
  if (answer.kind === 'failed') {
    await sources.failed(source.name, answer.reason, now)
    return now + Math.max(failedAgainMs, answer.retryAfterMs ?? 0)
  }
  // Should this be cut off, the same reports come again and are known by their ids.
  for (const report of answer.reports) await take(source, report, doors)
  if (answer.leftOut.length > 0) doors.leftOut(source.name, answer.leftOut)
  await sources.succeeded(source.name, answer.cursor, clock.now())
  return answer.more ? clock.now() : clock.now() + pollEveryMs
}

async function take(source: ReportSource, found: FoundReport, { store, clock, thank }: PollDoors): Promise<void> {
  const opened = await store.open(
    {
      message: found.message,
      recipients: [],
      reporter: personOf(source, found),
      note: found.note,
      claims: found.claims,
      origin: source.name,
      kind: found.kind,
      activityKey: found.sourceId,
      replyTo: null,
      at: clock.now()
    },
    { unresolvedPerHour: Infinity }
  )
  if (found.kind !== 'simulation' || opened.kind === 'limited') return
  // By its Message-ID it may be the mail of another case: that is found out by looking it up, which then ends both.
  if (opened.kind !== 'joined' && found.message.kind === 'internetMessageId') return
  await store.change(opened.record.number, (record) => isSimulation(record, { now: clock.now(), thank }))
}

const unnamed = { alerts: 'a Defender alert', submissions: 'a user submission', mailbox: 'the reporting mailbox' }

function personOf(source: ReportSource, { reporter }: FoundReport): Person {
  if (reporter === null) return { objectId: `source:${source.name}`, name: unnamed[source.name] }
  const address = reporter.address.toLowerCase()
  return { objectId: `mailto:${address}`, name: reporter.name === '' ? address : reporter.name }
}

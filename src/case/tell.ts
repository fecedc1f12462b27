// Tells everybody who reported a mail how its case ended, each once for each ending, and writes it back to where it was submitted.
import type { CaseRecord } from './case.js'
import { caseName } from './case.js'
import type { OutboxEntry } from './change.js'
import { type Disposition, dispositionFor, isNewsToReporters } from './disposition.js'
import type { CaseStore, Clock, PlanHistory, ReporterOutcomes, ToldReporter } from './ports.js'
import type { ReviewCategory } from './submission-review.js'

/** Teams lets an app send 30 messages a second in a tenant; the SOC's own cards must not wait behind these. */
const apartMs = 100
const atOnce = 200

export interface TellDoors {
  store: CaseStore
  plans: PlanHistory
  reporters: ReporterOutcomes
  clock: Clock
  /** Conversations in which nobody is told as a reporter: what is reported there is everybody's to see. */
  isPublic: (conversationId: string) => boolean
  /** Whether the setting allows to write back to the submissions. */
  reviews: boolean
}

/** The work that a changed case brings for those who reported it. */
export function tellAfter(before: CaseRecord, next: CaseRecord, now: number): OutboxEntry[] {
  return isNewsToReporters(before, next) ? [{ kind: 'tell', caseNumber: next.number, dueAt: now }] : []
}

/** The outbox's `tell`: some of the reporters. Answers when to come back for the next, or null when all were told. */
export async function tellReporters(caseNumber: number, doors: TellDoors): Promise<number | null> {
  const { store, plans, reporters, clock } = doors
  const record = await store.read(caseNumber)
  if (record === null) return null
  const all = await plans.plansOf(caseNumber)
  const now = clock.now()
  let after = 0
  let told = 0
  for (;;) {
    const page = await reporters.page(caseNumber, { after, limit: atOnce })
    const news = page.flatMap((reporter) => {
      const disposition = dispositionFor(record, all, reporter.mailboxes)
      return disposition === null || disposition === reporter.told ? [] : [{ reporter, disposition }]
    })
    const outbox = news.flatMap((each, index) => entriesOf(record, each, now + (told + index) * apartMs, doors))
    if (news.length > 0) {
      await reporters.tell(
        caseNumber,
        news.map(({ reporter, disposition }) => ({ reporterId: reporter.reporterId, disposition })),
        outbox
      )
    }
    told += news.length
    const last = page.at(-1)
    if (last === undefined || page.length < atOnce) return null
    after = last.reportId
  }
}

function entriesOf(
  record: CaseRecord,
  { reporter, disposition }: { reporter: ToldReporter; disposition: Disposition },
  dueAt: number,
  { isPublic, reviews }: TellDoors
): OutboxEntry[] {
  // Without the disposition: what was not yet said of an ending that is none any more is replaced, not said after the newer one.
  const id = `${caseName(record.number)}/${reporter.reporterId}`
  const { replyTo, submissionId, subject } = reporter
  const category = reviews && submissionId !== null ? reviewOf[disposition] : null
  return [
    ...(replyTo === null || isPublic(replyTo.conversationId)
      ? []
      : [{ kind: 'outcome' as const, id, caseNumber: record.number, to: replyTo, disposition, subject, dueAt }]),
    ...(category === null || submissionId === null
      ? []
      : [{ kind: 'review' as const, submissionId, caseNumber: record.number, category, dueAt }])
  ]
}

/** What nobody could tell, and what the organisation sent itself, is nothing to review. */
const reviewOf: Record<Disposition, ReviewCategory | null> = {
  removed: 'phishing',
  blocked: 'phishing',
  phish: 'phishing',
  spam: 'junk',
  notPhish: 'notSpam',
  restored: 'notSpam',
  simulation: null,
  unknown: null
}

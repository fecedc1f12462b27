// What each kind of outbox entry does. Sees the doors as ports only, and holds no rules of its own.
import { lookForSimilar, openApart } from './case/campaign-work.js'
import { type CaseRecord, type LookAnswer, caseName } from './case/case.js'
import type { OutboxEntry } from './case/change.js'
import { findCandidates } from './case/choose.js'
import { expireByPolicy } from './case/expiry.js'
import { findMail } from './case/find.js'
import { lookUp } from './case/look.js'
import type { FoundMessage } from './case/mail.js'
import { nudgeCase } from './case/nudge.js'
import type { Policy } from './case/policy.js'
import type {
  CaseStore,
  Clock,
  EmailRemediation,
  MailSearch,
  MessageFinding,
  PlanHistory,
  PostDelivery,
  ReporterOutcomes,
  SourceLog,
  SubmissionReviews
} from './case/ports.js'
import { endPending } from './case/pending.js'
import type { ReportSource } from './case/report-source.js'
import { submitNextBatch } from './case/submit.js'
import { tellReporters } from './case/tell.js'
import { verifyCase } from './case/verify.js'
import type { MailReader } from './intake/mail-reader.js'
import { type PollDoors, poll } from './intake/poll.js'
import { type FileDownload, readFile } from './teams/files.js'
import { toReporter } from './teams/look-words.js'
import type { Posts } from './teams/posts.js'
import { baseConversationId } from './teams/place.js'
import { cannotResolve, severalFound } from './teams/words.js'

export interface WorkDoors {
  store: CaseStore
  search: MailSearch
  finder: MessageFinding
  plans: PlanHistory
  postDelivery: PostDelivery
  remediation: EmailRemediation
  reporters: ReporterOutcomes
  /** Null where the setting does not allow to write back. */
  reviews: SubmissionReviews | null
  reviewRefused(caseNumber: number, refusal: { status: number; code: string }): void
  posts: Posts
  download: FileDownload
  mailReader: Pick<MailReader, 'read'>
  reportSources: ReportSource[]
  sources: SourceLog
  leftOut: PollDoors['leftOut']
  failing: PollDoors['failing']
  clock: Clock
  policy: Policy
  /** No other process works on this store. */
  alone: boolean
  /** Answers when to come back; null: every row is kept. */
  trimAudit(): Promise<number | null>
  enqueue(entries: OutboxEntry[]): Promise<void>
}

const findGivenUpMs = 10 * 60_000
const reviewAgainMs = 5 * 60_000

type Outcome = { done: true } | { againAt: number }

type Work = {
  [K in OutboxEntry['kind']]: (
    entry: Extract<OutboxEntry, { kind: K }>,
    job: { attempts: number; createdAt: number }
  ) => Promise<Outcome>
}

export function createWork(doors: WorkDoors): Work {
  const { store, posts, clock, policy, alone } = doors
  return {
    look: async ({ caseNumber }) =>
      outcome(
        await lookUp(caseNumber, {
          store,
          search: doors.search,
          plans: doors.plans,
          clock,
          limits: policy.limits,
          tell: (record, answer) => tellReporter(record, answer, clock.now()),
          cannotResolve: (record) => notice(record, cannotResolve, 'cannotResolve', clock.now()),
          severalFound: (record, cases, more) =>
            notice(record, severalFoundWords(record, cases, more), 'severalFound', clock.now())
        })
      ),
    card: async ({ caseNumber }) => outcome(await posts.card(caseNumber)),
    submit: async ({ caseNumber }) =>
      outcome(await submitNextBatch(caseNumber, { store, remediation: doors.remediation, clock, policy, alone })),
    verify: async ({ caseNumber }) => outcome(await verifyCase(caseNumber, { ...doors, limits: policy.limits })),
    turnedUp: async ({ caseNumber, planVersion }) => outcome(await posts.turnedUp(caseNumber, planVersion)),
    link: async ({ caseNumber, planVersion }) => outcome(await posts.link(caseNumber, planVersion)),
    notice: async (entry) => outcome(await posts.notice(entry)),
    tell: async ({ caseNumber }) =>
      outcome(
        await tellReporters(caseNumber, {
          store,
          plans: doors.plans,
          reporters: doors.reporters,
          clock,
          isPublic: (conversationId) => baseConversationId(conversationId) === policy.channelId,
          reviews: doors.reviews !== null
        })
      ),
    outcome: async (entry) => outcome(await posts.outcome(entry)),
    review: async (entry) => {
      const answer = await doors.reviews?.review(entry.submissionId, entry.category)
      if (answer?.kind === 'unavailable') return { againAt: clock.now() + (answer.retryAfterMs ?? reviewAgainMs) }
      if (answer?.kind === 'refused') doors.reviewRefused(entry.caseNumber, answer)
      return { done: true }
    },
    file: async ({ id, file }) => {
      await readFile(id, file, doors)
      return { done: true }
    },
    find: async (asked, { attempts, createdAt }) => {
      // A list that could not be posted for so long is asked for by nobody any more, and each try costs a query.
      if (clock.now() - createdAt > findGivenUpMs) return { done: true }
      const found = await findMail(asked.query, attempts, doors)
      return outcome('againAt' in found ? found.againAt : await posts.found(asked, found.result))
    },
    poll: async ({ source }) => {
      const found = doors.reportSources.find(({ name }) => name === source)
      // Switched off since: its cursor stays for when it is switched on again.
      return found === undefined ? { done: true } : { againAt: await poll(found, doors) }
    },
    campaign: async ({ caseNumber }) => outcome(await lookForSimilar(caseNumber, doors)),
    similar: async ({ caseNumber, seenAt }) => outcome(await posts.similar(caseNumber, seenAt)),
    apart: async ({ caseNumber }) => {
      await openApart(caseNumber, doors)
      return { done: true }
    },
    candidates: async ({ caseNumber }) => outcome(await findCandidates(caseNumber, doors)),
    retention: async () => outcome(await doors.trimAudit()),
    pendingEnds: async ({ caseNumber }) =>
      outcome(await store.change(caseNumber, (record) => endPending(record, clock.now()))),
    nudge: async ({ caseNumber }) =>
      outcome(
        await nudgeCase(caseNumber, { store, clock, policy, post: (record, nudge) => posts.nudge(record, nudge) })
      ),
    expire: async ({ caseNumber }) =>
      outcome(await store.change(caseNumber, (record) => expireByPolicy(record, policy, clock.now())))
  }
}

function outcome(againAt: number | null): Outcome {
  return againAt === null ? { done: true } : { againAt }
}

/** To the first reporter, where there is a conversation to answer in. Once for each case and subject. */
function notice(record: CaseRecord, text: string, about: string, now: number): OutboxEntry[] {
  const to = record.reporters.replyTo
  return to === null ? [] : [{ kind: 'notice', id: `${caseName(record.number)}/${about}`, to, text, dueAt: now }]
}

/** Not into a channel, where the card says it. Of a Message-ID that cannot be resolved the reporter hears more exactly. */
function tellReporter(record: CaseRecord, answer: LookAnswer, now: number): OutboxEntry[] {
  const inChannel = record.reporters.replyTo?.conversationId.startsWith('19:') === true
  const toldAlready = answer === 'forbidden' && record.message.kind === 'internetMessageId'
  return inChannel || toldAlready ? [] : notice(record, toReporter(record, answer), `look/${answer}`, now)
}

function severalFoundWords(
  record: CaseRecord,
  cases: { caseNumber: number; message: FoundMessage }[],
  more: boolean
): string {
  return severalFound(
    caseName(record.number),
    cases.map(({ caseNumber }) => caseName(caseNumber)),
    more
  )
}

/** How much of what is failing; the keys name other people's conversations and are nobody's business. */
export function failingWork(failing: { kind: string }[]): string[] {
  const counts = new Map<string, number>()
  for (const { kind } of failing) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `Work that keeps failing and is tried again: ${kind} (${String(count)}).`)
}

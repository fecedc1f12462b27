// What the chat, card and welcome handlers share: the ports they work with and the two questions they all ask.
import type { Activity, TurnContext } from 'botbuilder'
import { randomUUID } from 'node:crypto'
import { type Deed, type PersonRights, type Policy, type Ruling, groupsOf, rule } from '../case/policy.js'
import type { OutboxEntry } from '../case/change.js'
import type {
  CampaignStore,
  CaseReports,
  AuditTrail,
  CaseStatistics,
  CaseStore,
  Clock,
  ConversationMemory,
  Directory,
  PlanHistory,
  PostedMessages,
  SourceState
} from '../case/ports.js'
import type { ReportSourceName } from '../case/report-source.js'
import type { ConversationAddress, Person } from '../case/report.js'
import type { Log } from '../log.js'
import { plainActivity } from './activities.js'
import type { PostDoors } from './posts.js'

export type SourceStatus = { name: ReportSourceName } & Pick<SourceState, 'lastSuccessAt' | 'lastError'>

export interface Desk {
  store: CaseStore
  campaigns: CampaignStore
  /** What was approved before the current plan. */
  plans: PlanHistory
  reports: CaseReports
  audit: AuditTrail
  statistics: CaseStatistics
  directory: Directory
  posted: PostedMessages
  memory: ConversationMemory
  clock: Clock
  policy: Policy
  links: PostDoors['links']
  batchSize: number
  tenantId: string
  /** Adds work outside of a case's change. */
  enqueue(entries: OutboxEntry[]): Promise<void>
  /** Mail can be sent as a file: some host is allowed to serve it. */
  takesFiles: boolean
  /** The message action is switched on. */
  takesMessages: boolean
  /** Every report source that is switched on, and how its polls went, for `whoami`. */
  sources(): Promise<SourceStatus[]>
  /** What keeps failing, in kinds and counts, for `whoami`. */
  problems(): Promise<string[]>
  log: Log
}

/** The ruling, and the person with the name that the directory gives; the name Teams sends is only a fallback. */
export async function rulingFor(
  desk: Desk,
  deed: Deed,
  person: Person
): Promise<{ ruling: Ruling; person: Person; groups: string[]; mailboxes: string[]; rights: PersonRights }> {
  const rights = await desk.directory.rightsOf(person.objectId, groupsOf(desk.policy))
  const name = rights.kind === 'known' && rights.name !== '' ? rights.name : person.name
  return {
    ruling: rule(desk.policy, deed, { objectId: person.objectId, rights }),
    person: { ...person, name },
    groups: rights.kind === 'known' ? rights.groups : [],
    mailboxes: rights.kind === 'known' ? rights.addresses : [],
    rights
  }
}

export function addressOf(activity: Activity): ConversationAddress {
  return { conversationId: activity.conversation.id, serviceUrl: activity.serviceUrl }
}

/** Teams gives a turn 3 s altogether. */
const answerDeadlineMs = 2_500

class AnswerTooSlow extends Error {
  override readonly name = 'AnswerTooSlow'
}

/** Answers in the turn; where Teams does not take the answer in time, the outbox brings it, perhaps a second time. */
export async function say(desk: Desk, context: TurnContext, message: string | Partial<Activity>): Promise<void> {
  const activity = typeof message === 'string' ? plainActivity(message) : message
  try {
    await inTime(desk.clock, context.sendActivity(activity))
  } catch (error) {
    desk.log.warn({ err: (error as Error).name }, 'Teams did not take an answer; it goes to the outbox')
    const text = typeof message === 'string' ? message : (activity.summary ?? '')
    await desk.enqueue([
      { kind: 'notice', id: randomUUID(), to: addressOf(context.activity), text, dueAt: desk.clock.now() }
    ])
  }
}

async function inTime(clock: Clock, sending: Promise<unknown>): Promise<void> {
  let cancel: () => void = () => undefined
  const deadline = new Promise<never>((_, reject) => {
    cancel = clock.wake(clock.now() + answerDeadlineMs, () => {
      reject(new AnswerTooSlow())
    })
  })
  try {
    await Promise.race([sending, deadline])
  } finally {
    cancel()
  }
}

// Where every copy lies, and how remediation moves it. Reads the clock, never sets a timer: a move is done when looked at.
import { createHash } from 'node:crypto'
import type { DeliveryLocation, TenantMessage } from '../tenant-mail.js'

export type RemediationAction = 'moveToJunk' | 'moveToInbox' | 'hardDelete' | 'softDelete' | 'moveToDeletedItems'

type MoveResult = 'Success' | 'Already in destination' | 'Failure'

export interface TimelineEvent {
  eventDateTime: string
  eventDetails: string
  eventResult: string
  eventSource: 'system' | 'admin' | 'user'
  eventThreats: string[]
  eventType: string
}

export interface CopyState {
  id: string
  message: TenantMessage
  recipientEmailAddress: string
  originalLocation: DeliveryLocation
  location: DeliveryLocation
  events: TimelineEvent[]
}

interface Held extends CopyState {
  /** Hard-deleted: looks like a soft-deleted copy to Graph, but nothing moves it any more. */
  purged: boolean
  /** Its moves fail, as some do for reasons that Defender does not give. */
  stuck: boolean
  /** Graph lists it no more. */
  unlisted: boolean
  queued: { dueAt: number; action: RemediationAction }[]
}

const DESTINATION: Record<RemediationAction, DeliveryLocation> = {
  moveToJunk: 'junkFolder',
  moveToInbox: 'inbox_folder',
  moveToDeletedItems: 'deletedFolder',
  // Recoverable Items has no value of its own among Graph's delivery locations.
  softDelete: 'others',
  hardDelete: 'others'
}

const DAY_MS = 86_400_000
const RETENTION_MS = 30 * DAY_MS

export interface MailboxAct {
  by: 'zap' | 'air' | 'user'
  networkMessageId: string
  location: DeliveryLocation
  /** All where they are not named. */
  recipients?: string[] | undefined
}

export class Mailboxes {
  readonly #copies = new Map<string, Held[]>()

  constructor(
    private readonly clock: { now(): number },
    private readonly moveDelayMs: number
  ) {}

  /** Adds a message, or more copies of one that is known (mail that is still being delivered). */
  add(message: TenantMessage): void {
    const key = message.networkMessageId.toLowerCase()
    const held = this.#copies.get(key) ?? []
    for (const copy of message.copies) {
      const recipient = copy.recipientEmailAddress.toLowerCase()
      if (held.some((other) => other.recipientEmailAddress.toLowerCase() === recipient)) continue
      held.push({
        id: `${key}-${digits(recipient)}-${held.length + 1}`,
        message,
        recipientEmailAddress: copy.recipientEmailAddress,
        originalLocation: copy.location,
        location: copy.location,
        purged: false,
        stuck: false,
        unlisted: false,
        queued: [],
        events: [event(message.receivedAt, 'system', 'originalDelivery', { details: copy.location, result: 'Success' })]
      })
    }
    this.#copies.set(key, held)
  }

  /** Copies of the last 30 days, in the order of arrival, with every move that is due by now. */
  list(
    filter: { networkMessageId?: string | undefined; recipientEmailAddress?: string | undefined } = {}
  ): CopyState[] {
    const groups =
      filter.networkMessageId === undefined
        ? [...this.#copies.values()]
        : [this.#copies.get(filter.networkMessageId.toLowerCase()) ?? []]
    const recipient = filter.recipientEmailAddress?.toLowerCase()
    const oldest = this.clock.now() - RETENTION_MS
    const copies = groups
      .flat()
      .filter((copy) => copy.message.receivedAt >= oldest && !copy.unlisted)
      .filter((copy) => recipient === undefined || copy.recipientEmailAddress.toLowerCase() === recipient)
    for (const copy of copies) this.#settle(copy)
    return copies
  }

  get(id: string): CopyState | undefined {
    return this.list().find((copy) => copy.id === id.toLowerCase())
  }

  /** Queues the move of the copies that exist; Graph accepts the others too and does nothing with them. */
  remediate(action: RemediationAction, pairs: { networkMessageId: string; recipientEmailAddress: string }[]): void {
    const dueAt = this.clock.now() + this.moveDelayMs
    for (const pair of pairs) {
      const recipient = pair.recipientEmailAddress.toLowerCase()
      for (const copy of this.#copies.get(pair.networkMessageId.toLowerCase()) ?? [])
        if (copy.recipientEmailAddress.toLowerCase() === recipient) copy.queued.push({ dueAt, action })
    }
  }

  /** Something else than a remediation moves copies, now: those named, or every copy that can be reached. */
  act(act: MailboxAct): void {
    for (const copy of this.#named(act.networkMessageId, act.recipients)) {
      this.#settle(copy)
      if (copy.purged || !isReachable(copy.location)) continue
      copy.location = act.location
      const source = act.by === 'user' ? 'user' : 'system'
      const type = act.by === 'user' ? 'unknown' : act.by
      copy.events.push(event(this.clock.now(), source, type, { details: act.location, result: 'Success' }))
    }
  }

  /** Zero-hour auto purge of every copy that can be reached. */
  zap(networkMessageId: string, location: 'junkFolder' | 'quarantine'): void {
    this.act({ by: 'zap', networkMessageId, location })
  }

  /** From now on the moves of these copies fail. */
  stick(networkMessageId: string, recipients: string[]): void {
    for (const copy of this.#named(networkMessageId, recipients)) copy.stuck = true
  }

  /** From now on Graph lists these copies no more. */
  unlist(networkMessageId: string, recipients: string[]): void {
    for (const copy of this.#named(networkMessageId, recipients)) copy.unlisted = true
  }

  #named(networkMessageId: string, recipients: string[] | undefined): Held[] {
    const wanted = recipients?.map((each) => each.toLowerCase())
    return (this.#copies.get(networkMessageId.toLowerCase()) ?? []).filter(
      (copy) => wanted === undefined || wanted.includes(copy.recipientEmailAddress.toLowerCase())
    )
  }

  #settle(copy: Held): void {
    const now = this.clock.now()
    while (copy.queued[0] && copy.queued[0].dueAt <= now) {
      const { dueAt, action } = copy.queued[0]
      copy.queued.shift()
      const released = copy.location === 'quarantine' && action === 'moveToInbox'
      const result = move(copy, action)
      copy.events.push(event(dueAt, 'admin', released ? 'quarantineRelease' : 'unknown', { details: action, result }))
    }
  }
}

function isReachable(location: DeliveryLocation): boolean {
  return !['onprem_external', 'failed', 'dropped', 'unknown'].includes(location)
}

function move(copy: Held, action: RemediationAction): MoveResult {
  if (copy.purged || copy.stuck || !isReachable(copy.location)) return 'Failure'
  // Quarantined mail can be released or purged, not filed into a folder of the mailbox.
  if (copy.location === 'quarantine' && action !== 'moveToInbox' && action !== 'hardDelete') return 'Failure'
  if (copy.location === DESTINATION[action] && action !== 'hardDelete') return 'Already in destination'
  copy.location = DESTINATION[action]
  copy.purged = action === 'hardDelete'
  return 'Success'
}

function event(
  at: number,
  source: TimelineEvent['eventSource'],
  type: string,
  what: { details: string; result: string }
): TimelineEvent {
  return {
    eventDateTime: new Date(at).toISOString(),
    eventDetails: what.details,
    eventResult: what.result,
    eventSource: source,
    eventThreats: [],
    eventType: type
  }
}

/** The number in the middle of an analyzedEmail's id: the same for the same recipient at every start. */
function digits(recipient: string): string {
  return createHash('sha256').update(recipient).digest().readBigUInt64BE().toString()
}

// The chat and card handlers with ports in memory, behind the real routes and adapter; what they say ends at a fake Teams.
import type { AuditEntry, OutboxEntry } from '../../src/case/change.js'
import type { CaseRecord } from '../../src/case/case.js'
import type { MessageReference, PostedMessage } from '../../src/case/ports.js'
import type { PersonRights } from '../../src/case/policy.js'
import type { Log } from '../../src/log.js'
import { type FakeConnector, startFakeConnector } from '../../src/playground/teams/connector.js'
import { createAdapter } from '../../src/teams/adapter.js'
import type { Desk } from '../../src/teams/desk.js'
import { createRoutes } from '../../src/teams/routes.js'
import { TestClock } from '../test-clock.js'
import { contextAt, samplePolicy } from './sample-cases.js'

export const approver = { objectId: samplePolicy.approvers.users[0] ?? '', name: 'Dana Weber' }
export const employee = { objectId: '5d1f4f4e-0000-4000-8000-000000000002', name: 'Priya Nair' }

export interface DeskUnderTest {
  desk: Desk
  clock: TestClock
  teams: FakeConnector
  enqueued: OutboxEntry[]
  /** What was recorded of the one case. */
  audited: AuditEntry[]
  logged: { level: string; details: object; message: string }[]
  posted: Map<string, PostedMessage>
  /** The one case that the store holds. */
  record: CaseRecord | null
  /** Every touch of the memory fails, as where the database is down. */
  memoryFails: boolean
  rights: PersonRights
  /** What stands in the chat. */
  said(): string[]
  cards(): object[]
  send(activity: object): Promise<{ status: number; body: unknown }>
  close(): Promise<void>
}

const never = { count: 0, half: null, most: null }

export async function openDesk(changes: Partial<Desk> = {}): Promise<DeskUnderTest> {
  const teams = await startFakeConnector()
  const clock = new TestClock(Date.parse('2026-11-22T03:30:00Z'))
  const note = (level: string) => (details: object, message: string) => {
    under.logged.push({ level, details, message })
  }
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') } as unknown as Log
  const facts = new Map<string, string>()
  const available = () => {
    if (under.memoryFails) throw new Error('the database is down')
  }
  const desk: Desk = {
    store: {
      open: async () => ({ kind: 'limited', waiting: 10 }),
      read: async () => under.record,
      change: async (_number, decide) => {
        if (under.record === null) return null
        const step = decide(under.record, null, [])
        under.record = step.next ?? under.record
        under.enqueued.push(...step.outbox)
        under.audited.push(...step.audit)
        return step.answer
      },
      identify: async () => ({ joinedInto: null }),
      openCases: async () => ({ records: [], total: 0 })
    },
    campaigns: {
      async change(_number, decide) {
        if (under.record === null) return null
        const step = decide(under.record, [])
        under.record = step.next ?? under.record
        under.enqueued.push(...step.outbox)
        return step.answer
      }
    },
    plans: {
      plansOf: async () => {
        const plan = under.record?.plan ?? null
        return plan === null ? [] : [plan]
      }
    },
    reports: { partOf: async () => ({ reported: false, triaged: false }) },
    audit: {
      entriesOf: async (_number, { skip, limit, events }) => {
        const entries = under.audited.filter(({ event }) => events?.includes(event) ?? true)
        return { entries: entries.slice(skip, skip + limit), total: entries.length }
      }
    },
    statistics: {
      between: async () => ({
        days: [],
        took: { acknowledge: never, decide: never, submit: never, seeGone: never },
        actions: {},
        undone: 0,
        precision: { decided: 0, phish: 0 }
      }),
      ended: async () => ({ cases: [], more: false })
    },
    directory: { rightsOf: async () => under.rights },
    posted: {
      find: async (key) => under.posted.get(key) ?? null,
      intend: async () => 1,
      async bind(key: string, reference: MessageReference, onlyIfUnknown = false) {
        if (onlyIfUnknown && under.posted.get(key)?.reference != null) return false
        under.posted.set(key, { key, state: 'posted', creates: 1, reference })
        return true
      },
      settle: async () => undefined
    },
    memory: {
      async claim() {
        available()
        return true
      },
      release: async () => undefined,
      async remember(fact, value) {
        available()
        facts.set(fact, value)
      },
      async recall(fact) {
        available()
        return facts.get(fact) ?? null
      }
    },
    clock,
    policy: samplePolicy,
    links: contextAt('2026-11-22T03:30:00Z'),
    batchSize: 100,
    tenantId: 't1',
    takesFiles: true,
    takesMessages: true,
    enqueue: async (entries) => {
      under.enqueued.push(...entries)
    },
    sources: async () => [],
    problems: async () => ['2 cards keep failing; they are tried again.'],
    log,
    ...changes
  }
  const adapter = createAdapter({ auth: 'off' }, { log })
  const routes = createRoutes(desk, adapter)
  const under: DeskUnderTest = {
    desk,
    clock,
    teams,
    enqueued: [],
    audited: [],
    logged: [],
    posted: new Map(),
    record: null,
    memoryFails: false,
    rights: { kind: 'known', name: '', guest: false, external: false, enabled: true, groups: [], addresses: [] },
    said: () => [...teams.messages.values()].map(({ activity }) => activity.text ?? activity.summary ?? ''),
    cards: () =>
      [...teams.messages.values()].flatMap(({ activity }) =>
        (activity.attachments ?? []).map(({ content }) => content as object)
      ),
    async send(activity) {
      const answer = { status: 0, body: null as unknown }
      const response = {
        socket: {},
        header: () => undefined,
        end: () => undefined,
        send(body: unknown) {
          answer.body = body
        },
        status(status: number) {
          answer.status = status
        }
      }
      const body = {
        channelId: 'msteams',
        serviceUrl: teams.url,
        recipient: { id: '28:bot', name: 'Bot' },
        ...activity
      }
      await adapter.process({ body, headers: {}, method: 'POST' }, response, async (context) => {
        await routes.run(context)
      })
      return answer
    },
    close: () => teams.close()
  }
  return under
}

export interface Someone {
  objectId: string
  name: string
}

function from({ objectId, name }: Someone) {
  return { id: `29:${objectId}`, name, aadObjectId: objectId }
}

export function personalMessage(who: Someone, text: string, attachments: object[] = []): object {
  const conversation = { id: `a:${who.objectId}`, conversationType: 'personal', tenantId: 't1' }
  return { type: 'message', id: 'm1', from: from(who), conversation, text, attachments }
}

export function fileNamed(name: string): object {
  const content = { downloadUrl: `https://contoso.sharepoint.com/${name}`, uniqueId: name, fileType: 'x' }
  return { contentType: 'application/vnd.microsoft.teams.file.download.info', name, content }
}

const thread = `${samplePolicy.channelId};messageid=1700000000001`
const inChannel = {
  conversation: { id: thread, conversationType: 'channel', isGroup: true, tenantId: 't1' },
  replyToId: '1700000000001'
}

export function channelMessage(who: Someone, text: string): object {
  return { type: 'message', id: 'm2', from: from(who), ...inChannel, text }
}

/** A press on a card that stands in the SOC channel as message 1700000000001. */
export function press(who: Someone, verb: string, data: object): object {
  const value = { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' }
  return { type: 'invoke', name: 'adaptiveCard/action', id: 'm3', from: from(who), ...inChannel, value }
}

export function pressFallback(who: Someone, data: object): object {
  return { type: 'message', id: 'm4', from: from(who), ...inChannel, value: data }
}

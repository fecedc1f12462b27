// A whole SOC on loopback for chat-shaped tests: the real bot over HTTP, the Graph simulator, a Teams connector with a ledger.
import type { ServiceClientCredentialsFactory } from 'botframework-connector'
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.js'
import type { Clock } from '../../src/case/ports.js'
import { type Policy, defaultTime } from '../../src/case/policy.js'
import { remediationActions } from '../../src/case/plan.js'
import { systemClock } from '../../src/clock.js'
import type { Config } from '../../src/config.js'
import { type Log, createLog } from '../../src/log.js'
import { type GraphSimulator, startGraphSimulator } from '../../src/playground/graph-simulator/index.js'
import { type FakeConnector, type PostedActivity, startFakeConnector } from '../../src/playground/teams/connector.js'
import {
  type Answer,
  type Room,
  type Someone,
  type Where,
  buttonsOf,
  click,
  inputsOf,
  readCard,
  say
} from '../../src/playground/teams/person.js'
import { GROUPS, PEOPLE, type SeededTenant, TENANT_ID, seedTenant } from '../../src/playground/tenant.js'

export const channelId = '19:soc-alerts@thread.tacv2'
export const teamId = '19:soc-team@thread.tacv2'

export const dana: Someone = { objectId: PEOPLE.dana, name: 'Dana Weber' }
export const ana: Someone = { objectId: PEOPLE.ana, name: 'Ana Silva' }
export const tom: Someone = { objectId: PEOPLE.tom, name: 'Tom Berg' }
export const priya: Someone = { objectId: PEOPLE.priya, name: 'Priya Nair' }
export const guest: Someone = { objectId: PEOPLE.guest, name: 'Gus Partner' }
export const external: Someone = { objectId: PEOPLE.external, name: 'Erin Holding' }
export const disabled: Someone = { objectId: PEOPLE.disabled, name: 'Lee Former' }

export const policy: Policy = {
  channelId,
  analysts: { users: [], groups: [GROUPS.analysts] },
  approvers: { users: [PEOPLE.dana], groups: [GROUPS.approvers] },
  actions: [...remediationActions],
  defaults: { action: 'softDelete', severity: 'medium' },
  limits: { maxCopies: 1000, protectedMailboxes: ['ceo.office@contoso.example'] },
  vipMailboxes: [],
  rules: [],
  ...defaultTime
}

/** A message that stands in a conversation now. */
export interface Message {
  activityId: string
  conversationId: string
  activity: PostedActivity
  edits: number
  /** The adaptive card, or undefined for plain words. */
  card: unknown
  /** Everything a person can read on it. */
  words: string
}

export interface Soc {
  graph: GraphSimulator
  teams: FakeConnector
  room: Room
  app: App
  dataDir: string
  say(who: Someone, text: string, where?: Where): Promise<Answer>
  /** Presses the button with this title on the case's card, with the inputs as they stand and these on top. */
  press(who: Someone, title: string, inputs?: Record<string, string>, as?: 'execute' | 'submit'): Promise<Answer>
  /** A case's card in the channel as it stands now; the oldest case's where no name is given. */
  card(name?: string): Message
  messages(): Message[]
  /** Words of all messages of a conversation or its threads. */
  heard(conversation: string): string[]
  /** Resolves when the bot has nothing due. */
  settle(): Promise<void>
  /** Ends the bot and starts it again on the same data, perhaps with other settings and another policy. */
  restart(changes?: Partial<Config>, policyChanges?: Partial<Policy>): Promise<void>
  close(): Promise<void>
}

export interface SocOptions {
  policy?: Partial<Policy>
  /** As the policy file has it; recorded at start. */
  policyText?: string
  clock?: Clock
  config?: Partial<Config>
  moveDelayMs?: number
  /** Changes the seeded tenant before it starts. */
  tenant?: (tenant: SeededTenant) => void
  log?: Log
  /** Where Teams says that it is reached, and the tokens that it sends, if any. */
  room?: Partial<Pick<Room, 'serviceUrl' | 'authorize'>>
  connectorCredentials?: (teamsUrl: string) => ServiceClientCredentialsFactory
}

export async function openSoc(options: SocOptions = {}): Promise<Soc> {
  const clock = options.clock ?? systemClock
  const tenant = seedTenant(clock.now())
  options.tenant?.(tenant)
  const graph = await startGraphSimulator({ tenant, clock, moveDelayMs: options.moveDelayMs ?? 0 })
  const teams = await startFakeConnector()
  const dataDir = await mkdtemp(join(tmpdir(), 'phish-triage-'))
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    tenantId: TENANT_ID,
    socChannelId: channelId,
    policyFile: '',
    dataDir,
    databaseUrl: null,
    audit: { keys: [], retentionDays: null },
    fileHosts: [],
    serviceHosts: ['smba.trafficmanager.net'],
    batchSize: 100,
    reportsFrom: { messages: true, alerts: false, submissions: false, reviews: false, mailbox: '' },
    api: null,
    bot: { auth: 'off' },
    graph: { baseUrl: graph.url, version: 'v1.0', credential: null },
    ...options.config
  }
  const log = options.log ?? createLog(process.env.TEST_LOG ?? 'silent')
  const connectorCredentials = options.connectorCredentials?.(teams.url)
  const doors = {
    clock,
    log,
    policy: { ...policy, ...options.policy },
    ...(options.policyText !== undefined && { policyText: options.policyText }),
    ...(connectorCredentials && { connectorCredentials })
  }
  let app = await createApp(config, doors)
  const room: Room = { botUrl: app.url, serviceUrl: teams.url, tenantId: TENANT_ID, channelId, teamId, ...options.room }

  const messages = () =>
    [...teams.messages].map(([activityId, message]) => {
      const card = message.activity.attachments?.[0]?.content
      return {
        activityId,
        ...message,
        card,
        words: card === undefined ? (message.activity.text ?? '') : readCard(card)
      }
    })
  const soc: Soc = {
    graph,
    teams,
    room,
    get app() {
      return app
    },
    dataDir,
    say: (who, text, where) => say(room, who, text, where),
    async press(who, title, inputs = {}, as = 'execute') {
      const message = soc.card()
      const button = buttonsOf(message.card).find((each) => each.title === title)
      assert.ok(button, `the card has no button ${title}; it says:\n${message.words}`)
      return click(room, who, message, { button, inputs: { ...inputsOf(message.card), ...inputs }, as })
    },
    card(name = 'PT-') {
      const found = messages().find(
        ({ activityId, conversationId, activity }) =>
          conversationId === `${channelId};messageid=${activityId}` && activity.summary?.startsWith(name)
      )
      assert.ok(found, `no card of ${name} stands in the channel`)
      return found
    },
    messages,
    heard: (conversation) =>
      messages()
        .filter(({ conversationId }) => conversationId.startsWith(conversation))
        .map(({ words }) => words),
    settle: () => app.idle(),
    async restart(changes = {}, policyChanges = {}) {
      await app.stop()
      app = await createApp({ ...config, ...changes }, { ...doors, policy: { ...doors.policy, ...policyChanges } })
      room.botUrl = app.url
    },
    async close() {
      await app.stop()
      await graph.close()
      await teams.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  }
  return soc
}

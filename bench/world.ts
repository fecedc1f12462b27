// One bot's surroundings, on loopback: Graph simulator, Teams connector, mail and people, and what they saw. Never in a bot's process.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { systemClock } from '../src/clock.js'
import { startGraphSimulator } from '../src/playground/graph-simulator/index.js'
import { type ConnectorEntry, startFakeConnector } from '../src/playground/teams/connector.js'
import { type Room, type Someone, buttonsOf, click, inputsOf, say } from '../src/playground/teams/person.js'
import { PEOPLE, TENANT_ID, seedTenant } from '../src/playground/tenant.js'
import { copiesIn, phishMail } from '../src/playground/tenant-mail.js'
import { type Bot, startBot } from './bots.js'

export const channelId = '19:soc-alerts@thread.tacv2'
export const dana: Someone = { objectId: PEOPLE.dana, name: 'Dana Weber' }
const recipients = ['ana.silva', 'ben.okafor', 'chen.li', 'd.weber', 'e.rossi']

/** A case as the channel shows it. */
export interface Shown {
  card: unknown
  activityId: string
  /** How often its card was posted or edited. */
  writes: number
  toDecide: boolean
  submitted: boolean
  linked: boolean
}

export interface World {
  room: Room
  env: Record<string, string>
  /** Case name to what the channel shows of it. */
  cases: ReadonlyMap<string, Shown>
  /** Messages in conversations other than the cases' threads, by conversation. */
  posts: ReadonlyMap<string, number>
  /** Calls of the bot so far. */
  calls(): { graph: number; teams: number }
  /** Puts a new phish into five mailboxes; answers its networkMessageId. */
  newMail(): string
  /** Resolves with the first truthy answer, asked whenever Teams was called. */
  until<T>(look: () => T, deadlineMs?: number): Promise<NonNullable<T>>
  /** Resolves when the bot has called nobody for a while. */
  quiet(forMs?: number): Promise<void>
  close(): Promise<void>
}

export async function openWorld(people: Someone[] = []): Promise<World> {
  const tenant = seedTenant(systemClock.now())
  for (const { objectId, name } of people) {
    const address = `${objectId}@contoso.example`
    tenant.users.push({
      id: objectId,
      displayName: name,
      userPrincipalName: address,
      mail: address,
      userType: 'Member',
      accountEnabled: true
    })
  }
  const graph = await startGraphSimulator({ tenant, clock: systemClock })
  const teams = await startFakeConnector()
  const dataDir = await mkdtemp(join(tmpdir(), 'phish-triage-bench-'))
  const cases = new Map<string, Shown>()
  const threads = new Map<string, Shown>()
  const posts = new Map<string, number>()
  const entries = teams.entries as ConnectorEntry[]
  let teamsCalls = 0
  let mails = 0

  /** Takes the ledger's new entries in and drops them: a storm's cards would fill this process's memory. */
  function absorb(): void {
    const answered = entries.findIndex(({ status }) => status === null)
    for (const entry of entries.splice(0, answered === -1 ? entries.length : answered)) {
      teamsCalls += 1
      take(entry)
      const standing = teams.messages.get(entry.activityId)
      if (standing !== undefined) standing.activity = {}
    }
  }

  function take({ operation, activity, activityId, conversationId }: ConnectorEntry): void {
    const name = /^PT-\d+/.exec(activity.summary ?? '')?.[0]
    const content = activity.attachments?.[0]?.content
    if (operation === 'post' && threads.has(conversationId)) {
      const shown = threads.get(conversationId)
      if (shown !== undefined) shown.linked = true
      return
    }
    if ((operation !== 'createThread' && operation !== 'update') || name === undefined) {
      posts.set(conversationId, (posts.get(conversationId) ?? 0) + 1)
      return
    }
    if (operation === 'update' && cases.get(name)?.activityId !== activityId) return
    const text = JSON.stringify(content)
    const shown = cases.get(name) ?? { linked: false, writes: 0 }
    const now = {
      ...shown,
      card: content,
      activityId,
      writes: shown.writes + 1,
      toDecide: text.includes('Needs a decision'),
      submitted: text.includes('accepted by Defender')
    }
    cases.set(name, Object.assign(shown, now))
    threads.set(`${channelId};messageid=${activityId}`, Object.assign(shown, now))
  }

  const world: World = {
    room: { botUrl: '', serviceUrl: teams.url, tenantId: TENANT_ID, channelId, teamId: '19:soc-team@thread.tacv2' },
    env: {
      PORT: '0',
      BOT_AUTH: 'off',
      BOT_TENANT_ID: TENANT_ID,
      GRAPH_AUTH: 'off',
      GRAPH_BASE_URL: graph.url,
      SOC_CHANNEL_ID: channelId,
      POLICY_FILE: join(import.meta.dirname, '..', 'src', 'playground', 'policy.yaml'),
      DATA_DIR: dataDir
    },
    cases,
    posts,
    calls() {
      absorb()
      return { graph: graph.ledger.requests.length, teams: teamsCalls }
    },
    newMail() {
      mails += 1
      const networkMessageId = `be7c0000-0000-4000-8000-${mails.toString(16).padStart(12, '0')}`
      graph.addMessage(
        phishMail({
          networkMessageId,
          internetMessageId: `<bench-${String(mails)}@bulk-sender.example>`,
          subject: `Your mailbox is full (${String(mails)})`,
          receivedAt: systemClock.now() - 60_000,
          copies: copiesIn('inbox_folder', recipients)
        })
      )
      return networkMessageId
    },
    until: (look, deadlineMs = 60_000) =>
      teams.waitFor(() => {
        absorb()
        return look()
      }, deadlineMs),
    async quiet(forMs = 250) {
      for (let before = -1, now = 0; before !== now;) {
        before = world.calls().graph + teamsCalls
        await new Promise((resolve) => setTimeout(resolve, forMs))
        now = world.calls().graph + teamsCalls
      }
    },
    async close() {
      await graph.close()
      await teams.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  }
  return world
}

/** Starts the product here and says a first word: it knows where Teams is only once Teams has spoken to it. */
export async function startProduct(world: World, env: Record<string, string> = {}): Promise<Bot> {
  const bot = await startBot({ kind: 'product', env: { ...world.env, ...env } })
  world.room.botUrl = bot.url
  await say(world.room, dana, 'help')
  return bot
}

/** Reports through the API. Answers the case's name, or null where it was not taken. */
export async function reportTo(room: Room, message: string, reporter?: string): Promise<string | null> {
  const response = await fetch(`${room.botUrl}/api/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message, ...(reporter !== undefined && { reporter }) })
  })
  const body = (await response.json()) as { case?: string }
  return response.ok ? (body.case ?? null) : null
}

/** Opens cases of new mail, a few at a time, and waits until each can be decided. */
export async function openCases(world: World, count: number): Promise<string[]> {
  const opened = await inParallel(8, count, async () => reportTo(world.room, world.newMail()))
  const names = opened.filter((name) => name !== null)
  await world.until(() => names.every((name) => world.cases.get(name)?.toDecide))
  return names
}

/** Presses Approve as it stands. False where the bot does not answer with the decided card. */
export async function approve(world: World, name: string): Promise<boolean> {
  const shown = world.cases.get(name)
  const button = buttonsOf(shown?.card).find(({ verb }) => verb === 'approve')
  if (shown === undefined || button === undefined) return false
  const inputs = { ...inputsOf(shown.card), reason: 'Password page confirmed' }
  const standing = { activityId: shown.activityId, conversationId: `${channelId};messageid=${shown.activityId}` }
  const answer = await click(world.room, dana, standing, { button, inputs })
  return (
    answer.status === 200 &&
    (answer.body as { type?: string } | null)?.type === 'application/vnd.microsoft.card.adaptive'
  )
}

/** Accepted by Defender, said so on the card, and the link in the thread. */
export function isDone(world: World, name: string): boolean {
  const shown = world.cases.get(name)
  return shown?.submitted === true && shown.linked
}

/** Runs `count` pieces of work, so many at once; answers in their order. */
export async function inParallel<T>(width: number, count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = []
  let next = 0
  const run = async () => {
    for (let index = next++; index < count; index = next++) answers[index] = await work(index)
  }
  await Promise.all(Array.from({ length: Math.min(width, count) }, run))
  return answers
}

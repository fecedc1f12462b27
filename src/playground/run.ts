// `npm run playground`: Graph simulator, bot and chat, started in this order and ended together.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../clock.js'
import { agentsPlaygroundConfig, CHANNEL_ID } from './agents-playground.js'
import { portFor, preload, startChat } from './chat.js'
import type { Parts } from './first-use.js'
import { type GraphSimulator, startGraphSimulator } from './graph-simulator/index.js'
import { live } from './life.js'
import { type Child, startChild } from './processes.js'
import { type ReportInlet, inject, startReportInlet } from './report-inlet.js'
import { forgetRunning, noteRunning } from './running.js'
import { type SeededTenant, seedTenant } from './tenant.js'
import * as words from './words.js'

export interface Start extends Parts {
  packageRoot: string
  env: NodeJS.ProcessEnv
}

const botPort = 3978
const uiPort = 56150
const readyMs = 30_000
/** The bot looks after one minute and after five: the first look sees nothing moved, the second one sees all. */
const moveDelayMs = 90_000

/** Resolves with the exit code when everything has ended. */
export async function run(start: Start): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'phish-triage-playground-'))
  const children: Child[] = []
  const tenant = seedTenant(systemClock.now())
  // Its reports come when they are asked for: the chat shows nothing that was posted before its page is open.
  const unreported = { ...tenant, alerts: [], submissions: [], reportedMails: [] }
  const graph = await startGraphSimulator({ tenant: unreported, clock: systemClock, moveDelayMs })
  const inlets: ReportInlet[] = []
  const problem = await live({
    env: start.env,
    folder,
    children,
    start: async () => words.started(await startParts(start, { folder, graph, children, tenant, inlets }), folder)
  })
  for (const inlet of inlets) {
    await forgetRunning(inlet.url)
    await inlet.close()
  }
  await graph.close()
  // The logs are kept where they tell what went wrong.
  if (problem === null) await rm(folder, { recursive: true, force: true })
  console.log(words.stopped)
  return problem === null ? 0 : 1
}

interface Stage {
  folder: string
  graph: GraphSimulator
  tenant: SeededTenant
  /** Closed at the end, as soon as it is in here. */
  inlets: ReportInlet[]
  /** Every child is added here as soon as it runs, so that it is ended whatever happens next. */
  children: Child[]
}

async function startParts(start: Start, stage: Stage): Promise<words.Addresses> {
  const { folder, graph, children, tenant } = stage
  const ports = { bot: await portFor('the bot', botPort), ui: await portFor('the chat', uiPort) }

  const bot = startChild({
    name: 'The bot',
    args: [...preload(start.packageRoot, 'end-with-parent.cjs'), start.bot],
    cwd: folder,
    env: {
      // Nothing else is handed on: a DATABASE_URL or a token in the developer's shell has no place in a playground.
      ...pick(start.env, ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot']),
      PORT: String(ports.bot),
      HOST: '127.0.0.1',
      BOT_AUTH: 'off',
      BOT_TENANT_ID: graph.tenantId,
      GRAPH_AUTH: 'off',
      GRAPH_BASE_URL: graph.url,
      POLICY_FILE: join(start.packageRoot, 'src', 'playground', 'policy.yaml'),
      SOC_CHANNEL_ID: CHANNEL_ID,
      REPORTS_FROM_ALERTS: 'on',
      REPORTS_FROM_SUBMISSIONS: 'on',
      REPORTS_FROM_MAILBOX: tenant.reportingMailbox,
      DATA_DIR: join(folder, 'data')
    },
    logFile: join(folder, 'bot.log')
  })
  children.push(bot)
  await bot.said(/Server listening to/, readyMs)

  const addresses = { bot: `http://127.0.0.1:${String(ports.bot)}`, graph: graph.url }
  const { agentsPlayground, packageRoot, env } = start
  const config = agentsPlaygroundConfig(tenant)
  const at = { folder, bot: addresses.bot, port: ports.ui }
  const chat = await startChat({ agentsPlayground, packageRoot, env, children, config, ...at })
  // Says nothing; from it the bot learns where this Teams is, before anybody has spoken.
  await inject(chat, { type: 'conversationUpdate' })
  const inlet = await startReportInlet({ graph, tenant, clock: systemClock, chat })
  stage.inlets.push(inlet)
  await noteRunning({ inlet: inlet.url, bot: addresses.bot })
  return { ui: chat, ...addresses }
}

function pick(env: NodeJS.ProcessEnv, names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}

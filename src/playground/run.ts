// The playground's life: starts the three parts in order, waits for the first reason to end, ends all of them. Must leave no process behind.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../clock.js'
import { agentsPlaygroundArgs, agentsPlaygroundConfig, CHANNEL_ID, CONFIG_FILE } from './agents-playground.js'
import type { Parts } from './first-use.js'
import { freePort } from './free-port.js'
import { type GraphSimulator, startGraphSimulator } from './graph-simulator/index.js'
import { type Child, ChildError, startChild } from './processes.js'
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
/** The bot itself drains for at most 10 s. */
const stopMs = 12_000

/** Resolves with the exit code when everything has ended. */
export async function run(start: Start): Promise<number> {
  const signalled = untilSignal(start.env)
  const folder = await mkdtemp(join(tmpdir(), 'phish-triage-playground-'))
  const children: Child[] = []
  const tenant = seedTenant(systemClock.now())
  // Its reports come when they are asked for: the chat shows nothing that was posted before its page is open.
  const unreported = { ...tenant, alerts: [], submissions: [], reportedMails: [] }
  const graph = await startGraphSimulator({ tenant: unreported, clock: systemClock })
  const inlets: ReportInlet[] = []
  const up = startParts(start, { folder, graph, children, tenant, inlets })
  const problem = await untilEnd(up, { folder, children, signalled })

  console.log(problem ?? words.stopping)
  await stopAll(children)
  // A start that was interrupted may still have added one.
  await up.catch(() => undefined)
  await stopAll(children)
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

/** Null: somebody ended it. Words: what went wrong. */
async function untilEnd(
  up: Promise<words.Addresses>,
  { folder, children, signalled }: { folder: string; children: Child[]; signalled: Promise<null> }
): Promise<string | null> {
  try {
    const addresses = await Promise.race([up, signalled])
    if (addresses === null) return null
    console.log(words.started(addresses, folder))
  } catch (error) {
    return error instanceof ChildError ? error.message : error instanceof Error ? (error.stack ?? '') : String(error)
  }
  const deaths = children.map(async (child) => words.childDied(child.name, await child.ended, folder))
  return Promise.race([signalled, ...deaths])
}

async function stopAll(children: Child[]): Promise<void> {
  await Promise.all(children.map((child) => child.stop(stopMs)))
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
  const preload = (file: string) => ['-r', join(start.packageRoot, 'src', 'playground', file)]
  const ports = { bot: await portFor('the bot', botPort), ui: await portFor('the chat', uiPort) }

  const bot = startChild({
    name: 'The bot',
    args: [...preload('end-with-parent.cjs'), start.bot],
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

  await writeFile(join(folder, CONFIG_FILE), agentsPlaygroundConfig(tenant))
  const chat = startChild({
    name: 'The Microsoft 365 Agents Playground',
    args: [
      ...preload('end-with-parent.cjs'),
      ...preload('bind-to-loopback.cjs'),
      ...agentsPlaygroundArgs(start.agentsPlayground, ports)
    ],
    cwd: folder,
    env: {
      ...start.env,
      TEAMSAPPTESTER_BROWSER: browserFor(start.env),
      // It follows proxy settings, for this machine too.
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
      // Without this it looks for a cloud's metadata address.
      APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
      M365_AGENTS_PLAYGROUND_LOGFILE: join(folder, 'agents-playground.log')
    },
    logFile: join(folder, 'agents-playground-output.log')
  })
  children.push(chat)
  const [, ui = ''] = await chat.said(/^Listening on (\d+)$/, readyMs)
  if (Number(ui) !== ports.ui) throw new ChildError(`Port ${String(ports.ui)} was taken meanwhile. Start again.`)
  const address = `http://127.0.0.1:${ui}`
  // Says nothing; from it the bot learns where this Teams is, before anybody has spoken.
  await inject(address, { type: 'conversationUpdate' })
  const inlet = await startReportInlet({ graph, tenant, clock: systemClock, chat: address })
  stage.inlets.push(inlet)
  await noteRunning(inlet.url)
  return { ui: address, bot: `http://127.0.0.1:${String(ports.bot)}`, graph: graph.url }
}

async function portFor(what: string, wanted: number): Promise<number> {
  const port = await freePort(wanted)
  if (port !== wanted) console.log(words.busyPort(what, wanted, port))
  return port
}

/** The browser is opened where somebody sits at a screen; elsewhere the attempt would end the Agents Playground. */
function browserFor(env: NodeJS.ProcessEnv): string {
  if (env.TEAMSAPPTESTER_BROWSER) return env.TEAMSAPPTESTER_BROWSER
  const hasScreen =
    ['darwin', 'win32'].includes(process.platform) || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY)
  return process.stdout.isTTY && hasScreen && !env.CI && !env.SSH_CONNECTION ? '' : 'none'
}

/** Null: a person, or the system, wants it to end. */
function untilSignal(env: NodeJS.ProcessEnv): Promise<null> {
  return new Promise((resolve) => {
    const end = () => {
      resolve(null)
    }
    // Not once: Ctrl-C arrives twice where npm hands it on too, and the second must not cut the ending short.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
    // npm hands a SIGTERM only to its shell, which ends without telling us: then this process has another parent.
    if (env.npm_lifecycle_event !== undefined) watchParent(process.ppid, end)
  })
}

const watchMs = 500

function watchParent(parent: number, gone: () => void): void {
  if (process.ppid === parent) systemClock.wake(systemClock.now() + watchMs, () => watchParent(parent, gone))
  else gone()
}

function pick(env: NodeJS.ProcessEnv, names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])))
}

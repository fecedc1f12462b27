// Starts one Microsoft 365 Agents Playground for one person at the screen. Must never listen beyond loopback.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentsPlaygroundArgs, CONFIG_FILE } from './agents-playground.js'
import { freePort } from './free-port.js'
import { type Child, ChildError, startChild } from './processes.js'
import * as words from './words.js'

export interface ChatSettings {
  /** Path of its program. */
  agentsPlayground: string
  packageRoot: string
  env: NodeJS.ProcessEnv
  /** For its configuration and its logs. */
  folder: string
  /** Address of the bot. */
  bot: string
  port: number
  config: string
  /** It is added here as soon as it runs, so that it is ended whatever happens next. */
  children: Child[]
}

const readyMs = 30_000

/** Its address. */
export async function startChat(settings: ChatSettings): Promise<string> {
  const { folder, env, port } = settings
  await writeFile(join(folder, CONFIG_FILE), settings.config)
  const chat = startChild({
    name: 'The Microsoft 365 Agents Playground',
    args: [
      ...preload(settings.packageRoot, 'end-with-parent.cjs'),
      ...preload(settings.packageRoot, 'bind-to-loopback.cjs'),
      ...agentsPlaygroundArgs(settings.agentsPlayground, { bot: settings.bot, ui: port })
    ],
    cwd: folder,
    env: {
      ...env,
      TEAMSAPPTESTER_BROWSER: browserFor(env),
      // It follows proxy settings, for this machine too.
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
      // Without this it looks for a cloud's metadata address.
      APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
      M365_AGENTS_PLAYGROUND_LOGFILE: join(folder, 'agents-playground.log')
    },
    logFile: join(folder, 'agents-playground-output.log')
  })
  settings.children.push(chat)
  const [, ui = ''] = await chat.said(/^Listening on (\d+)$/, readyMs)
  if (Number(ui) !== port) throw new ChildError(`Port ${String(port)} was taken meanwhile. Start again.`)
  return `http://127.0.0.1:${ui}`
}

export function preload(packageRoot: string, file: string): string[] {
  return ['-r', join(packageRoot, 'src', 'playground', file)]
}

export async function portFor(what: string, wanted: number): Promise<number> {
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

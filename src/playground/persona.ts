// `npm run playground -- --as ana`: one more chat, with another person at its screen, on the bot of the playground that runs.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../clock.js'
import { agentsPlaygroundConfig } from './agents-playground.js'
import { portFor, startChat } from './chat.js'
import { live } from './life.js'
import type { Child } from './processes.js'
import type { Start } from './run.js'
import { findRunning } from './running.js'
import { PEOPLE, seedTenant } from './tenant.js'
import * as words from './words.js'

/** Beside the first chat's. */
const uiPort = 56151

export type Persona = keyof typeof PEOPLE

export function readPersona(name: string): Persona | null {
  return personas.find((known) => known === name.toLowerCase()) ?? null
}

export const personas = Object.keys(PEOPLE) as Persona[]

/** Resolves with the exit code when its chat has ended; the playground itself goes on. */
export async function runAs(persona: Persona, start: Start): Promise<number> {
  const running = await findRunning()
  const alive = running !== null && (await fetch(`${running.bot}/healthz`).catch(() => null))?.ok === true
  if (!alive) {
    console.error(words.nothingRuns)
    return 1
  }
  const tenant = seedTenant(systemClock.now())
  const person = tenant.users.find(({ id }) => id === PEOPLE[persona])
  const folder = await mkdtemp(join(tmpdir(), 'phish-triage-persona-'))
  const children: Child[] = []
  const { agentsPlayground, packageRoot, env } = start
  const problem = await live({
    env,
    folder,
    children,
    start: async () => {
      const config = agentsPlaygroundConfig(tenant, PEOPLE[persona])
      const at = { folder, bot: running.bot, port: await portFor('the chat', uiPort) }
      const ui = await startChat({ agentsPlayground, packageRoot, env, children, config, ...at })
      return words.startedAs(person?.displayName ?? persona, ui)
    }
  })
  if (problem === null) await rm(folder, { recursive: true, force: true })
  console.log(words.stopped)
  return problem === null ? 0 : 1
}

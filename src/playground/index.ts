// `npm run playground`: checks that all is there, starts bot, Graph simulator and Agents Playground, and ends all of them together.
// Never part of the product; it reads the environment only to hand parts of it on.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Start } from './run.js'
import * as words from './words.js'

const packageRoot = fileURLToPath(new URL('../../', import.meta.url))

/** Ends with words that help instead of a stack when something is missing that a newcomer forgets. */
function findParts(): Pick<Start, 'bot' | 'agentsPlayground'> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) giveUp(words.tooOld(process.versions.node))
  const bot = fileURLToPath(new URL('../index.js', import.meta.url))
  if (!existsSync(bot)) giveUp(words.notBuilt)
  const require = createRequire(import.meta.url)
  try {
    for (const dependency of ['botbuilder', '@microsoft/teams-ai', 'zod', 'libsql']) require.resolve(dependency)
  } catch {
    giveUp(words.notInstalled('The bot'))
  }
  try {
    return { bot, agentsPlayground: require.resolve('@microsoft/teams-app-test-tool/cli.js') }
  } catch {
    giveUp(words.notInstalled('The Microsoft 365 Agents Playground (a development dependency)'))
  }
}

function giveUp(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(1)
}

const parts = findParts()
// Only now: an import that fails would say less than the words above.
const { run } = await import('./run.js')
process.exitCode = await run({ ...parts, packageRoot, env: process.env })

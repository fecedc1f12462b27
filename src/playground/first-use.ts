// Checks what a newcomer forgets, and says it in words instead of a stack. Imports no package: any of them may be what is missing.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export interface Parts {
  /** Paths of the programs. */
  bot: string
  agentsPlayground: string
}

export type Found = { parts: Parts } | { problem: string }

export function findParts(): Found {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    return { problem: `Node ${process.versions.node} is too old. Install Node 20.19 or later: https://nodejs.org` }
  }
  const bot = fileURLToPath(new URL('../index.js', import.meta.url))
  if (!existsSync(bot)) {
    return { problem: 'The bot is not compiled. Start with "npm run playground", which compiles it first.' }
  }
  const { resolve } = createRequire(import.meta.url)
  try {
    for (const dependency of ['botbuilder', '@microsoft/teams-ai', 'libsql', 'yaml', 'zod']) resolve(dependency)
    return { parts: { bot, agentsPlayground: resolve('@microsoft/teams-app-test-tool/cli.js') } }
  } catch (error) {
    const [line = ''] = error instanceof Error ? error.message.split('\n') : []
    return {
      problem: `${line}. Run "npm ci" in the project's folder (without --omit=dev: the chat is a development dependency).`
    }
  }
}

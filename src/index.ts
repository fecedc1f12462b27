// Starts the bot from the environment and stops it on a signal. The only reader of process.env beside the playground.
import { readFile } from 'node:fs/promises'
import { createApp } from './app.js'
import { systemClock } from './clock.js'
import { type Config, ConfigError, readConfig } from './config.js'
import { createLog } from './log.js'
import type { Policy } from './case/policy.js'
import { readPolicy } from './policy-file.js'

async function loadPolicy(config: Config): Promise<{ policy: Policy; policyText: string }> {
  let text: string
  try {
    text = await readFile(config.policyFile, 'utf8')
  } catch {
    throw new ConfigError([`POLICY_FILE names ${config.policyFile}, which cannot be read`])
  }
  const answer = readPolicy(text, config.socChannelId)
  if ('problems' in answer) throw new ConfigError(answer.problems.map((problem) => `${config.policyFile}: ${problem}`))
  return { policy: answer.policy, policyText: text }
}

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const loaded = await loadPolicy(config)
  const log = createLog(config.logLevel)
  const app = await createApp(config, { clock: systemClock, log, ...loaded })
  log.info({ url: app.url }, `Server listening to ${app.url}`)
  if (config.graph.credential?.kind === 'secret') {
    log.warn({}, 'Graph is reached with a client secret. Use a managed identity or a certificate in production.')
  }

  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      log.info({ signal }, 'stopping: finishing what runs')
      app.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'stopping failed')
          process.exit(1)
        }
      )
    })
  }
}

main().catch((error: unknown) => {
  const message =
    error instanceof ConfigError || (error instanceof Error && error.name === 'DatabaseInUseError')
      ? error.message
      : error
  process.stderr.write(`${message instanceof Error ? (message.stack ?? message.message) : String(message)}\n`)
  process.exit(1)
})

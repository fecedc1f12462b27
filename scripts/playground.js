// Builds the bot and starts the playground in this process, so that a signal to the npm script reaches it everywhere.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

let compiler
try {
  compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
} catch {
  console.error('The packages are not installed. Run "npm ci" in the project\'s folder first.')
  process.exit(1)
}
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
await import('../dist/playground/index.js')

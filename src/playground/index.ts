// `npm run playground`: starts bot, Graph simulator and Agents Playground, and ends all of them together.
// Never part of the product; it reads the environment only to hand parts of it on.
import { fileURLToPath } from 'node:url'
import { findParts } from './first-use.js'

const found = findParts()
if ('problem' in found) {
  process.stderr.write(`${found.problem}\n`)
  process.exit(1)
}
// Only now: an import that fails would say less than the words above.
const { run } = await import('./run.js')
const packageRoot = fileURLToPath(new URL('../../', import.meta.url))
process.exitCode = await run({ ...found.parts, packageRoot, env: process.env })

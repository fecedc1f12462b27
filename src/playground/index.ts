// `npm run playground`: starts bot, Graph simulator and Agents Playground, and ends all of them together; or one more chat.
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
const { readPersona, runAs } = await import('./persona.js')
const { asWhom } = await import('./words.js')
const start = { ...found.parts, packageRoot: fileURLToPath(new URL('../../', import.meta.url)), env: process.env }
const [option, name = ''] = process.argv.slice(2)
const persona = readPersona(name)
if (option !== undefined && (option !== '--as' || persona === null)) {
  process.stderr.write(`${asWhom}\n`)
  process.exit(1)
}
process.exitCode = persona === null ? await run(start) : await runAs(persona, start)

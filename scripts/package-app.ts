// Builds the zip that a Teams administrator uploads, from appPackage/ and env/; it never talks to a network and never
// puts anything but the manifest and its two icons into the zip.
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs, parseEnv } from 'node:util'
import { zipSync } from 'fflate'

export type Variables = Readonly<Record<string, string | undefined>>

export type AppPackage = {
  path: string
  /** The ids that were not set, so that zeros stand in for them: such a zip cannot be installed. */
  standIns: readonly string[]
}

/** The package cannot be built; the message names every reason and what to do. */
export class PackageRefused extends Error {
  override readonly name = 'PackageRefused'
}

const placeholder = /\$\{\{\s*(\w+)\s*\}\}/g
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const standInId = '00000000-0000-0000-0000-000000000000'
const ids = ['TEAMS_APP_ID', 'BOT_ID']

/**
 * The variables of one environment. A later source wins where it holds something:
 * env/.env.<environment>, env/.env.<environment>.user, the process environment.
 */
export function readVariables(root: string, environment: string, processVariables: Variables): Variables {
  const file = join(root, 'env', `.env.${environment}`)
  if (!/^[\w-]+$/.test(environment) || !existsSync(file)) {
    throw new PackageRefused(`There is no environment "${environment}": env/.env.${environment} does not exist.`)
  }
  const sources = [parseFile(file), parseFile(`${file}.user`), processVariables]
  return Object.fromEntries(sources.flatMap((source) => Object.entries(source).filter(([, value]) => value?.trim())))
}

function parseFile(path: string): Variables {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
}

/** Names of the `${{NAME}}` placeholders in a text, each once. */
export function placeholdersIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(placeholder), ([, name]) => name ?? ''))]
}

/**
 * Writes appPackage/build/appPackage.<environment>.zip. The same inputs give the same bytes, on every machine.
 * Where neither id is set the zip is made with zeros, so that a fresh clone can be looked at and validated.
 */
export function packageApp(root: string, environment: string, processVariables: Variables): AppPackage {
  const variables = readVariables(root, environment, processVariables)
  const source = readFileSync(join(root, 'appPackage', 'manifest.json'), 'utf8')
  const standIns = ids.some((name) => variables[name]) ? [] : ids
  const values: Variables = { ...variables, ...Object.fromEntries(standIns.map((name) => [name, standInId])) }
  refuseBadValues(placeholdersIn(source), values, environment)

  // Replaced in the parsed strings, not in the text: a value with a quote in it must not change the manifest's shape.
  const manifest = JSON.parse(source, (_key, value: unknown) =>
    typeof value === 'string' ? value.replace(placeholder, (_match, name: string) => values[name] ?? '') : value
  ) as { icons: { color: string; outline: string } }
  const { color, outline } = manifest.icons
  // A zip stores local time: these fields, not an instant, are what has to be the same everywhere.
  const zip = zipSync(
    {
      'manifest.json': new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`),
      [color]: readFileSync(join(root, 'appPackage', color)),
      [outline]: readFileSync(join(root, 'appPackage', outline))
    },
    { mtime: new Date(1980, 0, 1, 12) }
  )
  const folder = join(root, 'appPackage', 'build')
  const path = join(folder, `appPackage.${environment}.zip`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, zip)
  return { path, standIns }
}

function refuseBadValues(names: readonly string[], values: Variables, environment: string): void {
  const missing = names.filter((name) => !values[name])
  const malformed = names.filter((name) => ids.includes(name) && values[name] && !guid.test(values[name]))
  if (missing.length + malformed.length === 0) return
  throw new PackageRefused(
    [
      'The app package was not built.',
      ...missing.map((name) => `  ${name} is not set.`),
      ...malformed.map((name) => `  ${name} is not a GUID.`),
      `Set ${missing.length + malformed.length === 1 ? 'it' : 'them'} in env/.env.${environment} or in the process environment, then run this again.`
    ].join('\n')
  )
}

function main(): void {
  const { values } = parseArgs({ options: { env: { type: 'string', default: 'dev' } } })
  const root = join(import.meta.dirname, '..')
  const { path, standIns } = packageApp(root, values.env, process.env)
  console.log(`Built ${relative(root, path)}`)
  if (standIns.length > 0) {
    console.log(`
NOT INSTALLABLE: ${standIns.join(' and ')} are not set, so this zip carries zeros in their place.
Set them in env/.env.${values.env} or in the process environment, then run this again:
  BOT_ID        client id of the bot's app registration or managed identity
  TEAMS_APP_ID  id of the app in the Teams Developer Portal; a new GUID for a first upload
Keep both from then on: an app with another id is another app.`)
  }
}

// The module's own name is resolved through links, the argument is not.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  try {
    main()
  } catch (error) {
    if (!(error instanceof PackageRefused)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

// Says in the terminal what a policy file means and what is wrong with it. Reads only: it changes nothing, here or in the directory.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Finding, reviewPolicy } from './case/policy-review.js'
import { type Trial, trialWords } from './case/policy-trial.js'
import { rulesWords, typicalRulings, whoMayWords } from './case/policy-words.js'
import { remediationActions, severities } from './case/plan.js'
import { type Policy, groupsOf } from './case/policy.js'
import type { Directory } from './case/ports.js'
import { directions } from './case/requirement.js'
import { systemClock } from './clock.js'
import { ConfigError, readConfig } from './config.js'
import { createGraphDoor } from './graph/graph-door.js'
import { readPolicy } from './policy-file.js'

const usage = `Usage: npm run policy:check -- <policy.yaml> [what to try]

  --as <object id or address>   the person who would approve; an address takes Graph
  --groups <id,id>              the groups of that person, instead of asking Graph
  --reporter, --opener          that person reported the mail, or opened the case
  --action <action>             ${remediationActions.join(', ')}
  --severity <severity>         ${severities.join(', ')}
  --copies <number>             mailboxes that the plan acts on
  --vip <number>                VIP mailboxes among them
  --direction <direction>       ${directions.join(', ')}

Graph is asked for groups and people where its settings (GRAPH_CREDENTIAL and the like) are in the environment.
Ends with 0 where all is well, 1 where there are problems, 2 where it could not run.
`

class CannotRun extends Error {
  override readonly name = 'CannotRun'
}

type People = Pick<Directory, 'rightsOf'> & {
  unreadableGroups(groups: string[]): Promise<string[]>
  objectIdOf(principalName: string): Promise<string | null>
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        as: { type: 'string' },
        groups: { type: 'string' },
        reporter: { type: 'boolean', default: false },
        opener: { type: 'boolean', default: false },
        action: { type: 'string' },
        severity: { type: 'string' },
        copies: { type: 'string' },
        vip: { type: 'string' },
        direction: { type: 'string' },
        help: { type: 'boolean', default: false }
      }
    })
  } catch (error) {
    throw new CannotRun(`${(error as Error).message}\n\n${usage}`)
  }
}
type Given = ReturnType<typeof readArguments>['values']

async function loadPolicy(file: string, socChannelId: string): Promise<{ policy: Policy } | { problems: string[] }> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch {
    throw new CannotRun(`${file} cannot be read.\n`)
  }
  return readPolicy(text, socChannelId)
}

/** Null where the environment says nothing of Graph; of the bot's other settings nothing is needed. */
function openPeople(env: NodeJS.ProcessEnv): People | null {
  const named = (name: string) => (env[name] ?? '').trim() !== ''
  if (!named('GRAPH_CREDENTIAL') && !named('GRAPH_AUTH')) return null
  const graphOnly = Object.entries(env).filter(([name]) =>
    /^(?:GRAPH|AZURE)_|^ALLOW_CLIENT_SECRET$|^BOT_TENANT_ID$/.test(name)
  )
  const needed = { BOT_AUTH: 'off', BOT_TENANT_ID: '00000000-0000-0000-0000-000000000000' }
  try {
    const { graph, tenantId } = readConfig({ ...needed, ...Object.fromEntries(graphOnly) })
    const { baseUrl, version, credential } = graph
    const auth = credential === null ? ({ kind: 'off' } as const) : ({ kind: 'on', credential } as const)
    const door = createGraphDoor({
      baseUrl,
      version,
      auth,
      tenantId,
      clock: systemClock,
      deadlines: { rights: 10_000 }
    })
    return door.directory
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new CannotRun(
      ['The Graph settings cannot be used:', ...error.problems.map((each) => `  ${each}`), ''].join('\n')
    )
  }
}

async function readTrial(policy: Policy, given: Given, people: People | null): Promise<Trial | null> {
  const tried = ['as', 'action', 'severity', 'copies', 'vip', 'direction'] as const
  if (tried.every((name) => given[name] === undefined)) return null
  const copies = wholeNumber('copies', given.copies ?? '1')
  const facts = {
    action: oneOf('action', remediationActions, given.action ?? policy.defaults.action),
    severity: oneOf('severity', severities, given.severity ?? policy.defaults.severity),
    copies,
    vips: wholeNumber('vip', given.vip ?? '0'),
    direction: oneOf('direction', directions, given.direction ?? 'inbound')
  }
  return { facts, person: given.as === undefined ? null : await readPerson(policy, { ...given, as: given.as }, people) }
}

async function readPerson(
  policy: Policy,
  given: Given & { as: string },
  people: People | null
): Promise<Trial['person']> {
  const { as, groups, reporter, opener } = given
  if (groups !== undefined) {
    if (as.includes('@'))
      throw new CannotRun('--groups takes an object id in --as: without Graph an address says nothing.\n')
    const listed = groups.split(',').map((group) => group.trim())
    const member = { kind: 'known', name: '', guest: false, external: false, enabled: true } as const
    const rights = { ...member, groups: listed, addresses: [] }
    return { objectId: as, rights, reporter, opener }
  }
  if (people === null) throw new CannotRun('--as needs --groups, or Graph settings in the environment.\n')
  const objectId = as.includes('@') ? await people.objectIdOf(as) : as
  if (objectId === null) throw new CannotRun(`${as} was not found in the directory.\n`)
  return { objectId, rights: await people.rightsOf(objectId, groupsOf(policy)), reporter, opener }
}

function oneOf<T extends string>(name: string, known: readonly T[], given: string): T {
  const found = known.find((each) => each.toLowerCase() === given.toLowerCase())
  if (found === undefined) throw new CannotRun(`--${name} must be one of: ${known.join(', ')}.\n`)
  return found
}

function wholeNumber(name: string, given: string): number {
  if (!/^\d{1,6}$/.test(given)) throw new CannotRun(`--${name} must be a whole number.\n`)
  return Number(given)
}

async function groupFindings(policy: Policy, people: People | null): Promise<{ said: string; findings: Finding[] }> {
  const groups = groupsOf(policy)
  if (groups.length === 0) return { said: 'The policy names no groups.', findings: [] }
  if (people === null) return { said: 'Not checked: no Graph settings in the environment.', findings: [] }
  const unreadable = await people.unreadableGroups(groups)
  const findings = unreadable.map((group) => ({
    kind: 'problem' as const,
    words: `Group ${group} cannot be read: its members count as nobody.`
  }))
  return { said: `${String(groups.length - unreadable.length)} of ${String(groups.length)} can be read.`, findings }
}

function print(title: string, lines: string[]): void {
  process.stdout.write(`${title}\n${lines.map((line) => `  ${line}\n`).join('')}\n`)
}

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = readArguments(args)
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new CannotRun(`Name one policy file.\n\n${usage}`)
  const answer = await loadPolicy(file, env.SOC_CHANNEL_ID ?? '')
  if ('problems' in answer) {
    print(`${file}: the bot would not start with it`, answer.problems)
    return 1
  }
  const { policy } = answer
  const people = openPeople(env)
  const trial = await readTrial(policy, values, people)
  const rulings = typicalRulings(policy)
  const width = Math.max(...rulings.map(({ plan }) => plan.length))
  const groups = await groupFindings(policy, people)
  const findings = [...reviewPolicy(policy), ...groups.findings]

  print(file, whoMayWords(policy))
  print('Rules', rulesWords(policy))
  print(
    'What typical plans need',
    rulings.map(({ plan, needs }) => `${plan.padEnd(width)}  ${needs}`)
  )
  print('Groups', [groups.said])
  if (trial !== null) print('Tried', trialWords(policy, trial))
  print(
    'Findings',
    findings.length === 0
      ? ['None.']
      : findings.map(({ kind, words }) => `${kind === 'problem' ? 'Problem' : 'Warning'}: ${words}`)
  )
  return findings.some(({ kind }) => kind === 'problem') ? 1 : 0
}

main(process.argv.slice(2), process.env).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.stderr.write(error instanceof CannotRun ? error.message : `${(error as Error).stack ?? String(error)}\n`)
    process.exitCode = 2
  }
)

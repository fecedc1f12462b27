// The real program on real files, with and without Graph: what it prints and how it ends.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { GROUPS, PEOPLE } from '../src/playground/tenant.js'
import { type SimulatedGraph, simulatedGraph } from './graph/simulated-graph.js'

const playground = 'src/playground/policy.yaml'

async function check(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/policy-check.ts', ...args], {
    cwd: new URL('..', import.meta.url),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 25_000
  })
  const closed = once(child, 'close') as Promise<[code: number | null]>
  const [[code], out, error] = await Promise.all([closed, text(child.stdout), text(child.stderr)])
  return { code, out, error }
}

/** The lines under a heading. */
function under(out: string, title: string): string[] {
  const lines = out.split('\n')
  const from = lines.indexOf(title) + 1
  assert.notEqual(from, 0, `no ${title} in:\n${out}`)
  return lines.slice(from, lines.indexOf('', from)).map((line) => line.trim())
}

describe('policy:check', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policy-check-'))
  })
  after(() => rm(folder, { recursive: true }))

  async function fileWith(content: string): Promise<string> {
    const path = join(folder, 'policy.yaml')
    await writeFile(path, content)
    return path
  }

  it('says what a file means, and ends with 0', async () => {
    const { code, out, error } = await check([playground])
    assert.deepEqual([code, error], [0, ''])
    assert.ok(under(out, playground).includes('Every member of the organisation may report; guests may not.'))
    assert.deepEqual(under(out, 'Rules'), ['1. Hard delete: 2 approvals.', '2. More than 50 mailboxes: 2 approvals.'])
    assert.equal(under(out, 'What typical plans need').length, 15)
    assert.match(out, /^ {2}hard delete, 51 mailboxes +2 approvals needed: hard delete; 51 mailboxes$/m)
    assert.deepEqual(under(out, 'Groups'), ['Not checked: no Graph settings in the environment.'])
    assert.deepEqual(under(out, 'Findings'), ['None.'])
  })

  it('ends with 1 where something is wrong with the policy', async () => {
    const { code, out } = await check(['policy.yaml'])
    assert.equal(code, 1)
    assert.deepEqual(under(out, 'Findings'), [
      'Warning: No SOC channel is set: until SOC_CHANNEL_ID or `channel` names one, nothing can be decided.',
      'Problem: Nobody may approve: `approvers` is empty.'
    ])
  })

  it('takes the channel from the environment as the bot does', async () => {
    const { out } = await check(['policy.yaml'], { SOC_CHANNEL_ID: '19:soc@thread.tacv2' })
    assert.deepEqual(under(out, 'Findings'), ['Problem: Nobody may approve: `approvers` is empty.'])
  })

  it('ends with 1 where the bot would not start, and says why', async () => {
    const file = await fileWith('version: 1\nrules: [{ when: {}, aprovals: 2 }]')
    const { code, out } = await check([file])
    assert.equal(code, 1)
    assert.deepEqual(under(out, `${file}: the bot would not start with it`), ['rules.0: Unrecognized key: "aprovals"'])
  })

  const cannotRun: [args: string[], error: RegExp, env?: NodeJS.ProcessEnv][] = [
    [[], /^Name one policy file\.\n\nUsage: /],
    [[playground, 'policy.yaml'], /^Name one policy file\./],
    [['nothing.yaml'], /^nothing\.yaml cannot be read\.$/m],
    [[playground, '--who', 'x'], /--who[^]*Usage: /],
    [[playground, '--action', 'delete'], /^--action must be one of: moveToJunk, .*hardDelete\.$/m],
    [[playground, '--severity', 'x'], /^--severity must be one of: low, medium, high\.$/m],
    [[playground, '--direction', 'x'], /^--direction must be one of: inbound, outbound, intraOrg, unknown\.$/m],
    [[playground, '--copies', 'many'], /^--copies must be a whole number\.$/m],
    [[playground, '--as', PEOPLE.dana], /^--as needs --groups, or Graph settings in the environment\.$/m],
    [[playground, '--as', 'dana@contoso.example', '--groups', ''], /^--groups takes an object id in --as/],
    [
      [playground],
      /^The Graph settings cannot be used:\n {2}AZURE_TENANT_ID is missing/,
      { GRAPH_CREDENTIAL: 'certificate' }
    ]
  ]
  for (const [args, words, env] of cannotRun) {
    it(`ends with 2 and says why: ${args.join(' ')} ${env === undefined ? '' : 'with half of the Graph settings'}`, async () => {
      const { code, out, error } = await check(args, env)
      assert.deepEqual([code, out], [2, ''])
      assert.match(error, words)
      assert.doesNotMatch(error, /^ +at /m)
    })
  }

  it('tries a plan and a person without Graph', async () => {
    const plan = ['--action', 'harddelete', '--copies', '63']
    const ana = ['--as', PEOPLE.ana, '--groups', `${GROUPS.analysts}, ${GROUPS.approvers}`]
    assert.deepEqual(under((await check([playground, ...plan, ...ana])).out, 'Tried'), [
      'Hard delete, 63 mailboxes: 2 approvals needed: hard delete; 63 mailboxes.',
      'You are an approver: through a group in the policy.',
      'May approve this; then: 1 more approval needed.'
    ])
  })

  it('tries the reporter and the opener', async () => {
    const file = await fileWith(
      `version: 1\napprovers: { users: [${PEOPLE.dana}] }\nrules: [{ when: {}, reporterMayApprove: false, openerMayApprove: false }]`
    )
    const { out } = await check([file, '--as', PEOPLE.dana, '--groups', '', '--reporter', '--opener'])
    assert.deepEqual(under(out, 'Tried').slice(2), [
      'Whoever reported the mail may not approve this; another approver has to.',
      'Whoever opened the case may not approve this; another approver has to.',
      'May not approve this.'
    ])
  })

  describe('with Graph', () => {
    let world: SimulatedGraph
    let env: NodeJS.ProcessEnv
    before(async () => {
      world = await simulatedGraph()
      env = { GRAPH_AUTH: 'off', GRAPH_BASE_URL: world.graph.url }
    })
    after(() => world.graph.close())

    it('says whether the groups can be read', async () => {
      const { code, out } = await check([playground], env)
      assert.deepEqual([code, under(out, 'Groups'), under(out, 'Findings')], [0, ['2 of 2 can be read.'], ['None.']])
      const missing = '57a00000-0000-4000-8000-000000000099'
      const unread = await check(
        [await fileWith(`version: 1\napprovers: { groups: [${missing}, ${GROUPS.approvers}] }`)],
        env
      )
      assert.equal(unread.code, 1)
      assert.deepEqual(under(unread.out, 'Groups'), ['1 of 2 can be read.'])
      assert.ok(
        under(unread.out, 'Findings').includes(`Problem: Group ${missing} cannot be read: its members count as nobody.`)
      )
    })

    it('finds a person by address, and rules as the bot would', async () => {
      const ana = await check([playground, '--as', 'ana.silva@contoso.example'], env)
      assert.deepEqual(under(ana.out, 'Tried'), [
        'Soft delete, 1 mailbox: 1 approval needed.',
        'You are an approver: through a group in the policy.',
        'May approve this, alone.'
      ])
      const guest = await check([playground, '--as', 'gus_fabrikam.example#EXT#@contoso.example'], env)
      assert.deepEqual(under(guest.out, 'Tried').slice(1), [
        'Guests may not report, open or decide cases.',
        'May not approve this.'
      ])
      const nobody = await check([playground, '--as', 'nobody@contoso.example'], env)
      assert.deepEqual([nobody.code, nobody.error], [2, 'nobody@contoso.example was not found in the directory.\n'])
    })

    it('only reads', () => {
      const operations = new Set(world.graph.ledger.requests.map(({ operation }) => operation))
      assert.deepEqual([...operations].sort(), ['checkMemberGroups', 'groups', 'users'])
    })
  })
})

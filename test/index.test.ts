// The real process with settings that cannot work: it ends at once, in words, and shows no stack.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

const settings = {
  BOT_TENANT_ID: '83ca4154-58d8-43d0-a890-08dc18c52e6d',
  BOT_ID: '73ca4154-58d8-43d0-a890-08dc18c52e6d',
  BOT_TYPE: 'UserAssignedMSI',
  GRAPH_CREDENTIAL: 'managedIdentity'
}

describe('start', () => {
  async function start(env: NodeJS.ProcessEnv) {
    const root = new URL('..', import.meta.url)
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/index.ts'], {
      cwd: root,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 25_000
    })
    const closed = once(child, 'close') as Promise<[code: number | null]>
    const [[code], out, error] = await Promise.all([closed, text(child.stdout), text(child.stderr)])
    return { code, out, error }
  }

  it('fails with every bad setting, and nothing else', async () => {
    assert.deepEqual(await start({ ...settings, PORT: 'x', BOT_ID: 'x', GRAPH_CREDENTIAL: '' }), {
      code: 1,
      out: '',
      error: [
        'The bot cannot start. Change these settings:',
        '  - PORT must be a port number',
        "  - BOT_ID must be the bot's application id (a GUID)",
        '  - GRAPH_CREDENTIAL is missing; choose managedIdentity, workloadIdentity or certificate',
        ''
      ].join('\n')
    })
  })

  it('fails with what is wrong in the policy file', async () => {
    const { code, out, error } = await start({ ...settings, POLICY_FILE: 'tsconfig.json' })
    assert.deepEqual([code, out], [1, ''])
    assert.match(
      error,
      /^The bot cannot start\. Change these settings:\n {2}- tsconfig\.json: version: Invalid input: /
    )
    assert.doesNotMatch(error, /^ +at /m)
  })
})

// The web door over real HTTP: the order of its checks, its answers, what it logs, and how it stops.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { startServer, type RunningServer, type ServerOptions } from '../../src/http/server.js'
import { createTokenGate } from '../../src/http/token-gate.js'
import { startLocalIssuer, type LocalIssuer, type TokenClaims } from './local-issuer.js'

const APP_ID = '11111111-2222-4333-8444-555555555555'
const TENANT = 'aaaaaaaa-0000-4000-8000-000000000001'
const SERVICE_URL = 'https://smba.trafficmanager.net/emea/'
const NOW = 1_800_000_000_000
const ACTIVITY = {
  type: 'message',
  channelId: 'msteams',
  serviceUrl: SERVICE_URL,
  text: 'secret-subject',
  channelData: { tenant: { id: TENANT } },
  conversation: { id: 'a:1', tenantId: TENANT }
}

type Logged = { level: string; about: Record<string, unknown>; message: string }

describe('web door', () => {
  let issuer: LocalIssuer
  let server: RunningServer
  let handled: unknown[]
  let logged: Logged[]
  let problems: string[]
  let onActivity: ServerOptions['onActivity']
  let options: ServerOptions

  beforeEach(async () => {
    handled = []
    logged = []
    problems = []
    onActivity = async (_req, res) => {
      res.status(200)
      res.end()
    }
    const write = (level: string) => (about: object, message: string) => {
      logged.push({ level, about: about as Record<string, unknown>, message })
    }
    issuer = await startLocalIssuer({ appId: APP_ID, serviceUrl: SERVICE_URL, now: () => NOW })
    options = {
      host: '127.0.0.1',
      port: 0,
      gate: createTokenGate({
        appId: APP_ID,
        issuer: issuer.issuer,
        openIdMetadataUrl: issuer.openIdMetadataUrl,
        clock: { now: () => NOW }
      }),
      rules: { tenantId: TENANT, serviceHosts: ['smba.trafficmanager.net'], allowLoopback: false },
      onActivity: async (req, res) => {
        handled.push(req.body)
        await onActivity(req, res)
      },
      ready: () => ({ ok: problems.length === 0, problems }),
      log: { info: write('info'), warn: write('warn'), error: write('error') }
    }
    server = await startServer(options)
  })
  afterEach(async () => {
    await server.close()
    await issuer.close()
  })

  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body)
    })
  const bearer = async (claims: TokenClaims = {}): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await issuer.sign(issuer.claims(claims))}`
  })
  const errorOf = async (response: Response): Promise<{ code: string; message: string; correlationId?: string }> => {
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    const body = (await response.json()) as { error: { code: string; message: string } }
    assert.deepEqual(Object.keys(body), ['error'])
    return body.error
  }

  it('hands a good activity over, parsed, and answers what the handler said', async () => {
    onActivity = async (_req, res) => {
      res.status(200)
      res.send({ statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' })
      res.end()
    }
    const response = await post(ACTIVITY, await bearer())
    assert.equal(response.status, 200)
    assert.deepEqual(await response.json(), { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' })
    assert.deepEqual(handled, [ACTIVITY])
    assert.equal(response.headers.get('x-powered-by'), null)
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    assert.deepEqual(logged, [])
  })

  describe('refuses, hands nothing over, and logs only why', () => {
    const tooLarge = { ...ACTIVITY, text: '' }
    tooLarge.text = 'x'.repeat(256 * 1024 + 1 - JSON.stringify(tooLarge).length)
    const table: [string, number, string, () => Promise<Response>][] = [
      ['no token', 401, 'no bearer token', () => post(ACTIVITY)],
      ['bad scheme', 401, 'no bearer token', () => post(ACTIVITY, { authorization: 'Basic eDp5' })],
      ['foreign audience', 401, 'wrong audience', async () => post(ACTIVITY, await bearer({ aud: 'x' }))],
      ['expired', 401, 'expired', async () => post(ACTIVITY, await bearer({ exp: NOW / 1000 - 301 }))],
      [
        'service URL of another token',
        401,
        'service URL differs from the token',
        async () => post({ ...ACTIVITY, serviceUrl: `${SERVICE_URL}x` }, await bearer())
      ],
      [
        'no service URL',
        401,
        'service URL differs from the token',
        async () => post({ ...ACTIVITY, serviceUrl: undefined }, await bearer())
      ],
      ['empty body', 401, 'service URL differs from the token', async () => post('', await bearer())],
      ['no token, other tenant: the token first', 401, 'no bearer token', () => post({ type: 'message' })],
      [
        'hostile host with a matching claim',
        403,
        'service host not allowed',
        async () => {
          const serviceUrl = 'https://smba.trafficmanager.net.evil.example/'
          return post({ ...ACTIVITY, serviceUrl }, await bearer({ serviceurl: serviceUrl }))
        }
      ],
      ['direct line', 403, 'other channel', async () => post({ ...ACTIVITY, channelId: 'directline' }, await bearer())],
      [
        'other tenant',
        403,
        'other tenant',
        async () => post({ ...ACTIVITY, channelData: { tenant: { id: APP_ID } } }, await bearer())
      ],
      ['no type', 400, 'not an activity', async () => post({ ...ACTIVITY, type: undefined }, await bearer())],
      ['malformed JSON', 400, 'unreadable body', async () => post('{"type":', await bearer())],
      ['JSON that is no object', 400, 'unreadable body', async () => post('"message"', await bearer())],
      [
        'deep JSON',
        400,
        'nested too deeply',
        async () =>
          post(JSON.stringify(ACTIVITY).replace('"secret-subject"', '['.repeat(9e4) + ']'.repeat(9e4)), await bearer())
      ],
      ['256 KiB + 1', 413, 'unreadable body', async () => post(tooLarge, await bearer())],
      ['a form', 415, 'not JSON', async () => post('a=b', { ...(await bearer()), 'content-type': 'text/plain' })],
      [
        'unknown compression',
        415,
        'unreadable body',
        async () => post(ACTIVITY, { ...(await bearer()), 'content-encoding': 'made-up' })
      ]
    ]
    for (const [name, status, reason, send] of table) {
      it(`${name}: ${status}`, async () => {
        const response = await send()
        assert.equal(response.status, status)
        await errorOf(response)
        assert.deepEqual(handled, [])
        assert.deepEqual(logged, [{ level: 'warn', about: { status, reason }, message: 'request refused' }])
      })
    }

    it('takes a body of exactly 256 KiB', async () => {
      assert.equal((await post({ ...tooLarge, text: tooLarge.text.slice(1) }, await bearer())).status, 200)
    })

    it('keys that cannot be had: 503 with Retry-After', async () => {
      issuer.setDown(true)
      const response = await post(ACTIVITY, await bearer())
      assert.equal(response.status, 503)
      assert.equal(response.headers.get('retry-after'), '10')
      assert.deepEqual(handled, [])
    })

    it('headers over 16 KiB: 431', async () => {
      assert.equal((await post(ACTIVITY, { authorization: `Bearer ${'x'.repeat(17_000)}` })).status, 431)
    })
  })

  describe('never answers with internals', () => {
    it('when the handler throws: 500 and an id that is also logged', async () => {
      onActivity = async () => {
        throw new TypeError('db password hunter2\n    at secret-subject')
      }
      const response = await post(ACTIVITY, await bearer())
      assert.equal(response.status, 500)
      const { correlationId, ...words } = await errorOf(response)
      assert.deepEqual(words, { code: 'internalError', message: 'Something went wrong here.' })
      const [entry] = logged
      assert.equal(entry?.about.correlationId, correlationId)
      assert.equal(entry?.about.name, 'TypeError')
      assert.match(JSON.stringify(entry?.about.at), /server\.test\.ts/)
      assert.doesNotMatch(JSON.stringify(logged), /hunter2|secret-subject|Bearer/)
    })

    for (const said of [401, 500, 501]) {
      it(`when the handler answers ${said} with an exception's words`, async () => {
        onActivity = async (_req, res) => {
          res.status(said)
          res.send('ECONNREFUSED 10.0.0.5 secret-subject')
          res.end()
        }
        const response = await post(ACTIVITY, await bearer())
        assert.equal(response.status, said)
        const { correlationId, message } = await errorOf(response)
        assert.doesNotMatch(message, /ECONNREFUSED|secret/)
        assert.deepEqual(logged[0]?.about, { status: said, correlationId })
      })
    }
  })

  it('answers GETs', async () => {
    const get = async (path: string): Promise<[number, unknown]> => {
      const response = await fetch(server.url + path)
      return [response.status, await response.json()]
    }
    assert.deepEqual(await get('/healthz'), [200, { status: 'ok' }])
    assert.deepEqual(await get('/readyz'), [200, { status: 'ready', problems: [] }])
    problems.push('the database is being migrated')
    assert.deepEqual(await get('/readyz'), [503, { status: 'not ready', problems: ['the database is being migrated'] }])
    assert.deepEqual(await get('/healthz'), [200, { status: 'ok' }])
    for (const path of ['/', '/api', '/%', '/api/messages/x', '/../../etc/passwd'])
      assert.equal((await get(path))[0], 404)
    assert.deepEqual(await get('/api/messages'), [405, { error: { code: 'methodNotAllowed', message: 'Use POST.' } }])
  })

  it('runs without token checks on loopback only, and keeps the other checks there', async () => {
    for (const host of ['0.0.0.0', '::', '', '10.0.0.5', 'localhost.example']) {
      await assert.rejects(startServer({ ...options, host, gate: null }), /only on a loopback address/)
    }
    const open = await startServer({ ...options, gate: null })
    try {
      const send = (body: object): Promise<Response> =>
        fetch(`${open.url}/api/messages`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body)
        })
      assert.equal((await send(ACTIVITY)).status, 200)
      assert.equal((await send({ ...ACTIVITY, channelId: 'webchat' })).status, 403)
      assert.equal((await send({ ...ACTIVITY, conversation: { tenantId: APP_ID } })).status, 403)
      assert.equal((await send({ ...ACTIVITY, serviceUrl: undefined })).status, 403)
    } finally {
      await open.close()
    }
  })

  it('rejects when the port is taken', async () => {
    await assert.rejects(startServer({ ...options, port: server.port }), { code: 'EADDRINUSE' })
  })

  it('drains: the running request is answered, kept-alive connections end, new ones are refused', async () => {
    const turn = new EventEmitter()
    const entered = once(turn, 'entered')
    onActivity = async (_req, res) => {
      turn.emit('entered')
      await once(turn, 'release')
      res.status(202)
    }
    const agent = new Agent({ keepAlive: true })
    const running = request(`${server.url}/api/messages`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', ...(await bearer()) }
    })
    const answered = once(running, 'response') as Promise<[{ statusCode: number; resume(): void }]>
    running.end(JSON.stringify(ACTIVITY))
    await entered
    const closed = server.close()
    assert.equal(server.close(), closed)
    const late = connect(server.port, '127.0.0.1')
    const [refused] = (await once(late, 'error')) as [{ code: string }]
    assert.equal(refused.code, 'ECONNREFUSED')
    turn.emit('release')
    const [response] = await answered
    response.resume()
    assert.equal(response.statusCode, 202)
    await closed
    agent.destroy()
  })
})

// Which tokens pass, word for word, against a real issuer over HTTP; and how often that issuer is asked.
import assert from 'node:assert/strict'
import { base64url, SignJWT } from 'jose'
import { createTokenGate, type TokenGate, type TokenRefusal } from '../../src/http/token-gate.js'
import { createIssuerKey, startLocalIssuer, type LocalIssuer, type TokenClaims } from './local-issuer.js'

const APP_ID = '11111111-2222-4333-8444-555555555555'
const SERVICE_URL = 'https://smba.trafficmanager.net/emea/'
const START = 1_800_000_000_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('token gate', () => {
  let issuer: LocalIssuer
  let gate: TokenGate
  let now: number

  const newGate = (): TokenGate =>
    createTokenGate({
      appId: APP_ID,
      issuer: issuer.issuer,
      openIdMetadataUrl: issuer.openIdMetadataUrl,
      clock: { now: () => now }
    })
  const check = async (token: string, serviceUrl: string | undefined = SERVICE_URL): Promise<string> => {
    const verdict = await gate.check(`Bearer ${token}`, serviceUrl)
    return verdict.ok ? 'ok' : `${verdict.status} ${verdict.reason}`
  }
  const good = (): Promise<string> => issuer.sign(issuer.claims())

  beforeEach(async () => {
    now = START
    issuer = await startLocalIssuer({ appId: APP_ID, serviceUrl: SERVICE_URL, now: () => now })
    gate = newGate()
  })
  afterEach(() => issuer.close())

  it('lets a good token pass', async () => {
    assert.equal(await check(await good()), 'ok')
  })

  describe('refuses a header that carries no token', () => {
    const headers: [string, string | undefined][] = [
      ['none', undefined],
      ['empty', ''],
      ['other scheme', 'Basic dXNlcjpwYXNz'],
      ['scheme alone', 'Bearer'],
      ['garbage', 'Bearer garbage'],
      ['five parts', 'Bearer a.b.c.d.e'],
      ['two tokens', 'Bearer a.b.c, Bearer a.b.c']
    ]
    for (const [name, header] of headers) {
      it(name, async () => {
        const verdict = await gate.check(header, SERVICE_URL)
        assert.deepEqual(verdict, { ok: false, status: 401, reason: 'no bearer token' })
        assert.deepEqual(issuer.fetches, { metadata: 0, keys: 0 })
      })
    }
  })

  describe('refuses claims', () => {
    const inSeconds = (offset: number): number => START / 1000 + offset
    const table: [string, TokenClaims, TokenRefusal][] = [
      ['other audience', { aud: 'aaaaaaaa-2222-4333-8444-555555555555' }, 'wrong audience'],
      ['no audience', { aud: undefined }, 'claim missing or malformed'],
      ['Entra v1 issuer', { iss: 'https://sts.windows.net/t/', appid: APP_ID, ver: '1.0' }, 'wrong issuer'],
      ['Entra v2 issuer', { iss: 'https://login.microsoftonline.com/t/v2.0', azp: APP_ID, ver: '2.0' }, 'wrong issuer'],
      ['issuer with a slash', { iss: 'https://api.botframework.com/' }, 'wrong issuer'],
      ['no issuer', { iss: undefined }, 'claim missing or malformed'],
      ['expired 301 s ago', { exp: inSeconds(-301) }, 'expired'],
      ['no expiry', { exp: undefined }, 'claim missing or malformed'],
      ['expiry as text', { exp: '9999999999' }, 'claim missing or malformed'],
      ['valid in 301 s', { nbf: inSeconds(301) }, 'not yet valid'],
      ['no nbf', { nbf: undefined }, 'claim missing or malformed'],
      ['no serviceurl', { serviceurl: undefined }, 'claim missing or malformed'],
      ['empty serviceurl', { serviceurl: '' }, 'claim missing or malformed'],
      ['serviceurl as list', { serviceurl: [SERVICE_URL] }, 'claim missing or malformed'],
      [
        'other serviceurl',
        { serviceurl: 'https://smba.trafficmanager.net/amer/' },
        'service URL differs from the token'
      ],
      ['serviceUrl in camel case', { serviceurl: undefined, serviceUrl: SERVICE_URL }, 'claim missing or malformed']
    ]
    for (const [name, claims, reason] of table) {
      it(`${name}: ${reason}`, async () => {
        assert.equal(await check(await issuer.sign(issuer.claims(claims))), `401 ${reason}`)
      })
    }

    it('but tolerates five minutes of clock skew', async () => {
      assert.equal(await check(await issuer.sign(issuer.claims({ exp: inSeconds(-299) }))), 'ok')
      assert.equal(await check(await issuer.sign(issuer.claims({ nbf: inSeconds(300) }))), 'ok')
    })

    it('and compares the service URL but for a trailing slash', async () => {
      const token = await good()
      assert.equal(await check(token, SERVICE_URL.slice(0, -1)), 'ok')
      for (const other of ['', '/', 'https://smba.trafficmanager.net/EMEA/', `${SERVICE_URL}/`, `${SERVICE_URL}x`]) {
        assert.equal(await check(token, other), '401 service URL differs from the token', other)
      }
      const verdict = await gate.check(`Bearer ${token}`, undefined)
      assert.deepEqual(verdict, { ok: false, status: 401, reason: 'service URL differs from the token' })
    })
  })

  describe('refuses signatures', () => {
    const part = (value: object): string => base64url.encode(JSON.stringify(value))

    it('alg none', async () => {
      const header = { alg: 'none', kid: issuer.currentKey().kid }
      assert.equal(await check(`${part(header)}.${part(issuer.claims())}.AA`), '401 algorithm is not RS256')
      assert.equal(await check(`${part(header)}.${part(issuer.claims())}.`), '401 no bearer token')
    })

    it('HS256 with the public key as the secret', async () => {
      const { kid, publicPem } = issuer.currentKey()
      const token = await new SignJWT(issuer.claims())
        .setProtectedHeader({ alg: 'HS256', kid })
        .sign(new TextEncoder().encode(publicPem))
      assert.equal(await check(token), '401 algorithm is not RS256')
    })

    it('the right key id, another key', async () => {
      const token = await issuer.sign(issuer.claims(), { key: await createIssuerKey(), kid: issuer.currentKey().kid })
      assert.equal(await check(token), '401 bad signature')
    })

    it('claims changed after signing', async () => {
      const [header, , signature] = (await good()).split('.')
      const claims = part(issuer.claims({ serviceurl: 'https://smba.trafficmanager.net/amer/' }))
      assert.equal(await check(`${header}.${claims}.${signature}`), '401 bad signature')
    })

    it('a key brought along in the header', async () => {
      const own = await createIssuerKey()
      const token = await new SignJWT(issuer.claims())
        .setProtectedHeader({
          alg: 'RS256',
          kid: issuer.currentKey().kid,
          jwk: own.publicJwk,
          jku: 'https://evil.example'
        })
        .sign(own.privateKey)
      assert.equal(await check(token), '401 bad signature')
    })

    it('no key id, header that is no object, a critical extension', async () => {
      const [, claims, signature] = (await good()).split('.')
      const { kid } = issuer.currentKey()
      assert.equal(await check(`${part({ alg: 'RS256' })}.${claims}.${signature}`), '401 unknown key')
      assert.equal(await check(`${part([])}.${claims}.${signature}`), '401 malformed token')
      assert.equal(
        await check(`${part({ alg: 'RS256', kid, crit: ['x'], x: 1 })}.${claims}.${signature}`),
        '401 malformed token'
      )
    })
  })

  describe('endorsements', () => {
    for (const [endorsements, expected] of [
      [['msteams'], 'ok'],
      [undefined, 'ok'],
      [[], '401 key not endorsed for Teams'],
      [['webchat', 'directline'], '401 key not endorsed for Teams']
    ] as const) {
      it(`${JSON.stringify(endorsements)}: ${expected}`, async () => {
        issuer.setEndorsements(endorsements && [...endorsements])
        assert.equal(await check(await good()), expected)
      })
    }

    it('are not assumed for a key without any beside keys that carry them', async () => {
      const bare = await createIssuerKey()
      issuer.publishUnendorsed(bare)
      assert.equal(await check(await good()), 'ok')
      assert.equal(await check(await issuer.sign(issuer.claims(), { key: bare })), '401 key not endorsed for Teams')
    })
  })

  describe('keys', () => {
    it('are fetched once for 32 cold requests', async () => {
      const token = await good()
      const answers = await Promise.all(Array.from({ length: 32 }, () => check(token)))
      assert.deepEqual(new Set(answers), new Set(['ok']))
      assert.deepEqual(issuer.fetches, { metadata: 1, keys: 1 })
    })

    it('are not fetched again for a flood of unknown key ids', async () => {
      await gate.warm()
      const token = await good()
      const flood = async (): Promise<void> => {
        const tokens = Array.from({ length: 200 }, (_, n) => issuer.sign(issuer.claims(), { kid: `kid-${n}-${now}` }))
        for (const answer of await Promise.all((await Promise.all(tokens)).map((one) => check(one)))) {
          assert.equal(answer, '401 unknown key')
        }
      }
      await flood()
      assert.equal(issuer.fetches.keys, 1)
      now += 2 * MINUTE
      await flood()
      await flood()
      assert.equal(issuer.fetches.keys, 2)
      assert.equal(await check(token), 'ok')
    })

    it('follow a rotation within two minutes', async () => {
      assert.equal(await check(await good()), 'ok')
      await issuer.rotate()
      const token = await good()
      assert.equal(await check(token), '401 unknown key')
      now += 2 * MINUTE
      assert.equal(await check(token), 'ok')
    })

    it('that were withdrawn are forgotten after a day', async () => {
      const old = issuer.currentKey()
      await gate.warm()
      await issuer.rotate()
      now += 24 * HOUR
      assert.equal(await check(await issuer.sign(issuer.claims(), { key: old })), '401 unknown key')
    })

    it('that cannot be had make 503, and are asked for again every ten seconds', async () => {
      issuer.setDown(true)
      await assert.rejects(gate.warm(), { name: 'KeysUnavailable' })
      const token = await good()
      assert.equal(await check(token), '503 signing keys unavailable')
      assert.equal(issuer.fetches.metadata, 1)
      issuer.setDown(false)
      now += 10_000
      assert.equal(await check(token), 'ok')
    })

    it('serve for five days while the issuer is down', async () => {
      await gate.warm()
      issuer.setDown(true)
      now += 5 * 24 * HOUR - 1
      assert.equal(await check(await good()), 'ok')
      now += 1
      assert.equal(await check(await good()), '503 signing keys unavailable')
    })

    it('unknown while the issuer is down make 503, for they may be new', async () => {
      await gate.warm()
      await issuer.rotate()
      issuer.setDown(true)
      now += 2 * MINUTE
      assert.equal(await check(await good()), '503 signing keys unavailable')
      issuer.setDown(false)
      now += 10_000
      assert.equal(await check(await good()), 'ok')
    })

    it('are asked for again when the clock was set back', async () => {
      issuer.setDown(true)
      await assert.rejects(gate.warm())
      issuer.setDown(false)
      now -= HOUR
      assert.equal(await check(await good()), 'ok')
    })
  })

  it('is not made for an empty app id or issuer, or keys over plain http', () => {
    const options = {
      appId: APP_ID,
      issuer: issuer.issuer,
      openIdMetadataUrl: issuer.openIdMetadataUrl,
      clock: { now: () => now }
    }
    assert.throws(() => createTokenGate({ ...options, appId: '' }), /needs an app id/)
    assert.throws(() => createTokenGate({ ...options, issuer: '' }), /needs an app id and an issuer/)
    assert.throws(() => createTokenGate({ ...options, openIdMetadataUrl: 'http://login.example/x' }), /must be https/)
  })
})

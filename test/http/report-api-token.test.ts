// Which tokens the report API takes, claim by claim, against a real issuer over HTTP; and how often that issuer is asked.
import assert from 'node:assert/strict'
import { base64url, SignJWT } from 'jose'
import { createApiTokenGate } from '../../src/http/api-token.js'
import { createIssuerKey, type TokenClaims } from './local-issuer.js'
import {
  applicationClaims,
  AUDIENCE,
  MESSAGE,
  NOW,
  openReportApiRoom,
  type ReportApiRoom,
  TENANT
} from './report-api-room.js'

const OTHER = 'ffffffff-0000-4000-8000-00000000000f'

describe('tokens of the report API', () => {
  let room: ReportApiRoom
  beforeEach(async () => {
    room = await openReportApiRoom()
  })
  afterEach(() => room.close())

  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ message: MESSAGE })
  /** The status, and why in the log. */
  const post = async (token: string | null): Promise<string> => {
    const answer = await room.send('POST', '/api/reports', { headers, body, token })
    const reason = room.logged.at(-1)?.about.reason
    assert.equal(room.reports.length, answer.status === 201 ? 1 : 0)
    if (answer.status === 401) assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
    return [answer.status, ...(typeof reason === 'string' ? [reason] : [])].join(' ')
  }
  const withClaims = async (changes: TokenClaims): Promise<string> => post(await room.token(changes))
  const inSeconds = (offset: number): number => NOW / 1000 + offset

  it('takes an application’s token, also one that says that it is one', async () => {
    assert.equal(await post(await room.token()), '201')
    room.reports.length = 0
    assert.equal(await withClaims({ idtyp: 'app', oid: OTHER }), '201')
  })

  const table: [string, TokenClaims, string][] = [
    ['other audience', { aud: OTHER }, '401 wrong audience'],
    ['audience as an address', { aud: `api://${AUDIENCE}` }, '401 wrong audience'],
    ['no audience', { aud: undefined }, '401 claim missing or malformed'],
    ['v1.0 issuer', { iss: `https://sts.windows.net/${TENANT}/`, ver: '1.0' }, '401 wrong issuer'],
    ['issuer of another tenant', { iss: `https://login.microsoftonline.com/${OTHER}/v2.0` }, '401 wrong issuer'],
    ['issuer for all tenants', { iss: 'https://login.microsoftonline.com/common/v2.0' }, '401 wrong issuer'],
    ['the channel’s issuer', { iss: 'https://api.botframework.com' }, '401 wrong issuer'],
    ['no issuer', { iss: undefined }, '401 claim missing or malformed'],
    ['other tenant', { tid: OTHER }, '401 wrong tenant'],
    ['no tenant', { tid: undefined }, '401 wrong tenant'],
    ['tenant in a list', { tid: [TENANT] }, '401 wrong tenant'],
    ['expired 301 s ago', { exp: inSeconds(-301) }, '401 expired'],
    ['no expiry', { exp: undefined }, '401 claim missing or malformed'],
    ['expiry as text', { exp: '9999999999' }, '401 claim missing or malformed'],
    ['valid in 301 s', { nbf: inSeconds(301) }, '401 not yet valid'],
    ['no nbf', { nbf: undefined }, '401 claim missing or malformed'],
    ['no calling application', { azp: undefined }, '401 claim missing or malformed'],
    ['calling application in a list', { azp: [OTHER] }, '401 claim missing or malformed'],
    ['calling application with a space', { azp: `${OTHER} x` }, '401 claim missing or malformed'],
    ['delegated', { scp: 'Reports.Create' }, '403 not an application token'],
    ['delegated with an empty scope', { scp: '' }, '403 not an application token'],
    ['delegated, said to be an application’s', { scp: 'x', idtyp: 'app' }, '403 not an application token'],
    ['a user’s', { idtyp: 'user' }, '403 not an application token'],
    ['of some other kind', { idtyp: 'App' }, '403 not an application token'],
    ['a user’s ID token', { sub: 'pairwise-subject' }, '403 not an application token'],
    ['without a subject', { sub: undefined, oid: undefined }, '403 not an application token'],
    ['with an empty subject', { sub: '', oid: '' }, '403 not an application token'],
    ['other role', { roles: ['Cases.Read'] }, '403 no role Reports.Create'],
    ['no roles', { roles: undefined }, '403 no role Reports.Create'],
    ['role in other letters', { roles: ['reports.create'] }, '403 no role Reports.Create'],
    ['roles as text', { roles: 'Reports.Create' }, '403 no role Reports.Create'],
    ['role as a scope', { roles: [], scp: 'Reports.Create' }, '403 not an application token']
  ]
  for (const [name, claims, expected] of table) {
    it(`${name}: ${expected}`, async () => {
      assert.equal(await withClaims(claims), expected)
    })
  }

  it('names the role that is missing, for reading too', async () => {
    const token = await room.token({ roles: ['Reports.Create'] })
    const answer = await room.send('GET', '/api/cases/PT-1042', { token })
    assert.equal(answer.status, 403)
    assert.match(String(answer.body.detail), /^It needs the role Cases\.Read\./)
    assert.equal((await room.send('GET', '/api/cases/PT-1042', { token: null })).status, 401)
  })

  it('tolerates five minutes of clock skew', async () => {
    assert.equal(await withClaims({ exp: inSeconds(-299) }), '201')
    room.reports.length = 0
    assert.equal(await withClaims({ nbf: inSeconds(300) }), '201')
  })

  it('refuses signatures that are none, or another’s', async () => {
    const part = (value: object): string => base64url.encode(JSON.stringify(value))
    const { kid, publicPem } = room.issuer.currentKey()
    const claims = room.issuer.claims(applicationClaims())
    const stranger = await createIssuerKey()
    const hs256 = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid })
      .sign(new TextEncoder().encode(publicPem))
    const [head = '', , signature = ''] = (await room.token()).split('.')
    for (const [token, expected] of [
      [null, '401 no bearer token'],
      ['garbage', '401 no bearer token'],
      [`${part({ alg: 'none', kid })}.${part(claims)}.AA`, '401 algorithm is not RS256'],
      [hs256, '401 algorithm is not RS256'],
      [await room.issuer.sign(claims, { key: stranger, kid }), '401 bad signature'],
      [await room.issuer.sign(claims, { key: stranger }), '401 unknown key'],
      [`${head}.${part({ ...claims, roles: ['Reports.Create'], azp: OTHER })}.${signature}`, '401 bad signature'],
      ['a.b.c', '401 malformed token']
    ] as const) {
      assert.equal(await post(token), expected)
    }
  })

  it('says 503 and when to come back while the keys cannot be had, and asks for them once for many', async () => {
    room.issuer.setDown(true)
    const token = await room.token()
    const answer = await room.send('POST', '/api/reports', { headers, body, token })
    assert.equal(answer.status, 503)
    assert.equal(answer.headers.get('retry-after'), '10')
    room.issuer.setDown(false)
    room.now += 10_000
    room.issuer.fetches.keys = 0
    await Promise.all(Array.from({ length: 10 }, () => room.send('GET', '/api/cases/PT-1', { token })))
    assert.equal(room.issuer.fetches.keys, 1)
  })

  it('judges the token before anything else of the request', async () => {
    const answer = await room.send('POST', '/api/reports', {
      headers: { 'content-type': 'text/plain', 'idempotency-key': 'ü' },
      body: 'x',
      token: null
    })
    assert.equal(answer.status, 401)
    assert.doesNotMatch(JSON.stringify(room.logged), /Bearer|eyJ/)
  })

  it('cannot be made without an audience or a tenant', () => {
    const { openIdMetadataUrl } = room.issuer
    const clock = { now: () => NOW }
    for (const part of [{ audience: '' }, { tenantId: '' }]) {
      const options = { audience: AUDIENCE, tenantId: TENANT, openIdMetadataUrl, clock, ...part }
      assert.throws(() => createApiTokenGate(options), /needs an audience and a tenant/)
    }
  })
})

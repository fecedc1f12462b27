// Which activities pass, by channel, service host, tenant and shape.
import assert from 'node:assert/strict'
import { checkActivity, type ActivityRules } from '../../src/http/activity-gate.js'

const TENANT = 'aaaaaaaa-0000-4000-8000-000000000001'
const OTHER = 'bbbbbbbb-0000-4000-8000-000000000002'
const RULES: ActivityRules = {
  tenantId: TENANT,
  serviceHosts: ['smba.trafficmanager.net'],
  allowLoopback: false
}
const GOOD = {
  type: 'message',
  channelId: 'msteams',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  channelData: { tenant: { id: TENANT } },
  conversation: { id: '19:x@thread.tacv2', tenantId: TENANT }
}

/** `inner` wrapped in as many objects as it takes to make it `depth` levels deep. */
function nested(depth: number): object {
  return depth === 1 ? {} : { x: nested(depth - 1) }
}

describe('activity gate', () => {
  const table: [string, unknown, string][] = [
    ['a good one', GOOD, 'ok'],
    ['tenant in channelData only', { ...GOOD, conversation: { id: 'a' } }, 'ok'],
    ['tenant in conversation only', { ...GOOD, channelData: {} }, 'ok'],
    ['tenant in capitals', { ...GOOD, channelData: { tenant: { id: TENANT.toUpperCase() } } }, 'ok'],
    ['no body', undefined, '400 not an activity'],
    ['null', null, '400 not an activity'],
    ['a list', [GOOD], '400 not an activity'],
    ['no type', { ...GOOD, type: undefined }, '400 not an activity'],
    ['empty type', { ...GOOD, type: '' }, '400 not an activity'],
    ['type as object', { ...GOOD, type: { x: 1 } }, '400 not an activity'],
    ['32 levels', { ...GOOD, value: nested(31) }, 'ok'],
    ['33 levels', { ...GOOD, value: nested(32) }, '400 nested too deeply'],
    [
      '33 levels of lists',
      { ...GOOD, value: JSON.parse('['.repeat(32) + ']'.repeat(32)) as unknown },
      '400 nested too deeply'
    ],
    [
      '100,000 levels',
      { ...GOOD, value: JSON.parse('['.repeat(1e5) + ']'.repeat(1e5)) as unknown },
      '400 nested too deeply'
    ],
    ['directline', { ...GOOD, channelId: 'directline' }, '403 other channel'],
    ['webchat', { ...GOOD, channelId: 'webchat' }, '403 other channel'],
    ['emulator', { ...GOOD, channelId: 'emulator' }, '403 other channel'],
    ['ASE channel', { ...GOOD, channelId: 'AseChannel' }, '403 other channel'],
    ['blank channel', { ...GOOD, channelId: ' ' }, '403 other channel'],
    ['no channel', { ...GOOD, channelId: undefined }, '403 other channel'],
    ['channel as list', { ...GOOD, channelId: ['msteams'] }, '403 other channel'],
    ['other tenant in channelData', { ...GOOD, channelData: { tenant: { id: OTHER } } }, '403 other tenant'],
    ['other tenant in conversation', { ...GOOD, conversation: { tenantId: OTHER } }, '403 other tenant'],
    ['only another tenant', { ...GOOD, channelData: {}, conversation: { tenantId: OTHER } }, '403 other tenant'],
    ['empty tenant', { ...GOOD, conversation: { tenantId: '' } }, '403 other tenant'],
    ['tenant as list', { ...GOOD, channelData: { tenant: { id: [TENANT] } } }, '403 other tenant'],
    ['no tenant', { ...GOOD, channelData: {}, conversation: { id: 'a' } }, '403 tenant missing'],
    ['no channelData, no conversation', { ...GOOD, channelData: null, conversation: null }, '403 tenant missing']
  ]
  for (const [name, activity, expected] of table) {
    it(`${name}: ${expected}`, () => {
      const verdict = checkActivity(activity, RULES)
      assert.equal(verdict.ok ? 'ok' : `${verdict.status} ${verdict.reason}`, expected)
    })
  }

  describe('service URL', () => {
    const isAllowed = (serviceUrl: unknown, allowLoopback = false): boolean => {
      const verdict = checkActivity({ ...GOOD, serviceUrl }, { ...RULES, allowLoopback })
      if (!verdict.ok) assert.equal(verdict.reason, 'service host not allowed')
      return verdict.ok
    }
    for (const url of [
      'https://smba.trafficmanager.net',
      'https://smba.trafficmanager.net/amer/',
      `https://smba.trafficmanager.net/emea/${TENANT}/`,
      'https://SMBA.trafficmanager.net/emea/'
    ]) {
      it(`allowed: ${url}`, () => assert.equal(isAllowed(url), true))
    }
    for (const url of [
      undefined,
      '',
      42,
      ['https://smba.trafficmanager.net/'],
      'smba.trafficmanager.net',
      'http://smba.trafficmanager.net/',
      'ftp://smba.trafficmanager.net/',
      'https://smba.trafficmanager.net.evil.example/',
      'https://evil.trafficmanager.net/',
      'https://trafficmanager.net/',
      'https://smba.trafficmanager.net./',
      'https://smba.trafficmanager.net:8443/',
      'https://smba.trafficmanager.net@evil.example/',
      'https://user:pass@smba.trafficmanager.net/',
      'https://evil.example/?smba.trafficmanager.net',
      'https://evil.example\\@smba.trafficmanager.net/',
      'https://smba.trafficmanager.net\\@evil.example/',
      'https://smba.trafficmanager.net\t/',
      ' https://smba.trafficmanager.net/',
      'https://smba.trafficmanager.net/#x',
      'https:smba.trafficmanager.net/',
      'https://smba。trafficmanager.net/',
      'http://127.0.0.1:3979/',
      'https://localhost/'
    ]) {
      it(`refused: ${JSON.stringify(url)}`, () => assert.equal(isAllowed(url), false))
    }

    it('on this machine is allowed only where the rules say so', () => {
      for (const url of [
        'http://127.0.0.1:3979/',
        'http://localhost:1',
        'https://localhost/',
        'http://[::1]:56150/x'
      ]) {
        assert.equal(isAllowed(url, true), true, url)
        assert.equal(isAllowed(url, false), false, url)
      }
      for (const url of ['http://localhost.evil.example/', 'http://128.0.0.1/', 'http://evil.example/']) {
        assert.equal(isAllowed(url, true), false, url)
      }
    })
  })
})

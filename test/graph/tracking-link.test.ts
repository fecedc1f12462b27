import assert from 'node:assert/strict'
import { actionCenterHistory, explorer, trackingLinkFrom } from '../../src/graph/tracking-link.js'

const TENANT = 'c0a70500-7e4a-4d0c-8b1e-000000000001'
const BULK = '0f9a1c66-3c1b-4b52-9d7e-5a1f8f0c2b11'
const PAGE = 'https://security.microsoft.com/action-center/history'
const RAW = `${PAGE}?filters={"bulkId":["${BULK}"]}&tid=${TENANT}`
const LINK = `${PAGE}?filters=%7B%22bulkId%22%3A%5B%22${BULK}%22%5D%7D&tid=${TENANT}`

const usable: Record<string, string> = {
  'raw, as Graph sends it': RAW,
  'already encoded': LINK,
  'partly encoded': RAW.replaceAll('"', '%22'),
  'parameters the other way round': `${PAGE}?tid=${TENANT}&filters={"bulkId":["${BULK}"]}`,
  'a parameter that we do not know': `${RAW}&source=graph`,
  'upper case in host and tenant': RAW.replace('security.microsoft', 'Security.Microsoft').replace(
    TENANT,
    TENANT.toUpperCase()
  ),
  'a slash after the page': RAW.replace('history?', 'history/?')
}

const unusable: Record<string, string | null> = {
  missing: null,
  empty: '',
  'no query': PAGE,
  script: 'javascript:alert(1)//https://security.microsoft.com/action-center/history',
  'plain http': RAW.replace('https:', 'http:'),
  'another host': RAW.replace('security.microsoft.com', 'evil.example'),
  'a look-alike host': RAW.replace('security.microsoft.com', 'security.microsoft.com.evil.example'),
  'a look-alike letter': RAW.replace('microsoft', 'micrоsoft'),
  'a host encoded in part': RAW.replace('security', 's%65curity'),
  'user information': RAW.replace('https://', 'https://security.microsoft.com@'),
  'user information before the host': RAW.replace('https://', 'https://admin:x@'),
  'a port': RAW.replace('.com/', '.com:8443/'),
  'the default port': RAW.replace('.com/', '.com:443/'),
  'a backslash': RAW.replace('.com/', '.com\\@evil.example/'),
  'another page': RAW.replace('action-center/history', 'action-center/pending'),
  'a page that begins alike': RAW.replace('history?', 'history.evil?'),
  'a way up': RAW.replace('history?', 'history/../../quarantine?'),
  'another tenant': RAW.replace(TENANT, 'c0a70500-7e4a-4d0c-8b1e-000000000002'),
  'no tenant': RAW.replace(/&tid=.*/, ''),
  'the tenant twice': `${RAW}&tid=${TENANT}`,
  'filters twice': `${RAW}&filters={"bulkId":["${BULK}"]}`,
  'no filters': `${PAGE}?tid=${TENANT}`,
  'malformed JSON': RAW.replace(']}', ''),
  'malformed encoding': RAW.replace('{', '%7'),
  'a bulk id that is no GUID': RAW.replace(BULK, '1) [click](https://evil.example'),
  'the placeholder of the page': RAW.replace(BULK, '{bulkId}'),
  'no bulk id': RAW.replace(`"${BULK}"`, ''),
  'two bulk ids': RAW.replace(`"${BULK}"`, `"${BULK}","${BULK}"`),
  'a bulk id outside a list': RAW.replace(`["${BULK}"]`, `"${BULK}"`),
  'a number': RAW.replace(`"${BULK}"`, '1'),
  'another key': RAW.replace('bulkId', '__proto__'),
  'one more key': RAW.replace('{"bulkId"', '{"status":["x"],"bulkId"'),
  'JSON that is null': RAW.replace(/\{.*\}/, 'null'),
  'a fragment': `${RAW}#${TENANT}`,
  'a newline': RAW.replace('&tid', '\n&tid'),
  'a space': `${RAW} `,
  'ten kilobytes': `${RAW}&x=${'a'.repeat(10_240)}`
}

describe('trackingLinkFrom', () => {
  for (const [name, location] of Object.entries(usable)) {
    it(`makes a clickable link: ${name}`, () => {
      assert.deepEqual(trackingLinkFrom(location, TENANT), { link: LINK })
    })
  }

  for (const [name, location] of Object.entries(unusable)) {
    it(`makes none: ${name}`, () => {
      assert.notEqual(location, RAW, 'the case changes nothing')
      assert.deepEqual(trackingLinkFrom(location, TENANT), { link: null })
    })
  }

  it('opens the filter that Graph named', () => {
    const { link } = trackingLinkFrom(RAW, TENANT)
    assert.deepEqual(JSON.parse(new URL(link ?? '').searchParams.get('filters') ?? ''), { bulkId: [BULK] })
    assert.doesNotMatch(link ?? '', /["{}<>\s[\]()]/)
  })
})

describe('links into the portal', () => {
  it('name the tenant, so that a person of several lands in the right one', () => {
    assert.equal(actionCenterHistory(TENANT), `${PAGE}?tid=${TENANT}`)
    assert.equal(explorer(TENANT), `https://security.microsoft.com/threatexplorerv3?tid=${TENANT}`)
  })
})

import assert from 'node:assert/strict'
import { copiesOf, eventsOf, evidenceOf, readEntity } from '../../src/graph/analyzed-email.js'
import { MAIL } from '../../src/playground/tenant.js'

const evidence = (value: unknown) => evidenceOf(readEntity(value))
const copies = (value: unknown) => copiesOf(readEntity(value), MAIL.payslip)

const nothingKnown = {
  subject: '',
  senderAddress: '',
  senderName: '',
  mailFromAddress: '',
  senderIp: '',
  internetMessageId: '',
  receivedAt: null,
  direction: 'unknown',
  threatTypes: [],
  confidence: '',
  detectionMethods: [],
  authentication: { spf: '', dkim: '', dmarc: '', composite: '' },
  urls: [],
  urlCount: 0,
  attachments: [],
  attachmentCount: 0
}

describe('analyzedEmail', () => {
  const keys = Object.keys(readEntity({}))
  const all = (value: unknown) => Object.fromEntries(keys.map((key) => [key, value]))
  for (const value of [undefined, null, 7, 'text', [], {}, all(null), all(7), all({}), all([null]), all(['x', {}])]) {
    it(`is read without failing: ${JSON.stringify(value)?.slice(0, 60)}`, () => {
      const read = evidence(value)
      assert.deepEqual(Object.keys(read), Object.keys(nothingKnown))
      assert.ok(copies(value).every(({ location }) => location === 'unknown'))
    })
  }

  it('knows nothing where Graph says nothing', () => assert.deepEqual(evidence(all(null)), nothingKnown))

  const locations: [unknown, string][] = [
    ['inbox_folder', 'inbox_folder'],
    ['inbox', 'inbox_folder'],
    ['junkFolder', 'junkFolder'],
    ['deletedFolder', 'deletedFolder'],
    ['quarantine', 'quarantine'],
    ['others', 'others'],
    ['onprem_external', 'onprem_external'],
    ['failed', 'failed'],
    ['dropped', 'dropped'],
    ['unknown', 'unknown'],
    ['unknownFutureValue', 'unknown'],
    ['archive', 'unknown'],
    ['constructor', 'unknown'],
    [null, 'unknown'],
    [3, 'unknown']
  ]
  for (const [location, expected] of locations) {
    it(`lies in ${expected} where Graph says ${String(location)}`, () => {
      const entity = { recipientEmailAddress: 'a@b.example', latestDelivery: { location } }
      const copy = { networkMessageId: MAIL.payslip, recipientEmailAddress: 'a@b.example', location: expected }
      assert.deepEqual(copies(entity), [copy])
    })
  }

  it('does not take the original delivery for where the mail lies now', () => {
    const entity = { recipientEmailAddress: 'a@b.example', originalDelivery: { location: 'inbox_folder' } }
    assert.equal(copies(entity)[0]?.location, 'unknown')
  })

  it('reads the recipients of an older beta, and no address that was cut', () => {
    const recipientEmailAddresses = ['a@b.example', '', null, `${'x'.repeat(1000)}@b.example`, 'c@b.example']
    const read = copies({ recipientEmailAddresses }).map(({ recipientEmailAddress }) => recipientEmailAddress)
    assert.deepEqual(read, ['a@b.example', 'c@b.example'])
    assert.deepEqual(copies({ recipientEmailAddress: null }), [])
  })

  it('takes unknown values of enums for unknown, once', () => {
    assert.deepEqual(evidence({ threatTypes: ['phish', 'unknownFutureValue', 'quishing', 'none'] }).threatTypes, [
      'phish',
      'unknown',
      'none'
    ])
    assert.deepEqual(evidence({ threatType: 'phishing' }).threatTypes, ['phish'])
    assert.equal(evidence({ directionality: 'intraorg' }).direction, 'intraOrg')
    assert.equal(evidence({ directionality: 'sideways' }).direction, 'unknown')
  })

  it('bounds texts without cutting a character in two', () => {
    const read = evidence({ subject: `${'a'.repeat(1999)}😀`, senderDetail: { displayName: 'b'.repeat(1001) } })
    assert.equal(read.subject, 'a'.repeat(1999))
    assert.equal(read.senderName, 'b'.repeat(1000))
  })

  it('keeps hostile text as it is', () => {
    const subject = '**x** <at>SOC</at> ${json(1)} \u202E'
    assert.equal(evidence({ subject }).subject, subject)
  })

  it('caps lists, keeps the dangerous ones and counts them all', () => {
    const harmless = Array.from({ length: 300 }, (_, at) => ({ url: `https://${at}.example`, threatType: 'none' }))
    const read = evidence({ urls: [...harmless, { url: 'https://evil.example', threatType: 'phish' }], urlsCount: 5 })
    assert.deepEqual([read.urls.length, read.urlCount], [20, 301])
    assert.deepEqual(read.urls[0], { url: 'https://evil.example', threat: 'phish' })
    const counted = evidence({ attachments: [{ fileName: 'a.pdf', fileSize: -1 }], attachmentsCount: 4 })
    assert.deepEqual(counted.attachments, [{ name: 'a.pdf', bytes: null, threat: 'unknown' }])
    assert.equal(counted.attachmentCount, 4)
  })

  describe('timeline', () => {
    const at = '2026-11-22T03:19:00Z'
    const event = { eventDateTime: at, eventSource: 'admin', eventType: 'unknown', eventResult: 'Success' }
    const events = (...timelineEvents: unknown[]) =>
      eventsOf(readEntity({ recipientEmailAddress: 'a@b.example', timelineEvents }), MAIL.payslip).map(
        ({ at: time, by, kind, result }) => [time, by, kind, result]
      )
    const time = Date.parse(at)

    const read: [string, object, unknown[] | null][] = [
      ['a remediation', {}, [time, 'administrator', 'other', 'done']],
      ['ZAP', { eventSource: 'system', eventType: 'zap' }, [time, 'defender', 'zap', 'done']],
      ['AIR', { eventSource: 'system', eventType: 'air' }, [time, 'defender', 'air', 'done']],
      ['a release', { eventType: 'quarantineRelease' }, [time, 'administrator', 'release', 'done']],
      ['a user', { eventSource: 'user' }, [time, 'user', 'other', 'done']],
      ['a failure', { eventResult: 'Failure' }, [time, 'administrator', 'other', 'failed']],
      ['nothing to do', { eventResult: 'Already in destination' }, [time, 'administrator', 'other', 'already']],
      ['a result to come', { eventResult: 'unknownFutureValue' }, [time, 'administrator', 'other', 'unknown']],
      ['the delivery', { eventType: 'originalDelivery' }, null],
      ['a click', { eventSource: 'user', eventType: 'userUrlClick' }, null],
      ['a source to come', { eventSource: 'unknownFutureValue' }, null],
      ['no time', { eventDateTime: null }, null],
      ['an inherited name', { eventType: 'constructor' }, null]
    ]
    for (const [what, change, expected] of read) {
      it(`is read: ${what}`, () => {
        assert.deepEqual(events({ ...event, ...change }), expected === null ? [] : [expected])
      })
    }

    it('is kept to the newest twenty, for every recipient of the entity', () => {
      const many = Array.from({ length: 30 }, (_, index) => ({
        ...event,
        eventDateTime: new Date(time + index * 1000).toISOString()
      }))
      const found = eventsOf(
        readEntity({ recipientEmailAddresses: ['a@b.example', 'c@b.example'], timelineEvents: many }),
        MAIL.payslip
      )
      assert.equal(found.length, 40)
      assert.deepEqual(
        [found[0]?.at, found[19]?.at, found[20]?.recipientEmailAddress],
        [time + 29_000, time + 10_000, 'c@b.example']
      )
    })
  })
})

import assert from 'node:assert/strict'
import type { Fault } from '../../src/playground/graph-simulator/index.js'
import { MAIL, massMail, SHARED_MESSAGE_ID } from '../../src/playground/tenant.js'
import { NOW, simulatedGraph, type SimulatedGraph } from './simulated-graph.js'

const UNKNOWN_ID = '00000000-0000-4000-8000-00000000dead'

describe('mail search', () => {
  let world: SimulatedGraph
  beforeEach(async () => {
    world = await simulatedGraph()
  })
  afterEach(() => world.graph.close())

  const look = (id: string) => world.door.search.byNetworkMessageId(id)
  const resolve = (id: string) => world.door.search.byInternetMessageId(id)
  const requests = () => world.graph.ledger.requests
  const fault = (match: string, what: object) => world.graph.faults.add({ match, ...what } as Fault)
  const page = (body: unknown) => fault('analyzedEmails', { answer: { status: 200, body } })

  describe('by networkMessageId', () => {
    it('finds evidence and every copy', async () => {
      const result = await look(MAIL.mailboxFull.toUpperCase())
      assert.equal(result.kind, 'found')
      const { mail } = result
      assert.equal(mail.networkMessageId, MAIL.mailboxFull)
      assert.equal(mail.copies.length, 12)
      assert.deepEqual(mail.copies[0], {
        networkMessageId: MAIL.mailboxFull,
        recipientEmailAddress: 'ana.silva@contoso.example',
        location: 'inbox_folder'
      })
      assert.deepEqual(mail.evidence, {
        subject: 'Your mailbox is full: confirm your password to keep receiving mail',
        senderAddress: 'helpdesk@contos0-support.example',
        senderName: 'IT-Helpdesk',
        mailFromAddress: 'bounce@mailer.example',
        senderIp: '203.0.113.77',
        internetMessageId: '<mailbox-full-8841@contos0-support.example>',
        receivedAt: NOW - 10 * 60_000,
        direction: 'inbound',
        threatTypes: ['phish'],
        confidence: 'High',
        detectionMethods: ['URL detonation', 'Spoof DMARC'],
        authentication: { spf: 'fail', dkim: 'none', dmarc: 'fail', composite: 'fail' },
        urls: [
          { url: 'https://contos0-support.example/verify?id=8841-2c9e-4410&user=all', threat: 'phish' },
          { url: 'https://cdn.example/logo.png', threat: 'none' }
        ],
        urlCount: 2,
        attachments: [{ name: 'Storage-notice.pdf', bytes: 86_016, threat: 'none' }],
        attachmentCount: 1
      })
    })

    it('asks for the last 30 days, always', async () => {
      await look(MAIL.payslip)
      assert.deepEqual(requests()[0]?.query, {
        $filter: `networkMessageId eq '${MAIL.payslip}'`,
        startTime: '2026-10-23T09:00:00.000Z',
        endTime: '2026-11-22T09:00:00.000Z',
        $top: '1000'
      })
    })

    it('follows the pages of 5,000 copies', async () => {
      const message = massMail(5000, { receivedAt: NOW })
      world.graph.addMessage(message)
      const result = await look(message.networkMessageId)
      assert.equal(result.kind === 'found' && result.mail.copies.length, 5000)
      assert.equal(requests().length, 5)
    })

    it('answers the same on beta', async () => {
      const { search } = world.openDoor({ version: 'beta' })
      assert.deepEqual(await search.byNetworkMessageId(MAIL.internalPhish), await look(MAIL.internalPhish))
      assert.equal(requests()[0]?.version, 'beta')
    })

    for (const [count, more] of [
      [20, false],
      [21, true]
    ] as const) {
      it(`answers the first twenty of ${String(count)}, and ${more ? 'that there are more' : 'no more'}`, async () => {
        const internetMessageId = '<many@mailer.example>'
        const ids = Array.from({ length: count }, (_, at) => `00000000-0000-4000-8000-0000000000${String(at + 10)}`)
        for (const networkMessageId of ids) {
          world.graph.addMessage({ ...massMail(1, { receivedAt: NOW }), networkMessageId, internetMessageId })
        }
        const result = await resolve(internetMessageId)
        assert.ok(result.kind === 'messages')
        assert.deepEqual([result.messages.map((each) => each.networkMessageId), result.more], [ids.slice(0, 20), more])
      })
    }

    it('finds nothing where there is nothing', async () => {
      assert.deepEqual(await look(UNKNOWN_ID), { kind: 'nothing' })
    })

    it('asks nothing for what is no id', async () => {
      for (const id of ['', 'x', `${MAIL.payslip}' or true`, `{${MAIL.payslip}}`])
        assert.deepEqual(await look(id), { kind: 'nothing' })
      assert.equal(requests().length, 0)
    })

    it('counts a mailbox once', async () => {
      const entity = { networkMessageId: MAIL.payslip, latestDelivery: { location: 'inbox_folder' } }
      page({
        value: [
          { ...entity, recipientEmailAddress: 'Ana@contoso.example', subject: 'first' },
          { ...entity, recipientEmailAddress: 'ana@contoso.example', subject: 'second' }
        ]
      })
      const result = await look(MAIL.payslip)
      assert.equal(result.kind, 'found')
      assert.deepEqual(
        result.mail.copies.map(({ recipientEmailAddress }) => recipientEmailAddress),
        ['Ana@contoso.example']
      )
      assert.equal(result.mail.evidence.subject, 'first')
    })

    it('makes no copies of another message than the one asked for', async () => {
      page({ value: [{ networkMessageId: MAIL.allStaff, recipientEmailAddress: 'ana.silva@contoso.example' }] })
      assert.deepEqual(await look(MAIL.payslip), {
        kind: 'unavailable',
        reason: 'Microsoft Graph answered with another message than the one asked for.',
        retryAfterMs: null
      })
    })

    const list = 'security/collaboration/analyzedEmails'
    const elsewhere: Record<string, (root: string) => unknown> = {
      'another host': () => `https://evil.example/v1.0/${list}?$skiptoken=x`,
      'another port': () => `http://127.0.0.1:9/v1.0/${list}?$skiptoken=x`,
      'another path': (root) => `${root}/v1.0/users?$skiptoken=x`,
      'another version': (root) => `${root}/beta/${list}?$skiptoken=x`,
      'no address': () => 'next',
      'a number': () => 7
    }
    for (const [name, nextLink] of Object.entries(elsewhere)) {
      it(`does not follow a next page to ${name}`, async () => {
        page({ value: [], '@odata.nextLink': nextLink(world.graph.url) })
        assert.equal((await look(MAIL.payslip)).kind, 'unavailable')
        assert.equal(requests().length, 1)
      })
    }

    it('stays at Graph where a page token holds an address', async () => {
      page({ value: [], '@odata.nextLink': `${world.graph.url}/v1.0/${list}?$skiptoken=https://evil.example/` })
      await look(MAIL.payslip)
      assert.equal(requests()[1]?.query.$skiptoken, 'https://evil.example/')
    })

    it('stops in a circle of pages, and after fifty', async () => {
      const next = (token: string) => `${world.graph.url}/v1.0/${list}?$skiptoken=${token}`
      page({ value: [], '@odata.nextLink': next('a') })
      page({ value: [], '@odata.nextLink': next('a') })
      const circle = await look(MAIL.payslip)
      assert.equal(circle.kind === 'unavailable' && circle.reason, 'Microsoft Graph answered the same page twice.')
      for (let at = 0; at < 50; at += 1) page({ value: [], '@odata.nextLink': next(String(at)) })
      const endless = await look(MAIL.payslip)
      assert.match(endless.kind === 'unavailable' ? endless.reason : '', /more copies than can be read/)
      assert.equal(requests().length, 52)
    })

    it('keeps nothing of a list that broke in the middle', async () => {
      const message = massMail(1500, { receivedAt: NOW })
      world.graph.addMessage(message)
      fault('analyzedEmails', { delayMs: 1 })
      fault('analyzedEmails', { answer: { status: 503 } })
      assert.equal((await look(message.networkMessageId)).kind, 'unavailable')
    })
  })

  describe('by Message-ID', () => {
    it('finds every message that bears it', async () => {
      assert.deepEqual(await resolve(SHARED_MESSAGE_ID), {
        kind: 'messages',
        more: false,
        messages: [MAIL.sharedFirst, MAIL.sharedSecond].map((networkMessageId, at) => ({
          networkMessageId,
          subject: 'Invoice 5521 is overdue',
          senderAddress: 'invoice@billing-desk.example',
          copies: 2 - at
        }))
      })
      assert.equal(requests()[0]?.headers['content-type'], 'application/json; charset=utf-8')
      assert.deepEqual(Object.keys(requests()[0]?.body as object), ['Query'])
    })

    for (const [count, more] of [
      [20, false],
      [21, true]
    ] as const) {
      it(`answers the first twenty of ${String(count)}, and ${more ? 'that there are more' : 'no more'}`, async () => {
        const internetMessageId = '<many@mailer.example>'
        const ids = Array.from({ length: count }, (_, at) => `00000000-0000-4000-8000-0000000000${String(at + 10)}`)
        for (const networkMessageId of ids) {
          world.graph.addMessage({ ...massMail(1, { receivedAt: NOW }), networkMessageId, internetMessageId })
        }
        const result = await resolve(internetMessageId)
        assert.ok(result.kind === 'messages')
        assert.deepEqual([result.messages.map((each) => each.networkMessageId), result.more], [ids.slice(0, 20), more])
      })
    }

    it('finds nothing where there is nothing', async () => {
      assert.deepEqual(await resolve('<" or true //@x>'), { kind: 'nothing' })
    })

    it('asks nothing for what is no Message-ID', async () => {
      assert.deepEqual(await resolve('<a\nb>'), { kind: 'nothing' })
      assert.equal(requests().length, 0)
    })
  })

  const ways = [
    { match: 'analyzedEmails', permission: 'SecurityAnalyzedMessage.Read.All', ask: () => look(MAIL.payslip) },
    { match: 'hunting', permission: 'ThreatHunting.Read.All', ask: () => resolve(SHARED_MESSAGE_ID) }
  ]
  for (const { match, permission, ask } of ways) {
    describe(`${match}, refused or broken`, () => {
      it('names the permission that is missing', async () => {
        world.graph.grant(['User.Read.All'])
        assert.deepEqual(await ask(), { kind: 'forbidden', permission, code: 'Authorization_RequestDenied' })
      })

      it('tells a missing licence from a missing permission', async () => {
        world.graph.licence(false)
        assert.deepEqual(await ask(), { kind: 'noLicence', code: 'InvalidSubscription' })
        fault(match, {
          answer: { status: 400, body: { error: { code: 'BadRequest', message: 'Invalid subscription' } } }
        })
        assert.deepEqual(await ask(), { kind: 'noLicence', code: 'BadRequest' })
      })

      it('says how long to wait when throttled', async () => {
        fault(match, { answer: { status: 429, headers: { 'Retry-After': '30' } } })
        assert.deepEqual(await ask(), {
          kind: 'unavailable',
          reason: 'Microsoft Graph is throttling the bot.',
          retryAfterMs: 30_000
        })
        assert.equal(requests().length, 1)
      })

      const message = `Resource not found for the segment '${match}'.`
      for (const [status, error] of [
        [400, { code: 'BadRequest', message }],
        [404, { code: 'ResourceNotFound', message: 'No such resource.' }]
      ] as const) {
        it(`tells a cloud that has no such operation from one that does not answer: ${status} ${error.code}`, async () => {
          fault(match, { answer: { status, body: { error } } })
          assert.deepEqual(await ask(), { kind: 'cloudWithoutApi', code: error.code, version: 'v1.0' })
        })
      }

      const broken: [object, RegExp][] = [
        [{ answer: { status: 500 } }, /answered 500 \(UnknownError\)/],
        [{ answer: { status: 200, body: '<html></html>' } }, /could not be read/],
        [{ answer: { status: 200, body: null } }, /could not be read/],
        [{ answer: { status: 200, body: { value: {}, results: {} } } }, /could not be read/],
        [{ answer: { status: 307, headers: { Location: 'http://127.0.0.1:9/' } } }, /answered 307/],
        [{ answer: { status: 401 }, times: 2 }, /answered 401/],
        [{ reset: 'before' }, /connection to Microsoft Graph broke/]
      ]
      for (const [what, reason] of broken) {
        it(`says in plain words that it cannot tell: ${String(reason)}`, async () => {
          fault(match, what)
          const result = await ask()
          assert.equal(result.kind, 'unavailable')
          assert.match(result.reason, reason)
          assert.doesNotMatch(result.reason, /127\.0\.0\.1|ECONN|fetch/)
        })
      }
    })
  }

  it('gives up at its deadline', async () => {
    fault('analyzedEmails', { hang: true })
    const { search } = world.openDoor({ deadlines: { read: 150 } })
    const result = await search.byNetworkMessageId(MAIL.payslip)
    assert.equal(result.kind === 'unavailable' && result.reason, 'Microsoft Graph did not answer in time.')
  })
})

// What the simulated Graph tells of mail: lists, single copies and the one hunting query. Asks over HTTP only.
import assert from 'node:assert/strict'
import { messageIdAskedFor } from '../../../src/playground/graph-simulator/index.js'
import { MAIL, massMail, SHARED_MESSAGE_ID } from '../../../src/playground/tenant.js'
import {
  DAY,
  EMAILS,
  NOW,
  json,
  refused,
  simulatorUnderTest,
  type Email,
  type Listing
} from './simulator-under-test.js'

describe('the Graph simulator', () => {
  const simulator = simulatorUnderTest()
  const { get, list, ofMessage, post } = simulator

  describe('analyzedEmails', () => {
    it('has one entity for each copy, with the evidence in the spellings of the metadata', async () => {
      const emails = await ofMessage(MAIL.mailboxFull)
      const count = (location: string) => emails.filter((email) => email.latestDelivery.location === location).length
      assert.deepEqual([count('inbox_folder'), count('junkFolder'), count('onprem_external')], [9, 2, 1])
      const [first] = emails
      assert.ok(first)
      assert.match(first.id, /^73ca4154-58d8-43d0-a890-08dc18c52e6d-\d+-1$/)
      assert.equal(new Set(emails.map((email) => email.id)).size, 12)
      assert.equal(first.subject, 'Your mailbox is full: confirm your password to keep receiving mail')
      assert.equal(first.loggedDateTime, '2026-11-22T02:31:00.000Z')
      assert.deepEqual(first.authenticationDetails, {
        senderPolicyFramework: 'fail',
        dkim: 'none',
        dmarc: 'fail',
        compositeAuthentication: 'fail'
      })
      const sender = first.senderDetail as Record<string, string>
      assert.equal(sender.fromAddress, 'helpdesk@contos0-support.example')
      assert.equal(sender.displayName, 'IT-Helpdesk')
      assert.deepEqual(first.threatTypes, ['phish'])
      assert.deepEqual(first.detectionMethods, ['URL detonation', 'Spoof DMARC'])
      assert.equal((first.urls as unknown[]).length, 2)
      assert.equal((first.attachments as { fileName: string }[])[0]?.fileName, 'Storage-notice.pdf')
      assert.equal(
        emails.find((email) => email.latestDelivery.location === 'junkFolder')?.latestDelivery.action,
        'deliveredToJunk'
      )
    })

    it('takes the two documented filters, in any letter case of the values, on both versions', async () => {
      const filter = `networkMessageId eq '${MAIL.mailboxFull.toUpperCase()}' and recipientEmailAddress eq 'J.Kim@contoso.example'`
      for (const version of ['v1.0', 'beta']) {
        const answer = await fetch(
          `${simulator.graph.url}/${version}${EMAILS}?${new URLSearchParams({ $filter: filter }).toString()}`
        )
        const { value } = await json<Listing>(answer)
        assert.deepEqual(
          value.map((email) => email.recipientEmailAddress),
          ['j.kim@contoso.example']
        )
      }
      assert.deepEqual(
        (await list({ $filter: `networkMessageId eq '00000000-0000-4000-8000-000000000000'` })).value,
        []
      )
    })

    it('reads a doubled quote in a filter as one', async () => {
      simulator.graph.addMessage({
        ...massMail(0, { receivedAt: NOW }),
        copies: [{ recipientEmailAddress: "o'brien@contoso.example", location: 'inbox_folder' }]
      })
      const id = massMail(0, { receivedAt: NOW }).networkMessageId
      const { value } = await list({
        $filter: `networkMessageId eq '${id}' and recipientEmailAddress eq 'o''brien@contoso.example'`
      })
      assert.equal(value.length, 1)
    })

    for (const query of [
      { $filter: "recipientEmailAddress eq 'j.kim@contoso.example'" },
      { $filter: `internetMessageId eq '${SHARED_MESSAGE_ID}'` },
      { $filter: `networkMessageId eq '${MAIL.payslip}' or networkMessageId eq '${MAIL.payslip}'` },
      { $filter: `networkMessageId eq ${MAIL.payslip}` },
      { $filter: '' },
      { filter: `networkMessageId eq '${MAIL.payslip}'` },
      { $select: 'id' },
      { $orderby: 'subject' },
      { $top: '0' },
      { $top: 'ten' },
      { $skiptoken: 'guessed' },
      { $count: 'yes' },
      { startTime: 'yesterday' },
      { endTime: '2026-11-22' },
      { startTime: '2026-11-22T00:00:00Z', endTime: '2026-11-21T00:00:00Z' }
    ] as Record<string, string>[]) {
      it(`refuses ${JSON.stringify(query)}`, () => refused(get(EMAILS, query), 400, 'BadRequest'))
    }

    it('pages with nextLink until every copy was seen once, and counts when asked', async () => {
      const $filter = `networkMessageId eq '${MAIL.allStaff}'`
      let page = await list({ $filter, $top: '25', $count: 'true' })
      assert.equal(page['@odata.count'], 63)
      const sizes = [page.value.length]
      const seen = new Set(page.value.map((email) => email.id))
      while (page['@odata.nextLink']) {
        assert.ok(page['@odata.nextLink'].startsWith(`${simulator.graph.url}/v1.0${EMAILS}?`))
        page = await json<Listing>(fetch(page['@odata.nextLink']))
        sizes.push(page.value.length)
        for (const email of page.value) seen.add(email.id)
      }
      assert.deepEqual([sizes, seen.size], [[25, 25, 13], 63])
      assert.equal((await list({ $filter }))['@odata.count'], undefined)
    })

    it('gives 1000 copies a page at most, and 100 unasked', async () => {
      const mail = massMail(1200, { receivedAt: NOW })
      simulator.graph.addMessage(mail)
      const $filter = `networkMessageId eq '${mail.networkMessageId}'`
      const large = await list({ $filter, $top: '5000' })
      assert.equal(large.value.length, 1000)
      assert.ok(large['@odata.nextLink'])
      assert.equal((await list({ $filter })).value.length, 100)
    })

    it('keeps to startTime and endTime, and forgets mail after 30 days', async () => {
      const between = { startTime: '2026-11-22T02:30:00Z', endTime: '2026-11-22T02:32:00Z', $top: '1000' }
      const found = await list(between)
      assert.deepEqual([...new Set(found.value.map((email) => email.networkMessageId))], [MAIL.mailboxFull])
      const [first] = found.value
      simulator.time = NOW + 30 * DAY
      assert.deepEqual(await ofMessage(MAIL.mailboxFull), [])
      await refused(get(`${EMAILS}/${first?.id}`), 404, 'NotFound')
    })

    it('gets one by id, and answers 404 for another', async () => {
      const [first] = await ofMessage(MAIL.payslip)
      assert.ok(first)
      const one = await json<Email>(get(`${EMAILS}/${first.id}`))
      assert.equal(one.id, first.id)
      assert.equal(one.recipientEmailAddress, first.recipientEmailAddress)
      await refused(get(`${EMAILS}/${MAIL.payslip}-1-1`), 404, 'NotFound')
    })
  })

  it('gives 5,000 copies in five pages', async () => {
    const mail = massMail(5000, { receivedAt: NOW })
    simulator.graph.addMessage(mail)
    const recipients = new Set<string>()
    let next: string | undefined =
      `${simulator.graph.url}/v1.0${EMAILS}?${new URLSearchParams({ $filter: `networkMessageId eq '${mail.networkMessageId}'`, $top: '1000' }).toString()}`
    let pages = 0
    while (next) {
      const page: Listing = await json<Listing>(fetch(next))
      for (const email of page.value) recipients.add(email.recipientEmailAddress)
      next = page['@odata.nextLink']
      pages += 1
    }
    assert.deepEqual([pages, recipients.size], [5, 5000])
  })

  describe('runHuntingQuery', () => {
    const query = (literal: string) =>
      `EmailEvents
| where Timestamp > ago(30d)
| where InternetMessageId == "${literal}"
| summarize Subject = take_any(Subject), SenderFromAddress = take_any(SenderFromAddress), Copies = count() by NetworkMessageId
| top 21 by NetworkMessageId asc`
    const hunt = (body: unknown) => post('/security/runHuntingQuery', body)

    it('finds every message of a Message-ID, in order', async () => {
      const answer = await json<{ schema: unknown; results: unknown }>(
        hunt({ Query: query(SHARED_MESSAGE_ID), Timespan: 'P30D' })
      )
      const row = { Subject: 'Invoice 5521 is overdue', SenderFromAddress: 'invoice@billing-desk.example' }
      assert.deepEqual(answer.results, [
        { NetworkMessageId: MAIL.sharedFirst, ...row, Copies: 2 },
        { NetworkMessageId: MAIL.sharedSecond, ...row, Copies: 1 }
      ])
      assert.deepEqual(answer.schema, [
        { name: 'NetworkMessageId', type: 'String' },
        { name: 'Subject', type: 'String' },
        { name: 'SenderFromAddress', type: 'String' },
        { name: 'Copies', type: 'Int64' }
      ])
    })

    it('answers no rows for an unknown or old Message-ID', async () => {
      assert.deepEqual((await json<{ results: unknown }>(hunt({ Query: query('<no@where.example>') }))).results, [])
      simulator.time = NOW + 31 * DAY
      assert.deepEqual((await json<{ results: unknown }>(hunt({ Query: query(SHARED_MESSAGE_ID) }))).results, [])
    })

    it('gives 21 messages at most: one more than is shown', async () => {
      for (let n = 10; n < 35; n += 1)
        simulator.graph.addMessage(
          massMail(1, {
            receivedAt: NOW,
            networkMessageId: `000000${n}-0000-4000-8000-000000000000`,
            internetMessageId: '<many@x.example>'
          })
        )
      const { results } = await json<{ results: unknown[] }>(hunt({ Query: query('<many@x.example>') }))
      assert.equal(results.length, 21)
    })

    it('unescapes the literal, and takes no text that leaves it', () => {
      assert.equal(messageIdAskedFor(query('<a\\"b\\\\c@x>')), '<a"b\\c@x>')
      for (const escape of ['<a"b@x>', '<a@x>\\', '<a\n@x>', '<a\\n@x>', '" or "" == "'])
        assert.equal(messageIdAskedFor(query(escape)), null, escape)
    })

    for (const body of [
      { Query: 'EmailEvents | take 10' },
      { Query: `${query(SHARED_MESSAGE_ID)}\n| take 1` },
      { Query: query('" or "" == "') },
      { query: query(SHARED_MESSAGE_ID) },
      { Query: query(SHARED_MESSAGE_ID), Timespan: '30 days' },
      { Query: query(SHARED_MESSAGE_ID), Other: 1 },
      {}
    ]) {
      it(`refuses ${JSON.stringify(body).slice(0, 60)}`, () => refused(hunt(body), 400, 'BadRequest'))
    }
  })
})

// Reports out of the reporting mailbox, over HTTP from the simulator.
import assert from 'node:assert/strict'
import type { ReportSource } from '../../src/case/report-source.js'
import { createGraphClient } from '../../src/graph/graph-client.js'
import { createMailboxSource, type ReadMail } from '../../src/graph/mailbox-source.js'
import { readMailFile } from '../../src/intake/mail-file.js'
import type { Fault } from '../../src/playground/graph-simulator/index.js'
import { MAIL, massMail, TENANT_ID } from '../../src/playground/tenant.js'
import {
  attachedMessage,
  rawMail,
  reportedMail,
  type AttachedFile,
  type ReportedMail
} from '../../src/playground/tenant-reports.js'
import { ids, readAll } from './polling.js'
import { NOW, simulatedGraph, type SimulatedGraph } from './simulated-graph.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ADDRESS = 'report-phish@contoso.example'
const FROM = { address: 'tom.berg@contoso.example', name: 'Tom Berg' }

const raw = (tenantId = TENANT_ID) => rawMail(massMail(1, { receivedAt: NOW - HOUR }), tenantId)

function report(changes: Partial<ReportedMail> = {}): ReportedMail {
  return reportedMail(raw(), { from: FROM, subject: '3|Look', receivedAt: NOW - MINUTE, ...changes })
}

function file(name: string, contentType: string | null, content = raw()): AttachedFile {
  return { kind: 'file', name, contentType, base64: Buffer.from(content).toString('base64') }
}

describe('the mailbox source', () => {
  let world: SimulatedGraph
  let source: ReportSource
  /** What the reader was given. */
  let read: { name: string; text: string }[]

  /** Believes the headers, like the product's reader, but needs no thread. */
  const readMail: ReadMail = async (name, bytes) => {
    const text = Buffer.from(bytes).toString()
    read.push({ name, text })
    const header = (wanted: string) => new RegExp(`^${wanted}: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? null
    const id = header('X-MS-Exchange-Organization-Network-Message-Id')
    if (text.startsWith('unreadable')) return { kind: 'unreadable', reason: 'damaged' }
    return {
      kind: 'mail',
      mail: {
        keys: id === null ? [] : [{ kind: 'networkMessageId', value: id }],
        claims: { subject: header('Subject') ?? '', senderAddress: header('From') ?? '' },
        crossTenantId: header('X-MS-Exchange-CrossTenant-Id')
      }
    }
  }

  const mailbox = (address = ADDRESS, reader = readMail) => {
    const [only] = world.openDoor({ version: 'beta' }).sources({
      alerts: false,
      submissions: false,
      mailbox: { address, readMail: reader }
    })
    assert.ok(only)
    return only
  }

  beforeEach(async () => {
    world = await simulatedGraph()
    read = []
    source = mailbox()
  })
  afterEach(() => world.graph.close())

  const requests = () => world.graph.ledger.requests
  const asked = (operation: string) => requests().filter((entry) => entry.operation === operation)
  const fault = (match: string, what: object) => world.graph.faults.add({ match, ...what } as Fault)
  const delta = (body: unknown) => fault('mailDelta', { answer: { status: 200, body } })
  const link = (query: string, root = world.graph.url) =>
    `${root}/v1.0/users/x/mailFolders('inbox')/messages/delta?${query}`
  /** A source that has read the seeded mail. */
  const begun = async () => (await readAll(source, null)).cursor

  it('finds the reports of the last day, through the product’s own parser', async () => {
    // Without its thread, which is another's test.
    const parser: ReadMail = (_name, bytes) => readMailFile(bytes, () => undefined)
    const { reports, leftOut } = await readAll(mailbox(ADDRESS, parser), null)
    assert.deepEqual(leftOut, [])
    assert.deepEqual(
      reports.map(({ sourceId, ...rest }) => ({ ...rest, sourceId: /^mailbox\/AAkALg[\w-]+AAA=$/.test(sourceId) })),
      [
        {
          sourceId: true,
          message: { kind: 'networkMessageId', value: MAIL.mailed },
          kind: 'phish',
          reporter: FROM,
          claims: { subject: 'Customs fee for your parcel', senderAddress: 'fee@parcel-fee.example' },
          note: '',
          reportedAt: NOW - 22 * MINUTE
        },
        {
          sourceId: true,
          message: { kind: 'networkMessageId', value: MAIL.notJunk },
          kind: 'notJunk',
          reporter: { address: 'priya.nair@contoso.example', name: 'Priya Nair' },
          claims: { subject: 'Delivery dates for December', senderAddress: 'news@supplier.example' },
          note: '',
          reportedAt: NOW - 21 * MINUTE
        }
      ]
    )
  })

  it('only reads, always on v1.0, with ids that survive a move', async () => {
    await begun()
    for (const { method, version, headers } of requests())
      assert.deepEqual([method, version, headers.prefer], ['GET', 'v1.0', 'IdType="ImmutableId", odata.maxpagesize=50'])
    assert.deepEqual(asked('mailDelta')[0]?.query, {
      changeType: 'created',
      $select: 'id,subject,receivedDateTime,from'
    })
  })

  it('asks next time for what is new, and finds it', async () => {
    const cursor = await begun()
    assert.deepEqual((await readAll(source, cursor)).reports, [])
    const id = world.graph.addReportedMail(report())
    assert.deepEqual(ids((await readAll(source, cursor)).reports), [`mailbox/${id}`])
  })

  it('reads every page, each report once', async () => {
    for (let n = 0; n < 120; n += 1) world.graph.addReportedMail(report({ subject: `3|${n}` }))
    const { reports, polls } = await readAll(source, null)
    assert.deepEqual([reports.length, new Set(ids(reports)).size, polls], [122, 122, 3])
  })

  it('fetches nothing of mail from before the last day', async () => {
    const cursor = await begun()
    const before = asked('attachments').length
    world.graph.addReportedMail(report({ receivedAt: NOW - 24 * HOUR - 1 }))
    const { reports, leftOut } = await readAll(source, cursor)
    assert.deepEqual([reports, leftOut], [[], []])
    assert.equal(asked('attachments').length, before)
  })

  it('begins anew where Graph has forgotten its state, and loses nothing', async () => {
    const first = await readAll(source, null)
    world.clock.set(NOW + 72 * HOUR)
    const late = world.graph.addReportedMail(report({ receivedAt: NOW + HOUR }))
    world.graph.forgetMailState()
    const again = await readAll(source, first.cursor)
    // The older ones again, under the same ids.
    assert.deepEqual(ids(again.reports), [...ids(first.reports), `mailbox/${late}`])
    const next = world.graph.addReportedMail(report({ subject: 'next' }))
    assert.deepEqual(ids((await readAll(source, again.cursor)).reports), [`mailbox/${next}`])
  })

  it('loses nothing where the state is forgotten between two pages', async () => {
    const cursor = await begun()
    world.clock.set(NOW + 240 * HOUR)
    const newest = world.graph.addReportedMail(report({ receivedAt: NOW + 239 * HOUR }))
    for (let n = 0; n < 60; n += 1) world.graph.addReportedMail(report({ subject: `3|${n}`, receivedAt: NOW + HOUR }))
    const page = await source.poll(cursor)
    assert.ok(page.kind === 'read' && page.more && ids(page.reports).includes(`mailbox/${newest}`))
    world.graph.forgetMailState()
    const rest = await readAll(source, page.cursor)
    assert.equal(new Set(ids([...page.reports, ...rest.reports])).size, 61 + 2)
  })

  it('begins anew with a cursor of another mailbox, or one that it cannot read', async () => {
    const cursor = await begun()
    const other = cursor.replace(ADDRESS, 'other@contoso.example')
    for (const odd of [other, '', '{}', '7', '{"mailbox":"x","query":"http://evil.example/"}'])
      assert.equal((await readAll(source, odd)).reports.length, 2)
  })

  describe('by the documented format', () => {
    const subjects: [string, string][] = [
      ['1|any', 'junk'],
      ['Junk: any', 'junk'],
      ['2|any', 'notJunk'],
      ['NOT JUNK: any', 'notJunk'],
      ['3|any', 'phish'],
      ['phishing: any', 'phish'],
      ['  1|any', 'junk'],
      ['FW: 1|any', 'phish'],
      ['1 |any', 'phish'],
      ['4|any', 'phish'],
      ['Not  junk: any', 'phish'],
      ['', 'phish']
    ]
    it('tells the kind by the start of the subject', async () => {
      const cursor = await begun()
      for (const [subject] of subjects) world.graph.addReportedMail(report({ subject }))
      const { reports } = await readAll(source, cursor)
      assert.deepEqual(
        reports.map(({ kind }, at) => [subjects[at]?.[0], kind]),
        subjects
      )
    })

    const picture = file('logo.png', 'image/png')
    const originals: [string, AttachedFile[], string][] = [
      ['a message', [attachedMessage(raw(), 'Hello')], 'Hello.eml'],
      ['an .eml file', [file('Mail.EML', 'application/octet-stream')], 'Mail.EML'],
      ['a file of that type', [file('mail', 'message/rfc822; charset=x')], 'mail.eml'],
      ['an .msg file', [file('mail.msg', 'application/octet-stream')], 'mail.msg'],
      ['an Outlook file', [file('mail', 'application/vnd.ms-outlook')], 'mail.msg'],
      ['a message beside a picture', [picture, attachedMessage(raw())], 'Reported message.eml']
    ]
    for (const [what, attachments, name] of originals) {
      it(`takes ${what}`, async () => {
        const cursor = await begun()
        read = []
        world.graph.addReportedMail(report({ attachments }))
        assert.equal((await readAll(source, cursor)).reports.length, 1)
        assert.deepEqual(read, [{ name, text: raw() }])
      })
    }

    const withoutId = raw().replace(/^X-MS-Exchange-Organization.*\r\n/m, '')
    const withoutTenant = raw().replace(/^X-MS-Exchange-CrossTenant.*\r\n/m, '')
    const refused: [string, AttachedFile[], string][] = [
      ['nothing attached', [], 'No mail is attached.'],
      ['only a picture', [picture], 'No mail is attached.'],
      ['two mails', [attachedMessage(raw()), file('b.eml', null)], 'More than one mail is attached.'],
      [
        'mail of another tenant',
        [attachedMessage(raw(MAIL.payslip))],
        'The attached mail was not delivered to this tenant.'
      ],
      ['mail of no tenant', [attachedMessage(withoutTenant)], 'The attached mail was not delivered to this tenant.'],
      ['mail without an id', [attachedMessage(withoutId)], 'The attached mail bears no identifier.'],
      ['damaged mail', [attachedMessage('unreadable')], 'The attached mail could not be read (damaged).'],
      [
        'a mail beyond 10 MiB',
        [attachedMessage('x'.repeat(10 * 1024 * 1024 + 1))],
        'The attached mail is larger than 10 MiB.'
      ]
    ]
    for (const [what, attachments, reason] of refused) {
      it(`leaves out ${what}, and says why`, async () => {
        const cursor = await begun()
        const id = world.graph.addReportedMail(report({ attachments }))
        const { reports, leftOut } = await readAll(source, cursor)
        assert.deepEqual([reports, leftOut], [[], [{ sourceId: `mailbox/${id}`, reason }]])
      })
    }

    it('takes the tenant in any letter case', async () => {
      const cursor = await begun()
      world.graph.addReportedMail(report({ attachments: [attachedMessage(raw(TENANT_ID.toUpperCase()))] }))
      assert.equal((await readAll(source, cursor)).reports.length, 1)
    })
  })

  describe('where a single message makes trouble', () => {
    let cursor: string
    let bad: string
    let good: string
    beforeEach(async () => {
      cursor = await begun()
      bad = world.graph.addReportedMail(report())
      good = world.graph.addReportedMail(report())
    })

    /** A source for which Graph breaks whenever it is asked about these messages. */
    const failingFor = (broken: string[], match = 'attachments') => {
      const client = createGraphClient({
        baseUrl: world.graph.url,
        version: 'v1.0',
        newCredential: null,
        log: () => undefined
      })
      const end = match === 'attachments' ? '/attachments?' : '/$value'
      const breaks = (path: string) => path.includes(end) && broken.some((id) => path.includes(encodeURIComponent(id)))
      return createMailboxSource({
        client: {
          ...client,
          send: (request) => {
            if (breaks(request.path)) fault(match, { answer: { status: 500 } })
            return client.send(request)
          }
        },
        clock: world.clock,
        deadlineMs: 5000,
        mailbox: ADDRESS,
        tenantId: TENANT_ID,
        readMail
      })
    }
    const outcome = async (from: ReportSource) => {
      const answer = await from.poll(cursor)
      if (answer.kind === 'failed') return answer.reason
      return { reports: ids(answer.reports), leftOut: ids(answer.leftOut), moved: answer.cursor !== cursor }
    }
    const broke = 'Microsoft Graph answered 500 (UnknownError).'

    it('passes over two that fail again and again, at the fifth poll', async () => {
      const worse = world.graph.addReportedMail(report())
      const failing = failingFor([bad, worse])
      for (let n = 0; n < 4; n += 1) assert.equal(await outcome(failing), broke)
      const leftOut = [`mailbox/${bad}`, `mailbox/${worse}`]
      assert.deepEqual(await outcome(failing), { reports: [`mailbox/${good}`], leftOut, moved: true })
    })

    it('counts only three at a poll, so that a broken Graph costs no page of reports', async () => {
      const more = Array.from({ length: 6 }, () => world.graph.addReportedMail(report()))
      const broken = [bad, good, ...more]
      const failing = failingFor(broken)
      for (let n = 0; n < 6; n += 1) assert.equal(await outcome(failing), broke)
      broken.length = 0
      const reports = [bad, good, ...more].map((id) => `mailbox/${id}`)
      assert.deepEqual(await outcome(failing), { reports, leftOut: [], moved: true })
    })

    it('comes through a page on which more fail than are counted at a poll', async () => {
      const more = Array.from({ length: 6 }, () => world.graph.addReportedMail(report()))
      const failing = failingFor([bad, ...more])
      let polls = 1
      let last = await outcome(failing)
      for (; last === broke && polls < 20; polls += 1) last = await outcome(failing)
      const leftOut = [bad, ...more].map((id) => `mailbox/${id}`)
      assert.deepEqual(last, { reports: [`mailbox/${good}`], leftOut, moved: true })
    })

    it('asks no more where Graph asks to wait', async () => {
      const before = asked('attachments').length
      fault('attachments', { answer: { status: 429, headers: { 'Retry-After': '7' } } })
      assert.equal((await source.poll(cursor)).kind, 'failed')
      assert.equal(asked('attachments').length, before + 1)
    })

    for (const match of ['attachments', 'attachmentContent']) {
      it(`loses nothing when ${match} fail once`, async () => {
        fault(match, { answer: { status: 503, headers: { 'Retry-After': '7' } } })
        assert.deepEqual(await source.poll(cursor), {
          kind: 'failed',
          reason: 'Microsoft Graph answered 503 (serviceNotAvailable).',
          retryAfterMs: 7000
        })
        assert.deepEqual(ids((await readAll(source, cursor)).reports), [`mailbox/${bad}`, `mailbox/${good}`])
      })

      it(`passes over it when its ${match} fail five times`, async () => {
        const failing = failingFor([bad], match)
        for (let n = 0; n < 4; n += 1) assert.equal((await failing.poll(cursor)).kind, 'failed')
        const { reports, leftOut } = await readAll(failing, cursor)
        assert.deepEqual(ids(reports), [`mailbox/${good}`])
        const reason = 'It could not be read in 5 tries: Microsoft Graph answered 500 (UnknownError).'
        assert.deepEqual(leftOut, [{ sourceId: `mailbox/${bad}`, reason }])
      })

      it(`passes over it when it is gone before its ${match} are read`, async () => {
        fault(match, { answer: { status: 404 } })
        const { reports, leftOut } = await readAll(source, cursor)
        assert.deepEqual(ids(reports), [`mailbox/${good}`])
        assert.deepEqual(leftOut, [{ sourceId: `mailbox/${bad}`, reason: 'It was deleted before it was read.' }])
      })
    }

    it('never passes over one for want of the permission', async () => {
      fault('attachments', { answer: { status: 403 }, times: 9 })
      for (let n = 0; n < 9; n += 1) assert.equal((await source.poll(cursor)).kind, 'failed')
      assert.equal((await readAll(source, cursor)).reports.length, 2)
    })

    it('leaves out at once what was said to be small and is larger than 10 MiB', async () => {
      world.graph.addReportedMail(report())
      fault('attachmentContent', { answer: { status: 200, body: 'x'.repeat(10 * 1024 * 1024 + 1) }, times: 2 })
      const { reports, leftOut, cursor: next } = await readAll(source, cursor)
      assert.equal(reports.length, 1)
      const reason = 'The attached mail is larger than 10 MiB.'
      assert.deepEqual(
        leftOut,
        [bad, good].map((id) => ({ sourceId: `mailbox/${id}`, reason }))
      )
      assert.deepEqual((await readAll(source, next)).leftOut, [])
    })

    it('reads no more than 20 MiB of what was said to be small', async () => {
      fault('attachmentContent', { answer: { status: 200, body: 'x'.repeat(20 * 1024 * 1024 + 1) } })
      const answer = await source.poll(cursor)
      assert.match(answer.kind === 'failed' ? answer.reason : '', /far too large, or did not arrive whole/)
    })
  })

  describe('with odd answers', () => {
    it('asks nothing for ids that could lead out of the mailbox', async () => {
      const value = ['../../../users', '..', 'a/../b', 'a.b', '', 'x?y', 'a%2e', 7, null, 'x'.repeat(1001)].map(
        (id) => ({ id })
      )
      delta({ value: [null, 7, 'x', ...value], '@odata.deltaLink': link('$deltatoken=x') })
      assert.deepEqual((await readAll(source, null)).reports, [])
      assert.equal(requests().length, 1)
    })

    it('asks nothing for an attachment’s id of that kind', async () => {
      const value = [{ '@odata.type': '#microsoft.graph.itemAttachment', id: '../../x' }]
      fault('attachments', { answer: { status: 200, body: { value } }, times: 9 })
      assert.equal((await source.poll(null)).kind, 'failed')
      assert.equal(asked('attachmentContent').length, 0)
    })

    it('says that there may be others where attachments go on', async () => {
      const value = [{ '@odata.type': '#microsoft.graph.itemAttachment', id: 'x' }]
      fault('attachments', { answer: { status: 200, body: { value, '@odata.nextLink': 'any' } } })
      const [left] = (await readAll(source, null)).leftOut
      assert.equal(left?.reason, 'More than one mail is attached.')
    })

    it('passes over what was removed, and takes what has no date', async () => {
      const cursor = await begun()
      const id = world.graph.addReportedMail(report())
      delta({
        value: [{ id: 'gone', '@removed': { reason: 'deleted' } }, { id }],
        '@odata.deltaLink': link('$deltatoken=x')
      })
      const { reports } = await readAll(source, cursor)
      assert.deepEqual(
        reports.map(({ sourceId, reporter, reportedAt }) => [sourceId, reporter, reportedAt]),
        [[`mailbox/${id}`, null, null]]
      )
    })

    it('asks its own mailbox, whatever way to it the link is written in', async () => {
      delta({
        value: [],
        '@odata.deltaLink': `${world.graph.url}/v1.0/users('5')/mailfolders('AQMk')/messages/delta?$deltatoken=a://b`
      })
      const { cursor } = await readAll(source, null)
      delta({ value: [], '@odata.deltaLink': link('$deltatoken=c') })
      await readAll(source, cursor)
      assert.equal(
        requests()[1]?.path,
        `/v1.0/users/${encodeURIComponent(ADDRESS)}/mailFolders('inbox')/messages/delta`
      )
      assert.equal(requests()[1]?.query.$deltatoken, 'a://b')
    })

    const links: [string, () => object][] = [
      ['no link', () => ({})],
      ['another host', () => ({ '@odata.deltaLink': link('$deltatoken=x', 'https://evil.example') })],
      ['another port', () => ({ '@odata.nextLink': link('$skiptoken=x', 'http://127.0.0.1:9') })],
      ['another list', () => ({ '@odata.nextLink': `${world.graph.url}/v1.0/users/x/messages?$skip=1` })],
      ['no token', () => ({ '@odata.deltaLink': link('').replace('?', '') })],
      ['a number', () => ({ '@odata.deltaLink': 7 })]
    ]
    for (const [what, given] of links) {
      it(`does not go on with ${what}`, async () => {
        delta({ value: [], ...given() })
        assert.deepEqual(await source.poll(null), {
          kind: 'failed',
          reason: 'The answer of Microsoft Graph could not be read.',
          retryAfterMs: null
        })
      })
    }

    it('stops where a page leads to itself', async () => {
      delta({ value: [], '@odata.nextLink': link('$skiptoken=a') })
      const first = await source.poll(null)
      assert.ok(first.kind === 'read' && first.more)
      delta({ value: [], '@odata.nextLink': link('$skiptoken=a') })
      const second = await source.poll(first.cursor)
      assert.equal(second.kind === 'failed' && second.reason, 'Microsoft Graph answered the same page twice.')
    })
  })

  it('says that there is no such mailbox', async () => {
    const answer = await mailbox('nobody@contoso.example').poll(null)
    assert.equal(answer.kind === 'failed' && answer.reason, 'Microsoft Graph answered 404 (ErrorInvalidUser).')
  })
})

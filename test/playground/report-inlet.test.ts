// What the running playground takes as a report over HTTP: files, which the bot can fetch from it, and nothing from a web page.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ReportInlet, startReportInlet } from '../../src/playground/report-inlet.js'
import type { ReportedMail, TenantAlert, TenantSubmission } from '../../src/playground/tenant-reports.js'
import { seedTenant } from '../../src/playground/tenant.js'

const now = Date.UTC(2026, 10, 22)

describe('the report inlet of the playground', () => {
  let chat: Server
  let inlet: ReportInlet
  let injected: { attachments: { name: string; content: { downloadUrl: string } }[] }[]
  let alerts: TenantAlert[]
  let submissions: TenantSubmission[]
  let mails: ReportedMail[]

  beforeEach(async () => {
    injected = []
    alerts = []
    submissions = []
    mails = []
    chat = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        if (request.method === 'POST') injected.push(JSON.parse(Buffer.concat(chunks).toString()) as never)
        response.end(JSON.stringify({ conversation: { id: 'a' }, type: 'x' }))
      })
    })
    chat.listen(0, '127.0.0.1')
    await once(chat, 'listening')
    inlet = await startReportInlet({
      graph: {
        addAlert: (alert) => alerts.push(alert),
        addSubmission: (submission) => submissions.push(submission),
        addReportedMail: (mail) => String(mails.push(mail))
      },
      tenant: seedTenant(now - 60_000),
      clock: { now: () => now },
      chat: `http://127.0.0.1:${String((chat.address() as AddressInfo).port)}`
    })
  })
  afterEach(async () => {
    await inlet.close()
    chat.closeAllConnections()
    chat.close()
  })

  const post = (body: unknown, type = 'application/json') =>
    fetch(`${inlet.url}/reports`, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) })
  const file = { name: 'mail.eml', base64: Buffer.from('From: a').toString('base64') }

  it('drops files into the chat and serves them', async () => {
    assert.equal((await post({ files: [file, { ...file, name: 'b.msg' }] })).status, 204)
    const [{ attachments = [] } = {}] = injected
    assert.deepEqual(
      attachments.map(({ name }) => name),
      ['mail.eml', 'b.msg']
    )
    assert.equal(await (await fetch(attachments[0]?.content.downloadUrl ?? '')).text(), 'From: a')
  })

  it('has each seeded report happen now', async () => {
    for (const way of ['alert', 'submission', 'simulation', 'mailbox', 'notJunk']) {
      assert.equal((await post({ way })).status, 204, way)
    }
    assert.deepEqual(
      alerts.map(({ lastUpdatedAt }) => lastUpdatedAt),
      [now]
    )
    assert.deepEqual(
      submissions.map(({ simulation, createdAt }) => [simulation, createdAt]),
      [
        [false, now],
        [true, now]
      ]
    )
    assert.deepEqual(
      mails.map(({ subject, receivedAt }) => [subject.slice(0, 8), receivedAt]),
      [
        ['3|Phishi', now],
        ['Not junk', now]
      ]
    )
  })

  it('refuses what a page in a browser can send without asking, and what is no order', async () => {
    assert.equal((await post({ way: 'alert' }, 'text/plain')).status, 404)
    assert.equal((await post({ way: 'everything' })).status, 400)
    assert.equal((await post({ files: [] })).status, 400)
    assert.equal((await fetch(`${inlet.url}/files/guessed`)).status, 404)
    assert.deepEqual([alerts, injected], [[], []])
  })

  it('says so when the chat is gone', async () => {
    chat.closeAllConnections()
    chat.close()
    await once(chat, 'close')
    assert.equal((await post({ files: [file] })).status, 400)
  })
})

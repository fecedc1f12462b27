// What the simulated Graph tells of reports: alerts, submissions and the reporting mailbox. Asks over HTTP only.
import assert from 'node:assert/strict'
import { MAIL, massMail, TENANT_ID } from '../../../src/playground/tenant.js'
import { rawMail, reportedAlert, reportedMail } from '../../../src/playground/tenant-reports.js'
import { json, NOW, order, refused, REMEDIATE, simulatorUnderTest } from './simulator-under-test.js'

interface Page {
  value: Record<string, unknown>[]
  '@odata.nextLink'?: string
  '@odata.deltaLink'?: string
}

interface Alert {
  id: string
  title: string
  lastUpdateDateTime: string
  evidence: Record<string, unknown>[]
}

const ALERTS = '/security/alerts_v2'
const THREATS = '/security/threatSubmission/emailThreats'
const USER = '/users/report-phish@contoso.example'
const DELTA = `${USER}/mailFolders('inbox')/messages/delta`
const MINUTE = 60_000

describe('the Graph simulator', () => {
  const simulator = simulatorUnderTest()
  const { get, post } = simulator
  const switched = (path: string, body: unknown) =>
    fetch(`${simulator.graph.url}/_simulator/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body)
    })

  describe('alerts_v2', () => {
    const alerts = async (query: Record<string, string> = {}) =>
      (await json<{ value: Alert[] }>(get(ALERTS, query))).value
    const alert = (n: number, at = NOW - n * MINUTE) =>
      reportedAlert(massMail(1, { receivedAt: NOW }), {
        id: `fa-${n}`,
        title: 'Email reported by user as junk',
        at,
        submitter: 'x@contoso.example'
      })

    it('has the seeded alert, with evidence by type', async () => {
      const [first] = await alerts()
      assert.equal(first?.title, 'Email reported by user as malware or phish')
      assert.equal(first.lastUpdateDateTime, '2026-11-22T02:16:00.0000000Z')
      assert.deepEqual(
        first.evidence.map((evidence) => [evidence['@odata.type'], evidence.networkMessageId]),
        ['analyzedMessageEvidence', 'submissionMailEvidence'].map((type) => [
          `#microsoft.graph.security.${type}`,
          MAIL.alerted
        ])
      )
      assert.equal(first.evidence[1]?.submitter, 'priya.nair@contoso.example')
    })

    it('filters by time and source, and pages', async () => {
      for (let n = 0; n < 30; n += 1) simulator.graph.addAlert(alert(n))
      assert.equal((await alerts({ $top: '1000' })).length, 31)
      const $filter = `lastUpdateDateTime ge ${new Date(NOW - 10 * MINUTE).toISOString()}`
      assert.equal((await alerts({ $filter })).length, 11)
      const other = `${$filter} and serviceSource eq 'microsoftDefenderForEndpoint'`
      assert.equal((await alerts({ $filter: other })).length, 0)
      let next: string | undefined = `${simulator.graph.url}/v1.0${ALERTS}?$top=10`
      const seen: unknown[] = []
      while (next !== undefined) {
        const page: Page = await json<Page>(fetch(next))
        seen.push(...page.value.map(({ id }) => id))
        next = page['@odata.nextLink']
      }
      assert.deepEqual([seen.length, new Set(seen).size], [31, 31])
    })

    for (const query of [
      { $filter: "title eq 'x'" },
      { $filter: 'lastUpdateDateTime ge yesterday' },
      { $filter: '' },
      { $orderby: 'lastUpdateDateTime' },
      { $select: 'id' },
      { $top: '0' },
      { $skiptoken: 'guessed' }
    ] as Record<string, string>[]) {
      it(`refuses ${JSON.stringify(query)}`, () => refused(get(ALERTS, query), 400, 'BadRequest'))
    }

    it('tells of an accepted remediation: an alert of its own, and news for the ones that name the mail', async () => {
      simulator.time = NOW + MINUTE
      const pair = { networkMessageId: MAIL.alerted, recipientEmailAddress: 'chen.li@contoso.example' }
      assert.equal((await post(REMEDIATE, order({ analyzedEmails: [pair] }))).status, 202)
      const [own, touched] = await alerts()
      assert.equal(own?.title, 'Administrative action submitted by an Administrator')
      assert.deepEqual(
        own.evidence.map(({ networkMessageId, recipientEmailAddress }) => ({
          networkMessageId,
          recipientEmailAddress
        })),
        [pair]
      )
      assert.equal(touched?.lastUpdateDateTime, '2026-11-22T02:42:00.0000000Z')
      assert.ok(touched.evidence.every(({ remediationStatus }) => remediationStatus === 'remediated'))
    })

    it('tells nothing of one that was refused', async () => {
      await refused(post(REMEDIATE, order({ severity: 'huge' })), 400, 'BadRequest')
      assert.equal((await alerts()).length, 1)
    })

    it('takes an alert while it runs, and what it has become', async () => {
      assert.equal((await switched('tenant/alerts', alert(1))).status, 204)
      assert.equal((await switched('tenant/alerts', { ...alert(1), title: 'changed' })).status, 204)
      assert.deepEqual(
        (await alerts()).map(({ title }) => title),
        ['changed', 'Email reported by user as malware or phish']
      )
      await refused(switched('tenant/alerts', { id: 'x' }), 400, 'BadRequest')
    })
  })

  describe('emailThreats', () => {
    const threats = (query: Record<string, string> = {}) =>
      fetch(`${simulator.graph.url}/beta${THREATS}?${new URLSearchParams(query).toString()}`)

    it('are there on beta only', async () => {
      const error = await refused(get(THREATS), 400, 'BadRequest')
      assert.equal(error.message, "Resource not found for the segment 'threatSubmission'.")
      const { value } = await json<Page>(threats())
      assert.deepEqual(
        value.map(({ source, category, attackSimulationInfo }) => [source, category, attackSimulationInfo !== null]),
        [
          ['user', 'phishing', false],
          ['user', 'phishing', true]
        ]
      )
    })

    it('filter by time, page, and refuse the rest', async () => {
      const { value } = await json<Page>(threats({ $filter: 'createdDateTime ge 2026-11-22T02:18:00Z' }))
      assert.equal(value.length, 1)
      const page = await json<Page>(threats({ $top: '1' }))
      assert.equal((await json<Page>(fetch(page['@odata.nextLink'] ?? ''))).value.length, 1)
      await refused(threats({ $filter: "source eq 'user'" }), 400, 'BadRequest')
      await refused(threats({ $select: 'id' }), 400, 'BadRequest')
    })

    it('take a submission while it runs', async () => {
      const submission = {
        id: 's-1',
        createdAt: NOW,
        source: 'administrator',
        category: 'malware',
        internetMessageId: '<a@b.example>',
        subject: '',
        sender: '',
        recipientEmailAddress: '',
        reporter: { email: 'x@contoso.example', displayName: '' },
        simulation: false
      }
      assert.equal((await switched('tenant/submissions', submission)).status, 204)
      assert.equal((await json<Page>(threats())).value.length, 3)
      await refused(switched('tenant/submissions', { ...submission, source: 'system' }), 400, 'BadRequest')
    })
  })

  describe('the reporting mailbox', () => {
    const created = { changeType: 'created', $select: 'id,subject' }
    const raw = rawMail(massMail(1, { receivedAt: NOW }), TENANT_ID)
    const mail = (subject: string) =>
      reportedMail(raw, { from: { address: 'a@contoso.example', name: 'A' }, subject, receivedAt: NOW })

    it('gives its inbox by pages, and then only what is new', async () => {
      for (let n = 0; n < 10; n += 1) simulator.graph.addReportedMail(mail(String(n)))
      const first = await json<Page>(get(DELTA, created))
      assert.deepEqual([first.value.length, first['@odata.deltaLink']], [10, undefined])
      assert.deepEqual(Object.keys(first.value[0] ?? {}), ['@odata.type', 'subject', 'id'])
      const last = await json<Page>(fetch(first['@odata.nextLink'] ?? ''))
      assert.deepEqual([last.value.length, last['@odata.nextLink']], [2, undefined])
      const answer = await switched('tenant/reported-mails', mail('new'))
      const { id } = await json<{ id: string }>(answer)
      const news = await json<Page>(fetch(last['@odata.deltaLink'] ?? ''))
      assert.deepEqual(
        news.value.map((message) => [message.id, message.subject]),
        [[id, 'new']]
      )
    })

    it('keeps to the page size that is asked for', async () => {
      const headers = { Prefer: 'odata.maxpagesize=1' }
      const page = fetch(`${simulator.graph.url}/v1.0${DELTA}?changeType=created`, { headers })
      assert.equal((await json<Page>(page)).value.length, 1)
    })

    it('answers 410 to a state that it has forgotten', async () => {
      const { '@odata.deltaLink': link = '' } = await json<Page>(get(DELTA, created))
      assert.equal((await switched('mail-state/forget', {})).status, 204)
      await refused(fetch(link), 410, 'SyncStateNotFound')
      assert.equal((await json<Page>(get(DELTA, created))).value.length, 2)
    })

    it('gives attachments, and their content as it is', async () => {
      const id = simulator.graph.addReportedMail({
        ...mail('bytes'),
        attachments: [{ kind: 'file', name: 'a.msg', contentType: 'application/vnd.ms-outlook', base64: '0M8R4KGx' }]
      })
      const { value } = await json<Page>(get(`${USER}/messages/${id}/attachments`))
      const [file] = value
      assert.deepEqual([file?.['@odata.type'], file?.name, file?.size], ['#microsoft.graph.fileAttachment', 'a.msg', 6])
      const content = await get(`${USER}/messages/${id}/attachments/${String(file?.id)}/$value`)
      assert.equal(Buffer.from(await content.arrayBuffer()).toString('base64'), '0M8R4KGx')
    })

    it('refuses what it does not have', async () => {
      await refused(get(DELTA.replace('report-phish', 'other'), created), 404, 'ErrorInvalidUser')
      await refused(get(`${USER}/messages/none/attachments`), 404, 'ErrorItemNotFound')
      await refused(get(DELTA, { $filter: 'isRead eq false', changeType: 'created' }), 400, 'BadRequest')
      await refused(get(DELTA, { $deltatoken: 'guessed' }), 400, 'BadRequest')
      await refused(get(DELTA, { changeType: 'created', $select: 'password' }), 400, 'BadRequest')
      await refused(post(`${USER}/messages/none/move`, {}), 400, 'BadRequest')
      await refused(switched('tenant/reported-mails', { ...mail('x'), attachments: 'x' }), 400, 'BadRequest')
    })
  })
})

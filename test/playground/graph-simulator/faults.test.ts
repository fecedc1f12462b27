// Scripted faults, the ledger, the switches over HTTP, and https. Asks over HTTP only.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALL_PERMISSIONS } from '../../../src/playground/graph-simulator/index.js'
import { GROUPS, massMail, PEOPLE } from '../../../src/playground/tenant.js'
import {
  EMAILS,
  NOW,
  REMEDIATE,
  json,
  order,
  refused,
  simulatorUnderTest,
  type Listing
} from './simulator-under-test.js'

describe('the Graph simulator', () => {
  const simulator = simulatorUnderTest()
  const { get, ofMessage, post } = simulator

  describe('scripted faults', () => {
    it('answers the next matching request only, with headers and an OData error of its own', async () => {
      simulator.graph.faults.add({ match: 'remediate', answer: { status: 429, headers: { 'Retry-After': '7' } } })
      assert.equal((await get(EMAILS)).status, 200)
      const answer = await post(REMEDIATE, order())
      assert.equal(answer.headers.get('retry-after'), '7')
      await refused(answer, 429, 'TooManyRequests')
      assert.deepEqual(simulator.graph.ledger.accepted, [])
      assert.equal((await post(REMEDIATE, order())).status, 202)
      assert.equal(simulator.graph.faults.pending, 0)
    })

    it('repeats a fault, keeps their order, and forgets them', async () => {
      simulator.graph.faults.add(
        { match: 'analyzedEmails', times: 2, answer: { status: 503 } },
        {
          match: 'any',
          answer: { status: 502, body: '<html>bad gateway</html>', headers: { 'Content-Type': 'text/html' } }
        },
        { match: 'users', answer: { status: 500 } }
      )
      await refused(get(EMAILS), 503, 'serviceNotAvailable')
      await refused(get(`${EMAILS}/x`), 503, 'serviceNotAvailable')
      const html = await get(EMAILS)
      assert.deepEqual([html.status, html.headers.get('content-type')], [502, 'text/html'])
      assert.equal(await html.text(), '<html>bad gateway</html>')
      simulator.graph.faults.clear()
      assert.equal((await get(`/users/${PEOPLE.dana}`)).status, 200)
    })

    it('cuts the connection before accepting, or after', async () => {
      simulator.graph.faults.add({ match: 'remediate', reset: 'before' }, { match: 'remediate', reset: 'after' })
      await assert.rejects(post(REMEDIATE, order()), TypeError)
      assert.equal(simulator.graph.ledger.accepted.length, 0)
      await assert.rejects(post(REMEDIATE, order()), TypeError)
      assert.equal(simulator.graph.ledger.accepted.length, 1)
      assert.deepEqual(
        simulator.graph.ledger.requests.map(({ status, fault }) => [status, fault]),
        [
          [null, 'reset'],
          [null, 'reset']
        ]
      )
    })

    it('accepts and then answers something else, but does not hide a refusal', async () => {
      simulator.graph.faults.add(
        { match: 'remediate', answerAfterAccept: { status: 504 } },
        { match: 'remediate', answerAfterAccept: { status: 504 } }
      )
      await refused(post(REMEDIATE, order()), 504, 'UnknownError')
      assert.equal(simulator.graph.ledger.accepted.length, 1)
      simulator.graph.faults.add({ match: 'remediate', reset: 'after' })
      await refused(post(REMEDIATE, {}), 400, 'BadRequest')
      await refused(post(REMEDIATE, {}), 400, 'BadRequest')
      assert.equal(simulator.graph.ledger.accepted.length, 1)
    })

    it('sends another Location, or none', async () => {
      const odd = 'https://security.evil.example/history?filters={"bulkId":["x"]}'
      simulator.graph.faults.add({ match: 'remediate', location: odd }, { match: 'remediate', location: null })
      const first = await post(REMEDIATE, order())
      assert.deepEqual([first.status, first.headers.get('location')], [202, odd])
      const second = await post(REMEDIATE, order())
      assert.deepEqual([second.status, second.headers.get('location')], [202, null])
      assert.equal(simulator.graph.ledger.accepted.length, 2)
    })

    it('never answers a hanging request, and lets it go when closed', async () => {
      simulator.graph.faults.add({ match: 'checkMemberGroups', hang: true })
      const hanging = assert.rejects(post(`/users/${PEOPLE.dana}/checkMemberGroups`, { groupIds: [] }), TypeError)
      await simulator.graph.ledger.waitFor((ledger) => ledger.requests.some((entry) => entry.fault === 'hang'))
      await simulator.graph.close()
      await hanging
      await simulator.restart({})
    })

    it('does a delayed request at once and answers late', async () => {
      simulator.graph.faults.add({ match: 'remediate', delayMs: 30 })
      const answer = post(REMEDIATE, order())
      await simulator.graph.ledger.waitFor((ledger) => ledger.accepted.length === 1)
      assert.equal(simulator.graph.ledger.requests[0]?.status, null)
      assert.equal((await answer).status, 202)
      assert.equal(simulator.graph.ledger.requests[0]?.status, 202)
    })

    it('takes no fault that it could not play', () => {
      assert.throws(() => simulator.graph.faults.add({ match: 'remediate', location: 'x\r\nSet-Cookie: y' }))
      assert.throws(() => simulator.graph.faults.add({ match: 'mail', hang: true } as never))
      assert.throws(() => simulator.graph.faults.add({ match: 'any' } as never))
    })
  })

  describe('the ledger', () => {
    it('holds every request with its body and status', async () => {
      await fetch(`${simulator.graph.url}/beta/groups/${GROUPS.analysts}?x=1`)
      await post(REMEDIATE, 'not json')
      const entries = simulator.graph.ledger.requests.map((entry) => ({ ...entry, headers: null }))
      const common = { at: NOW, headers: null, hasAuthorization: false, status: 400, fault: null }
      assert.deepEqual(entries, [
        {
          ...common,
          method: 'GET',
          path: `/beta/groups/${GROUPS.analysts}`,
          query: { x: '1' },
          version: 'beta',
          operation: 'groups',
          body: null
        },
        {
          ...common,
          method: 'POST',
          path: `/v1.0${REMEDIATE}`,
          query: {},
          version: 'v1.0',
          operation: 'remediate',
          body: 'not json'
        }
      ])
      assert.equal(simulator.graph.ledger.requests[1]?.headers['content-type'], 'application/json')
    })

    it('rejects a wait that was for nothing', () =>
      assert.rejects(
        simulator.graph.ledger.waitFor((ledger) => ledger.accepted.length > 0, 5),
        /not seen within 5 ms/
      ))
  })

  describe('its switches over HTTP', () => {
    const turn = (path: string, body: unknown) =>
      fetch(`${simulator.graph.url}/_simulator/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body)
      })

    it('plays faults, sets roles and the licence, adds mail and shows the ledger', async () => {
      assert.equal((await turn('faults', { match: 'users', answer: { status: 503 } })).status, 204)
      await refused(get(`/users/${PEOPLE.dana}`), 503, 'serviceNotAvailable')
      await turn('roles', { roles: [] })
      await refused(get(EMAILS), 403, 'Authorization_RequestDenied')
      await turn('roles', { roles: ALL_PERMISSIONS })
      await turn('licence', { on: false })
      await refused(get(EMAILS), 403, 'InvalidSubscription')
      await turn('licence', { on: true })
      await turn('cloud', { cloud: 'usGov' })
      await refused(get(EMAILS), 400, 'BadRequest')
      await turn('cloud', { cloud: 'global' })
      const mail = massMail(3, { receivedAt: NOW })
      assert.equal((await turn('tenant/messages', mail)).status, 204)
      assert.equal((await ofMessage(mail.networkMessageId)).length, 3)
      await post(REMEDIATE, order())
      const ledger = await json<{ requests: unknown[]; accepted: { text: string }[] }>(
        fetch(`${simulator.graph.url}/_simulator/ledger`)
      )
      assert.equal(ledger.requests.length, 6)
      assert.deepEqual(
        ledger.accepted.map(({ text }) => text),
        [JSON.stringify(order())]
      )
    })

    it('refuses what does not fit', async () => {
      await refused(turn('faults', { match: 'mail' }), 400, 'BadRequest')
      await refused(turn('roles', { roles: 'all' }), 400, 'BadRequest')
      await refused(turn('licence', {}), 400, 'BadRequest')
      await refused(turn('cloud', { cloud: 'moon' }), 400, 'BadRequest')
      await refused(turn('tenant/messages', { subject: 'x' }), 400, 'BadRequest')
      await refused(turn('other', {}), 404, 'NotFound')
    })
  })

  it('speaks https with a given key', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'graph-simulator-'))
    try {
      const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
      const files = ['-keyout', keyFile, '-out', certFile]
      const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      execFileSync('openssl', [...kind, ...subject, ...files], { stdio: 'ignore' })
      const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')]
      await simulator.restart({ tls: { key, cert } })
      assert.match(simulator.graph.url, /^https:\/\/127\.0\.0\.1:\d+$/)
      const ask = (path: string) =>
        new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
          httpsRequest(`${simulator.graph.url}${path}`, { ca: cert, agent: false }, (answer) => {
            let body = ''
            answer.on('data', (chunk) => (body += String(chunk)))
            answer.on('end', () => resolve({ status: answer.statusCode, body }))
          })
            .on('error', reject)
            .end()
        })
      const page = await ask(`/v1.0${EMAILS}?$top=1`)
      assert.equal(page.status, 200)
      assert.ok((JSON.parse(page.body) as Listing)['@odata.nextLink']?.startsWith(`${simulator.graph.url}/`))
      simulator.graph.faults.add({ match: 'analyzedEmails', reset: 'before' })
      await assert.rejects(ask(`/v1.0${EMAILS}`))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

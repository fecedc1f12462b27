import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { remediationActions, severities } from '../../src/case/plan.js'
import type { RemediationRequest, SubmissionOutcome } from '../../src/case/remediation.js'
import type { Fault } from '../../src/playground/graph-simulator/index.js'
import { MAIL, TENANT_ID } from '../../src/playground/tenant.js'
import { simulatedGraph, type SimulatedGraph } from './simulated-graph.js'

const copies = ['ana.silva', 'ben.okafor'].map((name) => ({
  networkMessageId: MAIL.mailboxFull,
  recipientEmailAddress: `${name}@contoso.example`
}))

function request(changes: Partial<RemediationRequest> = {}): RemediationRequest {
  return {
    displayName: 'PT-1042 softDelete v3',
    description: 'Reason: phish. Approved by Dana Weber.',
    severity: 'medium',
    action: 'softDelete',
    remediateSendersCopy: false,
    copies,
    ...changes
  }
}

describe('remediate', () => {
  let world: SimulatedGraph
  beforeEach(async () => {
    world = await simulatedGraph()
  })
  afterEach(() => world.graph.close())

  const submit = () => world.door.remediation.submit(request())
  const fault = (what: object) => world.graph.faults.add({ match: 'remediate', ...what } as Fault)
  const posts = () => world.graph.ledger.requests.length

  it('sends the contract and nothing else, for every action, severity and flag on both versions', async () => {
    const expected: unknown[] = []
    for (const version of ['v1.0', 'beta'] as const) {
      const { remediation } = world.openDoor({ version })
      for (const action of remediationActions)
        for (const severity of severities)
          for (const remediateSendersCopy of [true, false]) {
            // What the domain holds beside the two keys must not go along.
            const more = copies.map((copy) => ({ ...copy, location: 'inbox_folder', id: 'x' }))
            const choice = { action, severity, remediateSendersCopy }
            const outcome = await remediation.submit({ ...request(choice), copies: more, digest: 'x' } as never)
            assert.equal(outcome.kind, 'accepted')
            const { displayName, description } = request()
            expected.push({ version, body: { displayName, description, ...choice, analyzedEmails: copies } })
          }
    }
    assert.deepEqual(
      world.graph.ledger.accepted.map(({ version, body }) => ({ version, body })),
      expected
    )
    const paths = new Set(world.graph.ledger.requests.map(({ method, path }) => `${method} ${path}`))
    assert.deepEqual(
      [...paths],
      ['v1.0', 'beta'].map((version) => `POST /${version}/security/collaboration/analyzedEmails/remediate`)
    )
  })

  it('names every request, so that Microsoft can find it', async () => {
    await submit()
    await submit()
    const ids = world.graph.ledger.requests.map(({ headers }) => headers['client-request-id'] ?? '')
    assert.equal(new Set(ids).size, 2)
    for (const id of ids) assert.match(id, /^[0-9a-f-]{36}$/)
    assert.equal(world.graph.ledger.requests[0]?.headers['content-type'], 'application/json')
  })

  it('answers a 202 with a link that can be clicked, and the raw one', async () => {
    const outcome = await submit()
    assert.equal(outcome.kind, 'accepted')
    const bulkId = world.graph.ledger.accepted[0]?.bulkId ?? ''
    const page = 'https://security.microsoft.com/action-center/history'
    assert.equal(outcome.trackingLink, `${page}?filters=%7B%22bulkId%22%3A%5B%22${bulkId}%22%5D%7D&tid=${TENANT_ID}`)
    assert.equal(outcome.rawLocation, `${page}?filters={"bulkId":["${bulkId}"]}&tid=${TENANT_ID}`)
    assert.match(outcome.requestId ?? '', /^[0-9a-f-]{36}$/)
  })

  for (const location of [null, 'javascript:alert(1)', `https://evil.example/?tid=${TENANT_ID}`, 'x'.repeat(10_000)]) {
    it(`answers a 202 without a link where Location is ${String(location).slice(0, 40)}`, async () => {
      fault({ location })
      const outcome = await submit()
      assert.equal(outcome.kind, 'accepted')
      assert.equal(outcome.trackingLink, null)
      assert.equal(outcome.rawLocation, location)
    })
  }

  it('takes any other 2xx for accepted', async () => {
    fault({ answerAfterAccept: { status: 204 } })
    const outcome = await submit()
    assert.deepEqual([outcome.kind, 'status' in outcome && outcome.status], ['accepted', 204])
  })

  const waits: [string, Record<string, string>, number | null][] = [
    ['seconds', { 'Retry-After': '41' }, 41_000],
    ['two hours, uncut', { 'Retry-After': '7200' }, 7_200_000],
    ['a date', { 'Retry-After': 'Sun, 22 Nov 2026 09:05:00 GMT' }, 300_000],
    ['nothing', {}, null],
    ['garbage', { 'Retry-After': 'later' }, null]
  ]
  for (const [name, headers, retryAfterMs] of waits) {
    it(`answers a 429 as throttled and does not repeat it: ${name}`, async () => {
      fault({ answer: { status: 429, headers } })
      const { requestId, ...outcome } = (await submit()) as Extract<SubmissionOutcome, { kind: 'throttled' }>
      assert.deepEqual(outcome, { kind: 'throttled', retryAfterMs })
      assert.match(requestId ?? '', /^[0-9a-f-]{36}$/)
      assert.deepEqual([posts(), world.graph.ledger.accepted.length], [1, 0])
    })
  }

  for (const status of [400, 403, 404, 405, 409, 410, 413, 421, 422]) {
    it(`answers ${status} as refused, with Graph's code`, async () => {
      fault({ answer: { status, body: { error: { code: 'SomeCode', message: 'Some words.' } } } })
      const { requestId, ...outcome } = (await submit()) as Extract<SubmissionOutcome, { kind: 'refused' }>
      assert.deepEqual(outcome, { kind: 'refused', status, code: 'SomeCode', message: 'Some words.' })
      assert.match(requestId ?? '', /^[0-9a-f-]{36}$/)
      assert.equal(posts(), 1)
    })
  }

  it('bounds what a refusal says, and survives one that says nothing', async () => {
    fault({ answer: { status: 400, body: { error: { code: 'C'.repeat(5000), message: 'm'.repeat(5000) } } } })
    fault({ answer: { status: 409, body: '<html>Conflict</html>' } })
    const long = await submit()
    assert.deepEqual(long.kind === 'refused' && [long.code.length, long.message.length], [100, 500])
    const html = await submit()
    assert.deepEqual(html.kind === 'refused' && [html.code, html.message], ['HTTP 409', ''])
  })

  it('shows the refusal of a missing permission and of a missing licence', async () => {
    world.graph.licence(false)
    const unlicensed = await submit()
    assert.equal(unlicensed.kind === 'refused' && unlicensed.code, 'InvalidSubscription')
    world.graph.grant([])
    const forbidden = await submit()
    assert.equal(forbidden.kind === 'refused' && forbidden.code, 'Authorization_RequestDenied')
  })

  it('names the setting where the version has no such operation', async () => {
    const body = { error: { code: 'BadRequest', message: "Resource not found for the segment 'analyzedEmails'." } }
    fault({ answer: { status: 400, body } })
    const outcome = await submit()
    assert.equal(outcome.kind, 'refused')
    assert.match(outcome.message, /no such operation in version v1\.0: check the setting GRAPH_API_VERSION\./)
    assert.match(outcome.message, /segment 'analyzedEmails'/)
  })

  it('does not name the setting for another bad request', async () => {
    const outcome = await world.door.remediation.submit(request({ copies: [] }))
    assert.equal(outcome.kind, 'refused')
    assert.doesNotMatch(outcome.message, /GRAPH_API_VERSION/)
  })

  for (const status of [301, 408, 500, 502, 503, 504]) {
    it(`answers ${status} as uncertain and does not repeat it`, async () => {
      fault({ answerAfterAccept: { status, headers: { 'Retry-After': '1' }, body: '<html></html>' } })
      const outcome = await submit()
      assert.equal(outcome.kind, 'uncertain')
      assert.equal(outcome.status, status)
      assert.match(outcome.reason, new RegExp(String(status)))
      assert.deepEqual([posts(), world.graph.ledger.accepted.length], [1, 1])
    })
  }

  for (const when of ['before', 'after'] as const) {
    it(`answers a reset ${when} accepting as uncertain`, async () => {
      fault({ reset: when })
      assert.deepEqual(await submit(), {
        kind: 'uncertain',
        reason: 'The connection to Microsoft Graph broke before an answer came.',
        status: null,
        requestId: null
      })
      assert.deepEqual([posts(), world.graph.ledger.accepted.length], [1, when === 'after' ? 1 : 0])
    })
  }

  it('answers silence as uncertain, at the deadline', async () => {
    fault({ hang: true })
    const { remediation } = world.openDoor({ deadlines: { remediate: 200 } })
    const outcome = await remediation.submit(request())
    assert.equal(outcome.kind === 'uncertain' && outcome.reason, 'Microsoft Graph did not answer within 0.2 seconds.')
    assert.equal(posts(), 1)
  })

  it('does not follow a 307 to another server', async () => {
    const seen: string[] = []
    const other = createServer((incoming, response) => {
      seen.push(incoming.url ?? '')
      response.writeHead(202).end()
    })
    const url = await listening(other)
    try {
      fault({ answer: { status: 307, headers: { Location: `${url}/steal` } } })
      const outcome = await submit()
      assert.deepEqual([outcome.kind, 'status' in outcome && outcome.status], ['uncertain', 307])
      assert.deepEqual(seen, [])
      assert.equal(posts(), 1)
    } finally {
      other.close()
    }
  })

  it('asks once more after a 401, which accepted nothing', async () => {
    fault({ answer: { status: 401 } })
    assert.equal((await submit()).kind, 'accepted')
    assert.deepEqual([posts(), world.graph.ledger.accepted.length], [2, 1])
  })

  it('answers a second 401 as refused', async () => {
    fault({ answer: { status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } }, times: 5 })
    const outcome = await submit()
    assert.deepEqual(outcome.kind === 'refused' && [outcome.status, outcome.code], [401, 'InvalidAuthenticationToken'])
    assert.equal(posts(), 2)
  })

  it('answers a refused connection as not sent', async () => {
    const closed = createServer()
    const baseUrl = await listening(closed)
    await new Promise((resolve) => closed.close(resolve))
    const log: Record<string, unknown>[] = []
    const { remediation } = world.openDoor({ baseUrl, log: (_event, detail) => void log.push(detail) })
    assert.deepEqual(await remediation.submit(request()), {
      kind: 'notSent',
      reason: 'No connection to Microsoft Graph came about.'
    })
    assert.match(String(log[0]?.cause), /ECONNREFUSED/)
  })

  it('answers a name that does not resolve as not sent', async () => {
    const { remediation } = world.openDoor({ baseUrl: 'http://graph.invalid' })
    assert.equal((await remediation.submit(request())).kind, 'notSent')
  })

  it('answers a missing token as not sent, and asks Graph nothing', async () => {
    // An https address, or the client would not even want a token; the authority there refuses connections.
    const tenantId = TENANT_ID
    const authorityHost = 'https://127.0.0.1:1'
    const { remediation } = world.openDoor({
      baseUrl: world.graph.url.replace('http:', 'https:'),
      auth: {
        kind: 'on',
        credential: { kind: 'secret', tenantId, clientId: tenantId, authorityHost, clientSecret: 's' }
      },
      deadlines: { remediate: 300 }
    })
    assert.deepEqual(await remediation.submit(request()), {
      kind: 'notSent',
      reason: 'The bot got no token for Microsoft Graph from Entra.'
    })
    assert.equal(posts(), 0)
  })
})

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

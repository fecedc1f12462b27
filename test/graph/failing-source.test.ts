// What every polled source says when Graph refuses or breaks: words a person can act on, and no step forward.
import assert from 'node:assert/strict'
import type { Fault } from '../../src/playground/graph-simulator/index.js'
import { ids, readAll } from './polling.js'
import { simulatedGraph, type SimulatedGraph } from './simulated-graph.js'

const ways = [
  { name: 'alerts', match: 'alerts', permission: 'SecurityAlert.Read.All', list: '/v1.0/security/alerts_v2' },
  {
    name: 'submissions',
    match: 'submissions',
    permission: 'ThreatSubmission.Read.All',
    list: '/beta/security/threatSubmission/emailThreats'
  },
  { name: 'mailbox', match: 'mailDelta', permission: 'Mail.Read', list: null }
]

for (const { name, match, permission, list } of ways) {
  describe(`the source of ${name}, refused or broken`, () => {
    let world: SimulatedGraph
    beforeEach(async () => {
      world = await simulatedGraph()
    })
    afterEach(() => world.graph.close())

    const source = (read?: number) => {
      const readMail = async () => ({ kind: 'unreadable' as const, reason: 'not read here' })
      const only = world
        .openDoor(read === undefined ? {} : { deadlines: { read } })
        .sources({
          alerts: true,
          submissions: true,
          mailbox: { address: 'report-phish@contoso.example', readMail }
        })
        .find((each) => each.name === name)
      assert.ok(only)
      return only
    }
    const fault = (what: object) => world.graph.faults.add({ match, ...what } as Fault)

    it('names the permission that is missing', async () => {
      world.graph.grant(['User.Read.All'])
      assert.deepEqual(await source().poll(null), {
        kind: 'failed',
        reason: `Microsoft Graph refused it (Authorization_RequestDenied): it takes the permission ${permission}.`,
        retryAfterMs: null
      })
    })

    it('says how long to wait when throttled', async () => {
      fault({ answer: { status: 429, headers: { 'Retry-After': '30' } } })
      const reason = 'Microsoft Graph is throttling the bot.'
      assert.deepEqual(await source().poll(null), { kind: 'failed', reason, retryAfterMs: 30_000 })
      assert.equal(world.graph.ledger.requests.length, 1)
    })

    const broken: [object, RegExp][] = [
      [{ answer: { status: 503 } }, /answered 503 \(serviceNotAvailable\)/],
      [{ answer: { status: 500 } }, /answered 500 \(UnknownError\)/],
      [{ answer: { status: 200, body: '<html></html>' } }, /could not be read/],
      [{ answer: { status: 200, body: { value: {} } } }, /could not be read/],
      [{ answer: { status: 307, headers: { Location: 'http://127.0.0.1:9/' } } }, /answered 307/],
      [{ answer: { status: 401 }, times: 2 }, /answered 401/],
      [{ reset: 'before' }, /connection to Microsoft Graph broke/]
    ]
    for (const [what, reason] of broken) {
      it(`says in plain words that it cannot tell, and goes on later: ${String(reason)}`, async () => {
        fault(what)
        const answer = await source().poll(null)
        assert.equal(answer.kind, 'failed')
        assert.match(answer.reason, reason)
        assert.doesNotMatch(answer.reason, /127\.0\.0\.1|ECONN|fetch/)
        const { reports, leftOut } = await readAll(source(), null)
        assert.notEqual(ids([...reports, ...leftOut]).length, 0)
      })
    }

    it('gives up at its deadline', async () => {
      fault({ hang: true })
      const answer = await source(150).poll(null)
      assert.equal(answer.kind === 'failed' && answer.reason, 'Microsoft Graph did not answer in time.')
    })

    if (list === null) return

    it('says that the licence is missing', async () => {
      world.graph.licence(false)
      const answer = await source().poll(null)
      assert.match(answer.kind === 'failed' ? answer.reason : '', /InvalidSubscription.*Plan 2/)
    })

    it('keeps nothing of a list that broke in the middle', async () => {
      const nextLink = `${world.graph.url}${list}?$skiptoken=YWZ0ZXI6MQ`
      fault({ answer: { status: 200, body: { value: [], '@odata.nextLink': nextLink } } })
      fault({ answer: { status: 503 } })
      assert.equal((await source().poll(null)).kind, 'failed')
    })

    it('does not follow a page to elsewhere, nor in a circle', async () => {
      const page = (nextLink: unknown) =>
        fault({ answer: { status: 200, body: { value: [], '@odata.nextLink': nextLink } } })
      for (const elsewhere of [`https://evil.example${list}`, `${world.graph.url}/v1.0/users`, 'next', 7]) {
        page(elsewhere)
        assert.equal((await source().poll(null)).kind, 'failed')
      }
      assert.equal(world.graph.ledger.requests.length, 4)
      page(`${world.graph.url}${list}?$skiptoken=a`)
      page(`${world.graph.url}${list}?$skiptoken=a`)
      const circle = await source().poll(null)
      assert.equal(circle.kind === 'failed' && circle.reason, 'Microsoft Graph answered the same page twice.')
    })
  })
}

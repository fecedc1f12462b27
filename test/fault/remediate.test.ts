// One answer of Graph to remediate, one row: what was accepted, what stands on the card, and that there is a way on.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CannedAnswer } from '../../src/playground/graph-simulator/faults.js'
import type { Fault } from '../../src/playground/graph-simulator/index.js'
import {
  type Desk,
  approve,
  assertCounts,
  assertNoProofClaimed,
  assertProposeAgainWorks,
  hour,
  openDesk,
  triage
} from './fault-desk.js'

const match = 'remediate'
const refusal = (status: number, code: string): CannedAnswer => ({
  status,
  body: { error: { code, message: 'Graph says why.', innerError: { 'request-id': 'b5f4c1de' } } }
})

describe('faults: Graph answers remediate with', () => {
  let desk: Desk
  let elsewhere: Server
  let strayRequests = 0

  before(async () => {
    elsewhere = createServer((_request, response) => {
      strayRequests += 1
      response.writeHead(202).end()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  })
  after(() => {
    elsewhere.close()
  })
  beforeEach(async () => {
    strayRequests = 0
    desk = await openDesk()
  })
  afterEach(() => desk.close())

  const redirect = (): Fault => {
    const { port } = elsewhere.address() as AddressInfo
    const Location = `http://127.0.0.1:${String(port)}/v1.0/security/collaboration/analyzedEmails/remediate`
    return { match, answer: { status: 307, headers: { Location } } }
  }

  const unknown: { says: string; fault: () => Fault; accepted: number }[] = [
    { says: '503', fault: () => ({ match, answer: { status: 503 } }), accepted: 0 },
    {
      says: '503 with Retry-After',
      fault: () => ({ match, answer: { status: 503, headers: { 'Retry-After': '1' } } }),
      accepted: 0
    },
    { says: '500', fault: () => ({ match, answer: { status: 500 } }), accepted: 0 },
    {
      says: '502 with a page of HTML',
      fault: () => ({ match, answer: { status: 502, body: '<html>Bad gateway</html>' } }),
      accepted: 0
    },
    { says: '504 before accepting', fault: () => ({ match, answer: { status: 504 } }), accepted: 0 },
    { says: '504 after accepting', fault: () => ({ match, answerAfterAccept: { status: 504 } }), accepted: 1 },
    { says: '408 after accepting', fault: () => ({ match, answerAfterAccept: { status: 408 } }), accepted: 1 },
    { says: 'a reset before accepting', fault: () => ({ match, reset: 'before' }), accepted: 0 },
    { says: 'a reset after accepting', fault: () => ({ match, reset: 'after' }), accepted: 1 },
    { says: '307 to another server', fault: redirect, accepted: 0 }
  ]
  for (const { says, fault, accepted } of unknown) {
    it(`${says}: unknown, and not sent again without a new approval`, async () => {
      await triage(desk)
      desk.graph.faults.add(fault())
      await approve(desk)
      const { words } = desk.card()
      assert.match(words, /outcome unknown/i)
      assert.match(words, /PT-1001 softDelete v1/, 'the name to look for in Action Center')
      assert.doesNotMatch(words, /submitted|refused|removed/i)
      await desk.pass(2 * hour)
      assertCounts(desk, 1, accepted)
      assertNoProofClaimed(desk)
      await assertProposeAgainWorks(desk, { version: 1 })
      assert.equal(strayRequests, 0)
    })
  }

  const refused: { says: string; fault: Fault; code: string; requests: number }[] = [
    { says: '400', fault: { match, answer: refusal(400, 'invalidRequest') }, code: 'invalidRequest', requests: 1 },
    {
      says: '403',
      fault: { match, answer: refusal(403, 'Authorization_RequestDenied') },
      code: 'Authorization_RequestDenied',
      requests: 1
    },
    { says: '404', fault: { match, answer: refusal(404, 'itemNotFound') }, code: 'itemNotFound', requests: 1 },
    { says: '409', fault: { match, answer: refusal(409, 'Conflict') }, code: 'Conflict', requests: 1 },
    {
      says: '413',
      fault: { match, answer: refusal(413, 'RequestEntityTooLarge') },
      code: 'RequestEntityTooLarge',
      requests: 1
    },
    // By the letter of HTTP a client may repeat this one by itself, and fetch does.
    { says: '421', fault: { match, answer: refusal(421, 'Misdirected') }, code: 'Misdirected', requests: 1 },
    {
      says: '422 without a code',
      fault: { match, answer: { status: 422, body: 'no' } },
      code: 'HTTP 422',
      requests: 1
    },
    {
      says: '401 for the old token and the fresh one',
      fault: { match, times: 2, answer: refusal(401, 'InvalidAuthenticationToken') },
      code: 'InvalidAuthenticationToken',
      requests: 2
    }
  ]
  for (const { says, fault, code, requests } of refused) {
    it(`${says}: refused, with Graph's code, and not sent again without a new approval`, async () => {
      await triage(desk)
      desk.graph.faults.add(fault)
      await approve(desk)
      const { words } = desk.card()
      assert.match(words, /refused/i)
      assert.ok(words.includes(code), words)
      assert.doesNotMatch(words, /unknown|submitted/i)
      await desk.pass(2 * hour)
      assertCounts(desk, requests, 0)
      assertNoProofClaimed(desk)
      await assertProposeAgainWorks(desk, { version: 1 })
    })
  }

  it('401 once: a fresh token, then submitted', async () => {
    await triage(desk)
    desk.graph.faults.add({ match, answer: refusal(401, 'InvalidAuthenticationToken') })
    await approve(desk)
    assert.match(desk.card().words, /Submitted/)
    assertCounts(desk, 2, 1)
    assertNoProofClaimed(desk)
  })
})

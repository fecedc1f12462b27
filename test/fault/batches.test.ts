// One plan in several POSTs: a refusal stops the rest, an unknown outcome does not, and nothing is sent twice.
import assert from 'node:assert/strict'
import type { Fault } from '../../src/playground/graph-simulator/index.js'
import { massMail } from '../../src/playground/tenant.js'
import {
  type Desk,
  approve,
  assertCounts,
  assertNoProofClaimed,
  buttonTitles,
  hour,
  linkReplies,
  openDesk,
  remediates,
  triage
} from './fault-desk.js'

const match = 'remediate'
/** Lets the first batch through. */
const first: Fault = { match, delayMs: 1 }
const refusal: Fault = { match, answer: { status: 400, body: { error: { code: 'tooMany', message: '' } } } }

interface Row {
  says: string
  faults: Fault[]
  requests: number
  accepted: number
  card: RegExp[]
  links: number
}

const rows: Row[] = [
  {
    says: 'all accepted',
    faults: [],
    requests: 3,
    accepted: 3,
    card: [/Submitted/, /3 accepted/],
    links: 3
  },
  {
    says: 'a refusal in the middle stops the rest',
    faults: [first, refusal],
    requests: 2,
    accepted: 1,
    card: [/1 accepted, 1 refused, 1 not sent/, /Accepted for 100 mailboxes/, /tooMany/],
    links: 1
  },
  {
    says: 'a refusal of the first stops the rest',
    faults: [refusal],
    requests: 1,
    accepted: 0,
    card: [/Refused by Defender/, /1 refused, 2 not sent/, /tooMany/],
    links: 0
  },
  {
    says: 'an unknown outcome in the middle does not stop the rest',
    faults: [first, { match, answer: { status: 503 } }],
    requests: 3,
    accepted: 2,
    card: [/Outcome unknown/, /2 accepted, 1 outcome unknown/],
    links: 2
  },
  {
    says: 'unknown, then refused',
    faults: [{ match, reset: 'after' }, refusal],
    requests: 2,
    accepted: 1,
    card: [/Outcome unknown/, /1 refused, 1 outcome unknown, 1 not sent/, /tooMany/],
    links: 0
  },
  {
    says: 'throttled longer than an hour in the middle stops the rest',
    faults: [first, { match, answer: { status: 429, headers: { 'Retry-After': '7200' } } }],
    requests: 2,
    accepted: 1,
    card: [/Partly submitted/, /1 accepted, 2 not sent/],
    links: 1
  }
]

describe('faults: 250 copies in batches of 100', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
    const message = massMail(250, { receivedAt: desk.clock.now() })
    desk.graph.addMessage(message)
    await triage(desk, undefined, message.networkMessageId)
  })
  afterEach(() => desk.close())

  const names = () => remediates(desk).map(({ body }) => (body as { displayName: string }).displayName)
  const copies = () =>
    desk.graph.ledger.accepted.flatMap(({ body }) => body.analyzedEmails.map((copy) => copy.recipientEmailAddress))

  for (const { says, faults, requests, accepted, card, links } of rows) {
    it(says, async () => {
      desk.graph.faults.add(...faults)
      await approve(desk)
      await desk.pass(2 * hour)
      assertCounts(desk, requests, accepted)
      assert.deepEqual(
        names(),
        [1, 2, 3].slice(0, requests).map((seq) => `PT-1001 softDelete v1 ${String(seq)}/3`)
      )
      assert.equal(new Set(copies()).size, copies().length, 'no copy twice')
      for (const words of card) assert.match(desk.card().words, words)
      const replies = linkReplies(desk)
      assert.equal(replies.length, links === 0 ? 0 : 1)
      assert.equal(replies[0]?.words.match(/Batch \d\/3/g)?.length ?? 0, links)
      assert.equal(buttonTitles(desk.card()).includes('Propose again'), accepted < 3)
      assertNoProofClaimed(desk)
    })
  }

  it('a batch that is throttled is sent once more, and then the rest in order', async () => {
    desk.graph.faults.add(first, { match, answer: { status: 429, headers: { 'Retry-After': '30' } } })
    await approve(desk)
    assertCounts(desk, 2, 1)
    assert.match(desk.card().words, /1 of 3 batches accepted/)
    assert.equal(linkReplies(desk).length, 1, 'the first link does not wait for the rest')
    await desk.pass(30_000)
    assertCounts(desk, 4, 3)
    assert.deepEqual(
      names(),
      [1, 2, 2, 3].map((seq) => `PT-1001 softDelete v1 ${String(seq)}/3`)
    )
    assert.equal(copies().length, 250)
    assert.equal(new Set(copies()).size, 250)
    assert.match(desk.card().words, /Submitted/)
    assert.equal(linkReplies(desk).length, 1)
  })
})

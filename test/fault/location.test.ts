// Accepted, but with a Location that cannot be used: said so, with a link to Action Center's history, and never shown as it came.
import assert from 'node:assert/strict'
import { buttonsOf } from '../../src/playground/teams/person.js'
import { TENANT_ID } from '../../src/playground/tenant.js'
import { type Desk, approve, assertCounts, assertNoProofClaimed, linkReplies, openDesk, triage } from './fault-desk.js'

const bulk = '0f6f7f3e-2f0e-4d3c-9d0b-6b0d4a0f1c11'
const page = 'https://security.microsoft.com/action-center/history'
const filters = `filters={"bulkId":["${bulk}"]}`

const odd: { says: string; location: string | null; secret?: string }[] = [
  { says: 'no Location', location: null },
  { says: 'an empty Location', location: '' },
  { says: 'half a Location', location: `${page}?filters={"bulkId":["${bulk}` },
  { says: 'another host', location: `https://security.microsoft.com.evil.example/action-center/history?${filters}` },
  { says: 'a host behind a user name', location: `https://security.microsoft.com@evil.example/?${filters}` },
  {
    says: 'another tenant',
    location: `${page}?${filters}&tid=0e7c1b5a-1111-4111-8111-111111111111`,
    secret: '0e7c1b5a-1111'
  },
  { says: 'no tenant', location: `${page}?${filters}` },
  { says: 'javascript:', location: 'javascript:alert(document.domain)', secret: 'javascript:' },
  { says: 'plain http', location: `http://security.microsoft.com/action-center/history?${filters}&tid=${TENANT_ID}` },
  { says: 'Markdown in it', location: `${page}?${filters}&tid=${TENANT_ID}](https://evil.example)` },
  { says: '10 KB', location: `${page}?${filters}&tid=${TENANT_ID}&x=${'a'.repeat(10_000)}` }
]

describe('faults: Graph accepts with an odd Location', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
    await triage(desk)
  })
  afterEach(() => desk.close())

  const linksOn = (card: unknown) => buttonsOf(card).flatMap((button) => ('url' in button ? [String(button.url)] : []))

  for (const { says, location, secret } of odd) {
    it(`${says}: accepted, no usable link`, async () => {
      desk.graph.faults.add({ match: 'remediate', location })
      await approve(desk)
      assertCounts(desk, 1, 1)
      assert.match(desk.card().words, /Submitted/)
      const [link, ...more] = linkReplies(desk)
      assert.ok(link !== undefined && more.length === 0)
      assert.match(link.words, /accepted, no usable link/i)
      for (const { card } of [desk.card(), link]) {
        const history = `${page}?tid=${TENANT_ID}`
        assert.deepEqual(
          linksOn(card).filter((url) => url.includes('action-center')),
          [history]
        )
      }
      const channel = JSON.stringify(desk.messages())
      for (const part of [bulk, 'evil.example', secret ?? bulk]) assert.ok(!channel.includes(part), part)
      assertNoProofClaimed(desk)
    })
  }

  it('a good Location: the link opens the right filter', async () => {
    await approve(desk)
    assertCounts(desk, 1, 1)
    const id = desk.graph.ledger.accepted[0]?.bulkId ?? ''
    const [link] = linkReplies(desk)
    const wanted = `${page}?filters=${encodeURIComponent(`{"bulkId":["${id}"]}`)}&tid=${TENANT_ID}`
    assert.deepEqual(linksOn(link?.card), [wanted])
  })
})

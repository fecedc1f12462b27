// Five thousand copies of one mail: nothing is cut silently, cards stay small, and the batches cover every copy once.
import assert from 'node:assert/strict'
import { massMail } from '../../src/playground/tenant.js'
import { aSoc, openCase } from './scenes.js'
import { type Soc, channelId, dana, tom } from './soc.js'

const id = '5000aaaa-0000-4000-8000-000000005000'
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

/** Every card and activity that Teams was sent, updates too. */
function assertSmall(soc: Soc): void {
  for (const { activity } of soc.teams.entries) {
    assert.ok(bytes(activity) < 24 * 1024, `an activity of ${String(bytes(activity))} bytes`)
    for (const { content } of activity.attachments ?? []) {
      assert.ok(bytes(content) < 20 * 1024, `a card of ${String(bytes(content))} bytes`)
    }
  }
}

describe('5,000 copies', () => {
  describe('under the limit', () => {
    const soc = aSoc(() => ({
      config: { batchSize: 250 },
      policy: { limits: { maxCopies: 10_000, protectedMailboxes: ['user0001@contoso.example'] } },
      tenant: (tenant) => tenant.messages.push(massMail(5000, { receivedAt: tenant.messages[0]?.receivedAt ?? 0 }))
    }))

    it('are shown in small cards, and each is POSTed exactly once, in batches', async () => {
      const card = await openCase(soc(), id)
      assert.match(card.words, /5,000 mailboxes: 4,999 inbox/)
      assert.match(card.words, /and 4,9\d\d more/)
      assert.match(card.words, /Acts on 4,999 of 5,000 mailboxes/)
      await soc().say(tom, 'case PT-1001', 'personal')
      await soc().press(dana, 'Approve', { reason: 'parcel phish' })
      await soc().settle()
      const { accepted } = soc().graph.ledger
      assert.deepEqual(
        accepted.map(({ body }) => body.displayName),
        Array.from({ length: 20 }, (_, index) => `PT-1001 softDelete v1 ${String(index + 1)}/20`)
      )
      const posted = accepted.flatMap(({ body }) => body.analyzedEmails.map((each) => each.recipientEmailAddress))
      assert.equal(posted.length, 4999)
      assert.equal(new Set(posted).size, 4999)
      assert.ok(accepted.every(({ body }) => body.analyzedEmails.length <= 250))
      const reply = soc().heard(channelId).at(-1) ?? ''
      assert.match(reply, /PT-1001 submitted: soft delete in 4,999 mailboxes/)
      assert.match(reply, /and 10 more links: case PT-1001/)
      assertSmall(soc())
    })
  })

  describe('over the limit', () => {
    const soc = aSoc(() => ({
      tenant: (tenant) => tenant.messages.push(massMail(5000, { receivedAt: tenant.messages[0]?.receivedAt ?? 0 }))
    }))

    it('have no Approve; the card says how to narrow', async () => {
      const card = await openCase(soc(), id)
      assert.match(card.words, /Too many to approve[^]*5,000 mailboxes; the policy allows 1,000 mailboxes at once/)
      assert.doesNotMatch(card.words, /^Approve$/m)
      assertSmall(soc())
    })
  })
})

// The main story: a triage, a card, an approval, one POST, one link. Checks only what Teams and Graph have seen.
import assert from 'node:assert/strict'
import { buttonsOf } from '../../src/playground/teams/person.js'
import { MAIL, TENANT_ID } from '../../src/playground/tenant.js'
import { aSoc, cardTold, openCase, remediations } from './scenes.js'
import { channelId, dana, tom } from './soc.js'

const mailboxes = [
  'ana.silva',
  'ben.okafor',
  'chen.li',
  'd.weber',
  'e.rossi',
  'f.haddad',
  'g.novak',
  'h.sato',
  'i.moreau',
  'j.kim',
  'priya.nair'
]

describe('triage, card, approval, remediate, tracking link', () => {
  const soc = aSoc()

  it('says at once that the case is open, and posts a card of its own thread', async () => {
    assert.equal((await soc().say(tom, `triage ${MAIL.mailboxFull}`)).status, 200)
    assert.match(soc().heard(channelId)[0] ?? '', /^\*\*PT-1001\*\* is open\. I am looking the mail up/)
    await soc().settle()
    const card = soc().card()
    assert.equal(card.conversationId, `${channelId};messageid=${card.activityId}`)
    for (const words of [
      /Needs a decision/,
      /PT-1001 · v1/,
      /Your mailbox is full: confirm your password/,
      /12 mailboxes: 9 inbox, 2 junk, 1 cannot be acted on/,
      /plant7\.scanner: on-premises, cannot be acted on/,
      /Phish, high confidence/,
      /Reported by\nTom Berg/,
      /Acts on 11 of 12 mailboxes/
    ]) {
      assert.match(card.words, words)
    }
    assert.deepEqual(
      buttonsOf(card.card)
        .filter(({ type }) => type !== 'Action.ToggleVisibility')
        .map(({ title }) => title),
      ['Look again', 'Open in Defender', 'Approve', 'Not phish']
    )
  })

  it('POSTs exactly what the contract says and what the card showed', async () => {
    await openCase(soc())
    const answer = await soc().press(dana, 'Approve', { severity: 'high', reason: 'Password page confirmed' })
    assert.match(cardTold(answer), /Approved, being submitted/)
    await soc().settle()

    const [request] = soc().graph.ledger.requests.filter(({ operation }) => operation === 'remediate')
    assert.equal(request?.path, '/v1.0/security/collaboration/analyzedEmails/remediate')
    const [{ description, ...body } = { description: '' }, ...others] = remediations(soc()) as { description: string }[]
    assert.deepEqual(others, [])
    assert.deepEqual(body, {
      displayName: 'PT-1001 softDelete v1',
      severity: 'high',
      action: 'softDelete',
      remediateSendersCopy: false,
      analyzedEmails: mailboxes.map((name) => ({
        networkMessageId: MAIL.mailboxFull,
        recipientEmailAddress: `${name}@contoso.example`
      }))
    })
    assert.match(
      description,
      /^Password page confirmed \| Approved by Dana Weber \(da4a0000-0000-4000-8000-000000000001\) \| PT-1001 v1, plan sha256:[0-9a-f]{64}$/
    )
  })

  it('changes the card for everybody and posts the re-encoded link in its thread', async () => {
    await openCase(soc())
    await soc().press(dana, 'Approve', { reason: 'Password page confirmed' })
    await soc().settle()
    const card = soc().card()
    for (const words of [
      /Submitted/,
      /accepted, not looked at yet/,
      /✓ Approved by Dana Weber/,
      /Password page confirmed/
    ]) {
      assert.match(card.words, words)
    }
    assert.doesNotMatch(card.words, /\bremoved\b|\bdone\b|\bdeleted\b/i)

    const replies = soc()
      .messages()
      .filter(
        ({ conversationId, activityId }) => conversationId === card.conversationId && activityId !== card.activityId
      )
    assert.equal(replies.length, 1)
    const [reply] = replies
    assert.match(reply?.words ?? '', /PT-1001 submitted: soft delete in 11 mailboxes\nApproved by Dana Weber/)
    const { bulkId } = soc().graph.ledger.accepted[0] ?? { bulkId: '' }
    const filters = encodeURIComponent(JSON.stringify({ bulkId: [bulkId] }))
    const href = `https://security.microsoft.com/action-center/history?filters=${filters}&tid=${TENANT_ID}`
    for (const each of [card, reply]) {
      const [link] = buttonsOf(each?.card).filter(({ title }) => title === 'Track in Action Center')
      assert.equal((link as { url?: string } | undefined)?.url, href)
    }
    assert.doesNotMatch(href, /[{}"[\]]/)
  })

  it('gives every card, on create and on update, a summary without words from outside', async () => {
    await openCase(soc(), MAIL.hostile)
    await soc().press(dana, 'Approve', { reason: 'quite **certain**' })
    await soc().settle()
    const cards = soc().teams.entries.filter(({ activity }) => activity.attachments !== undefined)
    assert.ok(cards.some(({ operation }) => operation === 'update'))
    const summaries = cards.map(({ activity }) => activity.summary ?? '')
    for (const summary of summaries) {
      assert.match(summary, /^PT-1001(?:: (?:1 mailbox, )?[a-z, ]+| submitted: soft delete in 1 mailbox)$/)
    }
    assert.ok(summaries.includes('PT-1001: 1 mailbox, needs a decision'))
    assert.ok(summaries.includes('PT-1001: 1 mailbox, submitted'))
  })

  it("removes the sender's copy only where the mail has one and the approver ticked it", async () => {
    await openCase(soc(), MAIL.internalPhish)
    await soc().press(dana, 'Approve', { reason: 'taken-over account', remediateSendersCopy: 'true' })
    await soc().settle()
    assert.deepEqual(
      soc().graph.ledger.accepted.map(({ body }) => body.remediateSendersCopy),
      [true]
    )
    assert.match(soc().card().words, /the sender's copy too/)
  })

  it('closes the case as not phish without a POST', async () => {
    await openCase(soc())
    const answer = await soc().press(dana, 'Not phish', { reason: 'our own newsletter' })
    assert.match(cardTold(answer), /Closed: not phish/)
    await soc().settle()
    assert.match(soc().card().words, /Closed: not phish[^]*Closed by\nDana Weber[^]*our own newsletter/)
    assert.deepEqual(remediations(soc()), [])
  })
})

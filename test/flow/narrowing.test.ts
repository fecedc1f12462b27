// A triage that names mailboxes after the card was shown: nothing that was shown before it can be approved any more.
import assert from 'node:assert/strict'
import { click, inputsOf } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { aSoc, button, cardTold, openCase, remediations } from './scenes.js'
import { type Soc, channelId, dana, tom } from './soc.js'

const stale = /has changed since this was shown[^]*Nothing was decided/

const approveOn = (soc: Soc, card: Awaited<ReturnType<typeof openCase>>) =>
  click(soc.room, dana, card, {
    button: button(card, 'Approve'),
    inputs: { ...inputsOf(card.card), reason: 'phish' },
    as: 'execute'
  })

const recipientsPosted = (soc: Soc) =>
  soc.graph.ledger.accepted.flatMap(({ body }) => body.analyzedEmails.map((each) => each.recipientEmailAddress))

describe('narrowing a case whose card stands in the channel', () => {
  const soc = aSoc()

  it('takes the old plan back although Graph is down: neither button nor words approve it', async () => {
    const shown = await openCase(soc())
    soc().graph.faults.add({ match: 'analyzedEmails', times: 100, answer: { status: 503 } })
    await soc().say(tom, `triage ${MAIL.mailboxFull} ana.silva@contoso.example`)
    assert.match(cardTold(await approveOn(soc(), shown)), stale)
    await soc().settle()
    assert.match(cardTold(await approveOn(soc(), shown)), stale)
    await soc().say(dana, 'approve PT-1001 v1 softDelete low phish')
    assert.match(soc().heard(channelId).at(-1) ?? '', stale)
    await soc().settle()
    assert.deepEqual(remediations(soc()), [])
    assert.doesNotMatch(soc().card().words, /^Approve$/m)
  })

  it('makes a new version of the plan, with those mailboxes only, once Graph answers', async () => {
    const shown = await openCase(soc())
    await soc().say(tom, `triage ${MAIL.mailboxFull} ana.silva@contoso.example`)
    await soc().settle()
    assert.match(cardTold(await approveOn(soc(), shown)), stale)
    assert.deepEqual(remediations(soc()), [])
    assert.match(soc().card().words, /PT-1001 · v2[^]*Acts on 1 of 1 mailbox/)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.deepEqual(recipientsPosted(soc()), ['ana.silva@contoso.example'])
  })

  it('comes too late for what is approved, and says so', async () => {
    await openCase(soc())
    soc().graph.faults.add({ match: 'remediate', answer: { status: 429, headers: { 'Retry-After': '60' } } })
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    await soc().say(tom, `triage ${MAIL.mailboxFull} ana.silva@contoso.example`)
    assert.match(soc().heard(channelId).at(-1) ?? '', /already approved, so its mailboxes stay as they are/)
    await soc().settle()
    assert.doesNotMatch(soc().card().words, /Narrowed/)
  })
})

describe('an unknown outcome that a person has looked up', () => {
  const soc = aSoc()

  it('is marked as done with a reason, sends nothing, and still claims no more than is known', async () => {
    await openCase(soc())
    soc().graph.faults.add({ match: 'remediate', answerAfterAccept: { status: 504 } })
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.match(soc().card().words, /outcome unknown/i)
    assert.equal((await soc().press(dana, 'Mark as done', { reason: 'It stands in Action Center' })).status, 200)
    await soc().settle()
    const { words } = soc().card()
    assert.match(words, /Dana Weber[^]*It stands in Action Center/)
    assert.doesNotMatch(words, /^(?:Mark as done|Propose again|Approve)$/m)
    assert.equal(remediations(soc()).length, 1)
  })
})

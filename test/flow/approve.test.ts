/* eslint-disable no-console */
import assert from 'node:assert/strict'
import { MAIL } from '../../src/playground/tenant.js'
import { type Soc, dana, openSoc, tom } from './soc.js'

describe('triage → card → approve → remediate → tracking link', () => {
  let soc: Soc
  beforeEach(async () => {
    soc = await openSoc()
  })
  afterEach(() => soc.close())

  it('the whole story in the SOC channel', async () => {
    const answer = await soc.say(tom, `triage ${MAIL.mailboxFull}`)
    assert.equal(answer.status, 200)
    await soc.settle()
    const card = soc.card()
    console.log(card.words)
    assert.match(card.words, /Needs a decision/)
    const approved = await soc.press(dana, 'Approve', { reason: 'Password page confirmed' })
    assert.equal(approved.status, 200)
    await soc.settle()
    console.log(soc.messages().map((m) => m.conversationId + ': ' + m.words).join('\n---\n'))
    assert.equal(soc.graph.ledger.accepted.length, 1)
    console.log(soc.graph.ledger.accepted[0])
  })
})

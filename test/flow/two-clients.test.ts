// Two chats on one bot, each behind an address of its own: what stands in one is edited there, whoever spoke last.
import assert from 'node:assert/strict'
import { type FakeConnector, startFakeConnector } from '../../src/playground/teams/connector.js'
import { buttonsOf, click, inputsOf, readCard, say } from '../../src/playground/teams/person.js'
import { aSoc, openCase, remediations } from './scenes.js'
import { ana, channelId } from './soc.js'

describe('a second chat on the same bot', () => {
  const soc = aSoc()
  let other: FakeConnector

  beforeEach(async () => {
    other = await startFakeConnector()
  })
  afterEach(() => other.close())

  it('gets the card by `case`, its approval counts, and card and link stay where the first chat is', async () => {
    const card = await openCase(soc())
    const there = { ...soc().room, serviceUrl: other.url }
    await say(there, ana, 'case PT-1001')
    const brought = [...other.messages].find(([, { activity }]) => activity.attachments !== undefined)
    assert.ok(brought, 'the card was not brought')
    const [activityId, { conversationId, activity }] = brought
    const content = activity.attachments?.[0]?.content
    const approve = buttonsOf(content).find(({ title }) => title === 'Approve')
    assert.ok(approve)
    const inputs = { ...inputsOf(content), reason: 'seen from the other chat' }
    await click(there, ana, { activityId, conversationId }, { button: approve, inputs })
    await soc().settle()

    assert.equal(remediations(soc()).length, 1)
    const now = soc().card()
    assert.equal(now.activityId, card.activityId)
    assert.match(now.words, /Submitted[^]*✓ Approved by Ana Silva/)
    const thread = soc()
      .messages()
      .filter((message) => message.conversationId === `${channelId};messageid=${card.activityId}`)
    assert.match(thread.at(-1)?.words ?? '', /PT-1001 submitted/)
    assert.doesNotMatch(JSON.stringify([...other.messages.values()]), /PT-1001 submitted/)
    assert.equal(
      [...other.messages].some(([, message]) => readCard(message.activity).includes('Submitted, accepted')),
      false
    )
  })
})

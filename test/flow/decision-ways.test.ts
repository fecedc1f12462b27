// Every decision in its three forms: the button, its Action.Submit fallback, and the typed command. All must end the same.
import assert from 'node:assert/strict'
import { aSoc, looks, openCase, remediations } from './scenes.js'
import { type Soc, ana, channelId, dana, tom } from './soc.js'

type Way = 'button' | 'submit' | 'typed'
const ways: Way[] = ['button', 'submit', 'typed']

/** What stands afterwards: case state on the card, the POSTs without the digest, and the words that were said. */
function outcome(soc: Soc) {
  const posts = remediations(soc) as { description: string }[]
  return {
    card: soc.card().words.replace(/\d\d:\d\d UTC/g, 'hh:mm UTC'),
    posts: posts.map((body) => ({ ...body, description: body.description.replace(/sha256:.*/, 'sha256') }))
  }
}

async function approve(soc: Soc, way: Way): Promise<void> {
  await openCase(soc)
  if (way === 'typed') await soc.say(ana, 'approve PT-1001 v1 MoveToJunk HIGH clear phish')
  else {
    const inputs = { action: 'moveToJunk', severity: 'high', reason: 'clear phish' }
    await soc.press(ana, 'Approve', inputs, way === 'submit' ? 'submit' : 'execute')
  }
  await soc.settle()
}

async function reject(soc: Soc, way: Way): Promise<void> {
  await openCase(soc)
  if (way === 'typed') await soc.say(dana, 'reject PT-1001 v1 our own newsletter')
  else await soc.press(dana, 'Not phish', { reason: 'our own newsletter' }, way === 'submit' ? 'submit' : 'execute')
  await soc.settle()
}

describe('a decision in its three forms', () => {
  const soc = aSoc()
  const seen = { approve: new Set<string>(), reject: new Set<string>() }

  for (const way of ways) {
    it(`approve, ${way}: one POST with the chosen action and severity`, async () => {
      await approve(soc(), way)
      const result = outcome(soc())
      assert.equal(result.posts.length, 1)
      assert.match(result.card, /Submitted[^]*Move to junk, severity high, 11 mailboxes[^]*✓ Approved by Ana Silva/)
      seen.approve.add(JSON.stringify(result))
      assert.equal(seen.approve.size, 1, 'this form ends differently from the one before')
    })

    it(`reject, ${way}: closed, no POST`, async () => {
      await reject(soc(), way)
      const result = outcome(soc())
      assert.deepEqual(result.posts, [])
      assert.match(result.card, /Closed: not phish[^]*Closed by\nDana Weber[^]*our own newsletter/)
      seen.reject.add(JSON.stringify(result))
      assert.equal(seen.reject.size, 1, 'this form ends differently from the one before')
    })
  }

  it('answers the forms that are messages with words in the chat', async () => {
    await approve(soc(), 'submit')
    const heard = soc().heard(channelId)
    assert.ok(
      heard.includes("PT-1001: approved. It is being submitted; the tracking link follows in the card's thread."),
      heard.join('\n---\n')
    )
  })

  for (const as of ['execute', 'submit'] as const) {
    it(`Look again, ${as}: looks once more and keeps the plan version`, async () => {
      await openCase(soc())
      const before = looks(soc())
      await soc().press(tom, 'Look again', {}, as)
      await soc().settle()
      assert.equal(looks(soc()), before + 1)
      assert.match(soc().card().words, /PT-1001 · v1/)
    })

    it(`Propose again after a refusal, ${as}: a new plan version that needs its own approval`, async () => {
      await openCase(soc())
      soc().graph.faults.add({ match: 'remediate', answer: { status: 400 } })
      await soc().press(dana, 'Approve', { reason: 'clear phish' })
      await soc().settle()
      assert.match(soc().card().words, /Refused by Defender[^]*refused/)
      await soc().press(tom, 'Propose again', {}, as)
      await soc().settle()
      assert.match(soc().card().words, /Needs a decision[^]*PT-1001 · v2/)
      assert.equal(remediations(soc()).length, 1)
      await soc().press(dana, 'Approve', { reason: 'clear phish, second try' })
      await soc().settle()
      assert.match(soc().card().words, /Submitted/)
      assert.equal(remediations(soc()).length, 2)
      assert.equal(soc().graph.ledger.accepted.length, 1)
    })
  }

  it('Propose again after an unknown outcome warns that the earlier request may still be carried out', async () => {
    await openCase(soc())
    soc().graph.faults.add({ match: 'remediate', reset: 'after' })
    await soc().press(dana, 'Approve', { reason: 'clear phish' })
    await soc().settle()
    assert.match(soc().card().words, /Outcome unknown/)
    await soc().press(dana, 'Propose again')
    await soc().settle()
    assert.match(soc().card().words, /Careful: the earlier request may still be carried out/)
    assert.equal(remediations(soc()).length, 1)
  })
})

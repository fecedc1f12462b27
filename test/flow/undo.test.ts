// Taking a removal back: asked for by an analyst, approved like any plan, POSTed for exactly the copies that were moved.
import assert from 'node:assert/strict'
import { buttonsOf } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { aSoc, cardTold, messageTold, newWords, openCase, remediations } from './scenes.js'
import { TestClock } from '../test-clock.js'
import { type Soc, channelId, dana, priya, tom } from './soc.js'

interface Posted {
  displayName: string
  action: string
  remediateSendersCopy: boolean
  analyzedEmails: { recipientEmailAddress: string }[]
}

function posts(soc: Soc): Posted[] {
  return remediations(soc) as Posted[]
}

function addresses(post: Posted | undefined): string[] {
  return (post?.analyzedEmails ?? []).map(({ recipientEmailAddress }) => recipientEmailAddress)
}

function titles(soc: Soc): string[] {
  return buttonsOf(soc.card().card)
    .filter(({ type }) => type !== 'Action.ToggleVisibility')
    .map(({ title }) => title)
}

async function remove(soc: Soc, inputs: Record<string, string> = {}, mail: string = MAIL.mailboxFull): Promise<void> {
  await openCase(soc, mail)
  await soc.press(dana, 'Approve', { reason: 'Password page confirmed', ...inputs })
  await soc.settle()
}

async function approveBack(soc: Soc): Promise<void> {
  assert.match(
    cardTold(await soc.press(dana, 'Approve move back', { reason: 'Newsletter' })),
    /Approved, being submitted/
  )
  await soc.settle()
}

describe('undo', () => {
  const soc = aSoc()
  type Way = 'button' | 'submit' | 'typed'

  async function ask(way: Way): Promise<void> {
    if (way === 'typed') await soc().say(tom, 'undo PT-1001 it is our own newsletter')
    else await soc().press(tom, 'Undo', {}, way === 'submit' ? 'submit' : 'execute')
    await soc().settle()
  }

  for (const way of ['button', 'submit', 'typed'] as const) {
    it(`${way}: a proposal, an approval, one POST that moves exactly what was removed to the inbox`, async () => {
      await remove(soc())
      assert.match(
        soc().card().words,
        /Moves 11 copies back to the Inbox, not to the folder they came from\. Needs 1 approval\./
      )
      await ask(way)
      assert.equal(posts(soc()).length, 1, 'asking removes and moves nothing')
      for (const words of [
        /Needs a decision\nPT-1001 · v2 · undo of softDelete v1/,
        /11 mailboxes: 11 other folders/,
        way === 'typed' ? /Asked by\nTom Berg: it is our own newsletter/ : /Asked by\nTom Berg\n/,
        /Acts on 11 of 11 mailboxes/
      ]) {
        assert.match(soc().card().words, words)
      }
      await approveBack(soc())

      const [removal, undo, ...others] = posts(soc())
      assert.deepEqual(others, [])
      assert.deepEqual(
        [undo?.displayName, undo?.action, undo?.remediateSendersCopy],
        ['PT-1001 moveToInbox v2', 'moveToInbox', false]
      )
      assert.deepEqual(addresses(undo), addresses(removal))
      assert.match(soc().card().words, /^►\nSubmitted: move back to inbox\nPT-1001 · v2 · accepted, not looked at yet/)
      assert.deepEqual(titles(soc()), ['Track in Action Center'])
      const thread = soc().heard(soc().card().conversationId)
      assert.ok(thread.some((words) => words.startsWith('PT-1001 submitted: move to inbox in 11 mailboxes')))

      const again = await openCase(soc())
      assert.match(again.words, /12 mailboxes: 11 inbox, 1 cannot be acted on/)
    })
  }

  it('tells whoever asks, in chat and on the card', async () => {
    await remove(soc())
    const before = soc().messages().length
    await soc().say(tom, 'undo PT-1001')
    assert.deepEqual(newWords(soc(), before), [
      'PT-1001: undo proposed. Moves 11 copies back to the Inbox, not to the folder they came from. It needs an approval on the card.'
    ])
    await soc().settle()
    await soc().press(dana, 'Keep removed', { reason: 'it is phish' })
    await soc().settle()
    assert.match(cardTold(await soc().press(tom, 'Undo')), /PT-1001 · v3 · undo of softDelete v1[^]*not looked at yet/)
  })

  it('also takes copies out of quarantine, where Defender has put them since', async () => {
    await remove(soc(), { action: 'moveToJunk' })
    soc().graph.zap(MAIL.mailboxFull, 'quarantine')
    await ask('button')
    assert.match(soc().card().words, /PT-1001 · v3 · undo of moveToJunk v1[^]*11 mailboxes: 11 quarantine/)
    await approveBack(soc())
    assert.match((await openCase(soc())).words, /12 mailboxes: 11 inbox/)
  })

  it('never moves anything twice: an undo that was accepted cannot be asked for again', async () => {
    await remove(soc())
    await ask('button')
    await approveBack(soc())
    const before = soc().messages().length
    await soc().say(tom, 'undo PT-1001')
    assert.deepEqual(newWords(soc(), before), [
      'PT-1001: nothing can be moved back. A move back to the Inbox was already accepted for 11 mailboxes.'
    ])
    assert.equal(posts(soc()).length, 2)
  })

  it('survives a restart while it waits', async () => {
    await remove(soc())
    await ask('button')
    await soc().restart()
    await approveBack(soc())
    assert.equal(posts(soc()).length, 2)
  })
})

describe('undo: what cannot be undone', () => {
  const soc = aSoc()

  it('a hard delete: said before the approval, in it, afterwards, and when asked', async () => {
    const card = await openCase(soc())
    assert.match(JSON.stringify(card.card), /Hard delete \(cannot be undone\)/)
    const answer = await soc().press(dana, 'Approve', { action: 'hardDelete', reason: 'malware' })
    assert.match(cardTold(answer), /Undo\nCannot be undone, here or by the user\./)
    await soc().settle()
    const sentence =
      'Hard deleted in 11 mailboxes: cannot be undone, here or by the user. Administrators may recover items in Exchange.'
    assert.ok(soc().card().words.includes(`Undo\n${sentence}`), soc().card().words)
    assert.deepEqual(titles(soc()), ['Track in Action Center'])
    const before = soc().messages().length
    await soc().say(tom, 'undo PT-1001')
    await soc().settle()
    assert.deepEqual(newWords(soc(), before), [`PT-1001: nothing can be moved back. ${sentence}`])
    assert.equal(posts(soc()).length, 1)
  })

  it('the sender’s copy: said on its switch, afterwards, and on the undo, which never asks for it', async () => {
    const card = await openCase(soc(), MAIL.internalPhish)
    assert.match(JSON.stringify(card.card), /Act on the sender's copy too \(cannot be undone\)/)
    await soc().press(dana, 'Approve', { reason: 'phish', remediateSendersCopy: 'true' })
    await soc().settle()
    assert.match(soc().card().words, /Undo\nMoves \d+ cop(?:y|ies) back[^]*The sender's copy cannot be brought back\./)
    await soc().press(tom, 'Undo')
    await soc().settle()
    assert.match(soc().card().words, /Not undone\nThe sender's copy cannot be brought back\./)
    await approveBack(soc())
    assert.deepEqual(
      posts(soc()).map(({ remediateSendersCopy }) => remediateSendersCopy),
      [true, false]
    )
  })

  it('an unknown outcome that a person has marked as done', async () => {
    await openCase(soc())
    soc().graph.faults.add({ match: 'remediate', reset: 'after' })
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    await soc().press(dana, 'Mark as done', { reason: 'it stands there' })
    await soc().settle()
    assert.match(soc().card().words, /Undo\nThe outcome is unknown in 11 mailboxes: look in Action Center first\./)
    assert.ok(!titles(soc()).includes('Undo'))
  })

  it('a case that has removed nothing, one that still waits, and one that nobody knows', async () => {
    await openCase(soc())
    const before = soc().messages().length
    await soc().say(tom, 'undo PT-1001')
    await soc().say(tom, 'undo PT-4711')
    await soc().press(dana, 'Not phish', { reason: 'newsletter' })
    await soc().settle()
    await soc().say(tom, 'undo PT-1001')
    assert.deepEqual(newWords(soc(), before), [
      'PT-1001 still waits for something else. Decide that on its card first; then it can be undone.',
      'I know no such case. `queue` lists the open ones.',
      'PT-1001: nothing can be moved back. No request of this case is known to have moved anything.'
    ])
    assert.ok(!titles(soc()).includes('Undo'))
  })

  it('while another case of the same mail is open', async () => {
    await remove(soc())
    await openCase(soc())
    const told = cardTold(await soc().press(tom, 'Undo'))
    assert.match(told, /PT-1002 is open for this mail: decide there, or close it first\. Then PT-1001 can be undone\./)
    await soc().settle()
    assert.match(soc().card('PT-1001').words, /^►\nSubmitted\n/)
    await soc().say(dana, 'reject PT-1002 v1 the same')
    await soc().settle()
    await soc().press(tom, 'Undo')
    await soc().settle()
    assert.match(soc().card('PT-1001').words, /undo of softDelete v1/)
  })
})

describe('undo: after a request that was accepted in part', () => {
  const soc = aSoc(() => ({ config: { batchSize: 4 } }))
  const refusal = {
    match: 'remediate',
    answer: { status: 403, body: { error: { code: 'Forbidden', message: 'No.' } } }
  }

  async function removeInPart(): Promise<void> {
    await openCase(soc())
    soc().graph.faults.add({ match: 'remediate', delayMs: 1 }, { ...refusal, match: 'remediate' })
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.match(soc().card().words, /Partly submitted/)
    await soc().press(dana, 'Not phish', { reason: 'it is a newsletter after all' })
    await soc().settle()
  }

  it('moves back only what was accepted', async () => {
    await removeInPart()
    assert.match(soc().card().words, /Closed: not phish[^]*Moves 4 copies back to the Inbox/)
    await soc().press(tom, 'Undo')
    await soc().settle()
    await approveBack(soc())
    const [accepted, , undo, ...others] = posts(soc())
    assert.deepEqual(others, [])
    assert.equal(addresses(undo).length, 4)
    assert.deepEqual(addresses(undo), addresses(accepted))
  })

  it('goes back to closed as not phish, by whom and why, where it is kept', async () => {
    await removeInPart()
    const before = soc().card().words
    await soc().press(tom, 'Undo')
    await soc().settle()
    await soc().press(dana, 'Keep removed', { reason: 'leave it' })
    await soc().settle()
    const now = soc().card().words
    assert.match(now, /Closed: not phish[^]*Closed by\nDana Weber[^]*it is a newsletter after all/)
    assert.match(before, /Closed: not phish[^]*Closed by\nDana Weber[^]*it is a newsletter after all/)
    assert.equal(posts(soc()).length, 2)
  })

  it('an undo that is refused halfway is proposed again for the rest alone', async () => {
    await openCase(soc())
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    await soc().press(tom, 'Undo')
    await soc().settle()
    soc().graph.faults.add({ match: 'remediate', delayMs: 1 }, { ...refusal, match: 'remediate' })
    await approveBack(soc())
    await soc().press(tom, 'Propose again')
    await soc().settle()
    assert.match(soc().card().words, /PT-1001 · v3 · undo of softDelete v1[^]*7 mailboxes: 7 other folders/)
    await approveBack(soc())
    const moved = soc().graph.ledger.accepted.filter(({ body }) => body.action === 'moveToInbox')
    const each = moved.flatMap(({ body }) => body.analyzedEmails.map((copy) => copy.recipientEmailAddress))
    assert.equal(each.length, 11)
    assert.equal(new Set(each).size, 11, 'a copy was moved back twice')
  })
})

describe('undo: who and when', () => {
  const soc = aSoc()

  it('an analyst may ask and not approve; an employee may do neither', async () => {
    await remove(soc())
    assert.match(messageTold(await soc().press(priya, 'Undo')), /^You are not an analyst/)
    const before = soc().messages().length
    await soc().say(priya, 'undo PT-1001')
    assert.match(newWords(soc(), before).join(), /^You are not an analyst/)
    assert.match(soc().card().words, /^►\nSubmitted\n/)

    await soc().press(tom, 'Undo')
    await soc().settle()
    for (const title of ['Approve move back', 'Keep removed']) {
      assert.match(messageTold(await soc().press(tom, title, { reason: 'mine' })), /^You are not an approver/)
    }
    await soc().settle()
    assert.match(soc().card().words, /Needs a decision/)
    assert.equal(posts(soc()).length, 1)
  })

  it('is asked for in the SOC channel only', async () => {
    await remove(soc())
    await soc().say(tom, 'undo PT-1001', 'personal')
    assert.deepEqual(soc().heard('a:'), [
      'Decisions count only in the SOC channel, where everybody can see them. Nothing was changed.'
    ])
    await soc().settle()
    assert.match(soc().card().words, /^►\nSubmitted\n/)
  })

  it('ten who ask at once make one proposal', async () => {
    await remove(soc())
    const answers = await Promise.all(Array.from({ length: 10 }, () => soc().press(tom, 'Undo')))
    await soc().settle()
    const late = answers.filter((answer) => cardTold(answer).includes('PT-1001: an undo is under way.'))
    assert.equal(late.length, 9)
    assert.match(soc().card().words, /PT-1001 · v2 · undo of softDelete v1/)
  })

  it('two who approve and keep at once: one of them decides', async () => {
    await remove(soc())
    await soc().press(tom, 'Undo')
    await soc().settle()
    const [approved, kept] = await Promise.all([
      soc().press(dana, 'Approve move back', { reason: 'newsletter' }),
      soc().press(dana, 'Keep removed', { reason: 'phish' })
    ])
    await soc().settle()
    const undone = posts(soc()).length === 2
    const told = cardTold(undone ? kept : approved)
    assert.match(told, undone ? /was already approved by Dana Weber/ : /the undo was turned down/)
    assert.match(soc().card().words, undone ? /^►\nSubmitted: move back to inbox/ : /^►\nSubmitted\n/)
  })

  it('kept removed, the case stands as before, and the undo can no longer be approved', async () => {
    await remove(soc())
    await soc().press(tom, 'Undo')
    await soc().settle()
    const before = soc().messages().length
    await soc().press(dana, 'Keep removed', { reason: 'it is phish' }, 'submit')
    await soc().settle()
    assert.deepEqual(newWords(soc(), before), ['PT-1001: the undo is turned down. What was removed stays removed.'])
    assert.match(soc().card().words, /^►\nSubmitted\n[^]*Soft delete, severity medium, 11 mailboxes/)
    await soc().say(dana, 'approve PT-1001 v2 moveToInbox medium too late')
    await soc().settle()
    assert.match(
      soc().heard(channelId).at(-1) ?? '',
      /^PT-1001: the undo was turned down, or nobody approved it in time\./
    )
    assert.equal(posts(soc()).length, 1)
  })

  it('typed, takes no other action than the move back', async () => {
    await remove(soc())
    await soc().say(tom, 'undo PT-1001')
    await soc().settle()
    await soc().say(dana, 'approve PT-1001 v2 hardDelete high away with it')
    assert.match(soc().heard(channelId).at(-1) ?? '', /^This plan is an undo: its action is moveToInbox\./)
    await soc().say(dana, 'approve PT-1001 v2 moveToInbox low newsletter')
    await soc().settle()
    assert.deepEqual(
      posts(soc()).map(({ action }) => action),
      ['softDelete', 'moveToInbox']
    )
  })

  it('a report of the same mail joins the waiting undo and disturbs nothing', async () => {
    await remove(soc())
    await soc().press(tom, 'Undo')
    await soc().settle()
    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    assert.match(soc().heard('a:').join(), /PT-1001/)
    await approveBack(soc())
    assert.equal(posts(soc()).length, 2)
  })

  it('a triage of some mailboxes narrows the undo to them', async () => {
    await remove(soc())
    await soc().press(tom, 'Undo')
    await soc().settle()
    await soc().say(tom, `triage ${MAIL.mailboxFull} ana.silva@contoso.example`)
    await soc().settle()
    assert.match(soc().card().words, /undo of softDelete v1[^]*1 mailbox: 1 other folders/)
    await approveBack(soc())
    assert.deepEqual(addresses(posts(soc())[1]), ['ana.silva@contoso.example'])
  })
})

describe('undo: once the mailboxes were looked at', () => {
  const minute = 60_000
  let clock = new TestClock()
  const soc = aSoc(() => {
    clock = new TestClock()
    return { clock }
  })

  async function pass(ms: number): Promise<void> {
    clock.advance(ms)
    await soc().settle()
  }

  it('moves back what was seen moved, and says so after a look of its own', async () => {
    await remove(soc())
    await pass(minute)
    assert.match(soc().card().words, /Removed from 11 of 12 mailboxes[^]*Undo\nMoves 11 copies back to the Inbox/)
    assert.deepEqual(titles(soc()).slice(0, 2), ['Undo', 'Track in Action Center'])
    await soc().press(tom, 'Undo')
    await soc().settle()
    await approveBack(soc())
    await pass(minute)
    assert.match(soc().card().words, /[Mm]oved back to the inbox in 11 of 11/)
    assert.doesNotMatch(soc().card().words, /Removed from/)
    assert.ok(!titles(soc()).includes('Undo'))
  })

  it('leaves out a copy that has gone back by itself since', async () => {
    await remove(soc())
    await pass(minute)
    // Somebody restores it: a request that is none of this bot's.
    const copies = addresses(posts(soc())[0])
    await fetch(`${soc().graph.url}/v1.0/security/collaboration/analyzedEmails/remediate`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        displayName: 'by hand',
        description: 'restored',
        severity: 'low',
        action: 'moveToInbox',
        remediateSendersCopy: false,
        analyzedEmails: [{ networkMessageId: MAIL.mailboxFull, recipientEmailAddress: copies[0] }]
      })
    })
    await soc().press(tom, 'Undo')
    await soc().settle()
    assert.match(soc().card().words, /PT-1001 · v3 · undo of softDelete v1[^]*10 mailboxes: 10 other folders/)
    await approveBack(soc())
    assert.deepEqual(addresses(posts(soc()).at(-1)), copies.slice(1))
  })

  it('that nobody approves in time ends, and the case stands as it was looked at', async () => {
    await remove(soc())
    await pass(minute)
    await soc().press(tom, 'Undo')
    await soc().settle()
    await pass(31 * 24 * 60 * minute)
    assert.match(soc().card().words, /Removed from 11 of 12 mailboxes/)
    assert.ok(!titles(soc()).includes('Approve move back'))
    assert.equal(posts(soc()).length, 1)
  })
})

// Clicks that cannot count: each gets its own answer with HTTP 200, the card stays as it is, and nothing is POSTed.
import assert from 'node:assert/strict'
import { type Answer, type CardButton, click, inputsOf } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { aSoc, button, cardTold, messageTold, openCase, remediations } from './scenes.js'
import { type Message, type Soc, dana } from './soc.js'

interface Change {
  data?: object
  verb?: string
  inputs?: Record<string, string>
  conversationId?: string
}

interface Unusable {
  what: string
  change: Change
  /** `card`: the current card with a banner; `message`: only words. */
  told: 'card' | 'message'
  words: RegExp
  mail?: string
}

const table: Unusable[] = [
  {
    what: 'plan version of yesterday',
    change: { data: { plan: 0 } },
    told: 'card',
    words: /has changed since this was shown: it stands at plan v1 now\. Nothing was decided/
  },
  { what: 'plan version to come', change: { data: { plan: 2 } }, told: 'card', words: /it stands at plan v1 now/ },
  {
    what: 'another conversation',
    change: { conversationId: '19:other@thread.tacv2;messageid=1' },
    told: 'message',
    words: /^Decisions count only in the SOC channel/
  },
  {
    what: 'a personal chat',
    change: { conversationId: 'a:personal-1' },
    told: 'message',
    words: /^Decisions count only in the SOC channel/
  },
  { what: 'an unknown case', change: { data: { case: 'PT-4711' } }, told: 'message', words: /^I know no such case/ },
  { what: 'no case', change: { data: { case: '' } }, told: 'message', words: /^I know no such case/ },
  { what: 'an unknown verb', change: { verb: 'obliterate' }, told: 'message', words: /^I do not know this button/ },
  {
    what: 'an empty reason',
    change: { inputs: { reason: '' } },
    told: 'card',
    words: /A reason is needed: it is kept in the audit log/
  },
  {
    what: 'a reason of spaces, tabs and nbsp',
    change: { inputs: { reason: ' \t\n\u00a0' } },
    told: 'card',
    words: /A reason is needed/
  },
  {
    what: 'a reason of zero-width characters',
    change: { inputs: { reason: '\u200b\u2060\ufeff' } },
    told: 'card',
    words: /A reason is needed/
  },
  {
    what: 'a reason of 501 characters',
    change: { inputs: { reason: 'x'.repeat(501) } },
    told: 'card',
    words: /at most 500 characters/
  },
  {
    what: 'an unknown action',
    change: { inputs: { action: 'shred' } },
    told: 'card',
    words: /The action must be one of: /
  },
  {
    what: 'an action in other letters',
    change: { inputs: { action: 'SoftDelete' } },
    told: 'card',
    words: /The action must be one of: /
  },
  {
    what: 'Graph’s action that is not supported',
    change: { inputs: { action: 'moveToQuarantine' } },
    told: 'card',
    words: /The action must be one of: /
  },
  {
    what: 'an action that the policy does not offer',
    change: { inputs: { action: 'hardDelete' } },
    told: 'card',
    words: /The policy does not offer hardDelete/
  },
  {
    what: 'an unknown severity',
    change: { inputs: { severity: 'urgent' } },
    told: 'card',
    words: /The severity must be one of: low, medium, high/
  },
  { what: 'no severity', change: { inputs: { severity: '' } }, told: 'card', words: /The severity must be one of/ },
  {
    what: "the sender's copy of inbound mail",
    change: { inputs: { remediateSendersCopy: 'true' } },
    told: 'card',
    words: /there is no sender's copy to remove/
  },
  {
    what: "a sender's copy of neither true nor false",
    change: { inputs: { remediateSendersCopy: 'yes' } },
    told: 'card',
    words: /must be true or false/,
    mail: MAIL.internalPhish
  }
]

async function pressChanged(soc: Soc, card: Message, change: Change, as: 'execute' | 'submit'): Promise<Answer> {
  const approve = button(card, 'Approve')
  const verb = change.verb ?? approve.verb ?? ''
  const data = { ...(approve.data as object), ...change.data }
  const fallback = { type: 'Action.Submit', data: { ...(approve.fallback?.data as object), verb, ...change.data } }
  const changed: CardButton = { ...approve, verb, data, fallback }
  const inputs = { ...inputsOf(card.card), reason: 'clear phish', ...change.inputs }
  const where = change.conversationId === undefined ? card : { ...card, conversationId: change.conversationId }
  return click(soc.room, dana, where, { button: changed, inputs, as })
}

describe('a click that cannot count', () => {
  const soc = aSoc(() => ({ policy: { actions: ['moveToJunk', 'softDelete'] } }), 'describe')
  const cards = new Map<string, Message>()
  before(async () => {
    for (const mail of [MAIL.mailboxFull, MAIL.internalPhish]) cards.set(mail, await openCase(soc(), mail))
  })

  for (const { what, change, told, words, mail } of table) {
    it(`with ${what}`, async () => {
      const card = cards.get(mail ?? MAIL.mailboxFull)
      assert.ok(card)
      const answer = await pressChanged(soc(), card, change, 'execute')
      assert.match(told === 'card' ? cardTold(answer) : messageTold(answer), words)
      if (told === 'card') assert.match(cardTold(answer), /Needs a decision/)

      const before = soc().messages().length
      await pressChanged(soc(), card, change, 'submit')
      await soc().settle()
      const said = soc().messages().slice(before)
      assert.equal(said.length, 1)
      assert.match(said[0]?.words ?? '', words)

      const after = soc()
        .messages()
        .find(({ activityId }) => activityId === card.activityId)
      assert.deepEqual({ edits: after?.edits, words: after?.words }, { edits: card.edits, words: card.words })
      assert.deepEqual(remediations(soc()), [])
    })
  }
})

describe('a click that nearly counts', () => {
  const soc = aSoc()

  it('with everything wrong names every problem at once', async () => {
    const card = await openCase(soc())
    const inputs = { action: 'shred', severity: 'urgent', reason: ' ', remediateSendersCopy: 'maybe' }
    const told = cardTold(await pressChanged(soc(), card, { inputs }, 'execute'))
    for (const words of [/action must be/, /severity must be/, /A reason is needed/, /must be true or false/]) {
      assert.match(told, words)
    }
  })

  it('an old card counts no more once the mail was seen in other mailboxes', async () => {
    const card = await openCase(soc())
    soc().graph.zap(MAIL.mailboxFull, 'junkFolder')
    await soc().press(dana, 'Look again')
    await soc().settle()
    assert.match(soc().card().words, /PT-1001 · v2/)
    const answer = await click(soc().room, dana, card, {
      button: button(card, 'Approve'),
      inputs: { ...inputsOf(card.card), reason: 'phish' }
    })
    assert.match(cardTold(answer), /it stands at plan v2 now/)
    assert.deepEqual(remediations(soc()), [])
  })

  it('another report of the same mail does not make the card old', async () => {
    const card = await openCase(soc())
    await soc().say({ objectId: dana.objectId, name: 'x' }, `report ${MAIL.mailboxFull} me too`, 'personal')
    await soc().settle()
    await click(soc().room, dana, card, {
      button: button(card, 'Approve'),
      inputs: { ...inputsOf(card.card), reason: 'phish' }
    })
    await soc().settle()
    assert.equal(remediations(soc()).length, 1)
  })

  it('500 characters are a reason', async () => {
    const card = await openCase(soc())
    await pressChanged(soc(), card, { inputs: { reason: 'x'.repeat(500) } }, 'execute')
    await soc().settle()
    assert.equal(remediations(soc()).length, 1)
  })
})

// "Report phish" on a message in Teams: the dialog, the report, the card, and how such a case ends.
import assert from 'node:assert/strict'
import { type Answer, type Quoted, messageAction } from '../../../src/playground/teams/person.js'
import { MAIL } from '../../../src/playground/tenant.js'
import * as words from '../../../src/teams/words.js'
import { TestClock } from '../../test-clock.js'
import { aSoc, remediations } from '../scenes.js'
import { dana, guest, priya, tom } from '../soc.js'
import { casesIn } from './polled.js'

const chat: Quoted = {
  id: '1700000000777',
  html: '<p>Hi, I am the <b>CEO</b>. Buy gift cards: <a href="https://evil.example/x">here</a> **now**</p>',
  attachments: ['cards.pdf']
}

interface Task {
  task: { type: string; value: unknown }
}

function taskIn({ status, body }: Answer): Task['task'] {
  assert.equal(status, 200)
  return (body as Task).task
}

describe('the message action', () => {
  const clock = () => new TestClock(Date.UTC(2026, 10, 20, 9))
  let time = clock()
  const soc = aSoc(() => ({ clock: (time = clock()) }))
  const report = async (quoted: Quoted, dialog: Record<string, string> = { kind: 'phish', note: '' }, who = priya) => {
    const { type, value } = taskIn(await messageAction(soc().room, who, quoted, dialog))
    assert.equal(type, 'message')
    await soc().settle()
    return value
  }

  /** The action comes from chats that the bot is not in: where Teams is, it learns from them all the same. */
  it('opens a dialog that shows nothing of the message', async () => {
    const { type, value } = taskIn(await messageAction(soc().room, priya, chat))
    assert.equal(type, 'continue')
    assert.match(JSON.stringify(value), /Report phish[^]*"kind"[^]*"note"/)
    assert.doesNotMatch(JSON.stringify(value), /gift|CEO/)
    assert.deepEqual(casesIn(soc()), [])
  })

  it('on a message without a mail: its text on a card that acts on nothing and is closed with a verdict', async () => {
    assert.equal(
      await report(chat, { kind: 'phish', note: 'He never writes to me' }),
      words.reportedAll({ numbers: [1001], limitedAt: null }).replaceAll('**', '')
    )
    const card = soc().card()
    assert.match(card.words, /Needs a verdict[^]*Buy gift cards[^]*Reported by\nPriya Nair\n[^]*He never writes to me/)
    assert.match(card.words, /Attachments, not looked at: cards\.pdf\./)
    assert.doesNotMatch(card.words, /^Approve$/m)
    await soc().press(dana, 'Close case', { verdict: 'phish', reason: 'account blocked' })
    await soc().settle()
    assert.match(soc().card().words, /Closed: phish[^]*Closed by\nDana Weber[^]*account blocked/)
    assert.deepEqual(remediations(soc()), [])
  })

  it('closes nothing for who may not decide', async () => {
    await report(chat)
    await soc().press(tom, 'Close case', { verdict: 'clean', reason: 'mine' })
    await soc().settle()
    assert.match(soc().card().words, /Needs a verdict/)
  })

  it('on a message that names a mail: that mail’s case, like any other', async () => {
    const html = `<p>Did you get this too? ${MAIL.mailboxFull}</p>`
    assert.equal(
      await report({ id: '1', html }),
      words.reportedAll({ numbers: [1001], limitedAt: null }).replaceAll('**', '')
    )
    assert.match(soc().card().words, /Needs a decision[^]*Your mailbox is full/)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.equal(remediations(soc()).length, 1)
  })

  it('sent twice by Teams is one report; by two people it is one case', async () => {
    await report(chat)
    await report(chat)
    assert.deepEqual(casesIn(soc()), ['PT-1001'])
    await report(chat, { kind: 'phish', note: '' }, tom)
    assert.deepEqual(casesIn(soc()), ['PT-1001'])
    // Joins are shown together, some seconds later.
    time.advance(10_000)
    await soc().settle()
    assert.match(soc().card().words, /Reported by\nPriya Nair and 1 other\n/)
  })

  it('on a message that was edited since, or with other words, is another report, and its words are kept', async () => {
    await report(chat, { kind: 'phish', note: 'first words' })
    await report(chat, { kind: 'phish', note: 'I have clicked' })
    await report({ ...chat, html: '<p>Buy them at once</p>' }, { kind: 'phish', note: 'it says more now' })
    assert.deepEqual(casesIn(soc()), ['PT-1001'])
    time.advance(10_000)
    await soc().settle()
    assert.match(soc().card().words, /Reported by\nPriya Nair\n/)
    for (const note of ['first words', 'I have clicked', 'it says more now']) {
      assert.ok(soc().card().words.includes(note), note)
    }
  })

  it('by a guest is refused', async () => {
    assert.equal(await report(chat, {}, guest), 'Guests may not report, open or decide cases.')
    assert.deepEqual(casesIn(soc()), [])
  })
})

describe('the message action, switched off', () => {
  const soc = aSoc(() => ({
    config: { reportsFrom: { messages: false, alerts: false, submissions: false, reviews: false, mailbox: '' } }
  }))

  it('takes nothing', async () => {
    const { status, body } = await messageAction(soc().room, priya, chat, { kind: 'phish', note: '' })
    await soc().settle()
    assert.deepEqual([status, body], [200, {}])
    assert.deepEqual(casesIn(soc()), [])
  })
})

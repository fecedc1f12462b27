// `find` as it is lived: a list in the chat, a press that opens a case, and honest answers where there is no list.
import assert from 'node:assert/strict'
import { ALL_PERMISSIONS } from '../../src/playground/graph-simulator/index.js'
import { MAIL, massMail } from '../../src/playground/tenant.js'
import { type Answer, type Someone, activityOf, buttonsOf, click, send } from '../../src/playground/teams/person.js'
import { searching } from '../../src/teams/words.js'
import { TestClock } from '../test-clock.js'
import { aSoc, messageTold, remediations } from './scenes.js'
import { type Message, type Soc, ana, channelId, disabled, guest, priya, tom } from './soc.js'

const example = 'find from:helpdesk@contos0-support.example subject:"mailbox is full" since:24h'
const at = (who: Someone) => `a:personal-${who.objectId}`
const hunts = (soc: Soc) => soc.graph.ledger.requests.filter(({ operation }) => operation === 'hunting').length

function lists(soc: Soc): Message[] {
  return soc.messages().filter(({ activity }) => /found$|^Nothing found|^Cannot search/.test(activity.summary ?? ''))
}

function list(soc: Soc): Message {
  const message = lists(soc).at(-1)
  assert.ok(message, 'no list was posted')
  return message
}

async function find(soc: Soc, who: Someone, text = example, where: 'personal' | 'channel' = 'personal') {
  await soc.say(who, text, where)
  await soc.settle()
  return list(soc)
}

function press(
  soc: Soc,
  who: Someone,
  message: Message,
  { as = 'execute', index = 0 }: { as?: 'execute' | 'submit'; index?: number } = {}
): Promise<Answer> {
  const button = buttonsOf(message.card)[index]
  assert.ok(button)
  return click(soc.room, who, message, { button, as })
}

const caseCards = (soc: Soc) => soc.messages().filter(({ activity }) => activity.summary?.startsWith('PT-')).length

describe('find', () => {
  const soc = aSoc()

  it('in a personal chat: a list, a press, a case, its card in the channel', async () => {
    const found = await find(soc(), tom)
    assert.equal(found.conversationId, at(tom))
    assert.deepEqual(
      soc()
        .heard(at(tom))
        .filter((words) => words === searching).length,
      1
    )
    assert.match(found.words, /^1 message found\nFrom helpdesk\[@\]contos0-support\[\.\]example, subject with mailbox/)
    assert.match(found.words, /Your mailbox is full: confirm[^]*12 copies[^]*Open case/)
    assert.equal(caseCards(soc()), 0)

    const told = messageTold(await press(soc(), tom, found))
    assert.equal(told, 'PT-1001 is open. I am looking the mail up; its card comes to the SOC channel.')
    await soc().settle()
    assert.match(soc().card('PT-1001').words, /Needs a decision[^]*Your mailbox is full/)
    assert.deepEqual(remediations(soc()), [])
  })

  it('in the SOC channel: the list stands in the thread, and a second press joins', async () => {
    const found = await find(soc(), tom, example, 'channel')
    assert.match(found.conversationId, new RegExp(`^${channelId};messageid=`))
    await press(soc(), tom, found)
    await soc().settle()
    const version = () => /PT-1001 · v\d+/.exec(soc().card('PT-1001').words)?.[0]
    const before = version()
    assert.ok(before)
    assert.equal(
      messageTold(await press(soc(), ana, found)),
      'PT-1001 is already open for this mail. Its card is in the SOC channel.'
    )
    await soc().settle()
    assert.equal(caseCards(soc()), 1)
    assert.equal(version(), before)
    assert.match(soc().card('PT-1001').words, /Needs a decision/)
  })

  it('by the fallback of older clients', async () => {
    const found = await find(soc(), tom)
    await press(soc(), tom, found, { as: 'submit' })
    await soc().settle()
    assert.ok(
      soc().heard(at(tom)).includes('PT-1001 is open. I am looking the mail up; its card comes to the SOC channel.')
    )
    assert.match(soc().card('PT-1001').words, /Needs a decision/)
  })

  it('one of several opens that one', async () => {
    const found = await find(soc(), tom, 'find subject:"invoice 5521"')
    assert.match(found.words, /^2 messages found/)
    await press(soc(), tom, found, { index: 1 })
    await soc().settle()
    assert.match(soc().card('PT-1001').words, /Needs a decision[^]*2 mailboxes/)
    assert.equal(caseCards(soc()), 1)
  })

  it('shows ten of many', async () => {
    for (let n = 0; n < 12; n += 1) {
      const networkMessageId = `00000${String(n).padStart(3, '0')}-0000-4000-8000-000000000000`
      soc().graph.addMessage(massMail(1, { receivedAt: Date.now() - 60_000, networkMessageId }))
    }
    const found = await find(soc(), tom, 'find from:parcel@bulk-sender.example since:1h')
    assert.match(found.words, /^12 messages found[^]*and 2 more: narrow the search\.$/)
    assert.equal(buttonsOf(found.card).length, 10)
  })

  it('of hostile mail is only text, and opens its case', async () => {
    const found = await find(soc(), tom, 'find from:a@attacker.example')
    const json = JSON.stringify(found.activity)
    assert.doesNotMatch(json, /<at>SOC|https?:\/\/evil|\$\{|\{\{|[\u202e\u200b\u2066]/)
    assert.match(found.words, /\*\*Approved\*\*/)
    assert.equal(found.activity.text, undefined)
    await press(soc(), tom, found)
    await soc().settle()
    assert.match(soc().card('PT-1001').words, /Needs a decision/)
  })

  it('of words that could end a query asks for exactly those', async () => {
    const found = await find(soc(), tom, String.raw`find subject:'"or\"true`)
    assert.match(found.words, /^Nothing found/)
    assert.equal(soc().graph.ledger.requests.find(({ operation }) => operation === 'hunting')?.status, 200)
  })

  it('of nothing says what that means, without a button', async () => {
    const found = await find(soc(), tom, 'find from:nobody@nowhere.example')
    assert.match(found.words, /^Nothing found[^]*That does not make a mail harmless/)
    assert.deepEqual(buttonsOf(found.card), [])
  })

  it('without the permission names it', async () => {
    soc().graph.grant(ALL_PERMISSIONS.filter((name) => name !== 'ThreatHunting.Read.All'))
    assert.match((await find(soc(), tom)).words, /^Cannot search: a permission[^]*ThreatHunting\.Read\.All/)
    assert.equal(hunts(soc()), 1)
  })

  it('without the licence says so', async () => {
    soc().graph.licence(false)
    assert.match((await find(soc(), tom)).words, /^Cannot search: a licence[^]*Plan 2/)
    assert.equal(hunts(soc()), 1)
  })
})

describe('find: who may', () => {
  const soc = aSoc()

  for (const [who, words] of [
    [priya, /^You are not an analyst\./],
    [guest, /^Guests may not report, open or decide cases/],
    [disabled, /^Your account is disabled/]
  ] as const) {
    it(`${who.name} may not search, nor open from somebody's list`, async () => {
      await soc().say(who, example, 'personal')
      await soc().settle()
      assert.match(soc().heard(at(who)).join(), words)
      assert.equal(hunts(soc()), 0)

      const found = await find(soc(), tom, example, 'channel')
      assert.match(messageTold(await press(soc(), who, found)), words)
      await soc().settle()
      assert.equal(caseCards(soc()), 0)
    })
  }

  const unknownButton = 'I do not know this button. Nothing was changed. Type `help` to see what I can do.'
  for (const message of [undefined, '', 'x', 7, '<a@b.example>', `${MAIL.mailboxFull}'`, [MAIL.mailboxFull], null]) {
    it(`a press that names ${JSON.stringify(message) ?? 'nothing'} opens nothing`, async () => {
      const found = await find(soc(), tom)
      const button = { type: 'Action.Execute', title: 'x', verb: 'openCase', data: { message, verb: 'openCase' } }
      assert.equal(messageTold(await click(soc().room, tom, found, { button })), unknownButton)
      await soc().settle()
      assert.equal(caseCards(soc()), 0)
    })
  }

  it('a press from elsewhere opens nothing', async () => {
    const where = { conversationId: '19:other@thread.tacv2', conversationType: 'channel' }
    const data = { message: MAIL.mailboxFull, verb: 'openCase' }
    const value = { action: { type: 'Action.Execute', verb: 'openCase', data }, trigger: 'manual' }
    const invoke = { type: 'invoke', name: 'adaptiveCard/action', value }
    assert.match(
      messageTold(await send(soc().room, activityOf(soc().room, tom, where, invoke))),
      /not set up to work here/
    )
    await soc().settle()
    assert.equal(caseCards(soc()), 0)
  })
})

describe('find: Defender does not answer', () => {
  const clock = new TestClock()
  const soc = aSoc(() => ({ clock }))
  const failing = { match: 'hunting', answer: { status: 503 } } as const

  async function pass(ms: number): Promise<void> {
    clock.advance(ms)
    await soc().settle()
  }

  it('is asked again, and the list comes', async () => {
    soc().graph.faults.add({ ...failing, times: 2 })
    await soc().say(tom, example, 'personal')
    await soc().settle()
    await pass(4_999)
    assert.equal(hunts(soc()), 1)
    await pass(1)
    assert.deepEqual(lists(soc()), [])
    await pass(15_000)
    assert.match(list(soc()).words, /^1 message found/)
    assert.equal(hunts(soc()), 3)
  })

  it('is asked four times, and then it says so', async () => {
    soc().graph.faults.add({ ...failing, times: 10 })
    await soc().say(tom, example, 'personal')
    await soc().settle()
    for (const wait of [5_000, 15_000, 45_000]) {
      assert.deepEqual(lists(soc()), [])
      await pass(wait)
    }
    assert.match(list(soc()).words, /^Cannot search now[^]*Microsoft Graph answered 503[^]*Nothing is known/)
    await pass(3_600_000)
    assert.equal(hunts(soc()), 4)
    assert.equal(lists(soc()).length, 1)
  })

  it('is posted again where Teams may not have taken it', async () => {
    soc().graph.faults.add(failing)
    await soc().say(tom, example, 'personal')
    await soc().settle()
    soc().teams.fail({ match: 'post', status: 502 })
    await pass(5_000)
    assert.deepEqual(lists(soc()), [])
    await pass(5_000)
    assert.match(list(soc()).words, /^1 message found/)
    await pass(3_600_000)
    assert.equal(lists(soc()).length, 1)
  })

  it('is not kept waiting where Graph asks for a long wait', async () => {
    soc().graph.faults.add({ match: 'hunting', answer: { status: 429, headers: { 'retry-after': '600' } } })
    assert.match((await find(soc(), tom)).words, /^Cannot search now[^]*throttling/)
    assert.equal(hunts(soc()), 1)
  })
})

// Reports that name no mail by id: the mails they may be about are offered on the card, and a person says which it is.
import assert from 'node:assert/strict'
import { ALL_PERMISSIONS } from '../../src/playground/graph-simulator/index.js'
import { type CardButton, buttonsOf, click, dropFiles } from '../../src/playground/teams/person.js'
import { MAIL, SHARED_MESSAGE_ID, massMail } from '../../src/playground/tenant.js'
import { TestClock } from '../test-clock.js'
import { type FileHost, startFileHost } from './file-host.js'
import { aSoc, button, cardTold, messageTold, openCase, remediations } from './scenes.js'
import { type Message, type Soc, ana, dana, priya, tom } from './soc.js'

const day = 24 * 3_600_000
const minute = 60_000
const from = 'invoice@billing-desk.example'
const subject = 'Invoice 5521 is overdue'
const clock = new TestClock()
const dated = (at: number) => new Date(at).toUTCString()

function headers(at: number | null, ...more: string[]): string {
  return [
    `From: Billing <${from}>`,
    `Subject: FW: ${subject}`,
    ...(at === null ? [] : [`Date: ${dated(at)}`]),
    ...more
  ].join('\n')
}

const choices = ({ card }: Message) => buttonsOf(card).filter(({ title }) => title === 'This one')

function searches(soc: Soc): string[] {
  return soc.graph.ledger.requests
    .filter(({ operation }) => operation === 'hunting')
    .map(({ body }) => (body as { Query: string }).Query)
    .filter((query) => query.startsWith('let sender'))
}

describe('a report without ids', () => {
  const soc = aSoc(() => ({ clock }))

  async function pasted(text: string): Promise<Message> {
    await soc().say(priya, `report\n${text}`, 'personal')
    await soc().settle()
    return soc().card('PT-1001')
  }

  async function pass(ms: number): Promise<void> {
    clock.advance(ms)
    await soc().settle()
  }

  it('shows the mails with its sender and subject around its date, and the one that is chosen gets a plan', async () => {
    const card = await pasted(headers(clock.now()))
    assert.match(soc().heard(`a:personal-${priya.objectId}`).join(), /PT-1001/)
    assert.match(card.words, /Needs a verdict[^]*Which mail is it\?\n2 messages have the sender and subject/)
    assert.equal(choices(card).length, 2)
    assert.match(
      card.words,
      /Invoice 5521 is overdue\n[^]*from invoice\[@\]billing-desk\[\.\]example\n1 mailbox\nThis one/
    )
    const chosen = choices(card).find(({ data }) => (data as { message: string }).message === MAIL.sharedFirst)
    assert.ok(chosen)
    assert.equal(
      messageTold(await click(soc().room, tom, card, { button: chosen })),
      'PT-1001: I am looking this mail up.'
    )
    await soc().settle()
    const found = soc().card('PT-1001')
    assert.match(found.words, /Needs a decision\nPT-1001 · v1[^]*2 mailboxes: 2 inbox/)
    assert.match(found.words, /≠ Report and Defender disagree on the subject/)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    const [sent] = remediations(soc()) as { analyzedEmails: { networkMessageId: string }[] }[]
    assert.deepEqual(new Set(sent?.analyzedEmails.map((each) => each.networkMessageId)), new Set([MAIL.sharedFirst]))
  })

  it('joins the case that the chosen mail has already', async () => {
    await openCase(soc(), MAIL.sharedSecond)
    await soc().say(priya, `report\n${headers(clock.now())}`, 'personal')
    await soc().settle()
    const card = soc().card('PT-1002')
    const chosen = choices(card).find(({ data }) => (data as { message: string }).message === MAIL.sharedSecond)
    assert.ok(chosen)
    await click(soc().room, tom, card, { button: chosen, as: 'submit' })
    await soc().settle()
    assert.match(soc().card('PT-1002').words, /Joined PT-1001/)
    assert.match(soc().card('PT-1001').words, /Reported by\nTom Berg and 1 other/)
  })

  it('is chosen by one of ten who press at once', async () => {
    const card = await pasted(headers(clock.now()))
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const pressed = choices(card)[index % 2]
        assert.ok(pressed)
        return click(soc().room, index % 3 === 0 ? ana : tom, card, { button: pressed })
      })
    )
    const won = answers.filter(({ body }) =>
      String((body as { value?: unknown }).value).includes('looking this mail up')
    )
    assert.equal(won.length, 1)
    await soc().settle()
    assert.match(soc().card('PT-1001').words, /Needs a decision\nPT-1001 · v1/)
  })

  it('can only be bound to what was offered, and only by analysts', async () => {
    const card = await pasted(headers(clock.now()))
    const data = { case: 'PT-1001', plan: 0, verb: 'choose' }
    const forged = (message: unknown): CardButton => ({
      type: 'Action.Execute',
      title: 'This one',
      verb: 'choose',
      data: { ...data, message }
    })
    const press = (who: typeof tom, pressed: CardButton) => click(soc().room, who, card, { button: pressed })
    assert.match(cardTold(await press(tom, forged(MAIL.allStaff))), /not among those that were found/)
    for (const message of [undefined, 'x', 7, SHARED_MESSAGE_ID]) {
      assert.match(messageTold(await press(tom, forged(message))), /I do not know this button/)
    }
    assert.match(messageTold(await press(priya, forged(MAIL.sharedFirst))), /^You are not an analyst/)
    const [first] = choices(card)
    assert.ok(first)
    const old = { ...first, data: { ...(first.data as object), plan: 3 } }
    assert.match(cardTold(await press(tom, old)), /has changed since this was shown/)
    await soc().settle()
    assert.match(soc().card('PT-1001').words, /Needs a verdict/)
    assert.deepEqual(remediations(soc()), [])
  })

  it('can still be closed with a verdict', async () => {
    await pasted(headers(clock.now()))
    await soc().press(dana, 'Close case', { verdict: 'spam', reason: 'an advertisement' })
    await soc().settle()
    assert.match(soc().card('PT-1001').words, /Closed: spam/)
  })

  it('shows at most five, the newest', async () => {
    for (let n = 0; n < 7; n += 1) {
      const networkMessageId = `00000${String(n).padStart(3, '0')}-0000-4000-8000-000000000000`
      soc().graph.addMessage(massMail(1, { receivedAt: clock.now() - n * minute, networkMessageId }))
    }
    const card = await pasted(['From: parcel@bulk-sender.example', 'Subject: Your parcel'].join('\n'))
    assert.match(card.words, /The newest 5 of more messages have the sender/)
    assert.equal(choices(card).length, 5)
  })

  it('asks around the claimed date only, and for a week where none is claimed', async () => {
    const at = clock.now() - 10 * day
    await pasted(headers(at))
    const [asked = ''] = searches(soc())
    assert.ok(
      asked.includes(`Timestamp >= datetime(${new Date(Math.floor(at / 1000) * 1000 - 2 * day).toISOString()})`)
    )
    assert.ok(
      asked.includes(`Timestamp <= datetime(${new Date(Math.floor(at / 1000) * 1000 + 2 * day).toISOString()})`)
    )
    await soc().say(priya, `report\n${headers(null, 'To: me')}`, 'personal')
    await soc().settle()
    const undated = searches(soc()).at(-1) ?? ''
    assert.ok(undated.includes(`Timestamp >= datetime(${new Date(clock.now() - 7 * day).toISOString()})`))
    assert.doesNotMatch(undated, /Timestamp <=/)
  })

  it('says where nothing was found, searches twice more by itself, and once more when asked to', async () => {
    const card = await pasted(['From: nobody@nowhere.example', 'Subject: hello'].join('\n'))
    assert.match(card.words, /Defender lists no mail with the sender and subject[^]*That does not mean it is safe/)
    assert.deepEqual(choices(card), [])
    await pass(5 * minute)
    await pass(15 * minute)
    await pass(60 * minute)
    assert.equal(searches(soc()).length, 3)
    soc().graph.addMessage(
      massMail(2, {
        receivedAt: clock.now() - minute,
        subject: 'Hello there',
        sender: {
          displayName: 'x',
          fromAddress: 'nobody@nowhere.example',
          mailFromAddress: 'nobody@nowhere.example',
          ipv4: '203.0.113.9'
        }
      })
    )
    const last = soc().card('PT-1001')
    assert.match(last.words, /Look again searches once more/)
    await click(soc().room, tom, last, { button: button(last, 'Look again') })
    await soc().settle()
    assert.equal(choices(soc().card('PT-1001')).length, 1)
  })

  it('dated out of the window is not searched for, and says why', async () => {
    const card = await pasted(headers(clock.now() - 40 * day))
    assert.match(card.words, /dates the mail more than 30 days back/)
    assert.deepEqual(searches(soc()), [])
  })

  it('says where the bot may not search', async () => {
    soc().graph.grant(ALL_PERMISSIONS.filter((name) => name !== 'ThreatHunting.Read.All'))
    const card = await pasted(headers(clock.now()))
    assert.match(card.words, /the bot lacks ThreatHunting\.Read\.All\. Nothing was searched\./)
  })

  it('is searched for again where Defender did not answer', async () => {
    soc().graph.faults.add({ match: 'hunting', answer: { status: 503 } })
    assert.match((await pasted(headers(clock.now()))).words, /could not be searched: Microsoft Graph answered 503/)
    await pass(10_000)
    assert.equal(choices(soc().card('PT-1001')).length, 2)
  })
})

describe('a file without ids', () => {
  const soc = aSoc(() => ({ clock }))
  let host: FileHost
  before(async () => {
    host = await startFileHost({ '/mail': `${headers(clock.now())}\n\nPay now.` })
  })
  after(() => host.close())

  it('is looked for by its sender and subject', async () => {
    await dropFiles(soc().room, priya, [{ name: 'mail.eml', downloadUrl: `${host.url}/mail` }])
    await soc().settle()
    assert.equal(choices(soc().card('PT-1001')).length, 2)
  })
})

// Messages like the reported one: offered on its card, included in one plan, left out again, and each in one case at a time.
import assert from 'node:assert/strict'
import { ALL_PERMISSIONS } from '../../src/playground/graph-simulator/index.js'
import { type CardButton, type Someone, buttonsOf, click } from '../../src/playground/teams/person.js'
import { MAIL, massMail } from '../../src/playground/tenant.js'
import { CAMPAIGN_MAIL } from '../../src/playground/tenant-campaign.js'
import { TestClock } from '../test-clock.js'
import { aSoc, button, cardTold, messageTold, openCase, remediations } from './scenes.js'
import { type Message, type Soc, ana, channelId, dana, priya, tom } from './soc.js'

const [first, second, third] = CAMPAIGN_MAIL as [string, string, string]
const hour = 3_600_000
const minute = 60_000

interface Sent {
  analyzedEmails: { networkMessageId: string; recipientEmailAddress: string }[]
}

function hunts(soc: Soc): string[] {
  return (
    soc.graph.ledger.requests
      .filter(({ operation }) => operation === 'hunting')
      .map(({ body }) => (body as { Query: string }).Query)
      // What became of the copies is asked for too.
      .filter((query) => !query.includes('EmailPostDeliveryEvents'))
  )
}

async function press(
  soc: Soc,
  who: Someone,
  title: string,
  { name = 'PT-1001', as = 'execute' }: { name?: string; as?: 'execute' | 'submit' } = {}
) {
  const card = soc.card(name)
  const answer = await click(soc.room, who, card, { button: button(card, title), as })
  await soc.settle()
  return answer
}

/** What all accepted requests act on, in copies by message. */
function copiesSent(soc: Soc): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { networkMessageId: id } of (remediations(soc) as Sent[]).flatMap((body) => body.analyzedEmails)) {
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

const titles = ({ card }: Message) => buttonsOf(card).map(({ title }) => title)

describe('a campaign', () => {
  const soc = aSoc()

  it('is offered on the card, included by an analyst, and approved as one plan', async () => {
    await openCase(soc(), MAIL.campaign)
    const offered = soc().card()
    assert.match(offered.words, /PT-1001 · v1[^]*\n5 similar messages, 48 more mailboxes\nShow/)
    assert.match(offered.words, /Your staff gift card is waiting\n[^\n]*, 30 mailboxes, Defender counts it as similar/)
    assert.match(offered.words, /RE: Your employee gift card is waiting\n[^\n]*, 3 mailboxes, same sender and subject/)
    assert.deepEqual(copiesSent(soc()).size, 0)

    const told = messageTold(await press(soc(), tom, 'Include them'))
    assert.match(told, /^PT-1001: looking up 5 more messages\. .*nothing is removed by this\.$/)
    const card = soc().card()
    assert.match(card.words, /Needs a decision\nPT-1001 · v2/)
    assert.match(card.words, /60 copies: 60 inbox/)
    assert.match(card.words, /\n6 messages: 12, 30, 8, 6, 3, 1 mailboxes\n/)
    assert.match(card.words, /Acts on 60 of 60 copies\./)
    assert.ok(!titles(card).includes('Include them') && titles(card).includes('Only this message'))
    assert.deepEqual(remediations(soc()), [])

    await soc().press(dana, 'Approve', { reason: 'gift card fraud' })
    await soc().settle()
    assert.deepEqual(
      copiesSent(soc()),
      new Map([
        [CAMPAIGN_MAIL[0], 12],
        [CAMPAIGN_MAIL[1], 30],
        [CAMPAIGN_MAIL[2], 8],
        [CAMPAIGN_MAIL[3], 6],
        [CAMPAIGN_MAIL[4], 3],
        [CAMPAIGN_MAIL[5], 1]
      ])
    )
    assert.equal(soc().graph.ledger.accepted.length, 1)
  })

  it('is included by the fallback of older clients and by a typed command alike, and left out again', async () => {
    await openCase(soc(), MAIL.campaign)
    await press(soc(), tom, 'Include them', { as: 'submit' })
    assert.match(soc().card().words, /v2[^]*6 messages:/)
    await soc().say(tom, 'exclude PT-1001 v2')
    await soc().settle()
    assert.match(soc().card().words, /v3[^]*12 mailboxes: 12 inbox[^]*5 similar messages/)
    assert.doesNotMatch(soc().card().words, /6 messages:/)
    await soc().say(tom, 'include PT-1001 v3')
    await soc().settle()
    assert.match(soc().card().words, /v4[^]*6 messages:/)
    await press(soc(), ana, 'Only this message')
    await soc().press(dana, 'Approve', { reason: 'only this one' })
    await soc().settle()
    assert.deepEqual(copiesSent(soc()), new Map([[first, 12]]))
  })

  it('is no matter for people who are no analysts, nor for a version that was shown before', async () => {
    await openCase(soc(), MAIL.campaign)
    const old = soc().card()
    assert.match(messageTold(await press(soc(), priya, 'Include them')), /^You are not an analyst\./)
    assert.match(soc().card().words, /PT-1001 · v1/)
    await press(soc(), tom, 'Include them')
    const late = await click(soc().room, ana, old, { button: button(old, 'Include them') })
    assert.match(cardTold(late), /has changed since this was shown: it stands at plan v2 now/)
    const approval = button(old, 'Approve')
    const stale = await click(soc().room, dana, old, {
      button: approval,
      inputs: { action: 'softDelete', severity: 'low', reason: 'x' }
    })
    assert.match(cardTold(stale), /Nothing was decided/)
    assert.deepEqual(remediations(soc()), [])
    await soc().say(tom, 'include PT-1001', 'personal')
    await soc().say(tom, 'include PT-1001 v2', 'personal')
    const heard = soc().heard(`a:personal-${tom.objectId}`)
    assert.match(heard[0] ?? '', /^include takes a case and the plan version/)
    assert.match(heard[1] ?? '', /SOC channel/)
  })

  it('takes nothing that a card carries for what is included', async () => {
    await openCase(soc(), MAIL.payslip)
    const card = soc().card()
    const forged: CardButton = {
      type: 'Action.Execute',
      title: 'Include them',
      verb: 'include',
      data: { case: 'PT-1001', plan: 1, verb: 'include', message: MAIL.allStaff, similar: [MAIL.allStaff] }
    }
    assert.match(
      messageTold(await click(soc().room, tom, card, { button: forged })),
      /there is no similar message to include/
    )
    await soc().settle()
    assert.match(soc().card().words, /PT-1001 · v1/)
  })

  it('is not shown where the bot may not hunt, and nothing fails', async () => {
    soc().graph.grant(ALL_PERMISSIONS.filter((name) => name !== 'ThreatHunting.Read.All'))
    await openCase(soc(), MAIL.campaign)
    assert.doesNotMatch(soc().card().words, /similar/)
    assert.ok(!titles(soc().card()).includes('Include them'))
  })

  it('ten who press at once: one plan version, one look at each message', async () => {
    await openCase(soc(), MAIL.campaign)
    const card = soc().card()
    const pressed = button(card, 'Include them')
    await Promise.all(Array.from({ length: 10 }, () => click(soc().room, tom, card, { button: pressed })))
    await soc().settle()
    assert.match(soc().card().words, /PT-1001 · v2[^]*6 messages: 12, 30, 8, 6, 3, 1 mailboxes/)
  })

  it('counts for the limit as a whole', async () => {
    for (const at of [1, 2]) {
      soc().graph.addMessage(
        massMail(600, {
          receivedAt: Date.now() - minute,
          networkMessageId: `5000aaaa-0000-4000-8000-00000000500${String(at)}`
        })
      )
    }
    await openCase(soc(), '5000aaaa-0000-4000-8000-000000005001')
    assert.ok(titles(soc().card()).includes('Approve'))
    await press(soc(), tom, 'Include them')
    assert.match(soc().card().words, /Too many to approve\n1,200 copies; the policy allows 1,000 mailboxes at once/)
    assert.ok(!titles(soc().card()).includes('Approve'))
  })

  it('never becomes a smaller plan because one of its messages could not be looked up', async () => {
    await openCase(soc(), MAIL.campaign)
    const look = { match: 'analyzedEmails', answer: { status: 403, body: { error: { code: 'Denied', message: 'x' } } } }
    // The case's own message is answered, the first of the others is not.
    soc().graph.faults.add(
      { match: 'analyzedEmails', delayMs: 1 },
      look as Parameters<Soc['graph']['faults']['add']>[0]
    )
    await press(soc(), tom, 'Include them')
    const card = soc().card()
    assert.match(card.words, /Cannot be looked up[^]*A plan over 6 messages is to be made\./)
    assert.ok(!titles(card).includes('Approve'))
    await press(soc(), tom, 'Look again')
    assert.match(soc().card().words, /v2[^]*6 messages:/)
  })
})

describe('a campaign and the cases of its messages', () => {
  const soc = aSoc()
  const cards = () =>
    soc()
      .messages()
      .filter(({ activityId, conversationId }) => conversationId === `${channelId};messageid=${activityId}`)

  it('a case of an included message joins, with its reporters; one that is past its proposal handles its own', async () => {
    await openCase(soc(), MAIL.campaign)
    await soc().say(priya, `report ${second}`, 'personal')
    await soc().settle()
    await openCase(soc(), third)
    soc().graph.faults.add({ match: 'remediate', reset: 'after' })
    const approving = soc().card('PT-1003')
    await click(soc().room, dana, approving, {
      button: button(approving, 'Approve'),
      inputs: { action: 'softDelete', severity: 'low', reason: 'x' }
    })
    await soc().settle()
    await soc().say(tom, `triage ${CAMPAIGN_MAIL[3] ?? ''}`)
    await soc().settle()
    assert.match(soc().card('PT-1003').words, /Outcome unknown/)
    const told = messageTold(await press(soc(), tom, 'Include them'))
    assert.match(told, /looking up 4 more messages\..* Handled on their own: PT-1003\.$/)
    assert.match(soc().card('PT-1002').words, /Joined PT-1001/)
    assert.match(soc().card('PT-1004').words, /Joined PT-1001/)
    const card = soc().card('PT-1001')
    assert.match(card.words, /Reported by\nTom Berg and 1 other/)
    assert.match(card.words, /5 messages: 12, 30, 6, 3, 1 mailboxes\nPT-1003 handles one of them\./)
  })

  it('a report of an included message joins the case while it is open, and opens one when it has ended', async () => {
    await openCase(soc(), MAIL.campaign)
    await press(soc(), tom, 'Include them')
    await soc().say(priya, `report ${second}`, 'personal')
    await soc().settle()
    assert.match(soc().heard(`a:personal-${priya.objectId}`).join(), /PT-1001/)
    assert.equal(cards().length, 1)
    await soc().press(dana, 'Approve', { reason: 'x' })
    await soc().settle()
    await soc().say(ana, `report ${second}`, 'personal')
    await soc().settle()
    assert.match(soc().heard(`a:personal-${ana.objectId}`).join(), /PT-1002/)
    assert.match(soc().card('PT-1002').words, /Seen before\nPT-1001/)
  })

  it('what had a case of its own gets one again when it is left out', async () => {
    await openCase(soc(), MAIL.campaign)
    await soc().say(priya, `report ${second}`, 'personal')
    await soc().settle()
    await press(soc(), tom, 'Include them')
    await press(soc(), tom, 'Only this message')
    const again = soc().card('PT-1003')
    assert.match(again.words, /Needs a decision[^]*Your staff gift card[^]*Reported by\nPriya Nair/)
    assert.match(again.words, /Its earlier case, PT-1002, joined PT-1001/)
    assert.match(soc().card('PT-1001').words, /v3[^]*12 mailboxes: 12 inbox/)
  })
})

describe('a campaign that goes on', () => {
  const clock = new TestClock()
  const soc = aSoc(() => ({ clock }))
  const another = (at: number) =>
    massMail(at, {
      receivedAt: clock.now() - minute,
      networkMessageId: `5000aaaa-0000-4000-8000-00000000600${String(at)}`,
      emailClusterId: '7712004411'
    })
  const replies = () =>
    soc()
      .messages()
      .filter(({ activity }) => / more similar messages?$/.test(activity.summary ?? ''))

  async function pass(ms: number): Promise<void> {
    clock.advance(ms)
    await soc().settle()
  }

  it('is looked at once an hour, and what turns up is offered in the thread', async () => {
    await openCase(soc(), MAIL.campaign)
    assert.equal(hunts(soc()).length, 1)
    await press(soc(), tom, 'Look again')
    await pass(59 * minute)
    assert.equal(hunts(soc()).length, 1)
    soc().graph.addMessage(another(1))
    soc().graph.addMessage(another(2))
    await pass(2 * minute)
    assert.equal(hunts(soc()).length, 2)
    const [reply, ...others] = replies()
    assert.deepEqual(others, [])
    assert.equal(reply?.activity.summary, 'PT-1001: 2 more similar messages')
    assert.equal(reply?.conversationId, `${channelId};messageid=${soc().card('PT-1001').activityId}`)
    assert.match(soc().card('PT-1001').words, /7 similar messages, 51 more mailboxes/)
    const opened = await click(soc().room, tom, reply, { button: button(reply, 'Open case') })
    assert.match(messageTold(opened), /^PT-1002 is open/)
    await soc().settle()
    await pass(hour)
    assert.equal(replies().length, 1)
  })

  it('is looked at once more an hour after the request, and then no more', async () => {
    await openCase(soc(), MAIL.campaign)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    soc().graph.addMessage(another(3))
    await pass(hour + minute)
    assert.equal(replies()[0]?.activity.summary, 'PT-1001: 1 more similar message')
    assert.match(replies()[0]?.words ?? '', /The request of this case does not act on them/)
    const asked = hunts(soc()).length
    for (let at = 0; at < 5; at += 1) await pass(hour)
    assert.equal(hunts(soc()).length, asked)
    assert.equal(soc().graph.ledger.accepted.length, 1)
  })

  it('is asked for again where Defender did not answer', async () => {
    soc().graph.faults.add({ match: 'hunting', answer: { status: 503 } })
    await openCase(soc(), MAIL.campaign)
    assert.doesNotMatch(soc().card().words, /similar/)
    await pass(5 * minute)
    assert.match(soc().card().words, /5 similar messages/)
  })
})

// What analysts ask for: queue, case, whoami, narrowing, limits and protected mailboxes.
import assert from 'node:assert/strict'
import { MAIL } from '../../src/playground/tenant.js'
import { unknownCase } from '../../src/teams/words.js'
import { aSoc, cardTold, openCase, remediations } from './scenes.js'
import { type Soc, type Message, ana, channelId, dana, disabled, guest, priya, tom } from './soc.js'

async function answerTo(soc: Soc, ...[who, text]: [Parameters<Soc['say']>[0], string]): Promise<Message[]> {
  const before = soc.messages().length
  await soc.say(who, text, 'personal')
  return soc.messages().slice(before)
}

const recipientsPosted = (soc: Soc) =>
  soc.graph.ledger.accepted.flatMap(({ body }) => body.analyzedEmails.map((each) => each.recipientEmailAddress))

describe('queue and case', () => {
  const soc = aSoc()

  it('the queue lists open cases, says for whom each waits, and drops those that are decided', async () => {
    await openCase(soc(), MAIL.mailboxFull)
    await openCase(soc(), MAIL.payslip)
    await openCase(soc(), MAIL.internalPhish)
    await soc().press(dana, 'Not phish', { reason: 'no' })
    await soc().settle()
    const [queue, ...others] = await answerTo(soc(), tom, 'queue')
    assert.deepEqual(others, [])
    assert.equal(queue?.activity.summary, '2 open cases')
    assert.match(
      queue?.words ?? '',
      /2 open cases, the longest wait first\nPT-1002: 12 mailboxes, waits 0 min for an approver[^]*\nPT-1003/
    )
    assert.doesNotMatch(queue?.words ?? '', /PT-1001/)
  })

  it('a case is shown with all its mailboxes, in any spelling of its name', async () => {
    await openCase(soc())
    for (const text of ['case PT-1001', 'CASE pt1001', 'case PT-1001.']) {
      const [card, timeLine, list, ...others] = await answerTo(soc(), tom, text)
      assert.deepEqual(others, [])
      assert.equal(timeLine?.activity.summary, 'PT-1001: time line')
      assert.match(card?.words ?? '', /Needs a decision[^]*PT-1001 · v1/)
      assert.match(
        list?.words ?? '',
        /PT-1001 · v1: mailboxes\nInbox: ana\.silva@contoso\.example, [^]*Left out: plant7\.scanner@contoso\.example/
      )
    }
    assert.deepEqual(
      (await answerTo(soc(), tom, 'case PT-9')).map(({ words }) => words),
      [unknownCase]
    )
  })
})

describe('whoami', () => {
  const soc = aSoc()
  const rulings = (text: string) => [...text.matchAll(/: \*\*(yes|no)\*\*/g)].map(([, word]) => word).join(' ')

  for (const { who, may, because } of [
    { who: dana, may: 'yes yes yes', because: /You are an approver: named in the policy\./ },
    { who: ana, may: 'yes yes yes', because: /You are an approver: through a group in the policy\./ },
    {
      who: tom,
      may: 'yes yes no',
      because: /You are an analyst: through a group in the policy\.[^]*You are not an approver/
    },
    { who: priya, may: 'yes no no', because: /Every member of the organisation may report/ },
    { who: guest, may: 'no no no', because: /Guests may not report, open or decide cases/ },
    { who: disabled, may: 'no no no', because: /Your account is disabled/ }
  ]) {
    it(`tells ${who.name} what the policy lets them do`, async () => {
      const [answer] = await answerTo(soc(), who, 'whoami')
      assert.match(answer?.words ?? '', new RegExp(`^Your object id: \`${who.objectId}\`\n\nTenant: \`c0a70500-`))
      assert.equal(rulings(answer?.words ?? ''), may)
      assert.match(answer?.words ?? '', because)
    })
  }
})

describe('the scope of a case', () => {
  const soc = aSoc(() => ({
    policy: { limits: { maxCopies: 10, protectedMailboxes: ['CEO.Office@contoso.example'] } }
  }))

  it('is narrowed by recipients named in triage', async () => {
    const card = await openCase(soc(), MAIL.mailboxFull, 'ana.silva@contoso.example,', 'J.Kim@Contoso.example')
    assert.match(card.words, /Narrowed\nto the 2 mailboxes named in triage/)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.deepEqual(recipientsPosted(soc()), ['ana.silva@contoso.example', 'j.kim@contoso.example'])
  })

  it('over the limit has no Approve and says how to narrow; a triage of the open case narrows it', async () => {
    const card = await openCase(soc())
    assert.match(card.words, /Too many to approve[^]*11 mailboxes; the policy allows 10 mailboxes at once/)
    assert.match(card.words, new RegExp(`triage ${MAIL.mailboxFull} recipient …`))
    assert.doesNotMatch(card.words, /^Approve$/m)
    await soc().say(ana, 'approve PT-1001 v1 softDelete low phish')
    assert.match(soc().heard(channelId).at(-1) ?? '', /11 copies are more than the policy allows \(10\)/)

    await soc().say(ana, `triage ${MAIL.mailboxFull} ana.silva@contoso.example`)
    assert.match(soc().heard(channelId).at(-1) ?? '', /^\*\*PT-1001\*\* is already open for this mail/)
    await soc().settle()
    assert.match(soc().card().words, /PT-1001 · v2[^]*Acts on 1 of 1 mailbox/)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.deepEqual(recipientsPosted(soc()), ['ana.silva@contoso.example'])
  })

  it('leaves a protected mailbox out and lists it', async () => {
    const card = await openCase(soc(), MAIL.payslip)
    assert.match(card.words, /ceo\.office: protected mailbox/)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.equal(recipientsPosted(soc()).length, 10)
    assert.ok(!recipientsPosted(soc()).includes('ceo.office@contoso.example'))
  })

  it('of a protected mailbox alone has nothing to approve', async () => {
    const card = await openCase(soc(), MAIL.payslip, 'ceo.office@contoso.example')
    assert.match(card.words, /Nothing to approve[^]*Every copy is left out/)
    assert.doesNotMatch(card.words, /^Approve$/m)
    await soc().say(ana, 'approve PT-1001 v1 softDelete low phish')
    await soc().settle()
    assert.deepEqual(remediations(soc()), [])
  })

  it('does not change when an employee reports the mail', async () => {
    await openCase(soc(), MAIL.mailboxFull, 'ana.silva@contoso.example')
    await soc().say(priya, `report ${MAIL.mailboxFull} ben.okafor@contoso.example`, 'personal')
    await soc().settle()
    assert.match(soc().card().words, /PT-1001 · v1[^]*Acts on 1 of 1 mailbox/)
  })

  it('is closed to narrowing once it was approved', async () => {
    await openCase(soc(), MAIL.internalPhish)
    soc().graph.faults.add({ match: 'remediate', answer: { status: 400 } })
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    await soc().say(tom, `triage ${MAIL.internalPhish} chen.li@contoso.example`)
    await soc().settle()
    assert.match(soc().card().words, /Refused by Defender/)
    assert.match(
      cardTold(
        await soc()
          .press(dana, 'Approve', { reason: 'again' })
          .catch(() => soc().press(dana, 'Not phish', { reason: 'no' }))
      ),
      /Closed: not phish/
    )
  })
})

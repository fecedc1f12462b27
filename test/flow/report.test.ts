// Reports from employees who type: acknowledged at once, joined, limited, refused to guests, kept when Graph is silent.
import assert from 'node:assert/strict'
import { activityOf, send } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { TestClock } from '../test-clock.js'
import { aSoc, looks, newWords, openCase, remediations } from './scenes.js'
import { type Soc, ana, channelId, dana, guest, priya, tom } from './soc.js'

const unknownMail = (index: number) => `00000000-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`
const at = (who: { objectId: string }) => `a:personal-${who.objectId}`

async function headersFor(soc: Soc, headers: string[]): Promise<void> {
  await soc.say(priya, `report\n${headers.join('\n')}`, 'personal')
}

describe('a report by an employee', () => {
  const soc = aSoc()

  it('is answered at once with a card and the case number; the case’s card follows in a channel that never heard the bot', async () => {
    await soc().say(priya, `report ${MAIL.mailboxFull} looks odd`, 'personal')
    const [thanks, ...others] = soc()
      .messages()
      .filter(({ conversationId }) => conversationId === at(priya))
    assert.deepEqual(others, [])
    assert.equal(thanks?.activity.summary, 'PT-1001: thank you, your report has arrived')
    for (const words of [/Thank you, your report has arrived/, /PT-1001/, /do not click, reply or forward/]) {
      assert.match(thanks?.words ?? '', words)
    }
    await soc().settle()
    assert.match(soc().card().words, /Needs a decision[^]*Reported by\nPriya Nair\nNote\nlooks odd/)
  })

  it('comes back from the directory with the name that it knows, not the one that Teams sends', async () => {
    await soc().say({ ...priya, name: '**Dana**' }, `report ${MAIL.mailboxFull}`, 'personal')
    await soc().settle()
    assert.match(soc().card().words, /Reported by\nPriya Nair/)
  })

  it('takes pasted headers, and warns where they disagree with what Defender knows', async () => {
    await headersFor(soc(), [
      'Received: from mail.example (203.0.113.1)',
      ' by mx.contoso.example',
      'From: "IT" <boss@contoso.example>',
      'Subject: Lunch',
      'Message-ID: <something@else.example>',
      `X-MS-Exchange-Organization-Network-Message-Id: ${MAIL.mailboxFull}`
    ])
    assert.match(soc().heard(at(priya))[0] ?? '', /Thank you[^]*Lunch[^]*PT-1001/)
    await soc().settle()
    assert.match(soc().card().words, /≠ Report and Defender disagree on the sender and the subject/)
    assert.match(soc().card().words, /Your mailbox is full/)
  })

  it('takes headers that name only the Message-ID', async () => {
    await headersFor(soc(), ['Subject: x', 'Message-ID:', ' <mailbox-full-8841@contos0-support.example>', 'To: me'])
    await soc().settle()
    assert.match(soc().card().words, /Your mailbox is full/)
  })

  it('says that headers that name neither an id nor a sender or subject are no report', async () => {
    await headersFor(soc(), ['To: me@contoso.example', 'Message-ID: none'])
    assert.match(soc().heard(at(priya))[0] ?? '', /Nothing was reported yet|For example: `report /)
    await soc().settle()
    assert.throws(() => soc().card())
  })

  it('joins the open case; the card counts reporters, not reports', async () => {
    const card = await openCase(soc())
    for (const who of [priya, priya, ana]) await soc().say(who, `report ${MAIL.mailboxFull}`, 'personal')
    // The card waits a little for more reporters before it is edited.
    await soc().teams.waitFor(() => soc().card().words.includes('Tom Berg and 2 others'))
    assert.match(soc().heard(at(ana))[0] ?? '', /PT-1001/)
    assert.match(soc().card().words, /Reported by\nTom Berg and 2 others/)
    assert.match(soc().card().words, /PT-1001 · v1/)
    assert.equal(soc().card().activityId, card.activityId)
    assert.equal(
      soc()
        .messages()
        .filter(({ activity }) => activity.summary?.startsWith('PT-1002')).length,
      0
    )
  })

  it('is not counted twice when Teams sends the activity again', async () => {
    const activity = activityOf(soc().room, priya, 'personal', { type: 'message', text: `report ${MAIL.mailboxFull}` })
    for (let times = 0; times < 3; times++) await send(soc().room, activity)
    await soc().settle()
    assert.match(soc().card().words, /Reported by\nPriya Nair\n/)
    assert.ok(
      soc()
        .heard(at(priya))
        .every((words) => words.includes('PT-1001'))
    )
  })

  it('of a mail whose case is closed opens a new case that names the old one', async () => {
    await openCase(soc())
    await soc().press(dana, 'Not phish', { reason: 'newsletter' })
    await soc().settle()
    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    await soc().settle()
    assert.match(soc().card('PT-1002').words, /Needs a decision[^]*Seen before\nPT-1001/)
    assert.match(soc().card('PT-1001').words, /Closed: not phish/)
  })

  it('of a guest is refused', async () => {
    await soc().say(guest, `report ${MAIL.mailboxFull}`, 'personal')
    assert.deepEqual(soc().heard('a:'), ['Guests may not report, open or decide cases.'])
    await soc().settle()
    assert.throws(() => soc().card())
  })

  it('in the SOC channel is answered with words', async () => {
    await soc().say(tom, `report ${MAIL.mailboxFull} odd`)
    assert.match(soc().heard(channelId)[0] ?? '', /^Thank you\. Your report has arrived as \*\*PT-1001\*\*\./)
  })
})

describe('a report while Microsoft Graph is down', () => {
  const clock = () => new TestClock(Date.UTC(2026, 10, 20, 9))
  let time = clock()
  const soc = aSoc(() => ({ clock: (time = clock()) }))

  it('is acknowledged within 3 s, its card says why, and it is found later', async () => {
    soc().graph.faults.add({ match: 'users', hang: true }, { match: 'checkMemberGroups', hang: true })
    soc().graph.faults.add({ match: 'analyzedEmails', answer: { status: 503 } })
    const started = performance.now()
    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    assert.ok(performance.now() - started < 3000)
    assert.match(soc().heard(at(priya))[0] ?? '', /PT-1001/)
    await soc().settle()
    assert.match(soc().card().words, /Cannot be looked up[^]*Defender did not answer[^]*The report is kept/)
    assert.doesNotMatch(soc().card().words, /^Approve$/m)
    assert.deepEqual(
      soc().teams.entries.filter(({ activity }) => activity.type !== 'message'),
      []
    )
    time.advance(60_000)
    await soc().settle()
    assert.match(soc().card().words, /Needs a decision/)
  })

  it('that Defender does not know yet is looked up again after 1, 5 and 15 minutes', async () => {
    await soc().say(priya, `report ${unknownMail(1)}`, 'personal')
    await soc().settle()
    assert.match(soc().card().words, /Nothing found yet[^]*That does not mean it is safe/)
    const counts = [looks(soc())]
    for (const minutes of [1, 5, 15, 600]) {
      time.advance(minutes * 60_000)
      await soc().settle()
      counts.push(looks(soc()))
    }
    assert.deepEqual(counts, [1, 2, 3, 4, 4])
    assert.deepEqual(remediations(soc()), [])
  })

  it('after ten that nobody could find in an hour is refused in words, others’ are not, and an hour later it is taken', async () => {
    for (let index = 1; index <= 10; index++) await soc().say(priya, `report ${unknownMail(index)}`, 'personal')
    await soc().settle()
    const before = soc().messages().length
    await soc().say(priya, `report ${unknownMail(11)}`, 'personal')
    assert.match(
      newWords(soc(), before)[0] ?? '',
      /^You have 10 reports in the last hour that Defender does not know yet/
    )
    await soc().say(tom, `report ${unknownMail(11)}`, 'personal')
    assert.match(soc().heard(at(tom))[0] ?? '', /PT-1011/)
    time.advance(3_600_001)
    await soc().settle()
    await soc().say(priya, `report ${unknownMail(12)}`, 'personal')
    assert.match(soc().heard(at(priya)).at(-1) ?? '', /PT-1012/)
  })
})

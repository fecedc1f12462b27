// What became of it: from the submitted card over the looks at the mailboxes to what was seen, under a moved clock. Judged by
// the channel and Graph's ledger.
import assert from 'node:assert/strict'
import { ALL_PERMISSIONS } from '../../src/playground/graph-simulator/index.js'
import { copiesIn } from '../../src/playground/tenant-mail.js'
import { type Desk, approval, buttonTitles, hour, minute, openDesk, pressOn } from '../fault/fault-desk.js'
import { address, approve, head, mail, names, replies, tell, withMail } from './outcome-scenes.js'
import { looks, openCase, remediations } from './scenes.js'
import { ana, dana, tom } from './soc.js'

describe('proof of outcome', () => {
  let desk: Desk
  const open = async (options: Parameters<typeof openDesk>[0]) =>
    (desk = await openDesk({ moveDelayMs: 0, ...options }))
  afterEach(() => desk.close())

  it('goes from submitted, which claims nothing, over looks to what was seen', async () => {
    await open({ tenant: withMail(), moveDelayMs: 90_000 })
    await openCase(desk, mail)
    // Defender is faster with two copies, between the look and the approval.
    desk.clock.advance(minute)
    desk.graph.act({
      by: 'air',
      networkMessageId: mail,
      location: 'others',
      recipients: names.slice(0, 2).map(address)
    })
    desk.clock.advance(minute)
    await pressOn(desk, dana, desk.card(), approval)
    await desk.settle()
    assert.equal(head(desk.card()), 'Submitted\nPT-1001 · v1 · accepted, not looked at yet')
    assert.match(desk.card().words, /09:03 UTC\n○ Next look: is the mail gone\?/)
    assert.match(
      replies(desk)[0] ?? '',
      /^PT-1001 submitted: soft delete in 39 mailboxes\n[^]*Next look at the mailboxes: 09:03 UTC\./
    )
    assert.doesNotMatch(desk.card().words + replies(desk).join(), /removed/i)

    await desk.pass(minute)
    assert.equal(head(desk.card()), 'Submitted\nPT-1001 · v1 · removed from 0 of 40 so far, next look 09:07 UTC')
    assert.match(desk.card().words, /09:03 UTC\n✓ Looked: removed from 0 of 40\n09:07 UTC\n○ Next look/)

    await desk.pass(4 * minute)
    const card = desk.card()
    assert.equal(head(card), 'Removed from 37 of 40 mailboxes\nPT-1001 · v1 · last look 09:07 UTC')
    assert.match(card.words, /\n37\nremoved\n2\nalready there\n1\ncannot be acted on\n/)
    assert.match(card.words, /Left out\nplant7\.scanner: on-premises, cannot be acted on/)
    assert.match(card.words, /Defender had already moved 2 by itself \(AIR\)\./)
    assert.match(card.words, /Mailboxes\n40, one by one\nShow/)
    assert.match(card.words, /Action\nSoft delete, severity medium, 39 mailboxes\nApproved by\nDana Weber, 09:02 UTC/)
    assert.deepEqual(buttonTitles(card), ['Show or hide the mailboxes', 'Undo', 'Track in Action Center'])
    assert.deepEqual(
      replies(desk).map((words) => words.split('\n').slice(0, 3)),
      [
        [
          'PT-1001: removed from 37 of 40; 2 already there; 1 cannot be acted on (on-premises)',
          'Approved by Dana Weber at 09:02 UTC. Soft delete, severity medium.',
          'Last look at the mailboxes: 09:07 UTC. Next look at the mailboxes: 09:17 UTC.'
        ]
      ]
    )
    assert.equal(remediations(desk).length, 1)
    assert.doesNotMatch(card.words + replies(desk).join(), /by (this|our|the) request|removed by/i)
  })

  it('says after a day what was not moved, and looks no more', async () => {
    await open({ tenant: withMail() })
    desk.graph.stick(mail, names.slice(0, 7).map(address))
    await approve(desk)
    for (const ms of [minute, 4 * minute, 10 * minute, 45 * minute, 3 * hour, 8 * hour]) await desk.pass(ms)
    assert.equal(
      head(desk.card()),
      'Submitted\nPT-1001 · v1 · removed from 32 of 40 so far, next look 21 Nov 09:00 UTC'
    )
    await desk.pass(12 * hour)
    assert.equal(
      head(desk.card()),
      'Removed from 32 of 40 mailboxes\nPT-1001 · v1 · 7 not moved after 24 h, last look 09:00 UTC'
    )
    assert.match(desk.card().words, /^!\n/)
    assert.match(desk.card().words, /Defender reports that 7 moves failed\./)
    assert.match(replies(desk)[0] ?? '', /^PT-1001: removed from 32 of 40; 7 not moved; 1 cannot be acted on/)
    const before = looks(desk)
    await desk.pass(48 * hour)
    assert.equal(looks(desk), before)
  })

  it('knows what ZAP had quarantined before the request, and what it did after', async () => {
    await open({ tenant: withMail(), moveDelayMs: 30_000 })
    await openCase(desk, mail)
    desk.clock.advance(minute)
    const [first = '', second = ''] = names.map(address)
    desk.graph.act({ by: 'zap', networkMessageId: mail, location: 'quarantine', recipients: [first] })
    desk.clock.advance(minute)
    await pressOn(desk, dana, desk.card(), approval)
    await desk.settle()
    desk.clock.advance(10_000)
    desk.graph.act({ by: 'zap', networkMessageId: mail, location: 'quarantine', recipients: [second] })
    await desk.pass(50_000)
    assert.match(
      replies(desk)[0] ?? '',
      /^PT-1001: removed from 37 of 40; 1 already there; 1 in another place; 1 cannot/
    )
    assert.match(
      desk.card().words,
      /Defender had already moved 1 by itself \(ZAP\)\.\nDefender moved 1 by itself \(ZAP\) after/
    )
  })

  it('does without hunting where it is not allowed, and says nothing of that', async () => {
    await open({ tenant: withMail() })
    desk.graph.grant(ALL_PERMISSIONS.filter((each) => each !== 'ThreatHunting.Read.All'))
    await approve(desk)
    await desk.pass(minute)
    assert.equal(head(desk.card()).split('\n')[0], 'Removed from 39 of 40 mailboxes')
    assert.doesNotMatch(desk.card().words, /permission|Hunting/)
  })

  for (const [action, title, label] of [
    ['moveToJunk', 'Moved to junk in 39 of 40 mailboxes', 'moved to junk'],
    ['moveToDeletedItems', 'Moved to deleted items in 39 of 40 mailboxes', 'moved to deleted items']
  ] as const) {
    it(`has the right verb for ${action}`, async () => {
      await open({ tenant: withMail() })
      await approve(desk, { action })
      await desk.pass(minute)
      assert.equal(head(desk.card()).split('\n')[0], title)
      assert.match(desk.card().words, new RegExp(`\n39\n${label}\n`))
      assert.doesNotMatch(desk.card().words, /removed/i)
    })
  }

  it('has the right verb for mail that goes back', async () => {
    await open({ tenant: withMail(copiesIn('junkFolder', names.slice(0, 3))) })
    await approve(desk, { action: 'moveToInbox' })
    await desk.pass(minute)
    assert.equal(head(desk.card()).split('\n')[0], 'Moved back to the inbox in 3 of 3 mailboxes')
  })

  it('believes that a deleted copy is listed no more when a second look agrees', async () => {
    await open({ tenant: withMail() })
    await approve(desk)
    desk.graph.unlist(mail, names.slice(0, 4).map(address))
    await desk.pass(minute)
    assert.match(head(desk.card()), /Submitted\n.* removed from 35 of 40 so far/)
    await desk.pass(4 * minute)
    assert.equal(head(desk.card()).split('\n')[0], 'Removed from 39 of 40 mailboxes')
  })

  it('takes back what it said where a later look sees the mail again', async () => {
    await open({ tenant: withMail() })
    await approve(desk)
    await desk.pass(minute)
    assert.match(head(desk.card()), /^Removed from 39/)
    desk.graph.act({ by: 'user', networkMessageId: mail, location: 'inbox_folder', recipients: [address('user01')] })
    await desk.pass(4 * minute)
    assert.equal(head(desk.card()), 'Removed from 38 of 40 mailboxes\nPT-1001 · v1 · 1 not moved, last look 09:05 UTC')
  })

  it('goes on after a restart between looks', async () => {
    await open({ tenant: withMail(), moveDelayMs: 90_000 })
    await approve(desk)
    await desk.pass(minute)
    await desk.restart()
    const before = looks(desk)
    await desk.pass(3 * minute)
    assert.equal(looks(desk), before)
    await desk.pass(minute)
    assert.match(head(desk.card()), /^Removed from 39 of 40 mailboxes/)
    assert.equal(remediations(desk).length, 1)
  })

  it('keeps trying while Graph is down, and says when it last looked', async () => {
    await open({ tenant: withMail(), moveDelayMs: 90_000 })
    await approve(desk)
    tell(desk, { match: 'analyzedEmails', answer: { status: 503 } })
    await desk.pass(minute)
    assert.equal(head(desk.card()), 'Submitted\nPT-1001 · v1 · accepted, not looked at yet')
    assert.match(desk.card().words, /Last try\nDefender could not be asked; nobody has looked yet/)
    await desk.pass(minute)
    assert.match(head(desk.card()), /^Removed from 39 of 40 mailboxes/)
    assert.doesNotMatch(desk.card().words, /Last try/)

    tell(desk, {
      match: 'analyzedEmails',
      answer: { status: 403, body: { error: { code: 'Authorization_RequestDenied', message: '' } } }
    })
    await desk.pass(3 * minute)
    assert.match(desk.card().words, /Last try\nThe bot lacks the permission to look; last looked at 09:0[12] UTC/)
    await desk.pass(hour)
    assert.match(head(desk.card()), /^Removed from 39 of 40 mailboxes/)
  })

  it('lists under case what became of each mailbox', async () => {
    await open({ tenant: withMail() })
    desk.graph.stick(mail, [address('user07')])
    await approve(desk)
    await desk.pass(minute)
    const before = desk.messages().length
    await desk.say(tom, 'case PT-1001')
    await desk.settle()
    const list = desk
      .messages()
      .slice(before)
      .find(({ words }) => words.includes(': mailboxes'))
    assert.match(list?.words ?? '', /Removed: user01@contoso\.example, /)
    assert.match(list?.words ?? '', /Not moved: user07@contoso\.example\n/)
    assert.match(list?.words ?? '', /Left out: plant7\.scanner@contoso\.example/)
  })

  it('looks at what was accepted where the rest was refused', async () => {
    await open({ tenant: withMail(copiesIn('inbox_folder', names.slice(0, 10))), config: { batchSize: 5 } })
    const card = await openCase(desk, mail)
    tell(desk, { match: 'remediate', location: 'https://security.microsoft.com/x' })
    tell(desk, { match: 'remediate', answer: { status: 403 } })
    await pressOn(desk, dana, card, approval)
    await desk.settle()
    await desk.pass(minute)
    assert.match(desk.card().words, /Partly submitted/)
    assert.match(desk.card().words, /Last look\n09:01 UTC: removed from 5 of 10\./)
    assert.match(replies(desk)[0] ?? '', /^PT-1001: removed from 5 of 10; 5 not accepted\n/)
  })
})

describe('proof of an unknown outcome', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk({ moveDelayMs: 0, tenant: withMail(copiesIn('inbox_folder', names.slice(0, 11))) })
  })
  afterEach(() => desk.close())

  it('says that nothing has moved, and leaves it to people', async () => {
    tell(desk, { match: 'remediate', answer: { status: 504 } })
    await approve(desk)
    assert.match(head(desk.card()), /^Outcome unknown/)
    assert.match(desk.card().words, /Next look\n09:01 UTC/)
    await desk.pass(minute)
    assert.match(desk.card().words, /Last look\n09:01 UTC: 11 inbox\. Nothing has moved\.\nNext look\n09:05 UTC/)
    assert.deepEqual(buttonTitles(desk.card()), ['Open Action Center', 'Mark as done', 'Propose again'])
    assert.match(replies(desk)[0] ?? '', /^PT-1001: outcome unknown/)
    assert.doesNotMatch(desk.card().words + replies(desk).join(), /removed/i)
    for (let hours = 0; hours < 26; hours += 1) await desk.pass(hour)
    assert.match(desk.card().words, /Nothing has moved\.\nNext look\nnone, the looks are over/)
    assert.match(head(desk.card()), /^Outcome unknown/)
    assert.equal(remediations(desk).length, 1)
  })

  it('says that it was removed by an administrator, not by whose request, and a person closes it', async () => {
    tell(desk, { match: 'remediate', answerAfterAccept: { status: 504 } })
    await approve(desk)
    await desk.pass(minute)
    const { words } = desk.card()
    assert.match(head(desk.card()), /^Outcome unknown/)
    assert.match(words, /Last look\n09:01 UTC: removed from 11 of 11; 11 other folders\./)
    assert.match(words, /Removed by an administrator; whether by this request is not known\./)
    await desk.press(dana, 'Mark as done', { reason: 'Action Center lists it' })
    await desk.settle()
    assert.match(head(desk.card()), /^Removed from 11 of 11 mailboxes/)
    assert.match(desk.card().words, /Marked by\nDana Weber/)
    assert.equal(remediations(desk).length, 1)
  })

  it('names nobody where Defender names nobody', async () => {
    tell(desk, { match: 'remediate', answer: { status: 504 } })
    await approve(desk)
    desk.graph.act({ by: 'zap', networkMessageId: mail, location: 'quarantine' })
    await desk.pass(minute)
    assert.match(desk.card().words, /Last look\n09:01 UTC: 11 quarantine\./)
    assert.match(desk.card().words, /Defender moved 11 by itself \(ZAP\) after the request\./)
    assert.doesNotMatch(desk.card().words, /removed/i)
  })

  it('is verified by the new request where a person proposes again', async () => {
    tell(desk, { match: 'remediate', answer: { status: 504 } })
    await approve(desk)
    await desk.pass(minute)
    await desk.press(ana, 'Propose again')
    await desk.settle()
    await desk.press(dana, 'Approve', approval.inputs)
    await desk.settle()
    await desk.pass(minute)
    assert.match(head(desk.card()), /^Removed from 11 of 11 mailboxes/)
    const [first = '', second = ''] = replies(desk)
    assert.match(first, /^PT-1001: outcome unknown/)
    assert.doesNotMatch(first, /Next look/)
    assert.match(second, /^PT-1001: removed from 11 of 11/)
  })
})

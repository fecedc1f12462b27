// Copies of a mail that turn up after an approval: a proposal of their own in the same thread, under a moved clock.
import assert from 'node:assert/strict'
import { copiesIn } from '../../src/playground/tenant-mail.js'
import { type Desk, approval, buttonTitles, hour, minute, openDesk, pressOn } from '../fault/fault-desk.js'
import { address, approve, head, mail, message, names, replies, withMail } from './outcome-scenes.js'
import { openCase, remediations } from './scenes.js'
import { ana, channelId, dana, priya, tom } from './soc.js'

describe('copies that turn up after an approval', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk({ moveDelayMs: 0, tenant: withMail(copiesIn('inbox_folder', names.slice(0, 11))) })
  })
  afterEach(() => desk.close())

  const late = copiesIn('inbox_folder', ['late.one', 'late.two', 'late.three'])
  const arrive = (copies = late) => {
    desk.graph.addMessage(message(desk.clock.now(), copies))
  }

  it('raise a proposal of their own in the same thread, which needs a new approval', async () => {
    const card = await approve(desk)
    await desk.pass(minute)
    arrive()
    await desk.pass(4 * minute)
    assert.equal(head(desk.card()), 'Needs a decision\nPT-1001 · v2 · first reported 09:00 UTC')
    assert.equal(desk.card().activityId, card.activityId)
    assert.match(
      desk.card().words,
      /► 3 more copies turned up\nEarlier\nSoft delete of 11, submitted 09:00 UTC\nLast look\nremoved from 11 of 11, 09:05 UTC/
    )
    assert.match(desk.card().words, /3 mailboxes: 3 inbox/)
    assert.deepEqual(replies(desk).slice(1), ['PT-1001: 3 more copies turned up; a new approval is needed'])
    assert.equal(remediations(desk).length, 1)

    await desk.press(dana, 'Approve', approval.inputs)
    await desk.settle()
    assert.deepEqual(
      (remediations(desk)[1] as { analyzedEmails: { recipientEmailAddress: string }[] }).analyzedEmails.map(
        ({ recipientEmailAddress }) => recipientEmailAddress
      ),
      ['late.one', 'late.three', 'late.two'].map(address)
    )
    await desk.pass(minute)
    assert.match(head(desk.card()), /^Removed from 3 of 3 mailboxes/)
    // Once is enough.
    await desk.pass(4 * minute)
    await desk.pass(hour)
    assert.equal(remediations(desk).length, 2)
    assert.equal(replies(desk).filter((words) => words.includes('turned up')).length, 1)
  })

  it('are no news to who reported the first ones', async () => {
    await desk.close()
    desk = await openDesk({ moveDelayMs: 0, tenant: withMail(copiesIn('inbox_folder', ['priya.nair', 'ben.okafor'])) })
    const heard = () => desk.heard(`a:personal-${priya.objectId}`)
    await desk.say(priya, `report ${mail}`, 'personal')
    await desk.settle()
    await desk.press(dana, 'Approve', approval.inputs)
    await desk.settle()
    await desk.pass(minute)
    assert.match(heard().at(-1) ?? '', /It was phishing, and it has been removed/)
    const before = heard().length
    arrive()
    await desk.pass(4 * minute)
    await desk.press(dana, 'Approve', approval.inputs)
    await desk.settle()
    for (const ms of [minute, 10 * minute, 24 * hour]) await desk.pass(ms)
    assert.match(head(desk.card()), /^Removed from 3 of 3 mailboxes/)
    assert.equal(heard().length, before)
  })

  it('can be left where they are, which denies nothing of what was removed', async () => {
    await approve(desk)
    await desk.pass(minute)
    arrive()
    await desk.pass(4 * minute)
    assert.ok(buttonTitles(desk.card()).includes('Leave them'))
    await desk.say(dana, 'reject PT-1001 v2 test mailboxes')
    await desk.settle()
    assert.ok(
      desk
        .heard(channelId)
        .includes('PT-1001: closed; the copies that came later stay where they are. Removed from 11 of 11 before.')
    )
    assert.equal(head(desk.card()), 'Closed: the later copies stay\nPT-1001 · v2 · removed from 11 of 11 before')
    for (const ms of [10 * minute, hour, 24 * hour]) await desk.pass(ms)
    assert.equal(remediations(desk).length, 1)
  })

  it('stay the only ones that a new look proposes', async () => {
    await approve(desk)
    await desk.pass(minute)
    arrive()
    await desk.pass(4 * minute)
    arrive(copiesIn('inbox_folder', ['late.four']))
    await desk.press(ana, 'Look again')
    await desk.settle()
    assert.match(desk.card().words, /4 mailboxes: 4 inbox/)
    assert.match(desk.card().words, /► 4 more copies turned up/)
  })

  it('are not proposed where they are out of reach, protected, there already, or of no concern to the case', async () => {
    await approve(desk)
    await desk.pass(minute)
    arrive([
      ...copiesIn('onprem_external', ['plant8.scanner']),
      ...copiesIn('others', ['late.gone']),
      ...copiesIn('inbox_folder', ['ceo.office'])
    ])
    await desk.pass(4 * minute)
    assert.match(head(desk.card()), /^Removed from 11 of 11 mailboxes/)
    assert.equal(replies(desk).length, 1)
  })

  it('are not proposed where a triage had named other mailboxes', async () => {
    const card = await openCase(desk, mail, address('user01'))
    await pressOn(desk, dana, card, approval)
    await desk.settle()
    await desk.pass(minute)
    assert.match(head(desk.card()), /^Removed from 1 of 1 mailbox\n/)
    assert.equal(replies(desk).length, 1)
  })

  it('are left to another case that has the message meanwhile', async () => {
    await approve(desk)
    await desk.pass(minute)
    await desk.say(tom, `triage ${mail}`)
    await desk.settle()
    arrive()
    await desk.pass(4 * minute)
    assert.match(head(desk.card('PT-1001')), /^Removed from 11 of 11 mailboxes/)
    assert.match(desk.card('PT-1001').words, /Later\nPT-1002 handles 3 copies that came later/)
    assert.equal(desk.messages().filter(({ words }) => words.includes('turned up')).length, 0)
    assert.equal(remediations(desk).length, 1)
  })

  it('join a report of the same mail to the case that is open again', async () => {
    await approve(desk)
    await desk.pass(minute)
    arrive()
    await desk.pass(4 * minute)
    await desk.say(tom, `triage ${mail}`)
    await desk.settle()
    assert.ok(desk.heard(channelId).some((words) => words.includes('PT-1001** is already open for this mail')))
  })
})

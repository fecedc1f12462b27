// Teams fails while the bot posts: one card, or a second one that says what it is; the last update wins; nothing is lost.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ana, dana, priya, tom } from '../flow/soc.js'
import {
  type Desk,
  approval,
  approve,
  assertCounts,
  caseCards,
  hour,
  linkReplies,
  mail,
  minute,
  openDesk,
  posted,
  pressOn,
  second,
  triage
} from './fault-desk.js'

const repeatMark = /repeat of PT-1001/i

describe('faults: Teams', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
  })
  afterEach(() => desk.close())

  const creates = () => posted(desk, 'createThread')
  const accepted = () => creates().filter((entry) => entry.accepted)

  async function passMinutes(minutes: number): Promise<void> {
    for (let passed = 0; passed < minutes; passed += 1) await desk.pass(minute)
  }

  for (const status of [429, 412]) {
    it(`${String(status)} on a create with Retry-After: exactly one card, not before`, async () => {
      desk.teams.fail({ match: 'createThread', status, headers: { 'Retry-After': '40' } })
      await triage(desk)
      await desk.pass(40 * second - 1)
      assert.equal(creates().length, 1)
      await desk.pass(1)
      assert.equal(creates().length, 2)
      const [card, ...more] = caseCards(desk)
      assert.ok(card !== undefined && more.length === 0)
      assert.doesNotMatch(card.words, repeatMark)
      await approve(desk)
      assertCounts(desk, 1, 1)
    })
  }

  it('403 because the bot is not in the roster: tried until it is, and the bot lives', async () => {
    desk.teams.fail({ match: 'createThread', status: 403, times: 4 })
    await triage(desk)
    assert.equal(caseCards(desk).length, 0)
    assert.equal((await desk.say(tom, 'help', 'personal')).status, 200)
    await passMinutes(15)
    assert.equal(creates().length, 5)
    const [card, ...more] = caseCards(desk)
    assert.ok(card !== undefined && more.length === 0)
    assert.doesNotMatch(card.words, repeatMark)
    await approve(desk)
    assertCounts(desk, 1, 1)
  })

  /** The create that is accepted and then answered with 502 is one that can be approved. */
  async function createAnsweredWith502(): Promise<void> {
    desk.teams.fail({ match: 'createThread', status: 429, headers: { 'Retry-After': '10' } })
    desk.teams.fail({ match: 'createThread', status: 502, afterAccept: true })
    await triage(desk)
    await desk.pass(10 * second)
    assert.equal(caseCards(desk).length, 1)
    assert.match(caseCards(desk)[0]?.words ?? '', /Needs a decision/)
  }

  for (const [copy, which] of [
    ['first', 0],
    ['second', 1]
  ] as const) {
    it(`502 after accepting a create: repeated once with a mark, and the ${copy} copy can be approved`, async () => {
      await createAnsweredWith502()
      await desk.pass(5 * second)
      const copies = caseCards(desk)
      assert.deepEqual(
        copies.map(({ words }) => repeatMark.test(words)),
        [false, true]
      )
      const clicked = copies[which]
      assert.ok(clicked !== undefined)
      await pressOn(desk, dana, clicked, approval)
      await desk.settle()
      assertCounts(desk, 1, 1)
      const other = copies[1 - which]
      assert.ok(other !== undefined)
      const late = await pressOn(desk, ana, other, approval)
      assert.match(JSON.stringify(late.body), /already approved by Dana Weber/)
      await desk.pass(hour)
      assertCounts(desk, 1, 1)
      assert.equal(accepted().length, 2, 'no third copy')
      assert.ok(caseCards(desk).some(({ words }) => words.includes('Submitted')))
      assert.equal(linkReplies(desk).length, 1)
    })
  }

  it('502 after accepting a create, clicked before the repeat: the click binds the card, and there is no repeat', async () => {
    await createAnsweredWith502()
    const [only] = caseCards(desk)
    assert.ok(only !== undefined)
    await pressOn(desk, dana, only, approval)
    await desk.settle()
    await desk.pass(hour)
    assertCounts(desk, 1, 1)
    assert.equal(accepted().length, 1)
    const [card, ...more] = caseCards(desk)
    assert.equal(more.length, 0)
    assert.equal(card?.activityId, only.activityId)
    assert.match(card.words, /Submitted/)
    const [link] = linkReplies(desk)
    assert.ok(link?.conversationId.endsWith(`;messageid=${only.activityId}`), 'the link stands in its thread')
  })

  it('an outage of ten minutes on creates: few tries, and the card appears within the hour', async () => {
    desk.teams.fail({ match: 'createThread', status: 503, times: 3 })
    await desk.say(priya, `report ${mail}`, 'personal')
    await desk.settle()
    for (let others = 0; others < 5; others += 1) await triage(desk, tom)
    await passMinutes(10)
    assert.equal(creates().length, 3, 'news does not make it post more often')
    await passMinutes(60)
    assert.equal(caseCards(desk).length, 1)
    assert.match(desk.card().words, /Needs a decision/)
    await approve(desk)
    assertCounts(desk, 1, 1)
  })

  it('307 to another server on a create: nothing is sent there, and the card comes', async () => {
    let strayRequests = 0
    const elsewhere = createServer((_request, response) => {
      strayRequests += 1
      response.writeHead(201).end('{}')
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const { port } = elsewhere.address() as AddressInfo
    const location = `http://127.0.0.1:${String(port)}/v3/conversations`
    desk.teams.fail({ match: 'createThread', status: 307, headers: { location } })
    await triage(desk)
    await passMinutes(5)
    elsewhere.close()
    assert.equal(strayRequests, 0)
    assert.equal(caseCards(desk).length, 1)
  })

  it('Teams moves to another address: all that could not be posted comes once a message tells the new one', async () => {
    const address = desk.room.serviceUrl
    desk.room.serviceUrl = 'http://127.0.0.1:9'
    assert.equal((await desk.say(priya, `report ${mail}`, 'personal')).status, 200)
    await desk.settle()
    await passMinutes(5)
    assert.equal(desk.messages().length, 0)
    desk.room.serviceUrl = address
    await desk.say(tom, 'help', 'personal')
    await passMinutes(10)
    const [card, ...more] = caseCards(desk)
    assert.ok(card !== undefined && more.length === 0)
    assert.doesNotMatch(card.words, repeatMark)
    assert.ok(desk.heard(`a:personal-${priya.objectId}`).some((words) => words.includes('PT-1001')))
  })

  it('404 on an update: a new card, which later updates go to', async () => {
    await triage(desk)
    const old = desk.card()
    desk.teams.remove(old.activityId)
    await desk.say(tom, `triage ${mail}`)
    await desk.pass(5_000)
    const [card, ...more] = caseCards(desk)
    assert.ok(card !== undefined && more.length === 0)
    assert.notEqual(card.activityId, old.activityId)
    assert.doesNotMatch(card.words, repeatMark)
    await approve(desk)
    assertCounts(desk, 1, 1)
    assert.equal(caseCards(desk).length, 1)
    assert.equal(desk.card().activityId, card.activityId)
    assert.match(desk.card().words, /Submitted/)
    assert.ok(linkReplies(desk)[0]?.conversationId.endsWith(`;messageid=${card.activityId}`))
  })

  for (const status of [429, 500, 502, 503, 412, 403]) {
    it(`${String(status)} on five updates: the card is right in the end, and there is one`, async () => {
      await triage(desk)
      desk.teams.fail({ match: 'update', status, times: 5 })
      await approve(desk)
      assertCounts(desk, 1, 1)
      assert.equal(linkReplies(desk).length, 1, 'the link waits for no update')
      await passMinutes(15)
      assert.match(desk.card().words, /Submitted/)
      assert.equal(caseCards(desk).length, 1)
      assertCounts(desk, 1, 1)
    })
  }

  it('429 on the link reply: once, and no second remediate', async () => {
    await triage(desk)
    desk.teams.fail({ match: 'post', status: 429, headers: { 'Retry-After': '20' } })
    await approve(desk)
    await desk.pass(20 * second - 1)
    assert.equal(linkReplies(desk).length, 0)
    await desk.pass(1)
    assert.equal(linkReplies(desk).length, 1)
    await desk.pass(hour)
    assert.equal(linkReplies(desk).length, 1)
    assertCounts(desk, 1, 1)
  })

  it('502 before accepting the link reply, three times: it stands in the end', async () => {
    await triage(desk)
    desk.teams.fail({ match: 'post', status: 502, times: 3 })
    await approve(desk)
    await passMinutes(70)
    assert.equal(linkReplies(desk).length, 1)
    assertCounts(desk, 1, 1)
  })

  it('the answer to a report is not taken: the report counts, and its words arrive later', async () => {
    desk.teams.fail({ match: 'post', status: 502 })
    assert.equal((await desk.say(priya, `report ${mail}`, 'personal')).status, 200)
    await desk.settle()
    await desk.pass(minute)
    assert.equal(caseCards(desk).length, 1)
    assert.ok(desk.heard('a:personal').some((words) => words.includes('PT-1001')))
  })
})

// What employees hear after the thanks: how it ended, each once, in their own chat. Read off what Teams and Graph were sent.
import assert from 'node:assert/strict'
import { MAIL } from '../../src/playground/tenant.js'
import { type Desk, minute, openDesk, pressOn } from '../fault/fault-desk.js'
import { aSoc, openCase } from './scenes.js'
import type { Someone } from '../../src/playground/teams/person.js'
import { type Soc, ana, channelId, dana, priya, tom } from './soc.js'

const heardBy = (soc: Soc, who: Someone) => soc.heard(`a:personal-${who.objectId}`)

async function report(soc: Soc, who: Someone, mail: string = MAIL.mailboxFull): Promise<void> {
  await soc.say(who, `report ${mail} looks odd`, 'personal')
  await soc.settle()
}

describe('reporters hear how it ended', () => {
  const soc = aSoc()

  it('not phish: every reporter once, without a name, a mailbox or a word of the analysts', async () => {
    for (const who of [priya, tom, priya]) await report(soc(), who)
    const before = { priya: heardBy(soc(), priya).length, tom: heardBy(soc(), tom).length }
    await soc().press(dana, 'Not phish', { reason: 'our own newsletter' })
    await soc().settle()
    for (const [who, count] of [
      [priya, before.priya],
      [tom, before.tom]
    ] as const) {
      await soc().teams.waitFor(() => heardBy(soc(), who).length > count)
      const news = heardBy(soc(), who).slice(count)
      assert.equal(news.length, 1)
      assert.match(news[0] ?? '', /It was not phishing[^]*PT-1001/)
      assert.doesNotMatch(news[0] ?? '', /Dana|Tom|Priya|newsletter|contoso\.example/)
    }
  })

  it('tells nobody again after a restart', async () => {
    await report(soc(), priya)
    await soc().press(dana, 'Not phish', { reason: 'our own newsletter' })
    await soc().settle()
    const before = heardBy(soc(), priya).length
    await soc().restart()
    await soc().settle()
    assert.equal(heardBy(soc(), priya).length, before)
  })

  it('does not answer an analyst’s triage, nor a report in the SOC channel', async () => {
    await openCase(soc())
    await soc().say(ana, `report ${MAIL.mailboxFull} here too`)
    await soc().settle()
    await soc().press(dana, 'Not phish', { reason: 'our own newsletter' })
    await soc().settle()
    assert.ok(
      !soc()
        .heard(channelId)
        .some((words) => words.includes('It was not phishing'))
    )
  })

  it('says nothing while it is only submitted', async () => {
    await report(soc(), priya)
    const before = heardBy(soc(), priya).length
    await soc().press(dana, 'Approve', { reason: 'password page' })
    await soc().settle()
    assert.match(soc().card().words, /Submitted/)
    assert.equal(heardBy(soc(), priya).length, before)
  })
})

describe('reporters of phish', () => {
  let desk: Desk

  beforeEach(async () => {
    desk = await openDesk({ moveDelayMs: 30_000 })
  })
  afterEach(() => desk.close())

  const lastHeard = (who: Someone) => heardBy(desk, who).at(-1) ?? ''

  it('hear "removed" once their own copy was seen gone, and "phish" where they had none', async () => {
    await report(desk, priya)
    await report(desk, tom)
    await pressOn(desk, dana, desk.card(), { title: 'Approve', inputs: { reason: 'password page' } })
    await desk.settle()
    assert.match(lastHeard(priya), /your report has arrived/i)
    await desk.pass(minute)
    await desk.pass(minute)
    assert.match(lastHeard(priya), /It was phishing, and it has been removed[^]*PT-1001/)
    // Tom has no copy of this mail.
    assert.match(lastHeard(tom), /It was phishing\n/)
    for (const who of [priya, tom]) assert.doesNotMatch(lastHeard(who), /Dana|ana\.silva|password page|11|mailboxes/)
  })

  it('get what may not have arrived once more, and no more', async () => {
    await report(desk, priya)
    desk.teams.fail({ match: 'post', status: 502, afterAccept: true })
    await pressOn(desk, dana, desk.card(), { title: 'Not phish', inputs: { reason: 'our own newsletter' } })
    await desk.settle()
    for (const seconds of [6, 60, 3600]) await desk.pass(seconds * 1_000)
    assert.equal(heardBy(desk, priya).filter((words) => words.includes('It was not phishing')).length, 2)
  })

  it('whose copy Defender had moved itself hear that it was blocked', async () => {
    await report(desk, priya)
    desk.graph.zap(MAIL.mailboxFull, 'quarantine')
    await desk.pass(1_000)
    await pressOn(desk, dana, desk.card(), { title: 'Approve', inputs: { reason: 'password page' } })
    await desk.settle()
    await desk.pass(minute)
    await desk.pass(minute)
    assert.match(lastHeard(priya), /It was phishing, and it was already blocked/)
  })
})

// Looking instead of reading: `stats`, `history` and the time line under `case`, after small stories on a clock of their own.
import assert from 'node:assert/strict'
import type { Someone } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { historyPageSize } from '../../src/teams/history-card.js'
import { textOf } from '../teams/card-walk.js'
import { TestClock } from '../test-clock.js'
import { aSoc, newWords, openCase } from './scenes.js'
import { type Message, dana, disabled, guest, priya, tom } from './soc.js'

const minute = 60_000
const day = 24 * 60 * minute

let clock: TestClock
const soc = () => current()
// The clock of these tests starts on Friday, 20 November 2026, at 09:00.
const current = aSoc(() => ({ clock: (clock = new TestClock()) }))

async function pass(ms: number): Promise<void> {
  clock.advance(ms)
  await soc().settle()
}

async function ask(who: Someone, text: string, where: 'personal' | 'channel' = 'channel'): Promise<Message[]> {
  const before = soc().messages().length
  await soc().say(who, text, where)
  return soc().messages().slice(before)
}

/** Everything on the card that a client shows which draws no charts. */
async function linesOf(text: string): Promise<string[]> {
  const [message, ...others] = await ask(tom, text)
  assert.deepEqual(others, [])
  assert.ok(message?.card instanceof Object, message?.words)
  return textOf(message.card).split('\n')
}

/** The words after this one. */
const after = (lines: string[], word: string, count: number) => {
  const at = lines.indexOf(word)
  assert.notEqual(at, -1, `${word} in:\n${lines.join('\n')}`)
  return lines.slice(at + 1, at + 1 + count)
}

async function press(title: string, inputs: Record<string, string>): Promise<void> {
  await soc().press(dana, title, inputs)
  await soc().settle()
}

/** Dana decides typed, because buttons are pressed on the oldest case's card. */
async function reject(name: string): Promise<void> {
  await soc().say(dana, `reject ${name} v1 a newsletter`)
  await soc().settle()
}

describe('stats', () => {
  it('counts a week: what came in and what it was, how long it took, what was submitted, how often reporters were right', async () => {
    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    await soc().settle()
    await pass(6 * minute)
    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    await press('Approve', { action: 'softDelete', severity: 'medium', reason: 'Password page' })
    await pass(minute)
    await pass(day - 7 * minute)
    await soc().say(priya, `report ${MAIL.payslip}`, 'personal')
    await soc().settle()
    await pass(10 * minute)
    await reject('PT-1002')
    await openCase(soc(), MAIL.internalPhish)

    const lines = await linesOf('stats')
    assert.deepEqual(lines.slice(0, 10), [
      'Last 7 days',
      '15 to 21 Nov 2026, today so far. Days are UTC.',
      ...['4', 'reports', '2', 'phish', '1', 'not phish', '1', 'open']
    ])
    assert.deepEqual(after(lines, 'Reports a day', 8), [
      ...['Sun 0', 'Mon 0', 'Tue 0', 'Wed 0', 'Thu 0'],
      'Fri ██ 2, 2 phish',
      'Sat ░· 2, 0 phish',
      '█ phish, ░ anything else, · open.'
    ])
    assert.deepEqual(after(lines, '9 of 10 within', 12), [
      ...['Acknowledge (3)', '1 s', '1 s'],
      ...['Decide (2)', '6 min', '10 min'],
      ...['Submit (1)', '1 s', '1 s'],
      ...['See it gone (1)', '1 min', '1 min']
    ])
    assert.deepEqual(after(lines, 'What was submitted', 8), [
      ...['1', 'soft delete', '0', 'hard delete', '0', 'to Junk', '0', 'undos']
    ])
    assert.deepEqual(after(lines, 'Reporters', 1), ['2 of 3 decided reports were phish (67 %)'])
  })

  it('counts an undo, and judges by it', async () => {
    await openCase(soc())
    await press('Approve', { reason: 'Password page' })
    await pass(minute)
    await soc().say(tom, 'undo PT-1001 our own newsletter')
    await soc().settle()
    assert.deepEqual((await linesOf('stats')).slice(2, 10), [
      '1',
      'report',
      '1',
      'phish',
      '0',
      'not phish',
      '0',
      'open'
    ])
    await press('Approve move back', { reason: 'Newsletter' })
    const lines = await linesOf('stats')
    assert.deepEqual(lines.slice(2, 10), ['1', 'report', '0', 'phish', '1', 'not phish', '0', 'open'])
    assert.deepEqual(after(lines, 'What was submitted', 8), [
      ...['1', 'soft delete', '0', 'hard delete', '0', 'to Junk', '1', 'undo']
    ])
    // An analyst's triage is nobody's report.
    assert.deepEqual(after(lines, 'Reporters', 1), ['No report has been decided yet.'])
  })

  it('forgets what is older than its days', async () => {
    await openCase(soc())
    await pass(7 * day)
    assert.deepEqual((await linesOf('stats')).slice(2, 4), ['0', 'reports'])
    const month = await linesOf('stats 30d')
    assert.deepEqual(month.slice(0, 4), [
      'Last 30 days',
      '29 Oct to 27 Nov 2026, today so far. Days are UTC.',
      ...['1', 'report']
    ])
    assert.ok(month.includes('20 Nov · 1, 0 phish'))
  })

  it('says when a card that was deleted in Teams was there first', async () => {
    await openCase(soc())
    const seconds = after(await linesOf('stats'), 'Acknowledge (1)', 2)
    const { activityId } = soc().card()
    soc().teams.remove(activityId)
    await pass(day)
    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    await pass(minute)
    assert.notEqual(soc().card().activityId, activityId)
    assert.deepEqual(after(await linesOf('stats'), 'Acknowledge (1)', 2), seconds)
  })
})

describe('history', () => {
  it('lists what has ended, newest end first, and pages', async () => {
    assert.deepEqual(
      (await ask(tom, 'history')).map(({ words }) => words),
      ['No case has ended yet.']
    )
    for (let turn = 0; turn < historyPageSize; turn += 1) {
      await openCase(soc(), MAIL.payslip)
      await pass(minute)
      await reject(`PT-${String(1001 + turn)}`)
    }
    await openCase(soc(), MAIL.mailboxFull)
    await pass(minute)
    await soc().say(dana, 'approve PT-1016 v1 softDelete medium password page')
    await soc().settle()
    const first = await linesOf('history')
    assert.deepEqual(first.slice(0, 6), [
      'Ended cases, page 1',
      'Those first that ended last. Times are UTC.',
      'PT-1016: 11 mailboxes, submitted, 09:16 UTC',
      'Your mailbox is full: confirm your password to keep receiving mail',
      'PT-1015: closed: not phish, 09:15 UTC',
      'November payslip: open before Friday'
    ])
    assert.equal(first.at(-1), 'history 2 shows the cases before these. case PT-1042 shows one.')
    assert.deepEqual((await linesOf('history 2')).slice(2), [
      'PT-1001: closed: not phish, 09:01 UTC',
      'November payslip: open before Friday'
    ])
    // Looks move nothing; what is open again is none of the ended.
    await pass(day)
    assert.match((await linesOf('history'))[2] ?? '', /^PT-1016: removed from 11 of 12 mailboxes, 20 Nov 09:16 UTC$/)
    await soc().say(tom, 'undo PT-1016')
    await soc().settle()
    assert.match((await linesOf('history'))[2] ?? '', /^PT-1015/)
    assert.deepEqual(
      (await ask(tom, 'history 9')).map(({ words }) => words),
      ['So many cases have not ended: there is no page 9.']
    )
  })
})

describe('the time line under case', () => {
  const timeLine = async (who = tom) => {
    const found = (await ask(who, 'case PT-1001', 'personal')).find(
      ({ activity }) => activity.summary === 'PT-1001: time line'
    )
    return found?.words.split('\n').slice(2) ?? []
  }

  it('has every step with its time, whoever decided, and nobody’s notes', async () => {
    await soc().say(priya, `report ${MAIL.mailboxFull} this smells`, 'personal')
    await soc().settle()
    await pass(5 * minute)
    await soc().press(tom, 'Approve', { reason: 'I may not' })
    await press('Approve', { severity: 'high', reason: 'Password page' })
    await pass(minute)
    await pass(9 * minute)
    await soc().say(tom, 'undo PT-1001 our own newsletter')
    await soc().settle()
    await press('Approve move back', { reason: 'Newsletter' })
    const steps = await timeLine()
    assert.deepEqual(steps, [
      '09:00 UTC  First reported by Priya Nair',
      '09:00 UTC  Found in Defender: v1, 11 mailboxes',
      '09:05 UTC  Approved: soft delete, severity high, by Dana Weber',
      '09:05 UTC  Accepted by Defender (batch 1)',
      '09:06 UTC  Looked: removed from 11 of 12',
      '09:06 UTC  The outcome is settled',
      '09:15 UTC  Looked: removed from 11 of 12',
      '09:15 UTC  Undo proposed: v2, 11 mailboxes, by Tom Berg',
      '09:15 UTC  Approved: move to inbox, severity medium, by Dana Weber',
      '09:15 UTC  Accepted by Defender (batch 1)'
    ])
  })

  it('is not buried by a storm of reports', async () => {
    await openCase(soc())
    for (let turn = 0; turn < 40; turn += 1) await soc().say(tom, `report ${MAIL.mailboxFull}`)
    await soc().settle()
    await press('Not phish', { reason: 'a drill' })
    assert.deepEqual(await timeLine(), [
      '09:00 UTC  First reported by Tom Berg',
      '09:00 UTC  Found in Defender: v1, 11 mailboxes',
      '09:00 UTC  Closed: not phish, by Dana Weber'
    ])
  })
})

describe('statistics and history', () => {
  for (const { who, words } of [
    { who: priya, words: /^You are not an analyst/ },
    { who: guest, words: /^Guests may not report, open or decide cases\.$/ },
    { who: disabled, words: /^Your account is disabled in the directory\.$/ }
  ]) {
    it(`are not for ${who.name}`, async () => {
      for (const text of ['stats', 'stats 30d', 'history']) {
        for (const where of ['channel', 'personal'] as const) {
          const [answer, ...others] = await ask(who, text, where)
          assert.match(answer?.words ?? '', words)
          assert.equal(answer?.card, undefined)
          assert.deepEqual(others, [])
        }
      }
    })
  }

  it('are for analysts in a personal chat too, and say how they are asked for', async () => {
    assert.match((await ask(tom, 'stats', 'personal'))[0]?.activity.summary ?? '', /^Statistics of the last 7 days$/)
    const before = soc().messages().length
    await soc().say(tom, 'stats 14d', 'personal')
    await soc().say(tom, 'history next', 'personal')
    assert.deepEqual(newWords(soc(), before), [
      'stats takes 7d or 30d: the last 7 or 30 days.\n\nFor example: `stats 30d`',
      'history takes only the number of a page.\n\nFor example: `history 2`'
    ])
  })
})

// The list of ended cases: word for word, page by page, small, and deaf to what hostile subjects say.
import assert from 'node:assert/strict'
import type { EndedCase } from '../../src/case/ports.js'
import { maxCardBytes } from '../../src/teams/card-template.js'
import { historyPageSize, historySummary, noSuchHistory, renderHistory } from '../../src/teams/history-card.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { textOf, trustedStringsOf } from './card-walk.js'
import { caseIn, sampleMail } from './sample-cases.js'

const now = Date.parse('2026-11-22T09:30:00Z')
const endedAt = Date.parse('2026-11-21T08:05:00Z')

function ended(subject: string, changes: Partial<EndedCase['record']> = {}): EndedCase {
  return { record: { ...caseIn('rejected'), mail: { ...sampleMail, subject }, ...changes }, endedAt }
}

describe('history card', () => {
  it('says of each case how it ended and when, with its subject, and how to go on', () => {
    const { reporters } = caseIn('expired')
    const claims = { subject: 'What the report says', senderAddress: '' }
    const cases = [
      ended('Your mailbox is full'),
      { record: { ...caseIn('expired'), number: 7, mail: null, reporters: { ...reporters, claims } }, endedAt: now },
      { record: { ...caseIn('simulation'), number: 8, mail: null, reporters: { ...reporters, claims: null } }, endedAt }
    ]
    const card = renderHistory({ page: 2, cases, more: true }, now)
    assert.deepEqual(textOf(card).split('\n'), [
      'Ended cases, page 2',
      'Those first that ended last. Times are UTC.',
      'PT-1042: closed: not phish, 21 Nov 08:05 UTC',
      'Your mailbox is full',
      'PT-7: expired: nobody decided, 09:30 UTC',
      'What the report says',
      'PT-8: closed: phishing simulation, 21 Nov 08:05 UTC',
      'history 3 shows the cases before these. case PT-1042 shows one.'
    ])
    assert.deepEqual([cardProblem(card), rendererProblems(card)], [null, []])
    assert.doesNotMatch(textOf(renderHistory({ page: 2, cases, more: false }, now)), /history 3/)
    assert.equal(historySummary(2), 'Ended cases, page 2')
  })

  it('says where there is no such page', () => {
    const none = (page: number, cases: EndedCase[]) => noSuchHistory({ page, cases, more: false })
    assert.equal(none(1, []), 'No case has ended yet.')
    assert.equal(none(3, []), 'So many cases have not ended: there is no page 3.')
    assert.equal(none(3, [ended('x')]), null)
  })

  it('keeps hostile subjects text in their own font, and a whole page small', () => {
    const expected = trustedStringsOf(renderHistory({ page: 1, cases: [ended('x')], more: true }, now))
    for (const text of [
      '**bold** [x](https://evil.example) <at>SOC</at>',
      '${title} ${$root} {{DATE(2026-11-22T02:31:00Z,SHORT)}}',
      'a\u202efdp.exe\u200b\u0000\n\r\ud800',
      ...['\u4e2d', '\u0000', '"', '\\', '\u{1f600}', 'a.'].map((part) => part.repeat(1_000))
    ]) {
      const card = renderHistory(
        { page: 1, cases: Array.from({ length: historyPageSize }, () => ended(text)), more: true },
        now
      )
      assert.equal(cardProblem(card), null)
      assert.deepEqual(
        trustedStringsOf(card).filter((each) => !expected.includes(each)),
        []
      )
      assert.doesNotMatch(JSON.stringify(card), /\$\{|\{\{|<\/?at>|https?:\/\/evil|[\u202e\u200b]/)
      assert.ok(Buffer.byteLength(JSON.stringify(card)) <= maxCardBytes)
    }
  })
})

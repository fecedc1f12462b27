// What a reporter is told of the end, word for word, and that nothing from outside gets out of its place.
import assert from 'node:assert/strict'
import type { Disposition } from '../../src/case/disposition.js'
import { readCard } from '../../src/playground/teams/person.js'
import { outcomeSummary, renderOutcomeCard } from '../../src/teams/outcome-card.js'
import { cardProblem } from './card-schema.js'
import { trustedStringsOf } from './card-walk.js'

const expected: Record<Disposition, string> = {
  removed:
    '✓\nIt was phishing, and it has been removed\nThank you for reporting it. There is nothing more for you to do.\nPT-1042',
  blocked:
    '✓\nIt was phishing, and it was already blocked\nIt had been taken out of your inbox before. Thank you for reporting it. There is nothing more for you to do.\nPT-1042',
  phish:
    '!\nIt was phishing\nThank you for reporting it. If you still have it, delete it.\nDo not click, reply or forward.\nPT-1042',
  spam: '–\nIt was spam, not phishing\nThe security team has looked at it. You can delete it. Thank you for asking.\nPT-1042',
  notPhish:
    '–\nIt was not phishing\nThe security team has looked at it. Thank you for asking: better once too often.\nPT-1042',
  restored:
    '✓\nIt was not phishing, and it is back in your inbox\nThe security team has looked at it. It is in the inbox now, not in the folder it came from.\nPT-1042',
  simulation:
    '✓\nIt was a phishing simulation\nYour organisation sent it itself, and you did the right thing. There is nothing more for you to do.\nPT-1042',
  unknown:
    '?\nNobody could tell what it was\nTreat it as phishing, and ask your security team if you need to know.\nDo not click, reply or forward.\nPT-1042'
}

describe('the card that tells a reporter how it ended', () => {
  for (const [disposition, words] of Object.entries(expected) as [Disposition, string][]) {
    it(`says of ${disposition} what it has to, in a valid card`, () => {
      const card = renderOutcomeCard({ caseNumber: 1042, disposition, subject: '' })
      assert.equal(readCard((card as { body: unknown }).body), words)
      assert.equal(cardProblem(card), null)
      assert.match(outcomeSummary(1042, disposition), /^PT-1042: [a-z]/)
    })
  }

  it('shows the subject that the person reported, sanitized and in a run of its own', () => {
    const subject = '**You won** <at>SOC</at> ${json(1)} \u202efdp.exe'
    const card = renderOutcomeCard({ caseNumber: 1042, disposition: 'removed', subject })
    assert.ok(readCard(card).includes('You won'))
    assert.ok(!trustedStringsOf(card).some((text) => text.includes('You won')))
    assert.doesNotMatch(JSON.stringify(card), /\u202e|<at>/)
    assert.equal(cardProblem(card), null)
  })
})

// What people are told of their decisions, word for word, and that no name in it can format anything.
import assert from 'node:assert/strict'
import type { DecisionAnswer } from '../../src/case/decision.js'
import type { Demand } from '../../src/case/requirement.js'
import { decisionWords, stillNeeded } from '../../src/teams/decision-words.js'
import { customer, leads } from '../case/policy-samples.js'
import { caseIn, markedDone } from './sample-cases.js'

const now = Date.parse('2026-11-22T03:30:00Z')
const open = caseIn('proposed')
const waiting = caseIn('partlyApproved')

const demand = (approvals: number, from: Demand['from'] = null): Demand => ({ approvals, from, because: [] })

const decisions: [what: string, answer: DecisionAnswer, expected: string][] = [
  [
    'approved',
    { kind: 'approved', record: caseIn('approved') },
    "PT-1042: approved. It is being submitted; the tracking link follows in the card's thread."
  ],
  [
    'the first of two approvals',
    { kind: 'approvedInPart', record: waiting, given: 1, needed: 2, missing: [demand(1)], fallen: [] },
    'PT-1042: your approval is recorded, 1 of 2. Still needed: another approver, until 04:14 UTC.'
  ],
  [
    'an approval that another one has lost meanwhile',
    {
      kind: 'approvedInPart',
      record: waiting,
      given: 1,
      needed: 2,
      missing: [demand(1)],
      fallen: [
        { person: { objectId: 'ana', name: '**Ana**' }, approvedAt: 0, at: 0, why: ['May not approve any more.'] }
      ]
    },
    'PT-1042: your approval is recorded, 1 of 2. Still needed: another approver, until 04:14 UTC. ' +
      'The approval of Ana does not count any more. May not approve any more.'
  ],
  [
    'the same person twice',
    { kind: 'sameTwice', record: waiting, at: Date.parse('2026-11-22T03:14:00Z') },
    'PT-1042: you approved this at 03:14 UTC, and nobody counts twice. Another approver has to.'
  ],
  [
    'withdrawn, with none left',
    { kind: 'withdrawn', record: open },
    'PT-1042: your approval is withdrawn. It needs a decision again, at plan v3.'
  ],
  [
    'withdrawn, while others stay',
    { kind: 'withdrawn', record: waiting },
    'PT-1042: your approval is withdrawn. Those of others stay until 04:14 UTC.'
  ],
  [
    'too late to withdraw',
    { kind: 'tooLate', record: caseIn('submitted') },
    'PT-1042 was already approved by Dana Weber at 03:14 UTC. There is nothing to withdraw any more.'
  ],
  ['rejected', { kind: 'rejected', record: caseIn('rejected') }, 'PT-1042: closed as not phish. Nothing was removed.'],
  [
    'rejected after a part was accepted',
    { kind: 'rejected', record: caseIn('rejected', { remediations: caseIn('submitted').remediations }) },
    'PT-1042: closed as not phish. What was submitted before stays submitted.'
  ],
  [
    'rejected after an unknown outcome',
    { kind: 'rejected', record: caseIn('rejected', { remediations: caseIn('uncertain').remediations }) },
    'PT-1042: closed as not phish. The outcome of an earlier request is unknown: it may have been carried out.'
  ],
  [
    'marked as done',
    { kind: 'markedDone', record: markedDone() },
    'PT-1042: marked as done, because you found it in Action Center. The bot sends nothing more for it; its own counts keep the outcome as unknown.'
  ],
  [
    'already marked as done',
    { kind: 'alreadyDecided', record: markedDone() },
    'PT-1042 was already marked as done by Ana Silva at 03:25 UTC. Your decision was not needed and changed nothing.'
  ],
  [
    'not allowed',
    { kind: 'notAllowed', record: open, reasons: ['You are not an approver.'] },
    'You are not an approver.\n\nThe case is unchanged.'
  ],
  ['invalid', { kind: 'invalid', record: open, problems: ['One.', 'Two.'] }, 'One.\n\nTwo.\n\nPT-1042 is unchanged.'],
  [
    'stale',
    { kind: 'stale', record: open },
    'PT-1042 has changed since this was shown: it stands at plan v3 now. Nothing was decided; look at the card and decide again.'
  ],
  [
    'already approved',
    { kind: 'alreadyDecided', record: caseIn('submitted') },
    'PT-1042 was already approved by Dana Weber at 03:14 UTC. Your decision was not needed and changed nothing.'
  ],
  [
    'already rejected',
    { kind: 'alreadyDecided', record: caseIn('rejected') },
    'PT-1042 was already rejected by Dana Weber at 02:41 UTC. Your decision was not needed and changed nothing.'
  ],
  ['decided by nobody known', { kind: 'alreadyDecided', record: caseIn('expired') }, 'PT-1042 was already decided.']
]

describe('decision words', () => {
  for (const [what, answer, expected] of decisions) {
    it(what, () => {
      assert.equal(decisionWords(answer, now), expected)
    })
  }

  const needed: [Demand[], string][] = [
    [[demand(1)], 'another approver'],
    [[demand(3)], '3 more approvers'],
    [[demand(1, leads)], 'another approver from SOC leads'],
    [[demand(2, leads)], '2 more approvers from SOC leads'],
    [[demand(1), demand(1, leads)], 'another approver from SOC leads'],
    [[demand(2), demand(1, leads)], '2 more approvers, 1 from SOC leads'],
    [[demand(1, customer), demand(1, leads)], 'another approver, 1 from customer leads, 1 from SOC leads']
  ]
  for (const [missing, expected] of needed) {
    it(`still needed: ${expected}`, () => {
      assert.equal(stillNeeded(missing), expected)
    })
  }

  it('hold no markup of a name in the policy or of a person', () => {
    assert.equal(
      stillNeeded([demand(1, { ...leads, name: '**[x](https://evil.example)**' })]),
      'another approver from xhxxps://evil.example'
    )
    const closing = { by: { objectId: 'x', name: '<at>all</at> **y**' }, reason: 'z', verdict: null, at: now }
    const said = decisionWords({ kind: 'alreadyDecided', record: caseIn('rejected', { closing }) }, now)
    assert.equal(
      said,
      'PT-1042 was already rejected by  atall /at y at 03:30 UTC. Your decision was not needed and changed nothing.'
    )
  })
})

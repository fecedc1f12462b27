// What case cards say of an undo: the offer with its reasons, the proposal, and what became of it.
import assert from 'node:assert/strict'
import { type CaseRecord, caseName } from '../../src/case/case.js'
import { makePlan, remediationActions } from '../../src/case/plan.js'
import type { Policy, PolicyRule } from '../../src/case/policy.js'
import { keep, proposeUndo } from '../../src/case/undo.js'
import { undoable } from '../../src/case/undoable.js'
import { caseSummary, renderCaseCard } from '../../src/teams/case-card.js'
import { undoWords } from '../../src/teams/undo-view.js'
import { cannotSentence, movesBack, undoAnswerWords } from '../../src/teams/undo-words.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { nodesOf, textOf, titlesOf } from './card-walk.js'
import {
  batchOf,
  caseIn,
  contextAt,
  copiesIn,
  remediationOf,
  sampleCopies,
  sampleMail,
  samplePolicy
} from './sample-cases.js'

const context = contextAt('2026-11-22T03:40:00Z')
const draw = (record: CaseRecord, changes: Partial<typeof context> = {}) =>
  renderCaseCard(record, { ...context, ...changes })
const tom = { objectId: 'tom', name: 'Tom Berg' }

function propose(record: CaseRecord, reason = 'it is our newsletter'): CaseRecord {
  const step = proposeUndo(record, {
    person: tom,
    reason,
    policy: samplePolicy,
    plans: record.plan === null ? [] : [record.plan],
    openCase: null,
    now: context.now,
    activityId: 'a'
  })
  return step.next ?? assert.fail(step.answer.kind)
}

function looked(record: CaseRecord): CaseRecord {
  return { ...record, look: { attempts: 1, lastAt: context.now + 1_000, nextAt: null, problem: null } }
}

/** A valid card's text and button titles. */
function shown(record: CaseRecord, changes: Partial<typeof context> = {}): { text: string; titles: string[] } {
  const card = draw(record, changes)
  assert.equal(cardProblem(card), null)
  assert.deepEqual(rendererProblems(card), [])
  assert.ok(Buffer.byteLength(JSON.stringify(card)) < 14 * 1024)
  return { text: textOf(card), titles: titlesOf(card) }
}

const twoNeeded: PolicyRule = {
  when: { actions: [], severities: [], copiesOver: 10, vip: false, directions: [] },
  forbidden: false,
  approvals: 2,
  from: null,
  reporterMayApprove: true,
  openerMayApprove: true
}

describe('the offer to undo', () => {
  it('says how many copies go where, and what it needs', () => {
    for (const state of ['submitted', 'verified'] as const) {
      const { text, titles } = shown(caseIn(state))
      assert.ok(
        text.includes('Undo\nMoves 11 copies back to the Inbox, not to the folder they came from. Needs 1 approval.'),
        text
      )
      const order = { submitted: ['Track in Action Center', 'Undo'], verified: ['Undo', 'Track in Action Center'] }
      assert.deepEqual(titles, order[state])
    }
  })

  it('counts by the policy’s rules', () => {
    const with2: Policy = { ...samplePolicy, rules: [twoNeeded] }
    assert.ok(shown(caseIn('submitted'), { policy: with2 }).text.includes('Needs 2 approvals.'))
    const never: Policy = { ...samplePolicy, rules: [{ ...twoNeeded, forbidden: true }] }
    assert.ok(
      shown(caseIn('submitted'), { policy: never }).text.includes('The policy lets nobody approve that: 11 mailboxes.')
    )
  })

  const hard = [remediationOf([batchOf()], { action: 'hardDelete' })]
  const inPart = [
    remediationOf([batchOf({ to: 5 }), batchOf({ seq: 2, from: 5, state: 'uncertain' })], {
      remediateSendersCopy: true
    })
  ]
  const refused: [string, CaseRecord, Partial<typeof context>, string][] = [
    [
      'a hard delete',
      caseIn('submitted', { remediations: hard }),
      {},
      'Hard deleted in 11 mailboxes: cannot be undone, here or by the user. Administrators may recover items in Exchange.'
    ],
    [
      'a request of unknown outcome that a person marked as done',
      caseIn('submitted', { remediations: caseIn('uncertain').remediations }),
      {},
      'The outcome is unknown in 11 mailboxes: look in Action Center first.'
    ],
    [
      'a policy that moves nothing to the inbox',
      caseIn('submitted'),
      { policy: { ...samplePolicy, actions: ['softDelete'] } },
      'Not possible: the policy does not offer to move mail to the Inbox.'
    ]
  ]
  for (const [what, record, changes, words] of refused) {
    it(`is not made, with the reason, for ${what}`, () => {
      const { text, titles } = shown(record, changes)
      assert.ok(text.includes(`Undo\n${words}`), text)
      assert.ok(!titles.includes('Undo'))
    })
  }

  it('says of a part what stays', () => {
    const { text, titles } = shown(caseIn('submitted', { remediations: inPart }))
    assert.ok(
      text.includes(
        'Undo\nMoves 5 copies back to the Inbox, not to the folder they came from. Needs 1 approval.\n' +
          "The sender's copy cannot be brought back.\nThe outcome is unknown in 6 mailboxes: look in Action Center first."
      ),
      text
    )
    assert.ok(titles.includes('Undo'))
  })

  it('is made without a number where older plans than the one on the card have acted', () => {
    const plan = makePlan(4, { copies: copiesIn(2), recipients: [] }, samplePolicy.limits, 0)
    const older = remediationOf([batchOf()])
    const newer = remediationOf([batchOf({ to: 2 })], { planVersion: 4 })
    const record = caseIn('submitted', { plan, planVersion: 4, remediations: [older, newer] })
    const { text, titles } = shown(record)
    const words = 'Undo\nMoves what was moved back to the Inbox, not to the folder it came from. Needs an approval.'
    assert.ok(text.includes(words), text)
    assert.ok(titles.includes('Undo'))
  })

  it('is made on a closed case of which a part was accepted, and on no other closed case', () => {
    const part = [remediationOf([batchOf({ to: 5 }), batchOf({ seq: 2, from: 5, state: 'refused' })])]
    for (const state of ['rejected', 'expired'] as const) {
      const { text, titles } = shown(caseIn(state, { remediations: part }))
      assert.ok(text.includes('Moves 5 copies back to the Inbox'), text)
      assert.ok(titles.includes('Undo'))
      assert.ok(!shown(caseIn(state)).text.includes('Undo'))
    }
  })

  it('is made for the rest where an undo was accepted in part and the case closed', () => {
    const { plan, ...record } = propose(caseIn('submitted'))
    const batches = [batchOf({ to: 5 }), batchOf({ seq: 2, from: 5, state: 'refused' })]
    const undo = remediationOf(batches, { planVersion: 4, action: 'moveToInbox' })
    const { text, titles } = shown({ ...record, plan, state: 'rejected', remediations: [...record.remediations, undo] })
    assert.ok(text.includes('Moves what was moved back to the Inbox'), text)
    assert.ok(titles.includes('Undo'))
  })

  it('is shown without a button where nothing can be decided', () => {
    const card = draw(caseIn('submitted'), { readOnly: true })
    assert.ok(textOf(card).includes('Moves 11 copies back'))
    assert.ok(!titlesOf(card).includes('Undo'))
  })
})

describe('the card of an undo', () => {
  it('asks for nothing but a severity and a reason', () => {
    const record = looked(propose(caseIn('submitted')))
    const { text, titles } = shown(record)
    assert.equal(text.split('\n').slice(1, 3).join('\n'), 'Needs a decision\nPT-1042 · v4 · undo of softDelete v3')
    assert.ok(text.includes('11 mailboxes: 11 other folders'), text)
    assert.ok(text.includes('Action\nMove back to the Inbox, not to the folder it came from'), text)
    assert.ok(text.includes('Asked by\nTom Berg: it is our newsletter'), text)
    assert.ok(text.includes('Acts on 11 of 11 mailboxes.'), text)
    assert.doesNotMatch(text, /A part was accepted before|Not undone/)
    assert.deepEqual(titles, ['Look again', 'Open in Defender', 'Approve move back', 'Keep removed'])
    const inputs = nodesOf(draw(record)).filter(({ type }) => type?.startsWith('Input.'))
    assert.deepEqual(
      inputs.map(({ id }) => id),
      ['severity', 'reason']
    )
    assert.equal(caseSummary(record), 'PT-1042: 11 mailboxes, needs a decision')
  })

  it('names no place before a look has seen it', () => {
    const record = propose(caseIn('submitted'))
    const { text } = shown(record)
    assert.ok(text.includes('11 mailboxes, not looked at yet'))
    assert.ok(text.includes('Unknown place, 11') && !text.includes('folders, 11'), text)
    const failed = {
      ...looked(record),
      look: { ...record.look, lastAt: context.now + 1, problem: { kind: 'noLicence' as const, code: 'x' } }
    }
    assert.ok(shown(failed).text.includes('11 mailboxes, not looked at yet'))
  })

  it('says what it leaves as it is, and never asks for the sender’s copy', () => {
    const record = propose(
      caseIn('submitted', {
        mail: { ...sampleMail, direction: 'intraOrg' },
        remediations: [remediationOf([batchOf()], { remediateSendersCopy: true })]
      })
    )
    assert.ok(shown(record).text.includes("Not undone\nThe sender's copy cannot be brought back."))
    assert.ok(!nodesOf(draw(record)).some(({ id }) => id === 'remediateSendersCopy'))
  })

  it('shows the words of whoever asks as words from outside', () => {
    const record = propose(caseIn('submitted'), '**now** https://evil.example/\u202e')
    const { text } = shown(record)
    assert.ok(text.includes('**now** hxxps://evil.example/<U+202E>'), text)
    assert.ok(!text.includes('\u202e'))
  })

  it('with nothing left has only Keep removed, for which it takes the reason', () => {
    const record = propose(caseIn('submitted'))
    const plan = record.plan && { ...record.plan, copies: [] }
    const { text, titles } = shown({ ...record, plan })
    assert.ok(text.includes('Nothing to approve\nNothing is left to move back'), text)
    const [reason, ...others] = nodesOf(draw({ ...record, plan })).filter(({ type }) => type?.startsWith('Input.'))
    assert.deepEqual([reason?.label, others], ['Reason (for Keep removed)', []])
    assert.deepEqual(titles, ['Look again', 'Open in Defender', 'Keep removed'])
  })

  it('accepted, says where it moves mail, and offers no undo of the undo', () => {
    const { plan, ...record } = propose(caseIn('submitted'))
    const undo = remediationOf([batchOf()], { planVersion: 4, action: 'moveToInbox' })
    const done = { ...record, plan, state: 'submitted' as const, remediations: [...record.remediations, undo] }
    const { text, titles } = shown(done)
    assert.equal(
      text.split('\n').slice(1, 3).join('\n'),
      'Submitted: move back to inbox\nPT-1042 · v4 · accepted, not looked at yet'
    )
    assert.ok(text.includes('Action\nMove to inbox, severity medium, 11 mailboxes'), text)
    assert.deepEqual(titles, ['Track in Action Center'])
    assert.equal(caseSummary(done), 'PT-1042: 11 mailboxes, submitted: move back to inbox')
  })

  it('turned down, looks as before and can be asked for again', () => {
    const record = caseIn('submitted')
    const ended = keep(propose(record), { by: tom, reason: 'no', now: context.now, activityId: 'a' })
    const { text, titles } = shown(ended?.next ?? assert.fail())
    assert.equal(text.split('\n')[1], 'Submitted')
    assert.ok(!text.includes('other folders'))
    assert.ok(text.includes('Undo\nMoves 11 copies back to the Inbox'), text)
    assert.deepEqual(titles, ['Track in Action Center', 'Undo'])
  })
})

describe('whether it can be undone, said to whoever approves', () => {
  it('stands beside each action', () => {
    const said = remediationActions.map((action) =>
      undoWords(action, false)
        .runs.map(({ text }) => text)
        .join('')
    )
    const can = 'Can be undone: it goes back to the Inbox, not to the folder it came from.'
    assert.deepEqual(said, [
      can,
      'Is taken back by a new case of the same mail.',
      can,
      can,
      'Cannot be undone, here or by the user. Administrators may recover items in Exchange.'
    ])
    assert.match(
      undoWords('softDelete', true).runs[0]?.text ?? '',
      /came from\. The sender's copy cannot be brought back\.$/
    )
  })

  it('stands on the card while it is sent', () => {
    const [remediation] = caseIn('approved').remediations
    assert.ok(remediation)
    const hard = caseIn('approved', { remediations: [{ ...remediation, action: 'hardDelete' }] })
    assert.ok(shown(hard).text.includes('Undo\nCannot be undone, here or by the user.'))
    assert.ok(shown(caseIn('submitting')).text.includes('Undo\nCan be undone'))
  })

  it('stands on the switch for the sender’s copy', () => {
    const toggle = nodesOf(draw(caseIn('proposed', { mail: { ...sampleMail, direction: 'outbound' } }))).find(
      ({ type }) => type === 'Input.Toggle'
    )
    assert.equal(toggle?.title, "Act on the sender's copy too (cannot be undone)")
  })
})

describe('the words of an undo', () => {
  it('keep to number and place', () => {
    assert.equal(movesBack(1), 'Moves 1 copy back to the Inbox, not to the folder it came from.')
    assert.equal(movesBack(1200), 'Moves 1,200 copies back to the Inbox, not to the folder they came from.')
    assert.equal(
      cannotSentence({ kind: 'movedBack', copies: 1 }),
      'A move back to the Inbox was already accepted for 1 mailbox.'
    )
  })

  it('answer whoever asks', () => {
    const record = caseIn('submitted')
    const name = caseName(record.number)
    const { cannot } = undoable({ remediations: [remediationOf([batchOf()], { action: 'hardDelete' })] }, [
      makePlan(3, { copies: sampleCopies, recipients: [] }, samplePolicy.limits, 0)
    ])
    assert.deepEqual(
      [
        undoAnswerWords({ kind: 'proposed', record: propose(record) }),
        undoAnswerWords({ kind: 'underWay', record }),
        undoAnswerWords({ kind: 'open', record }),
        undoAnswerWords({ kind: 'taken', record, by: 1050 }),
        undoAnswerWords({ kind: 'nothing', record, cannot }),
        undoAnswerWords({ kind: 'nothing', record, cannot: [] }),
        undoAnswerWords({ kind: 'notOffered', record }),
        undoAnswerWords({ kind: 'stale', record })
      ],
      [
        `${name}: undo proposed. Moves 11 copies back to the Inbox, not to the folder they came from. It needs an approval on the card.`,
        `${name}: an undo is under way. The card shows where it stands.`,
        `${name} still waits for something else. Decide that on its card first; then it can be undone.`,
        `PT-1050 is open for this mail: decide there, or close it first. Then ${name} can be undone.`,
        `${name}: nothing can be moved back. Hard deleted in 11 mailboxes: cannot be undone, here or by the user. Administrators may recover items in Exchange.`,
        `${name}: nothing can be moved back. No request of this case is known to have moved anything.`,
        `${name} cannot be undone: the policy does not offer moveToInbox. An administrator can add it to the actions.`,
        `${name} has just changed. Nothing was proposed; look at the card and try again.`
      ]
    )
  })
})

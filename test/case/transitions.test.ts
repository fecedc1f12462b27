// The transition table, written out again by hand: every state with every event. Never derived from the source's table.
import assert from 'node:assert/strict'
import { type CaseState, isOpen } from '../../src/case/case.js'
import { type CaseEvent, after, transitions } from '../../src/case/transitions.js'

const events: CaseEvent[] = [
  'found',
  'nothing',
  'cannotLook',
  'approve',
  'reject',
  'begin',
  'allAccepted',
  'someRefused',
  'someUncertain',
  'proposeAgain',
  'markDone',
  'narrow',
  'close',
  'simulation',
  'expire'
]

// One column for each event, in the order above; - is "means nothing here".
const expected: Record<CaseState, string> = {
  looking: 'proposed nothingFound unreadable - rejected - - - - - - looking - simulation expired',
  nothingFound: 'proposed nothingFound unreadable - rejected - - - - - - looking - simulation expired',
  unreadable: 'proposed nothingFound unreadable - rejected - - - - - - looking closed simulation expired',
  proposed: 'proposed nothingFound proposed approved rejected - - - - - - looking - simulation expired',
  approved: '- - - - - submitting - failed - - - - - - -',
  submitting: '- - - - - - submitted failed uncertain - - - - - -',
  submitted: '- - - - - - - - - - - - - - -',
  failed: '- - - - rejected - - - - looking - - - - expired',
  uncertain: '- - - - - - submitted failed - looking submitted - - - expired',
  rejected: '- - - - - - - - - - - - - - -',
  closed: '- - - - - - - - - - - - - - -',
  simulation: '- - - - - - - - - - - - - - -',
  expired: '- - - - - - - - - - - - - - -',
  joined: '- - - - - - - - - - - - - - -'
}
const states = Object.keys(expected) as CaseState[]

describe('transitions', () => {
  it('knows fourteen states and fifteen events', () => {
    assert.equal(states.length, 14)
    assert.equal(events.length, 15)
    assert.deepEqual(Object.keys(transitions).sort(), [...states].sort())
  })

  for (const state of states) {
    const row = expected[state].split(' ')
    events.forEach((event, column) => {
      const next = row[column] === '-' ? null : row[column]
      it(`${state} + ${event} → ${next ?? 'nothing'}`, () => {
        assert.equal(after(state, event), next)
      })
    })
  }

  it('lets an ended case accept nothing, and every open one something', () => {
    const ended = states.filter((state) => !isOpen(state))
    assert.deepEqual(ended, ['submitted', 'rejected', 'closed', 'simulation', 'expired', 'joined'])
    for (const state of states) {
      assert.equal(
        events.some((event) => after(state, event) !== null),
        isOpen(state),
        state
      )
    }
  })
})

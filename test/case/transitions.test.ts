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
  'expire',
  'approveInPart',
  'void',
  'verify',
  'followUp',
  'undo',
  'keep'
]

// One column for each event, in the order above; - is "means nothing here".
const expected: Record<CaseState, string> = {
  looking: 'proposed nothingFound unreadable - rejected - - - - - - looking - simulation expired - - - - - submitted',
  nothingFound:
    'proposed nothingFound unreadable - rejected - - - - - - looking - simulation expired - - - - - submitted',
  unreadable:
    'proposed nothingFound unreadable - rejected - - - - - - looking closed simulation expired - - - - - submitted',
  proposed:
    'proposed nothingFound proposed approved rejected - - - - - - looking - simulation expired partlyApproved - - - - submitted',
  partlyApproved:
    'proposed nothingFound partlyApproved approved rejected - - - - - - looking - simulation expired partlyApproved proposed - - - submitted',
  approved: '- - - - - submitting - failed - - - - - - - - - - - - -',
  submitting: '- - - - - - submitted failed uncertain - - - - - - - - - - - -',
  submitted: '- - - - - - - - - - - - - - - - - verified proposed proposed -',
  verified: '- - - - - - - - - - - - - - - - - - proposed proposed -',
  failed: '- - - - rejected - - - - looking - - - - expired - - - - - -',
  uncertain: '- - - - - - submitted failed - looking submitted - - - expired - - - - - -',
  rejected: '- - - - - - - - - - - - - - - - - - - proposed -',
  closed: '- - - - - - - - - - - - - - - - - - - - -',
  simulation: '- - - - - - - - - - - - - - - - - - - - -',
  expired: '- - - - - - - - - - - - - - - - - - - proposed -',
  joined: '- - - - - - - - - - - - - - - - - - - - -'
}
const states = Object.keys(expected) as CaseState[]

describe('transitions', () => {
  it('knows sixteen states and twenty-one events', () => {
    assert.equal(states.length, 16)
    assert.equal(events.length, 21)
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

  it('lets an ended case accept nothing but what opens it again, and every open one something', () => {
    const ended = states.filter((state) => !isOpen(state))
    assert.deepEqual(ended, ['submitted', 'verified', 'rejected', 'closed', 'simulation', 'expired', 'joined'])
    const opening: CaseEvent[] = ['followUp', 'undo', 'verify']
    for (const state of states) {
      assert.equal(
        events.some((event) => !opening.includes(event) && after(state, event) !== null),
        isOpen(state),
        state
      )
    }
  })
})

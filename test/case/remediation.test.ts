// What is said of everything that was sent for a mail: an outcome that may be is never hidden by one that is known.
import assert from 'node:assert/strict'
import { type BatchState, effectOf, remediationName } from '../../src/case/remediation.js'
import { batchOf, remediationOf } from '../teams/sample-cases.js'

const sent = (...states: BatchState[]) => remediationOf(states.map((state) => batchOf({ state })))

describe('remediation: the effect of what was sent', () => {
  const effects: Record<BatchState, ReturnType<typeof effectOf>> = {
    pending: 'none',
    submitting: 'unknown',
    accepted: 'accepted',
    refused: 'none',
    notSent: 'none',
    uncertain: 'unknown'
  }
  for (const [state, effect] of Object.entries(effects) as [BatchState, ReturnType<typeof effectOf>][]) {
    it(`${state} alone is ${effect}`, () => {
      assert.equal(effectOf([sent(state)]), effect)
    })
  }

  it('is nothing where nothing was approved', () => {
    assert.equal(effectOf([]), 'none')
  })

  it('is the worst that is possible, in any batch of any remediation, whatever came after', () => {
    assert.equal(effectOf([sent('accepted', 'uncertain', 'refused')]), 'unknown')
    assert.equal(effectOf([sent('uncertain'), sent('refused')]), 'unknown')
    assert.equal(effectOf([sent('uncertain'), sent('accepted')]), 'unknown')
    assert.equal(effectOf([sent('accepted'), sent('refused', 'notSent')]), 'accepted')
    assert.equal(effectOf([sent('refused'), sent('pending')]), 'none')
  })
})

describe('remediation: its name in the Action Center', () => {
  it('differs between the plans of one case', () => {
    const names = [3, 4].map((planVersion) => remediationName(1042, remediationOf([], { planVersion })))
    assert.deepEqual(names, ['PT-1042 softDelete v3', 'PT-1042 softDelete v4'])
  })
})

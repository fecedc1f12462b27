// The submitter asks the policy again before each batch: what it would not allow now is not sent, whoever approved it then.
import assert from 'node:assert/strict'
import type { Policy } from '../../src/case/policy.js'
import { beginNext, endBatch } from '../../src/case/submit.js'
import { approvedCase, batchesOf, clockAt, outcomes, policy, start } from './approved-case.js'
import { ruleWith } from './policy-samples.js'

const begin = (record: ReturnType<typeof approvedCase>, changes: Partial<Policy> = {}) =>
  beginNext(record, { clock: clockAt(start), policy: { ...policy, ...changes }, alone: true })

const changed: Record<string, [Partial<Policy>, string]> = {
  'wants two now': [
    { rules: [ruleWith({ approvals: 2 })] },
    'By the policy of now: 2 approvals needed: every plan; 1 of the approvals count, 1 more approval needed.'
  ],
  'lets nobody approve it now': [
    { rules: [ruleWith({ when: { actions: ['softDelete'] }, forbidden: true })] },
    'By the policy of now: Nobody may approve this: soft delete.'
  ],
  'does not list the approver any more': [
    { approvers: { users: ['ana'], groups: [] } },
    'By the policy of now: 1 approval needed; 0 of the approvals count, 1 more approval needed.'
  ],
  'protects a mailbox of it now': [
    { limits: { maxCopies: 1000, protectedMailboxes: ['USER0001@contoso.example'] } },
    'The policy protects a mailbox of this plan now.'
  ],
  'allows fewer copies now': [
    { limits: { maxCopies: 2, protectedMailboxes: [] } },
    '3 copies are more than the policy allows now (2).'
  ],
  'does not offer the action any more': [{ actions: ['hardDelete'] }, 'The policy does not offer softDelete any more.']
}

describe('submit: under the policy of now', () => {
  for (const [what, [changes, message]] of Object.entries(changed)) {
    it(`sends nothing when the policy ${what}`, () => {
      const step = begin(approvedCase(2), changes)
      assert.equal(step.answer.kind, 'ended')
      const next = step.next ?? assert.fail('nothing is stored')
      const stored = batchesOf(next)
      assert.deepEqual([next.state, stored.map(({ state }) => state)], ['failed', ['notSent', 'notSent']])
      assert.deepEqual([stored[0]?.code, stored[0]?.message], ['policyChanged', message])
      assert.deepEqual(step.outbox, [
        { kind: 'card', caseNumber: 1042, dueAt: start },
        { kind: 'link', caseNumber: 1042, planVersion: 3, dueAt: start }
      ])
      assert.deepEqual(
        step.audit.map(({ event, detail }) => [event, detail.reason]),
        [['batch.policyChanged', message]]
      )
    })
  }

  it('keeps what was accepted before the policy changed', () => {
    const sent = begin(approvedCase(2))
    assert.ok(sent.next !== null && sent.answer.kind === 'send')
    const { token } = sent.answer
    const half = endBatch(sent.next, { planVersion: 3, token, outcome: outcomes.accepted, now: start }).next
    const { next } = begin(half ?? assert.fail('no answer'), { rules: [ruleWith({ approvals: 2 })] })
    assert.deepEqual(
      [next?.state, next && batchesOf(next).map(({ state }) => state)],
      ['failed', ['accepted', 'notSent']]
    )
  })

  it('sends what still is allowed', () => {
    const other = { rules: [ruleWith({ when: { actions: ['hardDelete'] }, approvals: 2 })] }
    assert.equal(begin(approvedCase(1), other).answer.kind, 'send')
  })
})

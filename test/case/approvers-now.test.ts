// Whether earlier approvals still stand at the next one, as pure steps.
import assert from 'node:assert/strict'
import type { ApproverNow } from '../../src/case/approvers-now.js'
import { decide } from '../../src/case/decide.js'
import type { PersonRights } from '../../src/case/policy.js'
import { type Name, approvedBy, by, names, policyOf, second, start } from './four-eyes.js'
import { leads, ruleWith } from './policy-samples.js'

const known: Extract<PersonRights, { kind: 'known' }> = {
  kind: 'known',
  name: '',
  guest: false,
  external: false,
  enabled: true,
  groups: [],
  addresses: []
}
const seen = (objectId: string, rights: PersonRights = known, reporter = false): ApproverNow => ({
  objectId,
  rights,
  reporter
})
const waiting = approvedBy(['dana'])
const noLonger = 'May not approve any more, by the directory and the policy of now.'
const fell = (name: Name, why = noLonger) => ({
  person: { objectId: name, name: names[name] },
  approvedAt: start,
  at: start + 1,
  why: [why]
})
const later = { now: start + 1 }

describe('who approved before, asked again', () => {
  it('counts where nothing has changed, in any spelling of the id', () => {
    const { answer } = decide(waiting, second, by('ana', { ...later, approversNow: [seen('DANA')] }))
    assert.equal(answer.kind, 'approved')
  })

  const lost: [string, PersonRights][] = [
    ['is disabled', { ...known, enabled: false }],
    ['is a guest now', { ...known, guest: true }],
    ['belongs to another organisation now', { ...known, external: true }],
    ['has left', { kind: 'notFound' }]
  ]
  for (const [what, rights] of lost) {
    it(`counts no more where the person ${what}`, () => {
      const { next, outbox, audit, answer } = decide(
        waiting,
        second,
        by('ana', { ...later, approversNow: [seen('dana', rights)] })
      )
      assert.deepEqual([next?.state, next?.remediations], ['partlyApproved', []])
      assert.ok(!outbox.some(({ kind }) => kind === 'submit'))
      assert.deepEqual(
        next?.pending?.approvals.map(({ person }) => person.objectId),
        ['ana']
      )
      assert.deepEqual(next.pending.fallen, [fell('dana')])
      assert.deepEqual(audit[0]?.detail.fallen, [fell('dana')])
      assert.ok(answer.kind === 'approvedInPart')
      assert.deepEqual([answer.given, answer.needed, answer.fallen], [1, 2, [fell('dana')]])
    })
  }

  it('counts no more where the policy names the person no longer', () => {
    const policy = { ...policyOf(2), approvers: { users: ['ana', 'tom'], groups: [] } }
    const { next } = decide(waiting, second, by('ana', { ...later, policy, approversNow: [seen('dana')] }))
    assert.deepEqual([next?.state, next?.pending?.fallen], ['partlyApproved', [fell('dana')]])
  })

  it('counts with the groups of now, and with a report made since', () => {
    const rule = ruleWith({ when: { actions: ['hardDelete'] }, approvals: 1, from: leads })
    const policy = policyOf(2, { rules: [...policyOf(2).rules, rule] })
    const [group = ''] = leads.groups
    const lead = { objectId: 'dana', groups: [group], reporter: false, opener: false }
    const byLead = decide(
      approvedBy([]),
      { ...second, action: 'hardDelete', severity: 'high' },
      by('dana', { policy, standing: lead })
    )
    assert.ok(byLead.next !== null)
    const noLead = decide(byLead.next, second, by('ana', { policy, approversNow: [seen('dana')] }))
    assert.equal(noLead.answer.kind, 'approvedInPart')
    const still = decide(
      byLead.next,
      second,
      by('ana', { policy, approversNow: [seen('dana', { ...known, groups: [group] })] })
    )
    assert.equal(still.answer.kind, 'approved')

    const strict = policyOf(2, { rules: policyOf(2).rules.map((each) => ({ ...each, reporterMayApprove: false })) })
    const reported = decide(waiting, second, by('ana', { policy: strict, approversNow: [seen('dana', known, true)] }))
    assert.equal(reported.answer.kind, 'approvedInPart')
  })

  it('changes nothing where the directory does not say', () => {
    const silent: PersonRights = { kind: 'unavailable', reason: 'Microsoft Graph did not answer.' }
    const step = decide(waiting, second, by('ana', { ...later, approversNow: [seen('dana', silent)] }))
    assert.deepEqual([step.next, step.outbox], [null, []])
    assert.deepEqual(step.answer.kind === 'notAllowed' && step.answer.reasons, [
      'I cannot check now whether everybody who approved before still may. Microsoft Graph did not answer. Nothing was changed; try again soon.'
    ])
    assert.deepEqual(
      step.audit.map(({ event }) => event),
      ['decision.notAllowed']
    )
  })

  it('names only those that count, and takes back who approves anew', () => {
    const lostDana = decide(
      waiting,
      second,
      by('ana', { ...later, approversNow: [seen('dana', { kind: 'notFound' })] })
    )
    assert.ok(lostDana.next !== null)
    const { next } = decide(lostDana.next, second, by('tom', { now: start + 2, approversNow: [seen('ana')] }))
    assert.deepEqual(
      next?.remediations[0]?.approvals.map(({ person }) => person.objectId),
      ['ana', 'tom']
    )
    const three = { policy: policyOf(3) }
    const back = decide(lostDana.next, second, by('dana', { ...three, now: start + 2, approversNow: [seen('ana')] }))
    assert.deepEqual([back.next?.pending?.approvals.length, back.next?.pending?.fallen], [2, undefined])
  })
})

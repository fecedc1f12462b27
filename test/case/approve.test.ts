// Approvals of one plan by several people as pure steps: who counts, what is stored, and when enough is enough.
import assert from 'node:assert/strict'
import { decide } from '../../src/case/decide.js'
import type { DecisionAnswer, DecisionRequest } from '../../src/case/decision.js'
import { lookWhilePendingMs } from '../../src/case/pending.js'
import { planDigest } from '../../src/case/plan.js'
import type { Step } from '../../src/case/ports.js'
import { sampleMail } from '../teams/sample-cases.js'
import { approvedBy, by, hard, policyOf, proposed, second, start, windowMs } from './four-eyes.js'
import { ruleWith } from './policy-samples.js'

const three = { policy: policyOf(3) }
const waiting = approvedBy(['dana'])

function refused(step: Step<DecisionAnswer>, kind: DecisionAnswer['kind'], events: string[] = []): DecisionAnswer {
  assert.equal(step.answer.kind, kind)
  assert.deepEqual([step.next, step.outbox], [null, []])
  assert.deepEqual(
    step.audit.map(({ event }) => event),
    events
  )
  return step.answer
}

describe('approve: the first of several', () => {
  const choice = { action: 'hardDelete', severity: 'high', remediateSendersCopy: false } as const
  const digest = planDigest(1042, proposed.plan ?? assert.fail('no plan'), choice)
  const step = decide(proposed, hard, by('dana'))

  it('is kept with the choice, the plan, the person as they stand, and until when', () => {
    const { ruling, standing, person } = by('dana')
    assert.deepEqual(step.next, {
      ...proposed,
      state: 'partlyApproved',
      pending: {
        ...choice,
        planVersion: 3,
        digest,
        approvals: [{ person, reason: 'Password page confirmed', at: start, ruling, standing }],
        until: start + windowMs
      }
    })
  })

  it('asks for a card, for an end, and for a look at the mail meanwhile, and sends nothing', () => {
    assert.deepEqual(step.outbox, [
      { kind: 'card', caseNumber: 1042, dueAt: start },
      { kind: 'pendingEnds', caseNumber: 1042, dueAt: start + windowMs },
      { kind: 'look', caseNumber: 1042, dueAt: start + lookWhilePendingMs }
    ])
  })

  it('is in the audit log with what the policy asks for', () => {
    const [entry, ...more] = step.audit
    assert.deepEqual(more, [])
    assert.deepEqual([entry?.event, entry?.actor], ['decision.approvedInPart', by('dana').person])
    const { requirement, given, needed, until, ...rest } = entry?.detail ?? {}
    assert.deepEqual([requirement, given, needed, until], ['2 approvals needed: hard delete', 1, 2, start + windowMs])
    assert.equal(rest.digest, digest)
  })

  it('is answered with what is still missing', () => {
    assert.ok(step.answer.kind === 'approvedInPart')
    const { given, needed, missing } = step.answer
    assert.deepEqual([given, needed, missing], [1, 2, [{ approvals: 1, from: null, because: ['hard delete'] }]])
  })
})

describe('approve: the others', () => {
  it('send the plan once they are enough, all of them in order', () => {
    const later = { ...three, now: start + 60_000 }
    const two = approvedBy(['dana', 'ana'], three)
    assert.deepEqual([two.state, two.pending?.until], ['partlyApproved', start + windowMs])
    const { next, outbox, answer, audit } = decide(two, second, by('tom', later))
    assert.equal(answer.kind, 'approved')
    assert.deepEqual([next?.state, next?.pending, next?.voided], ['approved', null, null])
    const [remediation, ...more] = next?.remediations ?? []
    assert.deepEqual(more, [])
    assert.deepEqual(
      remediation?.approvals.map(({ person, reason }) => [person.objectId, reason]),
      [
        ['dana', 'Password page confirmed'],
        ['ana', 'Seen too'],
        ['tom', 'Seen too']
      ]
    )
    assert.deepEqual(
      [remediation?.digest, remediation?.action, remediation?.severity, remediation?.decidedAt],
      [two.pending?.digest, 'hardDelete', 'high', later.now]
    )
    assert.deepEqual(
      outbox.map(({ kind }) => kind),
      ['submit', 'card']
    )
    assert.deepEqual(audit[0]?.detail.approvers, [by('dana').person, by('ana').person, by('tom').person])
  })

  it('do not prolong the time of the first', () => {
    const { next } = decide(approvedBy(['dana'], three), second, by('ana', { ...three, now: start + windowMs - 1 }))
    assert.equal(next?.pending?.until, start + windowMs)
  })

  it('are never the same person again, however the id is spelled', () => {
    for (const objectId of ['dana', 'DANA', 'Dana']) {
      const again = by('dana', { person: { objectId, name: 'Somebody' } })
      refused(decide(waiting, second, again), 'sameTwice', ['decision.sameTwice'])
      refused(decide(waiting, hard, again), 'sameTwice', ['decision.sameTwice'])
    }
  })

  it('may name the choice that waits, and no other', () => {
    assert.equal(decide(waiting, { ...hard, remediateSendersCopy: 'false' }, by('ana')).answer.kind, 'approved')
    const others: Partial<DecisionRequest>[] = [
      { action: 'softDelete' },
      { severity: 'low' },
      { action: '' },
      { severity: '' },
      { remediateSendersCopy: 'true' }
    ]
    for (const other of others) {
      const answer = refused(decide(waiting, { ...hard, ...other }, by('ana')), 'invalid')
      assert.deepEqual(answer.kind === 'invalid' && answer.problems, [
        'What waits for another approval is hardDelete high. Approve that with the button on the card; ' +
          'for anything else it has to be withdrawn or rejected first.'
      ])
    }
  })

  it("cannot type what includes the sender's copy, which typing cannot name", () => {
    const outbound = { ...proposed, mail: { ...sampleMail, direction: 'outbound' as const } }
    const first = decide(outbound, { ...hard, remediateSendersCopy: 'true' }, by('dana')).next ?? assert.fail()
    const answer = refused(decide(first, hard, by('ana')), 'invalid')
    assert.match(
      answer.kind === 'invalid' ? (answer.problems[0] ?? '') : '',
      /hardDelete high with the sender's copy\./
    )
    assert.equal(decide(first, second, by('ana')).next?.remediations[0]?.remediateSendersCopy, true)
  })

  it('need a reason of their own, and the plan version that was shown', () => {
    const answer = refused(decide(waiting, { ...second, reason: ' ' }, by('ana')), 'invalid')
    assert.deepEqual(answer.kind === 'invalid' && answer.problems, ['A reason is needed: it is kept in the audit log.'])
    refused(decide(waiting, { ...second, planVersion: 2 }, by('ana')), 'stale')
  })

  it('count for nothing where the copies are not those of the digest', () => {
    const [copy, ...rest] = waiting.plan?.copies ?? []
    assert.ok(waiting.plan !== null && copy !== undefined)
    refused(decide({ ...waiting, plan: { ...waiting.plan, copies: rest } }, second, by('ana')), 'stale')
  })

  it('come too late once the time is up, although the timer has not rung', () => {
    const step = decide(waiting, second, by('ana', { now: start + windowMs }))
    assert.equal(step.answer.kind, 'stale')
    assert.deepEqual([step.next?.state, step.next?.pending, step.next?.planVersion], ['proposed', null, 4])
    assert.deepEqual([step.next?.remediations, step.next?.plan?.version], [[], 4])
    assert.deepEqual(
      step.audit.map(({ event }) => event),
      ['approval.expired']
    )
  })

  it('are weighed by the policy of now', () => {
    const stricter = policyOf(3)
    assert.equal(decide(waiting, second, by('ana', { policy: stricter })).answer.kind, 'approvedInPart')
    const gone = policyOf(2, { approvers: { users: ['ana', 'tom'], groups: [] } })
    const step = decide(waiting, second, by('ana', { policy: gone }))
    assert.ok(step.answer.kind === 'approvedInPart')
    assert.deepEqual([step.answer.given, step.answer.needed], [1, 2])
    const guarded = policyOf(2, { limits: { maxCopies: 1000, protectedMailboxes: ['ana.silva@contoso.example'] } })
    refused(decide(waiting, second, by('ana', { policy: guarded })), 'invalid')
    const without = policyOf(2, { actions: ['softDelete'] })
    refused(decide(waiting, second, by('ana', { policy: without })), 'invalid')
  })
})

describe('approve: what the policy forbids', () => {
  it('is refused with its reasons, whoever asks', () => {
    const policy = { ...policyOf(1), rules: [ruleWith({ when: { actions: ['hardDelete'] }, forbidden: true })] }
    for (const record of [proposed, waiting]) {
      const answer = refused(decide(record, record === proposed ? hard : second, by('ana', { policy })), 'invalid')
      assert.deepEqual(answer.kind === 'invalid' && answer.problems, [
        'The policy lets nobody approve this: hard delete.'
      ])
    }
  })

  it('leaves out reporter and opener, each with a sentence of their own, and keeps the attempt', () => {
    const policy = policyOf(1, { rules: [ruleWith({ reporterMayApprove: false, openerMayApprove: false })] })
    const asked = (parts: { reporter: boolean; opener: boolean }) => {
      const standing = { objectId: 'ana', groups: [], ...parts }
      const answer = refused(decide(proposed, hard, by('ana', { policy, standing })), 'notAllowed', [
        'decision.notAllowed'
      ])
      return answer.kind === 'notAllowed' ? answer.reasons : []
    }
    assert.deepEqual(asked({ reporter: true, opener: false }), [
      'Whoever reported the mail may not approve this; another approver has to.'
    ])
    assert.deepEqual(asked({ reporter: false, opener: true }), [
      'Whoever opened the case may not approve this; another approver has to.'
    ])
    assert.equal(decide(proposed, hard, by('ana', { policy })).answer.kind, 'approved')
  })

  it('refuses an approval that would add nothing to what is missing', () => {
    const from = { name: 'SOC leads', users: ['eve'], groups: [] }
    const policy = policyOf(1, { rules: [ruleWith({ approvals: 1, from })] })
    const answer = refused(decide(proposed, hard, by('ana', { policy })), 'notAllowed', ['decision.notAllowed'])
    assert.deepEqual(answer.kind === 'notAllowed' && answer.reasons, [
      '1 more approval needed from SOC leads: yours would not be one of them.'
    ])
    assert.equal(decide(proposed, hard, by('eve', { policy })).answer.kind, 'approved')
  })

  it('counts VIP mailboxes and the direction of the mail', () => {
    const vip = policyOf(1, {
      vipMailboxes: ['Ana.Silva@contoso.example'],
      rules: [ruleWith({ when: { vip: true }, approvals: 2 })]
    })
    assert.equal(decide(proposed, hard, by('ana', { policy: vip })).answer.kind, 'approvedInPart')
    const outbound = policyOf(1, { rules: [ruleWith({ when: { directions: ['outbound'] }, approvals: 2 })] })
    assert.equal(decide(proposed, hard, by('ana', { policy: outbound })).answer.kind, 'approved')
  })
})

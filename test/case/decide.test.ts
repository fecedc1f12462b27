// Approve, reject, expire and propose again as pure steps: who is told what, and what is stored with it.
import assert from 'node:assert/strict'
import { type CaseRecord, type CaseState, verdicts } from '../../src/case/case.js'
import { decide, decidedBy, expire, proposeAgain } from '../../src/case/decide.js'
import {
  type DecisionAnswer,
  type DecisionContext,
  type DecisionRequest,
  reasonLimit
} from '../../src/case/decision.js'
import { copiesDigest, makePlan, planDigest, remediationActions, severities } from '../../src/case/plan.js'
import type { Policy } from '../../src/case/policy.js'
import type { Step } from '../../src/case/ports.js'
import { allStates, caseIn, copiesIn, sampleMail, samplePolicy, verdictCase } from '../teams/sample-cases.js'

const now = Date.UTC(2026, 10, 22, 3, 14)
const dana = { objectId: 'dana', name: 'Dana Weber' }

const request: DecisionRequest = {
  kind: 'approve',
  planVersion: 3,
  action: 'softDelete',
  severity: 'medium',
  remediateSendersCopy: '',
  verdict: '',
  reason: '  Password page confirmed  '
}
const rejection: DecisionRequest = { ...request, kind: 'reject', action: '', severity: '', reason: 'Newsletter' }

const lookedUp: DecisionRequest = { ...rejection, kind: 'markDone', reason: 'Action Center lists it' }
const verdictOnly: DecisionRequest = { ...rejection, kind: 'close', verdict: 'spam', reason: 'Known sender' }

const policy: Policy = { ...samplePolicy, approvers: { users: ['dana'], groups: [] } }

const context: DecisionContext = {
  policy,
  person: dana,
  ruling: { allowed: true, reasons: ['You are an approver: named in the policy.'] },
  standing: { objectId: dana.objectId, groups: [], reporter: false, opener: false },
  approversNow: [],
  batchSize: 100,
  now,
  activityId: 'activity-1'
}
const notAllowed: DecisionContext = { ...context, ruling: { allowed: false, reasons: ['You are not an approver.'] } }

const proposed = caseIn('proposed')
/** What every audit row of a decision says beside the decision. */
function facts(record: CaseRecord, { ruling } = context) {
  const { planVersion, plan } = record
  const shown = { planVersion, copiesDigest: plan === null ? null : copiesDigest(plan) }
  return { case: 'PT-1042', activityId: 'activity-1', ...shown, ruling }
}

function withCopies(count: number, under: Policy = policy): CaseRecord {
  return {
    ...proposed,
    plan: makePlan(3, { copies: copiesIn(count), recipients: [] }, under.limits, now)
  }
}

/** A refusal changes nothing: no record, no work; an audit row only where somebody tried what they may not. */
function refused(step: Step<DecisionAnswer>, kind: DecisionAnswer['kind'], auditRows = 0): DecisionAnswer {
  assert.equal(step.answer.kind, kind)
  assert.equal(step.next, null)
  assert.deepEqual(step.outbox, [])
  assert.equal(step.audit.length, auditRows)
  return step.answer
}

function problemsOf(changes: Partial<DecisionRequest>, record = proposed, inside = context): string[] {
  const answer = refused(decide(record, { ...request, ...changes }, inside), 'invalid')
  return answer.kind === 'invalid' ? answer.problems : []
}

describe('decide: approve', () => {
  it('stores the choice with its digest, its approver and its ruling, and asks for submission and a new card', () => {
    const { next, outbox, audit, answer } = decide(proposed, request, context)
    assert.ok(next !== null && proposed.plan !== null)
    const choice = { action: 'softDelete', severity: 'medium', remediateSendersCopy: false } as const
    const digest = planDigest(1042, proposed.plan, choice)
    const { batches, ...remediation } = next.remediations[0] ?? assert.fail('no remediation')
    assert.deepEqual(remediation, {
      ...choice,
      planVersion: 3,
      digest,
      approvals: [
        {
          person: dana,
          reason: 'Password page confirmed',
          at: now,
          ruling: context.ruling,
          standing: context.standing
        }
      ],
      decidedAt: now,
      outcome: null
    })
    assert.deepEqual(
      batches.map(({ seq, from, to, state, token, attempts }) => ({ seq, from, to, state, token, attempts })),
      [{ seq: 1, from: 0, to: 11, state: 'pending', token: null, attempts: 0 }]
    )
    assert.deepEqual({ ...next, state: 'proposed', remediations: [] }, proposed)
    assert.equal(next.state, 'approved')
    assert.deepEqual(outbox, [
      { kind: 'submit', caseNumber: 1042, dueAt: now },
      { kind: 'card', caseNumber: 1042, dueAt: now }
    ])
    assert.deepEqual(audit, [
      {
        at: now,
        caseNumber: 1042,
        event: 'decision.approved',
        actor: dana,
        detail: {
          ...facts(proposed),
          ...choice,
          digest,
          copies: 11,
          reason: 'Password page confirmed',
          requirement: '1 approval needed',
          approvers: [dana]
        }
      }
    ])
    assert.deepEqual(answer, { kind: 'approved', record: next })
  })

  it('keeps what was approved and failed before', () => {
    const again = { ...proposed, remediations: caseIn('failed').remediations }
    assert.equal(decide(again, request, context).next?.remediations.length, 2)
  })

  for (const action of remediationActions) {
    for (const severity of severities) {
      it(`takes ${action} with ${severity}`, () => {
        const stored = decide(proposed, { ...request, action, severity }, context).next?.remediations[0]
        assert.deepEqual([stored?.action, stored?.severity], [action, severity])
      })
    }
  }

  const sizes: [copies: number, batches: [number, number][]][] = [
    [1, [[0, 1]]],
    [100, [[0, 100]]],
    [
      101,
      [
        [0, 100],
        [100, 101]
      ]
    ],
    [
      250,
      [
        [0, 100],
        [100, 200],
        [200, 250]
      ]
    ]
  ]
  for (const [copies, batches] of sizes) {
    it(`makes ${String(batches.length)} of ${String(copies)} copies`, () => {
      const stored = decide(withCopies(copies), request, context).next?.remediations[0]?.batches ?? []
      assert.deepEqual(
        stored.map(({ from, to }) => [from, to]),
        batches
      )
      assert.deepEqual(
        stored.map(({ seq }) => seq),
        batches.map((_, index) => index + 1)
      )
    })
  }

  it('refuses a plan without copies', () => {
    const message = 'There is no copy that can be acted on.'
    assert.deepEqual(problemsOf({}, withCopies(0)), [message])
    assert.deepEqual(problemsOf({}, { ...proposed, plan: null }), [message])
  })

  it('refuses a plan over the limit, and says how to narrow it', () => {
    assert.deepEqual(problemsOf({}, withCopies(1001)), [
      '1001 copies are more than the policy allows (1000). Name the recipients to act on: triage <message> recipient …'
    ])
  })

  it("takes today's limit, whatever it was when the plan was made", () => {
    const limited = (maxCopies: number): Policy => ({ ...policy, limits: { maxCopies, protectedMailboxes: [] } })
    const madeUnder = (maxCopies: number) => withCopies(11, limited(maxCopies))
    assert.deepEqual([madeUnder(10).plan?.overLimit, madeUnder(11).plan?.overLimit], [true, false])
    assert.deepEqual(problemsOf({}, madeUnder(11), { ...context, policy: limited(10) }), [
      '11 copies are more than the policy allows (10). Name the recipients to act on: triage <message> recipient …'
    ])
    assert.equal(decide(madeUnder(10), request, { ...context, policy: limited(11) }).answer.kind, 'approved')
  })

  it('refuses a plan with a mailbox that is protected by now, in any spelling', () => {
    const limits = { maxCopies: 1000, protectedMailboxes: ['Ana.Silva@CONTOSO.example'] }
    const guarded = { ...context, policy: { ...policy, limits } }
    assert.deepEqual(problemsOf({}, proposed, guarded), [
      'The policy protects a mailbox of this plan now. Look again: the new plan leaves it out.'
    ])
    const elsewhere = { ...limits, protectedMailboxes: ['somebody.else@contoso.example'] }
    const { answer } = decide(proposed, request, { ...context, policy: { ...policy, limits: elsewhere } })
    assert.equal(answer.kind, 'approved')
  })

  it("takes the sender's copy only of mail that left the tenant's own mailboxes", () => {
    for (const direction of ['outbound', 'intraOrg'] as const) {
      const record = { ...proposed, mail: { ...sampleMail, direction } }
      const { next } = decide(record, { ...request, remediateSendersCopy: 'true' }, context)
      assert.equal(next?.remediations[0]?.remediateSendersCopy, true, direction)
      const without = decide(record, { ...request, remediateSendersCopy: 'false' }, context)
      assert.equal(without.next?.remediations[0]?.remediateSendersCopy, false, direction)
    }
    for (const direction of ['inbound', 'unknown'] as const) {
      const record = { ...proposed, mail: { ...sampleMail, direction } }
      assert.deepEqual(problemsOf({ remediateSendersCopy: 'true' }, record), [
        "This mail came from outside: there is no sender's copy to remove."
      ])
    }
    assert.equal(problemsOf({ remediateSendersCopy: 'true' }, { ...proposed, mail: null }).length, 1)
  })

  const invalid: [what: string, changes: Partial<DecisionRequest>, problem: string][] = [
    [
      'an unknown action',
      { action: 'format' },
      'The action must be one of: moveToJunk, moveToInbox, moveToDeletedItems, softDelete, hardDelete.'
    ],
    [
      "an action that is not spelled as Graph's",
      { action: 'SOFTDELETE' },
      'The action must be one of: moveToJunk, moveToInbox, moveToDeletedItems, softDelete, hardDelete.'
    ],
    ['an unknown severity', { severity: 'critical' }, 'The severity must be one of: low, medium, high.'],
    [
      "a sender's copy that is no boolean",
      { remediateSendersCopy: 'TRUE' },
      "The sender's copy choice must be true or false."
    ],
    ['no reason', { reason: '' }, 'A reason is needed: it is kept in the audit log.'],
    [
      'an invisible reason',
      { reason: '\u200b\u2060\0\ufe0f\u3164' },
      'A reason is needed: it is kept in the audit log.'
    ],
    ['a blank reason', { reason: ' \n\t\u00a0 ' }, 'A reason is needed: it is kept in the audit log.'],
    ['a long reason', { reason: 'x'.repeat(reasonLimit + 1) }, 'The reason may have at most 500 characters.']
  ]
  for (const [what, changes, problem] of invalid) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(problemsOf(changes), [problem])
    })
  }

  it('takes a reason of exactly the limit', () => {
    const reason = 'x'.repeat(reasonLimit)
    assert.equal(decide(proposed, { ...request, reason }, context).next?.remediations[0]?.approvals[0]?.reason, reason)
  })

  it('stores no NUL, which PostgreSQL cannot hold', () => {
    const { next } = decide(proposed, { ...request, reason: 'a\0b' }, context)
    assert.equal(next?.remediations[0]?.approvals[0]?.reason, 'ab')
  })

  it('refuses an action that the policy does not offer', () => {
    const offering: Policy = { ...policy, actions: ['softDelete', 'moveToJunk'] }
    assert.deepEqual(problemsOf({ action: 'hardDelete' }, proposed, { ...context, policy: offering }), [
      'The policy does not offer hardDelete. Choose one of: softDelete, moveToJunk.'
    ])
  })

  it('names every problem at once', () => {
    assert.equal(problemsOf({ action: '', severity: '', remediateSendersCopy: '1', reason: '' }).length, 4)
  })
})

describe('decide: reject', () => {
  it('closes the case with who and why, and asks only for a new card', () => {
    const { next, outbox, audit, answer } = decide(proposed, rejection, context)
    assert.deepEqual(next, {
      ...proposed,
      state: 'rejected',
      closing: { by: dana, reason: 'Newsletter', verdict: null, at: now }
    })
    assert.deepEqual(outbox, [{ kind: 'card', caseNumber: 1042, dueAt: now }])
    assert.deepEqual(audit, [
      {
        at: now,
        caseNumber: 1042,
        event: 'decision.rejected',
        actor: dana,
        detail: { ...facts(proposed), reason: 'Newsletter', verdict: null }
      }
    ])
    assert.deepEqual(answer, { kind: 'rejected', record: next })
  })

  it('needs neither an action nor a plan', () => {
    const unfound = caseIn('nothingFound')
    assert.equal(decide(unfound, { ...rejection, planVersion: 0 }, context).next?.state, 'rejected')
  })

  it('needs a reason', () => {
    assert.deepEqual(problemsOf({ ...rejection, reason: ' ' }), ['A reason is needed: it is kept in the audit log.'])
    assert.deepEqual(problemsOf({ ...rejection, reason: 'x'.repeat(501) }), [
      'The reason may have at most 500 characters.'
    ])
  })
})

describe('decide: mark as done', () => {
  const uncertain = caseIn('uncertain')

  it('ends an unknown outcome as submitted with who looked it up and why, and sends nothing', () => {
    const { next, outbox, audit, answer } = decide(uncertain, lookedUp, context)
    assert.deepEqual(next, {
      ...uncertain,
      state: 'submitted',
      closing: { by: dana, reason: 'Action Center lists it', verdict: null, at: now }
    })
    assert.deepEqual(outbox, [
      { kind: 'card', caseNumber: 1042, dueAt: now },
      { kind: 'verify', caseNumber: 1042, dueAt: now }
    ])
    assert.deepEqual(audit, [
      {
        at: now,
        caseNumber: 1042,
        event: 'decision.markedDone',
        actor: dana,
        detail: { ...facts(uncertain), reason: 'Action Center lists it', verdict: null }
      }
    ])
    assert.deepEqual(answer, { kind: 'markedDone', record: next })
  })

  it('leaves every batch as unknown as it was: nobody claims that Defender answered', () => {
    const { next } = decide(uncertain, lookedUp, context)
    assert.deepEqual(next?.remediations, uncertain.remediations)
  })

  it('needs a reason, the right and the plan version that was shown', () => {
    assert.deepEqual(problemsOf({ ...lookedUp, reason: '\u200b' }, uncertain), [
      'A reason is needed: it is kept in the audit log.'
    ])
    refused(decide(uncertain, lookedUp, notAllowed), 'notAllowed', 1)
    refused(decide(uncertain, { ...lookedUp, planVersion: 2 }, context), 'stale')
  })
})

describe('decide: close', () => {
  const waiting = verdictCase('teamsMessage')
  const closing: DecisionRequest = { ...verdictOnly, planVersion: 0 }

  for (const verdict of verdicts) {
    it(`ends the case as ${verdict}, with who and why, and sends nothing`, () => {
      const { next, outbox, audit, answer } = decide(waiting, { ...closing, verdict }, context)
      assert.deepEqual(next, {
        ...waiting,
        state: 'closed',
        closing: { by: dana, reason: 'Known sender', verdict, at: now }
      })
      assert.deepEqual(outbox, [{ kind: 'card', caseNumber: 1042, dueAt: now }])
      assert.deepEqual(audit, [
        {
          at: now,
          caseNumber: 1042,
          event: 'decision.closed',
          actor: dana,
          detail: { ...facts(waiting), reason: 'Known sender', verdict }
        }
      ])
      assert.deepEqual(answer, { kind: 'closed', record: next })
    })
  }

  const noVerdict = 'The verdict must be one of: phish, malware, spam, clean.'

  for (const verdict of ['', 'Phish', 'simulation', 'constructor']) {
    it(`takes no other verdict: ${JSON.stringify(verdict)}`, () => {
      assert.deepEqual(problemsOf({ ...closing, verdict }, waiting), [noVerdict])
    })
  }

  it('needs a reason, and names every problem at once', () => {
    assert.deepEqual(problemsOf({ ...closing, verdict: '', reason: '' }, waiting), [
      'A reason is needed: it is kept in the audit log.',
      noVerdict
    ])
  })

  it('needs the right, and the card that was shown', () => {
    refused(decide(waiting, closing, notAllowed), 'notAllowed', 1)
    refused(decide(waiting, { ...closing, planVersion: 1 }, context), 'stale')
  })

  it('is for what names no mail: what cannot be looked up may have been removed before', () => {
    refused(decide(caseIn('unreadable'), closing, context), 'stale')
  })

  it('leaves no verdict behind where a case is rejected', () => {
    assert.equal(decide(proposed, { ...rejection, verdict: 'spam' }, context).next?.closing?.verdict, null)
  })
})

describe('decide: order of the checks', () => {
  it('asks for the right first, whatever else is wrong, and keeps the attempt in the audit log', () => {
    for (const state of allStates) {
      const record = caseIn(state)
      const step = decide(record, { ...request, planVersion: 99, action: 'x', reason: '' }, notAllowed)
      const answer = refused(step, 'notAllowed', 1)
      assert.deepEqual(answer.kind === 'notAllowed' && answer.reasons, ['You are not an approver.'])
      assert.deepEqual(step.audit, [
        {
          at: now,
          caseNumber: 1042,
          event: 'decision.notAllowed',
          actor: dana,
          detail: {
            ...facts(record, notAllowed),
            decision: 'approve',
            askedVersion: 99,
            reasons: ['You are not an approver.']
          }
        }
      ])
    }
  })

  it('then the state, before the plan version', () => {
    refused(decide(caseIn('submitted'), { ...request, planVersion: 1, action: 'x' }, context), 'alreadyDecided')
  })

  it('then the plan version, before what was chosen', () => {
    refused(decide(proposed, { ...request, planVersion: 2, action: 'x', reason: '' }, context), 'stale')
    refused(decide(proposed, { ...request, planVersion: 4 }, context), 'stale')
    refused(decide(proposed, { ...rejection, planVersion: 2, reason: '' }, context), 'stale')
  })

  const late: Record<CaseState, [approve: string, reject: string, markDone: string, close: string]> = {
    looking: ['stale', 'rejected', 'stale', 'stale'],
    nothingFound: ['stale', 'rejected', 'stale', 'stale'],
    unreadable: ['stale', 'rejected', 'stale', 'stale'],
    proposed: ['approved', 'rejected', 'stale', 'stale'],
    partlyApproved: ['invalid', 'rejected', 'stale', 'stale'],
    approved: ['alreadyDecided', 'alreadyDecided', 'alreadyDecided', 'alreadyDecided'],
    submitting: ['alreadyDecided', 'alreadyDecided', 'alreadyDecided', 'alreadyDecided'],
    submitted: ['alreadyDecided', 'alreadyDecided', 'alreadyDecided', 'alreadyDecided'],
    verified: ['alreadyDecided', 'alreadyDecided', 'alreadyDecided', 'alreadyDecided'],
    failed: ['alreadyDecided', 'rejected', 'alreadyDecided', 'alreadyDecided'],
    uncertain: ['alreadyDecided', 'alreadyDecided', 'markedDone', 'alreadyDecided'],
    rejected: ['alreadyDecided', 'alreadyDecided', 'alreadyDecided', 'alreadyDecided'],
    closed: ['alreadyDecided', 'alreadyDecided', 'alreadyDecided', 'alreadyDecided'],
    simulation: ['stale', 'stale', 'stale', 'stale'],
    expired: ['stale', 'stale', 'stale', 'stale'],
    joined: ['stale', 'stale', 'stale', 'stale']
  }
  for (const [state, kinds] of Object.entries(late) as [CaseState, string[]][]) {
    it(`${state}: approve, reject, mark as done and close are ${kinds.join(', ')}`, () => {
      const record = caseIn(state)
      const { planVersion } = record
      const answers = [request, rejection, lookedUp, verdictOnly].map((each) =>
        decide(record, { ...each, planVersion }, context)
      )
      assert.deepEqual(
        answers.map(({ answer }) => answer.kind),
        kinds
      )
      for (const { next, answer, outbox, audit } of answers) {
        const stored = ['approved', 'rejected', 'markedDone', 'closed'].includes(answer.kind)
        assert.deepEqual([next !== null, outbox.length > 0, audit.length], [stored, stored, stored ? 1 : 0])
      }
    })
  }
})

describe('decide: who was first', () => {
  it('names the approver, or who closed the case after that, or nobody', () => {
    const { approvals, decidedAt } = caseIn('submitted').remediations[0] ?? assert.fail('no remediation')
    const approver = approvals[0]?.person
    assert.deepEqual(decidedBy(caseIn('submitted')), { person: approver, at: decidedAt, what: 'approved' })
    const closing = { by: dana, reason: 'x', verdict: null, at: now }
    for (const [state, what] of [
      ['rejected', 'rejected'],
      ['closed', 'closed'],
      ['submitted', 'marked as done']
    ] as const) {
      assert.deepEqual(decidedBy(caseIn(state, { closing })), { person: dana, at: now, what }, state)
    }
    assert.equal(decidedBy(proposed), null)
    assert.equal(decidedBy(caseIn('expired')), null)
  })
})

describe('decide: propose again', () => {
  const asked = { person: dana, ruling: context.ruling, now, activityId: 'activity-1' }

  for (const state of ['failed', 'uncertain'] as const) {
    it(`looks again from ${state}, with the plan version as it was`, () => {
      const record = caseIn(state)
      const { next, outbox, audit, answer } = proposeAgain(record, { planVersion: 3 }, asked)
      assert.deepEqual(next, {
        ...record,
        state: 'looking',
        look: { attempts: 0, lastAt: record.look.lastAt, nextAt: null, problem: null }
      })
      assert.deepEqual(outbox, [
        { kind: 'look', caseNumber: 1042, dueAt: now },
        { kind: 'card', caseNumber: 1042, dueAt: now }
      ])
      assert.deepEqual(audit, [
        {
          at: now,
          caseNumber: 1042,
          event: 'case.proposedAgain',
          actor: dana,
          detail: { ...facts(record), after: state }
        }
      ])
      assert.equal(answer, 'looking')
    })
  }

  const stale = { next: null, outbox: [], audit: [], answer: 'stale' }

  it('is stale for another plan version', () => {
    assert.deepEqual(proposeAgain(caseIn('failed'), { planVersion: 2 }, asked), stale)
  })

  it('is stale in every other state', () => {
    for (const state of allStates.filter((each) => each !== 'failed' && each !== 'uncertain')) {
      const record = caseIn(state)
      assert.deepEqual(proposeAgain(record, { planVersion: record.planVersion }, asked), stale, state)
    }
  })
})

describe('decide: expire', () => {
  it('closes what nobody decided, and says so on the card', () => {
    for (const state of ['looking', 'nothingFound', 'unreadable', 'proposed', 'failed', 'uncertain'] as const) {
      const record = caseIn(state)
      const { planVersion, copiesDigest } = facts(record)
      const shown = { planVersion, copiesDigest }
      assert.deepEqual(expire(record, now), {
        next: { ...record, state: 'expired', closing: { by: null, reason: '', verdict: null, at: now } },
        outbox: [{ kind: 'card', caseNumber: 1042, dueAt: now }],
        audit: [{ at: now, caseNumber: 1042, actor: null, event: 'case.expired', detail: shown }],
        answer: null
      })
    }
  })

  it('comes back a day later for what is on its way, and never again for what has ended', () => {
    const day = 24 * 60 * 60_000
    for (const state of ['approved', 'submitting'] as const) {
      assert.deepEqual(expire(caseIn(state), now), { next: null, outbox: [], audit: [], answer: now + day }, state)
    }
    for (const state of ['submitted', 'rejected', 'closed', 'simulation', 'expired', 'joined'] as const) {
      assert.deepEqual(expire(caseIn(state), now), { next: null, outbox: [], audit: [], answer: null }, state)
    }
  })
})

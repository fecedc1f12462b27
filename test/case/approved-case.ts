// A case that the real `decide` approved, for the tests of what comes after. Holds no expectation.
import assert from 'node:assert/strict'
import { type CaseRecord, latestRemediation } from '../../src/case/case.js'
import { decide } from '../../src/case/decide.js'
import { makePlan } from '../../src/case/plan.js'
import type { Policy } from '../../src/case/policy.js'
import type { Batch, SubmissionOutcome } from '../../src/case/remediation.js'
import { caseIn, copiesIn, samplePolicy } from '../teams/sample-cases.js'

export const start = Date.UTC(2026, 10, 22, 3, 14)
/** Dana, Ana and Tom may approve. */
export const policy: Policy = { ...samplePolicy, approvers: { users: ['dana', 'ana', 'tom'], groups: [] } }
export const clockAt = (now: number) => ({ now: () => now, wake: () => () => undefined })

/** Batches of two copies each, the last one of a single copy. */
export function approvedCase(batches: number): CaseRecord {
  const plan = makePlan(3, { copies: copiesIn(batches * 2 - 1), recipients: [] }, samplePolicy.limits, start)
  const { next } = decide(
    caseIn('proposed', { plan }),
    {
      kind: 'approve',
      planVersion: 3,
      action: 'softDelete',
      severity: 'high',
      remediateSendersCopy: '',
      verdict: '',
      reason: 'Password page confirmed'
    },
    {
      policy,
      person: { objectId: 'dana', name: 'Dana Weber' },
      ruling: { allowed: true, reasons: ['You are an approver: named in the policy.'] },
      standing: { objectId: 'dana', groups: [], reporter: false, opener: false },
      approversNow: [],
      batchSize: 2,
      now: start,
      activityId: 'activity-1'
    }
  )
  return next ?? assert.fail('not approved')
}

export function batchesOf(record: CaseRecord): Batch[] {
  return latestRemediation(record)?.batches ?? assert.fail('no remediation')
}

export const outcomes = {
  accepted: {
    kind: 'accepted',
    status: 202,
    trackingLink: 'https://security.microsoft.com/action-center/history?filters=x',
    rawLocation: 'https://security.microsoft.com/raw',
    requestId: 'r-202'
  },
  refused: { kind: 'refused', status: 401, code: 'InvalidAuthenticationToken', message: 'No.', requestId: 'r-401' },
  uncertain: { kind: 'uncertain', reason: 'The connection was reset.', status: null, requestId: null },
  notSent: { kind: 'notSent', reason: 'Connection refused.' },
  throttled: { kind: 'throttled', retryAfterMs: null, requestId: 'r-429' }
} satisfies Record<SubmissionOutcome['kind'], SubmissionOutcome>

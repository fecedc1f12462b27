// Approvers, rules and decisions for the tests of several approvals. Holds no expectation.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { decide } from '../../src/case/decide.js'
import type { DecisionContext, DecisionRequest } from '../../src/case/decision.js'
import { type Policy, defaultTime } from '../../src/case/policy.js'
import { caseIn, samplePolicy } from '../teams/sample-cases.js'
import { ruleWith } from './policy-samples.js'

export const start = Date.UTC(2026, 10, 22, 3, 14)
export const windowMs = 60 * 60_000

export const names = { dana: 'Dana Weber', ana: 'Ana Silva', tom: 'Tom Berg', eve: 'Eve Noll' }
export type Name = keyof typeof names

/** Hard delete takes so many of dana, ana, tom and eve. */
export function policyOf(approvals: number, changes: Partial<Policy> = {}): Policy {
  return {
    ...samplePolicy,
    approvers: { users: Object.keys(names), groups: [] },
    rules: [ruleWith({ when: { actions: ['hardDelete'] }, approvals })],
    time: { ...defaultTime.time, approvalsWithinMs: windowMs },
    ...changes
  }
}

export const hard: DecisionRequest = {
  kind: 'approve',
  planVersion: 3,
  action: 'hardDelete',
  severity: 'high',
  remediateSendersCopy: '',
  verdict: '',
  reason: 'Password page confirmed'
}
/** What the card of a pending approval sends: it asks for no choice. */
export const second: DecisionRequest = { ...hard, action: '', severity: '', reason: 'Seen too' }

export function by(name: Name, changes: Partial<DecisionContext> = {}): DecisionContext {
  return {
    policy: policyOf(2),
    person: { objectId: name, name: names[name] },
    ruling: { allowed: true, reasons: ['You are an approver: named in the policy.'] },
    standing: { objectId: name, groups: [], reporter: false, opener: false },
    approversNow: [],
    batchSize: 100,
    now: start,
    activityId: 'activity-1',
    ...changes
  }
}

export const proposed = caseIn('proposed')

/** After these have approved the hard delete, one after another. */
export function approvedBy(given: Name[], changes: Partial<DecisionContext> = {}): CaseRecord {
  return given.reduce(
    (record, name) =>
      decide(record, record.pending === null ? hard : second, by(name, changes)).next ?? assert.fail(name),
    proposed
  )
}

// One batch at a time, as pure tables: what is sent, what each answer does to batch and case, and what is never sent again.
import assert from 'node:assert/strict'
import type { CaseRecord, CaseState } from '../../src/case/case.js'
import { makePlan, planDigest } from '../../src/case/plan.js'
import type { Batch, BatchState, SubmissionOutcome } from '../../src/case/remediation.js'
import { beginNext, endBatch } from '../../src/case/submit.js'
import { allStates, caseIn, copiesIn, samplePolicy } from '../teams/sample-cases.js'
import { approvedCase, batchesOf, clockAt, outcomes, policy, start } from './approved-case.js'

const minute = 60_000
const ended = { next: null, outbox: [], audit: [], answer: { kind: 'ended' } }
const card = (dueAt: number) => ({ kind: 'card', caseNumber: 1042, dueAt })
const link = (dueAt: number) => ({ kind: 'link', caseNumber: 1042, planVersion: 3, dueAt })

function begin(record: CaseRecord, now = start, alone = true) {
  return beginNext(record, { clock: clockAt(now), policy, alone })
}

/** Begins the next batch: what is on disk while the request is out, and the token of the attempt. */
function sending(record: CaseRecord, now = start): { record: CaseRecord; token: string } {
  const { next, answer } = begin(record, now)
  assert.ok(next !== null && answer.kind === 'send')
  return { record: next, token: answer.token }
}

function answered(record: CaseRecord, outcome: SubmissionOutcome, now = start): CaseRecord {
  const sent = sending(record, now)
  const step = endBatch(sent.record, { planVersion: 3, token: sent.token, outcome, now })
  return step.next ?? assert.fail('the answer changed nothing')
}

function orphaned(record: CaseRecord, now = start): { record: CaseRecord; token: string } {
  const sent = sending(record, now)
  return { record: begin(sent.record, now).next ?? assert.fail('no orphan'), token: sent.token }
}

const states = (record: CaseRecord) => batchesOf(record).map(({ state }) => state)
const first = (record: CaseRecord) => batchesOf(record)[0] ?? assert.fail('no batch')

describe('submit: begin', () => {
  it('sends nothing that was approved more than a day ago, as after a bot that was down', () => {
    const day = 24 * 60 * minute
    assert.equal(begin(approvedCase(2), start + day).answer.kind, 'send')
    const { next, audit, answer } = begin(approvedCase(2), start + day + 1)
    assert.ok(next !== null)
    assert.deepEqual([answer.kind, next.state, states(next)], ['ended', 'failed', ['notSent', 'notSent']])
    assert.equal(first(next).code, 'tooOld')
    assert.deepEqual(
      audit.map(({ event }) => event),
      ['batch.tooOld']
    )
    const half = answered(approvedCase(2), outcomes.accepted)
    const rest = begin(half, start + day + 1).next
    assert.deepEqual([rest?.state, rest && states(rest)], ['failed', ['accepted', 'notSent']])
  })

  it('writes the intent with a lease and a token, and hands out exactly the batch', () => {
    const record = approvedCase(2)
    const { next, outbox, audit, answer } = begin(record)
    assert.ok(next !== null && answer.kind === 'send')
    const { digest } = record.remediations[0] ?? assert.fail()
    assert.deepEqual(answer.request, {
      displayName: 'PT-1042 softDelete v3 1/2',
      description: `Password page confirmed | Approved by Dana Weber (dana) | PT-1042 v3, plan sha256:${digest}`,
      severity: 'high',
      action: 'softDelete',
      remediateSendersCopy: false,
      copies: copiesIn(2).map(({ networkMessageId, recipientEmailAddress }) => ({
        networkMessageId,
        recipientEmailAddress
      }))
    })
    const [before, ...others] = batchesOf(record)
    assert.deepEqual(batchesOf(next), [
      {
        ...before,
        state: 'submitting',
        token: answer.token,
        leaseUntil: start + 2 * minute,
        attempts: 1,
        firstTriedAt: start,
        sentAt: start
      },
      ...others
    ])
    assert.deepEqual([next.state, answer.planVersion, answer.leaseUntil], ['submitting', 3, start + 2 * minute])
    assert.deepEqual(outbox, [card(start)])
    assert.deepEqual(audit, [
      {
        at: start,
        caseNumber: 1042,
        event: 'batch.submitting',
        actor: null,
        detail: { planVersion: 3, batch: 1, token: answer.token, digest, copies: 2 }
      }
    ])
  })

  it('sends each copy in exactly one batch, and names no part where there is only one', () => {
    const sent: string[] = []
    for (let record = approvedCase(3); ; record = answered(record, outcomes.accepted)) {
      const { answer } = begin(record)
      if (answer.kind !== 'send') break
      sent.push(...answer.request.copies.map(({ recipientEmailAddress }) => recipientEmailAddress))
    }
    assert.deepEqual(
      sent,
      copiesIn(5).map(({ recipientEmailAddress }) => recipientEmailAddress)
    )
    const { answer } = begin(approvedCase(1))
    assert.equal(answer.kind === 'send' && answer.request.displayName, 'PT-1042 softDelete v3')
  })

  it('gives every attempt a token of its own', () => {
    assert.notEqual(sending(approvedCase(1)).token, sending(approvedCase(1)).token)
  })

  it('sends nothing in any other state, and nothing without an approval', () => {
    const { remediations } = approvedCase(1)
    for (const state of allStates.filter((each) => each !== 'approved' && each !== 'submitting')) {
      assert.deepEqual(begin(caseIn(state, { remediations })), ended, state)
    }
    assert.deepEqual(begin(caseIn('approved', { remediations: [] })), ended)
  })

  const otherPlans: Record<string, (record: CaseRecord) => Partial<CaseRecord>> = {
    'one copy more': () => ({
      plan: makePlan(3, { copies: copiesIn(6), recipients: [] }, samplePolicy.limits, start)
    }),
    'another version': ({ plan }) => ({ plan: plan && { ...plan, version: 4 } }),
    'no plan': () => ({ plan: null }),
    'another action': ({ remediations }) => ({
      remediations: remediations.map((each) => ({ ...each, action: 'hardDelete' as const }))
    }),
    'another case': () => ({ number: 1043 })
  }
  for (const [what, change] of Object.entries(otherPlans)) {
    it(`sends nothing when the plan is not what was approved: ${what}`, () => {
      const record = approvedCase(2)
      const { next, outbox, audit, answer } = begin({ ...record, ...change(record) })
      assert.equal(answer.kind, 'ended')
      assert.ok(next !== null)
      assert.deepEqual([next.state, states(next)], ['failed', ['notSent', 'notSent']])
      assert.deepEqual(
        [first(next).code, first(next).message],
        ['planChanged', 'The plan is not the one that was approved.']
      )
      const caseNumber = next.number
      assert.deepEqual(outbox, [
        { ...card(start), caseNumber },
        { ...link(start), caseNumber }
      ])
      assert.deepEqual(
        audit.map(({ event }) => event),
        ['batch.planChanged']
      )
    })
  }

  it('sends the approved copies wherever they lie by now', () => {
    const record = approvedCase(1)
    const plan = makePlan(3, { copies: copiesIn(1, 'junkFolder'), recipients: [] }, samplePolicy.limits, start)
    const remediation = record.remediations[0] ?? assert.fail('no remediation')
    assert.equal(planDigest(1042, plan, remediation), remediation.digest)
    assert.equal(begin({ ...record, plan }).answer.kind, 'send')
  })
})

// For each answer: the batch after it, then the case and all batches where it was the first, the middle or the last of three,
// the others before it having been accepted.
type End = [state: CaseState, batches: BatchState[]]
const ends: Record<SubmissionOutcome['kind'], [End, End, End]> = {
  accepted: [
    ['submitting', ['accepted', 'pending', 'pending']],
    ['submitting', ['accepted', 'accepted', 'pending']],
    ['submitted', ['accepted', 'accepted', 'accepted']]
  ],
  refused: [
    ['failed', ['refused', 'notSent', 'notSent']],
    ['failed', ['accepted', 'refused', 'notSent']],
    ['failed', ['accepted', 'accepted', 'refused']]
  ],
  uncertain: [
    ['submitting', ['uncertain', 'pending', 'pending']],
    ['submitting', ['accepted', 'uncertain', 'pending']],
    ['uncertain', ['accepted', 'accepted', 'uncertain']]
  ],
  notSent: [
    ['submitting', ['pending', 'pending', 'pending']],
    ['submitting', ['accepted', 'pending', 'pending']],
    ['submitting', ['accepted', 'accepted', 'pending']]
  ],
  throttled: [
    ['submitting', ['pending', 'pending', 'pending']],
    ['submitting', ['accepted', 'pending', 'pending']],
    ['submitting', ['accepted', 'accepted', 'pending']]
  ]
}
const later = start + 700
const answeredParts: Record<SubmissionOutcome['kind'], Partial<Batch>> = {
  accepted: {
    trackingLink: outcomes.accepted.trackingLink,
    rawLocation: outcomes.accepted.rawLocation,
    status: 202,
    requestId: 'r-202'
  },
  refused: { status: 401, code: 'InvalidAuthenticationToken', message: 'No.', requestId: 'r-401' },
  uncertain: { status: null, message: 'The connection was reset.', requestId: null },
  notSent: { token: null, status: null, message: 'Connection refused.', requestId: null },
  throttled: { token: null, status: 429, message: 'Defender is throttling requests.', requestId: 'r-429' }
}

describe('submit: end', () => {
  for (const [kind, positions] of Object.entries(ends) as [SubmissionOutcome['kind'], [End, End, End]][]) {
    positions.forEach(([state, batches], position) => {
      it(`${kind} for batch ${String(position + 1)} of 3`, () => {
        let record = approvedCase(3)
        for (let before = 0; before < position; before += 1) record = answered(record, outcomes.accepted)
        const sent = sending(record)
        const outcome = outcomes[kind]
        const ending = { planVersion: 3, token: sent.token, outcome, now: later }
        const { next, outbox, audit, answer } = endBatch(sent.record, ending)
        assert.ok(next !== null)
        assert.deepEqual([next.state, states(next)], [state, batches])
        assert.deepEqual(batchesOf(next)[position], {
          ...batchesOf(sent.record)[position],
          state: batches[position],
          leaseUntil: null,
          answeredAt: later,
          ...answeredParts[kind]
        })
        // A batch that waits for its next try is nothing that people must hear of.
        const asked = batches.some((each) => each === 'accepted' || each === 'uncertain')
        const settled = !batches.some((each) => each === 'pending' || each === 'submitting')
        const look = { kind: 'verify', caseNumber: 1042, dueAt: later + 60_000 }
        assert.deepEqual(outbox, [
          card(later),
          ...(batches[position] === 'pending' ? [] : [link(later)]),
          ...(asked && settled ? [look] : [])
        ])
        assert.equal(audit.length, 1)
        assert.equal(audit[0]?.event, `batch.${kind}`)
        const { batch, token, planVersion, digest, status, requestId } = audit[0].detail
        assert.deepEqual([batch, token, planVersion], [position + 1, sent.token, 3])
        assert.equal(digest, record.remediations[0]?.digest)
        assert.deepEqual([status, requestId], [answeredParts[kind].status, answeredParts[kind].requestId])
        assert.equal(answer, kind === 'notSent' || kind === 'throttled' ? later + 5_000 : null)
      })
    })
  }

  it('keeps what Location said, raw, in the audit log', () => {
    const { record, token } = sending(approvedCase(1))
    const { audit } = endBatch(record, { planVersion: 3, token, outcome: outcomes.accepted, now: later })
    assert.equal(audit[0]?.detail.rawLocation, outcomes.accepted.rawLocation)
  })

  const mixes: [SubmissionOutcome['kind'][], CaseState][] = [
    [['uncertain', 'accepted'], 'uncertain'],
    [['uncertain', 'uncertain'], 'uncertain'],
    [['uncertain', 'refused'], 'uncertain'],
    [['accepted', 'refused'], 'failed']
  ]
  for (const [kinds, state] of mixes) {
    it(`${kinds.join(', then ')} ends ${state}`, () => {
      const end = kinds.reduce((record, kind) => answered(record, outcomes[kind]), approvedCase(2))
      assert.deepEqual([end.state, begin(end)], [state, ended])
    })
  }
})

describe('submit: again', () => {
  it('waits longer each time, then gives up an hour after the first try', () => {
    for (const outcome of [outcomes.notSent, outcomes.throttled]) {
      let record = approvedCase(2)
      let now = start
      const seconds: number[] = []
      for (let tries = 0; tries < 30; tries += 1) {
        const sent = sending(record, now)
        const step = endBatch(sent.record, { planVersion: 3, token: sent.token, outcome, now })
        record = step.next ?? assert.fail()
        if (step.answer === null) break
        seconds.push((step.answer - now) / 1000)
        now = step.answer
      }
      assert.deepEqual(seconds.slice(0, 5), [5, 15, 60, 300, 300])
      assert.ok(now <= start + 60 * minute && now > start + 54 * minute)
      assert.deepEqual([record.state, states(record)], ['failed', ['notSent', 'notSent']])
      assert.equal(first(record).code, outcome.kind)
    }
  })

  it('waits the whole Retry-After', () => {
    const { record, token } = sending(approvedCase(1))
    const outcome = { ...outcomes.throttled, retryAfterMs: 315_000 }
    assert.equal(endBatch(record, { planVersion: 3, token, outcome, now: start }).answer, start + 315_000)
  })

  it('does not take a Retry-After of nothing, or of the past, for leave to go on at once', () => {
    for (const retryAfterMs of [0, -1]) {
      const { record, token } = sending(approvedCase(1))
      const outcome = { ...outcomes.throttled, retryAfterMs }
      assert.equal(endBatch(record, { planVersion: 3, token, outcome, now: start }).answer, start + 5_000)
    }
  })

  it('takes a Retry-After of exactly the hour, and asks a person when it is longer', () => {
    const { record, token } = sending(approvedCase(1))
    const end = (retryAfterMs: number) =>
      endBatch(record, { planVersion: 3, token, outcome: { ...outcomes.throttled, retryAfterMs }, now: start })
    assert.deepEqual([end(60 * minute).answer, end(60 * minute).next?.state], [start + 60 * minute, 'submitting'])
    assert.deepEqual([end(60 * minute + 1).answer, end(60 * minute + 1).next?.state], [null, 'failed'])
  })

  it('sends the waiting batch again before the next one, with a new token and its first time kept', () => {
    const waiting = answered(approvedCase(2), outcomes.throttled)
    const again = sending(waiting, start + 5_000)
    const { seq, attempts, firstTriedAt, sentAt } = first(again.record)
    assert.deepEqual([seq, attempts, firstTriedAt, sentAt], [1, 2, start, start + 5_000])
    assert.deepEqual(states(again.record), ['submitting', 'pending'])
  })
})

describe('submit: orphans', () => {
  it('waits for the lease of another process, and sends nothing meanwhile', () => {
    const { record } = sending(approvedCase(2))
    const wait = { next: null, outbox: [], audit: [], answer: { kind: 'wait', until: start + 2 * minute } }
    assert.deepEqual(begin(record, start + 2 * minute - 1, false), wait)
  })

  const lost: [string, number, boolean][] = [
    ['when the lease has ended', start + 2 * minute, false],
    ['at once where no other process can be at work', start, true]
  ]
  for (const [when, now, alone] of lost) {
    it(`makes it uncertain ${when}, says so, and goes on with the others`, () => {
      const { record, token } = sending(approvedCase(2))
      const { next, outbox, audit, answer } = begin(record, now, alone)
      assert.ok(next !== null)
      assert.equal(answer.kind, 'again')
      assert.deepEqual([next.state, states(next)], ['submitting', ['uncertain', 'pending']])
      assert.equal(first(next).message, 'The bot stopped while it waited for the answer.')
      assert.deepEqual(outbox, [card(now), link(now)])
      assert.deepEqual(
        audit.map(({ event, detail }) => [event, detail]),
        [['batch.orphaned', { planVersion: 3, batch: 1, token, digest: record.remediations[0]?.digest }]]
      )
      assert.equal(sending(next, now).record.remediations[0]?.batches[1]?.state, 'submitting')
    })
  }

  it('ends the case as uncertain where it was the last', () => {
    assert.equal(orphaned(approvedCase(1)).record.state, 'uncertain')
  })
})

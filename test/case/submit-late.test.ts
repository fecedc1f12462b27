// Answers that arrive after all: to a batch that is shown as unknown, to an older remediation, to another attempt.
import assert from 'node:assert/strict'
import type { CaseRecord, CaseState } from '../../src/case/case.js'
import type { BatchState, SubmissionOutcome } from '../../src/case/remediation.js'
import { beginNext, endBatch } from '../../src/case/submit.js'
import { approvedCase, batchesOf, clockAt, outcomes, policy, start } from './approved-case.js'

const now = start + 130_000
const nothing = { next: null, outbox: [], audit: [], answer: null }

/** The first batch's answer is overdue: its process is taken for dead. */
function overdue(batches: number): { record: CaseRecord; token: string } {
  const sent = beginNext(approvedCase(batches), { clock: clockAt(start), policy, alone: true })
  assert.ok(sent.next !== null && sent.answer.kind === 'send')
  const lost = beginNext(sent.next, { clock: clockAt(now), policy, alone: false })
  assert.ok(lost.next !== null && lost.answer.kind === 'again')
  return { record: lost.next, token: sent.answer.token }
}

function end(record: CaseRecord, token: string, outcome: SubmissionOutcome, planVersion = 3) {
  return endBatch(record, { planVersion, token, outcome, now })
}

describe('submit: late answers', () => {
  const settled: Record<SubmissionOutcome['kind'], [CaseState, BatchState]> = {
    accepted: ['submitted', 'accepted'],
    refused: ['failed', 'refused'],
    uncertain: ['uncertain', 'uncertain'],
    notSent: ['failed', 'notSent'],
    throttled: ['failed', 'notSent']
  }
  for (const [kind, [state, batch]] of Object.entries(settled) as [
    SubmissionOutcome['kind'],
    [CaseState, BatchState]
  ][]) {
    it(`${kind} moves an uncertain case to ${state} and is never sent again by itself`, () => {
      const { record, token } = overdue(1)
      assert.equal(record.state, 'uncertain')
      const { next, answer, audit } = end(record, token, outcomes[kind])
      assert.ok(next !== null)
      assert.deepEqual([next.state, batchesOf(next)[0]?.state, answer], [state, batch, null])
      assert.equal(audit[0]?.event, `batch.${kind}`)
      assert.equal(beginNext(next, { clock: clockAt(now), policy, alone: true }).answer.kind, 'ended')
    })
  }

  it('counts while other batches are still to be sent', () => {
    const { record, token } = overdue(2)
    const { next } = end(record, token, outcomes.accepted)
    assert.ok(next !== null)
    assert.deepEqual([next.state, batchesOf(next).map(({ state }) => state)], ['submitting', ['accepted', 'pending']])
  })

  it('stops what was still to be sent where it is a refusal', () => {
    const { record, token } = overdue(2)
    const { next } = end(record, token, outcomes.refused)
    assert.ok(next !== null)
    assert.deepEqual([next.state, batchesOf(next).map(({ state }) => state)], ['failed', ['refused', 'notSent']])
  })

  it('is recorded after the case went on to look again, and moves nothing', () => {
    const { record, token } = overdue(1)
    for (const state of ['looking', 'nothingFound', 'unreadable', 'proposed'] as const) {
      const { next, outbox } = end({ ...record, state }, token, outcomes.accepted)
      assert.deepEqual([next?.state, next && batchesOf(next)[0]?.state], [state, 'accepted'])
      assert.deepEqual(
        outbox.map(({ kind }) => kind),
        ['card', 'link', 'verify']
      )
    }
  })

  it('of an older remediation is recorded there, tells its thread, and leaves the newer one and the case alone', () => {
    const { record, token } = overdue(1)
    const [older] = record.remediations
    const [newer] = approvedCase(2).remediations
    assert.ok(older !== undefined && newer !== undefined)
    for (const state of ['approved', 'submitting', 'submitted', 'failed', 'uncertain'] as const) {
      for (const outcome of Object.values(outcomes)) {
        const moved: CaseRecord = { ...record, state, remediations: [older, { ...newer, planVersion: 4 }] }
        const { next, outbox } = end(moved, token, outcome)
        assert.ok(next !== null)
        assert.deepEqual([next.state, next.remediations[1]], [state, moved.remediations[1]])
        assert.equal(next.remediations[0]?.batches[0]?.state, settled[outcome.kind][1])
        const links = outbox.filter(({ kind }) => kind === 'link')
        const expected = { kind: 'link', caseNumber: 1042, planVersion: 3, dueAt: now }
        assert.deepEqual(links, [expected])
      }
    }
  })

  it('counts for nothing with another token, another plan version, or a batch that is settled', () => {
    const { record, token } = overdue(1)
    assert.deepEqual(end(record, 'other', outcomes.accepted), nothing)
    assert.deepEqual(end(record, token, outcomes.accepted, 4), nothing)
    for (const state of ['accepted', 'refused', 'notSent', 'pending'] as const) {
      const remediations = record.remediations.map((each) => ({
        ...each,
        batches: each.batches.map((batch) => ({ ...batch, state }))
      }))
      assert.deepEqual(end({ ...record, remediations }, token, outcomes.accepted), nothing, state)
    }
  })

  it('of an attempt before this one counts for nothing', () => {
    const first = beginNext(approvedCase(1), { clock: clockAt(start), policy, alone: true })
    assert.ok(first.next !== null && first.answer.kind === 'send')
    const { next: waiting } = end(first.next, first.answer.token, outcomes.throttled)
    assert.ok(waiting !== null)
    const second = beginNext(waiting, { clock: clockAt(now), policy, alone: true })
    assert.ok(second.next !== null && second.answer.kind === 'send')
    assert.deepEqual(end(second.next, first.answer.token, outcomes.accepted), nothing)
  })
})

// Random answers, crashes, clocks and replicas against a fake store of one record: no batch is ever sent twice by itself.
import fc from 'fast-check'
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { Step } from '../../src/case/ports.js'
import type { SubmissionOutcome } from '../../src/case/remediation.js'
import { beginNext, endBatch } from '../../src/case/submit.js'
import { approvedCase, batchesOf, clockAt, outcomes, policy, start } from './approved-case.js'

type Move =
  | { do: 'begin'; alone: boolean }
  /** The answer to one of the requests that are out, whoever waits for it. */
  | { do: 'answer'; which: number; kind: SubmissionOutcome['kind'] }
  /** The process dies: nobody will hear the answer. */
  | { do: 'crash'; which: number }
  | { do: 'wait'; ms: number }

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('begin' as const), alone: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: fc.nat(5),
      kind: fc.constantFrom(...(Object.keys(outcomes) as SubmissionOutcome['kind'][]))
    })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3_700_000) }) }
)

// Written out, not derived from the product's table: where a submission may take a case.
const allowed = new Set([
  'approved>submitting',
  'approved>failed',
  'submitting>submitted',
  'submitting>failed',
  'submitting>uncertain',
  'uncertain>submitted',
  'uncertain>failed'
])

interface Request {
  copies: string
  token: string
}

function play(batches: number, moves: Move[]) {
  let record: CaseRecord = approvedCase(batches)
  let now = start
  let out: Request[] = []
  const sends = new Map<string, number>()
  /** Batches of which it is known, or cannot be ruled out, that Defender has them. */
  const closed = new Set<string>()

  const store = <T>(step: Step<T>): T => {
    if (step.next !== null) {
      const change = `${record.state}>${step.next.state}`
      assert.ok(record.state === step.next.state || allowed.has(change), change)
      record = step.next
    }
    return step.answer
  }
  for (const each of moves) {
    if (each.do === 'wait') now += each.ms
    if (each.do === 'begin') {
      const turn = store(beginNext(record, { clock: clockAt(now), policy, alone: each.alone }))
      if (turn.kind === 'send') {
        const copies = JSON.stringify(turn.request.copies)
        assert.ok(!closed.has(copies), 'sent after an answer that may mean accepted, or after a refusal')
        assert.ok(!out.some((request) => request.copies === copies), 'sent while the first request is still out')
        sends.set(copies, (sends.get(copies) ?? 0) + 1)
        out.push({ copies, token: turn.token })
      }
    }
    const request = each.do === 'answer' || each.do === 'crash' ? out[each.which % Math.max(1, out.length)] : undefined
    if (request === undefined) continue
    out = out.filter((other) => other !== request)
    // After a crash nobody knows what became of the request: only a person may have it sent again.
    if (each.do === 'crash' || (each.do === 'answer' && ['accepted', 'refused', 'uncertain'].includes(each.kind))) {
      closed.add(request.copies)
    }
    if (each.do === 'answer') {
      store(endBatch(record, { planVersion: 3, token: request.token, outcome: outcomes[each.kind], now }))
    }
  }
  return { record, sends }
}

describe('submit: any order of answers, crashes and replicas', () => {
  it('sends no batch again once it was or may have been answered, and moves the case only as it may', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(move, { maxLength: 60 }), (batches, moves) => {
        play(batches, moves)
      }),
      { numRuns: 1000 }
    )
  })

  it('always comes to an end that a person can see', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(move, { maxLength: 40 }), (batches, moves) => {
        // Whatever happened, later a process that lives is answered at once and settles the rest.
        const settle = Array.from({ length: 2 * batches + 2 }, (): Move[] => [
          { do: 'begin', alone: true },
          { do: 'answer', which: 0, kind: 'accepted' }
        ]).flat()
        const { record } = play(batches, [...moves, ...settle])
        assert.ok(['submitted', 'failed', 'uncertain'].includes(record.state), record.state)
        const states = batchesOf(record).map(({ state }) => state)
        assert.ok(!states.includes('pending') && !states.includes('submitting'), states.join())
        if (record.state === 'submitted') assert.ok(states.every((state) => state === 'accepted'))
        assert.equal(states.includes('uncertain'), record.state === 'uncertain')
      }),
      { numRuns: 500 }
    )
  })

  it('does send again what was surely not accepted', () => {
    const { sends } = play(1, [
      { do: 'begin', alone: true },
      { do: 'answer', which: 0, kind: 'throttled' },
      { do: 'begin', alone: true },
      { do: 'answer', which: 0, kind: 'notSent' },
      { do: 'begin', alone: true }
    ])
    assert.deepEqual([...sends.values()], [3])
  })
})

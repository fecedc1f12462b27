// Who is told that a case waits, and when: each kind once in a wait, the strongest of several, and never the one who acted.
import assert from 'node:assert/strict'
import type { CaseRecord, CaseState } from '../../src/case/case.js'
import { type TimePolicy, nudge, nudgeCase } from '../../src/case/nudge.js'
import type { NudgeKind } from '../../src/case/waiting.js'
import { TestClock } from '../test-clock.js'
import { caseIn, sampleMail, samplePolicy, verdictCase } from '../teams/sample-cases.js'

const minute = 60_000
const hour = 60 * minute
const since = Date.UTC(2026, 10, 20, 9)

/** Bob and Eve are on call, Ina leads. */
const policy: TimePolicy = {
  ...samplePolicy,
  escalateTo: { name: 'SOC leads', users: ['ina'], tags: ['tag1'] },
  onCall: { users: ['bob', 'eve'] }
}

function waiting(state: CaseState, changes: Partial<CaseRecord> = {}, nudged: NudgeKind[] = []): CaseRecord {
  return caseIn(state, { waiting: { period: 4, since, nudged }, ...changes })
}

const malware = { ...sampleMail, threatTypes: ['malware'] }
const severe = (nudged: NudgeKind[] = []) => waiting('proposed', { mail: malware }, nudged)

interface Row {
  name: string
  record: CaseRecord
  after: number
  policy?: Partial<TimePolicy>
  post: NudgeKind | null
  /** Milliseconds after the beginning of the wait. */
  next: number | null
}

const time = (changes: Partial<TimePolicy['time']>) => ({ time: { ...policy.time, ...changes } })
const nobody = { escalateTo: { name: '', users: [], tags: [] } }

const rows: Row[] = [
  { name: 'at first', record: waiting('proposed'), after: 0, post: null, next: 30 * minute },
  { name: 'a moment early', record: waiting('proposed'), after: 30 * minute - 1, post: null, next: 30 * minute },
  { name: 'reminder', record: waiting('proposed'), after: 30 * minute, post: 'reminder', next: 2 * hour },
  { name: 'reminded', record: waiting('proposed', {}, ['reminder']), after: hour, post: null, next: 2 * hour },
  {
    name: 'escalation',
    record: waiting('proposed', {}, ['reminder']),
    after: 2 * hour,
    post: 'escalation',
    next: null
  },
  { name: 'a jump over both', record: waiting('proposed'), after: 50 * hour, post: 'escalation', next: null },
  {
    name: 'everything told',
    record: waiting('proposed', {}, ['reminder', 'escalation']),
    after: 90 * hour,
    post: null,
    next: null
  },
  {
    name: 'nobody to escalate to',
    record: waiting('proposed', {}, ['reminder']),
    after: 9 * hour,
    policy: nobody,
    post: null,
    next: null
  },
  {
    name: 'nobody, and a reminder',
    record: waiting('proposed'),
    after: 9 * hour,
    policy: nobody,
    post: 'reminder',
    next: null
  },
  {
    name: 'never reminded',
    record: waiting('proposed'),
    after: hour,
    policy: time({ remindAfterMs: null }),
    post: null,
    next: 2 * hour
  },
  {
    name: 'never escalated',
    record: waiting('proposed', {}, ['reminder']),
    after: 9 * hour,
    policy: time({ escalateAfterMs: null }),
    post: null,
    next: null
  },
  { name: 'a clock set back', record: waiting('proposed'), after: -5 * hour, post: null, next: 30 * minute },
  { name: 'high severity', record: severe(), after: 0, post: 'onCall', next: 30 * minute },
  { name: 'high severity, told', record: severe(['onCall']), after: 0, post: null, next: 30 * minute },
  { name: 'high severity, late', record: severe(), after: hour, post: 'onCall', next: 2 * hour },
  { name: 'high severity, very late', record: severe(), after: 3 * hour, post: 'escalation', next: null },
  {
    name: 'high severity found late',
    record: severe(['reminder', 'escalation']),
    after: 3 * hour,
    post: 'onCall',
    next: null
  },
  {
    name: 'high severity, nobody on call',
    record: severe(),
    after: 0,
    policy: { onCall: { users: [] } },
    post: null,
    next: 30 * minute
  },
  {
    name: 'a second approval, severity high',
    record: waiting('partlyApproved'),
    after: 0,
    post: 'onCall',
    next: 30 * minute
  },
  { name: 'failed', record: waiting('failed'), after: hour, post: 'reminder', next: 2 * hour },
  { name: 'uncertain', record: waiting('uncertain'), after: hour, post: 'reminder', next: 2 * hour },
  {
    name: 'a verdict',
    record: verdictCase('file', { waiting: { period: 1, since, nudged: [] } }),
    after: hour,
    post: 'reminder',
    next: 2 * hour
  }
]

describe('nudge', () => {
  for (const { name, record, after, policy: changes, post, next } of rows) {
    it(`${name}: ${post ?? 'nothing'}`, () => {
      const decided = nudge(record, { ...policy, ...changes }, since + after)
      assert.equal(decided.post?.kind ?? null, post)
      assert.equal(decided.nextAt, next === null ? null : since + next)
    })
  }

  const quiet: CaseState[] = [
    'looking',
    'nothingFound',
    'unreadable',
    'approved',
    'submitting',
    'submitted',
    'verified',
    'rejected',
    'closed',
    'simulation',
    'expired',
    'joined'
  ]
  for (const state of quiet) {
    it(`says nothing of a case that is ${state}`, () => {
      const severeButQuiet = waiting(state, { mail: malware })
      assert.deepEqual(nudge(severeButQuiet, policy, since + 99 * hour), { post: null, covers: [], nextAt: null })
    })
  }

  it('covers what is weaker and due, so that it does not follow', () => {
    assert.deepEqual(nudge(severe(), policy, since + 3 * hour).covers, ['reminder', 'onCall', 'escalation'])
    assert.deepEqual(nudge(severe(), policy, since + hour).covers, ['reminder', 'onCall'])
    assert.deepEqual(nudge(severe(), policy, since).covers, ['onCall'])
  })

  describe('mentions', () => {
    const mentioned = (record: CaseRecord, after: number, changes: Partial<TimePolicy> = {}) => {
      const { post } = nudge(record, { ...policy, ...changes }, since + after)
      return post === null ? null : [post.kind, post.users, post.tags]
    }
    const by = (objectId: string) => ({ objectId, name: objectId })

    it('nobody in a reminder', () => {
      assert.deepEqual(mentioned(waiting('proposed'), hour), ['reminder', [], []])
    })

    it('those the policy escalates to, and those on call who were not told', () => {
      assert.deepEqual(mentioned(waiting('proposed'), 3 * hour), ['escalation', ['ina'], ['tag1']])
      assert.deepEqual(mentioned(severe(), 3 * hour), ['escalation', ['ina', 'bob', 'eve'], ['tag1']])
      assert.deepEqual(mentioned(severe(['onCall']), 3 * hour), ['escalation', ['ina'], ['tag1']])
    })

    it('on call, but never who opened the case a moment ago', () => {
      assert.deepEqual(mentioned(severe(), 0), ['onCall', ['bob', 'eve'], []])
      assert.deepEqual(mentioned({ ...severe(), openedBy: by('BOB') }, 0), ['onCall', ['eve'], []])
      assert.equal(mentioned({ ...severe(), openedBy: by('bob') }, 0, { onCall: { users: ['bob'] } }), null)
    })

    it('for a request that failed, those who approved it too, once it has waited', () => {
      const failed = waiting('failed')
      const [sent] = failed.remediations
      assert.ok(sent)
      const approvals = sent.approvals.map((approval) => ({ ...approval, person: by('ina') }))
      const record = { ...failed, remediations: [{ ...sent, severity: 'high' as const, approvals }] }
      assert.deepEqual(mentioned(record, 0, { onCall: { users: ['ina', 'eve'] } }), ['onCall', ['eve'], []])
      assert.deepEqual(mentioned(record, 3 * hour, { onCall: { users: [] } }), ['escalation', ['ina'], ['tag1']])
    })

    it('nobody whose approval is already there', () => {
      const partly = waiting('partlyApproved')
      const [approval] = partly.pending?.approvals ?? []
      assert.ok(partly.pending && approval)
      const record = { ...partly, pending: { ...partly.pending, approvals: [{ ...approval, person: by('eve') }] } }
      assert.deepEqual(mentioned(record, 0), ['onCall', ['bob'], []])
      const leads = { escalateTo: { name: 'SOC leads', users: ['eve', 'ina'], tags: [] } }
      assert.deepEqual(mentioned(record, 3 * hour, leads), ['escalation', ['ina', 'bob'], []])
      const alone = { escalateTo: { name: 'SOC leads', users: ['eve'], tags: [] } }
      assert.equal(
        mentioned({ ...record, waiting: { ...record.waiting, nudged: ['onCall', 'reminder'] } }, 3 * hour, alone),
        null
      )
    })
  })
})

describe('nudge: the outbox’s turn', () => {
  function aCase(record: CaseRecord, answer: () => number | null | Promise<number | null> = () => null) {
    const clock = new TestClock(since)
    let stored = record
    const posted: NudgeKind[] = []
    const doors = {
      store: {
        change: async (
          _number: number,
          decide: (current: CaseRecord) => { next: CaseRecord | null; answer: unknown }
        ) => {
          const step = decide(stored)
          stored = step.next ?? stored
          return step.answer
        }
      } as never,
      clock,
      policy,
      post: async (_record: CaseRecord, { kind }: { kind: NudgeKind }) => {
        posted.push(kind)
        return answer()
      }
    }
    const turn = () => nudgeCase(record.number, doors)
    return { clock, posted, turn, stored: () => stored, put: (next: CaseRecord) => (stored = next) }
  }

  it('posts each once, however often it is asked', async () => {
    const { clock, posted, turn } = aCase(waiting('proposed'))
    assert.equal(await turn(), since + 30 * minute)
    clock.advance(30 * minute)
    assert.equal(await turn(), since + 2 * hour)
    assert.equal(await turn(), since + 2 * hour)
    clock.advance(90 * minute)
    assert.equal(await turn(), null)
    assert.equal(await turn(), null)
    assert.deepEqual(posted, ['reminder', 'escalation'])
  })

  it('does not count what could not be posted yet', async () => {
    const again = [since + 31 * minute, null]
    const { clock, posted, turn, stored } = aCase(waiting('proposed'), () => again.shift() ?? null)
    clock.advance(30 * minute)
    assert.equal(await turn(), since + 31 * minute)
    assert.deepEqual(stored().waiting.nudged, [])
    await turn()
    assert.deepEqual(posted, ['reminder', 'reminder'])
    assert.deepEqual(stored().waiting.nudged, ['reminder'])
  })

  it('begins anew where the clock was set back, and still tells once', async () => {
    const { clock, posted, turn, stored } = aCase(waiting('proposed'))
    clock.advance(30 * minute)
    await turn()
    clock.advance(-24 * hour)
    assert.equal(await turn(), clock.now() + 2 * hour)
    assert.equal(stored().waiting.since, clock.now())
    clock.advance(hour)
    await turn()
    assert.deepEqual(posted, ['reminder'])
  })

  it('leaves the next wait alone that began while it posted', async () => {
    const next = waiting('partlyApproved', { waiting: { period: 5, since, nudged: [] } })
    const parts = aCase(waiting('proposed'), () => {
      parts.put(next)
      return null
    })
    parts.clock.advance(hour)
    await parts.turn()
    assert.deepEqual(parts.stored(), next)
  })
})

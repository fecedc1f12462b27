// One poll of a report source: what is stored in which order, what a repetition or a failure changes, and when the next one is due.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { CaseStore, SourceLog } from '../../src/case/ports.js'
import type { FoundReport, PollAnswer, ReportSource, ReportSourceName } from '../../src/case/report-source.js'
import type { Report } from '../../src/case/report.js'
import { poll } from '../../src/intake/poll.js'
import { caseIn } from '../teams/sample-cases.js'
import { TestClock } from '../test-clock.js'

const minute = 60_000
const guid = '73ca4154-58d8-43d0-a890-08dc18c52e6d'

function found(sourceId: string, parts: Partial<FoundReport> = {}): FoundReport {
  return {
    sourceId,
    message: { kind: 'networkMessageId', value: guid },
    kind: 'phish',
    reporter: { address: 'Ana.Silva@Contoso.example', name: 'Ana Silva' },
    claims: { subject: 'Invoice', senderAddress: 'b@x.example' },
    note: 'Odd.',
    reportedAt: 5,
    ...parts
  }
}

const readAnswer = (reports: FoundReport[], cursor = 'next', more = false): PollAnswer => ({
  kind: 'read',
  reports,
  leftOut: [],
  cursor,
  more
})

describe('poll', () => {
  let clock: TestClock
  /** What was done, in order. */
  let ledger: string[]
  let reports: Report[]
  let cases: Map<string, CaseRecord>
  let cursor: string | null
  let failure: { at: number; reason: string } | null
  /** The store is full, or the database goes away at this report. */
  let limited: boolean
  let breaksAt: string | null

  const store: Pick<CaseStore, 'open' | 'change'> = {
    async open(report, { unresolvedPerHour }) {
      assert.equal(unresolvedPerHour, Infinity, 'a source is no person who could flood')
      if (report.activityKey === breaksAt) throw new Error('the database is down')
      ledger.push(`open ${report.activityKey}`)
      if (limited) return { kind: 'limited', waiting: 10 }
      const known = reports.some(({ activityKey }) => activityKey === report.activityKey)
      const before = cases.get(report.message.value)
      const record = before ?? caseIn('looking', { number: 1001 + cases.size })
      cases.set(report.message.value, record)
      if (known) return { kind: 'repeated', record }
      reports.push(report)
      return before === undefined ? { kind: 'opened', record } : { kind: 'joined', record, narrowed: 'no' }
    },
    async change(number, decide) {
      const [key, record] = [...cases].find(([, each]) => each.number === number) ?? []
      if (key === undefined || record === undefined) return null
      const step = decide(record)
      ledger.push(`change ${String(number)} to ${step.next?.state ?? 'nothing'}`)
      if (step.next !== null) cases.set(key, step.next)
      return step.answer
    }
  }
  const sources: SourceLog = {
    read: async () => ({ cursor, lastSuccessAt: null, lastError: null }),
    async succeeded(_name, newCursor, at) {
      ledger.push(`cursor ${newCursor} at ${String(at)}`)
      cursor = newCursor
    },
    async failed(_name, reason, at) {
      ledger.push('failed')
      failure = { at, reason }
    }
  }

  beforeEach(() => {
    clock = new TestClock(1_000_000)
    ledger = []
    reports = []
    cases = new Map()
    cursor = null
    failure = null
    limited = false
    breaksAt = null
  })

  const polled = (answer: PollAnswer, name: ReportSourceName = 'alerts') => {
    const asked: (string | null)[] = []
    const source: ReportSource = {
      name,
      async poll(from) {
        asked.push(from)
        return answer
      }
    }
    return {
      asked,
      due: poll(source, {
        store: store as CaseStore,
        sources,
        clock,
        failing: (from, reason) => {
          ledger.push(`failing ${from}: ${reason}`)
        },
        leftOut: (from, entries) => {
          ledger.push(`left out of ${from}: ${entries.map(({ sourceId }) => sourceId).join(', ')}`)
        }
      })
    }
  }

  it('stores every report, then moves the cursor, and comes back after a minute', async () => {
    const { due } = polled(readAnswer([found('a'), found('b')]))
    assert.equal(await due, 1_000_000 + minute)
    assert.deepEqual(ledger, ['open a', 'open b', 'cursor next at 1000000'])
  })

  it('starts without a cursor, and goes on where it was', async () => {
    const first = polled(readAnswer([], 'one'))
    await first.due
    const second = polled(readAnswer([], 'two'))
    await second.due
    assert.deepEqual([first.asked, second.asked, cursor], [[null], ['one'], 'two'])
  })

  it('comes back at once where there is more', async () => {
    assert.equal(await polled(readAnswer([found('a')], 'next', true)).due, 1_000_000)
  })

  it('makes a report of what was found, known by its source id', async () => {
    await polled(readAnswer([found('alert/1')])).due
    assert.deepEqual(reports, [
      {
        message: { kind: 'networkMessageId', value: guid },
        recipients: [],
        reporter: { objectId: 'mailto:ana.silva@contoso.example', name: 'Ana Silva' },
        note: 'Odd.',
        claims: { subject: 'Invoice', senderAddress: 'b@x.example' },
        origin: 'alerts',
        kind: 'phish',
        activityKey: 'alert/1',
        replyTo: null,
        at: 1_000_000
      } satisfies Report
    ])
  })

  it('knows a reporter by address, in any spelling, and a nameless one by that alone', async () => {
    const reporter = { address: 'ANA.SILVA@contoso.example', name: '' }
    await polled(readAnswer([found('a'), found('b', { reporter })])).due
    assert.deepEqual(
      reports.map((report) => report.reporter),
      [
        { objectId: 'mailto:ana.silva@contoso.example', name: 'Ana Silva' },
        { objectId: 'mailto:ana.silva@contoso.example', name: 'ana.silva@contoso.example' }
      ]
    )
  })

  const unnamed: [ReportSourceName, string][] = [
    ['alerts', 'a Defender alert'],
    ['submissions', 'a user submission'],
    ['mailbox', 'the reporting mailbox']
  ]
  for (const [name, words] of unnamed) {
    it(`names the source where nobody is named: ${name}`, async () => {
      await polled(readAnswer([found('a', { reporter: null })]), name).due
      assert.deepEqual(reports[0]?.reporter, { objectId: `source:${name}`, name: words })
      assert.equal(reports[0].origin, name)
    })
  }

  it('does not move the cursor past what could not be stored; all of it comes again and is one report each', async () => {
    breaksAt = 'b'
    await assert.rejects(polled(readAnswer([found('a'), found('b')])).due, /the database is down/)
    assert.deepEqual([cursor, failure], [null, null])
    breaksAt = null
    const again = polled(readAnswer([found('a'), found('b')]))
    await again.due
    assert.deepEqual(again.asked, [null])
    assert.equal(cursor, 'next')
    assert.deepEqual(
      reports.map(({ activityKey }) => activityKey),
      ['a', 'b']
    )
  })

  it('tells what was left out, before the cursor moves past it', async () => {
    const leftOut = [{ sourceId: 'x', reason: 'no original attached' }]
    await polled({ kind: 'read', reports: [found('a')], leftOut, cursor: 'next', more: false }, 'mailbox').due
    assert.deepEqual(ledger, ['open a', 'left out of mailbox: x', 'cursor next at 1000000'])
  })

  describe('that fails', () => {
    const failed = (retryAfterMs: number | null): PollAnswer => ({
      kind: 'failed',
      reason: '403 Forbidden',
      retryAfterMs
    })

    it('says why, keeps the cursor, and comes back after five minutes', async () => {
      cursor = 'kept'
      assert.equal(await polled(failed(null)).due, 1_000_000 + 5 * minute)
      assert.deepEqual(failure, { at: 1_000_000, reason: '403 Forbidden' })
      assert.deepEqual([cursor, ledger], ['kept', ['failed']])
    })

    it('waits as long as it is asked to, and never less than five minutes', async () => {
      assert.equal(await polled(failed(60 * minute)).due, 1_000_000 + 60 * minute)
      assert.equal(await polled(failed(1)).due, 1_000_000 + 5 * minute)
    })
  })

  describe('that finds a simulation', () => {
    it('ends its case as that, before the cursor moves', async () => {
      await polled(readAnswer([found('a', { kind: 'simulation' })]), 'submissions').due
      assert.deepEqual(ledger, ['open a', 'change 1001 to simulation', 'cursor next at 1000000'])
    })

    it('ends a case that was already proposed', async () => {
      cases.set(guid, caseIn('proposed', { number: 1001 }))
      await polled(readAnswer([found('a', { kind: 'simulation' })]), 'submissions').due
      assert.equal(cases.get(guid)?.state, 'simulation')
    })

    it('leaves a case that is only known by Message-ID to its look, but ends an open one at once', async () => {
      const message = { kind: 'internetMessageId', value: '<a@b.example>' } as const
      await polled(readAnswer([found('a', { kind: 'simulation', message })]), 'submissions').due
      assert.deepEqual(ledger, ['open a', 'cursor next at 1000000'])
      await polled(readAnswer([found('b', { kind: 'simulation', message })]), 'submissions').due
      assert.deepEqual(ledger.slice(2), ['open b', 'change 1001 to simulation', 'cursor next at 1000000'])
    })

    it('leaves alone what a person has decided', async () => {
      cases.set(guid, caseIn('submitted', { number: 1001 }))
      await polled(readAnswer([found('a', { kind: 'simulation' })]), 'submissions').due
      assert.equal(cases.get(guid)?.state, 'submitted')
      assert.equal(cursor, 'next')
    })

    it('leaves one that is known by its Message-ID to the look, unless its case is there already', async () => {
      const byId = { kind: 'simulation', message: { kind: 'internetMessageId', value: '<a@b>' } } as const
      await polled(readAnswer([found('a', byId)]), 'submissions').due
      assert.equal(cases.get('<a@b>')?.state, 'looking')
      await polled(readAnswer([found('b', byId)]), 'submissions').due
      assert.equal(cases.get('<a@b>')?.state, 'simulation')
    })

    it('is not stopped by a full store', async () => {
      limited = true
      await polled(readAnswer([found('a', { kind: 'simulation' })]), 'submissions').due
      assert.deepEqual(ledger, ['open a', 'cursor next at 1000000'])
    })
  })
})

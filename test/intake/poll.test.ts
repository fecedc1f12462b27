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
  let lastSuccessAt: number | null
  let failure: { at: number; reason: string } | null
  /** With which each report was opened. */
  let limits: number[]
  /** The store is full, or the database goes away at this report. */
  let limited: boolean
  let breaksAt: string | null

  const store: Pick<CaseStore, 'open' | 'change'> = {
    async open(report, { unresolvedPerHour }) {
      limits.push(unresolvedPerHour)
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
      const step = decide(record, null, [])
      ledger.push(`change ${String(number)} to ${step.next?.state ?? 'nothing'}`)
      if (step.next !== null) cases.set(key, step.next)
      return step.answer
    }
  }
  const sources: SourceLog = {
    read: async () => ({ cursor, lastSuccessAt, lastError: failure }),
    async succeeded(_name, newCursor, at) {
      ledger.push(`cursor ${newCursor} at ${String(at)}`)
      cursor = newCursor
      lastSuccessAt = at
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
    lastSuccessAt = null
    failure = null
    limits = []
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
        mailboxes: ['Ana.Silva@Contoso.example'],
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
      assert.deepEqual([cursor, ledger], ['kept', ['failed', 'failing alerts: 403 Forbidden']])
    })

    it('waits as long as it is asked to, and never less than five minutes', async () => {
      assert.equal(await polled(failed(60 * minute)).due, 1_000_000 + 60 * minute)
      assert.equal(await polled(failed(1)).due, 1_000_000 + 5 * minute)
    })

    it('is told when it begins to fail, and not again before it was fine in between', async () => {
      const told = () => ledger.splice(0).filter((entry) => entry.startsWith('failing'))
      const after = async (answer: PollAnswer) => {
        clock.advance(5 * minute)
        await polled(answer).due
        return told()
      }
      assert.deepEqual(await after(readAnswer([])), [])
      assert.deepEqual(await after(failed(null)), ['failing alerts: 403 Forbidden'])
      assert.deepEqual([await after(failed(null)), await after(failed(null))], [[], []])
      assert.deepEqual(await after(readAnswer([])), [])
      assert.deepEqual(await after(failed(null)), ['failing alerts: 403 Forbidden'])
    })
  })

  describe('that finds a simulation', () => {
    const note = 'Defender lists this report as one of a phishing simulation.'

    for (const message of [
      { kind: 'networkMessageId', value: guid },
      { kind: 'internetMessageId', value: '<a@b.example>' }
    ] as const) {
      it(`says so in its report, and leaves all else to the look of its case: ${message.kind}`, async () => {
        const simulations = [
          found('a', { kind: 'simulation', message }),
          found('b', { kind: 'simulation', message, note: '' }),
          found('c', { message })
        ]
        await polled(readAnswer(simulations), 'submissions').due
        assert.deepEqual(
          reports.map((report) => [report.kind, report.note]),
          [
            ['simulation', `${note} Odd.`],
            ['simulation', note],
            ['phish', 'Odd.']
          ]
        )
        assert.deepEqual(ledger, ['open a', 'open b', 'open c', 'cursor next at 1000000'])
      })
    }

    for (const state of ['looking', 'proposed', 'submitted'] as const) {
      it(`changes nothing of a case that is ${state} already`, async () => {
        const before = caseIn(state, { number: 1001 })
        cases.set(guid, before)
        await polled(readAnswer([found('a', { kind: 'simulation' })]), 'submissions').due
        assert.equal(cases.get(guid), before)
        assert.deepEqual(ledger, ['open a', 'cursor next at 1000000'])
      })
    }
  })

  describe('limits', () => {
    for (const [name, limit] of [
      ['mailbox', 10],
      ['alerts', Infinity],
      ['submissions', Infinity]
    ] as const) {
      it(`the unresolved reports of a person from ${name} to ${String(limit)} an hour`, async () => {
        await polled(readAnswer([found('a')]), name).due
        assert.deepEqual(limits, [limit])
      })
    }

    it('leave a report out by name, after what the source left out, and do not stop the mailbox', async () => {
      limited = true
      const leftOut = [{ sourceId: 'x', reason: 'no original attached' }]
      await polled({ kind: 'read', reports: [found('a'), found('b')], leftOut, cursor: 'next', more: false }, 'mailbox')
        .due
      assert.deepEqual(ledger, ['open a', 'open b', 'left out of mailbox: x, a, b', 'cursor next at 1000000'])
      assert.deepEqual(leftOut.length, 1)
    })
  })
})

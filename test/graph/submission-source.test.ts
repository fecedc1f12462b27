// Reports out of Defender's submissions, over HTTP from the simulator.
import assert from 'node:assert/strict'
import type { ReportSource } from '../../src/case/report-source.js'
import type { TenantSubmission } from '../../src/playground/tenant-reports.js'
import { ids, readAll } from './polling.js'
import { NOW, simulatedGraph, type SimulatedGraph } from './simulated-graph.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SEEDED = 'submission/5b000000-0000-4000-8000-000000000001'
const TRAINING = 'submission/5b000000-0000-4000-8000-000000000002'

function submission(n: number, changes: Partial<TenantSubmission> = {}): TenantSubmission {
  return {
    id: `s-${n}`,
    createdAt: NOW - MINUTE,
    source: 'user',
    category: 'phishing',
    internetMessageId: `<m${n}@x.example>`,
    subject: 'Hello',
    sender: 'a@x.example',
    recipientEmailAddress: 'tom.berg@contoso.example',
    reporter: { email: 'tom.berg@contoso.example', displayName: 'Tom Berg' },
    simulation: false,
    ...changes
  }
}

describe('the submission source', () => {
  let world: SimulatedGraph
  let source: ReportSource
  beforeEach(async () => {
    world = await simulatedGraph()
    const [submissions] = world.door.sources({ alerts: false, submissions: true, mailbox: null })
    assert.ok(submissions)
    source = submissions
  })
  afterEach(() => world.graph.close())

  const requests = () => world.graph.ledger.requests
  const value = (...entries: unknown[]) =>
    world.graph.faults.add({ match: 'submissions', answer: { status: 200, body: { value: entries } } })
  const taken = async (cursor: string | null) => ids((await readAll(source, cursor)).reports)

  it('finds what people submitted in the last day, on beta', async () => {
    const { reports, leftOut } = await readAll(source, null)
    const reporter = { address: 'priya.nair@contoso.example', name: 'Priya Nair' }
    assert.deepEqual(reports, [
      {
        sourceId: SEEDED,
        message: { kind: 'internetMessageId', value: '<sign-3301@sign-docs.example>' },
        kind: 'phish',
        reporter,
        claims: {
          subject: 'A contract waits for your signature',
          senderAddress: 'desk@sign-docs.example',
          sentAt: NOW - 24 * MINUTE
        },
        note: '',
        reportedAt: NOW - 24 * MINUTE
      },
      {
        sourceId: TRAINING,
        message: { kind: 'internetMessageId', value: '<training-12@attack-simulation.example>' },
        kind: 'simulation',
        reporter,
        claims: {
          subject: 'Your password expires today',
          senderAddress: 'account@attack-simulation.example',
          sentAt: NOW - 23 * MINUTE
        },
        note: '',
        reportedAt: NOW - 23 * MINUTE
      }
    ])
    assert.deepEqual(leftOut, [])
    assert.equal(requests()[0]?.version, 'beta')
    assert.deepEqual(requests()[0]?.query, { $filter: 'createdDateTime ge 2026-11-21T09:00:00.000Z', $top: '100' })
  })

  it('tells the categories apart, and what was training', async () => {
    const categories = ['phishing', 'malware', 'spam', 'notJunk'] as const
    categories.forEach((category, n) => world.graph.addSubmission(submission(n, { category })))
    world.graph.addSubmission(submission(4, { category: 'spam', simulation: true }))
    const { reports } = await readAll(source, null)
    assert.deepEqual(
      reports.slice(2).map(({ kind }) => kind),
      ['phish', 'phish', 'junk', 'notJunk', 'simulation']
    )
  })

  it('takes a category that is new for phish', async () => {
    value({ id: 'n', source: 'user', category: 'qrPhish', internetMessageId: '<a@b>' })
    assert.deepEqual((await readAll(source, null)).reports[0]?.kind, 'phish')
  })

  it('takes nothing that an administrator submitted', async () => {
    world.graph.addSubmission(submission(1, { source: 'administrator' }))
    assert.deepEqual(await taken(null), [SEEDED, TRAINING])
  })

  it('reads every page, once', async () => {
    for (let n = 0; n < 250; n += 1) world.graph.addSubmission(submission(n))
    const all = await taken(null)
    assert.equal(all.length, 252)
    assert.equal(new Set(all).size, 252)
  })

  it('loses none between two polls: of the same time, or half an hour late', async () => {
    world.graph.addSubmission(submission(0, { createdAt: NOW }))
    const first = await readAll(source, null)
    world.graph.addSubmission(submission(1, { createdAt: NOW }))
    world.graph.addSubmission(submission(2, { createdAt: NOW - 30 * MINUTE }))
    world.graph.addSubmission(submission(3, { createdAt: NOW - 30 * MINUTE - 1 }))
    world.clock.set(NOW + HOUR)
    const again = await taken(first.cursor)
    assert.deepEqual(again.filter((id) => id.startsWith('submission/s-')).sort(), [
      'submission/s-0',
      'submission/s-1',
      'submission/s-2'
    ])
  })

  it('takes nothing from before the last day at its first poll', async () => {
    world.graph.addSubmission(submission(1, { createdAt: NOW - 24 * HOUR - 1 }))
    assert.deepEqual(await taken(null), [SEEDED, TRAINING])
  })

  describe('with Message-IDs of all kinds', () => {
    const messageIds: [string, string | null][] = [
      ['<a@b.example>', '<a@b.example>'],
      ['a@b.example', '<a@b.example>'],
      [' <a@b.example> ', '<a@b.example>'],
      ['', null],
      ['<>', null],
      ['<a@b>" | union <c@d>', null],
      ['<a\nb@c>', null],
      ['x'.repeat(898), `<${'x'.repeat(898)}>`]
    ]
    for (const [given, expected] of messageIds) {
      it(`reads ${JSON.stringify(given).slice(0, 40)}`, async () => {
        value({ id: 'n', source: 'user', internetMessageId: given })
        const { reports, leftOut } = await readAll(source, null)
        assert.deepEqual(
          reports.map(({ message }) => message.value),
          expected === null ? [] : [expected]
        )
        assert.deepEqual(
          leftOut,
          expected === null ? [{ sourceId: 'submission/n', reason: 'The submission has no Message-ID.' }] : []
        )
      })
    }
  })

  it('leaves out a Message-ID of more than 900 bytes, and says why', async () => {
    for (const given of ['x'.repeat(899), 'x'.repeat(2000), `<${'\u00e9'.repeat(450)}>`]) {
      value({ id: 'n', source: 'user', internetMessageId: given })
      const { reports, leftOut } = await readAll(source, null)
      const reason = 'The Message-ID of the submission is too long.'
      assert.deepEqual([reports, leftOut], [[], [{ sourceId: 'submission/n', reason }]])
    }
  })

  it('takes for training only what says something of it', async () => {
    const infos: [unknown, string][] = [
      [{ attackSimId: 'x' }, 'simulation'],
      [{ attackSimId: null, attackSimDurationTime: 'P7D' }, 'simulation'],
      [{}, 'phish'],
      [{ attackSimId: null, attackSimUserId: '' }, 'phish'],
      [{ '@odata.type': '#microsoft.graph.security.attackSimulationInfo' }, 'phish'],
      [[], 'phish'],
      [['x'], 'phish'],
      ['x', 'phish'],
      [false, 'phish'],
      [null, 'phish']
    ]
    for (const [attackSimulationInfo, kind] of infos) {
      value({ id: 'n', source: 'user', internetMessageId: '<a@b>', attackSimulationInfo })
      assert.equal((await readAll(source, null)).reports[0]?.kind, kind, JSON.stringify(attackSimulationInfo))
    }
  })

  it('reads on where values are not what they should be', async () => {
    value(
      null,
      7,
      [],
      {},
      { id: 'x', source: 'admin' },
      { id: {}, source: 'user', internetMessageId: '<a@b>' },
      {
        id: 'ok',
        source: 'user',
        category: null,
        internetMessageId: '<a@b>',
        createdBy: 'Priya',
        createdDateTime: 7,
        attackSimulationInfo: null
      }
    )
    assert.deepEqual((await readAll(source, null)).reports, [
      {
        sourceId: 'submission/ok',
        message: { kind: 'internetMessageId', value: '<a@b>' },
        kind: 'phish',
        reporter: null,
        claims: null,
        note: '',
        reportedAt: null
      }
    ])
  })
})

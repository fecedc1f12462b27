// Reports out of Defender's alerts, over HTTP from the simulator.
import assert from 'node:assert/strict'
import type { ReportSource } from '../../src/case/report-source.js'
import { MAIL, massMail, type TenantMessage } from '../../src/playground/tenant.js'
import {
  clusterEvidence,
  messageEvidence,
  reportedAlert,
  type TenantAlert
} from '../../src/playground/tenant-reports.js'
import { ids, readAll } from './polling.js'
import { NOW, simulatedGraph, type SimulatedGraph } from './simulated-graph.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const PHISH = 'Email reported by user as malware or phish'
const SEEDED = `alert/fa80438277-seed-alerted/${MAIL.alerted}`

function idOf(n: number): string {
  return `00000${String(n).padStart(3, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`
}

function message(n: number): TenantMessage {
  return massMail(1, { receivedAt: NOW - HOUR, networkMessageId: idOf(n), internetMessageId: `<m${n}@x.example>` })
}

function alertOn(n: number, changes: Partial<TenantAlert> = {}): TenantAlert {
  const known = { id: `fa-${n}`, title: PHISH, at: NOW - MINUTE, submitter: 'priya.nair@contoso.example' }
  return { ...reportedAlert(message(n), known), ...changes }
}

describe('the alert source', () => {
  let world: SimulatedGraph
  let source: ReportSource
  beforeEach(async () => {
    world = await simulatedGraph()
    const [alerts] = world.door.sources({ alerts: true, submissions: false, mailbox: null })
    assert.ok(alerts)
    source = alerts
  })
  afterEach(() => world.graph.close())

  const requests = () => world.graph.ledger.requests
  const page = (body: unknown) => world.graph.faults.add({ match: 'alerts', answer: { status: 200, body } })
  const value = (...alerts: unknown[]) => page({ value: alerts })
  const taken = async (cursor: string | null) => ids((await readAll(source, cursor)).reports)

  it('finds what a person reported in the last day, and who it was', async () => {
    const { reports, leftOut } = await readAll(source, null)
    assert.deepEqual(reports, [
      {
        sourceId: SEEDED,
        message: { kind: 'networkMessageId', value: MAIL.alerted },
        kind: 'phish',
        reporter: { address: 'priya.nair@contoso.example', name: '' },
        claims: { subject: 'You have a new voicemail (0:42)', senderAddress: 'no-reply@voice-note.example' },
        note: '',
        reportedAt: NOW - 25 * MINUTE
      }
    ])
    assert.deepEqual(leftOut, [])
    assert.deepEqual(requests()[0]?.query, {
      $filter: "lastUpdateDateTime ge 2026-11-21T09:00:00.000Z and serviceSource eq 'microsoftDefenderForOffice365'",
      $top: '100'
    })
  })

  it('asks the version that the bot is set to', async () => {
    const [alerts] = world.openDoor({ version: 'beta' }).sources({ alerts: true, submissions: false, mailbox: null })
    assert.ok(alerts)
    assert.deepEqual(ids((await readAll(alerts, null)).reports), [SEEDED])
    assert.equal(requests()[0]?.version, 'beta')
  })

  it('tells the three titles apart and takes no other', async () => {
    const titles = [PHISH, 'Email reported by user as junk', 'Email reported by user as not junk']
    const others = [
      'Administrative action submitted by an Administrator',
      'Email messages removed after delivery',
      PHISH.toUpperCase(),
      `${PHISH} `,
      ''
    ]
    ;[...titles, ...others].forEach((title, n) => world.graph.addAlert(alertOn(n, { title })))
    const { reports, leftOut } = await readAll(source, null)
    assert.deepEqual(
      reports.filter(({ sourceId }) => sourceId !== SEEDED).map(({ message: { value: id }, kind }) => [id, kind]),
      [
        [idOf(0), 'phish'],
        [idOf(1), 'junk'],
        [idOf(2), 'notJunk']
      ]
    )
    assert.deepEqual(leftOut, [])
  })

  it('sees the alert again that its own remediation touched, under the same id, and nothing else', async () => {
    const first = await readAll(source, null)
    world.clock.set(NOW + 2 * HOUR)
    const outcome = await world.door.remediation.submit({
      displayName: 'PT-1 softDelete',
      description: 'test',
      severity: 'low',
      action: 'softDelete',
      remediateSendersCopy: false,
      copies: [{ networkMessageId: MAIL.alerted, recipientEmailAddress: 'chen.li@contoso.example' }]
    })
    assert.equal(outcome.kind, 'accepted')
    assert.deepEqual(await taken(first.cursor), [SEEDED])
  })

  it('takes from a known alert what it did not name before', async () => {
    world.graph.addAlert(alertOn(1))
    const first = await readAll(source, null)
    world.clock.set(NOW + HOUR)
    const alert = alertOn(1, { lastUpdatedAt: NOW + HOUR })
    alert.evidence.push(messageEvidence(message(2), 'user0001@contoso.example'))
    world.graph.addAlert(alert)
    const again = await readAll(source, first.cursor)
    // The second one was not submitted by anybody that the alert names.
    assert.deepEqual(
      again.reports.map(({ sourceId, reporter }) => [sourceId, reporter?.address]),
      [
        [`alert/fa-1/${idOf(1)}`, 'priya.nair@contoso.example'],
        [`alert/fa-1/${idOf(2)}`, undefined],
        [SEEDED, 'priya.nair@contoso.example']
      ]
    )
  })

  it('reads every page, once', async () => {
    for (let n = 0; n < 250; n += 1) world.graph.addAlert(alertOn(n))
    const all = await taken(null)
    assert.equal(all.length, 251)
    assert.equal(new Set(all).size, 251)
    assert.equal(requests().length, 3)
  })

  it('reports an alert once that two pages show', async () => {
    const alert = (await (await fetch(`${world.graph.url}/v1.0/security/alerts_v2`)).json()) as { value: unknown[] }
    page({ ...alert, '@odata.nextLink': `${world.graph.url}/v1.0/security/alerts_v2?$skiptoken=YWZ0ZXI6MA` })
    assert.deepEqual(await taken(null), [SEEDED])
  })

  describe('between two polls', () => {
    it('loses none that bears the very time of the newest', async () => {
      const first = await readAll(source, null)
      world.graph.addAlert(alertOn(1, { createdAt: NOW - 25 * MINUTE, lastUpdatedAt: NOW - 25 * MINUTE }))
      assert.ok((await taken(first.cursor)).includes(`alert/fa-1/${idOf(1)}`))
    })

    it('loses none that became visible half an hour late', async () => {
      world.graph.addAlert(alertOn(0, { lastUpdatedAt: NOW }))
      const first = await readAll(source, null)
      world.graph.addAlert(alertOn(1, { lastUpdatedAt: NOW - 30 * MINUTE }))
      world.graph.addAlert(alertOn(2, { lastUpdatedAt: NOW - 30 * MINUTE - 1 }))
      const again = await taken(first.cursor)
      assert.ok(again.includes(`alert/fa-1/${idOf(1)}`))
      assert.ok(!again.includes(`alert/fa-2/${idOf(2)}`))
    })

    it('loses none after a week of standing still', async () => {
      const first = await readAll(source, null)
      for (let day = 1; day < 7; day += 1) world.graph.addAlert(alertOn(day, { lastUpdatedAt: NOW + day * 24 * HOUR }))
      world.clock.set(NOW + 7 * 24 * HOUR)
      const again = await taken(first.cursor)
      for (let day = 1; day < 7; day += 1) assert.ok(again.includes(`alert/fa-${day}/${idOf(day)}`))
    })

    it('does not run ahead of the clock after an alert from the future', async () => {
      value({ id: 'x', title: 'other', lastUpdateDateTime: '2999-01-01T00:00:00Z' })
      const first = await readAll(source, null)
      assert.equal(first.cursor, '2026-11-22T09:00:00.000Z')
      await readAll(source, '2999-01-01T00:00:00.000Z')
      assert.match(requests()[1]?.query.$filter ?? '', /ge 2026-11-22T08:30:00\.000Z/)
    })

    it('begins anew with a cursor that it cannot read', async () => {
      for (const cursor of ['', 'yesterday', "2026-11-22' or 1 eq 1"]) assert.deepEqual(await taken(cursor), [SEEDED])
      assert.match(requests()[2]?.query.$filter ?? '', /ge 2026-11-21T09:00:00\.000Z/)
    })
  })

  it('takes nothing from before the last day at its first poll', async () => {
    world.graph.addAlert(alertOn(1, { lastUpdatedAt: NOW - 24 * HOUR - 1 }))
    world.graph.addAlert(alertOn(2, { lastUpdatedAt: NOW - 24 * HOUR }))
    assert.deepEqual(await taken(null), [`alert/fa-2/${idOf(2)}`, SEEDED])
  })

  describe('with clusters', () => {
    const cluster = (count: number) => Array.from({ length: count }, (_, n) => idOf(n + 10))

    it('takes those that Defender finds bad, and says that nobody reported them', async () => {
      world.graph.addAlert({ ...alertOn(1), evidence: [clusterEvidence(cluster(2))] })
      const { reports } = await readAll(source, null)
      assert.deepEqual(
        reports.slice(0, 2).map(({ message: { value: id }, reporter, note }) => [id, reporter, note]),
        cluster(2).map((id) => [id, null, 'Defender counts this mail among those similar to a reported one.'])
      )
    })

    it('leaves those alone that it does not', async () => {
      for (const verdict of ['noThreatsFound', 'unknown', '']) {
        const evidence = [...alertOn(1).evidence, clusterEvidence(cluster(2), verdict)]
        world.graph.addAlert({ ...alertOn(1), evidence })
        assert.deepEqual(await taken(null), [`alert/fa-1/${idOf(1)}`, SEEDED])
      }
    })

    it('opens no thousand cases from one alert, and says so', async () => {
      world.graph.addAlert({
        ...alertOn(1),
        evidence: [...alertOn(1).evidence, clusterEvidence([idOf(1), ...cluster(50), ...cluster(50)])]
      })
      const { reports, leftOut } = await readAll(source, null)
      assert.equal(reports.filter(({ sourceId }) => sourceId.startsWith('alert/fa-1/')).length, 21)
      assert.deepEqual(leftOut, [
        { sourceId: 'alert/fa-1/similar', reason: 'The alert names 50 similar messages; 20 were taken.' }
      ])
    })
  })

  describe('with odd answers', () => {
    const evidence = { '@odata.type': '#microsoft.graph.security.analyzedMessageEvidence', networkMessageId: idOf(1) }

    it('says that an alert names no message', async () => {
      value(
        { id: 'none', title: PHISH },
        { id: 'bad', title: PHISH, evidence: [{ ...evidence, networkMessageId: "x' or true" }] },
        {
          id: 'other',
          title: PHISH,
          evidence: [{ ...evidence, '@odata.type': '#microsoft.graph.security.fileEvidence' }]
        }
      )
      const { reports, leftOut } = await readAll(source, null)
      assert.deepEqual(reports, [])
      assert.deepEqual(
        leftOut,
        ['none', 'bad', 'other'].map((id) => ({ sourceId: `alert/${id}`, reason: 'The alert names no message.' }))
      )
    })

    it('reads on where values are not what they should be', async () => {
      const odd = [null, 7, 'alert', [], {}, { title: PHISH }, { id: {}, title: [PHISH], evidence: 'x' }]
      value(...odd, { id: 'ok', title: PHISH, lastUpdateDateTime: 'never', evidence: [null, 7, evidence] })
      const { reports, cursor } = await readAll(source, null)
      assert.deepEqual(reports, [
        {
          sourceId: `alert/ok/${idOf(1)}`,
          message: { kind: 'networkMessageId', value: idOf(1) },
          kind: 'phish',
          reporter: null,
          claims: null,
          note: '',
          reportedAt: null
        }
      ])
      assert.equal(cursor, '2026-11-21T09:30:00.000Z')
    })

    it('bounds texts, and keeps no half of a letter', async () => {
      const subject = `${'s'.repeat(999)}\ud83d\ude00${'s'.repeat(100_000)}`
      value({ id: 'ok', title: PHISH, evidence: [{ ...evidence, subject }] })
      const [report] = (await readAll(source, null)).reports
      assert.equal(report?.claims?.subject, 's'.repeat(999))
    })

    it('counts ids in any letter case as the same', async () => {
      const letters = 'ABCDEF00-0000-4000-8000-000000000001'
      const both = [letters, letters.toLowerCase()].map((networkMessageId) => ({ ...evidence, networkMessageId }))
      value({ id: 'ok', title: PHISH, evidence: both })
      assert.deepEqual(await taken(null), [`alert/ok/${letters.toLowerCase()}`])
    })
  })
})

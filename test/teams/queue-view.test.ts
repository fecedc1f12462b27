// For whom each case of the queue waits, and since when, word for word.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { howLong, queueLine } from '../../src/teams/queue-view.js'
import { caseIn, verdictCase } from './sample-cases.js'

const minute = 60_000
const now = Date.parse('2026-11-22T03:23:00Z')
const since = (record: CaseRecord): CaseRecord => ({
  ...record,
  waiting: { period: 2, since: now - 42 * minute, nudged: [] }
})

function planned(changes: Partial<NonNullable<CaseRecord['plan']>>): CaseRecord {
  const record = caseIn('proposed')
  assert.ok(record.plan)
  return { ...record, plan: { ...record.plan, ...changes } }
}

function approvedBy(people: number): CaseRecord {
  const record = caseIn('partlyApproved')
  const [approval] = record.pending?.approvals ?? []
  assert.ok(record.pending && approval)
  return { ...record, pending: { ...record.pending, approvals: Array.from({ length: people }, () => approval) } }
}

describe('queue', () => {
  const lines: [record: CaseRecord, line: string][] = [
    [caseIn('proposed'), 'PT-1042: 12 mailboxes, waits 42 min for an approver'],
    [planned({ overLimit: true }), 'PT-1042: 12 mailboxes, waits 42 min for an analyst to name fewer mailboxes'],
    [planned({ copies: [] }), 'PT-1042: 1 mailbox, waits 42 min for an approver to close it'],
    [approvedBy(1), 'PT-1042: 12 mailboxes, waits 42 min for a second approver until 04:14 UTC'],
    [approvedBy(2), 'PT-1042: 12 mailboxes, waits 42 min for another approver until 04:14 UTC'],
    [caseIn('looking'), 'PT-1042: waits 42 min for Defender'],
    [caseIn('nothingFound'), 'PT-1042: waits 42 min for Defender (next look 03:24 UTC)'],
    [caseIn('unreadable'), 'PT-1042: waits 42 min for somebody to press Look again'],
    [verdictCase('teamsMessage'), 'PT-1042: waits 42 min for a verdict'],
    [caseIn('approved'), "PT-1042: 11 mailboxes, waits 42 min for Defender's answer"],
    [caseIn('submitting'), "PT-1042: 11 mailboxes, waits 42 min for Defender's answer"],
    [caseIn('failed'), 'PT-1042: 11 mailboxes, waits 42 min for somebody to press Propose again'],
    [caseIn('uncertain'), 'PT-1042: 11 mailboxes, waits 42 min for somebody to look in Action Center']
  ]
  for (const [record, line] of lines) {
    it(line, () => {
      assert.equal(queueLine(since(record), now), line)
    })
  }

  it('never says more time than has passed', () => {
    const minutes = [-5, 0, 0.9, 1, 59.9, 60, 61, 119.9, 120, 179, 24 * 60, 48 * 60 - 1, 48 * 60, 72 * 60 - 1]
    assert.deepEqual(
      minutes.map((count) => howLong(count * minute)),
      [
        '0 min',
        '0 min',
        '0 min',
        '1 min',
        '59 min',
        '1 h',
        '61 min',
        '119 min',
        '2 h',
        '2 h',
        '24 h',
        '47 h',
        '2 days',
        '2 days'
      ]
    )
  })
})

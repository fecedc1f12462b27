// What became of one copy: tables of action, places and events; and that nothing counts as moved that was not seen moved.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type CopySeen, judgeCopy } from '../../src/case/copy-outcome.js'
import type { CopyEvent, DeliveryLocation } from '../../src/case/mail.js'
import { type RemediationAction, remediationActions } from '../../src/case/plan.js'
import type { CopyOutcome } from '../../src/case/remediation.js'

const sentAt = Date.parse('2026-11-22T03:14:00Z')
const minute = 60_000

function eventOf(changes: Partial<CopyEvent>): CopyEvent {
  return {
    networkMessageId: 'm',
    recipientEmailAddress: 'a@b.example',
    at: sentAt + 2 * minute,
    by: 'administrator',
    kind: 'other',
    result: 'done',
    ...changes
  }
}

const admin = eventOf({})
const failed = eventOf({ result: 'failed' })
const already = eventOf({ result: 'already' })
const zap = eventOf({ by: 'defender', kind: 'zap' })
const zapBefore = eventOf({ by: 'defender', kind: 'zap', at: sentAt - minute })
const airBefore = eventOf({ by: 'defender', kind: 'air', at: sentAt - minute })
const adminBefore = eventOf({ at: sentAt - 5 * minute })
const user = eventOf({ by: 'user' })

interface Known {
  events?: CopyEvent[]
  previous?: CopyOutcome | null
}

function judge(
  action: RemediationAction,
  before: DeliveryLocation,
  now: CopySeen['now'],
  { events = [], previous = null }: Known = {}
) {
  const { outcome, accounted, cause } = judgeCopy({ action, before, now, sentAt, events, previous })
  return [outcome, accounted, cause]
}

type Case = [
  what: string,
  action: RemediationAction,
  before: DeliveryLocation,
  now: CopySeen['now'],
  events: CopyEvent[],
  expected: ReturnType<typeof judge>
]

describe('what became of a copy', () => {
  const table: Case[] = [
    ['is still there', 'softDelete', 'inbox_folder', 'inbox_folder', [], ['waiting', false, null]],
    ['its move has failed', 'softDelete', 'inbox_folder', 'inbox_folder', [failed], ['waiting', false, 'moveFailed']],
    ['deleted', 'softDelete', 'inbox_folder', 'others', [admin], ['moved', true, 'administrator']],
    ['deleted, and nothing says by whom', 'softDelete', 'inbox_folder', 'others', [], ['moved', true, null]],
    ['deleted for good', 'hardDelete', 'junkFolder', 'others', [admin], ['moved', true, 'administrator']],
    [
      'an administrator was first',
      'softDelete',
      'inbox_folder',
      'others',
      [adminBefore],
      ['already', true, 'administratorBefore']
    ],
    ['AIR was first', 'softDelete', 'inbox_folder', 'others', [airBefore], ['already', true, 'airBefore']],
    [
      'AIR was first and the request found nothing to do',
      'softDelete',
      'inbox_folder',
      'others',
      [airBefore, already],
      ['already', true, 'airBefore']
    ],
    ['its user has put it into a folder', 'softDelete', 'inbox_folder', 'others', [user], ['elsewhere', false, 'user']],
    [
      'deleted after its user had moved it',
      'softDelete',
      'inbox_folder',
      'others',
      [{ ...user, at: sentAt + minute }, admin],
      ['moved', true, 'administrator']
    ],
    [
      'in another folder before and after proves nothing',
      'softDelete',
      'others',
      'others',
      [],
      ['waiting', false, null]
    ],
    [
      'in another folder, with the act on record',
      'softDelete',
      'others',
      'others',
      [admin],
      ['moved', true, 'administrator']
    ],
    ['in another folder, deleted before', 'softDelete', 'others', 'others', [already], ['already', true, null]],
    [
      'in another folder, with an act from before only',
      'softDelete',
      'others',
      'others',
      [adminBefore],
      ['waiting', false, null]
    ],
    [
      'in another folder, where the act failed',
      'softDelete',
      'others',
      'others',
      [failed],
      ['waiting', false, 'moveFailed']
    ],
    [
      'in another place of the mailbox',
      'softDelete',
      'inbox_folder',
      'junkFolder',
      [zapBefore],
      ['elsewhere', false, 'zapBefore']
    ],
    [
      'quarantined before the request',
      'softDelete',
      'inbox_folder',
      'quarantine',
      [zapBefore],
      ['already', true, 'zapBefore']
    ],
    ['quarantined after the request', 'softDelete', 'inbox_folder', 'quarantine', [zap], ['elsewhere', true, 'zap']],
    ['quarantined when it was approved', 'softDelete', 'quarantine', 'quarantine', [failed], ['already', true, null]],
    ['quarantined, but can be purged', 'hardDelete', 'quarantine', 'quarantine', [], ['waiting', false, null]],
    [
      'quarantined on the way, but can be purged',
      'hardDelete',
      'inbox_folder',
      'quarantine',
      [zap],
      ['elsewhere', false, 'zap']
    ],
    ['its place is not known', 'softDelete', 'inbox_folder', 'unknown', [], ['waiting', false, null]],
    [
      'its place is not known, and the purge is on record',
      'hardDelete',
      'inbox_folder',
      'unknown',
      [admin],
      ['moved', true, 'administrator']
    ],
    [
      'its place is not known, and only ZAP is on record',
      'hardDelete',
      'inbox_folder',
      'unknown',
      [zap],
      ['waiting', false, 'zap']
    ],
    ['in junk', 'moveToJunk', 'inbox_folder', 'junkFolder', [admin], ['moved', true, 'administrator']],
    ['in junk before', 'moveToJunk', 'junkFolder', 'junkFolder', [], ['already', true, null]],
    ['ZAP was first', 'moveToJunk', 'inbox_folder', 'junkFolder', [zapBefore], ['already', true, 'zapBefore']],
    ['in deleted items', 'moveToDeletedItems', 'inbox_folder', 'deletedFolder', [], ['moved', true, null]],
    [
      'its place, not known, is no proof of a move to junk',
      'moveToJunk',
      'inbox_folder',
      'unknown',
      [admin],
      ['waiting', false, 'administrator']
    ],
    ['back in the inbox', 'moveToInbox', 'others', 'inbox_folder', [admin], ['moved', true, 'administrator']],
    [
      'released',
      'moveToInbox',
      'quarantine',
      'inbox_folder',
      [eventOf({ kind: 'release' })],
      ['moved', true, 'administrator']
    ],
    ['still in quarantine', 'moveToInbox', 'quarantine', 'quarantine', [], ['waiting', false, null]],
    ['its user has opened it from junk', 'moveToInbox', 'junkFolder', 'inbox_folder', [user], ['moved', true, 'user']]
  ]
  for (const [what, action, before, now, events, expected] of table) {
    it(`${action}: ${what}`, () => {
      assert.deepEqual(judge(action, before, now, { events }), expected)
      // The order in which Defender tells them says nothing.
      assert.deepEqual(judge(action, before, now, { events: [...events].reverse() }), expected)
    })
  }

  it('takes a deleted copy that is listed no more for gone only when a second look agrees', () => {
    for (const action of ['softDelete', 'hardDelete'] as const) {
      assert.deepEqual(judge(action, 'inbox_folder', null), ['gone', false, null])
      assert.deepEqual(judge(action, 'inbox_folder', null, { previous: 'waiting' }), ['gone', false, null])
      assert.deepEqual(judge(action, 'inbox_folder', null, { previous: 'gone' }), ['gone', true, null])
    }
  })

  it('waits on where a copy that was to be filed is listed no more', () => {
    assert.deepEqual(judge('moveToJunk', 'inbox_folder', null, { previous: 'gone' }), ['gone', false, null])
  })

  it("bears an administrator's clock that is a minute behind", () => {
    assert.deepEqual(
      judge('softDelete', 'inbox_folder', 'others', { events: [eventOf({ at: sentAt - minute })] })[0],
      'moved'
    )
    assert.deepEqual(
      judge('softDelete', 'inbox_folder', 'others', { events: [eventOf({ at: sentAt - minute - 1 })] })[0],
      'already'
    )
  })

  const locations: DeliveryLocation[] = [
    'inbox_folder',
    'junkFolder',
    'deletedFolder',
    'quarantine',
    'others',
    'onprem_external',
    'failed',
    'dropped',
    'unknown'
  ]
  const someEvent = fc.record({
    at: fc.integer({ min: sentAt - 10 * minute, max: sentAt + 10 * minute }),
    by: fc.constantFrom('administrator' as const, 'defender' as const, 'user' as const),
    kind: fc.constantFrom('zap' as const, 'air' as const, 'release' as const, 'other' as const),
    result: fc.constantFrom('done' as const, 'already' as const, 'failed' as const, 'unknown' as const)
  })
  const seen = fc.record({
    action: fc.constantFrom(...remediationActions),
    before: fc.constantFrom(...locations),
    now: fc.constantFrom(...locations, null),
    events: fc.array(someEvent.map(eventOf), { maxLength: 4 }),
    previous: fc.constantFrom<(CopyOutcome | null)[]>(null, 'moved', 'already', 'waiting', 'elsewhere', 'gone')
  })

  it('is never moved where the copy was not seen in a place that the action puts it, or the act is not on record', () => {
    const places = {
      moveToJunk: 'junkFolder',
      moveToInbox: 'inbox_folder',
      moveToDeletedItems: 'deletedFolder',
      softDelete: 'others',
      hardDelete: 'others'
    } as const
    fc.assert(
      fc.property(seen, (parts) => {
        const { outcome } = judgeCopy({ ...parts, sentAt })
        if (outcome !== 'moved') return
        const acted = parts.events.some(({ by, result }) => by === 'administrator' && result === 'done')
        const movedThere = parts.now === places[parts.action] && parts.before !== parts.now
        assert.ok(movedThere || acted, JSON.stringify(parts))
        assert.ok(parts.now === places[parts.action] || parts.now === 'unknown')
      }),
      { numRuns: 2000 }
    )
  })

  it('is accounted for only where the copy is out of the way, or where it was to be', () => {
    fc.assert(
      fc.property(seen, (parts) => {
        const { outcome, accounted } = judgeCopy({ ...parts, sentAt })
        if (!accounted) return
        assert.notEqual(outcome, 'waiting')
        if (outcome === 'elsewhere') assert.equal(parts.now, 'quarantine')
        if (outcome === 'gone') assert.equal(parts.previous, 'gone')
      }),
      { numRuns: 2000 }
    )
  })
})

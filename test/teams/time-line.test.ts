// A case's dated steps: word for word, cut in the middle, without anybody's notes, and deaf to hostile names.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { AuditEntry } from '../../src/case/change.js'
import type { AuditTrail } from '../../src/case/ports.js'
import { maxCardBytes } from '../../src/teams/card-template.js'
import { readStory, renderTimeLine, timeLineSummary } from '../../src/teams/time-line.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { textOf, trustedStringsOf } from './card-walk.js'
import { batchOf, caseIn, remediationOf } from './sample-cases.js'

const now = Date.parse('2026-11-22T09:30:00Z')
const at = Date.parse('2026-11-22T03:14:00Z')
const dana = { objectId: 'da4a0000-0000-4000-8000-000000000001', name: 'Dana Weber' }
const reason = 'nobody but approvers shall read this'

const entryOf = (
  event: string,
  detail: Record<string, unknown> = {},
  actor: AuditEntry['actor'] = null
): AuditEntry => ({ at, caseNumber: 1042, event, actor, detail: { ...detail, reason, note: reason } })

/** A log that answers as the store does, and counts how often it was asked. */
function logOf(entries: AuditEntry[]) {
  const asked: { skip: number; limit: number }[] = []
  const audit: AuditTrail = {
    async entriesOf(_number, { skip, limit, events }) {
      asked.push({ skip, limit })
      const chosen = entries.filter(({ event }) => events?.includes(event) ?? true)
      return { entries: chosen.slice(skip, skip + limit), total: chosen.length }
    }
  }
  return { audit, asked }
}

async function draw(entries: AuditEntry[], record: CaseRecord = caseIn('submitted')): Promise<object> {
  return renderTimeLine(await readStory(logOf(entries).audit, record), now)
}

const stepsOf = async (entries: AuditEntry[], record?: CaseRecord) =>
  textOf(await draw(entries, record))
    .split('\n')
    .slice(3)

describe('time line', () => {
  it('tells what happened, and who decided, but not what anybody wrote', async () => {
    const asked = { ...remediationOf([batchOf()]), planVersion: 3 }
    const record = { ...caseIn('submitted'), remediations: [asked] }
    const steps: [AuditEntry, string][] = [
      [entryOf('case.found', { planVersion: 3, copies: 11 }), 'Found in Defender: v3, 11 mailboxes'],
      [entryOf('case.nothingFound'), 'Not found in Defender yet'],
      [entryOf('case.cannotLook', { code: reason }), 'Could not be looked up'],
      [
        entryOf('decision.approvedInPart', { action: 'softDelete', severity: 'high' }, dana),
        'Approved, more approvals needed: soft delete, severity high, by Dana Weber'
      ],
      [
        entryOf('decision.approved', { action: 'moveToJunk', severity: 'low' }, dana),
        'Approved: move to junk, severity low, by Dana Weber'
      ],
      [entryOf('decision.withdrawn', {}, dana), 'Approval withdrawn, by Dana Weber'],
      [entryOf('approval.void'), 'Approvals void: the mail or its mailboxes changed'],
      [entryOf('batch.accepted', { batch: 2, requestId: reason }), 'Accepted by Defender (batch 2)'],
      [entryOf('batch.uncertain', { batch: 1 }), 'Outcome unknown (batch 1)'],
      [entryOf('verify.looked', { planVersion: 3, moved: 37, total: 40 }), 'Looked: removed from 37 of 40'],
      [entryOf('verify.looked', { planVersion: 9, moved: 2, total: 3 }), 'Looked: moved in 2 of 3'],
      [entryOf('verify.looked', { planVersion: 3 }), 'Looked at the mailboxes'],
      [entryOf('case.verified'), 'The outcome is settled'],
      [entryOf('case.followUp', { copies: 1 }), '1 more copy turned up'],
      [entryOf('case.undoProposed', { planVersion: 4, copies: 1 }, dana), 'Undo proposed: v4, 1 mailbox, by Dana Weber']
    ]
    const card = await draw(
      steps.map(([entry]) => entry),
      record
    )
    assert.deepEqual(textOf(card).split('\n').slice(0, 2), [
      'PT-1042: time line',
      'The oldest step first. Times are UTC.'
    ])
    assert.deepEqual(
      await stepsOf(
        steps.map(([entry]) => entry),
        record
      ),
      steps.map(([, words]) => `03:14 UTC  ${words}`)
    )
    assert.doesNotMatch(JSON.stringify(card), new RegExp(reason))
    assert.deepEqual([cardProblem(card), rendererProblems(card)], [null, []])
    assert.equal(timeLineSummary(record), 'PT-1042: time line')
  })

  it('tells other endings', async () => {
    const steps: [AuditEntry, string][] = [
      [entryOf('decision.closed', { verdict: 'malware' }, dana), 'Closed: malware, by Dana Weber'],
      [entryOf('decision.markedDone', {}, dana), 'Marked as done, by Dana Weber'],
      [entryOf('decision.keptRemoved', {}, dana), 'Undo turned down, by Dana Weber'],
      [entryOf('case.followUpElsewhere', { copies: 2, in: 1050 }), '2 more copies turned up; decided in PT-1050'],
      [entryOf('case.joined', { into: 1040 }), 'Joined PT-1040'],
      [entryOf('case.joinedBy', { case: 1043 }), 'PT-1043 joined'],
      [entryOf('case.expired'), 'Expired: nobody decided'],
      [entryOf('case.simulation'), 'Closed: phishing simulation']
    ]
    assert.deepEqual(
      await stepsOf(steps.map(([entry]) => entry)),
      steps.map(([, words]) => `03:14 UTC  ${words}`)
    )
    const rejection = [entryOf('decision.rejected', { planVersion: 4 }, dana)]
    const remediations = (state: 'accepted' | 'refused') => [{ ...remediationOf([batchOf({ state })]), planVersion: 3 }]
    for (const [state, words] of [
      ['refused', 'Closed: not phish'],
      ['accepted', 'Closed: the rest stays']
    ] as const) {
      const record = { ...caseIn('rejected'), remediations: remediations(state) }
      assert.deepEqual(await stepsOf(rejection, record), [`03:14 UTC  ${words}, by Dana Weber`])
    }
  })

  it('begins with who reported first, and names no other reporter', async () => {
    const record = caseIn('submitted')
    const reporters = { ...record.reporters, count: 3, first: { objectId: 'p', name: 'Priya Nair' } }
    const [line] = textOf(await draw([], { ...record, openedAt: at, reporters }))
      .split('\n')
      .slice(2)
    assert.equal(line, '03:14 UTC  First reported by Priya Nair and 2 others')
  })

  it('leaves out what is no step: joins, refusals, and what it does not know', async () => {
    const noise = [
      'report.joined',
      'decision.notAllowed',
      'decision.sameTwice',
      'batch.submitting',
      'some.newEvent',
      'constructor'
    ]
    assert.deepEqual(await stepsOf(noise.map((event) => entryOf(event, {}, dana))), [])
  })

  it('cuts a long story in the middle, says how much is missing, and reads no more than it shows', async () => {
    const story = (length: number) =>
      Array.from({ length }, (_, index) => entryOf('batch.accepted', { batch: index + 1 }))
    for (const [length, lines, between] of [
      [15, 15, null],
      [16, 16, null],
      [30, 30, null],
      [31, 31, '… 1 step between'],
      [5_000, 31, '… 4,970 steps between']
    ] as const) {
      const steps = await stepsOf(story(length))
      assert.equal(steps.length, lines)
      assert.equal(steps.find((line) => line.startsWith('…')) ?? null, between)
      assert.match(steps.at(-1) ?? '', new RegExp(`\\(batch ${length.toLocaleString('en-US')}\\)$`))
      const { audit, asked } = logOf(story(length))
      await readStory(audit, caseIn('submitted'))
      assert.ok(asked.length <= 2 && asked.every(({ limit }) => limit === 15))
    }
  })

  it('keeps hostile names text in their own font, and the longest story small', async () => {
    const people = (name: string) =>
      Array.from({ length: 40 }, () =>
        entryOf('decision.approvedInPart', { action: 'moveToDeletedItems', severity: name }, { ...dana, name })
      )
    const expected = trustedStringsOf(await draw(people('x')))
    for (const text of [
      '**bold** [x](https://evil.example) <at>SOC</at>',
      '${title} ${$root} {{DATE(2026-11-22T02:31:00Z,SHORT)}}',
      'a\u202efdp.exe\u200b\u0000\n\r\ud800',
      ...['\u4e2d', '\u0000', '"', '\\', '\u{1f600}'].map((part) => part.repeat(1_000))
    ]) {
      const card = await draw(people(text))
      assert.equal(cardProblem(card), null)
      assert.deepEqual(
        trustedStringsOf(card).filter((each) => !expected.includes(each)),
        []
      )
      assert.doesNotMatch(JSON.stringify(card), /\$\{|\{\{|<\/?at>|https?:\/\/evil|[\u202e\u200b]/)
      assert.ok(
        Buffer.byteLength(JSON.stringify(card)) <= maxCardBytes,
        String(Buffer.byteLength(JSON.stringify(card)))
      )
    }
  })
})

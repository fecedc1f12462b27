// Which search a report without ids leads to, and what becomes of its answers and of the choice. Pure.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { candidateQuery, candidatesFound, choose } from '../../src/case/choose.js'
import type { CaseRecord } from '../../src/case/case.js'
import type { FindResult } from '../../src/case/mail.js'
import type { Claims } from '../../src/case/report.js'
import { findQuery } from '../../src/graph/message-queries.js'
import { caseIn } from '../teams/sample-cases.js'

const now = Date.UTC(2026, 10, 22, 4)
const day = 24 * 3_600_000
const minute = 60_000
const id = '00000001-0000-4000-8000-000000000000'
const noMail = { attempts: 1, lastAt: now, nextAt: null, problem: { kind: 'noMail' as const } }

function reported(claims: Claims | null, parts: Partial<CaseRecord> = {}): CaseRecord {
  const record = caseIn('unreadable', { message: { kind: 'file', value: 'f' }, look: noMail, ...parts })
  return { ...record, reporters: { ...record.reporters, claims } }
}

const claims = { subject: 'Invoice', senderAddress: 'a@b.example' }
const message = { networkMessageId: id, subject: 's', senderAddress: 'a@b', copies: 1, receivedAt: 1 }
const found: FindResult = { kind: 'messages', messages: [message], more: false }

describe('choose: the search', () => {
  const queries: [string, Claims | null, unknown][] = [
    ['undated', claims, { from: 'a@b.example', subject: 'Invoice', sinceMs: 7 * day }],
    [
      'dated',
      { ...claims, sentAt: now - 5 * day },
      { from: 'a@b.example', subject: 'Invoice', sinceMs: 7 * day, untilMs: 3 * day }
    ],
    ['of today', { ...claims, sentAt: now }, { from: 'a@b.example', subject: 'Invoice', sinceMs: 2 * day }],
    [
      'of next month',
      { ...claims, sentAt: now + 30 * day },
      { from: 'a@b.example', subject: 'Invoice', sinceMs: 7 * day }
    ],
    [
      'at the edge of the window',
      { ...claims, sentAt: now - 31 * day },
      { from: 'a@b.example', subject: 'Invoice', sinceMs: 30 * day, untilMs: 29 * day }
    ],
    ['out of the window', { ...claims, sentAt: now - 32 * day }, 'tooOld'],
    [
      'forwarded',
      { ...claims, subject: 'FW: Re: Invoice' },
      { from: 'a@b.example', subject: 'Invoice', sinceMs: 7 * day }
    ],
    ['without a sender', { ...claims, senderAddress: 'nobody' }, { from: '', subject: 'Invoice', sinceMs: 7 * day }],
    [
      'folded',
      { ...claims, subject: 'In\r\n voice of May' },
      { from: 'a@b.example', subject: 'voice of May', sinceMs: 7 * day }
    ],
    ['empty', { subject: ' ', senderAddress: '' }, null],
    ['silent', null, null]
  ]
  for (const [what, said, expected] of queries) {
    it(`for a report that is ${what}`, () => {
      assert.deepEqual(candidateQuery(reported(said), now), expected)
    })
  }

  it('is made for nothing that names its mail, nor for a message in Teams', () => {
    for (const kind of ['networkMessageId', 'internetMessageId', 'teamsMessage'] as const) {
      assert.equal(candidateQuery(reported(claims, { message: { kind, value: 'x' } }), now), null)
    }
  })

  it('can always be asked, whatever the report claims', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 1200 }),
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.integer({ min: -1e15, max: 1e15 }),
        (subject, senderAddress, sentAt) => {
          const query = candidateQuery(reported({ subject, senderAddress, sentAt }), now)
          if (query !== null && query !== 'tooOld') assert.ok(findQuery(query, now) !== null)
        }
      )
    )
  })
})

describe('choose: what a search found', () => {
  it('is offered, at most five, and then it is searched no more', () => {
    const many = Array.from({ length: 7 }, (_, n) => ({ ...message, copies: n }))
    const { next, answer } = candidatesFound(reported(claims), { kind: 'messages', messages: many, more: false }, now)
    assert.deepEqual([next?.candidates?.messages.length, next?.candidates?.more, answer], [5, true, null])
  })

  it('is searched again twice where there was nothing, and longer where Defender did not answer', () => {
    let record = reported(claims)
    for (const wait of [5 * minute, 15 * minute, null]) {
      const { next, answer } = candidatesFound(record, { kind: 'nothing' }, now)
      assert.equal(answer, wait === null ? null : now + wait)
      assert.ok(next)
      record = next
    }
    const silent = candidatesFound(reported(claims), { kind: 'unavailable', reason: 'x', retryAfterMs: 90_000 }, now)
    assert.equal(silent.answer, now + 90_000)
  })

  it('changes nothing once a mail is chosen, the case closed, or its mail known', () => {
    const { next } = candidatesFound(reported(claims), found, now)
    assert.ok(next)
    const chosen = choose(next, { planVersion: next.planVersion, networkMessageId: id }, context).next
    assert.ok(chosen)
    for (const record of [chosen, caseIn('closed'), caseIn('proposed')]) {
      assert.equal(candidatesFound(record, found, now).next, null)
    }
  })

  it('keeps what was offered when a later search fails', () => {
    const { next } = candidatesFound(reported(claims), found, now)
    assert.ok(next)
    const later = candidatesFound(next, { kind: 'noLicence', code: 'x' }, now)
    assert.deepEqual(
      [later.next?.candidates?.messages, later.next?.candidates?.problem],
      [[message], { kind: 'noLicence', code: 'x' }]
    )
  })
})

const context = { person: { objectId: 'tom', name: 'Tom' }, now, activityId: 'a' }

describe('choose: the choice', () => {
  const offered = candidatesFound(reported(claims), found, now).next ?? assert.fail('nothing was offered')
  const wish = { planVersion: offered.planVersion, networkMessageId: id.toUpperCase() }

  it('is recorded with who made it, and looked up', () => {
    const { next, outbox, audit, answer } = choose(offered, wish, context)
    assert.deepEqual([next?.candidates?.chosen, next?.message, answer.kind], [id, offered.message, 'chosen'])
    assert.deepEqual(
      outbox.map(({ kind }) => kind),
      ['look', 'card']
    )
    assert.deepEqual([audit[0]?.event, audit[0]?.actor?.objectId], ['case.chosen', 'tom'])
  })

  it('counts once, for what was offered, and for what is shown', () => {
    const chosen = choose(offered, wish, context).next ?? assert.fail('it was not chosen')
    const answers = [
      choose(chosen, wish, context),
      choose(offered, { ...wish, networkMessageId: '00000002-0000-4000-8000-000000000000' }, context),
      choose(offered, { ...wish, planVersion: 9 }, context),
      choose({ ...offered, state: 'closed' }, wish, context),
      choose(reported(claims), wish, context)
    ]
    assert.deepEqual(
      answers.map(({ answer, next }) => [answer.kind, next]),
      ['alreadyChosen', 'notOffered', 'stale', 'stale', 'stale'].map((kind) => [kind, null])
    )
  })
})

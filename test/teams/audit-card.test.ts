// The story of a case from the audit log: word for word, page by page, within its size, and deaf to what hostile text says.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { AuditEntry } from '../../src/case/change.js'
import { auditPageSize, auditSummary, noSuchPage, renderAuditCard } from '../../src/teams/audit-card.js'
import { maxCardBytes } from '../../src/teams/card-template.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { textOf, trustedStringsOf } from './card-walk.js'

const now = Date.parse('2026-11-22T09:30:00Z')
const at = Date.parse('2026-11-22T03:14:00Z')
const dana = { objectId: 'da4a0000-0000-4000-8000-000000000001', name: 'Dana Weber' }
const ruling = { allowed: true, reasons: ['You are an approver: named in the policy.'] }
const digest = `0123456789abcdef${'0'.repeat(48)}`

function entryOf(event: string, detail: Record<string, unknown> = {}, actor: AuditEntry['actor'] = null): AuditEntry {
  return { at, caseNumber: 1042, event, actor, detail }
}

function draw(entries: AuditEntry[], page = 1, total = entries.length): object {
  return renderAuditCard({ caseNumber: 1042, page, entries, total }, now)
}

const wordsOf = (entry: AuditEntry) =>
  textOf(draw([entry]))
    .split('\n')
    .slice(2)

const stories: [AuditEntry, string[]][] = [
  [
    entryOf('case.opened', { origin: 'report', note: 'Odd,\n**really**', message: {} }, dana),
    ['03:14 UTC  Opened by Dana Weber da4a0000', 'way in report · note Odd, **really**']
  ],
  [
    entryOf('report.joined', { origin: 'mailbox' }, { objectId: 'mailto:a@b.example', name: 'Ann' }),
    ['03:14 UTC  Reported again by Ann', 'way in mailbox']
  ],
  [
    entryOf('case.found', { planVersion: 3, copiesDigest: digest, copies: 11, leftOut: 1 }),
    ['03:14 UTC  Found in Defender', 'plan v3 · copies digest 0123456789ab · 11 mailboxes']
  ],
  [
    entryOf('case.cannotLook', { kind: 'forbidden', permission: 'A.Read.All', code: 'Denied' }),
    ['03:14 UTC  Could not be looked up', 'permission A.Read.All · code Denied']
  ],
  [entryOf('case.simulation'), ['03:14 UTC  Closed as a phishing simulation']],
  [entryOf('case.joined', { into: 1040 }), ['03:14 UTC  Joined another case', 'PT-1040']],
  [entryOf('case.joinedBy', { case: 1043 }), ['03:14 UTC  Another case joined', 'PT-1043']],
  [
    entryOf(
      'decision.approved',
      {
        case: 'PT-1042',
        activityId: 'a',
        planVersion: 3,
        copiesDigest: digest,
        digest,
        action: 'softDelete',
        severity: 'high',
        remediateSendersCopy: false,
        copies: 1,
        approvers: [
          { objectId: 'a', name: 'Ann' },
          { objectId: 'b', name: 'Ben' }
        ],
        reason: 'Password page',
        ruling
      },
      dana
    ),
    [
      '03:14 UTC  Approved by Dana Weber da4a0000',
      'plan v3 · digest 0123456789ab · 1 mailbox · action softDelete · severity high · approvers Ann, Ben' +
        ' · reason Password page · ruling You are an approver: named in the policy.'
    ]
  ],
  [
    entryOf('decision.notAllowed', { planVersion: 0, ruling: { allowed: false, reasons: ['No.', 'Never.'] } }, dana),
    ['03:14 UTC  Decision refused by Dana Weber da4a0000', 'ruling No. Never.']
  ],
  [
    entryOf('batch.accepted', {
      planVersion: 3,
      batch: 2,
      digest,
      status: 202,
      requestId: 'r-202',
      rawLocation: 'https://security.microsoft.com/x?y={"a":1}'
    }),
    [
      '03:14 UTC  Accepted by Defender',
      'plan v3 · digest 0123456789ab · batch 2 · HTTP 202 · request r-202 · location on security.microsoft.com'
    ]
  ],
  [entryOf('batch.accepted', { rawLocation: 'no address' }), ['03:14 UTC  Accepted by Defender', 'location kept']],
  [
    entryOf('batch.uncertain', { status: null, requestId: null, reason: 'The connection was reset.' }),
    ['03:14 UTC  Outcome unknown', 'reason The connection was reset.']
  ],
  [
    entryOf('verify.looked', { planVersion: 3, total: 40, moved: 37, already: 2, leftOut: 1 }),
    ['03:14 UTC  Mailboxes looked at', 'plan v3 · where they were to be: 37 of 40']
  ],
  [
    entryOf('case.followUpElsewhere', { planVersion: 4, copies: 3, in: 1050 }),
    ['03:14 UTC  Copies that turned up left to another case', 'plan v4 · 3 mailboxes · PT-1050']
  ],
  [entryOf('some.newEvent', { planVersion: 2 }), ['03:14 UTC  some.newEvent', 'plan v2']],
  [entryOf('constructor'), ['03:14 UTC  constructor']]
]

describe('audit card: words', () => {
  it('names a single approver only once', () => {
    const [, facts] = wordsOf(entryOf('decision.approved', { planVersion: 3, approvers: [dana] }, dana))
    assert.equal(facts, 'plan v3')
  })

  for (const [entry, words] of stories) {
    it(`${entry.event}: ${words[1] ?? ''}`, () => {
      assert.deepEqual(wordsOf(entry), words)
    })
  }

  it('says which rows it shows, and how to see the next', () => {
    const page = Array.from({ length: auditPageSize }, () => entryOf('case.found'))
    const lines = textOf(draw(page, 1, auditPageSize + 1)).split('\n')
    assert.deepEqual(lines.slice(0, 2), ['PT-1042: audit log', 'Rows 1 to 20 of 21, the oldest first. Times are UTC.'])
    assert.equal(lines.at(-1), 'audit PT-1042 2 shows the next rows.')
    const second = textOf(draw([entryOf('case.expired')], 2, auditPageSize + 1)).split('\n')
    assert.deepEqual(second.slice(1), ['Rows 21 to 21 of 21, the oldest first. Times are UTC.', '03:14 UTC  Expired'])
    assert.equal(auditSummary(1042), 'PT-1042: audit log')
  })

  it('says where there is no such page', () => {
    const none = (page: number, total: number) => noSuchPage({ caseNumber: 1042, page, total })
    assert.equal(none(1, 1), null)
    assert.equal(none(2, 21), null)
    assert.equal(none(2, 20), 'The audit log of PT-1042 has 1 page.')
    assert.equal(none(9, 21), 'The audit log of PT-1042 has 2 pages.')
    assert.equal(none(1, 0), 'No audit rows of PT-1042 are kept any more.')
  })
})

describe('audit card: hostile words', () => {
  const everywhere = (text: string): AuditEntry[] => {
    const names = ['requestId', 'rawLocation', 'origin', 'permission', 'code', 'message', 'reason', 'note']
    const detail = Object.fromEntries(names.map((name) => [name, text]))
    // Of these only known words are shown.
    const choices = { digest: text, copiesDigest: text, action: text, severity: text, verdict: text }
    const numbers = { ...choices, planVersion: 3, copies: 5, batch: 1, status: 500, into: 7 }
    const reasons = { allowed: false, reasons: [text, text] }
    const approvers = [{ name: text }, null, text]
    return [
      entryOf(
        'decision.approved',
        { ...detail, ...numbers, approvers, ruling: reasons },
        { objectId: text, name: text }
      )
    ]
  }
  /** The bot's own words, with a location that is an address and one that is none. */
  const expected = ['x', 'https://x.example/'].flatMap((text) => trustedStringsOf(draw(everywhere(text))))

  function assertSafe(text: string): void {
    const card = draw(everywhere(text))
    assert.equal(cardProblem(card), null)
    const strays = trustedStringsOf(card).filter((each) => !expected.includes(each))
    assert.deepEqual(strays, [])
    assert.doesNotMatch(JSON.stringify(card), /\$\{|\{\{|<\/?at>|https?:\/\/evil|[\u202e\u200b]/)
  }

  for (const text of [
    '**bold** [x](https://evil.example) <at>SOC</at>',
    '${title} ${$root} {{DATE(2026-11-22T02:31:00Z,SHORT)}}',
    'a\u202efdp.exe\u200b\u0000\n\r\ud800',
    'https://evil.example/${title}'
  ]) {
    it(JSON.stringify(text), () => {
      assertSafe(text)
      assert.deepEqual(rendererProblems(draw(everywhere(text))), [])
    })
  }

  it('of any kind stay text, in their own font', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (text) => {
        assertSafe(text)
      }),
      { numRuns: 50 }
    )
  })

  it('of any length and alphabet keep a whole page under the size of a card', () => {
    for (const text of ['\u4e2d', '\u0000', '"', '\\', '\u{1f600}', 'a.']) {
      const long = text.repeat(1_000)
      // What the bot itself writes, with words from outside as long as they come.
      const detail = { planVersion: 12, digest, copiesDigest: digest, copies: 999, action: 'moveToDeletedItems' }
      const rest = { severity: 'medium', reason: long, ruling: { allowed: true, reasons: [long] } }
      const page = Array.from({ length: auditPageSize }, () =>
        entryOf('decision.approved', { ...detail, ...rest }, { ...dana, name: long })
      )
      const card = draw(page, 1, 99)
      const bytes = Buffer.byteLength(JSON.stringify(card))
      assert.ok(bytes <= maxCardBytes, `${JSON.stringify(text)}: ${String(bytes)}`)
      assert.equal(cardProblem(card), null)
    }
  })
})

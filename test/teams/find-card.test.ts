// The list that answers `find`: word for word, within its size, and deaf to what hostile mail says.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { FindResult, MailQuery, ReceivedMessage } from '../../src/case/mail.js'
import { maxCardBytes } from '../../src/teams/card-template.js'
import { findSummary, renderFindCard } from '../../src/teams/find-card.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { nodesOf, textOf, titlesOf, trustedStringsOf } from './card-walk.js'

const now = Date.parse('2026-11-22T09:30:00Z')
const hour = 3_600_000
const query: MailQuery = { from: 'helpdesk@contos0-support.example', subject: 'mailbox is full', sinceMs: 24 * hour }
const idOf = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`

function messageOf(n: number, changes: Partial<ReceivedMessage> = {}): ReceivedMessage {
  return {
    networkMessageId: idOf(n),
    subject: 'Your mailbox is full',
    senderAddress: 'helpdesk@contos0-support.example',
    copies: 12,
    receivedAt: now - hour,
    ...changes
  }
}

const found = (messages: ReceivedMessage[], more = false): FindResult => ({ kind: 'messages', messages, more })
const many = (count: number, changes: Partial<ReceivedMessage> = {}) =>
  Array.from({ length: count }, (_, index) => messageOf(index, changes))
const draw = (result: FindResult, asked = query) => renderFindCard(asked, result, now)
const readOf = (result: FindResult, asked = query) => textOf(draw(result, asked)).split('\n')

const askedFor = 'From helpdesk[@]contos0-support[.]example, subject with mailbox is full, in the last 24 hours.'

const problems: [FindResult, string[]][] = [
  [
    { kind: 'nothing' },
    [
      'Nothing found',
      askedFor,
      'Defender lists no such mail. That does not make a mail harmless.',
      'from: is the whole address that recipients see, subject: any part of the subject. Look further back with since:, at most 30d. New mail can take some minutes to be listed.'
    ]
  ],
  [
    { kind: 'forbidden', permission: 'ThreatHunting.Read.All', code: 'Forbidden' },
    [
      'Cannot search: a permission is missing',
      askedFor,
      'The bot lacks the Graph permission ThreatHunting.Read.All. Nothing was searched.',
      'An administrator can grant it. Until then, triage the mail by its network message id.'
    ]
  ],
  [
    { kind: 'noLicence', code: 'x' },
    [
      'Cannot search: a licence is missing',
      askedFor,
      'Defender for Office 365 Plan 2 is needed to search mail. Nothing was searched.'
    ]
  ],
  [
    { kind: 'unavailable', reason: 'Microsoft Graph is throttling the bot.', retryAfterMs: null },
    [
      'Cannot search now',
      askedFor,
      'Microsoft Graph is throttling the bot.',
      'Nothing is known about this mail. Type find again later, or search in Defender.'
    ]
  ]
]

describe('find card: words', () => {
  it('shows each message with time, sender, copies and a button', () => {
    const other = messageOf(2, { subject: '', senderAddress: '', copies: 1, receivedAt: null })
    const result = found([messageOf(1), other])
    assert.deepEqual(readOf(result), [
      '2 messages found',
      askedFor,
      'Your mailbox is full',
      '08:30 UTC, from helpdesk[@]contos0-support[.]example',
      '12 copies',
      '(empty)',
      'at an unknown time, from (empty)',
      '1 copy'
    ])
    assert.deepEqual(titlesOf(draw(result)), ['Open case', 'Open case'])
    const buttons = nodesOf(draw(result)).filter(({ type }) => type === 'Action.Execute')
    assert.deepEqual(
      buttons.map(({ verb, data, fallback }) => [verb, data, fallback]),
      [1, 2].map((n) => {
        const data = { message: idOf(n), verb: 'openCase' }
        return ['openCase', data, { type: 'Action.Submit', title: 'Open case', data, associatedInputs: 'none' }]
      })
    )
  })

  for (const [result, expected] of problems) {
    it(`says for ${result.kind} what to do next, without a button`, () => {
      assert.deepEqual(readOf(result), expected)
      assert.deepEqual(titlesOf(draw(result)), [])
      assert.equal(findSummary(result), expected[0])
    })
  }

  it('shows ten and counts the rest', () => {
    assert.equal(titlesOf(draw(found(many(10)))).length, 10)
    assert.doesNotMatch(textOf(draw(found(many(10)))), /narrow/)
    const eleven = draw(found(many(11)))
    assert.equal(titlesOf(eleven).length, 10)
    assert.match(textOf(eleven), /^11 messages found\n[^]*\nand 1 more: narrow the search\.$/)
    assert.match(
      textOf(draw(found(many(50), true))),
      /^More than 50 messages found\n[^]*\nand over 40 more: narrow the search\.$/
    )
  })

  it('says what was asked for, and only that', () => {
    const asked = (changes: Partial<MailQuery>) => readOf(found([messageOf(1)]), { ...query, ...changes })[1]
    assert.equal(
      asked({ subject: '', sinceMs: hour }),
      'From helpdesk[@]contos0-support[.]example, in the last 1 hour.'
    )
    assert.equal(asked({ from: '', sinceMs: hour / 2 }), 'subject with mailbox is full, in the last 30 minutes.')
    assert.match(asked({ sinceMs: 7 * 24 * hour }) ?? '', /in the last 7 days\.$/)
    assert.match(asked({ sinceMs: 36 * hour }) ?? '', /in the last 36 hours\.$/)
    assert.match(asked({ sinceMs: 90 * 60_000 }) ?? '', /in the last 90 minutes\.$/)
  })
})

describe('find card: hostile words', () => {
  const hostile = [
    '**bold** [x](https://evil.example) <at>SOC</at>',
    '${title} ${$root} {{DATE(2026-11-22T02:31:00Z,SHORT)}}',
    'a\u202efdp.exe\u200b\u0000\n\r\ud800',
    '"}],"actions":[{"type":"Action.OpenUrl"}]',
    'javascript:alert(1)'
  ]
  const everywhere = (text: string): [FindResult, MailQuery] => [
    found(many(3, { subject: text, senderAddress: `${text}@${text}` })),
    { from: `${text}@${text}`, subject: text, sinceMs: hour }
  ]
  const plain = draw(...everywhere('x'))

  function assertSafe(text: string): void {
    const [result, asked] = everywhere(text)
    const card = draw(result, asked)
    assert.equal(cardProblem(card), null)
    const expected = trustedStringsOf(plain)
    const strays = trustedStringsOf(card).filter((each) => !expected.includes(each))
    // Warnings beside an address are words of the bot.
    assert.deepEqual(
      strays.filter((each) => each !== ' (mixed alphabets)' && each !== 'Attention'),
      []
    )
    assert.doesNotMatch(JSON.stringify(card), /\$\{|\{\{|<\/?at>|https?:\/\/evil|[\u202e\u200b]/)
    assert.deepEqual(titlesOf(card), titlesOf(plain))
  }

  for (const text of hostile) {
    it(JSON.stringify(text), () => {
      assertSafe(text)
      assert.deepEqual(rendererProblems(draw(...everywhere(text))), [])
    })
  }

  it('of any kind stay text, in their own font', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        assertSafe(text)
      }),
      { numRuns: 50 }
    )
  })

  it('stand in a reason as text too', () => {
    const card = draw({ kind: 'unavailable', reason: '[x](https://evil.example) ${title}', retryAfterMs: null })
    assert.equal(cardProblem(card), null)
    assert.doesNotMatch(JSON.stringify(card), /https:|\$\{/)
  })

  it('of any length and alphabet keep the card under its size', () => {
    for (const text of ['\u4e2d', '\u0000', '"', '\\', '\u{1f600}', 'a.', '\u0430a.', '\u4e2d.', '@']) {
      const long = text.repeat(1_000)
      const card = draw(found(many(50, { subject: long, senderAddress: `${long}@${long}`, copies: 1e9 }), true), {
        from: `${long}@${long}`,
        subject: long,
        sinceMs: hour
      })
      const bytes = Buffer.byteLength(JSON.stringify(card))
      assert.ok(bytes <= maxCardBytes, `${JSON.stringify(text)}: ${String(bytes)}`)
      assert.equal(cardProblem(card), null)
    }
  })
})

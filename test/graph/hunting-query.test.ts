import assert from 'node:assert/strict'
import { huntingQuery, messagesIn } from '../../src/graph/hunting-query.js'
import { messageIdAskedFor } from '../../src/playground/graph-simulator/index.js'

describe('huntingQuery', () => {
  it('is this query and no other', () => {
    assert.equal(
      huntingQuery('<a@b.example>'),
      'EmailEvents\n' +
        '| where Timestamp > ago(30d)\n' +
        '| where InternetMessageId == "<a@b.example>"\n' +
        '| summarize Subject = take_any(Subject), SenderFromAddress = take_any(SenderFromAddress), Copies = count() by NetworkMessageId\n' +
        '| top 21 by NetworkMessageId asc'
    )
  })

  const hostile = [
    '<a"b@c.example>',
    '<" or true //>',
    '<"\\n| union EmailEvents //@x>',
    '<a\\@b>',
    '<a\\"b>',
    '<\\\\">',
    '<a\\>',
    "<a'b@c>",
    '<${x} {{y}} $& $1>',
    '<раураl@раураl.example>',
    `<${'\\"'.repeat(498)}>`
  ]
  for (const value of hostile) {
    it(`keeps inside its literal: ${value.slice(0, 40)}`, () => {
      assert.equal(messageIdAskedFor(huntingQuery(value) ?? ''), value)
    })
  }

  const refused = [
    '',
    'a@b.example',
    '<>',
    '<a@b',
    '<a>" | <b>',
    '<a\nb>',
    '<a\rb>',
    '<a\u0000b>',
    '<a\u0085b>',
    '<a\u2028b>',
    '<a\u2029b>',
    '<a\ud800b>',
    '<a@b>\n',
    `<${'a'.repeat(997)}>`
  ]
  for (const value of refused) {
    it(`refuses ${JSON.stringify(value).slice(0, 40)}`, () => assert.equal(huntingQuery(value), null))
  }
})

describe('messagesIn', () => {
  const id = '73ca4154-58d8-43d0-a890-08dc18c52e6d'

  it('reads counts in both of their spellings and bounds texts', () => {
    const results = [
      { NetworkMessageId: id, Subject: 's'.repeat(3000), SenderFromAddress: 'a@b', Copies: 3 },
      { NetworkMessageId: id, Subject: null, Copies: '4' }
    ]
    assert.deepEqual(messagesIn({ results }), [
      { networkMessageId: id, subject: 's'.repeat(2000), senderAddress: 'a@b', copies: 3 },
      { networkMessageId: id, subject: '', senderAddress: '', copies: 4 }
    ])
  })

  for (const body of [
    null,
    [],
    {},
    { results: null },
    { results: [null] },
    { results: [{ NetworkMessageId: '1 or' }] }
  ]) {
    it(`does not read ${JSON.stringify(body)}`, () => assert.equal(messagesIn(body), null))
  }
})

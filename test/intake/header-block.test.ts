// Header blocks as people paste them and as files hold them: which ids are read, in which order, and what is not believed.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { hasHeaders, headerBlockLimit, readHeaderBlock } from '../../src/intake/header-block.js'

const guid = '73ca4154-58d8-43d0-a890-08dc18c52e6d'
const other = '83ca4154-58d8-43d0-a890-08dc18c52e6d'
const network = `X-MS-Exchange-Organization-Network-Message-Id: ${guid}`
const filtering = `X-MS-Office365-Filtering-Correlation-Id: ${other}`
const networkKey = { kind: 'networkMessageId', value: guid }
const filteringKey = { kind: 'networkMessageId', value: other }
const idKey = (value: string) => ({ kind: 'internetMessageId', value })

const keysOf = async (...lines: string[]) => (await readHeaderBlock(lines.join('\r\n'))).keys

describe('header block: ids', () => {
  it("puts Defender's own id first, then its transport twin, then the sender's, whatever their order in the mail", async () => {
    assert.deepEqual(await keysOf('Message-ID: <a@b>', filtering, network), [networkKey, filteringKey, idKey('<a@b>')])
  })

  const blocks: [what: string, lines: string[], keys: unknown[]][] = [
    ['one header', ['Message-ID: <a@b>'], [idKey('<a@b>')]],
    ['names in any case', [network.toUpperCase(), 'message-id: <a@b>'], [networkKey, idKey('<a@b>')]],
    ['a folded header', ['Message-ID:', ' <a@b>', 'Subject: x'], [idKey('<a@b>')]],
    ['a header folded with a tab', ['Message-ID:', '\t<a@b>'], [idKey('<a@b>')]],
    ['an id without brackets', ['Message-ID: a@b'], [idKey('<a@b>')]],
    ['blank lines before the block', ['', ' ', network], [networkKey]],
    ['a byte order mark', [`\ufeff${network}`], [networkKey]],
    ['the body is not read', ['Subject: x', '', network], []],
    ['a value that is no id', ['X-MS-Exchange-Organization-Network-Message-Id: none', 'Message-ID: <a b@c>'], []],
    ['an empty value', ['Message-ID:', 'Subject: x'], []],
    ['a similar name', ['X-Message-ID: <a@b>', 'Message-ID-Old: <c@d>'], []],
    ['a name inside of another value', [`Subject: ${network}`], []],
    ['nothing', [''], []],
    ['no header at all', ['the mail with the bank'], []]
  ]
  for (const [what, lines, keys] of blocks) {
    it(what, async () => {
      assert.deepEqual(await keysOf(...lines), keys)
    })
  }

  it('answers every one of duplicated headers', async () => {
    assert.deepEqual(await keysOf('Message-ID: <a@b>', 'Message-ID: <c@d>'), [idKey('<a@b>'), idKey('<c@d>')])
  })

  for (const end of ['\n', '\r\n', '\r']) {
    it(`reads line ends ${JSON.stringify(end)}`, async () => {
      const { keys, claims } = await readHeaderBlock([network, 'Subject: folded', ' on', '', 'Subject: no'].join(end))
      assert.deepEqual(keys, [networkKey])
      assert.equal(claims.subject, 'folded on')
    })
  }
})

describe('header block: claims', () => {
  const claims: [string, string[], { subject: string; senderAddress: string }][] = [
    ['plain', ['Subject: Hello', 'From: Ana <ana@x.example>'], { subject: 'Hello', senderAddress: 'ana@x.example' }],
    [
      'encoded words',
      ['Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?B?IPCfkps=?=', 'From: =?iso-8859-1?Q?J=F6rg?= <j@x.example>'],
      { subject: 'Grüße 💛', senderAddress: 'j@x.example' }
    ],
    ['missing', [network], { subject: '', senderAddress: '' }],
    ['empty', ['Subject:', 'From:'], { subject: '', senderAddress: '' }],
    [
      'duplicated: the first',
      ['Subject: one', 'Subject: two', 'From: a@x.example', 'From: b@x.example'],
      { subject: 'one', senderAddress: 'a@x.example' }
    ],
    ['a broken encoding', ['Subject: =?utf-9?X?zz?='], { subject: '=?utf-9?X?zz?=', senderAddress: '' }]
  ]
  for (const [what, lines, expected] of claims) {
    it(what, async () => {
      assert.deepEqual((await readHeaderBlock(lines.join('\r\n'))).claims, expected)
    })
  }
})

describe('header block: size', () => {
  const filler = (length: number) => `X-Filler: ${'x'.repeat(length - 12)}\r\n`

  it('reads an id that ends within the limit', async () => {
    const last = 'Message-ID: <a@b>\r\n\r\n'
    assert.deepEqual(await keysOf(filler(headerBlockLimit - last.length) + last), [idKey('<a@b>')])
  })

  it('does not read what stands behind the limit', async () => {
    assert.deepEqual(await keysOf(`${filler(headerBlockLimit)}${network}`), [])
  })

  it('keeps what stands before it', async () => {
    assert.deepEqual(await keysOf(network, filler(2 * headerBlockLimit)), [networkKey])
  })

  for (const [what, line] of [
    ['folded lines', ' x\n'],
    ['headers', 'a:b\n'],
    ['colons', ':'],
    ['angle brackets', '<'],
    ['encoded words', '=?utf-8?Q?x?= ']
  ] as const) {
    it(`reads a megabyte of ${what} in time`, async () => {
      const before = performance.now()
      await readHeaderBlock(`Subject: ${line.repeat(Math.floor(1_000_000 / line.length))}`)
      assert.ok(performance.now() - before < 5_000)
    })
  }
})

describe('header block: recognition', () => {
  it('needs one of the three headers at the start of a line', () => {
    for (const text of [
      network,
      filtering,
      'Message-ID: <a@b>',
      'Received: x\nmessage-id : <a@b>',
      'a\r\nMESSAGE-ID:'
    ]) {
      assert.equal(hasHeaders(text), true, text)
    }
    for (const text of ['', 'Subject: x', 'the Message-ID: <a@b>', 'Message-ID <a@b>', 'X-Message-ID: <a@b>']) {
      assert.equal(hasHeaders(text), false, text)
    }
  })
})

describe('header block: any text', () => {
  const piece = fc.constantFrom(
    'Message-ID:',
    'From:',
    'Subject:',
    '\r\n',
    '\n ',
    '<a@b>',
    '=?utf-8?B?',
    '?=',
    '"',
    ','
  )

  it('never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: piece })), async (text) => {
        hasHeaders(text)
        const { keys, claims } = await readHeaderBlock(text)
        assert.ok(Array.isArray(keys))
        assert.deepEqual([typeof claims.subject, typeof claims.senderAddress], ['string', 'string'])
      })
    )
  })
})

// Message ids as people and Teams write them, and text that only looks like one.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { leadingMessageKey, plainText, readMessageKey, textOfHtml } from '../../src/intake/message-reference.js'

const guid = '73ca4154-58d8-43d0-a890-08dc18c52e6d'
const byNetworkId = { kind: 'networkMessageId', value: guid }
const byMessageId = { kind: 'internetMessageId', value: '<CAF=x_1@mail.example>' }

describe('message reference: one word', () => {
  const words: [string, unknown][] = [
    [guid, byNetworkId],
    [guid.toUpperCase(), byNetworkId],
    [`{${guid}}`, byNetworkId],
    [`{${guid.toUpperCase()}}`, byNetworkId],
    ['<CAF=x_1@mail.example>', byMessageId],
    ['CAF=x_1@mail.example', byMessageId],
    [guid.slice(1), null],
    [`${guid}0`, null],
    [guid.replaceAll('-', ''), null],
    [guid.replace('7', 'g'), null],
    [`"${guid}"`, null],
    ['', null],
    ['<>', null],
    ['@', null],
    ['a@', null],
    ['@b', null],
    ['a@b@c', null],
    ['<a@b> c', null],
    ['<<a@b>>', null],
    ['PT-1042', null]
  ]
  for (const [word, key] of words) {
    it(`${JSON.stringify(word)} is ${key === null ? 'none' : JSON.stringify(key)}`, () => {
      assert.deepEqual(readMessageKey(word), key)
    })
  }

  it('is no Message-ID beyond 900 bytes of UTF-8, brackets aside', () => {
    assert.equal(readMessageKey(`<${'a'.repeat(898)}@b>`)?.value.length, 902)
    assert.equal(readMessageKey(`<${'a'.repeat(899)}@b>`), null)
    assert.equal(readMessageKey(`${'é'.repeat(449)}@b`)?.value.length, 453)
    assert.equal(readMessageKey(`${'é'.repeat(449)}@bc`), null)
    assert.equal(readMessageKey(`${'😀'.repeat(224)}@bcd`)?.kind, 'internetMessageId')
    assert.equal(readMessageKey(`${'😀'.repeat(225)}@b`), null)
  })
})

describe('message reference: at the start of a text', () => {
  const texts: [string, unknown, string][] = [
    [`${guid} looks odd`, byNetworkId, 'looks odd'],
    [`  ${guid}\nlooks\nodd `, byNetworkId, 'looks\nodd'],
    ['<CAF=x_1@mail.example>', byMessageId, ''],
    ['<CAF=x_1@mail.example>note', byMessageId, 'note'],
    [plainText(`${guid}\u00a0looks\u00a0odd`), byNetworkId, 'looks odd'],
    [plainText('&lt;CAF=x_1@mail.example&gt;&nbsp;looks odd'), byMessageId, 'looks odd'],
    [plainText('&#60;CAF&#61;x_1&#x40;mail.example&#62;'), byMessageId, '']
  ]
  for (const [text, key, rest] of texts) {
    it(JSON.stringify(text), () => {
      assert.deepEqual(leadingMessageKey(text), { key, rest })
    })
  }

  for (const text of ['', '   ', 'the mail with the bank', `mail ${guid}`, '<no id here>']) {
    it(`finds none in ${JSON.stringify(text)}`, () => {
      assert.equal(leadingMessageKey(text), null)
    })
  }
})

describe('message reference: text from HTML', () => {
  const attachments: [string, string][] = [
    [`<div><at>Phish Triage</at>&nbsp;report ${guid}</div>`, `Phish Triage report ${guid}\n`],
    ['<p>report &lt;a@b.example&gt; odd</p>', 'report <a@b.example> odd\n'],
    ['<p>report <a@b.example> odd</p>', 'report <a@b.example> odd\n'],
    ['<p>report <a href="mailto:a@b.example">a@b.example</a></p>', 'report a@b.example\n'],
    ['Received: x<br>Message-ID:<br/> &lt;a@b&gt;', 'Received: x\nMessage-ID:\n <a@b>'],
    ['<ul><li>one</li><li>two</li></ul>', 'one\ntwo\n'],
    ['<div>Received: x</div>\r\n  <div>Message-ID: &lt;a@b&gt;</div>', 'Received: x\nMessage-ID: <a@b>\n'],
    ['a\r\nb\rc', 'a\nb\nc'],
    ['1 < 2 &amp;lt; 3', '1 < 2 &lt; 3']
  ]
  for (const [html, text] of attachments) {
    it(JSON.stringify(html), () => {
      assert.equal(textOfHtml(html), text)
    })
  }

  for (const part of ['<a', '<br', '</p', '@', '<a@', '<a@@', '&lt', '&', '<a ']) {
    it(`reads a megabyte of ${part} in time that grows with its length only`, () => {
      const text = `<a${part.repeat(Math.floor(1_000_000 / part.length))}`
      const before = performance.now()
      textOfHtml(text)
      leadingMessageKey(text)
      assert.ok(performance.now() - before < 2_000)
    })
  }
})

describe('message reference: any text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('<', '>', '@', ' ', '&lt;', '&#0;', 'a', '\u00a0', '{', '\n', guid) })
  )

  it('never throws, and answers only keys of a known form', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const found = leadingMessageKey(textOfHtml(text))
        if (found === null) return
        if (found.key.kind === 'networkMessageId') assert.equal(found.key.value, guid)
        else assert.match(found.key.value, /^<[^\s<>@]+@[^\s<>@]+>$/)
      })
    )
  })

  it('reads what it answered as the same key again', () => {
    fc.assert(
      fc.property(anyText, (word) => {
        const key = readMessageKey(word)
        if (key !== null) assert.deepEqual(readMessageKey(key.value), key)
      })
    )
  })
})

// No address or URL leaves in a form that a client would make clickable.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { defangAddress, defangText, defangUrl } from '../../src/teams/defang.js'

describe('defangUrl', () => {
  const table: [string, string, string[]][] = [
    ['https://contos0.example/verify?id=1', 'hxxps://contos0[.]example/verify?id=1', []],
    ['HTTP://a.b.example:8080', 'hxxp://a[.]b[.]example:8080', []],
    ['ftp://files.example/x', 'fxp://files[.]example/x', []],
    ['https://login.microsoft.com@evil.example/', 'hxxps://evil[.]example/', ['user name removed']],
    ['https://a@b@evil.example', 'hxxps://evil[.]example', ['user name removed']],
    ['https:\\\\evil.example\\x', 'hxxps://evil[.]example\\x', []],
    ['www.evil.example/x', 'www[.]evil[.]example/x', []],
    ['javascript:alert(1)', 'javascript[:]alert(1)', []],
    ['https://evil。example/', 'hxxps://evil[.]example/', []],
    ['https://bücher.example/', 'hxxps://bücher[.]example (xn--bcher-kva[.]example)/', []],
    ['https://xn--bcher-kva.example/', 'hxxps://bücher[.]example (xn--bcher-kva[.]example)/', []],
    ['https://pаypal.example/', 'hxxps://pаypal[.]example (xn--pypal-4ve[.]example)/', ['mixed alphabets']],
    ['https://日本tokyo.example/', 'hxxps://日本tokyo[.]example (xn--tokyo-1e1k07e[.]example)/', []],
    ['https://a.example/?to=https://b.example', 'hxxps://a[.]example/?to=hxxps://b.example', []]
  ]
  for (const [given, text, warnings] of table) {
    it(given, () => {
      assert.deepEqual(defangUrl(given), { text, warnings })
    })
  }

  it('leaves no link, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withFragments: true }), fc.string()), (url) => {
        assert.doesNotMatch(defangUrl(url).text, /\bhttps?:/i)
      }),
      { numRuns: 500 }
    )
  })
})

describe('defangAddress', () => {
  const table: [string, string, string[]][] = [
    ['helpdesk@contos0-support.example', 'helpdesk[@]contos0-support[.]example', []],
    ['"a@b"@evil.example', '"a[@]b"[@]evil[.]example', []],
    ['pay@pаypal.example', 'pay[@]pаypal[.]example (xn--pypal-4ve[.]example)', ['mixed alphabets']],
    ['nobody', 'nobody', []]
  ]
  for (const [given, text, warnings] of table) {
    it(given, () => {
      assert.deepEqual(defangAddress(given), { text, warnings })
    })
  }
})

describe('defangText', () => {
  it('breaks the schemes that clients turn into links', () => {
    assert.equal(defangText('see HTTPS://a.example or www.b.example'), 'see hxxpS://a.example or www[.]b.example')
  })
})

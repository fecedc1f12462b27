// Text from outside stays visible, harmless and bounded.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sanitize } from '../../src/teams/sanitize.js'

const hostileText = fc.string({
  unit: fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(...['{', '{{', '$', '}', '<', '>', 'at', 'AT', '/', '\u202e', '\u200d', '\u0338'])
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('\ud800', '\udc00', '\u0301'.repeat(6), '\u1100', '\u{e0041}', '\ufe0f', '\n')
    }
  ),
  maxLength: 400
})
const limits = fc.integer({ min: 40, max: 500 })
const refused = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

describe('sanitize', () => {
  const table: [string, string, string][] = [
    ['ordinary text as it is', 'Rechnung 42: überfällig, 日本', 'Rechnung 42: überfällig, 日本'],
    ['NFC, not NFKC', 'Cafe\u0301 ﬁn', 'Café ﬁn'],
    ['a bidi override by its name', 'invoice\u202efdp.exe', 'invoice<U+202E>fdp.exe'],
    ['a zero width joiner by its name', 'pay\u200dpal', 'pay<U+200D>pal'],
    ['tag characters by their names', 'a\u{e0041}', 'a<U+E0041>'],
    ['a lone surrogate by its name', 'a\ud83db', 'a<U+D83D>b'],
    ['C0 and C1 by their names', 'a\r\n\u0085', 'a<U+000D><U+000A><U+0085>'],
    ['a Hangul filler by its name', '\u3164', '<U+3164>'],
    ['a variation selector by its name', '❤\ufe0f', '❤<U+FE0F>'],
    ['a heap of marks, counted', `e${'\u0324'.repeat(10)}x`, `e${'\u0324'.repeat(4)}<+6 marks>x`],
    ['a date function broken', '{{DATE(2026-11-22T02:41:00Z, SHORT)}}', '{ {DATE(2026-11-22T02:41:00Z, SHORT)}}'],
    ['a binding broken', '${json(x)} $${{', '$ {json(x)} $$ { {'],
    ['a mention broken', '<at>Ana</at> <AT id="0">', '< at>Ana< /at> < AT id="0">']
  ]
  for (const [name, given, shown] of table) {
    it(`shows ${name}`, () => {
      assert.equal(sanitize(given, 300), shown)
    })
  }

  it('counts what it cuts', () => {
    assert.equal(sanitize('a'.repeat(10_000), 60), `${'a'.repeat(35)}… (9965 more characters)`)
  })

  it('cuts between graphemes', () => {
    const flags = '🇩🇪'.repeat(100)
    const shown = sanitize(flags, 60)
    assert.match(shown, /^(🇩🇪)+… \(\d+ more characters\)$/u)
  })

  it('cuts even where one grapheme is longer than the limit', () => {
    const shown = sanitize('\u1100'.repeat(5000), 60)
    assert.ok(shown.length <= 60 && shown.includes('more characters'))
  })

  it('is idempotent, bounded and free of what hides or binds', () => {
    fc.assert(
      fc.property(hostileText, limits, (text, limit) => {
        const once = sanitize(text, limit)
        assert.equal(sanitize(once, limit), once)
        assert.ok(once.length <= limit)
        assert.doesNotMatch(once, refused)
        assert.doesNotMatch(once, /\$\{|\{\{|<\/?at/i)
        assert.doesNotMatch(once, /\p{M}{5}/u)
        assert.equal(once, once.normalize('NFC'))
      }),
      { numRuns: 2000 }
    )
  })
})

// One text for one value, whatever order its keys were written in: what the hashes of the audit log are made of.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { canonicalJson } from '../../src/store/audit-chain.js'

describe('canonical JSON', () => {
  it('is what JSON says, with sorted keys and no spaces', () => {
    assert.equal(
      canonicalJson({ b: [1, 'x', null, { d: undefined, c: true }], 10: 1, 9: 2, a: '\u20ac"\n' }),
      '{"10":1,"9":2,"a":"€\\"\\n","b":[1,"x",null,{"c":true}]}'
    )
  })

  it('loses nothing that JSON holds, and is the same for the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = canonicalJson(value)
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
        assert.equal(canonicalJson(JSON.parse(text)), text)
      })
    )
  })

  it('does not change with the order in which keys were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse())
        assert.equal(canonicalJson({ inside: [turned] }), canonicalJson({ inside: [value] }))
      })
    )
  })

  it('is different for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = JSON.stringify(JSON.parse(canonicalJson(a))) === JSON.stringify(JSON.parse(canonicalJson(b)))
        assert.equal(canonicalJson(a) === canonicalJson(b), same)
      })
    )
  })
})

// One text for one value, whatever order its keys were written in, and the hash of an audit row that is made of it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createHash, createHmac } from 'node:crypto'
import { canonicalJson, chained, chainStart } from '../../src/store/audit-chain.js'

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

describe('hash of an audit row', () => {
  const person = { name: 'Dana "D" Weber', objectId: 'a' }
  const entry = {
    at: 1_795_320_000_000,
    caseNumber: 1042,
    event: 'decision.approved',
    actor: person,
    detail: { b: 1, a: '\0' }
  }

  /** As anybody can make it from a line of the export. */
  function contentOf(actor: typeof person | null): string {
    return canonicalJson({ seq: 8, ...entry, actor, prevHash: chainStart })
  }

  for (const actor of [person, null]) {
    it(`is that of its canonical JSON, ${actor === null ? 'without' : 'with'} an actor`, () => {
      const hashed = (key: string | null) => chained([{ ...entry, actor }], { seq: 7, hash: chainStart }, key)[0]?.hash
      const content = contentOf(actor)
      assert.equal(hashed(null), createHash('sha256').update(content).digest('hex'))
      assert.equal(hashed('k'), `hmac:${createHmac('sha256', 'k').update(content).digest('hex')}`)
    })
  }

  it('stays what it was in stored rows', () => {
    const [row] = chained([entry], { seq: 7, hash: chainStart }, null)
    assert.equal(row?.hash, 'de65482d617083725e4a79b3a2097169b0fa36e3ad6df280db83d3bc4242dfdf')
  })
})

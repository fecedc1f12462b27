// Every file of the corpus has one answer, and it is the one written down.
import assert from 'node:assert/strict'
import { createMailReader } from '../../src/intake/mail-reader.js'
import { briefly, corpus, expected } from '../corpus/corpus.js'
import { assertDeclared } from './mail-limits.js'

describe('mail files: the corpus', () => {
  it('has each file once, with its answer', () => {
    const names = corpus.map(({ name }) => name)
    assert.deepEqual(names.toSorted(), Object.keys(expected).toSorted())
    const count = (folders: string[]) => names.filter((name) => folders.includes(name.split('/')[0] ?? '')).length
    assert.ok(count(['structure', 'headers', 'charset', 'bomb']) >= 100)
    assert.ok(count(['msg']) >= 40)
    const distinct = new Set(corpus.map(({ bytes }) => Buffer.from(bytes()).toString('latin1')))
    assert.equal(distinct.size, names.length)
  })

  it('is read as written down', async () => {
    // The answers are asked for, not the speed of the machine that runs this.
    const reader = createMailReader({ deadlineMs: 30_000 })
    const answers: Record<string, unknown> = {}
    for (const { name, bytes } of corpus) {
      const answer = await reader.read(name, bytes())
      assertDeclared(answer, name, bytes())
      answers[name] = briefly(answer)
    }
    await reader.close()
    assert.deepEqual(answers, expected)
  })
})

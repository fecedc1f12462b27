// A remediation of many batches: ten links in its reply, all of them under `case`.
import assert from 'node:assert/strict'
import { buttonsOf } from '../../src/playground/teams/person.js'
import { aSoc, openCase } from './scenes.js'
import { dana, tom } from './soc.js'

describe('many tracking links', () => {
  const soc = aSoc(() => ({ config: { batchSize: 1 } }))

  it('stand ten in the reply, and all under case', async () => {
    await openCase(soc())
    await soc().press(dana, 'Approve', { reason: 'confirmed' })
    await soc().settle()
    const { accepted } = soc().graph.ledger
    assert.equal(accepted.length, 11)
    const before = soc().messages()
    const reply = before.find(({ words }) => words.startsWith('PT-1001 submitted'))
    assert.match(reply?.words ?? '', /and 1 more link: case PT-1001/)

    await soc().say(tom, 'case PT-1001')
    await soc().settle()
    const told = JSON.stringify(
      soc()
        .messages()
        .slice(before.length)
        .map(({ card }) => card)
    )
    for (const { bulkId } of accepted) assert.ok(told.includes(bulkId), `no link to ${bulkId}`)
    assert.ok(buttonsOf(reply?.card).length > 0)
  })
})

// Who counts as having set going what is to be decided.
import assert from 'node:assert/strict'
import { isOpener } from '../../src/case/opener.js'
import { caseIn } from '../teams/sample-cases.js'

const dana = { objectId: 'DA4A', mailboxes: ['dana.weber@contoso.example'] }
const openedBy = (objectId: string) => caseIn('proposed', { openedBy: { objectId, name: 'Dana Weber' } })

describe('isOpener', () => {
  it('is who opened the case, in any spelling of the id, or by an address of one’s own', () => {
    for (const objectId of ['da4a', 'DA4A', 'mailto:dana.weber@contoso.example']) {
      assert.equal(isOpener(openedBy(objectId), dana), true, objectId)
    }
    for (const objectId of ['70b0', 'mailto:tom.berg@contoso.example', 'dana.weber@contoso.example', '']) {
      assert.equal(isOpener(openedBy(objectId), dana), false, objectId)
    }
  })

  it('is who asked for the undo that is to be decided, too', () => {
    const { plan } = openedBy('70b0')
    assert.ok(plan !== null)
    const asked = (objectId: string) => ({
      ...openedBy('70b0'),
      plan: {
        ...plan,
        purpose: 'undo' as const,
        undo: {
          by: { objectId, name: '' },
          reason: '',
          state: 'verified' as const,
          recipients: [],
          closing: null,
          cannot: []
        }
      }
    })
    assert.equal(isOpener(asked('da4a'), dana), true)
    assert.equal(isOpener(asked('70b1'), dana), false)
    assert.equal(isOpener(asked('da4a'), { objectId: '70b0', mailboxes: [] }), true)
  })
})

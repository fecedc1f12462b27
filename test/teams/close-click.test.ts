// Closing with a verdict, as it arrives from the card: who may, what is told, and what the card shows then.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { textOf } from './card-walk.js'
import { type DeskUnderTest, approver, employee, openDesk, press, pressFallback } from './desk-under-test.js'
import { caseIn, verdictCase } from './sample-cases.js'

describe('Close case', () => {
  let under: DeskUnderTest
  const filled = { case: 'PT-1042', plan: 0, verdict: 'spam', reason: 'Known sender' }
  beforeEach(async () => {
    under = await openDesk()
    under.record = verdictCase('teamsMessage')
  })
  afterEach(() => under.close())

  async function click(who: typeof approver, data: object): Promise<{ text: string; record: CaseRecord | null }> {
    const { status, body } = await under.send(press(who, 'close', data))
    assert.equal(status, 200)
    const { value } = body as { value: string | object }
    return { text: typeof value === 'string' ? value : textOf(value), record: under.record }
  }

  it('closes with the verdict, and shows the closed card to the approver', async () => {
    const { text, record } = await click(approver, filled)
    assert.deepEqual(
      [record?.state, record?.closing?.verdict, record?.closing?.by?.name],
      ['closed', 'spam', approver.name]
    )
    assert.ok(text.includes('Closed: spam'), text)
    assert.deepEqual(
      under.enqueued.map(({ kind }) => kind).filter((kind) => kind !== 'notice'),
      ['card', 'card']
    )
  })

  it('does so from a client that knows no Action.Execute, in words', async () => {
    await under.send(pressFallback(approver, { ...filled, verb: 'close' }))
    assert.equal(under.record?.state, 'closed')
    assert.deepEqual(under.said(), ['PT-1042: closed. Nothing was there to remove.'])
  })

  it('is for approvers', async () => {
    const { text, record } = await click(employee, filled)
    assert.equal(record?.state, 'unreadable')
    assert.match(text, /You are not an approver/)
  })

  for (const verdict of [undefined, '', 7, 'simulation', ['spam']]) {
    it(`needs a verdict of the four: ${JSON.stringify(verdict) ?? 'none'}`, async () => {
      const { text, record } = await click(approver, { ...filled, verdict })
      assert.equal(record?.state, 'unreadable')
      assert.ok(text.includes('The verdict must be one of: phish, malware, spam, clean.'))
    })
  }

  it('tells the second who was first', async () => {
    await click(approver, filled)
    const { text, record } = await click(approver, { ...filled, verdict: 'phish' })
    assert.equal(record?.closing?.verdict, 'spam')
    assert.match(text, /PT-1042 was already closed by Dana Weber at /)
  })

  it('closes no case that has a plan: that is approved or rejected', async () => {
    under.record = caseIn('proposed')
    const { record } = await click(approver, { ...filled, plan: 3 })
    assert.equal(record?.state, 'proposed')
  })
})

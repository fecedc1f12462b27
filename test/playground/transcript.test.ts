// What a demo's transcript shows of a card: what stands open, side by side as on the card, and what can be pressed.
import assert from 'node:assert/strict'
import { cardLines } from '../../src/playground/demo/transcript.js'
import { renderCaseCard } from '../../src/teams/case-card.js'
import { caseIn, contextAt } from '../teams/sample-cases.js'

describe('a card in a transcript', () => {
  const lines = cardLines(renderCaseCard(caseIn('proposed'), contextAt('2026-11-22T03:20:00Z')))

  it('has rows as one line, inputs with what is chosen, and buttons', () => {
    for (const line of [
      '!  Needs a decision',
      'Sender checks   2 of 3 failed   Show',
      '[Action: Soft delete (can be undone)]',
      '[Severity: Medium] [Reason:]',
      '[Approve] [Not phish]'
    ]) {
      assert.ok(lines.includes(line), `${line}\nnot in\n${lines.join('\n')}`)
    }
  })

  it('leaves out what is closed', () => {
    assert.ok(lines.every((line) => !line.includes('DKIM') && !line.includes('Hide')))
  })
})

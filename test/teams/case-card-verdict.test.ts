// The cards of what cannot be remediated: a message without a mail, a file that is none, a simulation; and mail junked by mistake.
import assert from 'node:assert/strict'
import { type CaseRecord, verdicts } from '../../src/case/case.js'
import type { ReportedKind } from '../../src/case/report.js'
import { renderCaseCard } from '../../src/teams/case-card.js'
import { nodesOf, textOf, titlesOf } from './card-walk.js'
import { caseIn, contextAt, samplePolicy, verdictCase } from './sample-cases.js'

const context = contextAt('2026-11-22T03:20:00Z')
const draw = (record: CaseRecord) => renderCaseCard(record, context)
const inputsOf = (card: object) => nodesOf(card).filter(({ type }) => type?.startsWith('Input.'))
const nobody = { ...samplePolicy, approvers: { users: [], groups: [] } }

describe('the card of a case that needs a verdict', () => {
  for (const kind of ['teamsMessage', 'file'] as const) {
    it(`asks for a verdict and a reason, and offers nothing else: ${kind}`, () => {
      const card = draw(verdictCase(kind))
      const [verdict, reason, ...others] = inputsOf(card)
      assert.deepEqual(others, [])
      assert.deepEqual([verdict?.id, verdict?.type, verdict?.isRequired], ['verdict', 'Input.ChoiceSet', true])
      const choices = verdict?.choices as { title: string; value: string }[]
      assert.deepEqual(
        choices.map(({ value }) => value),
        verdicts
      )
      // Nobody closes a case with a verdict that was preselected.
      assert.ok(verdict?.value === undefined || verdict.value === '')
      assert.deepEqual([reason?.id, reason?.label, reason?.isRequired], ['reason', 'Reason', true])
      assert.deepEqual(titlesOf(card), ['Close case'])
      const [button] = nodesOf(card).filter(({ type }) => type === 'Action.Execute')
      assert.deepEqual(button?.data, { case: 'PT-1042', plan: 0, verb: 'close' })
    })

    it(`only shows, where nobody may decide or the card is read only: ${kind}`, () => {
      for (const changes of [{ policy: nobody }, { readOnly: true }]) {
        const card = renderCaseCard(verdictCase(kind), { ...context, ...changes })
        assert.deepEqual([titlesOf(card), inputsOf(card)], [[], []])
      }
    })
  }

  it('shows the text of the message as what it is, a claim', () => {
    const text = textOf(draw(verdictCase('teamsMessage')))
    assert.ok(text.includes('A message in Teams was reported that names no mail. This bot removes mail only'))
    assert.ok(
      text.includes('What the report says (not checked)\nText\nYour CEO here. Buy 5 gift cards and send me the codes.')
    )
    assert.ok(text.includes('Note\n“It is not her account”') || text.includes('Note\nIt is not her account'))
    // The message's id says nothing to people.
    assert.ok(!text.includes('1700000000009'))
    const run = nodesOf(draw(verdictCase('teamsMessage'))).find(
      (node) => node.type === 'TextRun' && String(node.text).startsWith('Your CEO')
    )
    assert.equal(run?.fontType, 'Monospace')
  })

  it('names the file by its hash', () => {
    const text = textOf(draw(verdictCase('file')))
    assert.ok(text.includes('The reported file names no mail that Defender could be asked for.'))
    assert.ok(!text.includes('Message\n'), 'the hash stands in the note')
    assert.ok(text.includes('It could not be read: it is no mail.'))
  })

  it('does not ask for a verdict where a look has failed: there is a mail, and it may yet be found', () => {
    const card = draw(caseIn('unreadable'))
    assert.ok(!inputsOf(card).some(({ id }) => id === 'verdict'))
    assert.ok(!titlesOf(card).includes('Close case'))
  })
})

describe('the card of a closed case', () => {
  for (const verdict of [...verdicts, null]) {
    it(`names the verdict: ${verdict ?? 'none'}`, () => {
      const { closing } = caseIn('closed')
      assert.ok(closing !== null)
      const card = draw(verdictCase('teamsMessage', { state: 'closed', closing: { ...closing, verdict } }))
      const text = textOf(card)
      assert.ok(text.includes(`Closed: ${verdict ?? 'no verdict'}\nPT-1042 · nothing was removed`), text)
      assert.ok(text.includes('Closed by\nDana Weber, 02:41 UTC'), text)
      assert.ok(text.includes('Asks for gift cards'))
      assert.deepEqual([titlesOf(card), inputsOf(card)], [[], []])
    })
  }
})

describe('the card of a simulation', () => {
  it('says what it was, blames nobody, and offers nothing to remove', () => {
    const { reporters } = caseIn('simulation')
    const card = draw(caseIn('simulation', { reporters: { ...reporters, kind: 'simulation' } }))
    const text = textOf(card)
    assert.ok(
      text.includes(
        'Your organisation sent this mail itself, to train people. Whoever reported it did the right thing.'
      )
    )
    assert.ok(text.includes('Reported as\na simulation'))
    assert.deepEqual(inputsOf(card), [])
    assert.deepEqual(titlesOf(card), ['Open in Defender'])
  })
})

describe('what a mail was reported as', () => {
  const reportedAs = (kind: ReportedKind, policy = samplePolicy) => {
    const { reporters } = caseIn('proposed')
    const card = renderCaseCard(caseIn('proposed', { reporters: { ...reporters, kind } }), { ...context, policy })
    return { text: textOf(card), action: inputsOf(card).find(({ id }) => id === 'action')?.value }
  }

  it('is a row of its own, but for phish', () => {
    assert.ok(!reportedAs('phish').text.includes('Reported as'))
    assert.ok(reportedAs('junk').text.includes('Reported as\njunk'))
    assert.ok(reportedAs('notJunk').text.includes('Reported as\nnot junk'))
  })

  it('proposes to move it back where it was junked by mistake, and where the policy offers that', () => {
    assert.equal(reportedAs('phish').action, 'softDelete')
    assert.equal(reportedAs('junk').action, 'softDelete')
    assert.equal(reportedAs('notJunk').action, 'moveToInbox')
    assert.equal(reportedAs('notJunk', { ...samplePolicy, actions: ['moveToJunk', 'softDelete'] }).action, 'softDelete')
  })
})

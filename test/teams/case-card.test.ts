// The case's card in every state: that it is valid, what it shows, asks and offers, and how it is summed up.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { caseSummary, renderCaseCard } from '../../src/teams/case-card.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { nodesOf, textOf, titlesOf } from './card-walk.js'
import { allStates, caseIn, contextAt, sampleMail, samplePolicy, verdictCase } from './sample-cases.js'

const context = contextAt('2026-11-22T03:20:00Z')
const draw = (record: CaseRecord) => renderCaseCard(record, context)
const says = (record: CaseRecord) => textOf(draw(record))

describe('the case card', () => {
  const drawn: [string, CaseRecord][] = [
    ...allStates.map((state): [string, CaseRecord] => [state, caseIn(state)]),
    ['a Teams message needs a verdict', verdictCase('teamsMessage')],
    ['a file needs a verdict', verdictCase('file')],
    ['reported as not junk', caseIn('proposed', { reporters: { ...caseIn('proposed').reporters, kind: 'notJunk' } })]
  ]
  for (const [what, record] of drawn) {
    it(`is valid and small when ${what}`, () => {
      const card = draw(record)
      assert.equal(cardProblem(card), null)
      assert.deepEqual(rendererProblems(card), [])
      assert.ok(Buffer.byteLength(JSON.stringify(card)) < 14 * 1024)
    })
  }

  const heads: [CaseRecord, string, string[]][] = [
    [caseIn('looking'), 'Looking it up\nPT-1042 · asking Defender', ['Open in Defender']],
    [
      caseIn('nothingFound'),
      'Nothing found yet\nPT-1042 · reported 02:41 UTC',
      ['Look again', 'Not phish', 'Open in Defender']
    ],
    [
      caseIn('unreadable'),
      'Cannot be looked up\nPT-1042 · the bot lacks a permission',
      ['Look again', 'Not phish', 'Open in Defender']
    ],
    [
      caseIn('proposed'),
      'Needs a decision\nPT-1042 · v3 · first reported 02:41 UTC',
      ['Look again', 'Open in Defender', 'Approve', 'Not phish']
    ],
    [caseIn('approved'), 'Approved, being submitted\nPT-1042 · v3 · not sent yet', ['Open in Defender']],
    [
      caseIn('submitting'),
      'Approved, being submitted\nPT-1042 · v3 · Defender has not answered yet',
      ['Open in Defender']
    ],
    [caseIn('submitted'), 'Submitted\nPT-1042 · v3 · accepted, not looked at yet', ['Track in Action Center']],
    [
      caseIn('failed'),
      'Refused by Defender\nPT-1042 · v3 · refused, nothing was removed',
      ['Propose again', 'Not phish', 'Open in Defender']
    ],
    [
      caseIn('uncertain'),
      'Outcome unknown\nPT-1042 · v3 · may or may not have been accepted',
      ['Open Action Center', 'Mark as done', 'Propose again']
    ],
    [caseIn('rejected'), 'Closed: not phish\nPT-1042 · v3 · nothing was removed', ['Open in Defender']],
    [caseIn('closed'), 'Closed: phish\nPT-1042 · v3 · nothing was removed', ['Open in Defender']],
    [
      caseIn('simulation'),
      'Closed: phishing simulation\nPT-1042 · v3 · a training mail, nothing to remove',
      ['Open in Defender']
    ],
    [verdictCase('teamsMessage'), 'Needs a verdict\nPT-1042 · no mail to act on, reported 02:41 UTC', ['Close case']],
    [verdictCase('file'), 'Needs a verdict\nPT-1042 · no mail to act on, reported 02:41 UTC', ['Close case']],
    [caseIn('expired'), 'Expired: nobody decided\nPT-1042 · v3 · nothing was removed', ['Open in Defender']],
    [caseIn('joined'), 'Joined PT-1040\nPT-1042 · v3 · the same message', ['Open in Defender']]
  ]
  for (const [record, head, titles] of heads) {
    it(`says its state and offers what can be done when ${record.state}: ${head.split('\n')[0] ?? ''} (${record.message.kind})`, () => {
      const card = draw(record)
      assert.equal(textOf(card).split('\n').slice(1, 3).join('\n'), head)
      assert.deepEqual(titlesOf(card), titles)
    })
  }

  it('has data of case, plan and verb alone, the same in the fallback', () => {
    for (const [, record] of drawn) {
      for (const action of nodesOf(draw(record)).filter(({ type }) => type === 'Action.Execute')) {
        const { planVersion } = record
        assert.deepEqual(action.data, { case: 'PT-1042', plan: planVersion, verb: action.verb })
        const fallback = action.fallback as Record<string, unknown>
        assert.equal(fallback.type, 'Action.Submit')
        assert.equal(fallback.title, action.title)
        assert.deepEqual(fallback.data, action.data)
        const free = action.verb === 'lookAgain' || action.verb === 'proposeAgain'
        assert.equal(action.associatedInputs, free ? 'none' : undefined)
        assert.equal(fallback.associatedInputs, free ? 'none' : undefined)
      }
    }
  })

  it('asks for action, severity and reason with the policy’s choices and defaults', () => {
    const inputs = nodesOf(
      renderCaseCard(caseIn('proposed'), {
        ...context,
        policy: {
          ...samplePolicy,
          actions: ['moveToJunk', 'softDelete'],
          defaults: { action: 'softDelete', severity: 'high' }
        }
      })
    ).filter(({ type }) => type?.startsWith('Input.'))
    const [action, severity, reason] = inputs
    assert.deepEqual(
      inputs.map(({ id }) => id),
      ['action', 'severity', 'reason']
    )
    assert.deepEqual(action?.choices, [
      { title: 'Move to junk (can be undone)', value: 'moveToJunk' },
      { title: 'Soft delete (can be undone)', value: 'softDelete' }
    ])
    assert.equal(action?.value, 'softDelete')
    assert.equal(severity?.value, 'high')
    assert.equal(reason?.isRequired, true)
    assert.equal(reason?.label, 'Reason')
    assert.equal(reason?.placeholder, 'Why? Kept in the audit log')
    assert.equal(reason?.maxLength, 500)
  })

  it('names all five actions as people understand them', () => {
    const titles = nodesOf(draw(caseIn('proposed'))).find(({ id }) => id === 'action')?.choices as {
      title: string
    }[]
    assert.deepEqual(
      titles.map(({ title }) => title),
      [
        'Move to junk (can be undone)',
        'Move to inbox (false positive)',
        'Move to deleted items (can be undone)',
        'Soft delete (can be undone)',
        'Hard delete (cannot be undone)'
      ]
    )
  })

  it('asks for the sender’s copy only where there is one', () => {
    const asks = (direction: 'inbound' | 'outbound' | 'intraOrg' | 'unknown') =>
      nodesOf(draw(caseIn('proposed', { mail: { ...sampleMail, direction } }))).some(
        ({ id, type }) => id === 'remediateSendersCopy' && type === 'Input.Toggle'
      )
    assert.deepEqual((['inbound', 'unknown', 'outbound', 'intraOrg'] as const).map(asks), [false, false, true, true])
  })

  it('shows the mail as Defender knows it', () => {
    const text = says(caseIn('proposed', { previousCase: 1002 }))
    for (const line of [
      'Your mailbox is full: confirm your password to keep receiving mail',
      'From helpdesk[@]contos0-support[.]example shown as IT-Helpdesk',
      '12 mailboxes: 9 inbox, 2 junk, 1 cannot be acted on',
      'Phish, high confidence',
      '02:31 UTC, inbound',
      '2 of 3 failed',
      '2 links (1 bad), 1 file',
      'Bad link\nhxxps://contos0-support[.]example/verify?id=88410233 (phish)\nLink\nhxxps://cdn[.]example/logo.png (no verdict)',
      'Storage-notice.pdf, 84 KB (no verdict)',
      '203.0.113.77, bounces to bounce[@]mailer[.]example',
      'Priya Nair and 2 others',
      'Seen before\nPT-1002',
      'plant7.scanner: on-premises, cannot be acted on',
      'and 1 more. The full list: case PT-1042\nAll at contoso[.]example',
      '1 approval needed\nActs on 11 of 12 mailboxes.'
    ]) {
      assert.ok(text.includes(line), `${line}\nnot in\n${text}`)
    }
  })

  it('dates what is not from today', () => {
    const receivedAt = Date.parse('2026-11-21T23:59:00Z')
    assert.ok(says(caseIn('proposed', { mail: { ...sampleMail, receivedAt } })).includes('21 Nov 23:59 UTC, inbound'))
    const lastYear = Date.parse('2025-11-22T02:31:00Z')
    assert.ok(
      says(caseIn('proposed', { mail: { ...sampleMail, receivedAt: lastYear } })).includes('22 Nov 2025 02:31 UTC')
    )
    assert.ok(says(caseIn('proposed', { mail: { ...sampleMail, receivedAt: null } })).includes('Time unknown, inbound'))
  })

  it('sums up without a word from outside', () => {
    assert.deepEqual(
      allStates.map((state) => caseSummary(caseIn(state))),
      [
        'PT-1042: looking it up',
        'PT-1042: nothing found yet',
        'PT-1042: cannot be looked up',
        'PT-1042: 12 mailboxes, needs a decision',
        'PT-1042: 12 mailboxes, waiting for second approval',
        'PT-1042: 11 mailboxes, approved, being submitted',
        'PT-1042: 11 mailboxes, approved, being submitted',
        'PT-1042: 11 mailboxes, submitted',
        'PT-1042: 11 mailboxes, looked at',
        'PT-1042: 11 mailboxes, refused by Defender',
        'PT-1042: 11 mailboxes, outcome unknown',
        'PT-1042: closed: not phish',
        'PT-1042: closed: phish',
        'PT-1042: closed: phishing simulation',
        'PT-1042: expired: nobody decided',
        'PT-1042: joined PT-1040'
      ]
    )
  })
})

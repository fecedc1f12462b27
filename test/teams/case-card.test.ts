// The case's card in every state: what it says, what it offers, and that nothing from outside can speak for the bot.
import assert from 'node:assert/strict'
import * as AdaptiveCards from 'adaptivecards'
import type { CaseRecord } from '../../src/case/case.js'
import type { MailCopy } from '../../src/case/mail.js'
import { makePlan } from '../../src/case/plan.js'
import { caseSummary, renderCaseCard } from '../../src/teams/case-card.js'
import { cardProblem } from './card-schema.js'
import { nodesOf, textOf, titlesOf } from './card-walk.js'
import {
  allStates,
  batchOf,
  caseIn,
  contextAt,
  copiesIn,
  messageId,
  remediationOf,
  sampleCopies,
  sampleMail,
  samplePolicy
} from './sample-cases.js'

const context = contextAt('2026-11-22T03:20:00Z')
const draw = (record: CaseRecord) => renderCaseCard(record, context)
const says = (record: CaseRecord) => textOf(draw(record))

function proposed(copies: MailCopy[], changes: Partial<CaseRecord> = {}): CaseRecord {
  const limits = { ...samplePolicy.limits, protectedMailboxes: ['ceo.office@contoso.example'] }
  return caseIn('proposed', {
    plan: makePlan(3, { copies, recipients: changes.recipients ?? [] }, limits, 0),
    ...changes
  })
}

/** What the official renderer finds wrong. */
function rendererProblems(card: object): string[] {
  const parsed = new AdaptiveCards.AdaptiveCard()
  const context = new AdaptiveCards.SerializationContext()
  parsed.parse(card, context)
  const parsing = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message)
  return [...parsing, ...parsed.validateProperties().validationEvents.map(({ message }) => message)]
}

describe('the case card', () => {
  for (const state of allStates) {
    it(`is valid and small when ${state}`, () => {
      const card = draw(caseIn(state))
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
      ['Open Action Center', 'Propose again']
    ],
    [caseIn('rejected'), 'Closed: not phish\nPT-1042 · v3 · nothing was removed', ['Open in Defender']],
    [caseIn('expired'), 'Expired: nobody decided\nPT-1042 · v3 · nothing was removed', ['Open in Defender']],
    [caseIn('joined'), 'Joined PT-1040\nPT-1042 · v3 · the same message', ['Open in Defender']]
  ]
  for (const [record, head, titles] of heads) {
    it(`says its state and offers what can be done when ${record.state}`, () => {
      const card = draw(record)
      assert.equal(textOf(card).split('\n').slice(1, 3).join('\n'), head)
      assert.deepEqual(titlesOf(card), titles)
    })
  }

  it('has data of case, plan and verb alone, the same in the fallback', () => {
    for (const state of allStates) {
      for (const action of nodesOf(draw(caseIn(state))).filter(({ type }) => type === 'Action.Execute')) {
        const { planVersion } = caseIn(state)
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
      'All at contoso[.]example. and 1 more. The full list: case PT-1042',
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

  it('lists what is left out, with reasons, protected mailboxes first and in sight', () => {
    const copies: MailCopy[] = [
      ...sampleCopies.slice(0, 10),
      ...copiesIn(11, 'dropped'),
      { networkMessageId: messageId, recipientEmailAddress: 'ceo.office@contoso.example', location: 'inbox_folder' }
    ]
    const text = says(proposed(copies))
    assert.ok(text.includes('22 mailboxes: 9 inbox, 1 junk, 12 left out'), text)
    assert.ok(text.includes('Left out\nceo.office: protected mailbox\nuser0000: dropped, cannot be acted on'), text)
    assert.ok(text.includes('user0008: dropped, cannot be acted on\nand 2 more'), text)
  })

  const blocked: [string, CaseRecord, string[]][] = [
    [
      'every copy is left out',
      proposed(copiesIn(2, 'failed')),
      ['Nothing to approve\nEvery copy is left out; the reasons stand above.', 'delivery failed, cannot be acted on']
    ],
    [
      'no named mailbox has a copy',
      proposed(sampleCopies, { recipients: ['nobody@contoso.example'] }),
      ['None of the mailboxes named in triage has a copy.', 'Narrowed\nto the 1 mailbox named in triage']
    ],
    [
      'there are too many',
      proposed(copiesIn(5000)),
      [
        'Too many to approve\n5,000 mailboxes; the policy allows 1,000 mailboxes at once. Name those to act on:',
        `triage ${messageId} recipient …`
      ]
    ]
  ]
  for (const [why, record, lines] of blocked) {
    it(`cannot be approved where ${why}, and says so`, () => {
      const card = draw(record)
      assert.ok(!titlesOf(card).includes('Approve'))
      assert.ok(titlesOf(card).includes('Not phish') && titlesOf(card).includes('Look again'))
      assert.ok(!nodesOf(card).some(({ id }) => id === 'action'))
      for (const line of lines) assert.ok(textOf(card).includes(line), `${line}\nnot in\n${textOf(card)}`)
      assert.equal(cardProblem(card), null)
    })
  }

  it('cannot be decided where nobody may approve', () => {
    const policy = { ...samplePolicy, approvers: { users: [], groups: [] } }
    const card = renderCaseCard(caseIn('proposed'), { ...context, policy })
    assert.deepEqual(titlesOf(card), ['Look again', 'Open in Defender'])
    assert.ok(textOf(card).includes('Nobody may approve\nThe approver list in the policy is empty.'))
  })

  it('says where report and Defender disagree, and only there', () => {
    const claiming = (subject: string, senderAddress: string) =>
      caseIn('proposed', { reporters: { ...caseIn('proposed').reporters, claims: { subject, senderAddress } } })
    const { subject, senderAddress } = sampleMail
    const both = says(claiming('Another', 'payroll@contoso.example'))
    assert.ok(both.includes('≠ Report and Defender disagree on the sender and the subject'))
    assert.ok(
      both.includes('Report says\npayroll[@]contoso[.]example\nDefender says\nhelpdesk[@]contos0-support[.]example')
    )
    assert.ok(both.includes('The decision is about the mail Defender knows.'))
    assert.ok(says(claiming(subject, 'x@y.example')).includes('disagree on the sender\n'))
    assert.ok(says(claiming('x', senderAddress)).includes('disagree on the subject\n'))
    for (const record of [
      claiming('', '  '),
      claiming(` ${subject.toUpperCase().replace(' ', ' \t ')} `, ` ${senderAddress.toUpperCase()}`)
    ]) {
      assert.ok(!says(record).includes('disagree'))
    }
  })

  it('says what three kinds of not knowing mean, and what to do', () => {
    const unreadable = (problem: CaseRecord['look']['problem'], nextAt: number | null = null) =>
      says(caseIn('unreadable', { look: { attempts: 1, lastAt: 0, nextAt, problem } }))
    assert.match(
      says(caseIn('nothingFound')),
      /That does not mean it is safe: new mail can take 15 minutes to appear\.\nNext look\n03:24 UTC \(2nd of 3\)/
    )
    const forbidden = unreadable({ kind: 'forbidden', permission: 'Some.Read.All', code: 'Denied' })
    assert.ok(forbidden.includes('(Denied).\nAn administrator can grant Some.Read.All in Entra'))
    const noLicence = unreadable({ kind: 'noLicence', code: 'NoPlan' })
    assert.ok(noLicence.includes('no active licence that lets Defender answer (NoPlan).'))
    const at = Date.parse('2026-11-22T03:21:00Z')
    const unavailable = unreadable({ kind: 'unavailable', reason: 'timeout' }, at)
    assert.ok(
      unavailable.includes('could not be asked: timeout.\nIt is asked again at 03:21 UTC. Look again asks at once.')
    )
    for (const text of [forbidden, noLicence, unavailable]) {
      assert.ok(text.includes('The report is kept. This says nothing about the mail.'))
      assert.ok(text.includes('What the report says (not checked)'))
    }
  })

  it('says of an unknown outcome that it is unknown', () => {
    const text = says(caseIn('uncertain'))
    for (const line of [
      'Sent to Defender at 03:14 UTC; no answer came back. It is not sent again without a new approval.',
      'Look in Action Center for PT-1042 softDelete',
      'Propose again: needs a new approval. Careful: the first request may still be carried out.',
      'Dana Weber, 03:14 UTC'
    ]) {
      assert.ok(text.includes(line), line)
    }
    assert.ok(text.includes('unknown'))
  })

  it('says of a refusal that it was refused, with the code', () => {
    const text = says(caseIn('failed'))
    assert.ok(text.includes('Defender refused it: Forbidden, HTTP 403.'))
    assert.ok(text.includes('Request id\n0f1e2d3c'))
  })

  it('tells partly accepted, refused, unknown and not sent apart', () => {
    const of = (...states: ('accepted' | 'refused' | 'notSent' | 'uncertain')[]) =>
      says(
        caseIn('failed', {
          remediations: [
            remediationOf(
              states.map((state, index) =>
                batchOf({
                  seq: index + 1,
                  from: index * 5,
                  to: index * 5 + 5,
                  state,
                  code: state === 'refused' ? 'Bad' : null
                })
              )
            )
          ]
        })
      )
    const partly = of('accepted', 'refused', 'notSent')
    assert.ok(partly.includes('Partly submitted\nPT-1042 · v3 · 1 of 3 batches accepted'))
    assert.ok(partly.includes('Batches\n1 accepted, 1 refused, 1 not sent'))
    assert.ok(partly.includes('Accepted for 5 mailboxes; the rest needs a new approval.'))
    const unsent = of('notSent')
    assert.ok(unsent.includes('Not sent\nPT-1042 · v3 · nothing was removed'))
    assert.ok(unsent.includes('The request never left this bot for 5 mailboxes.'))
    const unknown = of('uncertain', 'refused')
    assert.ok(unknown.includes('The outcome is unknown for 5 mailboxes.') && !unknown.includes('nothing was removed'))
  })

  it('warns on a new plan that the first request may still be carried out', () => {
    const text = says(caseIn('proposed', { planVersion: 5, remediations: caseIn('uncertain').remediations }))
    assert.ok(text.includes('? The outcome of the first request is unknown'))
    assert.ok(text.includes('Careful: the first request may still be carried out.'))
    assert.ok(!says(caseIn('proposed', { remediations: caseIn('failed').remediations })).includes('Careful'))
  })

  it('shows a refusal’s reason on top, and a repeat as such', () => {
    const card = renderCaseCard(caseIn('proposed'), { ...context, banner: 'This plan is out of date.', repeat: true })
    const text = textOf(card)
    assert.ok(text.indexOf('This plan is out of date.') < text.indexOf('Your mailbox is full'))
    assert.ok(text.includes('Repeat of PT-1042'))
    assert.equal(cardProblem(card), null)
  })

  it('sums up without a word from outside', () => {
    assert.deepEqual(
      allStates.map((state) => caseSummary(caseIn(state))),
      [
        'PT-1042: looking it up',
        'PT-1042: nothing found yet',
        'PT-1042: cannot be looked up',
        'PT-1042: 12 mailboxes, needs a decision',
        'PT-1042: 11 mailboxes, approved, being submitted',
        'PT-1042: 11 mailboxes, approved, being submitted',
        'PT-1042: 11 mailboxes, submitted',
        'PT-1042: 11 mailboxes, refused by Defender',
        'PT-1042: 11 mailboxes, outcome unknown',
        'PT-1042: closed: not phish',
        'PT-1042: expired: nobody decided',
        'PT-1042: joined PT-1040'
      ]
    )
  })
})

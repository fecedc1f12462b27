// What the case's card says of the awkward cases: left out, blocked, in dispute, unreadable, failed, unknown.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { MailCopy } from '../../src/case/mail.js'
import { makePlan } from '../../src/case/plan.js'
import { renderCaseCard } from '../../src/teams/case-card.js'
import { cardProblem } from './card-schema.js'
import { nodesOf, textOf, titlesOf } from './card-walk.js'
import {
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

describe('the words of the case card', () => {
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
      'Look in Action Center for PT-1042 softDelete v3',
      'It is there\nMark as done.',
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
    assert.ok(partly.includes('The request never left this bot for 5 mailboxes.'))
    const unknown = of('uncertain', 'refused')
    assert.ok(unknown.includes('The outcome is unknown for 5 mailboxes.') && !unknown.includes('nothing was removed'))
  })

  it('warns on a new plan that an earlier request may still be carried out', () => {
    const text = says(caseIn('proposed', { planVersion: 5, remediations: caseIn('uncertain').remediations }))
    assert.ok(text.includes('? The outcome of an earlier request is unknown'))
    assert.ok(text.includes('Careful: the earlier request may still be carried out.'))
    assert.ok(!says(caseIn('proposed', { remediations: caseIn('failed').remediations })).includes('Careful'))
  })

  it('says how old the plan is where the last look failed', () => {
    const look = { attempts: 1, lastAt: 0, nextAt: null, problem: { kind: 'unavailable', reason: 'timeout' } as const }
    assert.ok(says(caseIn('proposed', { look })).includes('Last look\nfailed; this is from 02:41 UTC'))
    assert.ok(!says(caseIn('proposed')).includes('Last look'))
  })

  it('shows a refusal’s reason on top, and a repeat as such', () => {
    const card = renderCaseCard(caseIn('proposed'), { ...context, banner: 'This plan is out of date.', repeat: true })
    const text = textOf(card)
    assert.ok(text.indexOf('This plan is out of date.') < text.indexOf('Your mailbox is full'))
    assert.ok(text.includes('Repeat of PT-1042'))
    assert.equal(cardProblem(card), null)
  })
})

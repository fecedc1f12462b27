// The case's card around several approvals: what is said before the first, while one waits for another, and when they are void.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { type RemediationAction, makePlan } from '../../src/case/plan.js'
import type { Policy } from '../../src/case/policy.js'
import type { PendingApproval } from '../../src/case/remediation.js'
import { caseSummary, renderCaseCard } from '../../src/teams/case-card.js'
import { leads, ruleWith } from '../case/policy-samples.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { nodesOf, textOf, titlesOf } from './card-walk.js'
import { approvalOf, caseIn, contextAt, copiesIn, sampleMail, samplePolicy } from './sample-cases.js'

const hardTakesTwo = ruleWith({ when: { actions: ['hardDelete'] }, approvals: 2 })
const manyTakeTwo = ruleWith({ when: { copiesOver: 50 }, approvals: 2 })
const two: Policy = { ...samplePolicy, rules: [hardTakesTwo, manyTakeTwo] }

const draw = (record: CaseRecord, policy: Policy = two) =>
  renderCaseCard(record, contextAt('2026-11-22T03:20:00Z', policy))

/** Valid, small, and what it says. */
function says(record: CaseRecord, policy: Policy = two): string {
  const card = draw(record, policy)
  assert.equal(cardProblem(card), null)
  assert.deepEqual(rendererProblems(card), [])
  const bytes = Buffer.byteLength(JSON.stringify(card))
  assert.ok(bytes < 15 * 1024, String(bytes))
  return textOf(card)
}

const rulingOf = (policy: Partial<Policy>, changes: Partial<CaseRecord> = {}) => {
  const text = says(caseIn('proposed', changes), { ...samplePolicy, ...policy })
  return text.split('\n').slice(-2)
}

describe('the ruling on the card before anybody clicks', () => {
  const sixtyThree = { plan: makePlan(3, { copies: copiesIn(63), recipients: [] }, samplePolicy.limits, 0) }
  const table: [string, Partial<Policy>, Partial<CaseRecord>, string[]][] = [
    [
      'one is enough, and hard delete takes two',
      two,
      {},
      ['1 approval needed', 'Hard delete needs 2. Acts on 11 of 12 mailboxes.']
    ],
    [
      'many mailboxes take two whatever is chosen',
      two,
      sixtyThree,
      ['2 approvals needed: 63 mailboxes', 'Acts on 63 of 63 mailboxes.']
    ],
    [
      'hard delete is what the policy proposes',
      { rules: [hardTakesTwo, manyTakeTwo], defaults: { action: 'hardDelete', severity: 'high' } },
      sixtyThree,
      ['2 approvals needed: hard delete; 63 mailboxes', 'Acts on 63 of 63 mailboxes.']
    ],
    [
      'several choices take the same',
      {
        rules: [
          ruleWith({ when: { actions: ['hardDelete', 'moveToJunk'] }, approvals: 2 }),
          ruleWith({ when: { severities: ['high'] }, approvals: 2 })
        ]
      },
      {},
      ['1 approval needed', 'Move to junk, hard delete and severity high need 2. Acts on 11 of 12 mailboxes.']
    ],
    [
      'only both together take more',
      { rules: [ruleWith({ when: { actions: ['hardDelete'], severities: ['high'] }, approvals: 3 })] },
      {},
      ['1 approval needed', 'Hard delete with severity high needs 3. Acts on 11 of 12 mailboxes.']
    ],
    [
      'some must be among them',
      { rules: [hardTakesTwo, ruleWith({ when: { actions: ['hardDelete'] }, from: leads })] },
      {},
      ['1 approval needed', 'Hard delete needs 2, 1 from SOC leads. Acts on 11 of 12 mailboxes.']
    ],
    [
      'reporter and opener are left out',
      { rules: [ruleWith({ reporterMayApprove: false, openerMayApprove: false })] },
      {},
      [
        '1 approval needed',
        'Whoever reported the mail or opened the case may not approve this. Acts on 11 of 12 mailboxes.'
      ]
    ],
    [
      "the sender's copy takes more, its owner being a VIP",
      { vipMailboxes: [sampleMail.senderAddress], rules: [ruleWith({ when: { vip: true }, approvals: 2 })] },
      { mail: { ...sampleMail, direction: 'outbound' } },
      ['1 approval needed', "The sender's copy needs 2. Acts on 11 of 12 mailboxes."]
    ]
  ]
  for (const [what, policy, changes, expected] of table) {
    it(what, () => {
      assert.deepEqual(rulingOf(policy, changes), expected)
    })
  }

  const forbid = (when: Parameters<typeof ruleWith>[0]) => ({ rules: [ruleWith({ ...when, forbidden: true })] })

  it('says what nobody may approve, and does not offer it', () => {
    const policy = { ...samplePolicy, ...forbid({ when: { actions: ['hardDelete'] } }) }
    assert.deepEqual(rulingOf(policy), [
      '1 approval needed',
      'Hard delete cannot be approved by anybody: hard delete. Acts on 11 of 12 mailboxes.'
    ])
    const choices = nodesOf(draw(caseIn('proposed'), policy)).find(({ id }) => id === 'action')?.choices as object[]
    assert.ok(!JSON.stringify(choices).includes('hardDelete'))
    assert.equal(choices.length, 4)
  })

  it('offers what some severity allows, and proposes one that is allowed', () => {
    const policy = { ...samplePolicy, ...forbid({ when: { severities: ['medium'] } }) }
    const card = draw(caseIn('proposed'), policy)
    assert.equal(nodesOf(card).find(({ id }) => id === 'severity')?.value, 'low')
    assert.match(textOf(card), /Severity medium cannot be approved by anybody: severity medium\./)
  })

  it('proposes another action where nobody may approve the usual one', () => {
    const policy = { ...samplePolicy, ...forbid({ when: { actions: ['softDelete'] } }) }
    assert.equal(nodesOf(draw(caseIn('proposed'), policy)).find(({ id }) => id === 'action')?.value, 'moveToJunk')
  })

  it('has no Approve where nobody may approve anything, and says why', () => {
    const policy = { ...samplePolicy, ...forbid({ when: { copiesOver: 5 } }) }
    assert.match(says(caseIn('proposed'), policy), /Nobody may approve this: 11 mailboxes/)
    assert.deepEqual(titlesOf(draw(caseIn('proposed'), policy)), ['Look again', 'Open in Defender', 'Not phish'])
  })
})

describe('the card that waits for another approval', () => {
  const base = caseIn('partlyApproved')
  const { pending } = base
  assert.ok(pending !== null)
  const pendingWith = (changes: Partial<PendingApproval>) =>
    caseIn('partlyApproved', { pending: { ...pending, ...changes } })

  it('reads from the state down to the buttons as one order', () => {
    const text = says(base)
    const lines = [
      '◐\nWaiting for second approval\nPT-1042 · v3 · 1 of 2 given, ends 04:14 UTC',
      'From helpdesk[@]contos0-support[.]example shown as IT-Helpdesk',
      '12 mailboxes: 9 inbox, 2 junk, 1 cannot be acted on',
      'Action\nHard delete, severity high',
      'Undo\nCannot be undone, here or by the user',
      'Phish, high confidence',
      '2 of 3 failed',
      '2 links (1 bad), 1 file',
      '2 approvals needed: hard delete\n✓\nDana Weber, 03:14 UTC\nPassword page confirmed, two users asked about it',
      '○\nStill needed: another approver'
    ]
    let from = 0
    for (const line of lines) {
      const at = text.indexOf(line, from)
      assert.ok(at >= from, `${line}\nnot where it should be in\n${text}`)
      from = at
    }
  })

  it('says whose approval fell away and why, the newest three, as plain text', () => {
    const fallen = Array.from({ length: 7 }, (_, index) => ({
      person: { objectId: `o${String(index)}`, name: `**Ana** <at>${String(index)}</at>` },
      approvedAt: pending.until - 3_600_000,
      at: pending.until - 60_000,
      why: ['May not approve any more, by the directory and the policy of now.']
    }))
    const text = says(pendingWith({ fallen }))
    assert.equal(text.match(/Does not count any more: May not approve any more/g)?.length, 3)
    assert.match(text, /○\nStill needed: another approver/)
    assert.doesNotMatch(text, /<at>1</)
    assert.match(text, /6/)
    const blocks = nodesOf(draw(pendingWith({ fallen }))).filter(({ type }) => type === 'TextBlock')
    assert.ok(!JSON.stringify(blocks).includes('Ana'))
  })

  it('asks for a reason only, and offers to approve, reject and withdraw', () => {
    const card = draw(base)
    const inputs = nodesOf(card).filter(({ type }) => type?.startsWith('Input.'))
    assert.deepEqual(
      inputs.map(({ id, label, isRequired }) => [id, label, isRequired]),
      [['reason', 'Reason', true]]
    )
    assert.deepEqual(titlesOf(card), [
      'Look again',
      'Open in Defender',
      'Approve hard delete',
      'Not phish',
      'Withdraw my approval'
    ])
    assert.equal(caseSummary(base), 'PT-1042: 12 mailboxes, waiting for second approval')
  })

  const titles: Record<RemediationAction, [string, string]> = {
    hardDelete: ['Approve hard delete', 'destructive'],
    softDelete: ['Approve soft delete', 'positive'],
    moveToJunk: ['Approve move to junk', 'positive'],
    moveToDeletedItems: ['Approve move', 'positive'],
    moveToInbox: ['Approve move', 'positive']
  }
  for (const [action, [title, style]] of Object.entries(titles) as [RemediationAction, [string, string]][]) {
    it(`names ${action} on a button of 20 characters at most, and what can be undone`, () => {
      const record = pendingWith({ action })
      const card = draw(record)
      const approve = nodesOf(card).find(({ type, verb }) => type === 'Action.Execute' && verb === 'approve')
      assert.deepEqual([approve?.title, approve?.style, title.length <= 20], [title, style, true])
      assert.equal(says(record).includes('Cannot be undone'), action === 'hardDelete')
      assert.equal(says(record).includes('Can be undone: '), !['hardDelete', 'moveToInbox'].includes(action))
    })
  }

  it("says that the sender's copy goes too, and never comes back", () => {
    const text = says(pendingWith({ action: 'softDelete', remediateSendersCopy: true }))
    assert.match(text, /Soft delete, severity high, the sender's copy too/)
    assert.match(text, /The sender's copy cannot be brought back/)
  })

  it('counts on: the third of three', () => {
    const approvals = [
      approvalOf(),
      approvalOf({
        person: { objectId: 'ana', name: 'Ana Silva' },
        standing: { objectId: 'ana', groups: [], reporter: false, opener: false }
      })
    ]
    const policy = {
      ...two,
      approvers: { users: [...two.approvers.users, 'ana'], groups: [] },
      rules: [ruleWith({ approvals: 3 })]
    }
    const text = says(pendingWith({ approvals }), policy)
    assert.match(text, /Waiting for third approval\nPT-1042 · v3 · 2 of 3 given/)
    assert.match(text, /✓\nDana Weber[^]*✓\nAna Silva[^]*○\nStill needed: another approver$/)
  })

  it('says of an approval that the policy of now does not count why that is', () => {
    const text = says(base, { ...two, approvers: { users: ['somebody'], groups: [] } })
    assert.match(text, /0 of 2 given/)
    assert.match(text, /–\nDana Weber[^]*Does not count any more: Not an approver\.\n○\nStill needed: 2 more approvers/)
  })

  it('cannot be approved any more where the policy of now forbids it', () => {
    const policy = { ...samplePolicy, rules: [ruleWith({ when: { actions: ['hardDelete'] }, forbidden: true })] }
    assert.match(says(base, policy), /Nobody may approve this: hard delete/)
    assert.deepEqual(titlesOf(draw(base, policy)).slice(2), ['Not phish', 'Withdraw my approval'])
  })

  it('warns of an earlier request whose outcome is unknown', () => {
    const { remediations } = caseIn('uncertain')
    assert.match(says(caseIn('partlyApproved', { remediations })), /\? The outcome of an earlier request is unknown/)
  })

  it('keeps names and reasons out of everything but plain runs, and the card small', () => {
    const text = '${name} **x** <at>y</at> '.repeat(40)
    const approvals = Array.from({ length: 8 }, (_, index) =>
      approvalOf({ person: { objectId: String(index), name: text }, reason: text })
    )
    const card = draw(pendingWith({ approvals }))
    assert.equal(cardProblem(card), null)
    assert.ok(Buffer.byteLength(JSON.stringify(card)) <= 20 * 1024)
    const runs = nodesOf(card).filter((node) => String(node.text).includes('**x**'))
    assert.ok(runs.length >= 8)
    assert.ok(runs.every(({ type, fontType }) => type === 'TextRun' && fontType === 'Monospace'))
  })
})

describe('the card after approvals became void', () => {
  const at = Date.parse('2026-11-22T03:18:00Z')
  const causes: [CaseRecord['voided'], string][] = [
    [{ why: 'changed', changes: ['2 copies more', '1 moved'], at }, 'Approvals are void: 2 copies more, 1 moved'],
    [{ why: 'narrowed', changes: [], at }, 'Approvals are void: a triage named other mailboxes'],
    [{ why: 'withdrawn', changes: [], at }, 'Approvals are void: withdrawn'],
    [{ why: 'timeUp', changes: [], at }, 'Approvals are void: their time was up']
  ]
  for (const [voided, title] of causes) {
    it(title, () => {
      const said = `${title}\nSince 03:18 UTC. Nothing was sent. Everybody who approved has to decide again.`
      assert.ok(says(caseIn('proposed', { voided })).includes(said))
      assert.ok(!says(caseIn('rejected', { voided })).includes('void'))
    })
  }
})

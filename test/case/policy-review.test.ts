// What the review finds in a policy, word for word: rules in vain, demands that nobody can meet, and what one person may do.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { remediationActions, severities } from '../../src/case/plan.js'
import { everyKindOfPlan, planWords } from '../../src/case/policy-plans.js'
import { reviewPolicy } from '../../src/case/policy-review.js'
import { trialWords } from '../../src/case/policy-trial.js'
import { rulesWords, typicalRulings, whoMayWords } from '../../src/case/policy-words.js'
import { type Policy, type PolicyRule, defaultRules } from '../../src/case/policy.js'
import { type PlanFacts, missingApprovals, requirementFor } from '../../src/case/requirement.js'
import { type SomeRule, factsWith, groups, leads, people, policyWith, ruleWith, standing } from './policy-samples.js'

const hardTwo: SomeRule = { when: { actions: ['hardDelete'] }, approvals: 2 }
const manyTwo: SomeRule = { when: { copiesOver: 50 }, approvals: 2 }
const leadsToo: Partial<Policy> = {
  approvers: { users: [people.ana, people.ben], groups: [groups.approvers, groups.leads] }
}
const found = (rules: SomeRule[], changes: Partial<Policy> = leadsToo) =>
  reviewPolicy(policyWith(rules.map(ruleWith), changes)).map(({ kind, words }) => `${kind}: ${words}`)

const oneHard =
  'warning: One person alone can approve a hard delete, which cannot be undone; for example: hard delete, 1 mailbox.'
const coveredBy = (rule: number, other: number) =>
  `problem: Rule ${String(rule)} never changes anything: rule ${String(other)} asks at least as much of every plan that it is for.`

interface Row {
  is: string
  rules: SomeRule[]
  changes?: Partial<Policy>
  finds: string[]
}

const rows: Row[] = [
  { is: 'the defaults', rules: defaultRules, finds: [] },
  { is: 'no rules', rules: [], finds: [oneHard] },
  {
    is: 'hard delete by one where it is small',
    rules: [manyTwo],
    finds: [oneHard]
  },
  { is: 'no hard delete', rules: [], changes: { ...leadsToo, actions: ['softDelete'] }, finds: [] },
  {
    is: 'an action that is not offered',
    rules: [hardTwo],
    changes: { ...leadsToo, actions: ['softDelete', 'moveToJunk'] },
    finds: ['problem: Rule 1 can never apply: the policy does not offer hard delete.']
  },
  {
    is: 'a rule for what puts mail back, although the card does not offer it',
    rules: [{ when: { actions: ['moveToInbox'] }, approvals: 2 }],
    changes: { ...leadsToo, actions: ['softDelete'] },
    finds: []
  },
  {
    is: 'more copies than a plan may have',
    rules: [hardTwo, { when: { copiesOver: 1000 }, approvals: 3 }],
    finds: ['problem: Rule 2 can never apply: no plan may have more than 1,000 mailboxes (limits.maxCopies).']
  },
  {
    is: 'the last number that a plan may have',
    rules: [hardTwo, { when: { copiesOver: 999 }, approvals: 3 }],
    finds: []
  },
  {
    is: 'VIPs where there are none',
    rules: [hardTwo, { when: { vip: true }, from: leads }],
    changes: { ...leadsToo, vipMailboxes: [] },
    finds: ['problem: Rule 2 can never apply: `vipMailboxes` is empty.']
  },
  { is: 'a wider rule that asks as much', rules: [hardTwo, { approvals: 2 }], finds: [coveredBy(1, 2)] },
  { is: 'a wider rule that asks more', rules: [{ approvals: 3 }, hardTwo], finds: [coveredBy(2, 1)] },
  { is: 'a wider rule that asks less', rules: [{ approvals: 2 }, { ...hardTwo, approvals: 3 }], finds: [] },
  { is: 'the same rule twice', rules: [hardTwo, hardTwo], finds: [coveredBy(2, 1)] },
  {
    is: 'a narrower rule with a demand of its own',
    rules: [{ approvals: 2 }, { ...hardTwo, openerMayApprove: false }],
    finds: []
  },
  {
    is: 'a wider rule for other people',
    rules: [
      { approvals: 2, from: leads },
      { ...hardTwo, from: { name: 'named', users: [people.ana, people.ben], groups: [] } }
    ],
    finds: []
  },
  {
    is: 'a rule for anyone where leads must be as many',
    rules: [{ approvals: 2, from: leads }, hardTwo],
    finds: [coveredBy(2, 1)]
  },
  {
    is: 'what others forbid',
    rules: [
      hardTwo,
      { when: { actions: ['hardDelete'], copiesOver: 10 }, forbidden: true },
      { ...manyTwo, when: { actions: ['hardDelete'], copiesOver: 50 }, approvals: 3 }
    ],
    finds: [coveredBy(3, 2)]
  },
  {
    is: 'what only several rules together cover',
    rules: [
      { when: { directions: ['inbound', 'outbound'] }, approvals: 2 },
      { when: { directions: ['intraOrg', 'unknown'] }, approvals: 2 },
      hardTwo
    ],
    finds: [
      'problem: Rule 3 never changes anything: the other rules together ask at least as much of every plan that it is for.'
    ]
  },
  {
    is: 'a rule that asks what every plan needs',
    rules: [hardTwo, { when: { copiesOver: 5 } }],
    finds: ['warning: Rule 2 asks for no more than every plan needs.']
  },
  {
    is: 'too few people by name',
    rules: [{ ...hardTwo, approvals: 3 }],
    changes: { approvers: { users: [people.ana, people.ana.toUpperCase(), people.ben], groups: [] } },
    finds: ['problem: Rule 1 asks for 3 approvals and can never be met: only 2 people could give one.']
  },
  {
    is: 'a single approver and the defaults',
    rules: defaultRules,
    changes: { approvers: { users: [people.ana], groups: [] } },
    finds: [
      'problem: Rule 1 asks for 2 approvals and can never be met: only 1 person could give one.',
      'problem: Rule 2 asks for 2 approvals and can never be met: only 1 person could give one.'
    ]
  },
  {
    is: 'demands of people who are no approvers',
    rules: [hardTwo, { from: { name: 'lawyers', users: [people.stranger], groups: [] } }],
    changes: { approvers: { users: [people.ana, people.ben], groups: [] } },
    finds: ['problem: Rule 2 asks for 1 approval from lawyers and can never be met: only 0 people could give one.']
  },
  {
    is: 'demands of a group that is no group of approvers',
    rules: [hardTwo, { from: leads }],
    changes: { approvers: { users: [], groups: [groups.approvers] } },
    finds: ['warning: Rule 2: whoever is in SOC leads counts only if `approvers` has them as well.']
  },
  {
    is: 'just enough people, one of whom may be left out',
    rules: [{ ...hardTwo, openerMayApprove: false, reporterMayApprove: false }],
    changes: { approvers: { users: [people.ana, people.ben, people.cleo], groups: [] } },
    finds: [
      'warning: Rule 1 asks for 2 approvals and cannot always be met: whoever reported the mail or opened the case is left out of the 3 people who could give one.'
    ]
  },
  {
    is: 'a safeguard that can be chosen away',
    rules: [hardTwo, { when: { severities: ['high'] }, approvals: 2 }],
    finds: ['warning: Rule 2 hangs on the severity, which whoever approves chooses: with another it asks nothing.']
  },
  {
    is: 'an action that is always forbidden',
    rules: [{ when: { actions: ['hardDelete', 'softDelete'] }, forbidden: true }],
    finds: [
      'problem: The card offers soft delete, and nobody may ever approve it: take it from `actions`.',
      'problem: The card offers hard delete, and nobody may ever approve it: take it from `actions`.',
      'problem: The card proposes soft delete, 1 mailbox, which nobody may approve.'
    ]
  },
  {
    is: 'an empty approver list',
    rules: [{ approvals: 5 }],
    changes: { approvers: { users: [], groups: [] } },
    finds: ['problem: Nobody may approve: `approvers` is empty.']
  },
  {
    is: 'no channel, and a VIP who is protected',
    rules: [hardTwo],
    changes: { ...leadsToo, channelId: '', limits: { maxCopies: 10, protectedMailboxes: ['CEO@contoso.example'] } },
    finds: [
      'warning: No SOC channel is set: until SOC_CHANNEL_ID or `channel` names one, nothing can be decided.',
      'warning: ceo@contoso.example is a VIP mailbox and a protected one: its copies are in no plan, so rules see it as a sender at most.'
    ]
  }
]

describe('policy review', () => {
  for (const { is, rules, changes, finds } of rows) {
    it(`finds in ${is}: ${finds.length === 0 ? 'nothing' : finds.join(' ')}`, () => {
      assert.deepEqual(found(rules, changes), finds)
    })
  }

  it('calls no rule vain that any plan would miss', () => {
    const anyRule: fc.Arbitrary<PolicyRule> = fc.record({
      when: fc.record({
        actions: fc.subarray([...remediationActions], { maxLength: 2 }),
        severities: fc.subarray([...severities], { maxLength: 1 }),
        copiesOver: fc.constantFrom(null, 0, 10, 50),
        vip: fc.boolean(),
        directions: fc.constantFrom([], ['outbound' as const])
      }),
      forbidden: fc.boolean(),
      approvals: fc.integer({ min: 1, max: 3 }),
      from: fc.constantFrom(null, leads),
      reporterMayApprove: fc.boolean(),
      openerMayApprove: fc.boolean()
    })
    const anyPlan: fc.Arbitrary<PlanFacts> = fc.record({
      action: fc.constantFrom(...remediationActions),
      severity: fc.constantFrom(...severities),
      copies: fc.integer({ min: 1, max: 1000 }),
      vips: fc.integer({ min: 0, max: 2 }),
      direction: fc.constantFrom('inbound' as const, 'outbound' as const, 'unknown' as const)
    })
    const everyone = [people.ana, people.ben, people.cleo].map((id) => standing(id, { groups: [groups.leads] }))
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 5 }), anyPlan, fc.subarray(everyone), (rules, facts, approvers) => {
        const policy = policyWith(rules)
        const vain = rules.filter((_, index) =>
          reviewPolicy(policy).some(({ words }) =>
            new RegExp(`^Rule ${String(index + 1)} (?:can never apply|never changes|asks for no more)`).test(words)
          )
        )
        const without = policyWith(rules.filter((each) => !vain.includes(each)))
        const [all, fewer] = [requirementFor(policy, facts), requirementFor(without, facts)]
        const missing = (of: Policy, requirement: typeof all) =>
          missingApprovals(of, requirement, approvers).length === 0
        assert.equal(all.forbidden.length > 0, fewer.forbidden.length > 0)
        assert.equal(missing(policy, all), missing(without, fewer))
      }),
      { numRuns: 300 }
    )
  })

  it('looks at every kind of plan that the rules tell apart, and at no more', () => {
    assert.equal(everyKindOfPlan(policyWith([], { vipMailboxes: [] })).length, 5)
    const telling = [
      manyTwo,
      { when: { severities: ['high' as const], directions: ['outbound' as const] }, approvals: 2 }
    ]
    assert.equal(everyKindOfPlan(policyWith(telling.map(ruleWith))).length, 5 * 2 * 2 * 3 * 4)
  })
})

describe('policy in words', () => {
  it('says who may do what', () => {
    assert.deepEqual(whoMayWords(policyWith([])), [
      'Every member of the organisation may report; guests may not.',
      'Open and read cases: every approver.',
      'Approve and reject: 3 people by name and the members of 1 group; never guests, nor accounts of other organisations.',
      'The card offers move to junk, move to inbox, move to deleted items, soft delete and hard delete, and proposes soft delete with severity medium.',
      'A plan may have at most 1,000 mailboxes. No mailbox is protected.',
      'VIP mailboxes: ceo@contoso.example.'
    ])
    const empty = policyWith([], {
      analysts: { users: [people.ana], groups: [groups.leads, groups.customer] },
      approvers: { users: [], groups: [] },
      limits: { maxCopies: 1, protectedMailboxes: ['a@contoso.example', 'b@contoso.example'] },
      vipMailboxes: []
    })
    const [, open, decide, , limit, vips] = whoMayWords(empty)
    assert.deepEqual(
      [open, decide, limit, vips],
      [
        'Open and read cases: 1 person by name, the members of 2 groups and every approver.',
        'Nobody may approve or reject.',
        'A plan may have at most 1 mailbox. Left out of every plan: a@contoso.example, b@contoso.example.',
        'No mailbox is a VIP.'
      ]
    )
  })

  it('says each rule', () => {
    const all = { actions: ['hardDelete' as const, 'softDelete' as const], copiesOver: 1, vip: true }
    const rules = [
      ruleWith({
        when: { ...all, directions: ['outbound', 'intraOrg'], severities: ['high'] },
        approvals: 2,
        from: leads
      }),
      ruleWith({ openerMayApprove: false }),
      ruleWith({ when: { vip: true }, forbidden: true })
    ]
    assert.deepEqual(rulesWords(policyWith(rules)), [
      '1. Hard delete or soft delete, more than 1 mailbox, a VIP mailbox, outbound mail or internal mail, severity high: 2 approvals from SOC leads.',
      '2. Every plan: 1 approval. Whoever opened the case may not approve this.',
      '3. A VIP mailbox: nobody may approve.'
    ])
    assert.deepEqual(rulesWords(policyWith([])), ['There are no rules: one approval is enough for every plan.'])
  })

  it('tells what typical plans need: each action by size, then what else the rules ask', () => {
    const rules = [
      { when: { vip: true }, from: leads },
      { when: { copiesOver: 9 }, approvals: 2 },
      { when: { directions: ['outbound' as const] }, forbidden: true }
    ]
    const policy = policyWith(rules.map(ruleWith), {
      actions: ['softDelete'],
      limits: { maxCopies: 100, protectedMailboxes: [] }
    })
    assert.deepEqual(
      typicalRulings(policy).map(({ plan, needs }) => `${plan}: ${needs}`),
      [
        'soft delete, 1 mailbox: 1 approval needed',
        'soft delete, 10 mailboxes: 2 approvals needed: 10 mailboxes',
        'soft delete, 51 mailboxes: 2 approvals needed: 51 mailboxes',
        'soft delete, 100 mailboxes: 2 approvals needed: 100 mailboxes',
        'soft delete, 1 mailbox, a VIP mailbox: 1 approval needed from SOC leads: a VIP mailbox',
        'soft delete, 1 mailbox, outbound mail: Nobody may approve this: outbound mail'
      ]
    )
  })

  it('names of a plan what is not usual', () => {
    const usual = { action: 'softDelete', severity: 'medium' } as const
    const facts = factsWith({ copies: 1_200, vips: 2, direction: 'outbound', severity: 'high' })
    assert.equal(planWords(facts, usual), 'soft delete, 1,200 mailboxes, 2 VIP mailboxes, outbound mail, severity high')
  })
})

describe('policy tried', () => {
  const policy = policyWith([hardTwo, manyTwo, { reporterMayApprove: false }].map(ruleWith))
  const member = {
    kind: 'known',
    name: '',
    guest: false,
    external: false,
    enabled: true,
    groups: [] as string[],
    addresses: [] as string[]
  } as const
  const ana = { objectId: people.ana, rights: member, reporter: false, opener: false }
  const tried = (facts: Partial<PlanFacts>, person: Parameters<typeof trialWords>[1]['person'] = ana) =>
    trialWords(policy, { facts: factsWith(facts), person })
  const needs = 'Soft delete, 12 mailboxes: 1 approval needed. Whoever reported the mail may not approve this.'
  const byName = 'You are an approver: named in the policy.'

  it('says what the plan needs, and what this person may', () => {
    assert.deepEqual(tried({}, null), [needs])
    assert.deepEqual(tried({}), [needs, byName, 'May approve this, alone.'])
    assert.deepEqual(tried({ action: 'hardDelete' }).slice(1), [
      byName,
      'May approve this; then: 1 more approval needed.'
    ])
    assert.deepEqual(tried({}, { ...ana, reporter: true }).slice(1), [
      byName,
      'Whoever reported the mail may not approve this; another approver has to.',
      'May not approve this.'
    ])
    assert.deepEqual(tried({}, { ...ana, rights: { ...member, guest: true } }).slice(1), [
      'Guests may not report, open or decide cases.',
      'May not approve this.'
    ])
    assert.equal(tried({}, { ...ana, rights: { kind: 'notFound' } }).at(-1), 'May not approve this.')
  })

  it('says what the card would not even offer', () => {
    const narrow = { ...policy, actions: ['moveToJunk' as const] }
    assert.deepEqual(trialWords(narrow, { facts: factsWith({ copies: 2000 }), person: null }).slice(1), [
      'The card does not offer this action.',
      'No plan may have so many mailboxes: it has to be narrowed before anybody can approve it.'
    ])
  })
})

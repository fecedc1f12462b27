// What the policy asks of plans, word for word; and for any policy: rules only ever add, order means nothing, nobody counts twice.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Direction } from '../../src/case/mail.js'
import { type Plan, makePlan, remediationActions, severities } from '../../src/case/plan.js'
import type { PolicyRule, Standing } from '../../src/case/policy.js'
import {
  type Demand,
  type PlanFacts,
  missingApprovals,
  planFacts,
  requirementFor,
  whyNotCounted
} from '../../src/case/requirement.js'
import { excludedWords, missingWords, neededWords, requirementWords } from '../../src/case/requirement-words.js'
import {
  type SomeRule,
  customer,
  factsWith,
  groups,
  leads,
  people,
  policyWith,
  ruleWith,
  standing
} from './policy-samples.js'

const { ana, ben, cleo, stranger } = people
const hardTwo: SomeRule = { when: { actions: ['hardDelete'] }, approvals: 2 }
const manyTwo: SomeRule = { when: { copiesOver: 50 }, approvals: 2 }
const vipLead: SomeRule = { when: { vip: true }, from: leads }
const hardMany: Partial<PlanFacts> = { action: 'hardDelete', copies: 63 }

interface Row {
  rules: SomeRule[]
  facts?: Partial<PlanFacts>
  words: string
}

const rows: Row[] = [
  { rules: [], words: '1 approval needed' },
  { rules: [hardTwo, manyTwo], words: '1 approval needed' },
  { rules: [hardTwo, manyTwo], facts: { action: 'hardDelete' }, words: '2 approvals needed: hard delete' },
  { rules: [manyTwo], facts: { copies: 50 }, words: '1 approval needed' },
  { rules: [manyTwo], facts: { copies: 51 }, words: '2 approvals needed: 51 mailboxes' },
  { rules: [manyTwo], facts: { copies: 1_234 }, words: '2 approvals needed: 1,234 mailboxes' },
  { rules: [hardTwo, manyTwo], facts: hardMany, words: '2 approvals needed: hard delete; 63 mailboxes' },
  { rules: [manyTwo, hardTwo], facts: hardMany, words: '2 approvals needed: hard delete; 63 mailboxes' },
  { rules: [{ when: { copiesOver: 0 }, approvals: 2 }], facts: { copies: 1 }, words: '2 approvals needed: 1 mailbox' },
  { rules: [{ approvals: 2 }], words: '2 approvals needed: every plan' },
  { rules: [{ approvals: 2 }, hardTwo], facts: hardMany, words: '2 approvals needed: every plan' },
  {
    rules: [hardTwo, { when: { copiesOver: 50 }, approvals: 3 }],
    facts: hardMany,
    words: '3 approvals needed: 63 mailboxes'
  },
  { rules: [{ when: { actions: ['hardDelete'] } }], facts: hardMany, words: '1 approval needed' },
  { rules: [vipLead], facts: { vips: 1 }, words: '1 approval needed from SOC leads: a VIP mailbox' },
  { rules: [vipLead], facts: { vips: 2 }, words: '1 approval needed from SOC leads: 2 VIP mailboxes' },
  { rules: [vipLead], words: '1 approval needed' },
  {
    rules: [vipLead, manyTwo, hardTwo],
    facts: { ...hardMany, vips: 1 },
    words: '2 approvals needed, of them 1 from SOC leads: hard delete; 63 mailboxes; a VIP mailbox'
  },
  {
    rules: [{ ...hardTwo, from: leads }],
    facts: hardMany,
    words: '2 approvals needed from SOC leads: hard delete'
  },
  {
    rules: [
      { ...hardTwo, from: leads },
      { when: { copiesOver: 50 }, from: customer }
    ],
    facts: hardMany,
    words: 'At least 2 approvals needed, with 2 from SOC leads and 1 from customer leads: hard delete; 63 mailboxes'
  },
  {
    rules: [hardTwo, { from: customer }, { from: leads }],
    facts: hardMany,
    words: '2 approvals needed, of them 1 from SOC leads and 1 from customer leads: hard delete; every plan'
  },
  {
    rules: [{ when: { directions: ['outbound'], severities: ['high'] }, approvals: 2 }],
    facts: { direction: 'outbound', severity: 'high' },
    words: '2 approvals needed: outbound mail; severity high'
  },
  {
    rules: [{ when: { directions: ['unknown', 'intraOrg'] }, approvals: 2 }],
    facts: { direction: 'unknown' },
    words: '2 approvals needed: mail of unknown direction'
  },
  {
    rules: [{ when: { directions: ['outbound'], severities: ['high'] }, forbidden: true }, hardTwo],
    facts: { direction: 'outbound', severity: 'high', action: 'hardDelete' },
    words: 'Nobody may approve this: outbound mail; severity high'
  },
  {
    rules: [{ when: { directions: ['outbound'], severities: ['high'] }, forbidden: true }],
    facts: { direction: 'outbound' },
    words: '1 approval needed'
  },
  {
    rules: [
      { when: { vip: true }, forbidden: true, reporterMayApprove: false },
      { when: { actions: ['hardDelete'] }, forbidden: true }
    ],
    facts: { vips: 3, action: 'hardDelete' },
    words: 'Nobody may approve this: hard delete; 3 VIP mailboxes'
  },
  {
    rules: [{ ...hardTwo, reporterMayApprove: false }],
    facts: hardMany,
    words: '2 approvals needed: hard delete. Whoever reported the mail may not approve this.'
  },
  {
    rules: [{ openerMayApprove: false }],
    words: '1 approval needed. Whoever opened the case may not approve this.'
  },
  {
    rules: [{ ...hardTwo, openerMayApprove: false }, { reporterMayApprove: false }],
    facts: hardMany,
    words: '2 approvals needed: hard delete. Whoever reported the mail or opened the case may not approve this.'
  },
  { rules: [{ ...hardTwo, openerMayApprove: false }], words: '1 approval needed' }
]

describe('requirement in words', () => {
  for (const { rules, facts, words } of rows) {
    it(`${words} (${JSON.stringify(rules)})`, () => {
      assert.equal(requirementWords(requirementFor(policyWith(rules.map(ruleWith)), factsWith(facts))), words)
    })
  }

  it('names the same people once, whatever rules call them', () => {
    const otherwise = { name: 'Team leads', users: [], groups: [groups.leads.toUpperCase()] }
    const policy = policyWith([ruleWith({ from: otherwise, approvals: 2 }), ruleWith({ from: leads })])
    const swapped = policyWith([...policy.rules].reverse())
    for (const each of [policy, swapped]) {
      assert.equal(neededWords(requirementFor(each, factsWith())), '2 approvals needed from Team leads: every plan')
    }
  })

  it('is split for a card: the title, and who is left out', () => {
    const asked = requirementFor(policyWith([ruleWith({ ...hardTwo, reporterMayApprove: false })]), factsWith(hardMany))
    assert.equal(neededWords(asked), '2 approvals needed: hard delete')
    assert.equal(excludedWords(asked), 'Whoever reported the mail may not approve this.')
  })
})

describe('approvals', () => {
  const lead = { groups: [groups.leads] }
  const policy = policyWith([hardTwo, manyTwo, vipLead].map(ruleWith))
  const asked = requirementFor(policy, factsWith({ ...hardMany, vips: 1 }))
  const missing = (...approvers: Standing[]) => missingWords(missingApprovals(policy, asked, approvers))

  const approvals: [approvers: Standing[], words: string][] = [
    [[], '2 more approvals needed, of them 1 from SOC leads'],
    [[standing(ana)], '1 more approval needed from SOC leads'],
    [[standing(ana), standing(ben)], '1 more approval needed from SOC leads'],
    [[standing(ana, lead)], '1 more approval needed'],
    [[standing(ana, lead), standing(ana, lead)], '1 more approval needed'],
    [[standing(ana, lead), standing(ana.toUpperCase(), lead)], '1 more approval needed'],
    [[standing(stranger, lead), standing(ana)], '1 more approval needed from SOC leads'],
    [[standing(ben), standing(ana, { groups: [groups.leads.toUpperCase()] })], ''],
    [[standing(stranger, { groups: [groups.leads, groups.approvers] }), standing(cleo)], '']
  ]
  for (const [approvers, words] of approvals) {
    it(`${String(approvers.length)} given: ${words === '' ? 'enough' : words}`, () => {
      assert.equal(missing(...approvers), words)
    })
  }

  it('count once for a person who comes with two standings, as the worse of them allows', () => {
    const strict = policyWith([ruleWith({ reporterMayApprove: false, from: leads })])
    const required = requirementFor(strict, factsWith())
    const good = standing(ana, lead)
    for (const worse of [standing(ana, { ...lead, reporter: true }), standing(ana)]) {
      for (const both of [
        [good, worse],
        [worse, good]
      ]) {
        assert.equal(missingApprovals(strict, required, both).length, 1)
      }
    }
    assert.deepEqual(missingApprovals(strict, required, [good]), [])
  })

  it('of reporter and opener count only where every rule lets them, with a sentence each', () => {
    const strict = policyWith([ruleWith({ reporterMayApprove: false }), ruleWith({ openerMayApprove: false })])
    const required = requirementFor(strict, factsWith())
    const both = standing(ana, { reporter: true, opener: true })
    assert.deepEqual(whyNotCounted(strict, required, both), [
      'Whoever reported the mail may not approve this; another approver has to.',
      'Whoever opened the case may not approve this; another approver has to.'
    ])
    assert.deepEqual(whyNotCounted(strict, required, standing(stranger)), ['Not an approver.'])
    assert.deepEqual(whyNotCounted(strict, required, standing(ana)), [])
    assert.deepEqual(whyNotCounted(policyWith([]), requirementFor(policyWith([]), factsWith()), both), [])
  })

  it('never count for what nobody may approve', () => {
    const strict = policyWith([ruleWith({ forbidden: true, when: { actions: ['hardDelete'] } })])
    const required = requirementFor(strict, factsWith(hardMany))
    assert.deepEqual(whyNotCounted(strict, required, standing(ana)), [
      'The policy lets nobody approve this: hard delete.'
    ])
    assert.notDeepEqual(missingApprovals(strict, required, [standing(ana), standing(ben)]), [])
  })

  it('of several groups are counted for each', () => {
    const both = policyWith([ruleWith({ from: leads }), ruleWith({ from: customer })])
    const required = requirementFor(both, factsWith())
    const left = (...approvers: Standing[]) => missingWords(missingApprovals(both, required, approvers))
    assert.equal(left(), 'At least 1 more approval needed, with 1 from SOC leads and 1 from customer leads')
    assert.equal(left(standing(ana, lead)), '1 more approval needed from customer leads')
    assert.equal(left(standing(ana, { groups: [groups.leads, groups.customer] })), '')
  })
})

describe('facts of a plan', () => {
  const copy = (recipientEmailAddress: string) => ({
    networkMessageId: '73ca4154-58d8-43d0-a890-08dc18c52e6d',
    recipientEmailAddress,
    location: 'inbox_folder' as const
  })
  const plan: Plan = makePlan(
    1,
    { copies: [copy('CEO@contoso.example'), copy('ana@contoso.example')], recipients: [] },
    { maxCopies: 10, protectedMailboxes: [] },
    0
  )
  const choice = { action: 'softDelete', severity: 'high', remediateSendersCopy: false } as const
  const policy = policyWith([], { vipMailboxes: ['ceo@Contoso.example', 'cfo@contoso.example'] })

  it('count mailboxes and VIPs, whatever the case of the address', () => {
    const mail = { direction: 'intraOrg' as const, senderAddress: 'CFO@contoso.example' }
    const facts = { action: 'softDelete', severity: 'high', copies: 2, vips: 1, direction: 'intraOrg' }
    assert.deepEqual(planFacts(policy, plan, choice, mail), facts)
    assert.deepEqual(planFacts(policy, plan, { ...choice, remediateSendersCopy: true }, mail), { ...facts, vips: 2 })
  })

  it('say unknown where Defender says nothing', () => {
    assert.equal(planFacts(policy, plan, choice, null).direction, 'unknown')
  })
})

const directions: Direction[] = ['inbound', 'outbound', 'intraOrg', 'unknown']
const anyFrom = fc.constantFrom(null, leads, customer, { name: 'Two by name', users: [ana, ben], groups: [] })
const anyRule: fc.Arbitrary<PolicyRule> = fc.record({
  when: fc.record({
    actions: fc.subarray([...remediationActions]),
    severities: fc.subarray([...severities]),
    copiesOver: fc.option(fc.integer({ min: 0, max: 100 })),
    vip: fc.boolean(),
    directions: fc.subarray(directions)
  }),
  forbidden: fc.boolean(),
  approvals: fc.integer({ min: 1, max: 5 }),
  from: anyFrom,
  reporterMayApprove: fc.boolean(),
  openerMayApprove: fc.boolean()
})
/** Often enough of those that say nothing of the plan, so that many apply together. */
const anyRules = fc.array(
  fc.oneof(
    anyRule,
    anyRule.map((rule) => ({ ...ruleWith(), from: rule.from, approvals: rule.approvals }))
  ),
  { maxLength: 6 }
)
const anyFacts: fc.Arbitrary<PlanFacts> = fc.record({
  action: fc.constantFrom(...remediationActions),
  severity: fc.constantFrom(...severities),
  copies: fc.integer({ min: 1, max: 100 }),
  vips: fc.integer({ min: 0, max: 2 }),
  direction: fc.constantFrom(...directions)
})
const anyStanding: fc.Arbitrary<Standing> = fc.record({
  objectId: fc.constantFrom(...Object.values(people), ana.toUpperCase()),
  groups: fc.subarray([...Object.values(groups)]),
  reporter: fc.boolean(),
  opener: fc.boolean()
})
const anyApprovers = fc.array(anyStanding, { maxLength: 6 })
const count = (demands: Demand[]) => demands.reduce((sum, { approvals }) => sum + approvals, 0)

describe('requirement of any policy', () => {
  it('is never lowered by one more rule', () => {
    fc.assert(
      fc.property(anyRules, anyRule, anyFacts, anyApprovers, (rules, more, facts, approvers) => {
        const [few, many] = [policyWith(rules), policyWith([...rules, more])]
        const [before, after] = [requirementFor(few, facts), requirementFor(many, facts)]
        assert.ok(after.approvals >= before.approvals)
        assert.ok(after.forbidden.length > 0 || before.forbidden.length === 0)
        assert.ok(before.reporterMayApprove || !after.reporterMayApprove)
        assert.ok(before.openerMayApprove || !after.openerMayApprove)
        if (missingApprovals(many, after, approvers).length > 0) return
        assert.deepEqual(missingApprovals(few, before, approvers), [])
      }),
      { numRuns: 1000 }
    )
  })

  it('does not hang on the order of rules or approvers', () => {
    const shuffled = <T>(all: T[]) => fc.shuffledSubarray(all, { minLength: all.length })
    const orders = fc
      .tuple(anyRules, anyApprovers)
      .chain(([rules, approvers]) =>
        fc.tuple(fc.constant(rules), shuffled(rules), fc.constant(approvers), shuffled(approvers))
      )
    fc.assert(
      fc.property(orders, anyFacts, ([rules, otherRules, approvers, otherApprovers], facts) => {
        const required = requirementFor(policyWith(rules), facts)
        assert.deepEqual(requirementFor(policyWith(otherRules), facts), required)
        const missing = missingApprovals(policyWith(rules), required, approvers)
        assert.deepEqual(missingApprovals(policyWith(rules), required, otherApprovers), missing)
      }),
      { numRuns: 1000 }
    )
  })

  it('counts nobody twice, however the id is spelled', () => {
    fc.assert(
      fc.property(anyRules, anyFacts, anyApprovers, (rules, facts, approvers) => {
        const policy = policyWith(rules)
        const required = requirementFor(policy, facts)
        const again = approvers.map((each) => ({ ...each, objectId: each.objectId.toUpperCase() }))
        const once = missingApprovals(policy, required, approvers)
        assert.deepEqual(missingApprovals(policy, required, [...approvers, ...again]), once)
        if (once.length > 0) return
        const different = new Set(approvers.map(({ objectId }) => objectId.toLowerCase())).size
        assert.ok(different >= required.approvals, `${String(different)} of ${String(required.approvals)}`)
      }),
      { numRuns: 1000 }
    )
  })

  it('is never met without approvers, nor by nobody, nor where a rule forbids it', () => {
    const everyone = Object.values(people).map((id) => standing(id, { groups: Object.values(groups) }))
    const noApprovers = { approvers: { users: [], groups: [] } }
    fc.assert(
      fc.property(anyRules, anyFacts, anyApprovers, (rules, facts, approvers) => {
        const required = requirementFor(policyWith(rules), facts)
        assert.notEqual(count(missingApprovals(policyWith(rules, noApprovers), required, everyone)), 0)
        assert.notEqual(count(missingApprovals(policyWith(rules), required, [])), 0)
        const forbidding = policyWith([...rules, ruleWith({ forbidden: true })])
        assert.notDeepEqual(missingApprovals(forbidding, requirementFor(forbidding, facts), approvers), [])
      }),
      { numRuns: 1000 }
    )
  })

  it('is met by more approvers where it is met by fewer', () => {
    fc.assert(
      fc.property(anyRules, anyFacts, anyApprovers, anyStanding, (rules, facts, approvers, more) => {
        const policy = policyWith(rules)
        const required = requirementFor(policy, facts)
        const isNew = approvers.every(({ objectId }) => objectId.toLowerCase() !== more.objectId.toLowerCase())
        const left = count(missingApprovals(policy, required, approvers))
        if (isNew) assert.ok(count(missingApprovals(policy, required, [...approvers, more])) <= left)
      }),
      { numRuns: 500 }
    )
  })

  it('always has words, without an empty reason', () => {
    fc.assert(
      fc.property(anyRules, anyFacts, (rules, facts) => {
        const words = requirementWords(requirementFor(policyWith(rules), facts))
        assert.match(words, /^(?:At least )?\d+ approvals? needed|^Nobody may approve this: \w/)
        assert.doesNotMatch(words, /;\s*;|: *$|undefined|\bnull\b/)
      }),
      { numRuns: 500 }
    )
  })
})

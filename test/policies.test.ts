// The ready policies: each can be read, has nothing wrong with it, and rules in the words that the documents print.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { reviewPolicy } from '../src/case/policy-review.js'
import { typicalRulings } from '../src/case/policy-words.js'
import type { Policy } from '../src/case/policy.js'
import { readPolicy } from '../src/policy-file.js'

const folder = new URL('../docs/policies/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const readme = readFileSync(new URL('README.md', folder), 'utf8')

function policyOf(name: string): Policy {
  const answer = readPolicy(readFileSync(new URL(`${name}.yaml`, folder), 'utf8'))
  assert.ok('policy' in answer, JSON.stringify(answer))
  return answer.policy
}

/** Which of the typical plans each ruling is for. */
function rulingsOf(name: string): Record<string, string[]> {
  const rulings: Record<string, string[]> = {}
  for (const { plan, needs } of typicalRulings(policyOf(name))) (rulings[needs] ??= []).push(plan)
  return rulings
}

const gentle = ['move to junk', 'move to inbox', 'move to deleted items', 'soft delete']
const each = (actions: string[], ...plans: string[]) =>
  actions.flatMap((action) => plans.map((plan) => `${action}, ${plan}`))
const [one, some, many] = ['1 mailbox', '51 mailboxes', '1,000 mailboxes']
const notOpener = 'Whoever opened the case may not approve this.'
const neither = 'Whoever reported the mail or opened the case may not approve this.'

const tables: Record<string, Record<string, string[]>> = {
  'small-team': {
    '1 approval needed': each(gentle, one, some),
    '2 approvals needed: 101 mailboxes': each(gentle, '101 mailboxes'),
    '2 approvals needed: 500 mailboxes': each(gentle, '500 mailboxes')
  },
  'two-person-rule': {
    [`2 approvals needed: every plan. ${notOpener}`]: each(gentle, one, some, many),
    [`2 approvals needed, of them 1 from SOC leads: every plan; hard delete. ${notOpener}`]: each(
      ['hard delete'],
      one,
      some,
      many
    )
  },
  'managed-soc': {
    '1 approval needed': each(gentle, one),
    '2 approvals needed, of them 1 from customer leads: 51 mailboxes': each(gentle, some),
    '2 approvals needed, of them 1 from customer leads: 1,000 mailboxes': each(gentle, many),
    '2 approvals needed, of them 1 from customer leads: hard delete': each(['hard delete'], one),
    '2 approvals needed, of them 1 from customer leads: hard delete; 51 mailboxes': each(['hard delete'], some),
    '2 approvals needed, of them 1 from customer leads: hard delete; 1,000 mailboxes': each(['hard delete'], many),
    '1 approval needed from customer leads: a VIP mailbox': each(gentle, `${one}, a VIP mailbox`),
    '2 approvals needed, of them 1 from customer leads: hard delete; a VIP mailbox': each(
      ['hard delete'],
      `${one}, a VIP mailbox`
    )
  },
  'follow-the-sun': {
    '1 approval needed': each(gentle, one),
    '2 approvals needed: 51 mailboxes': each(gentle, some),
    '2 approvals needed, of them 1 from leads on call: 501 mailboxes': each(gentle, '501 mailboxes'),
    '2 approvals needed, of them 1 from leads on call: 1,000 mailboxes': each(gentle, many),
    '2 approvals needed: hard delete': each(['hard delete'], one),
    '2 approvals needed: hard delete; 51 mailboxes': each(['hard delete'], some),
    '2 approvals needed, of them 1 from leads on call: hard delete; 501 mailboxes': each(
      ['hard delete'],
      '501 mailboxes'
    ),
    '2 approvals needed, of them 1 from leads on call: hard delete; 1,000 mailboxes': each(['hard delete'], many)
  },
  regulated: {
    [`2 approvals needed: every plan. ${neither}`]: [...each(gentle, one), `move to inbox, ${one}, outbound mail`],
    [`3 approvals needed: 51 mailboxes. ${neither}`]: each(gentle, some),
    [`3 approvals needed: 500 mailboxes. ${neither}`]: each(gentle, '500 mailboxes'),
    [`2 approvals needed, of them 1 from compliance: every plan; a VIP mailbox. ${neither}`]: each(
      gentle,
      `${one}, a VIP mailbox`
    ),
    'Nobody may approve this: move to junk; outbound mail': [`move to junk, ${one}, outbound mail`],
    'Nobody may approve this: move to deleted items; outbound mail': [`move to deleted items, ${one}, outbound mail`],
    'Nobody may approve this: soft delete; outbound mail': [`soft delete, ${one}, outbound mail`]
  }
}

describe('ready policies', () => {
  it('are all here, in the list of the documents too', () => {
    assert.deepEqual(files.map((file) => file.replace('.yaml', '')).sort(), Object.keys(tables).sort())
    for (const file of files) assert.ok(readme.includes(`[${file}](${file})`), file)
  })

  for (const [name, rulings] of Object.entries(tables)) {
    it(`${name} has nothing wrong with it but the channel that is still to be set`, () => {
      assert.deepEqual(
        reviewPolicy(policyOf(name)).map(({ words }) => words),
        ['No SOC channel is set: until SOC_CHANNEL_ID or `channel` names one, nothing can be decided.']
      )
    })

    it(`${name} says for whom it is before anything else`, () => {
      assert.match(readFileSync(new URL(`${name}.yaml`, folder), 'utf8'), /^# For an? .+\n# /)
    })

    it(`${name} rules on typical plans as it should`, () => {
      assert.deepEqual(rulingsOf(name), rulings)
    })
  }

  it('rule as the documents print', () => {
    const printed = [...readme.matchAll(/^\| ([a-z-]+) \| ([^|]+) \| ([^|]+) \|$/gm)]
      .map(([, name = '', plan = '', ruling = '']) => ({ name, plan, ruling }))
      .filter(({ name }) => name in tables)
    assert.equal(printed.length, 16)
    for (const { name, plan, ruling } of printed) {
      assert.equal(typicalRulings(policyOf(name)).find((each) => each.plan === plan)?.needs, ruling, `${name}: ${plan}`)
    }
  })
})

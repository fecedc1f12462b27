// The policy file as shipped, every error with its path, and both ways to name the channel.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type PolicyRule, defaultRules, defaultTime } from '../src/case/policy.js'
import { readPolicy } from '../src/policy-file.js'

const guid = '73ca4154-58d8-43d0-a890-08dc18c52e6d'
const channelId = '19:0a1B_2c-3.d@thread.tacv2'
const defaults = {
  channelId: '',
  version: 1,
  analysts: { users: [], groups: [] },
  approvers: { users: [], groups: [] },
  actions: ['moveToJunk', 'moveToInbox', 'moveToDeletedItems', 'softDelete', 'hardDelete'],
  defaults: { action: 'softDelete', severity: 'medium' },
  limits: { maxCopies: 1000, protectedMailboxes: [] },
  vipMailboxes: [],
  rules: defaultRules,
  ...defaultTime
}

const everyPlan: PolicyRule = {
  when: { actions: [], severities: [], copiesOver: null, vip: false, directions: [] },
  forbidden: false,
  approvals: 1,
  from: null,
  reporterMayApprove: true,
  openerMayApprove: true
}
const other = '83ca4154-58d8-43d0-a890-08dc18c52e6d'

describe('policy file', () => {
  it('is shipped valid, without a channel, and with nobody who may approve', () => {
    const shipped = readFileSync(new URL('../policy.yaml', import.meta.url), 'utf8')
    assert.deepEqual(readPolicy(shipped), { policy: defaults })
  })

  it('needs only its version: everything else has a default', () => {
    assert.deepEqual(readPolicy('version: 1'), { policy: defaults })
  })

  it('is read whole', () => {
    const text = `
version: 1
channel: "${channelId}"
analysts: { users: [${guid}], groups: [${guid}] }
approvers: { groups: [${guid}] }
actions: [hardDelete, moveToJunk]
defaults: { action: hardDelete, severity: high }
limits: { maxCopies: 5, protectedMailboxes: [ceo@contoso.example] }
vipMailboxes: [cfo@contoso.example]
rules:
  - when: { actions: [hardDelete], severities: [high], copiesOver: 4, vip: true, directions: [outbound, unknown] }
    approvals: 2
    from: { name: SOC leads, users: [${guid}], groups: [${guid}] }
    reporterMayApprove: false
    openerMayApprove: false
  - when: {}
    approvals: 1
  - when: { directions: [intraOrg] }
    forbidden: true
`
    assert.deepEqual(readPolicy(text), {
      policy: {
        version: 1,
        channelId,
        analysts: { users: [guid], groups: [guid] },
        approvers: { users: [], groups: [guid] },
        actions: ['hardDelete', 'moveToJunk'],
        defaults: { action: 'hardDelete', severity: 'high' },
        limits: { maxCopies: 5, protectedMailboxes: ['ceo@contoso.example'] },
        vipMailboxes: ['cfo@contoso.example'],
        rules: [
          {
            when: {
              actions: ['hardDelete'],
              severities: ['high'],
              copiesOver: 4,
              vip: true,
              directions: ['outbound', 'unknown']
            },
            forbidden: false,
            approvals: 2,
            from: { name: 'SOC leads', users: [guid], groups: [guid] },
            reporterMayApprove: false,
            openerMayApprove: false
          },
          everyPlan,
          { ...everyPlan, when: { ...everyPlan.when, directions: ['intraOrg'] }, forbidden: true }
        ],
        ...defaultTime
      }
    })
  })

  it('reads its times, and whom to mention', () => {
    const text = `
version: 1
time: { remindAfter: 45m, escalateAfter: never, approvalsWithin: 7d, expireAfter: 4d }
escalateTo: { name: SOC leads, users: [${guid}], tags: [MjQzMmI1N2ItMGFiZC00M2Ri==] }
onCall: { users: [${guid}] }
`
    assert.deepEqual(readPolicy(text), {
      policy: {
        ...defaults,
        time: {
          remindAfterMs: 45 * 60_000,
          escalateAfterMs: null,
          approvalsWithinMs: 7 * 24 * 3_600_000,
          expireAfterMs: 4 * 24 * 3_600_000
        },
        escalateTo: { name: 'SOC leads', users: [guid], tags: ['MjQzMmI1N2ItMGFiZC00M2Ri=='] },
        onCall: { users: [guid] }
      }
    })
  })

  it('takes each time by itself, the others at their defaults', () => {
    const read = readPolicy('version: 1\ntime: { remindAfter: never, expireAfter: 30d }')
    assert.deepEqual(read, { policy: { ...defaults, time: { ...defaultTime.time, remindAfterMs: null } } })
    assert.deepEqual(readPolicy('version: 1\nonCall: {}'), { policy: defaults })
  })

  const notAnId = 'must be an Entra object id (a GUID), not a name or an e-mail address'
  const actions = '"moveToJunk"|"moveToInbox"|"moveToDeletedItems"|"softDelete"|"hardDelete"'
  const notAChannel =
    'channel: must be a channel id (19:…@thread.tacv2) or the address that "Get link to channel" copies in Teams'
  const errors: [text: string, ...problems: string[]][] = [
    ['', 'the file: Invalid input: expected object, received null'],
    ['# nothing but a comment', 'the file: Invalid input: expected object, received null'],
    ['- version: 1', 'the file: Invalid input: expected object, received array'],
    ['version: 1: 2', 'Nested mappings are not allowed in compact mappings at line 1, column 10:'],
    ['version: 1\nversion: 1', 'Map keys must be unique at line 2, column 1:'],
    ['version: *one', 'the file: an alias (*name) has no anchor, or stands for too much'],
    ['channel: ""', 'version: Invalid input: expected 1'],
    ['version: 2', 'version: Invalid input: expected 1'],
    ['version: "1"', 'version: Invalid input: expected 1'],
    ['version: 1\napprover: {}', 'the file: Unrecognized key: "approver"'],
    ['version: 1\napprovers: { people: [] }', 'approvers: Unrecognized key: "people"'],
    ['version: 1\nlimits: { maxCopy: 5 }', 'limits: Unrecognized key: "maxCopy"'],
    ['version: 1\ndefaults: { reason: x }', 'defaults: Unrecognized key: "reason"'],
    ['version: 1\napprovers: { users: [ana@contoso.example] }', `approvers.users.0: ${notAnId}`],
    [`version: 1\nanalysts: { groups: [${guid}, SOC] }`, `analysts.groups.1: ${notAnId}`],
    [`version: 1\napprovers: { users: ${guid} }`, 'approvers.users: Invalid input: expected array, received string'],
    ['version: 1\napprovers: ', 'approvers: Invalid input: expected object, received null'],
    ['version: 1\nactions: []', 'actions: needs at least one action'],
    ['version: 1\nactions: [softdelete]', `actions.0: Invalid option: expected one of ${actions}`],
    ['version: 1\ndefaults: { action: delete }', `defaults.action: Invalid option: expected one of ${actions}`],
    [
      'version: 1\ndefaults: { severity: critical }',
      'defaults.severity: Invalid option: expected one of "low"|"medium"|"high"'
    ],
    ['version: 1\nactions: [moveToJunk]', 'defaults.action: softDelete is not among the actions'],
    ['version: 1\nlimits: { maxCopies: 0 }', 'limits.maxCopies: Too small: expected number to be >=1'],
    ['version: 1\nlimits: { maxCopies: 1.5 }', 'limits.maxCopies: Invalid input: expected int, received number'],
    ['version: 1\nlimits: { maxCopies: 50001 }', 'limits.maxCopies: Too big: expected number to be <=50000'],
    ['version: 1\nlimits: { maxCopies: "5" }', 'limits.maxCopies: Invalid input: expected number, received string'],
    ['version: 1\nlimits: { protectedMailboxes: [ceo] }', 'limits.protectedMailboxes.0: must be an e-mail address'],
    ['version: 1\nchannel: SOC', notAChannel],
    ['version: 1\ntime: { remind: 5m }', 'time: Unrecognized key: "remind"'],
    ['version: 1\ntime: { remindAfter: 30 }', 'time.remindAfter: must be never or a duration like 30m, 2h or 4d'],
    ['version: 1\ntime: { remindAfter: 30s }', 'time.remindAfter: must be a duration like 30m, 2h or 4d'],
    ['version: 1\ntime: { remindAfter: 0m }', 'time.remindAfter: must be a duration like 30m, 2h or 4d'],
    ['version: 1\ntime: { escalateAfter: 31d }', 'time.escalateAfter: may be at most 30d'],
    ['version: 1\ntime: { approvalsWithin: never }', 'time.approvalsWithin: must be a duration like 30m, 2h or 4d'],
    ['version: 1\ntime: { approvalsWithin: 169h }', 'time.approvalsWithin: may be at most 7d'],
    ['version: 1\ntime: { expireAfter: never }', 'time.expireAfter: must be a duration like 30m, 2h or 4d'],
    ['version: 1\ntime: { expireAfter: 31d }', 'time.expireAfter: may be at most 30d'],
    [
      'version: 1\ntime: { remindAfter: 2h, escalateAfter: 120m }',
      'time.escalateAfter: must be longer than remindAfter'
    ],
    [
      'version: 1\nescalateTo: { name: x, users: [ana] }',
      'escalateTo.users.0: must be an Entra object id (a GUID), not a name or an e-mail address'
    ],
    [
      'version: 1\nescalateTo: { name: x, tags: [SOC leads] }',
      "escalateTo.tags.0: must be a tag's id from Microsoft Graph, not its name"
    ],
    [`version: 1\nescalateTo: { name: ' ', users: [${guid}] }`, 'escalateTo.name: needs a name to show'],
    [`version: 1\nonCall: { groups: [${guid}] }`, 'onCall: Unrecognized key: "groups"'],
    [
      `version: 1\nonCall: { users: [${Array.from({ length: 21 }, () => guid).join(', ')}] }`,
      'onCall.users: may name at most 20'
    ],
    ['version: 1\nchannel: 7', 'channel: Invalid input: expected string, received number'],
    ['version: 1\nchannel: "19:chat@thread.v2"', notAChannel],
    ['version: 1\nchannel: https://evil.example/l/channel/19%3aa%40thread.tacv2/SOC', notAChannel],
    [
      'version: 1\nchannel: SOC\nactions: [hardDelete]',
      notAChannel,
      'defaults.action: softDelete is not among the actions'
    ],
    [
      'version: 2\nactions: [x]\nextra: 1',
      'version: Invalid input: expected 1',
      `actions.0: Invalid option: expected one of ${actions}`,
      'the file: Unrecognized key: "extra"'
    ]
  ]
  for (const [text, ...problems] of errors) {
    it(`says what is wrong with ${JSON.stringify(text)}`, () => {
      assert.deepEqual(readPolicy(text), { problems })
    })
  }

  it('refuses aliases that stand for too much', () => {
    const levels = 'bcdefghi'.split('').map((name, index) => {
      const before = String.fromCharCode(97 + index)
      return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}]`
    })
    assert.deepEqual(readPolicy(['a: &a [x]', ...levels].join('\n')), {
      problems: ['the file: an alias (*name) has no anchor, or stands for too much']
    })
  })
})

describe('policy file: rules', () => {
  const read = (rules: string, approvers = `{ users: [${guid}, ${other}] }`) =>
    readPolicy(`version: 1\napprovers: ${approvers}\nrules: ${rules}`)
  const problemsOf = (rules: string, approvers?: string) => {
    const answer = read(rules, approvers)
    return 'problems' in answer ? answer.problems : []
  }

  it('are the safe defaults where there are none, also for a single approver', () => {
    const answer = readPolicy(`version: 1\napprovers: { users: [${guid}] }`)
    assert.deepEqual('policy' in answer && answer.policy.rules, defaultRules)
  })

  it('are none where the file says so', () => {
    const answer = read('[]')
    assert.deepEqual('policy' in answer && answer.policy.rules, [])
  })

  it('may be fifty and no more', () => {
    const many = (count: number) => `[${Array.from({ length: count }, () => '{ when: {}, approvals: 2 }').join(', ')}]`
    assert.deepEqual(problemsOf(many(50)), [])
    assert.deepEqual(problemsOf(many(51)), ['rules: has more than 50 rules'])
  })

  const nothing = 'asks for nothing: give it approvals, from, reporterMayApprove, openerMayApprove, or forbidden'
  const which = 'rules.0.when: must say which plans the rule is for; {} is every plan'
  const errors: [rules: string, ...problems: string[]][] = [
    ['null', 'rules: Invalid input: expected array, received null'],
    ['[{ approvals: 2 }]', which],
    ['[{ when: null, approvals: 2 }]', which],
    ['[{ when: [], approvals: 2 }]', which],
    ['[{ when: {} }]', `rules.0: ${nothing}`],
    ['[{ when: {}, aprovals: 2 }]', 'rules.0: Unrecognized key: "aprovals"'],
    ['[{ when: { action: hardDelete }, approvals: 2 }]', 'rules.0.when: Unrecognized key: "action"'],
    [
      '[{ when: { severities: [critical] }, approvals: 2 }]',
      'rules.0.when.severities.0: Invalid option: expected one of "low"|"medium"|"high"'
    ],
    [
      '[{ when: { directions: [internal] }, approvals: 2 }]',
      'rules.0.when.directions.0: Invalid option: expected one of "inbound"|"outbound"|"intraOrg"|"unknown"'
    ],
    [
      '[{ when: { actions: [] }, approvals: 2 }]',
      'rules.0.when.actions: needs at least one; leave it out to ask for none'
    ],
    ['[{ when: { copiesOver: -1 }, approvals: 2 }]', 'rules.0.when.copiesOver: Too small: expected number to be >=0'],
    [
      '[{ when: { vip: false }, approvals: 2 }]',
      'rules.0.when.vip: must be true; leave it out for plans with and without VIP mailboxes'
    ],
    ['[{ when: {}, approvals: 0 }]', 'rules.0.approvals: Too small: expected number to be >=1'],
    ['[{ when: {}, approvals: 6 }]', 'rules.0.approvals: Too big: expected number to be <=5'],
    ['[{ when: {}, forbidden: false }]', 'rules.0.forbidden: must be true; leave it out for what may be approved'],
    ['[{ when: {}, forbidden: true, approvals: 2 }]', 'rules.0: what is forbidden has no approvals'],
    [
      `[{ when: {}, forbidden: true, from: { name: Leads, users: [${guid}] }, openerMayApprove: false }]`,
      'rules.0: what is forbidden has no from, openerMayApprove'
    ],
    ['[{ when: {}, from: { name: Leads } }]', 'rules.0.from: names nobody: give it users or groups'],
    [
      `[{ when: {}, from: { users: [${guid}] } }]`,
      'rules.0.from.name: Invalid input: expected string, received undefined'
    ],
    [
      `[{ when: {}, from: { name: " ", users: [${guid}] } }]`,
      'rules.0.from.name: must be the name that cards show for these people'
    ],
    [
      `[{ when: {}, from: { name: Leads, users: [ana] } }]`,
      'rules.0.from.users.0: must be an Entra object id (a GUID), not a name or an e-mail address'
    ],
    ['[{ when: {}, approvals: 3 }]', 'rules.0: can never be met: it asks for 3, and only 2 approvers are named'],
    [
      `[{ when: {}, approvals: 2 }, { when: {}, approvals: 2, from: { name: Leads, users: [${guid}] } }]`,
      'rules.1: can never be met: it asks for 2, and only 1 approver is named'
    ],
    [
      '[{ when: {}, from: { name: Leads, users: [93ca4154-58d8-43d0-a890-08dc18c52e6d] } }]',
      'rules.0: can never be met: it asks for 1, and only 0 approvers are named'
    ]
  ]
  for (const [rules, ...problems] of errors) {
    it(`with an error: ${rules}`, () => {
      assert.deepEqual(problemsOf(rules), problems)
    })
  }

  it('count a person once, however the id is spelled, and leave groups open', () => {
    const twice = `{ users: [${guid}, ${guid.toUpperCase()}] }`
    assert.equal(problemsOf('[{ when: {}, approvals: 2 }]', twice).length, 1)
    assert.deepEqual(problemsOf('[{ when: {}, approvals: 5 }]', `{ groups: [${guid}] }`), [])
    const named = `[{ when: {}, approvals: 2, from: { name: Leads, users: [${guid}, ${other}] } }]`
    assert.deepEqual(problemsOf(named, `{ groups: [${guid}] }`), [])
    const grouped = `[{ when: {}, approvals: 2, from: { name: Leads, groups: [${guid}] } }]`
    assert.deepEqual(problemsOf(grouped), [])
    assert.equal(problemsOf(grouped, `{ users: [${guid}] }`).length, 1)
  })

  it('may ask for more than an empty approver list has: nobody may approve then anyway', () => {
    assert.deepEqual(problemsOf('[{ when: {}, approvals: 2 }]', '{}'), [])
  })

  it('ask for VIP mailboxes by address', () => {
    assert.deepEqual(readPolicy('version: 1\nvipMailboxes: [ceo]'), {
      problems: ['vipMailboxes.0: must be an e-mail address']
    })
  })
})

describe('policy file: the channel', () => {
  const addresses: string[] = [
    channelId,
    ` ${channelId} `,
    `https://teams.microsoft.com/l/channel/${encodeURIComponent(channelId)}/SOC?groupId=${guid}&tenantId=${guid}`,
    `https://teams.microsoft.com/l/channel/${channelId}/SOC?groupId=${guid}`,
    `https://teams.cloud.microsoft/l/channel/${encodeURIComponent(channelId)}/SOC%20Alerts?groupId=${guid}`
  ]
  for (const channel of addresses) {
    it(JSON.stringify(channel), () => {
      const answer = readPolicy(`version: 1\nchannel: ${JSON.stringify(channel)}`)
      assert.equal('policy' in answer && answer.policy.channelId, channelId)
      const overridden = readPolicy('version: 1\nchannel: "19:other@thread.tacv2"', channel)
      assert.equal('policy' in overridden && overridden.policy.channelId, channelId)
    })
  }

  it('takes an older channel id', () => {
    const answer = readPolicy('version: 1\nchannel: "19:abc@thread.skype"')
    assert.equal('policy' in answer && answer.policy.channelId, '19:abc@thread.skype')
  })

  it('names the setting where that is the wrong one', () => {
    assert.deepEqual(readPolicy('version: 1', 'SOC'), {
      problems: [
        'SOC_CHANNEL_ID: must be a channel id (19:…@thread.tacv2) or the address that "Get link to channel" copies in Teams'
      ]
    })
  })

  it('is not confused by a broken escape', () => {
    assert.ok('problems' in readPolicy('version: 1', 'https://teams.microsoft.com/l/channel/19%3/SOC'))
  })
})

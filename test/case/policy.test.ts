// Every rule of the policy with its words, asserted word for word. Asks no directory.
import assert from 'node:assert/strict'
import {
  defaultTime,
  type Deed,
  type PersonRights,
  type Policy,
  type Ruling,
  groupsOf,
  nobodyMayApprove,
  rule
} from '../../src/case/policy.js'

const analyst = 'a0000000-0000-4000-8000-00000000000a'
const approver = 'b0000000-0000-4000-8000-00000000000b'
const stranger = 'c0000000-0000-4000-8000-00000000000c'
const analystGroup = 'd0000000-0000-4000-8000-00000000000d'
const approverGroup = 'e0000000-0000-4000-8000-00000000000e'

const policy: Policy = {
  channelId: '19:soc@thread.tacv2',
  analysts: { users: [analyst], groups: [analystGroup] },
  approvers: { users: [approver], groups: [approverGroup] },
  actions: ['softDelete'],
  defaults: { action: 'softDelete', severity: 'medium' },
  limits: { maxCopies: 10, protectedMailboxes: [] },
  vipMailboxes: [],
  rules: [],
  ...defaultTime
}
const nobody: Policy = { ...policy, analysts: { users: [], groups: [] }, approvers: { users: [], groups: [] } }

const member = {
  kind: 'known' as const,
  name: 'Ana',
  guest: false,
  external: false,
  enabled: true,
  groups: [] as string[],
  addresses: [] as string[]
}
const inGroup = (group: string) => ({ ...member, groups: ['other', group] })
const silent: PersonRights = { kind: 'unavailable', reason: 'The directory did not answer in time.' }
const yes = (reason: string): Ruling => ({ allowed: true, reasons: [reason] })
const no = (reason: string): Ruling => ({ allowed: false, reasons: [reason] })

const noRights = no(
  'I cannot check your rights now. The directory did not answer in time. Nothing was changed; try again soon.'
)
const notFound = no(
  'You are not in the directory of this organisation. People of others may not report, open or decide cases here.'
)
const external = no(
  'Your account is one of another organisation. Only accounts of this organisation may approve or reject, whatever the policy lists.'
)
const guest = no('Guests may not report, open or decide cases.')
const disabled = no('Your account is disabled in the directory.')
const mayReport = yes('Every member of the organisation may report.')
const approverByName = yes('You are an approver: named in the policy.')
const approverByGroup = yes('You are an approver: through a group in the policy.')
const analystByName = yes('You are an analyst: named in the policy.')
const analystByGroup = yes('You are an analyst: through a group in the policy.')
const notListed = 'You are not an approver. An administrator can add you to the approvers in the policy.'
const groupsRead =
  'Your groups were read within the last minute: to have been in one when the card was posted does not count.'
const noApprover: Ruling = { allowed: false, reasons: [notListed, groupsRead] }
const noAnalyst = no('You are not an analyst. An administrator can add you to the analysts in the policy.')
const emptyList = no('Nobody may approve: the approver list in the policy is empty.')

interface Row {
  who: string
  objectId: string
  rights: PersonRights
  policy?: Policy
  report: Ruling
  analyse: Ruling
  decide: Ruling
}

const rows: Row[] = [
  {
    who: 'an approver whom the directory is silent about',
    objectId: approver,
    rights: silent,
    report: yes('Reports are taken although the directory did not answer.'),
    analyse: noRights,
    decide: noRights
  },
  {
    who: 'an approver who is not in the directory',
    objectId: approver,
    rights: { kind: 'notFound' },
    report: notFound,
    analyse: notFound,
    decide: notFound
  },
  {
    who: 'a guest, although an approver by name and group',
    objectId: approver,
    rights: { ...inGroup(approverGroup), guest: true },
    report: guest,
    analyse: guest,
    decide: guest
  },
  {
    who: 'a disabled account, although an approver',
    objectId: approver,
    rights: { ...member, enabled: false },
    report: disabled,
    analyse: disabled,
    decide: disabled
  },
  {
    who: 'a disabled guest, who is told the first reason',
    objectId: approver,
    rights: { ...member, guest: true, enabled: false },
    report: guest,
    analyse: guest,
    decide: guest
  },
  {
    who: 'a member with an account of another organisation, although an approver',
    objectId: approver,
    rights: { ...inGroup(approverGroup), external: true },
    report: mayReport,
    analyse: approverByName,
    decide: external
  },
  {
    who: 'a disabled one of them',
    objectId: approver,
    rights: { ...member, external: true, enabled: false },
    report: disabled,
    analyse: disabled,
    decide: disabled
  },
  {
    who: 'a member whom nobody listed',
    objectId: stranger,
    rights: inGroup('unlisted'),
    report: mayReport,
    analyse: noAnalyst,
    decide: noApprover
  },
  {
    who: 'an approver by name, who is an analyst too',
    objectId: approver,
    rights: member,
    report: mayReport,
    analyse: approverByName,
    decide: approverByName
  },
  {
    who: 'an approver by name in upper case',
    objectId: approver.toUpperCase(),
    rights: member,
    report: mayReport,
    analyse: approverByName,
    decide: approverByName
  },
  {
    who: 'an approver by group, who is an analyst too',
    objectId: stranger,
    rights: inGroup(approverGroup),
    report: mayReport,
    analyse: approverByGroup,
    decide: approverByGroup
  },
  {
    who: 'an approver by group in upper case',
    objectId: stranger,
    rights: inGroup(approverGroup.toUpperCase()),
    report: mayReport,
    analyse: approverByGroup,
    decide: approverByGroup
  },
  {
    who: 'an analyst by name',
    objectId: analyst,
    rights: member,
    report: mayReport,
    analyse: analystByName,
    decide: noApprover
  },
  {
    who: 'an analyst by group',
    objectId: stranger,
    rights: inGroup(analystGroup.toUpperCase()),
    report: mayReport,
    analyse: analystByGroup,
    decide: noApprover
  },
  {
    who: 'a member under a policy that lists nobody',
    objectId: approver,
    rights: inGroup(approverGroup),
    policy: nobody,
    report: mayReport,
    analyse: noAnalyst,
    decide: emptyList
  },
  {
    who: 'an analyst under a policy without approvers',
    objectId: analyst,
    rights: member,
    policy: { ...policy, approvers: nobody.approvers },
    report: mayReport,
    analyse: analystByName,
    decide: emptyList
  }
]

describe('policy', () => {
  for (const row of rows) {
    for (const deed of ['report', 'analyse', 'decide'] satisfies Deed[]) {
      it(`${deed}: ${row.who}`, () => {
        assert.deepEqual(rule(row.policy ?? policy, deed, row), row[deed])
      })
    }
  }

  it('says that somebody who approved the case before was removed, and only where that is why', () => {
    const before = (rights: PersonRights, of = policy) =>
      rule(of, 'decide', { objectId: stranger, rights, approvedBefore: true })
    const removed = 'You approved this case before, and have been removed from the approvers since.'
    assert.deepEqual(before(member), { allowed: false, reasons: [removed, groupsRead] })
    assert.deepEqual(before(member, { ...policy, approvers: { users: [approver], groups: [] } }), no(removed))
    assert.deepEqual(before(inGroup(approverGroup)), approverByGroup)
    assert.deepEqual(before({ ...member, guest: true }), guest)
    assert.deepEqual(before({ ...member, enabled: false }), disabled)
    assert.deepEqual(before({ ...member, external: true }), external)
    assert.deepEqual(before(silent), noRights)
    assert.deepEqual(before({ kind: 'notFound' }), notFound)
    assert.deepEqual(before(member, nobody), emptyList)
  })

  it('mentions groups only where the policy has some for approvers', () => {
    const byName = { ...policy, approvers: { users: [approver], groups: [] } }
    assert.deepEqual(rule(byName, 'decide', { objectId: stranger, rights: member }), no(notListed))
  })

  it('treats a group id as no person and an object id as no group', () => {
    assert.deepEqual(rule(policy, 'decide', { objectId: approverGroup, rights: inGroup(approver) }), noApprover)
  })

  it('says that nobody may approve only where neither people nor groups are listed', () => {
    assert.equal(nobodyMayApprove(nobody), true)
    assert.equal(nobodyMayApprove({ ...nobody, approvers: { users: [approver], groups: [] } }), false)
    assert.equal(nobodyMayApprove({ ...nobody, approvers: { users: [], groups: [approverGroup] } }), false)
    assert.equal(nobodyMayApprove({ ...nobody, analysts: policy.analysts }), true)
  })

  it('asks the directory for each group once', () => {
    const twice = { users: [], groups: [approverGroup, analystGroup] }
    assert.deepEqual(groupsOf({ ...policy, approvers: twice }), [approverGroup, analystGroup])
    assert.deepEqual(groupsOf(nobody), [])
  })
})

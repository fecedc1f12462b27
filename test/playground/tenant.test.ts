// That the seeded tenant has what the story of the playground needs. Starts nothing.
import assert from 'node:assert/strict'
import { GROUPS, MAIL, PEOPLE, seedTenant } from '../../src/playground/tenant.js'

const NOW = Date.parse('2026-11-22T02:41:00Z')

describe('the seeded tenant', () => {
  it('has the mail that the story needs, received in the hour before now', () => {
    const { messages, groups } = seedTenant(NOW, { tenantId: '11111111-1111-4111-8111-111111111111' })
    const find = (id: string) => messages.find((message) => message.networkMessageId === id)
    assert.ok(messages.every(({ receivedAt }) => receivedAt < NOW && receivedAt > NOW - 3_600_000))
    assert.ok(find(MAIL.payslip)?.copies.some((copy) => copy.recipientEmailAddress === 'ceo.office@contoso.example'))
    assert.equal(find(MAIL.internalPhish)?.directionality, 'intraOrg')
    assert.equal(find(MAIL.allStaff)?.copies.length, 63)
    assert.equal(
      messages.filter(({ emailClusterId }) => emailClusterId === find(MAIL.campaign)?.emailClusterId).length,
      5
    )
    const hostile = find(MAIL.hostile)?.subject ?? ''
    for (const trap of ['**', '<at>', '${', '{{DATE(', '\u202e', '\u200b']) assert.ok(hostile.includes(trap), trap)
    const { alerts, submissions, reportedMails } = seedTenant(NOW)
    assert.deepEqual([alerts.length, submissions.length, reportedMails.length], [1, 2, 2])
    assert.deepEqual(groups.find((group) => group.id === GROUPS.approvers)?.members, [PEOPLE.ana])
  })
})

// What severity a case is taken to have before a person says so, and after.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { makePlan } from '../../src/case/plan.js'
import type { Policy } from '../../src/case/policy.js'
import { currentSeverity, proposedSeverity } from '../../src/case/severity.js'
import { caseIn, sampleCopies, samplePolicy } from '../teams/sample-cases.js'

const low: Policy = { ...samplePolicy, defaults: { action: 'softDelete', severity: 'low' } }
const withVip = (address: string): Policy => ({ ...low, vipMailboxes: [address] })
const proposed = caseIn('proposed')

function saying(threat: string): CaseRecord {
  assert.ok(proposed.mail)
  return { ...proposed, mail: { ...proposed.mail, threatTypes: ['phish', threat] } }
}

function attached(threat: string): CaseRecord {
  assert.ok(proposed.mail)
  return { ...proposed, mail: { ...proposed.mail, attachments: [{ name: 'a', bytes: 1, threat }] } }
}

describe('severity', () => {
  it('is the policy’s where nothing speaks for more', () => {
    assert.equal(proposedSeverity(proposed, low), 'low')
    assert.equal(proposedSeverity(proposed, samplePolicy), 'medium')
    assert.equal(proposedSeverity(caseIn('looking'), low), 'low')
  })

  it('is high where Defender says malware, of the mail or of a file', () => {
    assert.equal(proposedSeverity(saying('malware'), low), 'high')
    assert.equal(proposedSeverity(saying('Malware'), low), 'high')
    assert.equal(proposedSeverity(attached('malware'), low), 'high')
    assert.equal(proposedSeverity(attached('phish'), low), 'low')
  })

  it('is high where a VIP has a copy, in any spelling, protected or not', () => {
    const [copy] = sampleCopies
    assert.ok(copy)
    assert.equal(proposedSeverity(proposed, withVip(copy.recipientEmailAddress.toUpperCase())), 'high')
    assert.equal(proposedSeverity(proposed, withVip('somebody.else@contoso.example')), 'low')
    const limits = { maxCopies: 9, protectedMailboxes: [copy.recipientEmailAddress] }
    const plan = makePlan(1, { copies: [copy], recipients: [] }, limits, 0)
    assert.equal(proposedSeverity({ ...proposed, plan }, withVip(copy.recipientEmailAddress)), 'high')
    const failed = makePlan(1, { copies: [{ ...copy, location: 'failed' }], recipients: [] }, low.limits, 0)
    assert.equal(proposedSeverity({ ...proposed, plan: failed }, withVip(copy.recipientEmailAddress)), 'low')
  })

  it('is the policy’s for what goes back', () => {
    const record = saying('malware')
    assert.ok(record.plan)
    assert.equal(proposedSeverity({ ...record, plan: { ...record.plan, purpose: 'undo' } }, low), 'low')
  })

  it('is what people chose, once they have', () => {
    assert.equal(currentSeverity(caseIn('partlyApproved'), low), 'high')
    const failed = caseIn('failed')
    assert.equal(currentSeverity(failed, low), failed.remediations[0]?.severity)
    assert.equal(currentSeverity({ ...saying('malware'), remediations: failed.remediations }, low), 'high')
  })
})

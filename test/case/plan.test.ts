// What a plan takes in and leaves out, in which order, and what its digest stands for.
import assert from 'node:assert/strict'
import type { DeliveryLocation, MailCopy } from '../../src/case/mail.js'
import {
  type PlanChoice,
  type PlanLimits,
  hasSendersCopy,
  makePlan,
  planDigest,
  sameCopies
} from '../../src/case/plan.js'

const now = Date.UTC(2026, 10, 20, 9)
const noLimits: PlanLimits = { maxCopies: 1000, protectedMailboxes: [] }
const choice: PlanChoice = { action: 'softDelete', severity: 'medium', remediateSendersCopy: false }

function copy(name: string, parts: Partial<MailCopy> = {}): MailCopy {
  return {
    networkMessageId: '73ca4154-58d8-43d0-a890-08dc18c52e6d',
    recipientEmailAddress: `${name}@contoso.example`,
    location: 'inbox_folder',
    ...parts
  }
}

function plan(copies: MailCopy[], { recipients = [] as string[], limits = noLimits, version = 1 } = {}) {
  return makePlan(version, { copies, recipients }, limits, now)
}

const names = (copies: MailCopy[]) => copies.map(({ recipientEmailAddress }) => recipientEmailAddress.split('@')[0])

describe('plan: copies', () => {
  it('sorts by recipient without regard to case, then by message', () => {
    const other = copy('ben', { networkMessageId: '00000000-0000-4000-8000-000000000000' })
    const given = [copy('Chen'), copy('ben'), copy('ANA'), other]
    assert.deepEqual(plan(given).copies, [copy('ANA'), other, copy('ben'), copy('Chen')])
    assert.deepEqual(names(given), ['Chen', 'ben', 'ANA', 'ben'])
  })

  it('leaves protected mailboxes out, whatever their case, and says so', () => {
    const limits = { maxCopies: 1000, protectedMailboxes: ['CEO@Contoso.example'] }
    const made = plan([copy('Ceo'), copy('ana')], { limits })
    assert.deepEqual(made.copies, [copy('ana')])
    assert.deepEqual(made.leftOut, [{ copy: copy('Ceo'), reason: 'protected' }])
  })

  const locations: Record<DeliveryLocation, boolean> = {
    inbox_folder: true,
    junkFolder: true,
    deletedFolder: true,
    quarantine: true,
    others: true,
    onprem_external: false,
    failed: false,
    dropped: false,
    unknown: false
  }
  for (const [location, actionable] of Object.entries(locations) as [DeliveryLocation, boolean][]) {
    it(`${location} ${actionable ? 'can' : 'cannot'} be acted on`, () => {
      const only = copy('ana', { location })
      const made = plan([only])
      assert.deepEqual(made.copies, actionable ? [only] : [])
      assert.deepEqual(made.leftOut, actionable ? [] : [{ copy: only, reason: location }])
    })
  }

  it('gives the protection as the reason where both hold', () => {
    const limits = { maxCopies: 1000, protectedMailboxes: ['ana@contoso.example'] }
    assert.equal(plan([copy('ana', { location: 'dropped' })], { limits }).leftOut[0]?.reason, 'protected')
  })

  it('narrows to the named recipients, and lists nobody else as left out', () => {
    const copies = [copy('ana'), copy('ben'), copy('chen', { location: 'dropped' })]
    const made = plan(copies, { recipients: ['BEN@contoso.example', 'nobody@contoso.example'] })
    assert.deepEqual(names(made.copies), ['ben'])
    assert.deepEqual(made.leftOut, [])
  })

  it('never narrows around the protection', () => {
    const limits = { maxCopies: 1000, protectedMailboxes: ['ana@contoso.example'] }
    const made = plan([copy('ana')], { limits, recipients: ['ana@contoso.example'] })
    assert.deepEqual([made.copies.length, made.leftOut.length], [0, 1])
  })

  it('is over the limit with one more copy than the policy allows, counting only those to act on', () => {
    const limits = { maxCopies: 2, protectedMailboxes: [] }
    const two = [copy('ana'), copy('ben'), copy('chen', { location: 'dropped' })]
    assert.equal(plan(two, { limits }).overLimit, false)
    assert.equal(plan([...two, copy('dana')], { limits }).overLimit, true)
    assert.equal(plan([...two, copy('dana')], { limits }).copies.length, 3)
    assert.equal(plan([...two, copy('dana')], { limits, recipients: ['ana@contoso.example'] }).overLimit, false)
  })

  it('keeps its version and its time', () => {
    const made = plan([], { version: 7 })
    assert.deepEqual(made, { version: 7, purpose: 'remediate', copies: [], leftOut: [], overLimit: false, madeAt: now })
  })
})

describe('plan: digest', () => {
  const base = plan([copy('ana'), copy('ben')])
  const digest = planDigest(1042, base, choice)

  it('is the SHA-256 of the plan, and stays what it was in stored approvals', () => {
    assert.match(digest, /^[0-9a-f]{64}$/)
    assert.equal(digest, planDigest(1042, plan([copy('ana'), copy('ben')]), { ...choice }))
    assert.equal(digest, '3efe4b28b907c0e2b4191d385c9b17b2f91a2a8c1bf5b14d176e232193eb55e2')
  })

  const others: Record<string, string> = {
    'the case': planDigest(1043, base, choice),
    'the version': planDigest(1042, plan([copy('ana'), copy('ben')], { version: 2 }), choice),
    'the action': planDigest(1042, base, { ...choice, action: 'hardDelete' }),
    'the severity': planDigest(1042, base, { ...choice, severity: 'high' }),
    "the sender's copy": planDigest(1042, base, { ...choice, remediateSendersCopy: true }),
    'one copy more': planDigest(1042, plan([copy('ana'), copy('ben'), copy('chen')]), choice),
    'one copy less': planDigest(1042, plan([copy('ana')]), choice),
    'another recipient': planDigest(1042, plan([copy('ana'), copy('bea')]), choice),
    'another message': planDigest(1042, plan([copy('ana'), copy('ben', { networkMessageId: 'other' })]), choice)
  }
  for (const [what, changed] of Object.entries(others)) {
    it(`changes with ${what}`, () => {
      assert.notEqual(changed, digest)
    })
  }

  it('is different for each of them', () => {
    assert.equal(new Set(Object.values(others)).size, Object.keys(others).length)
  })

  it('does not change with where a copy lies, when the plan was made, or what was left out', () => {
    const moved = plan([copy('ana', { location: 'junkFolder' }), copy('ben'), copy('chen', { location: 'dropped' })])
    assert.equal(planDigest(1042, { ...moved, madeAt: now + 1 }, choice), digest)
  })

  it("does not change with the order of Graph's answer", () => {
    assert.equal(planDigest(1042, plan([copy('ben'), copy('ana')]), choice), digest)
  })

  it('takes nothing but the choice from what carries it', () => {
    assert.equal(planDigest(1042, base, Object.assign({ reason: 'x' }, choice)), digest)
  })
})

describe('plan: the same copies', () => {
  const base = plan([copy('ana'), copy('ben'), copy('chen', { location: 'dropped' })])

  it('ignores order, version and time', () => {
    const later = plan([copy('chen', { location: 'dropped' }), copy('ben'), copy('ana')], { version: 2 })
    assert.equal(sameCopies(base, { ...later, madeAt: now + 1 }), true)
  })

  it('sees a copy that moved, came, went or is left out now', () => {
    const dropped = copy('chen', { location: 'dropped' })
    assert.equal(sameCopies(base, plan([copy('ana', { location: 'junkFolder' }), copy('ben'), dropped])), false)
    assert.equal(sameCopies(base, plan([copy('ana'), copy('ben'), copy('dana'), dropped])), false)
    assert.equal(sameCopies(base, plan([copy('ana'), dropped])), false)
    assert.equal(sameCopies(base, plan([copy('ana'), copy('ben')])), false)
    assert.equal(sameCopies(base, plan([copy('ana'), copy('ben'), copy('chen', { location: 'failed' })])), false)
    const limits = { maxCopies: 1000, protectedMailboxes: ['chen@contoso.example'] }
    assert.equal(sameCopies(base, plan([copy('ana'), copy('ben'), dropped], { limits })), false)
  })
})

describe("plan: the sender's copy", () => {
  it('exists only for mail that left a mailbox of the tenant', () => {
    assert.equal(hasSendersCopy('outbound'), true)
    assert.equal(hasSendersCopy('intraOrg'), true)
    assert.equal(hasSendersCopy('inbound'), false)
    assert.equal(hasSendersCopy('unknown'), false)
  })
})

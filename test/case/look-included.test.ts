// Looks at a case that includes similar messages, and what the reporter is told where a look ends without a plan.
import assert from 'node:assert/strict'
import type { CaseRecord, LookAnswer } from '../../src/case/case.js'
import { type LookDoors, lookUp, step } from '../../src/case/look.js'
import type { LookResult, Mail } from '../../src/case/mail.js'
import { planDigest } from '../../src/case/plan.js'
import { caseIn, messageId, sampleCopies, sampleMail, samplePolicy } from '../teams/sample-cases.js'
import { TestClock } from '../test-clock.js'

const now = Date.UTC(2026, 10, 22, 4)
const day = 24 * 3_600_000
const { limits } = samplePolicy
const other = '00000001-0000-4000-8000-000000000000'
const third = '00000002-0000-4000-8000-000000000000'

function mailOf(networkMessageId: string, subject: string, copies = sampleCopies): Mail {
  return {
    networkMessageId,
    evidence: { ...sampleMail, subject },
    copies: copies.map((copy) => ({ ...copy, networkMessageId }))
  }
}

const campaign = { lookedAt: 1, similar: [], more: false, joined: [], apart: [], handled: [], included: [other, third] }
const including = (parts: Partial<CaseRecord> = {}) => caseIn('looking', { campaign, ...parts })

describe('look: with included messages', () => {
  const answers = new Map<string, LookResult>()
  let asked: string[]
  let record: CaseRecord

  beforeEach(() => {
    asked = []
    answers.clear()
    for (const [id, subject] of [
      [messageId, 'the reported one'],
      [other, 'another'],
      [third, 'a third']
    ] as const) {
      answers.set(id, { kind: 'found', mail: mailOf(id, subject) })
    }
    record = including({ look: { attempts: 0, lastAt: null, nextAt: null, problem: null } })
  })

  const never = () => assert.fail('this was not to be asked')
  const doors: LookDoors = {
    plans: { plansOf: never },
    store: {
      open: never,
      identify: never,
      openCases: never,
      read: async () => record,
      async change(_number, decide) {
        const { next, answer } = decide(record, null, [])
        record = next ?? record
        return answer
      }
    },
    search: {
      async byNetworkMessageId(id) {
        asked.push(id)
        return answers.get(id) ?? { kind: 'nothing' }
      },
      byInternetMessageId: never
    },
    clock: new TestClock(now),
    limits,
    tell: never,
    cannotResolve: never,
    severalFound: never
  }

  it('makes one plan over all, with the evidence of the case’s own message', async () => {
    await lookUp(1042, doors)
    assert.deepEqual(asked, [messageId, other, third])
    assert.deepEqual([record.state, record.mail?.subject], ['proposed', 'the reported one'])
    const own = caseIn('proposed').plan?.copies.length ?? 0
    assert.equal(record.plan?.copies.length, 3 * own)
    assert.deepEqual(
      new Set(record.plan?.copies.map((copy) => copy.networkMessageId)),
      new Set([messageId, other, third])
    )
  })

  it('makes a plan with a digest of its own for each set of messages', async () => {
    await lookUp(1042, doors)
    const choice = { action: 'softDelete', severity: 'low', remediateSendersCopy: false } as const
    const { plan } = record
    assert.ok(plan)
    const less = { ...plan, copies: plan.copies.filter((copy) => copy.networkMessageId !== third) }
    assert.notEqual(planDigest(1042, plan, choice), planDigest(1042, less, choice))
  })

  it('counts all copies for the limit', async () => {
    await lookUp(1042, { ...doors, limits: { ...limits, maxCopies: sampleCopies.length * 2 } })
    assert.equal(record.plan?.overLimit, true)
  })

  it('is no plan where one of them cannot be looked up', async () => {
    answers.set(other, { kind: 'unavailable', reason: 'timeout', retryAfterMs: null })
    assert.equal(await lookUp(1042, doors), now + 10_000)
    assert.deepEqual([record.state, record.planVersion], ['unreadable', including().planVersion])
    assert.deepEqual(asked, [messageId, other])
  })

  it('is no plan where Defender does not list one of them, and is asked again', async () => {
    answers.delete(third)
    assert.equal(await lookUp(1042, doors), now + 10_000)
    assert.deepEqual(record.look.problem, { kind: 'includedMissing', networkMessageId: third })
    assert.equal(record.state, 'unreadable')
  })

  it('is no plan where what is included has changed meanwhile', () => {
    const context = { now, limits, tell: never, certain: false, included: [mailOf(other, 'x')] }
    const found = { kind: 'found', mail: mailOf(messageId, 'x') } as const
    assert.equal(step(including(), found, context).next, null)
    assert.equal(step(caseIn('looking'), found, context).next, null)
    assert.ok(step(including({ campaign: { ...campaign, included: [other] } }), found, context).next)
  })
})

describe('look: what the reporter is told', () => {
  const told: LookAnswer[] = []
  beforeEach(() => told.splice(0))
  const context = {
    now,
    limits,
    tell(_record: CaseRecord, answer: LookAnswer) {
      told.push(answer)
      return []
    },
    certain: false,
    included: []
  }
  const looked = (record: CaseRecord, answer: LookResult): CaseRecord => {
    const { next } = step(record, answer, context)
    assert.ok(next)
    return next
  }
  const fresh = (sentAt?: number) => {
    const record = caseIn('looking', { look: { attempts: 3, lastAt: now, nextAt: now, problem: null } })
    const claims = { subject: 's', senderAddress: 'a@b.example', ...(sentAt !== undefined && { sentAt }) }
    return { ...record, reporters: { ...record.reporters, claims } }
  }

  const ends: [LookResult, number | undefined, LookAnswer][] = [
    [{ kind: 'nothing' }, undefined, 'nothing'],
    [{ kind: 'nothing' }, now - 29 * day, 'nothing'],
    [{ kind: 'nothing' }, now - 31 * day, 'tooOld'],
    [{ kind: 'forbidden', permission: 'p', code: 'c' }, undefined, 'forbidden'],
    [{ kind: 'noLicence', code: 'c' }, undefined, 'noLicence'],
    [{ kind: 'cloudWithoutApi', code: 'c', version: 'v1.0' }, undefined, 'cloudWithoutApi']
  ]
  for (const [answer, sentAt, expected] of ends) {
    it(`${answer.kind}, dated ${String(sentAt)}: ${expected}, once`, () => {
      const first = looked(fresh(sentAt), answer)
      assert.deepEqual(told, [expected])
      assert.deepEqual(first.look.told, [expected])
      looked({ ...first, look: { ...first.look, attempts: 3, problem: null } }, answer)
      assert.deepEqual(told, [expected])
    })
  }

  it('nothing while looking goes on, nor where a plan stands', () => {
    looked(
      { ...fresh(now - 40 * day), look: { attempts: 0, lastAt: null, nextAt: null, problem: null } },
      { kind: 'nothing' }
    )
    looked(fresh(), { kind: 'unavailable', reason: 'x', retryAfterMs: null })
    looked(caseIn('proposed'), { kind: 'forbidden', permission: 'p', code: 'c' })
    assert.deepEqual(told, [])
  })

  it('another answer is told as well', () => {
    const first = looked(fresh(), { kind: 'noLicence', code: 'c' })
    looked(first, { kind: 'forbidden', permission: 'p', code: 'c' })
    assert.deepEqual(told, ['noLicence', 'forbidden'])
  })
})

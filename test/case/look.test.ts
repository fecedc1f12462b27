// What each answer of Defender does to a case in each state: versions, retry times, and what is left as it was.
import assert from 'node:assert/strict'
import type { CaseRecord, CaseState } from '../../src/case/case.js'
import { type LookDoors, isSimulation, lookAgain, lookUp, step } from '../../src/case/look.js'
import type { FoundMessage, LookResult, Mail } from '../../src/case/mail.js'
import { copiesDigest, makePlan } from '../../src/case/plan.js'
import type { Report } from '../../src/case/report.js'
import { caseIn, messageId, sampleCopies, sampleMail, samplePolicy } from '../teams/sample-cases.js'
import { TestClock } from '../test-clock.js'

const now = Date.UTC(2026, 10, 22, 4)
const { limits } = samplePolicy
const tellsNobody = () => []
const context = { now, limits, tell: tellsNobody, certain: true, included: [] }
const minute = 60_000

const mail: Mail = { networkMessageId: messageId, evidence: sampleMail, copies: sampleCopies }
const found: LookResult = { kind: 'found', mail }
const nothing: LookResult = { kind: 'nothing' }
const forbidden: LookResult = { kind: 'forbidden', permission: 'SecurityAnalyzedMessage.Read.All', code: 'Denied' }
const noLicence: LookResult = { kind: 'noLicence', code: 'NoPlan2' }
const unavailable = (retryAfterMs: number | null): LookResult => ({
  kind: 'unavailable',
  reason: 'timeout',
  retryAfterMs
})

const fresh = { attempts: 0, lastAt: null, nextAt: null, problem: null }
const card = [{ kind: 'card', caseNumber: 1042, dueAt: now }]
const cardAndCampaign = [...card, { kind: 'campaign', caseNumber: 1042, dueAt: now }]
const unchanged = { next: null, outbox: [], audit: [], answer: null }
const waiting: CaseState[] = ['looking', 'nothingFound', 'unreadable', 'proposed']
const deaf: CaseState[] = [
  'approved',
  'submitting',
  'submitted',
  'failed',
  'uncertain',
  'rejected',
  'closed',
  'simulation',
  'expired',
  'joined'
]

function changed(record: CaseRecord, answer: LookResult, inside = context): CaseRecord {
  return step(record, answer, inside).next ?? assert.fail('nothing changed')
}

describe('look: found', () => {
  for (const state of ['looking', 'nothingFound', 'unreadable'] as const) {
    it(`makes plan v1 from ${state}`, () => {
      const record = caseIn(state, { look: { ...fresh, attempts: 2, nextAt: 1 } })
      const plan = makePlan(1, { copies: sampleCopies, recipients: [] }, limits, now)
      assert.deepEqual(step(record, found, context), {
        next: {
          ...record,
          state: 'proposed',
          planVersion: 1,
          mail: sampleMail,
          plan,
          look: { attempts: 3, lastAt: now, nextAt: null, problem: null }
        },
        outbox: cardAndCampaign,
        audit: [
          {
            at: now,
            caseNumber: 1042,
            actor: null,
            event: 'case.found',
            detail: { planVersion: 1, copiesDigest: copiesDigest(plan), copies: 11, leftOut: 1 }
          }
        ],
        answer: null
      })
    })
  }

  it('leaves the plan and its version alone while the mail is the same, whatever the order of the copies', () => {
    const record = caseIn('proposed')
    const again = step(record, { kind: 'found', mail: { ...mail, copies: [...sampleCopies].reverse() } }, context)
    assert.deepEqual(again.next, {
      ...record,
      look: { attempts: record.look.attempts + 1, lastAt: now, nextAt: null, problem: null }
    })
    assert.deepEqual([again.outbox, again.audit], [card, []])
  })

  const moved = sampleCopies.map((copy, index) => (index === 0 ? { ...copy, location: 'quarantine' as const } : copy))
  const differences: Record<string, Mail> = {
    'a copy moved': { ...mail, copies: moved },
    'a copy went': { ...mail, copies: sampleCopies.slice(1) },
    'a copy that is left out went': { ...mail, copies: sampleCopies.slice(0, -1) },
    'the evidence changed': { ...mail, evidence: { ...sampleMail, threatTypes: ['malware'] } }
  }
  for (const [what, other] of Object.entries(differences)) {
    it(`makes a new version when ${what}`, () => {
      const next = changed(caseIn('proposed'), { kind: 'found', mail: other })
      assert.deepEqual([next.state, next.planVersion, next.plan?.version], ['proposed', 4, 4])
    })
  }

  it('makes a new version when the limit or the protected mailboxes changed', () => {
    const low = { ...context, limits: { ...limits, maxCopies: 5 } }
    assert.deepEqual([changed(caseIn('proposed'), found, low).planVersion], [4])
    const guarded = { ...context, limits: { ...limits, protectedMailboxes: ['ana.silva@contoso.example'] } }
    assert.deepEqual([changed(caseIn('proposed'), found, guarded).planVersion], [4])
  })

  it('makes a new version after a plan was taken back, although the mail is the same as before', () => {
    const back = changed(changed(caseIn('proposed'), nothing), found)
    assert.deepEqual([back.state, back.planVersion], ['proposed', 4])
  })

  it('narrows to the recipients that the case names', () => {
    const next = changed(caseIn('looking', { recipients: ['ana.silva@contoso.example'] }), found)
    assert.deepEqual([next.plan?.copies.length, next.plan?.leftOut.length], [1, 0])
  })
})

describe('look: found another message', () => {
  const other = { kind: 'found', mail: { ...mail, networkMessageId: 'e'.repeat(36) } } as const

  for (const state of waiting) {
    it(`changes nothing in ${state}`, () => {
      assert.deepEqual(step(caseIn(state), other, context), unchanged)
    })
  }

  it('takes its own message in any spelling', () => {
    const loud = { ...mail, networkMessageId: messageId.toUpperCase() }
    assert.equal(changed(caseIn('looking'), { kind: 'found', mail: loud }).state, 'proposed')
  })
})

describe('look: nothing', () => {
  for (const state of waiting) {
    it(`moves ${state} to nothingFound and keeps the version`, () => {
      const record = caseIn(state, { look: fresh })
      const { next, outbox, audit, answer } = step(record, nothing, context)
      const look = { attempts: 1, lastAt: now, nextAt: now + minute, problem: null }
      assert.deepEqual(next, { ...record, state: 'nothingFound', look })
      assert.deepEqual(outbox, card)
      assert.deepEqual(audit, [
        { at: now, caseNumber: 1042, actor: null, event: 'case.nothingFound', detail: { attempts: 1 } }
      ])
      assert.equal(answer, now + minute)
    })
  }

  it('looks again after 1, 5 and 15 minutes, then waits for a person', () => {
    let record = caseIn('looking', { look: fresh })
    const delays: (number | null)[] = []
    for (let round = 0; round < 5; round += 1) {
      const { next, answer } = step(record, nothing, context)
      delays.push(answer === null ? null : (answer - now) / minute)
      record = next ?? assert.fail('nothing changed')
      assert.equal(record.look.nextAt, answer)
    }
    assert.deepEqual(delays, [1, 5, 15, null, null])
  })

  it('does not count the looks that could not be made', () => {
    let record = caseIn('looking', { look: fresh })
    for (let round = 0; round < 6; round += 1) record = changed(record, unavailable(null))
    assert.equal(step(record, nothing, context).answer, now + minute)
  })
})

describe('look: cannot', () => {
  const problems: [LookResult, unknown][] = [
    [forbidden, { kind: 'forbidden', permission: 'SecurityAnalyzedMessage.Read.All', code: 'Denied' }],
    [noLicence, { kind: 'noLicence', code: 'NoPlan2' }],
    [unavailable(null), { kind: 'unavailable', reason: 'timeout' }]
  ]
  for (const [answer, problem] of problems) {
    for (const state of waiting) {
      it(`${answer.kind} in ${state} says why and changes neither plan nor version`, () => {
        const record = caseIn(state, { look: fresh })
        const { next, outbox, audit } = step(record, answer, context)
        assert.ok(next !== null)
        const { look, ...rest } = next
        const { look: before, ...other } = record
        assert.equal(before.attempts, 0)
        assert.deepEqual(rest, { ...other, state: state === 'proposed' ? 'proposed' : 'unreadable' })
        assert.deepEqual([look.attempts, look.lastAt, look.problem], [1, now, problem])
        assert.deepEqual(outbox, card)
        assert.deepEqual(audit, [{ at: now, caseNumber: 1042, actor: null, event: 'case.cannotLook', detail: problem }])
      })
    }
  }

  it('waits for a person where a permission or a licence is missing', () => {
    assert.equal(step(caseIn('looking', { look: fresh }), forbidden, context).answer, null)
    assert.equal(step(caseIn('looking', { look: fresh }), noLicence, context).answer, null)
  })

  it('asks an unavailable Defender again, less and less often, and never stops', () => {
    let record = caseIn('looking', { look: fresh })
    const seconds: number[] = []
    for (let round = 0; round < 7; round += 1) {
      const { next, answer } = step(record, unavailable(null), context)
      seconds.push(((answer ?? assert.fail('gave up')) - now) / 1000)
      record = next ?? assert.fail('nothing changed')
    }
    assert.deepEqual(seconds, [10, 30, 60, 300, 900, 900, 900])
  })

  it('waits the whole Retry-After, but never less than its own delay', () => {
    const record = caseIn('looking', { look: fresh })
    assert.equal(step(record, unavailable(3_600_000), context).answer, now + 3_600_000)
    assert.equal(step(record, unavailable(1), context).answer, now + 10_000)
  })
})

describe('look: too late', () => {
  for (const state of deaf) {
    it(`changes nothing in ${state}`, () => {
      for (const answer of [found, nothing, forbidden, noLicence, unavailable(5)]) {
        assert.deepEqual(step(caseIn(state), answer, context), unchanged, answer.kind)
      }
    })
  }
})

describe('look: again', () => {
  for (const state of waiting) {
    it(`starts over in ${state}`, () => {
      const record = caseIn(state, { look: { ...fresh, attempts: 4, lastAt: 5 } })
      const asked = lookAgain(record, now)
      assert.deepEqual(asked, {
        next: { ...record, look: { ...fresh, lastAt: 5 } },
        outbox: [{ kind: 'look', caseNumber: 1042, dueAt: now }],
        audit: [],
        answer: 'looking'
      })
      assert.equal(step(asked.next ?? assert.fail(), nothing, context).answer, now + minute)
    })
  }

  it('is over in every other state', () => {
    for (const state of deaf) {
      assert.deepEqual(lookAgain(caseIn(state), now), { ...unchanged, answer: 'closed' }, state)
    }
  })
})

describe('look: no mail', () => {
  for (const state of ['looking', 'nothingFound', 'unreadable'] as const) {
    it(`waits for a person's verdict from ${state}, and never looks again by itself`, () => {
      const record = caseIn(state)
      assert.deepEqual(step(record, 'noMail', context), {
        next: {
          ...record,
          state: 'unreadable',
          look: { attempts: 1, lastAt: now, nextAt: null, problem: { kind: 'noMail' } }
        },
        outbox: card,
        audit: [{ at: now, caseNumber: 1042, actor: null, event: 'case.cannotLook', detail: { kind: 'noMail' } }],
        answer: null
      })
    })
  }

  it('changes nothing once the case has moved on', () => {
    for (const state of deaf) assert.deepEqual(step(caseIn(state), 'noMail', context), unchanged, state)
  })

  for (const kind of ['file', 'teamsMessage'] as const) {
    it(`asks Defender nothing about a ${kind}`, async () => {
      let record = caseIn('looking', { message: { kind, value: 'x' } })
      const asked = () => assert.fail('Defender was asked')
      const doors: LookDoors = {
        store: {
          open: asked,
          identify: asked,
          openCases: asked,
          read: async () => record,
          async change(_number, decide) {
            const { next, answer } = decide(record, null, [])
            record = next ?? record
            return answer
          }
        },
        search: { byNetworkMessageId: asked, byInternetMessageId: asked },
        plans: { plansOf: asked },
        clock: new TestClock(now),
        limits,
        tell: asked,
        cannotResolve: asked,
        severalFound: asked
      }
      assert.equal(await lookUp(1042, doors), null)
      assert.deepEqual([record.state, record.look.problem], ['unreadable', { kind: 'noMail' }])
    })
  }
})

describe('look: a simulation', () => {
  for (const state of waiting) {
    it(`ends a case that is ${state}, and says so on the card`, () => {
      const record = caseIn(state)
      assert.deepEqual(isSimulation(record, { now }), {
        next: { ...record, state: 'simulation', closing: { by: null, reason: '', verdict: null, at: now } },
        outbox: card,
        audit: [{ at: now, caseNumber: 1042, actor: null, event: 'case.simulation', detail: {} }],
        answer: null
      })
    })
  }

  it('changes nothing that was decided or has ended', () => {
    for (const state of deaf) assert.deepEqual(isSimulation(caseIn(state), { now }), unchanged, state)
  })

  describe('that is looked up', () => {
    const claims = { subject: '', senderAddress: ` ${sampleMail.senderAddress.toUpperCase()} ` }
    const byMessageId = { message: { kind: 'internetMessageId', value: '<training@x.example>' } } as const
    const reported = (reporters: Partial<CaseRecord['reporters']> = {}, parts: Partial<CaseRecord> = {}) => {
      const record = caseIn('looking', { look: fresh, ...parts })
      return {
        ...record,
        reporters: { ...record.reporters, count: 1, kind: 'simulation' as const, claims, ...reporters }
      }
    }

    it('is closed where the sender is the reported one in any case: shown, without a plan', () => {
      const { next, answer, outbox } = step(reported(), found, context)
      assert.deepEqual(
        [next?.state, next?.mail, next?.plan, next?.planVersion, answer],
        ['simulation', sampleMail, null, 0, null]
      )
      assert.deepEqual(outbox, card)
    })

    const doubts: [string, Partial<CaseRecord['reporters']>][] = [
      ['another sender was reported', { claims: { subject: sampleMail.subject, senderAddress: 'a@training.example' } }],
      ['no sender was reported', { claims: { subject: sampleMail.subject, senderAddress: ' ' } }],
      ['nothing was said of the mail', { claims: null }],
      ['somebody else has reported it too', { count: 2 }],
      ['the case was opened as phish', { kind: 'phish' }]
    ]
    for (const [doubt, reporters] of doubts) {
      it(`waits for a decision like any other where ${doubt}`, () => {
        const { next, outbox } = step(reported(reporters), found, context)
        assert.deepEqual([next?.state, next?.planVersion, next?.closing], ['proposed', 1, null])
        assert.deepEqual(outbox, cardAndCampaign)
      })
    }

    it('waits for a decision where its Message-ID stands for several messages', () => {
      const { next } = step(reported(), found, { ...context, certain: false })
      assert.deepEqual([next?.state, next?.closing], ['proposed', null])
    })

    it('is not closed where the mail that was found has no sender, as none was reported', () => {
      const evidence = { ...sampleMail, senderAddress: '' }
      const record = reported({ claims: { subject: '', senderAddress: '' } })
      assert.equal(changed(record, { kind: 'found', mail: { ...mail, evidence } }).state, 'proposed')
    })

    for (const answer of [nothing, forbidden, noLicence]) {
      it(`is closed by its Message-ID alone where Defender has no mail to show: ${answer.kind}`, () => {
        const { next, answer: again } = step(reported({}, byMessageId), answer, context)
        assert.deepEqual([next?.state, next?.mail, next?.plan, again], ['simulation', null, null, null])
      })

      it(`stays open once it is known which mail it is, whose sender nobody could see: ${answer.kind}`, () => {
        const state = answer.kind === 'nothing' ? 'nothingFound' : 'unreadable'
        assert.equal(changed(reported(), answer).state, state)
      })

      it(`stays open where somebody else has reported it too: ${answer.kind}`, () => {
        assert.notEqual(changed(reported({ count: 2 }, byMessageId), answer).state, 'simulation')
      })
    }

    for (const { message } of [reported(), byMessageId]) {
      it(`waits while Defender cannot be asked, known by its ${message.kind}`, () => {
        const { next, answer } = step(reported({}, { message }), unavailable(null), context)
        assert.equal(next?.state, 'unreadable')
        assert.ok(answer !== null && answer > now)
      })
    }

    describe('by its Message-ID', () => {
      const second = 'e'.repeat(36)
      let records: Map<number, CaseRecord>
      let opened: Report[]
      let joinedInto: number | null
      let ids: string[]

      beforeEach(() => {
        records = new Map([[1042, reported({}, byMessageId)]])
        opened = []
        joinedInto = null
        ids = [messageId]
      })

      const recordOf = (number: number) => records.get(number) ?? assert.fail(`no case ${String(number)}`)
      const foundMessage = (networkMessageId: string): FoundMessage => ({
        networkMessageId,
        subject: '',
        senderAddress: '',
        copies: 1
      })
      const doors = (): LookDoors => ({
        store: {
          async open(report) {
            opened.push(report)
            return { kind: 'opened', record: caseIn('looking', { number: 1043 }) }
          },
          async identify(number) {
            const message = { kind: 'networkMessageId' as const, value: messageId }
            const state = joinedInto === null ? 'looking' : 'joined'
            records.set(number, { ...recordOf(number), message, state, joinedInto })
            return { joinedInto }
          },
          openCases: () => assert.fail('the queue was asked for'),
          read: async (number) => recordOf(number),
          async change(number, decide) {
            const { next, answer } = decide(recordOf(number), null, [])
            if (next !== null) records.set(number, next)
            return answer
          }
        },
        plans: { plansOf: () => assert.fail('no follow-up') },
        search: {
          byNetworkMessageId: async () => found,
          byInternetMessageId: async () => ({ kind: 'messages', messages: ids.map(foundMessage), more: false })
        },
        clock: new TestClock(now),
        limits,
        tell: () => [],
        cannotResolve: () => assert.fail('it was resolved'),
        severalFound: () => []
      })

      it('is closed where that is one message of the reported sender', async () => {
        await lookUp(1042, doors())
        assert.equal(recordOf(1042).state, 'simulation')
      })

      it('is not closed where that is several; the others are opened as what they may be, and narrow nothing', async () => {
        ids = [messageId, second]
        await lookUp(1042, doors())
        assert.equal(recordOf(1042).state, 'proposed')
        assert.deepEqual(
          opened.map(({ message, origin, kind }) => [message.value, origin, kind]),
          [[second, 'report', 'phish']]
        )
      })

      it('closes nothing of the case that it joins', async () => {
        const other = caseIn('proposed', { number: 1040 })
        records.set(1040, other)
        joinedInto = 1040
        assert.equal(await lookUp(1042, doors()), null)
        assert.deepEqual(recordOf(1040), other)
        assert.equal(recordOf(1042).state, 'joined')
      })
    })
  })
})

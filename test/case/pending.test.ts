// Approvals that wait: withdrawn, out of time, or void because the mail is not as it was shown.
import assert from 'node:assert/strict'
import { decide } from '../../src/case/decide.js'
import type { DecisionRequest } from '../../src/case/decision.js'
import { lookAgain, step } from '../../src/case/look.js'
import type { MailCopy } from '../../src/case/mail.js'
import { endPending, lookWhilePendingMs } from '../../src/case/pending.js'
import { allStates, caseIn, messageId, sampleCopies, sampleMail, samplePolicy } from '../teams/sample-cases.js'
import { approvedBy, by, hard, policyOf, second, start, windowMs } from './four-eyes.js'

const waiting = approvedBy(['dana'])
const withdrawal: DecisionRequest = { ...second, kind: 'withdraw', reason: '' }
const events = (audit: { event: string }[]) => audit.map(({ event }) => event)

describe('withdraw', () => {
  it('takes the only approval back: proposed anew, under a version that no card has shown yet', () => {
    const { next, outbox, audit, answer } = decide(waiting, { ...withdrawal, reason: 'It is genuine' }, by('dana'))
    assert.ok(next !== null)
    assert.deepEqual(
      [next.state, next.pending, next.planVersion, next.plan?.version, next.remediations],
      ['proposed', null, 4, 4, []]
    )
    assert.deepEqual(next.plan?.copies, waiting.plan?.copies)
    assert.deepEqual(next.voided, { why: 'withdrawn', changes: [], at: start })
    assert.deepEqual(outbox, [{ kind: 'card', caseNumber: 1042, dueAt: start }])
    assert.deepEqual(events(audit), ['decision.withdrawn', 'approval.void'])
    assert.deepEqual([audit[0]?.detail.reason, audit[1]?.actor], ['It is genuine', by('dana').person])
    assert.deepEqual(answer, { kind: 'withdrawn', record: next })
  })

  it('takes only one’s own, and leaves the others as they are', () => {
    const policy = policyOf(3)
    const two = approvedBy(['dana', 'ana'], { policy })
    const { next, audit } = decide(two, withdrawal, by('dana', { policy }))
    assert.deepEqual(
      next?.pending?.approvals.map(({ person }) => person.objectId),
      ['ana']
    )
    assert.deepEqual([next.state, next.planVersion, next.pending?.digest], ['partlyApproved', 3, two.pending?.digest])
    assert.deepEqual(events(audit), ['decision.withdrawn'])
    assert.equal(decide(next, second, by('tom', { policy })).answer.kind, 'approvedInPart')
  })

  it('is nobody else’s to do, and the attempt is kept', () => {
    const { next, audit, answer } = decide(waiting, withdrawal, by('ana'))
    assert.deepEqual([next, events(audit)], [null, ['decision.notAllowed']])
    assert.deepEqual(answer.kind === 'notAllowed' && answer.reasons, ['Only who approved can withdraw an approval.'])
  })

  it('asks for no right and no reason, but for the version that was shown', () => {
    const removed = by('dana', { ruling: { allowed: false, reasons: ['You are not an approver.'] } })
    assert.equal(decide(waiting, withdrawal, removed).answer.kind, 'withdrawn')
    assert.equal(decide(waiting, { ...withdrawal, planVersion: 2 }, by('dana')).answer.kind, 'stale')
    assert.equal(decide(waiting, { ...withdrawal, reason: 'x'.repeat(501) }, by('dana')).answer.kind, 'invalid')
  })

  it('comes too late for what was approved, and means nothing elsewhere', () => {
    const kinds = allStates.map((state) => {
      const record = caseIn(state)
      return [state, decide(record, { ...withdrawal, planVersion: record.planVersion }, by('dana')).answer.kind]
    })
    const late = ['approved', 'submitting', 'submitted', 'verified', 'failed', 'uncertain', 'rejected', 'closed']
    for (const [state = '', kind] of kinds) {
      const expected = state === 'partlyApproved' ? 'notAllowed' : late.includes(state) ? 'tooLate' : 'stale'
      assert.equal(kind, expected, state)
    }
  })
})

describe('the end of the time', () => {
  it('voids what has not found its others, and says so', () => {
    const { next, outbox, audit, answer } = endPending(waiting, start + windowMs)
    assert.deepEqual([next?.state, next?.pending, next?.planVersion], ['proposed', null, 4])
    assert.deepEqual(next?.voided, { why: 'timeUp', changes: [], at: start + windowMs })
    assert.deepEqual(outbox, [{ kind: 'card', caseNumber: 1042, dueAt: start + windowMs }])
    assert.deepEqual(events(audit), ['approval.expired'])
    assert.equal(answer, null)
  })

  it('comes back where it rings too early, as after a clock that jumped or for approvals that came later', () => {
    const early = endPending(waiting, start + windowMs - 1)
    assert.deepEqual(early, { next: null, outbox: [], audit: [], answer: start + windowMs })
  })

  it('means nothing where nothing waits', () => {
    for (const state of allStates.filter((each) => each !== 'partlyApproved')) {
      const ended = endPending(caseIn(state), start + 2 * windowMs)
      assert.deepEqual(ended, { next: null, outbox: [], audit: [], answer: null }, state)
    }
  })
})

describe('a look while approvals wait', () => {
  const context = {
    now: start,
    limits: samplePolicy.limits,
    tell: () => [],
    included: [],
    certain: true
  }
  const found = (copies: MailCopy[], evidence = sampleMail) =>
    step(waiting, { kind: 'found', mail: { networkMessageId: messageId, evidence, copies } }, context)

  it('keeps them where the mail is as it was, comes back, and leaves the card alone', () => {
    const { next, outbox, audit, answer } = found(sampleCopies)
    assert.deepEqual([next?.state, next?.pending, next?.planVersion], ['partlyApproved', waiting.pending, 3])
    assert.deepEqual([outbox, audit, answer], [[], [], start + lookWhilePendingMs])
  })

  it('updates the card where it said before that a look had failed', () => {
    const failed = step(waiting, { kind: 'unavailable', reason: 'timeout', retryAfterMs: null }, context).next
    assert.ok(failed !== null)
    assert.deepEqual([failed.state, failed.pending], ['partlyApproved', waiting.pending])
    const mail = { networkMessageId: messageId, evidence: sampleMail, copies: sampleCopies }
    assert.equal(step(failed, { kind: 'found', mail }, context).outbox.length, 1)
  })

  const more = {
    networkMessageId: messageId,
    recipientEmailAddress: 'new@contoso.example',
    location: 'inbox_folder'
  } as const
  const moved = sampleCopies.map((copy, index) => (index < 2 ? { ...copy, location: 'quarantine' as const } : copy))
  const different: [string, ReturnType<typeof found>, string[]][] = [
    ['one copy more', found([...sampleCopies, more]), ['1 copy more']],
    ['two copies less and one more', found([...sampleCopies.slice(2), more]), ['1 copy more', '2 copies gone']],
    ['two moved', found(moved), ['2 moved']],
    [
      'another verdict',
      found(sampleCopies, { ...sampleMail, threatTypes: ['malware'] }),
      ['Defender says something else of the mail']
    ]
  ]
  for (const [what, { next, audit, outbox }, changes] of different) {
    it(`voids them for ${what}, and says what changed`, () => {
      assert.deepEqual([next?.state, next?.pending, next?.planVersion], ['proposed', null, 4])
      assert.deepEqual(next?.voided, { why: 'changed', changes, at: start })
      assert.deepEqual(events(audit), ['approval.void', 'case.found'])
      assert.deepEqual(audit[0]?.detail.approvals, [{ person: by('dana').person, at: start }])
      assert.deepEqual(
        outbox.map(({ kind }) => kind),
        ['card', 'campaign']
      )
    })
  }

  it('voids them where the mail is found no more', () => {
    const { next, audit } = step(waiting, { kind: 'nothing' }, context)
    assert.deepEqual([next?.state, next?.pending, next?.voided?.why], ['nothingFound', null, 'changed'])
    assert.deepEqual(events(audit), ['approval.void', 'case.nothingFound'])
  })

  it('keeps the note until somebody approves anew', () => {
    const record = found(moved).next ?? assert.fail()
    const again = { ...hard, planVersion: 4 }
    assert.equal(decide(record, again, by('ana')).next?.voided, null)
    assert.equal(decide(record, { ...again, kind: 'reject' }, by('ana')).next?.voided, null)
    assert.equal(lookAgain(record, start).next?.voided?.why, 'changed')
  })
})

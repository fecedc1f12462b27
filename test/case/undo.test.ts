// What an undo may move back, and the steps of its proposal, as pure functions. The rules are written out again by hand.
import assert from 'node:assert/strict'
import { type CaseRecord, type CaseState, latestRemediation } from '../../src/case/case.js'
import { decide, expire } from '../../src/case/decide.js'
import { step } from '../../src/case/look.js'
import type { DeliveryLocation, MailCopy } from '../../src/case/mail.js'
import { copyKey } from '../../src/case/outcome.js'
import { type Plan, type RemediationAction, makePlan, remediationActions } from '../../src/case/plan.js'
import type { BatchState, CopyOutcome, Remediation } from '../../src/case/remediation.js'
import { type UndoContext, isKept, keep, proposeUndo } from '../../src/case/undo.js'
import { canBeUndone, undoable } from '../../src/case/undoable.js'
import {
  allStates,
  batchOf,
  caseIn,
  copiesIn,
  messageId,
  remediationOf,
  sampleMail,
  samplePolicy
} from '../teams/sample-cases.js'

const now = Date.UTC(2026, 10, 22, 5)
const tom = { objectId: 'tom', name: 'Tom Berg' }
const dana = { objectId: 'dana', name: 'Dana Weber' }

function planOf(version: number, copies: MailCopy[]): Plan {
  return makePlan(version, { copies, recipients: [] }, samplePolicy.limits, now - 3_600_000)
}

const sent = batchOf().sentAt ?? 0
const sampleOutcome = { looks: 1, nextLookAt: null, open: 0, places: {}, causes: {}, leftOut: {}, later: null }

interface Did {
  action: RemediationAction
  /** One batch for each, of two copies. */
  batches: BatchState[]
  version?: number
  outcome?: { copies: CopyOutcome[]; over: boolean }
  sender?: boolean
}

function did({ action, batches, version = 3, outcome, sender = false }: Did): Remediation {
  return remediationOf(
    batches.map((state, index) => batchOf({ seq: index + 1, from: index * 2, to: index * 2 + 2, state })),
    {
      action,
      planVersion: version,
      remediateSendersCopy: sender,
      outcome:
        outcome === undefined
          ? null
          : { ...sampleOutcome, lastLookAt: sent + (outcome.over ? 24 : 1) * 3_600_000, copies: outcome.copies }
    }
  )
}

/** Numbers of the copies that would go back, of requests on the same copies. */
function back(...requests: Did[]): number[] {
  const copies = copiesIn(Math.max(...requests.map(({ batches }) => batches.length)) * 2)
  const remediations = requests.map((request, index) => did({ version: index + 3, ...request }))
  const plans = remediations.map(({ planVersion }) => planOf(planVersion, copies))
  return undoable({ remediations }, plans).copies.map(({ recipientEmailAddress }) =>
    Number(recipientEmailAddress.slice(4, 8))
  )
}

describe('undoable: the matrix', () => {
  const puts: [RemediationAction, DeliveryLocation | null][] = [
    ['moveToJunk', 'junkFolder'],
    ['moveToDeletedItems', 'deletedFolder'],
    ['softDelete', 'others'],
    ['hardDelete', null],
    ['moveToInbox', null]
  ]
  for (const [action, location] of puts) {
    it(`${action}: ${location === null ? 'nothing goes back' : `goes back from ${location}`}`, () => {
      const { copies } = undoable({ remediations: [did({ action, batches: ['accepted'] })] }, [planOf(3, copiesIn(2))])
      assert.deepEqual(
        copies.map((copy) => copy.location),
        location === null ? [] : [location, location]
      )
      assert.equal(canBeUndone(action), location !== null)
    })
  }

  const batchStates: [BatchState, number[]][] = [
    ['accepted', [0, 1]],
    ['pending', []],
    ['submitting', []],
    ['refused', []],
    ['notSent', []],
    ['uncertain', []]
  ]
  for (const [state, expected] of batchStates) {
    it(`a batch that is ${state}: ${expected.length === 0 ? 'nothing goes back' : 'its copies go back'}`, () => {
      assert.deepEqual(back({ action: 'softDelete', batches: [state] }), expected)
    })
  }

  // While looks go on, what waits may still be moved; once they are over, it was not.
  const outcomes: [CopyOutcome, boolean, boolean][] = [
    ['moved', true, true],
    ['already', false, false],
    ['waiting', true, false],
    ['elsewhere', true, false],
    ['gone', true, false]
  ]
  for (const [outcome, whileLooking, afterwards] of outcomes) {
    it(`a copy that is ${outcome}`, () => {
      const copies: CopyOutcome[] = [outcome, 'moved']
      const looked = (over: boolean): Did => ({
        action: 'moveToDeletedItems',
        batches: ['accepted'],
        outcome: { copies, over }
      })
      assert.deepEqual(back(looked(false)), whileLooking ? [0, 1] : [1])
      assert.deepEqual(back(looked(true)), afterwards ? [0, 1] : [1])
    })
  }

  it('of a soft delete, a copy that is listed no more can still be recovered', () => {
    const outcome = { copies: ['gone', 'moved'] as CopyOutcome[], over: true }
    assert.deepEqual(back({ action: 'softDelete', batches: ['accepted'], outcome }), [0, 1])
    assert.deepEqual(back({ action: 'moveToJunk', batches: ['accepted'], outcome }), [1])
  })

  it('takes of an unknown outcome only what a look has seen moved', () => {
    const outcome = { copies: ['moved', 'waiting', 'elsewhere', 'moved'] as CopyOutcome[], over: true }
    assert.deepEqual(back({ action: 'softDelete', batches: ['uncertain', 'accepted'], outcome }), [0, 3])
  })

  const stories: [string, Did[], number[]][] = [
    [
      'moved back once is not moved back again',
      [
        { action: 'softDelete', batches: ['accepted'] },
        { action: 'moveToInbox', batches: ['accepted'] }
      ],
      []
    ],
    [
      'of an undo that went through in part, only the rest is left',
      [
        { action: 'softDelete', batches: ['accepted', 'accepted'] },
        { action: 'moveToInbox', batches: ['accepted', 'refused'] }
      ],
      [2, 3]
    ],
    [
      'a move back that did not happen can be asked for again',
      [
        { action: 'moveToJunk', batches: ['accepted'] },
        { action: 'moveToInbox', batches: ['accepted'], outcome: { copies: ['moved', 'waiting'], over: true } }
      ],
      [1]
    ],
    [
      'a move back of unknown outcome can be asked for again',
      [
        { action: 'moveToJunk', batches: ['accepted'] },
        { action: 'moveToInbox', batches: ['uncertain'] }
      ],
      [0, 1]
    ],
    [
      'what was hard deleted after all stays where it is',
      [
        { action: 'moveToJunk', batches: ['accepted', 'accepted'] },
        { action: 'hardDelete', batches: ['accepted', 'notSent'] }
      ],
      [2, 3]
    ],
    [
      'a hard delete of unknown outcome leaves nothing known',
      [
        { action: 'moveToJunk', batches: ['accepted'] },
        { action: 'hardDelete', batches: ['uncertain'] }
      ],
      []
    ],
    [
      'a soft delete after a hard delete brings nothing back',
      [
        { action: 'hardDelete', batches: ['accepted'] },
        { action: 'softDelete', batches: ['accepted'] }
      ],
      []
    ],
    [
      'removed, moved back, and removed once more goes back once more',
      [
        { action: 'softDelete', batches: ['accepted'] },
        { action: 'moveToInbox', batches: ['accepted'] },
        { action: 'moveToJunk', batches: ['accepted'] }
      ],
      [0, 1]
    ]
  ]
  for (const [what, requests, expected] of stories) it(what, () => assert.deepEqual(back(...requests), expected))

  it('says what it cannot undo, in copies', () => {
    const remediations = [
      did({ action: 'hardDelete', batches: ['accepted'], version: 3 }),
      did({ action: 'softDelete', batches: ['uncertain'], version: 4, sender: true }),
      did({ action: 'softDelete', batches: ['accepted'], version: 5 }),
      did({ action: 'moveToInbox', batches: ['accepted'], version: 6 })
    ]
    const [a, b, c] = [copiesIn(6).slice(0, 2), copiesIn(6).slice(2, 4), copiesIn(6).slice(4)]
    const plans = [planOf(3, a), planOf(4, b), planOf(5, c), planOf(6, c)]
    assert.deepEqual(undoable({ remediations }, plans), {
      copies: [],
      seen: new Set(),
      cannot: [
        { kind: 'hardDeleted', copies: 2 },
        { kind: 'sendersCopy' },
        { kind: 'unknown', copies: 2 },
        { kind: 'movedBack', copies: 2 }
      ],
      missing: []
    })
  })

  it('counts nothing of a plan that it was not given, and names its version', () => {
    const remediations = [
      did({ action: 'softDelete', batches: ['accepted'], version: 3 }),
      did({ action: 'softDelete', batches: ['refused'], version: 4 })
    ]
    assert.deepEqual(undoable({ remediations }, []).missing, [3])
  })

  it('never takes a copy that no accepted request removed, one that was purged, or one copy twice', () => {
    // A linear congruential generator: the same cases in every run.
    let seed = 20261122
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return Math.floor((seed / 2147483648) * below)
    }
    const states: BatchState[] = ['accepted', 'refused', 'notSent', 'uncertain', 'pending', 'submitting']
    let taken = 0
    for (let round = 0; round < 3_000; round += 1) {
      const all = copiesIn(8)
      const remediations = Array.from({ length: 1 + random(4) }, (_, index) =>
        did({
          action: remediationActions[random(remediationActions.length)] ?? 'softDelete',
          batches: Array.from({ length: 4 }, () => states[random(states.length)] ?? 'accepted'),
          version: index + 1
        })
      )
      const plans = remediations.map(({ planVersion }) => planOf(planVersion, all))
      const { copies } = undoable({ remediations }, plans)
      taken += copies.length
      assert.equal(new Set(copies.map(copyKey)).size, copies.length)
      for (const copy of copies) {
        const index = all.findIndex((each) => copyKey(each) === copyKey(copy))
        const acted = remediations
          .map(({ action, batches }) => ({ action, state: batches[Math.floor(index / 2)]?.state }))
          .filter(({ state }) => state === 'accepted')
          .map(({ action }) => action)
        assert.ok(acted.length > 0)
        assert.ok(!acted.includes('hardDelete'), acted.join())
        assert.ok(['moveToJunk', 'moveToDeletedItems', 'softDelete'].includes(acted.at(-1) ?? ''), acted.join())
      }
    }
    assert.ok(taken > 1_000, String(taken))
  })
})

const plan3 = planOf(3, copiesIn(4))

function removed(changes: Partial<CaseRecord> = {}, request: Partial<Did> = {}): CaseRecord {
  const remediations = [did({ action: 'softDelete', batches: ['accepted', 'accepted'], ...request })]
  return caseIn('submitted', { plan: plan3, remediations, ...changes })
}

function context(changes: Partial<UndoContext> = {}): UndoContext {
  return {
    person: tom,
    reason: 'our own newsletter',
    policy: samplePolicy,
    plans: [plan3],
    openCase: null,
    now,
    activityId: 'activity-9',
    ...changes
  }
}

function proposal(record = removed(), changes: Partial<UndoContext> = {}): CaseRecord {
  return proposeUndo(record, context(changes)).next ?? assert.fail('nothing was proposed')
}

describe('proposeUndo', () => {
  it('makes the reverse plan a proposal of its own version, looks, and stores who wants it', () => {
    const record = removed({ recipients: ['user0001@contoso.example'] })
    const { next, outbox, audit, answer } = proposeUndo(record, context())
    assert.ok(next?.plan)
    assert.deepEqual([next.state, next.planVersion, next.closing, next.recipients], ['proposed', 4, null, []])
    assert.deepEqual(next.remediations, record.remediations)
    assert.deepEqual(next.plan, {
      version: 4,
      purpose: 'undo',
      copies: copiesIn(4, 'others'),
      leftOut: [],
      overLimit: false,
      madeAt: now,
      undo: {
        by: tom,
        reason: 'our own newsletter',
        state: 'submitted',
        recipients: ['user0001@contoso.example'],
        closing: null,
        cannot: []
      }
    })
    assert.deepEqual(outbox.map(({ kind }) => kind).sort(), ['card', 'look'])
    assert.equal(answer.kind, 'proposed')
    assert.deepEqual(audit, [
      {
        at: now,
        caseNumber: 1042,
        event: 'case.undoProposed',
        actor: tom,
        detail: {
          case: 'PT-1042',
          activityId: 'activity-9',
          planVersion: 4,
          copies: 4,
          leftOut: 0,
          cannot: [],
          reason: 'our own newsletter',
          after: 'submitted'
        }
      }
    ])
  })

  const answers: [string, CaseRecord, Partial<UndoContext>, string][] = [
    ['nothing was removed', removed({}, { batches: ['refused', 'notSent'] }), {}, 'nothing'],
    ['it was hard deleted', removed({}, { action: 'hardDelete' }), {}, 'nothing'],
    ['another case of the mail is open', removed(), { openCase: 1050 }, 'taken'],
    [
      'the policy does not move mail to the inbox',
      removed(),
      { policy: { ...samplePolicy, actions: ['softDelete'] } },
      'notOffered'
    ],
    ['an approval came in between', removed(), { plans: [] }, 'stale'],
    ['something else is to be decided', caseIn('proposed'), {}, 'open'],
    ['the case has joined another', { ...removed(), state: 'joined' }, {}, 'nothing']
  ]
  for (const [why, record, changes, kind] of answers) {
    it(`proposes nothing where ${why}`, () => {
      const { next, outbox, audit, answer } = proposeUndo(record, context(changes))
      assert.deepEqual({ next, outbox, audit, kind: answer.kind }, { next: null, outbox: [], audit: [], kind })
    })
  }

  it('says of a second request that one is under way, until it has been decided and carried out', () => {
    const record = proposal()
    const others: CaseState[] = [
      'proposed',
      'partlyApproved',
      'looking',
      'approved',
      'submitting',
      'uncertain',
      'failed'
    ]
    for (const state of others) {
      assert.equal(proposeUndo({ ...record, state }, context()).answer.kind, 'underWay', state)
    }
  })

  it('opens exactly the ended cases that can have removed something', () => {
    const opened = allStates.filter((state) => proposeUndo(removed({ state }), context()).next !== null)
    assert.deepEqual(opened, ['submitted', 'verified', 'rejected', 'expired'])
  })

  it('leaves out a mailbox that the policy protects by now, and says when there are too many', () => {
    const limits = { maxCopies: 2, protectedMailboxes: ['USER0001@contoso.example'] }
    const { plan } = proposal(removed(), { policy: { ...samplePolicy, limits } })
    assert.deepEqual(
      plan?.leftOut.map(({ copy, reason }) => [copy.recipientEmailAddress, reason]),
      [['user0001@contoso.example', 'protected']]
    )
    assert.deepEqual([plan?.copies.length, plan?.overLimit], [3, true])
  })
})

describe('the decision about an undo', () => {
  const decision = {
    kind: 'approve' as const,
    planVersion: 4,
    action: '',
    severity: 'medium',
    remediateSendersCopy: '',
    verdict: '',
    reason: 'false positive'
  }
  const deciding = {
    policy: { ...samplePolicy, approvers: { users: ['dana'], groups: [] } },
    person: dana,
    ruling: { allowed: true, reasons: ['You are an approver: named in the policy.'] },
    standing: { objectId: 'dana', groups: [], reporter: false, opener: false },
    approversNow: [],
    batchSize: 100,
    now: now + 60_000,
    activityId: 'activity-10'
  }

  it('is about moving to the inbox and nothing else', () => {
    for (const action of ['', ...remediationActions]) {
      const { next, answer } = decide(proposal(), { ...decision, action }, deciding)
      if (action === '' || action === 'moveToInbox') {
        assert.equal(latestRemediation(next ?? assert.fail(action))?.action, 'moveToInbox')
        continue
      }
      assert.ok(next === null && answer.kind === 'invalid', action)
      assert.deepEqual(answer.problems, ['This plan is an undo: its action is moveToInbox.'])
    }
    const outside = decide(
      proposal(removed({ mail: { ...sampleMail, direction: 'intraOrg' } })),
      { ...decision, remediateSendersCopy: 'true' },
      deciding
    )
    assert.ok(outside.answer.kind === 'invalid')
    assert.deepEqual(outside.answer.problems, ["An undo cannot bring back the sender's copy."])
  })

  it('needs an action where the plan is no undo', () => {
    const { answer } = decide(caseIn('proposed'), { ...decision, planVersion: 3 }, deciding)
    assert.ok(answer.kind === 'invalid')
    assert.match(answer.problems.join(), /^The action must be one of/)
  })

  const closing = { by: dana, reason: 'Newsletter', verdict: null, at: now - 60_000 }
  const before: [string, CaseRecord][] = [
    ['submitted', removed({ recipients: ['user0001@contoso.example'] })],
    ['submitted, marked as done', removed({ closing })],
    ['verified', removed({ state: 'verified' })],
    ['rejected', removed({ state: 'rejected', closing })],
    ['expired', removed({ state: 'expired', closing: { ...closing, by: null, reason: '' } })]
  ]
  for (const [what, record] of before) {
    it(`goes back to what it was where it is turned down, or nobody wants it in time: ${what}`, () => {
      const proposed = proposal(record)
      const rejection = { ...decision, kind: 'reject' as const, reason: 'It is phish' }
      const { next, audit, answer, outbox } = decide(proposed, rejection, deciding)
      const was = { ...record, plan: proposed.plan, planVersion: 4, look: proposed.look }
      assert.deepEqual(next, was)
      assert.equal(answer.kind, 'keptRemoved')
      assert.deepEqual(
        outbox.map(({ kind }) => kind),
        ['card', 'verify']
      )
      assert.deepEqual(
        [audit[0]?.event, audit[0]?.actor, audit[0]?.detail.reason],
        ['decision.keptRemoved', dana, 'It is phish']
      )

      const late = expire(proposed, now + 60_000)
      assert.deepEqual(late.next, was)
      assert.deepEqual([late.audit[0]?.event, late.audit[0]?.actor], ['case.undoExpired', null])
      assert.ok(next !== null && isKept(next))
      assert.equal(decide(next, decision, deciding).answer.kind, 'undoIsOver')
    })
  }

  it('turned down, can be asked for again, as a newer version', () => {
    const { next } = decide(proposal(), { ...decision, kind: 'reject' }, deciding)
    assert.ok(next?.plan)
    const again = proposal(next, { plans: [plan3, next.plan] })
    assert.deepEqual([again.state, again.planVersion, again.plan?.copies.length], ['proposed', 5, 4])
  })

  it('void the first of two approvals too', () => {
    const partly = { ...proposal(), state: 'partlyApproved' as const }
    assert.equal(keep(partly, { by: dana, reason: 'no', now, activityId: 'a' })?.next.state, 'submitted')
  })

  it('keeps nothing where no undo waits', () => {
    assert.equal(keep(caseIn('proposed'), { by: dana, reason: 'no', now, activityId: 'a' }), null)
    assert.equal(keep({ ...proposal(), state: 'failed' }, { by: dana, reason: 'no', now, activityId: 'a' }), null)
  })
})

describe('a look at an undo', () => {
  const looking = {
    now: now + 60_000,
    limits: samplePolicy.limits,
    tell: () => [],
    included: [],
    certain: false,
    plans: [plan3]
  }
  const found = (copies: MailCopy[]) => ({
    kind: 'found' as const,
    mail: { networkMessageId: messageId, evidence: sampleMail, copies }
  })
  const at = (...locations: DeliveryLocation[]) =>
    copiesIn(4).map((copy, index) => ({ ...copy, location: locations[index] ?? 'others' }))
  const seenMoved: Partial<Did> = {
    outcome: { copies: ['moved', 'moved', 'moved', 'moved'], over: true }
  }

  it('leaves the proposal as it is where every copy lies where the request put it', () => {
    const record = proposal()
    const { next } = step(record, found(at()), looking)
    assert.deepEqual(next, { ...record, look: { attempts: 1, lastAt: looking.now, nextAt: null, problem: null } })
  })

  it('drops what has gone back to the inbox since it was seen removed, as a new version of the same undo', () => {
    const record = proposal(removed({}, seenMoved))
    const { next } = step(record, found(at('inbox_folder', 'quarantine')), looking)
    assert.deepEqual([next?.state, next?.planVersion, next?.plan?.purpose], ['proposed', 5, 'undo'])
    assert.deepEqual(next?.plan?.copies, at('inbox_folder', 'quarantine').slice(1))
    assert.deepEqual(next?.plan?.undo, record.plan?.undo)
  })

  it('keeps what lies in the inbox where nobody has seen it removed: that may still come', () => {
    const { next } = step(proposal(), found(at('inbox_folder')), looking)
    assert.equal(next?.plan?.copies.length, 4)
  })

  it('keeps what Defender cannot place or does not list, and takes up no copy that was never acted on', () => {
    const more = { ...copiesIn(5)[4], location: 'inbox_folder' } as MailCopy
    const { next } = step(proposal(), found([...at('unknown').slice(0, 2), more]), looking)
    assert.deepEqual(
      next?.plan?.copies.map(({ location }) => location),
      ['unknown', 'others', 'unknown', 'unknown']
    )
    const nothing = step(proposal(), { kind: 'nothing' }, looking).next
    assert.deepEqual([nothing?.state, nothing?.plan?.copies.length], ['proposed', 4])
  })

  it('is left with nothing to approve once everything is back', () => {
    const { next } = step(proposal(removed({}, seenMoved)), found(copiesIn(4)), looking)
    assert.deepEqual([next?.state, next?.plan?.copies], ['proposed', []])
  })

  it('acts only on the mailboxes that a triage names meanwhile', () => {
    const record = { ...proposal(), state: 'looking' as const, recipients: ['user0002@contoso.example'] }
    const { next } = step(record, found(at()), looking)
    assert.deepEqual(
      next?.plan?.copies.map(({ recipientEmailAddress }) => recipientEmailAddress),
      record.recipients
    )
  })

  it('asks again where it has not read the plans, and changes nothing', () => {
    const { next, answer } = step(proposal(), found(at()), { ...looking, plans: [] })
    assert.deepEqual([next, answer], [null, looking.now])
  })

  it('an undo that failed halfway is proposed for the rest, and then closes as not phish', () => {
    const record = proposal()
    assert.ok(record.plan)
    const undo = did({ action: 'moveToInbox', batches: ['accepted', 'refused'], version: 4 })
    const failed = { ...record, state: 'looking' as const, remediations: [...record.remediations, undo] }
    const { next } = step(failed, found(at()), { ...looking, plans: [plan3, record.plan] })
    assert.deepEqual(next?.plan?.copies, copiesIn(4, 'others').slice(2))
    const kept = keep(next ?? assert.fail(), { by: dana, reason: 'enough', now, activityId: 'a' })
    assert.deepEqual([kept?.next.state, kept?.next.closing?.reason], ['rejected', 'enough'])
  })
})

// Two people for what cannot be undone, as it reads in the chat: first, second, withdrawn, out of time, and void when the mail moves.
import assert from 'node:assert/strict'
import type { Policy } from '../../src/case/policy.js'
import { click } from '../../src/playground/teams/person.js'
import { GROUPS, MAIL, PEOPLE } from '../../src/playground/tenant.js'
import { leads, ruleWith } from '../case/policy-samples.js'
import { TestClock } from '../test-clock.js'
import { aSoc, button, cardTold, messageTold, newWords, openCase, remediations } from './scenes.js'
import { type Soc, ana, channelId, dana, guest, tom } from './soc.js'

const minute = 60_000
const hour = 60 * minute
const two = ruleWith({ when: { actions: ['hardDelete'] }, approvals: 2 })
const approvers = { users: [PEOPLE.dana, PEOPLE.tom, PEOPLE.guest], groups: [GROUPS.approvers] }

const hard = { action: 'hardDelete', severity: 'high', reason: 'Password page confirmed' }

describe('two approvals for a hard delete', () => {
  let clock = new TestClock()
  const soc = aSoc(() => ({ clock: (clock = new TestClock()), policy: { approvers, rules: [two] } }))

  const first = async () => {
    const card = await openCase(soc())
    const answer = await soc().press(dana, 'Approve', hard)
    await soc().settle()
    return { card, answer }
  }

  const assertBack = (why: RegExp) => {
    const { words } = soc().card()
    assert.match(words, /Needs a decision\nPT-1001 · v2/)
    assert.match(words, why)
    assert.deepEqual(remediations(soc()), [])
  }

  it('are announced before anybody clicks', async () => {
    const { words } = await openCase(soc())
    assert.match(words, /1 approval needed\nHard delete needs 2\. Acts on 11 of 12 mailboxes\./)
    assert.match(words, /Hard delete \(cannot be undone\)/)
  })

  it('one is not enough: the card says who approved, what is needed and until when, and nothing is sent', async () => {
    const { answer } = await first()
    assert.match(cardTold(answer), /Waiting for second approval/)
    const { words } = soc().card()
    for (const line of [
      'Waiting for second approval\nPT-1001 · v1 · 1 of 2 given, ends 13:00 UTC',
      'Action\nHard delete, severity high\nUndo\nCannot be undone, here or by the user',
      '2 approvals needed: hard delete\n✓\nDana Weber, 09:00 UTC\nPassword page confirmed\n○\nStill needed: another approver',
      'Approve hard delete\nNot phish\nWithdraw my approval'
    ]) {
      assert.ok(words.includes(line), `${line}\nnot in\n${words}`)
    }
    clock.advance(3 * hour)
    await soc().settle()
    assert.deepEqual(remediations(soc()), [])
  })

  it('the second sends exactly the plan of the first, and both are named wherever it is shown', async () => {
    await first()
    clock.advance(20 * minute)
    await soc().press(ana, 'Approve hard delete', { reason: 'Seen too' })
    await soc().settle()
    const [body, ...more] = soc().graph.ledger.accepted.map((each) => each.body)
    assert.deepEqual(more, [])
    assert.deepEqual([body?.action, body?.severity, body?.analyzedEmails.length], ['hardDelete', 'high', 11])
    assert.match(
      body?.description ?? '',
      /^Password page confirmed \/ Seen too \| Approved by Dana Weber \(da4a0000-\S+\) and Ana Silva \(/
    )
    const { words } = soc().card()
    assert.match(words, /09:00 UTC\n✓ Approved by Dana Weber\n09:20 UTC\n✓ Approved by Ana Silva/)
    assert.match(words, /Reason\nPassword page confirmed\nSeen too/)
    assert.match(soc().heard(channelId).at(-1) ?? '', /Dana Weber and Ana Silva at 09:20 UTC, severity high/)
  })

  it('typed in the chat they are the same', async () => {
    await openCase(soc())
    const before = soc().messages().length
    await soc().say(dana, 'approve PT-1001 v1 hardDelete high password page')
    await soc().say(ana, 'approve PT-1001 v1 hardDelete high seen too')
    assert.deepEqual(newWords(soc(), before).slice(0, 2), [
      'PT-1001: your approval is recorded, 1 of 2. Still needed: another approver, until 13:00 UTC.',
      "PT-1001: approved. It is being submitted; the tracking link follows in the card's thread."
    ])
    await soc().settle()
    assert.equal(soc().graph.ledger.accepted.length, 1)
  })

  it('never come from one person, clicked or typed, in any spelling of the id', async () => {
    await first()
    const twice = /you approved this at 09:00 UTC, and nobody counts twice/
    assert.match(cardTold(await soc().press(dana, 'Approve hard delete', { reason: 'again' })), twice)
    const shouting = { ...dana, objectId: dana.objectId.toUpperCase() }
    assert.match(cardTold(await soc().press(shouting, 'Approve hard delete', { reason: 'again' })), twice)
    await soc().say(dana, 'approve PT-1001 v1 hardDelete high again')
    assert.match(soc().heard(channelId).at(-1) ?? '', twice)
    await soc().settle()
    assert.match(soc().card().words, /1 of 2 given/)
    assert.deepEqual(remediations(soc()), [])
  })

  it('do not come from a card that still shows a choice of its own', async () => {
    const { card } = await first()
    const inputs = { action: 'softDelete', severity: 'medium', reason: 'phish' }
    const late = await click(soc().room, ana, card, { button: button(card, 'Approve'), inputs })
    assert.match(cardTold(late), /What waits for another approval is hardDelete high\./)
    await soc().say(ana, 'approve PT-1001 v1 softDelete medium phish')
    assert.match(soc().heard(channelId).at(-1) ?? '', /What waits for another approval is hardDelete high\./)
    await soc().settle()
    assert.match(soc().card().words, /1 of 2 given/)
    assert.deepEqual(remediations(soc()), [])
  })

  it('who approved can withdraw, nobody else, and a late click on the old card approves nothing', async () => {
    await first()
    const pending = soc().card()
    assert.equal(
      messageTold(await soc().press(ana, 'Withdraw my approval')),
      'Only who approved can withdraw an approval.\n\nThe case is unchanged.'
    )
    await soc().press(dana, 'Withdraw my approval')
    await soc().settle()
    assertBack(/Approvals are void: withdrawn/)
    const late = await click(soc().room, ana, pending, {
      button: button(pending, 'Approve hard delete'),
      inputs: { reason: 'seen' }
    })
    assert.match(cardTold(late), /has changed since this was shown: it stands at plan v2 now/)
    await soc().settle()
    assert.deepEqual(remediations(soc()), [])
  })

  it('withdrawing works typed, without a reason, and also for who is no approver any more', async () => {
    await openCase(soc())
    await soc().press(ana, 'Approve', hard)
    await soc().settle()
    soc().graph.setMembers(GROUPS.approvers, [])
    clock.advance(minute)
    await soc().say(ana, 'withdraw PT-1001 v1')
    assert.match(
      soc().heard(channelId).at(-1) ?? '',
      /^PT-1001: your approval is withdrawn\. It needs a decision again/
    )
    await soc().settle()
    assertBack(/Approvals are void: withdrawn/)
  })

  it('come too late after four hours, also where the bot was down at that moment', async () => {
    await first()
    clock.advance(4 * hour - 1)
    await soc().settle()
    assert.match(soc().card().words, /1 of 2 given/)
    await soc().restart()
    clock.advance(1)
    await soc().settle()
    assertBack(/Approvals are void: their time was up\nSince 13:00 UTC\./)
  })

  it('count across a restart in between', async () => {
    await first()
    await soc().restart()
    await soc().press(ana, 'Approve hard delete', { reason: 'seen too' })
    await soc().settle()
    assert.equal(soc().graph.ledger.accepted.length, 1)
  })

  it('are void when the mail moves, and the card says what changed', async () => {
    await first()
    const pending = soc().card()
    soc().graph.zap(MAIL.mailboxFull, 'quarantine')
    clock.advance(10 * minute)
    await soc().settle()
    assertBack(/Approvals are void: 11 moved\nSince 09:10 UTC\. Nothing was sent\./)
    const late = await click(soc().room, ana, pending, {
      button: button(pending, 'Approve hard delete'),
      inputs: { reason: 'seen' }
    })
    assert.match(cardTold(late), /has changed since this was shown/)
    assert.deepEqual(remediations(soc()), [])
  })

  it('are void when a triage names other mailboxes', async () => {
    await first()
    await soc().say(tom, `triage ${MAIL.mailboxFull} ana.silva@contoso.example`)
    await soc().settle()
    assertBack(/Approvals are void: a triage named other mailboxes/)
  })

  it('stay while the mail is as it was, and take no typed reason away by updating the card', async () => {
    await first()
    const { edits } = soc().card()
    for (let round = 0; round < 5; round += 1) {
      clock.advance(10 * minute)
      await soc().settle()
    }
    assert.equal(soc().card().edits, edits)
    assert.match(soc().card().words, /1 of 2 given/)
  })

  it('end with "Not phish" by any approver', async () => {
    await first()
    await soc().press(ana, 'Not phish', { reason: 'Our own newsletter' })
    await soc().settle()
    assert.match(soc().card().words, /Closed: not phish[^]*Our own newsletter/)
    clock.advance(5 * hour)
    await soc().settle()
    assert.match(soc().card().words, /Closed: not phish/)
    assert.deepEqual(remediations(soc()), [])
  })

  it('do not come from a guest, nor from somebody who was removed from the group since', async () => {
    await first()
    const refusedGuest = messageTold(await soc().press(guest, 'Approve hard delete', { reason: 'x' }))
    assert.match(refusedGuest, /^Guests may not/)
    soc().graph.setMembers(GROUPS.approvers, [])
    const removed = messageTold(await soc().press(ana, 'Approve hard delete', { reason: 'x' }))
    assert.match(removed, /^You are not an approver\./)
    await soc().settle()
    assert.match(soc().card().words, /1 of 2 given/)
    assert.deepEqual(remediations(soc()), [])
  })

  describe('where the first who approved', () => {
    /** Ana is an approver through her group alone; what the directory said of her is not fresh any more. */
    const anaFirst = async () => {
      await openCase(soc())
      await soc().press(ana, 'Approve', hard)
      await soc().settle()
      clock.advance(minute)
    }

    it('was removed from the group since: it does not count, the card says whose, and another one has to', async () => {
      await anaFirst()
      soc().graph.setMembers(GROUPS.approvers, [])
      const answer = await soc().press(dana, 'Approve hard delete', { reason: 'Seen too' })
      await soc().settle()
      assert.deepEqual(remediations(soc()), [])
      assert.match(cardTold(answer), /1 of 2 given/)
      assert.match(
        soc().card().words,
        /1 of 2 given[^]*Dana Weber, 09:01 UTC\nSeen too\n–\nAna Silva, 09:00 UTC\nDoes not count any more: May not approve any more, by the directory and the policy of now\.\n○\nStill needed: another approver/
      )
      await soc().press(tom, 'Approve hard delete', { reason: 'Me too' })
      await soc().settle()
      assert.deepEqual(
        soc().graph.ledger.accepted.map(({ body }) => /Approved by (.*?) \| /.exec(body.description ?? '')?.[1]),
        [`Dana Weber (${dana.objectId}) and Tom Berg (${tom.objectId})`]
      )
    })

    it('is disabled since: the same', async () => {
      await anaFirst()
      await soc().say(dana, 'whoami')
      const lost = { displayName: 'Ana Silva', userPrincipalName: 'ana.silva@contoso.example', userType: 'Member' }
      soc().graph.faults.add({ match: 'users', answer: { status: 200, body: { ...lost, accountEnabled: false } } })
      await soc().press(dana, 'Approve hard delete', { reason: 'Seen too' })
      await soc().settle()
      assert.deepEqual(remediations(soc()), [])
      assert.match(soc().card().words, /Ana Silva, 09:00 UTC\nDoes not count any more/)
    })

    it('cannot be asked about: nothing is changed, and the next click may count', async () => {
      await anaFirst()
      await soc().say(dana, 'whoami')
      soc().graph.faults.add({ match: 'users', answer: { status: 503 } })
      const before = soc().card().words
      const refused = messageTold(await soc().press(dana, 'Approve hard delete', { reason: 'Seen too' }))
      assert.match(
        refused,
        /^I cannot check now whether everybody who approved before still may\. .*Nothing was changed/
      )
      await soc().settle()
      assert.equal(soc().card().words, before)
      assert.deepEqual(remediations(soc()), [])
      await soc().press(dana, 'Approve hard delete', { reason: 'Seen too' })
      await soc().settle()
      assert.equal(soc().graph.ledger.accepted.length, 1)
    })
  })

  it('ten clicks of two people at once: one POST, named after both', async () => {
    await openCase(soc())
    const people = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? dana : ana))
    await Promise.all(people.map((who) => soc().press(who, 'Approve', hard)))
    await soc().settle()
    const [body, ...more] = soc().graph.ledger.accepted.map((each) => each.body)
    assert.deepEqual(more, [])
    assert.match(body?.description ?? '', /Dana Weber \(/)
    assert.match(body?.description ?? '', /Ana Silva \(/)
  })
})

describe('a policy that changes after the approval', () => {
  let clock = new TestClock()
  const soc = aSoc(() => ({ clock: (clock = new TestClock()), policy: { approvers } }))

  async function approvedButThrottled(): Promise<Soc> {
    await openCase(soc())
    soc().graph.faults.add({ match: 'remediate', answer: { status: 429, headers: { 'Retry-After': '60' } } })
    await soc().press(dana, 'Approve', hard)
    await soc().settle()
    assert.match(soc().card().words, /Waiting: throttled/)
    return soc()
  }

  const tighter: [string, Partial<Policy>, RegExp][] = [
    [
      'wants two',
      { rules: [two] },
      /By the policy of now: 2 approvals needed: hard delete; 1 of the approvals count, 1 more approval needed\./
    ],
    [
      'lets nobody approve it',
      { rules: [ruleWith({ when: { actions: ['hardDelete'] }, forbidden: true })] },
      /By the policy of now: Nobody may approve this: hard delete\./
    ],
    [
      'protects one of the mailboxes',
      { limits: { maxCopies: 1000, protectedMailboxes: ['Ana.Silva@contoso.example'] } },
      /The policy protects a mailbox of this plan now\./
    ],
    [
      'does not list the approver any more',
      { approvers: { users: [PEOPLE.tom], groups: [] } },
      /0 of the approvals count/
    ]
  ]
  for (const [what, changes, words] of tighter) {
    it(`and now ${what}: nothing more is sent, and the card and the thread say why`, async () => {
      await approvedButThrottled()
      await soc().restart({}, changes)
      clock.advance(minute)
      await soc().settle()
      assert.match(soc().card().words, words)
      assert.match(soc().card().words, /Not sent\nPT-1001/)
      assert.match(soc().heard(channelId).at(-1) ?? '', words)
      assert.deepEqual(soc().graph.ledger.accepted, [])
    })
  }

  it('and still is met by what was approved: it is sent', async () => {
    await approvedButThrottled()
    await soc().restart({}, { rules: [ruleWith({ when: { actions: ['softDelete'] }, approvals: 2 })] })
    clock.advance(minute)
    await soc().settle()
    assert.equal(soc().graph.ledger.accepted.length, 1)
  })
})

describe('who may count', () => {
  const soc = aSoc(() => ({
    policy: {
      approvers,
      rules: [ruleWith({ reporterMayApprove: false, openerMayApprove: false })]
    }
  }))

  it('leaves out whoever reported the mail or opened the case, and says so before the click', async () => {
    await soc().say(tom, `triage ${MAIL.mailboxFull}`)
    await soc().say(ana, `report ${MAIL.mailboxFull}`, 'personal')
    await soc().settle()
    assert.match(soc().card().words, /Whoever reported the mail or opened the case may not approve this\./)
    for (const who of [ana, tom]) {
      const told = messageTold(await soc().press(who, 'Approve', { reason: 'phish' }))
      assert.match(
        told,
        /^Whoever (?:reported the mail|opened the case) may not approve this; another approver has to\./
      )
    }
    assert.deepEqual(remediations(soc()), [])
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.equal(soc().graph.ledger.accepted.length, 1)
  })
})

describe('who has reported the mail after approving, where no reporter may approve', () => {
  const soc = aSoc(() => ({ policy: { approvers, rules: [{ ...two, reporterMayApprove: false }] } }))

  it('does not count any more', async () => {
    await soc().say(tom, `triage ${MAIL.mailboxFull}`)
    await soc().settle()
    await soc().press(dana, 'Approve', hard)
    await soc().settle()
    await soc().say(dana, `report ${MAIL.mailboxFull}`, 'personal')
    await soc().press(ana, 'Approve hard delete', { reason: 'Seen too' })
    await soc().settle()
    assert.deepEqual(remediations(soc()), [])
    assert.match(
      soc().card().words,
      /Dana Weber, \d\d:\d\d UTC\nDoes not count any more: Whoever reported the mail may not approve this/
    )
  })
})

describe('an approval that has to come from some', () => {
  const ofLeads = { approvals: 1, from: { ...leads, groups: [GROUPS.approvers] } }
  const soc = aSoc(() => ({
    policy: {
      approvers,
      rules: [
        ruleWith({ when: { actions: ['hardDelete'] }, ...ofLeads }),
        ruleWith({ when: { actions: ['moveToJunk'] }, ...ofLeads }),
        two
      ]
    }
  }))

  it('is asked of them by name', async () => {
    const { words } = await openCase(soc())
    assert.match(words, /Hard delete needs 2, 1 from SOC leads\./)
    await soc().press(dana, 'Approve', hard)
    await soc().settle()
    assert.match(soc().card().words, /2 approvals needed, of them 1 from SOC leads: hard delete/)
    assert.match(soc().card().words, /Still needed: another approver from SOC leads/)
    await soc().press(ana, 'Approve hard delete', { reason: 'seen' })
    await soc().settle()
    assert.equal(soc().graph.ledger.accepted.length, 1)
  })

  it('is not begun by somebody whose approval would add nothing', async () => {
    await openCase(soc())
    const told = messageTold(await soc().press(dana, 'Approve', { action: 'moveToJunk', reason: 'phish' }))
    assert.match(told, /^1 more approval needed from SOC leads: yours would not be one of them\./)
    await soc().press(ana, 'Approve', { action: 'moveToJunk', reason: 'phish' })
    await soc().settle()
    assert.equal(soc().graph.ledger.accepted.length, 1)
  })
})

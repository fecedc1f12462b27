// People who may not decide, and a directory that cannot say: a clear refusal, the card untouched, no POST, in time.
import assert from 'node:assert/strict'
import { GROUPS, MAIL, PEOPLE } from '../../src/playground/tenant.js'
import { TestClock } from '../test-clock.js'
import { aSoc, messageTold, newWords, openCase, remediations } from './scenes.js'
import { type Soc, ana, channelId, dana, disabled, external, guest, priya, tom } from './soc.js'

const stranger = { objectId: '57a00000-0000-4000-8000-000000000099', name: 'Dana Weber' }

const table = [
  { who: priya, is: 'an employee', words: /^You are not an approver\. An administrator can add you/ },
  { who: tom, is: 'an analyst who is no approver', words: /^You are not an approver/ },
  { who: guest, is: 'a guest whom the policy lists', words: /^Guests may not report, open or decide cases/ },
  {
    who: external,
    is: 'a member with an account of another organisation whom the policy lists',
    words: /^Your account is one of another organisation\. Only accounts/
  },
  { who: disabled, is: 'a disabled account that the policy lists', words: /^Your account is disabled/ },
  { who: stranger, is: "somebody under an approver's name", words: /^You are not in the directory/ }
]

async function assertUntouched(soc: Soc, words: string): Promise<void> {
  await soc.settle()
  assert.equal(soc.card().words, words)
  assert.deepEqual(remediations(soc), [])
}

describe('who may not decide', () => {
  const soc = aSoc(() => ({
    policy: { approvers: { users: [PEOPLE.dana, PEOPLE.guest, PEOPLE.disabled, PEOPLE.external], groups: [] } }
  }))

  for (const { who, is, words } of table) {
    for (const title of ['Approve', 'Not phish']) {
      it(`${is} presses ${title}`, async () => {
        const card = await openCase(soc())
        const told = messageTold(await soc().press(who, title, { reason: 'phish' }))
        assert.match(told, words)
        assert.match(told, /The case is unchanged\.$/)
        await assertUntouched(soc(), card.words)
      })
    }

    it(`${is} types and uses the fallback`, async () => {
      const card = await openCase(soc())
      const before = soc().messages().length
      await soc().say(who, 'approve PT-1001 v1 softDelete low phish')
      await soc().say(who, 'reject PT-1001 v1 not phish')
      await soc().press(who, 'Approve', { reason: 'phish' }, 'submit')
      for (const { words: said } of soc().messages().slice(before)) assert.match(said, words)
      assert.equal(soc().messages().length, before + 3)
      await assertUntouched(soc(), card.words)
    })
  }

  it('an employee may not look again or propose again', async () => {
    await openCase(soc())
    assert.match(messageTold(await soc().press(priya, 'Look again')), /^You are not an analyst/)
  })

  for (const text of [`triage ${MAIL.payslip}`, 'case PT-1001', 'queue']) {
    it(`an employee who types ${text.split(' ')[0] ?? ''} is told who may`, async () => {
      await soc().say(priya, text, 'personal')
      assert.deepEqual(soc().heard('a:'), [
        'You are not an analyst. An administrator can add you to the analysts in the policy.'
      ])
    })
  }

  it('decisions typed in a personal chat do not count', async () => {
    const card = await openCase(soc())
    await soc().say(dana, 'approve PT-1001 v1 softDelete low phish', 'personal')
    assert.deepEqual(soc().heard('a:'), [
      'Decisions count only in the SOC channel, where everybody can see them. Nothing was changed.'
    ])
    await assertUntouched(soc(), card.words)
  })
})

describe('an approver who was removed from the group', () => {
  let clock = new TestClock()
  const soc = aSoc(() => ({ clock: (clock = new TestClock()) }))
  const removeAna = () => {
    soc().graph.setMembers(GROUPS.approvers, [])
  }
  const groupsRead =
    'Your groups were read within the last minute: to have been in one when the card was posted does not count.'

  it('since the card was posted may not decide, and hears that it is not the card that counts', async () => {
    const card = await openCase(soc())
    removeAna()
    const told = messageTold(await soc().press(ana, 'Approve', { reason: 'phish' }))
    assert.match(told, /^You are not an approver\./)
    assert.ok(told.includes(groupsRead), told)
    await assertUntouched(soc(), card.words)
  })

  it('since she approved the case hears just that', async () => {
    await openCase(soc())
    await soc().press(ana, 'Approve', { reason: 'phish' })
    await soc().settle()
    removeAna()
    clock.advance(60_000)
    const before = soc().messages().length
    await soc().say(ana, 'approve PT-1001 v1 softDelete low again')
    const [said = ''] = newWords(soc(), before)
    assert.match(said, /^You approved this case before, and have been removed from the approvers since\./)
    assert.ok(said.includes(groupsRead), said)
    assert.equal(remediations(soc()).length, 1)
  })
})

describe('an empty approver list', () => {
  const soc = aSoc(() => ({ policy: { approvers: { users: [], groups: [] } } }))

  it('approves nobody: no button, and the typed form says why', async () => {
    const card = await openCase(soc())
    assert.match(card.words, /Nobody may approve/)
    assert.doesNotMatch(card.words, /^(Approve|Not phish)$/m)
    await soc().say(dana, 'approve PT-1001 v1 softDelete low phish')
    const said = soc().heard(channelId).at(-1) ?? ''
    assert.match(said, /^Nobody may approve: the approver list in the policy is empty/)
    await assertUntouched(soc(), card.words)
  })

  it('is named by whoami', async () => {
    await soc().say(dana, 'whoami', 'personal')
    assert.match(
      soc().heard('a:')[0] ?? '',
      /\*\*Needs attention:\*\* Nobody may approve: approvers in the policy file is empty/
    )
  })
})

describe('a directory that does not answer', () => {
  const soc = aSoc()
  const words = /^I cannot check your rights now. [^.]+\. Nothing was changed/

  it('refuses within 3 s when it hangs, and the next click works', async () => {
    const card = await openCase(soc())
    for (const match of ['users', 'checkMemberGroups'] as const) soc().graph.faults.add({ match, hang: true })
    const started = performance.now()
    assert.match(messageTold(await soc().press(dana, 'Approve', { reason: 'phish' })), words)
    assert.ok(performance.now() - started < 3000)
    await assertUntouched(soc(), card.words)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.equal(remediations(soc()).length, 1)
  })

  it('refuses when it fails', async () => {
    const card = await openCase(soc())
    soc().graph.faults.add({ match: 'users', answer: { status: 503 } })
    assert.match(messageTold(await soc().press(dana, 'Approve', { reason: 'phish' })), words)
    await assertUntouched(soc(), card.words)
  })
})

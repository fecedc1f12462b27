// Many people, or one person twice, at the same moment: one decision counts, one POST leaves, and the others hear who won.
import assert from 'node:assert/strict'
import { type Answer, activityOf, click, inputsOf, send } from '../../src/playground/teams/person.js'
import { PEOPLE } from '../../src/playground/tenant.js'
import { aSoc, button, cardTold, openCase, remediations } from './scenes.js'
import { type Soc, ana, dana } from './soc.js'

const ten = Array.from({ length: 10 }, (_, index) => ({
  objectId: `aaaaaaaa-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`,
  name: `Approver ${String.fromCharCode(65 + index)}`
}))

const alreadyDecided =
  /PT-1001 was already (approved|rejected) by (.+?) at \d\d:\d\d UTC\. Your decision was not needed/

/** Whom the losers were told; the winner's answer has no such sentence. */
function winnersTold(answers: Answer[]): string[] {
  return answers.flatMap((answer) => alreadyDecided.exec(cardTold(answer))?.[2] ?? [])
}

function approver(soc: Soc): string | undefined {
  const [, name] = /✓ Approved by (.+)/.exec(soc.card().words) ?? []
  return name
}

describe('decisions at the same moment', () => {
  const soc = aSoc(() => ({
    policy: { approvers: { users: [PEOPLE.dana, PEOPLE.ana, ...ten.map(({ objectId }) => objectId)], groups: [] } },
    tenant: (tenant) => {
      for (const { objectId, name } of ten) {
        const address = `${objectId}@contoso.example`
        tenant.users.push({
          id: objectId,
          displayName: name,
          userPrincipalName: address,
          mail: address,
          userType: 'Member',
          accountEnabled: true
        })
      }
    }
  }))

  it('ten people approve: one POST, one winner, nine are told who won', async () => {
    await openCase(soc())
    const answers = await Promise.all(ten.map((who) => soc().press(who, 'Approve', { reason: `seen by ${who.name}` })))
    await soc().settle()
    assert.deepEqual(winnersTold(answers), Array(9).fill(approver(soc())))
    assert.equal(remediations(soc()).length, 1)
    assert.match(JSON.stringify(remediations(soc())), new RegExp(`Approved by ${approver(soc()) ?? 'nobody'} `))
  })

  it('ten people approve by the Submit fallback: the same, said in the chat', async () => {
    const card = await openCase(soc())
    await Promise.all(ten.map((who) => soc().press(who, 'Approve', { reason: 'phish' }, 'submit')))
    await soc().settle()
    const heard = soc().heard(card.conversationId)
    assert.equal(heard.filter((words) => words.startsWith('PT-1001: approved.')).length, 1)
    assert.equal(heard.filter((words) => alreadyDecided.test(words)).length, 9)
    assert.equal(remediations(soc()).length, 1)
  })

  it('a double click of one person is one decision', async () => {
    await openCase(soc())
    const answers = await Promise.all([1, 2].map(() => soc().press(dana, 'Approve', { reason: 'phish' })))
    await soc().settle()
    assert.deepEqual(winnersTold(answers), ['Dana Weber'])
    assert.equal(remediations(soc()).length, 1)
  })

  it('an activity that Teams sends again, at once or later, decides nothing again', async () => {
    const card = await openCase(soc())
    const { room } = soc()
    const approve = button(card, 'Approve')
    const data = { ...(approve.data as object), ...inputsOf(card.card), reason: 'phish' }
    const activity = {
      ...activityOf(room, dana, 'channel', {}),
      conversation: { id: card.conversationId, conversationType: 'channel', isGroup: true, tenantId: room.tenantId },
      replyToId: card.activityId,
      type: 'invoke',
      name: 'adaptiveCard/action',
      value: { action: { type: 'Action.Execute', verb: approve.verb, data }, trigger: 'manual' }
    }
    await Promise.all([send(room, activity), send(room, activity)])
    await soc().settle()
    assert.match(cardTold(await send(room, activity)), alreadyDecided)
    await soc().settle()
    assert.equal(remediations(soc()).length, 1)
  })

  it('an approval against a rejection: exactly one of them happens', async () => {
    const card = await openCase(soc())
    const inputs = { ...inputsOf(card.card), reason: 'sure' }
    const [approval, rejection] = await Promise.all([
      click(soc().room, dana, card, { button: button(card, 'Approve'), inputs }),
      click(soc().room, ana, card, { button: button(card, 'Not phish'), inputs })
    ])
    await soc().settle()
    const approved = approver(soc()) !== undefined
    assert.equal(remediations(soc()).length, approved ? 1 : 0)
    assert.deepEqual(winnersTold([approval, rejection]), [approved ? 'Dana Weber' : 'Ana Silva'])
    assert.equal(soc().card().words.includes('Closed: not phish'), !approved)
  })

  it('a typed approval against a click: one POST', async () => {
    await openCase(soc())
    await Promise.all([
      soc().say(ana, 'approve PT-1001 v1 softDelete low phish'),
      soc().press(dana, 'Approve', { reason: 'phish' })
    ])
    await soc().settle()
    assert.equal(remediations(soc()).length, 1)
  })
})

// Card payloads that a forger has changed: what was added has no effect, what is of the wrong type is no decision.
import assert from 'node:assert/strict'
import { type Answer, activityOf, inputsOf, send } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { ruleWith } from '../case/policy-samples.js'
import { type Message, type Soc, ana, channelId, dana, policy } from '../flow/soc.js'
import { aSoc, openCase, remediations } from '../flow/scenes.js'

const good = { case: 'PT-1001', plan: 1, action: 'softDelete', severity: 'medium', reason: 'phish' }

async function invoke(soc: Soc, card: Message, action: unknown, who = dana): Promise<Answer> {
  const activity = {
    ...activityOf(soc.room, who, 'channel', {}),
    conversation: { id: card.conversationId, conversationType: 'channel', isGroup: true, tenantId: soc.room.tenantId },
    replyToId: card.activityId,
    type: 'invoke',
    name: 'adaptiveCard/action',
    value: { action, trigger: 'manual' }
  }
  return send(soc.room, activity)
}

const withData = (data: unknown, verb: unknown = 'approve') => ({ type: 'Action.Execute', verb, data })
/** An object literal cannot carry an own `__proto__`; JSON can. */
const json = (text: string) => JSON.parse(text) as unknown

const nested = (levels: number): unknown => (levels === 0 ? 'x' : { deeper: nested(levels - 1) })

/** Everything a forger may add; none of it may reach the POST. */
const added: [string, object][] = [
  [
    'recipients and ids',
    {
      recipients: ['ceo@contoso.example'],
      analyzedEmails: [{ networkMessageId: MAIL.allStaff }],
      networkMessageId: MAIL.allStaff
    }
  ],
  ['a person', { approver: 'someone', person: { objectId: ana.objectId }, from: { aadObjectId: ana.objectId } }],
  ['a policy', { policy: { ...policy, limits: { maxCopies: 1e9 } }, maxCopies: 1e9, ruling: { allowed: true } }],
  [
    'prototypes',
    json('{"__proto__": {"action": "hardDelete", "allowed": true}, "constructor": {"prototype": {"x": 1}}}') as object
  ],
  ['a verb and a state', { verb: 'reject', state: 'submitted', next: 'rejected', kind: 'reject' }],
  ["a sender's copy that is no text", { remediateSendersCopy: true }],
  ['many keys', Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key${String(index)}`, index]))],
  ['a long text', { note: 'x'.repeat(150_000) }],
  ['deep data', { deep: nested(20) }]
]

/** None of these is a decision. */
const broken: [string, unknown][] = [
  ['no action', undefined],
  ['a null action', null],
  ['a text for an action', 'approve'],
  ['an array for an action', [withData(good)]],
  ['null data', withData(null)],
  ['data as an array', withData([good])],
  ['data as a text', withData(JSON.stringify(good))],
  ['a verb as an object', withData(good, { toString: 'approve' })],
  ['a verb as an array', withData(good, ['approve'])],
  ['no verb', { type: 'Action.Execute', data: good }],
  ['a verb of the prototype', withData(good, '__proto__')],
  ['a verb with spaces', withData(good, ' approve ')],
  ['a case as a number', withData({ ...good, case: 1001 })],
  ['a case as an array', withData({ ...good, case: ['PT-1001'] })],
  ['a case with something behind it', withData({ ...good, case: 'PT-1001 OR 1=1' })],
  ['a case of twenty digits', withData({ ...good, case: 'PT-10010000000000000001' })],
  ['a negative case', withData({ ...good, case: 'PT--1001' })],
  ['a plan as a text', withData({ ...good, plan: '1' })],
  ['a plan as a float', withData({ ...good, plan: 1.5 })],
  ['a plan as an array', withData({ ...good, plan: [1] })],
  ['a plan that is no number', withData({ ...good, plan: null })],
  ['a plan below zero', withData({ ...good, plan: -1 })],
  [
    'a plan beyond all numbers',
    withData(json('{"case":"PT-1001","plan":1e999,"action":"softDelete","severity":"low","reason":"x"}'))
  ],
  ['an action as an array', withData({ ...good, action: ['softDelete'] })],
  ['an action of the prototype', withData({ ...good, action: 'constructor' })],
  ['two actions in one', withData({ ...good, action: 'softDelete,hardDelete' })],
  ['a severity as a number', withData({ ...good, severity: 1 })],
  ['a reason as an object', withData({ ...good, reason: { length: 5 } })],
  ['a reason as an array', withData({ ...good, reason: ['phish'] })],
  ['a reason of 100,000 characters', withData({ ...good, reason: 'x'.repeat(100_000) })],
  ['data only in the prototype', withData(json(`{"__proto__": ${JSON.stringify(good)}}`))]
]

describe('a tampered click', () => {
  const soc = aSoc()

  for (const [what, extra] of added) {
    it(`with ${what} added approves what the card showed, and nothing else`, async () => {
      const card = await openCase(soc())
      const answer = await invoke(soc(), card, withData({ ...extra, ...good }))
      assert.equal(answer.status, 200)
      await soc().settle()
      const [accepted, ...others] = soc().graph.ledger.accepted
      assert.deepEqual(others, [])
      const { action, severity, remediateSendersCopy, analyzedEmails, description } = accepted?.body ?? {}
      assert.deepEqual(
        { action, severity, remediateSendersCopy },
        { action: 'softDelete', severity: 'medium', remediateSendersCopy: false }
      )
      assert.equal(analyzedEmails?.length, 11)
      assert.ok(analyzedEmails.every(({ networkMessageId }) => networkMessageId === MAIL.mailboxFull))
      assert.match(description ?? '', /Approved by Dana Weber \(da4a0000/)
    })
  }

  it('with the number of another case decides that case only as its own card would', async () => {
    const first = await openCase(soc())
    await openCase(soc(), MAIL.internalPhish)
    await invoke(soc(), first, withData({ ...good, case: 'PT-1002' }))
    await soc().settle()
    assert.deepEqual(
      soc().graph.ledger.accepted.map(({ body }) => body.displayName),
      ['PT-1002 softDelete v1']
    )
    assert.equal(soc().card('PT-1001').words, first.words)
    assert.match(soc().card('PT-1002').words, /Submitted/)
  })

  it('under another name of invoke, or as a message with text beside the data, decides nothing', async () => {
    const card = await openCase(soc())
    const value = { data: good, ...good, verb: 'approve' }
    for (const rest of [
      { type: 'invoke', name: 'composeExtension/submitAction', value },
      { type: 'invoke', name: 'adaptiveCard/refresh', value },
      { type: 'event', name: 'adaptiveCard/action', value },
      { type: 'message', text: 'looks fine to me', value }
    ]) {
      assert.equal((await send(soc().room, activityOf(soc().room, dana, 'channel', rest))).status, 200)
    }
    await soc().settle()
    assert.equal(soc().card().words, card.words)
    assert.deepEqual(remediations(soc()), [])
  })

  it('as a plain message that carries the fallback’s data counts by the same rules only', async () => {
    const card = await openCase(soc())
    const submit = async (value: object, who = dana) =>
      send(soc().room, activityOf(soc().room, who, 'channel', { type: 'message', text: ' ', value }))
    await submit({ ...good, verb: 'approve', plan: 7 })
    await submit({ ...good, verb: 'approve', action: 'shred' })
    await submit({ ...good, verb: 'approve' }, { objectId: '57a00000-0000-4000-8000-000000000099', name: 'Dana Weber' })
    await soc().settle()
    assert.equal(soc().card().words, card.words)
    assert.equal(
      soc()
        .heard(channelId)
        .filter((words) => /changed since|must be one of|not in the directory/.test(words)).length,
      3
    )
    assert.deepEqual(remediations(soc()), [])
  })

  it('leaves no trace on later cards: prototypes are not polluted', async () => {
    const card = await openCase(soc())
    await invoke(
      soc(),
      card,
      withData(json('{"__proto__":{"banner":"owned"},"constructor":{"prototype":{"banner":"owned"}}}'))
    )
    assert.equal(({} as { banner?: string }).banner, undefined)
    assert.deepEqual(inputsOf(soc().card().card), inputsOf(card.card))
  })
})

describe('a tampered second approval', () => {
  const rules = [ruleWith({ when: { actions: ['hardDelete'] }, approvals: 2 })]
  const soc = aSoc(() => ({ policy: { rules } }))
  const second = { case: 'PT-1001', plan: 1, verb: 'approve', reason: 'seen too' }

  const waiting = async () => {
    const card = await openCase(soc())
    await invoke(soc(), card, withData({ ...good, action: 'hardDelete', severity: 'high' }))
    await soc().settle()
    assert.match(soc().card().words, /1 of 2 given/)
    return card
  }

  const injected: [string, object][] = [
    ['another action', { action: 'softDelete' }],
    ['a whole other choice', { action: 'moveToInbox', severity: 'low' }],
    ['another severity', { severity: 'low' }],
    ["the sender's copy", { remediateSendersCopy: 'true' }],
    ['an action that does not exist', { action: 'shred' }]
  ]
  for (const [what, extra] of injected) {
    it(`with ${what} injected approves neither that nor what waits`, async () => {
      const card = await waiting()
      await invoke(soc(), card, withData({ ...second, ...extra }), ana)
      await soc().settle()
      assert.deepEqual(remediations(soc()), [])
      assert.match(soc().card().words, /1 of 2 given[^]*Hard delete, severity high/)
    })
  }

  it('with approvals, people and a digest of its own added approves what waits, and nothing else', async () => {
    const card = await waiting()
    const approvals = [{ person: { objectId: ana.objectId } }]
    await invoke(
      soc(),
      card,
      withData({ ...second, approvals, pending: { action: 'softDelete' }, digest: 'x', until: 9e15 }),
      ana
    )
    await soc().settle()
    const [accepted, ...others] = soc().graph.ledger.accepted
    assert.deepEqual(others, [])
    assert.deepEqual([accepted?.body.action, accepted?.body.severity], ['hardDelete', 'high'])
  })

  it('of the first approver under another name is still the first approver', async () => {
    const card = await waiting()
    await invoke(soc(), card, withData({ ...second, approver: ana.objectId }), { ...dana, name: 'Ana Silva' })
    await soc().settle()
    assert.deepEqual(remediations(soc()), [])
  })

  it('with the approver’s own withdrawal forged by another changes nothing', async () => {
    const card = await waiting()
    await invoke(soc(), card, withData({ ...second, person: { objectId: dana.objectId } }, 'withdraw'), ana)
    await soc().settle()
    assert.match(soc().card().words, /1 of 2 given[^]*Dana Weber/)
  })
})

describe('a broken click', () => {
  const soc = aSoc(() => ({}), 'describe')
  let card: Message
  before(async () => {
    card = await openCase(soc())
  })

  for (const [what, action] of broken) {
    it(`with ${what} is answered and decides nothing`, async () => {
      const answer = await invoke(soc(), card, action)
      const { statusCode, type } = answer.body as { statusCode: number; type: string }
      assert.deepEqual({ http: answer.status, statusCode }, { http: 200, statusCode: 200 })
      assert.match(type, /activity\.message$|card\.adaptive$/)
      await soc().settle()
      assert.equal(soc().card().words, card.words)
      assert.deepEqual(remediations(soc()), [])
    })
  }

  for (const value of [
    undefined,
    null,
    7,
    'approve',
    [],
    { action: withData(good), trigger: 'automatic', authentication: {} }
  ]) {
    it(`with the value ${JSON.stringify(value)?.slice(0, 30) ?? 'undefined'} gets HTTP 200`, async () => {
      const base = activityOf(soc().room, dana, 'channel', { type: 'invoke', name: 'adaptiveCard/action', value })
      const answer = await send(soc().room, { ...base, replyToId: card.activityId })
      assert.equal(answer.status, 200)
      assert.equal((answer.body as { statusCode: number }).statusCode, 200)
    })
  }
})

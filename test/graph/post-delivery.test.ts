// What was done to mail after its delivery: the query word for word, what comes of it over HTTP, and that its absence says nothing.
import assert from 'node:assert/strict'
import { MOST_MESSAGES, postDeliveryQuery } from '../../src/graph/post-delivery.js'
import { ALL_PERMISSIONS } from '../../src/playground/graph-simulator/index.js'
import { MAIL } from '../../src/playground/tenant.js'
import { NOW, simulatedGraph, type SimulatedGraph } from './simulated-graph.js'

describe('the query for what was done after delivery', () => {
  it('is this and no other', () => {
    assert.equal(
      postDeliveryQuery([MAIL.payslip.toUpperCase(), MAIL.mailboxFull]),
      'EmailPostDeliveryEvents\n' +
        '| where Timestamp > ago(30d)\n' +
        `| where NetworkMessageId in~ ("${MAIL.payslip}", "${MAIL.mailboxFull}")\n` +
        '| project Timestamp, NetworkMessageId, RecipientEmailAddress, ActionType, ActionResult\n' +
        '| top 10000 by Timestamp desc'
    )
  })

  it('holds ids only, and not very many', () => {
    for (const id of ['', 'x', `${MAIL.payslip}"`, `${MAIL.payslip}") | union EmailEvents //`])
      assert.equal(postDeliveryQuery([id]), null)
    assert.equal(postDeliveryQuery([]), null)
    const query = postDeliveryQuery(Array.from({ length: MOST_MESSAGES + 9 }, () => MAIL.payslip)) ?? ''
    assert.equal(query.split(MAIL.payslip).length - 1, MOST_MESSAGES)
  })
})

describe('what was done after delivery', () => {
  let world: SimulatedGraph
  beforeEach(async () => {
    world = await simulatedGraph()
  })
  afterEach(() => world.graph.close())

  const ask = (...ids: string[]) => world.door.postDelivery.eventsOf(ids)
  const answer = (body: unknown, status = 200) => world.graph.faults.add({ match: 'hunting', answer: { status, body } })
  const ana = 'ana.silva@contoso.example'

  async function remediate(action: string): Promise<void> {
    const response = await fetch(`${world.graph.url}/v1.0/security/collaboration/analyzedEmails/remediate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        displayName: 'a',
        description: 'b',
        severity: 'low',
        action,
        remediateSendersCopy: false,
        analyzedEmails: [{ networkMessageId: MAIL.mailboxFull, recipientEmailAddress: ana }]
      })
    })
    assert.equal(response.status, 202)
  }

  it('is nothing where nothing was done', async () => {
    assert.deepEqual(await ask(MAIL.mailboxFull), [])
    assert.equal(world.graph.ledger.requests.length, 1)
  })

  it('names administrators, and Defender where it purged by itself', async () => {
    const base = { networkMessageId: MAIL.mailboxFull, recipientEmailAddress: ana }
    await remediate('moveToJunk')
    world.clock.set(NOW + 1)
    await remediate('moveToJunk')
    world.clock.set(NOW + 2)
    world.graph.act({ by: 'zap', networkMessageId: MAIL.mailboxFull, location: 'quarantine', recipients: [ana] })
    world.clock.set(NOW + 3)
    await remediate('softDelete')
    assert.deepEqual(await ask(MAIL.mailboxFull), [
      { ...base, at: NOW + 3, by: 'administrator', kind: 'other', result: 'failed' },
      { ...base, at: NOW + 2, by: 'defender', kind: 'zap', result: 'done' },
      { ...base, at: NOW + 1, by: 'administrator', kind: 'other', result: 'already' },
      { ...base, at: NOW, by: 'administrator', kind: 'other', result: 'done' }
    ])
    assert.deepEqual(await ask(MAIL.payslip), [])
  })

  it('is done without where the bot may not hunt, where Graph is down, and where the answer is none', async () => {
    await remediate('softDelete')
    const { length } = await ask(MAIL.mailboxFull)
    assert.equal(length, 1)
    world.graph.grant(ALL_PERMISSIONS.filter((each) => each !== 'ThreatHunting.Read.All'))
    assert.deepEqual(await ask(MAIL.mailboxFull), [])
    world.graph.grant(ALL_PERMISSIONS)
    for (const body of [undefined, null, [], {}, { results: 7 }, { results: [null, 7, {}] }]) {
      answer(body)
      assert.deepEqual(await ask(MAIL.mailboxFull), [])
    }
    answer({}, 503)
    assert.deepEqual(await ask(MAIL.mailboxFull), [])
  })

  it('leaves out rows that it cannot read, and calls a new result unknown', async () => {
    const row = {
      Timestamp: new Date(NOW).toISOString(),
      NetworkMessageId: MAIL.payslip,
      RecipientEmailAddress: ana,
      ActionType: 'Phish ZAP',
      ActionResult: 'Halfway'
    }
    answer({
      results: [
        row,
        { ...row, Timestamp: 'soon' },
        { ...row, ActionType: 'Something new' },
        { ...row, NetworkMessageId: 'x' },
        { ...row, RecipientEmailAddress: '' }
      ]
    })
    assert.deepEqual(await ask(MAIL.payslip), [
      {
        networkMessageId: MAIL.payslip,
        recipientEmailAddress: ana,
        at: NOW,
        by: 'defender',
        kind: 'zap',
        result: 'unknown'
      }
    ])
  })
})

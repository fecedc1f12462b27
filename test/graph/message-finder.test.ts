// Looking for more mail: the two queries word for word, and what comes of them over HTTP from the simulator.
import assert from 'node:assert/strict'
import { clusterQuery, findQuery, rowsIn } from '../../src/graph/message-queries.js'
import { searchAskedFor, type Fault } from '../../src/playground/graph-simulator/index.js'
import { MAIL, massMail } from '../../src/playground/tenant.js'
import { NOW, simulatedGraph, type SimulatedGraph } from './simulated-graph.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('the queries for more mail', () => {
  it('are these and no others', () => {
    assert.equal(
      findQuery({ from: 'a@b.example', subject: 'pay "now"', sinceMs: DAY }, NOW),
      'let sender = "a@b.example";\n' +
        'let part = "pay \\"now\\"";\n' +
        'EmailEvents\n' +
        '| where Timestamp >= datetime(2026-11-21T09:00:00.000Z)\n' +
        '| where isempty(sender) or SenderFromAddress =~ sender\n' +
        '| where isempty(part) or Subject contains part\n' +
        '| summarize Received = min(Timestamp), Subject = take_any(Subject), SenderFromAddress = take_any(SenderFromAddress), Copies = count() by NetworkMessageId\n' +
        '| top 51 by Received desc'
    )
    const query = clusterQuery(MAIL.payslip.toUpperCase()) ?? ''
    assert.equal(query.split('\n')[0], `let known = "${MAIL.payslip}";`)
    assert.equal(query.match(/"/g)?.length, 8)
  })

  it('look only so far, where somebody says until when', () => {
    const query = findQuery({ from: 'a@b.example', sinceMs: 5 * DAY, untilMs: DAY }, NOW) ?? ''
    assert.deepEqual(query.split('\n').slice(3, 5), [
      '| where Timestamp >= datetime(2026-11-17T09:00:00.000Z)',
      '| where Timestamp <= datetime(2026-11-21T09:00:00.000Z)'
    ])
    const asked = { sender: 'a@b.example', part: '', since: NOW - 5 * DAY, until: NOW - DAY }
    assert.deepEqual(searchAskedFor(query), asked)
  })

  it('look back 30 days at most, and never ahead', () => {
    const since = (sinceMs: number) => /datetime\((.*)\)/.exec(findQuery({ from: 'a', sinceMs }, NOW) ?? '')?.[1]
    assert.equal(since(365 * DAY), '2026-10-23T09:00:00.000Z')
    assert.equal(since(-DAY), '2026-11-22T09:00:00.000Z')
  })

  const hostile = [
    'a"b',
    '\\',
    '\\"',
    '" or true //',
    '"; union EmailEvents //',
    "'",
    '${x} {{y}} $& $1',
    'раураl',
    '😀'
  ]
  for (const text of hostile) {
    it(`keep inside their literals: ${text}`, () => {
      const query = findQuery({ from: text, subject: text, sinceMs: DAY }, NOW) ?? ''
      assert.deepEqual(searchAskedFor(query), { sender: text, part: text, since: NOW - DAY })
    })
  }

  for (const text of ['a\nb', 'a\rb', 'a\u0000b', 'a\u0085b', 'a\u2028b', 'a\u2029b', 'a\ud800b', 'a'.repeat(501)]) {
    it(`refuse ${JSON.stringify(text).slice(0, 30)}`, () => {
      assert.equal(findQuery({ from: text, sinceMs: DAY }, NOW), null)
      assert.equal(findQuery({ subject: text, sinceMs: DAY }, NOW), null)
    })
  }

  it('refuse to look for everything, and for what is no id', () => {
    assert.equal(findQuery({ sinceMs: DAY }, NOW), null)
    assert.equal(findQuery({ from: '', subject: '', sinceMs: DAY }, NOW), null)
    for (const id of ['', 'x', `${MAIL.payslip}"`, `{${MAIL.payslip}}`]) assert.equal(clusterQuery(id), null)
  })

  it('take no answer that is not theirs', () => {
    for (const body of [null, [], {}, { results: null }, { results: [null] }, { results: [{ NetworkMessageId: 'x' }] }])
      assert.equal(rowsIn(body), null)
  })
})

describe('the message finder', () => {
  let world: SimulatedGraph
  beforeEach(async () => {
    world = await simulatedGraph()
  })
  afterEach(() => world.graph.close())

  const find = (wanted: { from?: string; subject?: string; sinceMs?: number; untilMs?: number }) =>
    world.door.finder.find({ from: '', subject: '', sinceMs: DAY, ...wanted })
  const cluster = (networkMessageId: string) => world.door.finder.cluster({ networkMessageId })
  const found = async (answer: ReturnType<typeof find>) => {
    const result = await answer
    return result.kind === 'messages' ? result.messages.map(({ networkMessageId: id }) => id) : result.kind
  }
  const add = (n: number, changes: Partial<ReturnType<typeof massMail>> = {}) => {
    const networkMessageId = `00000${String(n).padStart(3, '0')}-0000-4000-8000-000000000000`
    world.graph.addMessage(massMail(1, { receivedAt: NOW - HOUR - n, networkMessageId, ...changes }))
    return networkMessageId
  }

  it('finds only what came between the two times', async () => {
    world.graph.addMessage(massMail(1, { receivedAt: NOW - 3 * HOUR }))
    const between = (sinceMs: number, untilMs: number) =>
      found(find({ from: 'parcel@bulk-sender.example', sinceMs, untilMs }))
    assert.equal((await between(4 * HOUR, 2 * HOUR)).length, 1)
    assert.equal(await between(2 * HOUR, HOUR), 'nothing')
    assert.equal(await between(5 * HOUR, 4 * HOUR), 'nothing')
  })

  it('finds by sender, by a part of the subject, and by both, in any letter case', async () => {
    assert.deepEqual(await find({ from: 'PAYROLL@c0ntoso-hr.example' }), {
      kind: 'messages',
      messages: [
        {
          networkMessageId: MAIL.payslip,
          subject: 'November payslip: open before Friday',
          senderAddress: 'payroll@c0ntoso-hr.example',
          copies: 12,
          receivedAt: NOW - 12 * 60_000
        }
      ],
      more: false
    })
    assert.deepEqual(await found(find({ subject: 'INVOICE 5521' })), [MAIL.sharedSecond, MAIL.sharedFirst])
    assert.equal(await found(find({ from: 'payroll@c0ntoso-hr.example', subject: 'invoice' })), 'nothing')
    assert.equal(await found(find({ from: 'payroll@c0ntoso-hr' })), 'nothing')
  })

  it('looks back as far as it is told', async () => {
    const id = add(1)
    assert.deepEqual(await found(find({ from: 'parcel@bulk-sender.example', sinceMs: 2 * HOUR })), [id])
    assert.equal(await found(find({ from: 'parcel@bulk-sender.example', sinceMs: HOUR })), 'nothing')
  })

  it('says when there are more than fifty', async () => {
    for (let n = 0; n < 50; n += 1) add(n)
    const fifty = await find({ subject: 'parcel could' })
    assert.deepEqual(fifty.kind === 'messages' && [fifty.messages.length, fifty.more], [50, false])
    add(50)
    const more = await find({ subject: 'parcel could' })
    assert.deepEqual(more.kind === 'messages' && [more.messages.length, more.more], [50, true])
  })

  it('asks nothing for what no mail can match', async () => {
    assert.deepEqual(await find({}), { kind: 'nothing' })
    assert.deepEqual(await find({ subject: 'a\nb' }), { kind: 'nothing' })
    assert.deepEqual(await cluster('x'), { kind: 'nothing' })
    assert.equal(world.graph.ledger.requests.length, 0)
  })

  it('finds the others of a cluster, whatever they are called, but not the message itself', async () => {
    const id = add(1, { emailClusterId: '3417208899', subject: 'Other' })
    add(2, { emailClusterId: '99', subject: 'Other' })
    const result = await cluster(MAIL.alerted.toUpperCase())
    assert.deepEqual(
      result.kind === 'messages' && result.messages.map(({ networkMessageId, why }) => [networkMessageId, why]),
      [
        [MAIL.alertedTwin, 'cluster'],
        [id, 'cluster']
      ]
    )
  })

  it('finds the same sender with the same subject, answers and forwards counted in', async () => {
    const known = add(1)
    const same = ['RE: fw: ', '  ', 'Aw:WG:'].map((prefix, n) =>
      add(n + 2, { subject: `${prefix}your PARCEL could not be delivered ` })
    )
    add(6, { subject: 'Your parcel could not be delivered today' })
    add(7, { sender: { displayName: '', fromAddress: 'x@y.example', mailFromAddress: '', ipv4: '' } })
    const result = await cluster(known)
    assert.deepEqual(
      result.kind === 'messages' && result.messages.map(({ networkMessageId, why }) => [networkMessageId, why]),
      same.map((id) => [id, 'senderAndSubject'])
    )
  })

  it('takes mail without a cluster, subject or sender for like nothing', async () => {
    const nobody = { displayName: '', fromAddress: '', mailFromAddress: '', ipv4: '' }
    const known = add(1, { subject: '', sender: nobody })
    add(2, { subject: '', sender: nobody })
    assert.deepEqual(await cluster(known), { kind: 'nothing' })
    assert.deepEqual(await cluster('00000000-0000-4000-8000-00000000dead'), { kind: 'nothing' })
  })

  for (const [what, ask] of [
    ['find', () => find({ from: 'a@b.example' })],
    ['cluster', () => cluster(MAIL.payslip)]
  ] as const) {
    it(`${what} tells a missing permission, a missing licence, throttling and silence apart`, async () => {
      const fault = (how: object) => world.graph.faults.add({ match: 'hunting', ...how } as Fault)
      world.graph.grant([])
      const code = 'Authorization_RequestDenied'
      assert.deepEqual(await ask(), { kind: 'forbidden', permission: 'ThreatHunting.Read.All', code })
      world.graph.grant(['ThreatHunting.Read.All'])
      world.graph.licence(false)
      assert.deepEqual(await ask(), { kind: 'noLicence', code: 'InvalidSubscription' })
      fault({ answer: { status: 429, headers: { 'Retry-After': '30' } } })
      const reason = 'Microsoft Graph is throttling the bot.'
      assert.deepEqual(await ask(), { kind: 'unavailable', reason, retryAfterMs: 30_000 })
      fault({ answer: { status: 200, body: { results: {} } } })
      assert.equal((await ask()).kind, 'unavailable')
    })
  }
})

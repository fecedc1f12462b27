// An Internet Message-ID is resolved by hunting: one message, several, none, and where the bot may not hunt.
import assert from 'node:assert/strict'
import { ALL_PERMISSIONS } from '../../src/playground/graph-simulator/index.js'
import { MAIL, SHARED_MESSAGE_ID } from '../../src/playground/tenant.js'
import { cannotResolve } from '../../src/teams/words.js'
import { aSoc, looks, openCase } from './scenes.js'
import { type Soc, dana, priya, tom } from './soc.js'

const at = (who: { objectId: string }) => `a:personal-${who.objectId}`
const hunts = (soc: Soc) =>
  soc.graph.ledger.requests.filter(
    ({ operation, body }) => operation === 'hunting' && JSON.stringify(body).includes('InternetMessageId')
  ).length

describe('a Message-ID', () => {
  const soc = aSoc()

  it('of one message becomes its case, asked for once', async () => {
    await soc().say(tom, 'triage <mailbox-full-8841@contos0-support.example>')
    await soc().settle()
    assert.match(soc().card().words, /Needs a decision[^]*Your mailbox is full/)
    assert.equal(hunts(soc()), 1)
  })

  it('joins the case of the same message opened by its other id', async () => {
    await openCase(soc())
    await soc().say(priya, 'report mailbox-full-8841@contos0-support.example', 'personal')
    await soc().settle()
    assert.match(soc().card('PT-1001').words, /Reported by\nTom Berg and 1 other/)
    const joined = soc()
      .messages()
      .filter(({ activity }) => activity.summary?.startsWith('PT-1002: joined'))
    assert.ok(joined.length <= 1)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    assert.equal(soc().graph.ledger.accepted.length, 1)
  })

  it('of several messages becomes separate cases, and the person gets the list', async () => {
    await soc().say(tom, `triage ${SHARED_MESSAGE_ID}`, 'personal')
    await soc().settle()
    assert.match(
      soc().heard(at(tom)).at(-1) ?? '',
      /^PT-1001: this Message-ID stands for 2 messages\. Each is a case of its own:\n\nPT-1001 · PT-1002\n\n/
    )
    assert.match(soc().card('PT-1001').words, /Needs a decision[^]*2 mailboxes/)
    assert.match(soc().card('PT-1002').words, /Needs a decision[^]*1 mailbox/)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    const [accepted, ...others] = soc().graph.ledger.accepted
    assert.deepEqual(others, [])
    assert.deepEqual(
      new Set(accepted?.body.analyzedEmails.map((each) => each.networkMessageId)),
      new Set([MAIL.sharedFirst])
    )
  })

  it('of several messages, one of which has a case already, lists that case', async () => {
    await openCase(soc(), MAIL.sharedFirst)
    await soc().say(priya, `report ${SHARED_MESSAGE_ID}`, 'personal')
    await soc().settle()
    assert.match(soc().heard(at(priya)).at(-1) ?? '', /stands for 2 messages[^]*PT-1001 · PT-1003/)
    assert.match(soc().card('PT-1001').words, /Reported by\nTom Berg and 1 other/)
    assert.match(soc().card('PT-1003').words, /Needs a decision/)
  })

  it('of several messages, triaged for one mailbox, narrows no case that is open for another of them', async () => {
    const open = await openCase(soc(), MAIL.sharedSecond)
    assert.match(open.words, /PT-1001 · v1[^]*1 mailbox: 1 inbox/)
    await soc().say(tom, `triage ${SHARED_MESSAGE_ID} ben.okafor@contoso.example`)
    await soc().settle()
    assert.match(soc().card('PT-1002').words, /Needs a decision[^]*1 mailbox: 1 inbox[^]*ben\.okafor/)
    assert.match(soc().card('PT-1001').words, /Needs a decision\nPT-1001 · v1[^]*1 mailbox: 1 inbox[^]*priya\.nair/)
  })

  it('that nobody knows is an honest "nothing found"', async () => {
    await soc().say(priya, 'report <nobody-knows@this.example>', 'personal')
    await soc().settle()
    assert.match(soc().card().words, /Nothing found yet[^]*nobody-knows/)
    assert.equal(looks(soc()), 0)
  })

  it('with quotes and backslashes asks for exactly that', async () => {
    await soc().say(priya, String.raw`report <a"b\c|'d@x.example>`, 'personal')
    await soc().settle()
    assert.match(soc().card().words, /Nothing found yet/)
    assert.equal(hunts(soc()), 1)
    assert.equal(soc().graph.ledger.requests.find(({ operation }) => operation === 'hunting')?.status, 200)
  })

  it('without the permission to hunt says so, to the person and on the card, and asks for the other id', async () => {
    soc().graph.grant(ALL_PERMISSIONS.filter((name) => name !== 'ThreatHunting.Read.All'))
    await soc().say(priya, 'report <mailbox-full-8841@contos0-support.example>', 'personal')
    await soc().settle()
    assert.equal(soc().heard(at(priya)).at(-1), cannotResolve)
    assert.match(soc().card().words, /Cannot be looked up[^]*the bot lacks a permission[^]*ThreatHunting\.Read\.All/)
    assert.doesNotMatch(soc().card().words, /^Approve$/m)

    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    await soc().settle()
    assert.match(soc().card('PT-1002').words, /Needs a decision/)
  })
})

describe('what Defender does not let the bot read', () => {
  const soc = aSoc()

  it('for want of a permission is named, the report is kept, and Look again works once it is granted', async () => {
    soc().graph.grant(ALL_PERMISSIONS.filter((name) => !name.startsWith('SecurityAnalyzedMessage')))
    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    await soc().settle()
    assert.match(soc().card().words, /Cannot be looked up[^]*SecurityAnalyzedMessage\.Read\.All[^]*The report is kept/)
    soc().graph.grant(ALL_PERMISSIONS)
    await soc().press(tom, 'Look again')
    await soc().settle()
    assert.match(soc().card().words, /Needs a decision/)
  })

  it('for want of a licence is another answer', async () => {
    soc().graph.licence(false)
    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    await soc().settle()
    assert.match(soc().card().words, /Cannot be looked up[^]*a licence is missing[^]*Defender for Office 365 Plan 2/)
    assert.doesNotMatch(soc().card().words, /^Approve$/m)
  })
})

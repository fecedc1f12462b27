// The whole bot with tokens on: the story works with good ones, and nothing reaches a turn without one, or from elsewhere.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { activityOf, send } from '../../src/playground/teams/person.js'
import { MAIL, SHARED_MESSAGE_ID } from '../../src/playground/tenant.js'
import { channelId, dana, tom } from '../flow/soc.js'
import { openCase } from '../flow/scenes.js'
import { type IssuerKey, createIssuerKey } from '../http/local-issuer.js'
import { TestClock } from '../test-clock.js'
import { type GuardedSoc, botId, connectorToken, openGuardedSoc, roomWith, serviceUrl } from './room-with-tokens.js'

const home = 'c0a70500-7e4a-4d0c-8b1e-000000000001'
const foreign = 'f0e10000-0000-4000-8000-00000000f0e1'
const nowS = () => Math.floor(Date.now() / 1000)
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a bot that checks tokens', () => {
  let guarded: GuardedSoc
  let strangerKey: IssuerKey
  before(async () => {
    strangerKey = await createIssuerKey()
  })
  const open = async () => {
    guarded = await openGuardedSoc()
  }
  const close = () => guarded.close()

  const triage = (changes: object = {}) => ({
    ...activityOf(guarded.soc.room, tom, 'channel', { type: 'message', text: `triage ${MAIL.mailboxFull}` }),
    ...changes
  })

  async function sendWith(authorization: string | undefined, changes: object = {}): Promise<number> {
    return (await send(roomWith(guarded.soc.room, authorization), triage(changes))).status
  }

  /** No turn ran: neither Graph nor Teams was asked anything, and the bot remembers nothing. */
  async function assertNothingHappened(): Promise<void> {
    await guarded.soc.settle()
    assert.deepEqual(guarded.called, [])
    assert.deepEqual(guarded.soc.teams.entries, [])
    const asked = guarded.soc.graph.ledger.requests.filter(({ operation }) => operation !== 'groups')
    assert.deepEqual(asked, [])
  }

  const refused: [string, () => Promise<string | undefined>][] = [
    ['no token', async () => undefined],
    ['an empty token', async () => 'Bearer '],
    ['another scheme', async () => 'Basic Ym90OnNlY3JldA=='],
    ['garbage', async () => 'Bearer a.b.c'],
    [
      'alg none',
      async () =>
        `Bearer ${base64({ alg: 'none', kid: guarded.issuer.currentKey().kid })}.${base64(guarded.issuer.claims())}.`
    ],
    [
      'HS256 with the public key',
      async () => {
        const { kid, publicPem } = guarded.issuer.currentKey()
        const signed = `${base64({ alg: 'HS256', typ: 'JWT', kid })}.${base64(guarded.issuer.claims())}`
        return `Bearer ${signed}.${createHmac('sha256', publicPem).update(signed).digest('base64url')}`
      }
    ],
    ['a key of somebody else', async () => bearer({}, { key: strangerKey })],
    [
      'the right key id and a wrong signature',
      async () => bearer({}, { key: strangerKey, kid: guarded.issuer.currentKey().kid })
    ],
    ['an expired token', async () => bearer({ exp: nowS() - 301, nbf: nowS() - 4000 })],
    ['a token of tomorrow', async () => bearer({ nbf: nowS() + 86_400, exp: nowS() + 90_000 })],
    ['a token that never ends', async () => bearer({ exp: undefined })],
    ['a token for another bot', async () => bearer({ aud: foreign })],
    [
      'a token of Entra, v1, this tenant',
      async () => bearer({ iss: `https://sts.windows.net/${home}/`, appid: botId, ver: '1.0' })
    ],
    [
      'a token of Entra, v2, another tenant',
      async () =>
        bearer({ iss: `https://login.microsoftonline.com/${foreign}/v2.0`, azp: botId, ver: '2.0', tid: foreign })
    ],
    ['a token for another service URL', async () => bearer({ serviceurl: 'https://smba.trafficmanager.net/other/' })],
    ['a token without a service URL', async () => bearer({ serviceurl: undefined })]
  ]

  async function bearer(claims: Record<string, unknown>, use?: { key?: IssuerKey; kid?: string }): Promise<string> {
    return `Bearer ${await guarded.issuer.sign(guarded.issuer.claims(claims), use)}`
  }

  const elsewhere: [string, object][] = [
    ['another channel', { channelId: 'directline' }],
    ['web chat', { channelId: 'webchat' }],
    ['the emulator', { channelId: 'emulator' }],
    ['a blank channel', { channelId: ' ' }],
    ['another tenant', { channelData: { tenant: { id: foreign } } }],
    [
      'two tenants',
      {
        channelData: { tenant: { id: home } },
        conversation: { id: channelId, conversationType: 'channel', tenantId: foreign }
      }
    ],
    ['no tenant', { channelData: {}, conversation: { id: channelId, conversationType: 'channel' } }]
  ]

  describe('refuses', () => {
    before(open)
    after(close)

    for (const [what, token] of refused) {
      it(`${what}: 401, and no turn`, async () => {
        assert.equal(await sendWith(await token()), 401)
        await assertNothingHappened()
      })
    }

    for (const [what, changes] of elsewhere) {
      it(`a good token from ${what}: 403, and no turn`, async () => {
        assert.equal(await sendWith(await bearer({}), changes), 403)
        await assertNothingHappened()
      })
    }

    it('keeps answering, and refuses with 401, under a flood of forged tokens', async () => {
      const statuses = await Promise.all(
        Array.from({ length: 100 }, async (_, index) =>
          sendWith(await bearer({ tid: String(index) }, { key: strangerKey }))
        )
      )
      assert.deepEqual(new Set(statuses), new Set([401]))
      await guarded.soc.say(tom, 'hi')
      assert.equal(guarded.soc.heard(channelId).length, 1)
    })
  })

  describe('takes', () => {
    beforeEach(open)
    afterEach(close)

    it('lets the whole story through with good tokens, and sends its own token to Teams only', async () => {
      const { soc } = guarded
      await openCase(soc)
      const answer = await soc.press(dana, 'Approve', { reason: 'phish' })
      assert.equal(answer.status, 200)
      await soc.settle()
      assert.equal(soc.graph.ledger.accepted.length, 1)
      assert.match(soc.card().words, /Submitted[^]*✓ Approved by Dana Weber/)
      assert.match(soc.heard(channelId).at(-1) ?? '', /PT-1001 submitted/)
      assert.ok(soc.teams.entries.every(({ hasAuthorization }) => hasAuthorization))
      for (const url of guarded.called) assert.ok(url.startsWith(serviceUrl), url)
      assert.ok(soc.graph.ledger.requests.every(({ hasAuthorization }) => !hasAuthorization))
      assert.doesNotMatch(JSON.stringify(soc.teams.entries), new RegExp(connectorToken))
    })

    for (const hostile of [
      'http://127.0.0.1:9',
      'http://localhost/teams/',
      'https://evil.trafficmanager.net/teams/',
      'https://smba.trafficmanager.net.evil.example/',
      'https://smba.trafficmanager.net:8443/',
      'https://smba.trafficmanager.net@evil.example/',
      'http://smba.trafficmanager.net/teams/',
      'https://169.254.169.254/'
    ]) {
      it(`a signed service URL ${hostile}: 403, never called, never remembered`, async () => {
        assert.equal(await sendWith(await bearer({ serviceurl: hostile }), { serviceUrl: hostile }), 403)
        await assertNothingHappened()
        await guarded.soc.say(tom, `triage ${MAIL.mailboxFull}`)
        await guarded.soc.settle()
        for (const url of guarded.called) assert.ok(url.startsWith(serviceUrl), url)
        assert.match(guarded.soc.card().words, /Needs a decision/)
      })
    }

    it('a token that was captured and sent again has no second effect', async () => {
      const { soc } = guarded
      const activity = triage()
      const room = roomWith(soc.room, await bearer({}))
      for (let times = 0; times < 3; times++) assert.equal((await send(room, activity)).status, 200)
      await soc.settle()
      assert.match(soc.card().words, /Reported by\nTom Berg\n/)
      assert.throws(() => soc.card('PT-1002'))
    })
  })
})

describe('a service URL stored while tokens were off', () => {
  it('is never called once they are on', async () => {
    const clock = new TestClock()
    const guarded = await openGuardedSoc({ clock })
    const { soc, called, bot } = guarded
    try {
      await soc.restart({ bot: { auth: 'off' } })
      const loopback = { ...roomWith(soc.room), serviceUrl: soc.teams.url }
      soc.graph.faults.add({ match: 'hunting', answer: { status: 503 } })
      const text = `report ${SHARED_MESSAGE_ID}`
      await send(loopback, activityOf(loopback, tom, 'personal', { type: 'message', text }))
      await soc.settle()
      assert.match(soc.card().words, /Cannot be looked up/)

      await soc.restart({ bot })
      const before = soc.teams.entries.length
      clock.advance(10_000)
      await soc.settle()
      assert.ok(soc.graph.ledger.requests.some(({ operation, status }) => operation === 'hunting' && status === 200))
      // What waits now: the news on the card, and the list for the reporter. Both are for the stored address.
      assert.equal(soc.teams.entries.length, before)
      assert.deepEqual(called, [])
    } finally {
      await guarded.close()
    }
  })
})

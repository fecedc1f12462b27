// How a post that did not go well is told: only what may have arrived is unknown.
import { type ServiceClientCredentials, ServiceClientCredentialsFactory } from 'botframework-connector'
import assert from 'node:assert/strict'
import { createLog } from '../../src/log.js'
import { type FakeConnector, startFakeConnector } from '../../src/playground/teams/connector.js'
import { createAdapter } from '../../src/teams/adapter.js'
import { ConnectorError, type ConnectorProblem, createConnector } from '../../src/teams/connector.js'

const botId = 'b0700000-0000-4000-8000-00000000b07a'

class Tokens extends ServiceClientCredentialsFactory {
  constructor(
    private readonly create: () => Promise<void>,
    private readonly sign: () => Promise<void>
  ) {
    super()
  }
  async isValidAppId() {
    return true
  }
  async isAuthenticationDisabled() {
    return false
  }
  async createCredentials(): Promise<ServiceClientCredentials> {
    await this.create()
    return {
      signRequest: async (request) => {
        await this.sign()
        request.headers.set('authorization', 'Bearer token')
        return request
      }
    }
  }
}

const fine = async () => undefined
const fails = async () => {
  throw new Error('AADSTS7000215: invalid client secret')
}

describe('connector', () => {
  let teams: FakeConnector
  beforeEach(async () => {
    teams = await startFakeConnector()
  })
  afterEach(() => teams.close())

  function connectorWith(tokens: Tokens, deadlineMs = 15_000) {
    const log = createLog('silent')
    const settings = {
      auth: 'on',
      id: botId,
      type: 'SingleTenant',
      password: 'not-used',
      tenantId: 't1',
      openIdMetadataUrl: 'https://127.0.0.1:9/keys',
      tokenIssuer: 'https://api.botframework.com'
    } as const
    const adapter = createAdapter(settings, { log, credentials: tokens })
    return createConnector({
      adapter,
      botAppId: botId,
      tenantId: 't1',
      serviceHosts: [],
      allowLoopback: true,
      deadlineMs
    })
  }

  async function problemOf(tokens: Tokens, deadlineMs?: number): Promise<ConnectorProblem | null> {
    const to = { conversationId: 'a:1', serviceUrl: teams.url }
    try {
      await connectorWith(tokens, deadlineMs).post(to, { text: 'hello' })
      return null
    } catch (error) {
      assert.ok(error instanceof ConnectorError)
      return error.problem
    }
  }

  it('posts with its token', async () => {
    assert.equal(await problemOf(new Tokens(fine, fine)), null)
    assert.deepEqual(
      teams.entries.map(({ hasAuthorization, accepted }) => [hasAuthorization, accepted]),
      [[true, true]]
    )
  })

  it('has sent nothing where it got no token', async () => {
    assert.deepEqual(await problemOf(new Tokens(fine, fails)), { kind: 'notSent' })
    assert.deepEqual(await problemOf(new Tokens(fails, fine)), { kind: 'notSent' })
    assert.equal(teams.entries.length, 0)
  })

  it('sends nothing with a token that comes after the deadline', async () => {
    let release: () => void = () => undefined
    const late = new Promise<void>((resolve) => {
      release = resolve
    })
    assert.deepEqual(await problemOf(new Tokens(fine, () => late), 20), { kind: 'notSent' })
    release()
    // A whole later post is longer than the few steps that the first one would still take.
    assert.equal(await problemOf(new Tokens(fine, fine)), null)
    assert.equal(teams.entries.length, 1)
  })

  it('does not know of what was sent and not answered', async () => {
    teams.fail({ match: 'post', status: 200, hang: true })
    assert.deepEqual(await problemOf(new Tokens(fine, fine), 300), { kind: 'unknown', status: null })
    teams.fail({ match: 'post', status: 502 })
    assert.deepEqual(await problemOf(new Tokens(fine, fine)), { kind: 'unknown', status: 502 })
  })
})

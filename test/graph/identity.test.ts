import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createCredential, type CredentialSettings } from '../../src/graph/credential.js'
import { createGraphDoor } from '../../src/graph/graph-door.js'
import { startGraphSimulator, type GraphSimulator } from '../../src/playground/graph-simulator/index.js'
import { seedTenant, TENANT_ID } from '../../src/playground/tenant.js'
import { handClock, NOW } from './simulated-graph.js'

const run = promisify(execFile)
const CLIENT_ID = 'b0700000-0000-4000-8000-00000000b070'

interface TokenRequest {
  path: string
  form: Record<string, string>
}

/** An Entra that hands out `token-1`, `token-2`, … and remembers who asked how. */
interface Authority {
  url: string
  requests: TokenRequest[]
  server: Server
}

describe('signing in with @azure/identity over https', function () {
  this.timeout(60_000)
  let folder: string
  let tls: { key: string; cert: string }
  let authority: Authority
  let graph: GraphSimulator
  let accepted: Set<string>

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'graph-door-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    await run(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert].concat(subject)
    )
    tls = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
    await writeFile(join(folder, 'both.pem'), tls.key + tls.cert)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  beforeEach(async () => {
    accepted = new Set(['token-1', 'token-2'])
    authority = await startAuthority(tls)
    const requireToken = (bearer: string) => accepted.has(bearer)
    graph = await startGraphSimulator({ tenant: seedTenant(NOW), clock: handClock(), tls, requireToken })
  })
  afterEach(async () => {
    await graph.close()
    authority.server.close()
    authority.server.closeAllConnections()
  })

  const application = () => ({ tenantId: TENANT_ID, clientId: CLIENT_ID, authorityHost: authority.url })
  const secret = (): CredentialSettings => ({ kind: 'secret', ...application(), clientSecret: 'a-secret' })
  const certificate = (): CredentialSettings => ({
    kind: 'certificate',
    ...application(),
    certificatePath: join(folder, 'both.pem'),
    certificatePassword: null
  })
  const workload = async (): Promise<CredentialSettings> => {
    const tokenFile = join(folder, 'federated')
    await writeFile(tokenFile, 'federated-token')
    return { kind: 'workloadIdentity', ...application(), tokenFile }
  }

  async function openDoor(credential: CredentialSettings, trusted = true) {
    const child = fileURLToPath(new URL('signed-in-door.ts', import.meta.url))
    const settings = JSON.stringify({ baseUrl: graph.url, credential })
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted ? join(folder, 'cert.pem') : undefined }
    const { stdout } = await run(process.execPath, ['--import', 'tsx', child, settings], { env, timeout: 50_000 })
    return JSON.parse(stdout) as { outcome: Record<string, unknown>; look: string; rights: string }
  }

  const kinds: [
    string,
    () => CredentialSettings | Promise<CredentialSettings>,
    (form: Record<string, string>) => void
  ][] = [
    ['secret', secret, (form) => assert.equal(form.client_secret, 'a-secret')],
    ['certificate', certificate, (form) => assert.match(form.client_assertion ?? '', /^eyJ/)],
    ['workloadIdentity', workload, (form) => assert.equal(form.client_assertion, 'federated-token')]
  ]
  for (const [kind, settings, check] of kinds) {
    it(`gets one token for all calls: ${kind}`, async () => {
      const { outcome, look, rights } = await openDoor(await settings())
      assert.deepEqual([outcome.kind, look, rights], ['accepted', 'found', 'known'])
      assert.ok(graph.ledger.requests.every(({ hasAuthorization }) => hasAuthorization))
      assert.equal(authority.requests.length, 1)
      const [{ path, form } = { path: '', form: {} }] = authority.requests
      assert.equal(path, `/${TENANT_ID}/oauth2/v2.0/token`)
      assert.deepEqual([form.client_id, form.scope], [CLIENT_ID, `${graph.url}/.default`])
      check(form)
    })
  }

  it('fetches one fresh token after a 401, and keeps it', async () => {
    accepted.delete('token-1')
    const { outcome, look } = await openDoor(secret())
    assert.deepEqual([outcome.kind, look], ['accepted', 'found'])
    assert.equal(authority.requests.length, 2)
    assert.deepEqual(
      graph.ledger.requests.map(({ operation, status }) => [operation, status]),
      [
        ['remediate', 401],
        ['remediate', 202],
        ['analyzedEmails', 200],
        ['users', 200]
      ]
    )
  })

  it('does not sign in where the authority’s certificate is unknown: not sent', async () => {
    const { outcome, look, rights } = await openDoor(secret(), false)
    assert.deepEqual([outcome.kind, look, rights], ['notSent', 'unavailable', 'unavailable'])
    assert.deepEqual([authority.requests.length, graph.ledger.requests.length], [0, 0])
  })

  it('takes a Graph whose certificate is unknown for not sent', async () => {
    const { remediation } = createGraphDoor({
      baseUrl: graph.url,
      version: 'v1.0',
      auth: { kind: 'off' },
      tenantId: TENANT_ID,
      clock: handClock()
    })
    const outcome = await remediation.submit({
      displayName: 'PT-1 softDelete',
      description: 'test',
      severity: 'low',
      action: 'softDelete',
      remediateSendersCopy: false,
      copies: []
    })
    assert.equal(outcome.kind, 'notSent')
    assert.equal(graph.ledger.requests.length, 0)
  })

  it('makes a managed identity of either kind, asking nobody', () => {
    assert.ok(createCredential({ kind: 'managedIdentity', clientId: null }))
    assert.ok(createCredential({ kind: 'managedIdentity', clientId: CLIENT_ID }))
  })

  it('refuses settings that cannot work, before anything is asked', () => {
    assert.throws(() => createCredential({ ...secret(), tenantId: 'not a tenant' } as CredentialSettings))
    assert.throws(() => createCredential({ ...secret(), authorityHost: 'http://127.0.0.1:1' } as CredentialSettings))
  })
})

async function startAuthority(tls: { key: string; cert: string }): Promise<Authority> {
  const requests: TokenRequest[] = []
  const server = createServer(tls, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      response.setHeader('Content-Type', 'application/json')
      if (path.includes('/.well-known/openid-configuration')) return void response.end(JSON.stringify(document()))
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')))
      requests.push({ path: path.split('?')[0] ?? '', form })
      response.end(JSON.stringify({ token_type: 'Bearer', expires_in: 3599, access_token: `token-${requests.length}` }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const document = () => ({
    issuer: `${url}/${TENANT_ID}/v2.0`,
    authorization_endpoint: `${url}/${TENANT_ID}/oauth2/v2.0/authorize`,
    token_endpoint: `${url}/${TENANT_ID}/oauth2/v2.0/token`,
    jwks_uri: `${url}/${TENANT_ID}/discovery/v2.0/keys`
  })
  return { url, requests, server }
}

// A token issuer on loopback that behaves like the Bot Framework's: OpenID document, key set with endorsements, signed
// tokens. It must never be imported by the product.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'

export const BOT_FRAMEWORK_ISSUER = 'https://api.botframework.com'

export type TokenClaims = Record<string, unknown>

export type LocalIssuer = {
  openIdMetadataUrl: string
  issuer: string
  /** How often each document was asked for. */
  fetches: { metadata: number; keys: number }
  /** A good token's claims, valid for an hour around `now` (milliseconds); an override of `undefined` leaves a claim out. */
  claims(overrides?: TokenClaims): TokenClaims
  /** Signs with the newest key unless another or another header is given. */
  sign(claims: TokenClaims, use?: { key?: IssuerKey; kid?: string }): Promise<string>
  currentKey(): IssuerKey
  /** A new key replaces the published one. */
  rotate(): Promise<IssuerKey>
  /** `undefined` publishes no endorsements at all. */
  setEndorsements(endorsements: string[] | undefined): void
  /** Published beside the current key, without endorsements. */
  publishUnendorsed(key: IssuerKey): void
  setDown(down: boolean): void
  close(): Promise<void>
}

export type IssuerKey = { kid: string; privateKey: CryptoKey; publicJwk: JWK; publicPem: string }

export async function createIssuerKey(): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const publicJwk = await exportJWK(publicKey)
  const kid = createHash('sha1').update(String(publicJwk.n)).digest('base64url')
  return { kid, privateKey, publicJwk, publicPem: await exportSPKI(publicKey) }
}

function publish({ kid, publicJwk }: IssuerKey): JWK {
  return { ...publicJwk, kid, use: 'sig' }
}

// Making a key takes longer than most tests do, so issuers start with the same one.
let firstKey: Promise<IssuerKey> | undefined

export async function startLocalIssuer(about: {
  appId: string
  serviceUrl: string
  now: () => number
}): Promise<LocalIssuer> {
  let key = await (firstKey ??= createIssuerKey())
  let endorsements: string[] | undefined = ['msteams', 'webchat', 'directline']
  let unendorsed: IssuerKey[] = []
  let down = false
  const fetches = { metadata: 0, keys: 0 }

  const server = createServer((req, res) => {
    const isMetadata = req.url === '/.well-known/openidconfiguration'
    fetches[isMetadata ? 'metadata' : 'keys'] += 1
    if (down) {
      res.writeHead(500).end()
      return
    }
    const current = { ...publish(key), ...(endorsements ? { endorsements } : {}) }
    const keys = [current, ...unendorsed.map(publish)]
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify(isMetadata ? { issuer: BOT_FRAMEWORK_ISSUER, jwks_uri: `${origin}/keys` } : { keys }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    openIdMetadataUrl: `${origin}/.well-known/openidconfiguration`,
    issuer: BOT_FRAMEWORK_ISSUER,
    fetches,
    claims: (overrides = {}) => {
      const now = Math.floor(about.now() / 1000)
      const good = {
        iss: BOT_FRAMEWORK_ISSUER,
        aud: about.appId,
        nbf: now - 300,
        exp: now + 3300,
        serviceurl: about.serviceUrl
      }
      return Object.fromEntries(Object.entries({ ...good, ...overrides }).filter(([, value]) => value !== undefined))
    },
    sign: (claims, use = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: use.kid ?? (use.key ?? key).kid })
        .sign((use.key ?? key).privateKey),
    currentKey: () => key,
    rotate: async () => (key = await createIssuerKey()),
    setEndorsements: (next) => (endorsements = next),
    publishUnendorsed: (added) => (unendorsed = [...unendorsed, added]),
    setDown: (next) => (down = next),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

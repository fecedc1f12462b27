// Holds the public keys of the token issuer. It must never fetch once per request, and never grow with what strangers send.
import { importJWK, type CryptoKey } from 'jose'
import { isLoopbackHost } from './loopback.js'

const FETCH_DEADLINE_MS = 5_000
const FRESH_MS = 24 * 60 * 60_000
/** How long old keys serve while the issuer cannot be reached. */
const STALE_MS = 5 * FRESH_MS
/** The key id is chosen by whoever sends the token, so an unknown one may cause a fetch only this often. */
const UNKNOWN_KEY_PAUSE_MS = 2 * 60_000
export const RETRY_PAUSE_MS = 10_000

export type SigningKey = { key: CryptoKey; endorsedForTeams: boolean }

export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

export type SigningKeys = {
  /** Fetches now. Throws {@link KeysUnavailable}. */
  warm(): Promise<void>
  /** `undefined`: the issuer has no such key. Throws {@link KeysUnavailable} where that cannot be told. */
  find(keyId: string): Promise<SigningKey | undefined>
}

type KeySet = ReadonlyMap<string, SigningKey>

export function createSigningKeys(openIdMetadataUrl: string, clock: { now(): number }): SigningKeys {
  const metadataUrl = new URL(openIdMetadataUrl)
  if (!isTrustworthy(metadataUrl)) throw new Error('the OpenID metadata URL must be https, or http on loopback')

  let held: { keys: KeySet; since: number } | undefined
  let lastTry: { at: number; failed: boolean } | undefined
  let inFlight: Promise<void> | undefined

  // A clock that was set back makes a negative age; that counts as over, or a refresh could be barred for hours.
  const within = (since: number, span: number): boolean => {
    const age = clock.now() - since
    return age >= 0 && age < span
  }

  const refresh = (): Promise<void> =>
    (inFlight ??= fetchKeys(metadataUrl)
      .then(
        (keys) => {
          held = { keys, since: clock.now() }
          lastTry = { at: clock.now(), failed: false }
        },
        (cause: unknown) => {
          lastTry = { at: clock.now(), failed: true }
          throw new KeysUnavailable('the signing keys could not be fetched', { cause })
        }
      )
      .finally(() => {
        inFlight = undefined
      }))

  const refreshUnlessTriedWithin = async (pause: number): Promise<void> => {
    if (lastTry && within(lastTry.at, lastTry.failed ? RETRY_PAUSE_MS : pause)) return
    await refresh().catch(() => undefined)
  }

  const usable = (): KeySet => {
    if (!held || !within(held.since, STALE_MS)) throw new KeysUnavailable('no usable signing keys')
    return held.keys
  }

  return {
    warm: refresh,
    async find(keyId) {
      if (!held || !within(held.since, FRESH_MS)) await refreshUnlessTriedWithin(0)
      const found = usable().get(keyId)
      if (found) return found
      await refreshUnlessTriedWithin(UNKNOWN_KEY_PAUSE_MS)
      const foundNow = usable().get(keyId)
      // The key may be a new one that could not be fetched: that is not the sender's fault.
      if (!foundNow && lastTry?.failed) throw new KeysUnavailable('unknown key, and the issuer cannot be reached')
      return foundNow
    }
  }
}

function isTrustworthy(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
}

async function fetchKeys(metadataUrl: URL): Promise<KeySet> {
  const signal = AbortSignal.timeout(FETCH_DEADLINE_MS)
  const keysUrl = new URL(String((await fetchObject(metadataUrl, signal)).jwks_uri), metadataUrl)
  if (!isTrustworthy(keysUrl)) throw new Error('jwks_uri is not https')
  const { keys: listed } = await fetchObject(keysUrl, signal)
  if (!Array.isArray(listed)) throw new Error('the key set holds no keys')
  const jwks = (listed as unknown[]).filter(isSigningJwk)
  // The Bot Framework lists on each key the channels that it may sign for. An issuer that lists none on any key does
  // not use endorsements; beside keys that carry them, a key without is endorsed for nothing.
  const listsEndorsements = jwks.some((jwk) => jwk.endorsements !== undefined)
  const keys = new Map<string, SigningKey>()
  for (const jwk of jwks) {
    const key = await importJWK({ kty: 'RSA', n: jwk.n, e: jwk.e }, 'RS256')
    const endorsements = jwk.endorsements
    const endorsedForTeams = Array.isArray(endorsements) ? endorsements.includes('msteams') : !listsEndorsements
    if (!(key instanceof Uint8Array)) keys.set(jwk.kid, { key, endorsedForTeams })
  }
  if (keys.size === 0) throw new Error('the key set holds no RS256 key')
  return keys
}

async function fetchObject(url: URL, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } })
  if (response.status !== 200) throw new Error(`${url.host} answered ${response.status}`)
  const value: unknown = await response.json()
  if (typeof value !== 'object' || value === null) throw new Error(`${url.host} answered no JSON object`)
  return value as Record<string, unknown>
}

type SigningJwk = { kid: string; n: string; e: string; endorsements?: unknown }

function isSigningJwk(value: unknown): value is SigningJwk {
  const { kty, kid, n, e, use = 'sig', alg = 'RS256' } = (value ?? {}) as Record<string, unknown>
  const isText = [kid, n, e].every((part) => typeof part === 'string')
  return isText && kty === 'RSA' && use === 'sig' && alg === 'RS256'
}

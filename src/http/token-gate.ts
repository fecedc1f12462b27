// Decides whether a request's token was issued by the Bot Framework, for this bot and this service URL. It must never
// log or keep a token, and never trust anything in one before its signature is checked.
import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { createSigningKeys, KeysUnavailable } from './signing-keys.js'

/** The skew that the Bot Connector authentication documentation names: 5 minutes. */
const CLOCK_TOLERANCE_S = 300

export type TokenRefusal =
  | 'no bearer token'
  | 'malformed token'
  | 'algorithm is not RS256'
  | 'unknown key'
  | 'key not endorsed for Teams'
  | 'bad signature'
  | 'wrong issuer'
  | 'wrong audience'
  | 'expired'
  | 'not yet valid'
  | 'claim missing or malformed'
  | 'service URL differs from the token'
  | 'signing keys unavailable'

/** 401: the token is no good. 503: it could not be checked, the sender may try again. */
export type TokenVerdict = { ok: true } | { ok: false; status: 401 | 503; reason: TokenRefusal }

export interface TokenGateOptions {
  /** The bot's app id: the only audience accepted. */
  appId: string
  issuer: string
  /** https, or http on loopback. Its `jwks_uri` names the only keys that count. */
  openIdMetadataUrl: string
  clock: { now(): number }
}

export interface TokenGate {
  /** Fetches the keys before the first request. Rejects when they cannot be had; `check` then tries again by itself. */
  warm(): Promise<void>
  /** Never throws. `serviceUrl` is the activity's, as received. */
  check(authorizationHeader: string | undefined, serviceUrl: string | undefined): Promise<TokenVerdict>
}

/**
 * The rules of https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 * ("Connector to Bot"), without the paths for emulator, skills and other channels.
 */
export function createTokenGate(options: TokenGateOptions): TokenGate {
  const { appId, issuer, openIdMetadataUrl, clock } = options
  // An empty audience or issuer would turn its check off or into nonsense.
  if (!appId || !issuer) throw new Error('the token gate needs an app id and an issuer')
  const keys = createSigningKeys(openIdMetadataUrl, clock)

  const refusal = async (header: string | undefined, serviceUrl: string | undefined): Promise<TokenRefusal | null> => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header ?? '')?.[1]
    if (!token) return 'no bearer token'
    const { alg, kid } = decodeProtectedHeader(token)
    if (alg !== 'RS256') return 'algorithm is not RS256'
    if (typeof kid !== 'string') return 'unknown key'
    const found = await keys.find(kid)
    if (!found) return 'unknown key'
    if (!found.endorsedForTeams) return 'key not endorsed for Teams'
    const { payload } = await jwtVerify(token, found.key, {
      algorithms: ['RS256'],
      issuer,
      audience: appId,
      requiredClaims: ['exp', 'nbf'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(clock.now())
    })
    const claimed = payload.serviceurl
    if (typeof claimed !== 'string' || claimed === '') return 'claim missing or malformed'
    if (serviceUrl === undefined || !sameServiceUrl(claimed, serviceUrl)) return 'service URL differs from the token'
    return null
  }

  return {
    warm: () => keys.warm(),
    async check(header, serviceUrl) {
      try {
        const reason = await refusal(header, serviceUrl)
        return reason === null ? { ok: true } : { ok: false, status: 401, reason }
      } catch (error) {
        if (error instanceof KeysUnavailable) return { ok: false, status: 503, reason: 'signing keys unavailable' }
        return { ok: false, status: 401, reason: reasonOf(error) }
      }
    }
  }
}

function reasonOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad signature'
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed && error.reason === 'check_failed') {
    if (error.claim === 'iss') return 'wrong issuer'
    if (error.claim === 'aud') return 'wrong audience'
    if (error.claim === 'nbf') return 'not yet valid'
  }
  return error instanceof errors.JWTClaimValidationFailed ? 'claim missing or malformed' : 'malformed token'
}

function sameServiceUrl(claimed: string, received: string): boolean {
  const trim = (url: string): string => (url.endsWith('/') ? url.slice(0, -1) : url)
  return trim(claimed) === trim(received)
}

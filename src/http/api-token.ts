// Decides whether a request's token was issued by this tenant's Entra to an application, for the report API. It must
// never accept a person's token, log or keep one, or trust anything in one before its signature is checked.
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose'
import { createSigningKeys, KeysUnavailable } from './signing-keys.js'

/** As for the channel's tokens, and as Microsoft's own libraries have it. */
const CLOCK_TOLERANCE_S = 300

export const apiRoles = ['Reports.Create', 'Cases.Read'] as const
export type ApiRole = (typeof apiRoles)[number]

/** An application that calls, by the application (client) id of its own registration. */
export type ApiCaller = { appId: string; roles: readonly ApiRole[] }

export type ApiTokenRefusal =
  | 'no bearer token'
  | 'malformed token'
  | 'algorithm is not RS256'
  | 'unknown key'
  | 'bad signature'
  | 'wrong issuer'
  | 'wrong audience'
  | 'wrong tenant'
  | 'expired'
  | 'not yet valid'
  | 'claim missing or malformed'
  | 'not an application token'
  | 'signing keys unavailable'

/** 401: the token is no good. 403: it is good, but a person's. 503: it could not be checked, the caller may try again. */
export type ApiTokenVerdict =
  { ok: true; caller: ApiCaller } | { ok: false; status: 401 | 403 | 503; reason: ApiTokenRefusal }

export interface ApiTokenGateOptions {
  /** The application (client) id of the API's own registration, a GUID: the only audience accepted. */
  audience: string
  /** The only tenant served, a GUID. */
  tenantId: string
  /** https, or http on loopback. Its `jwks_uri` names the only keys that count. */
  openIdMetadataUrl: string
  clock: { now(): number }
}

export interface ApiTokenGate {
  /** Fetches the keys before the first request. Rejects when they cannot be had; `check` then tries again by itself. */
  warm(): Promise<void>
  /** Never throws. */
  check(authorizationHeader: string | undefined): Promise<ApiTokenVerdict>
}

/**
 * For v2.0 access tokens of the client credentials flow,
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference. An API registration without
 * `requestedAccessTokenVersion: 2` gets v1.0 tokens, which have another issuer and are refused.
 */
export function createApiTokenGate(options: ApiTokenGateOptions): ApiTokenGate {
  const { audience, openIdMetadataUrl, clock } = options
  const tenantId = options.tenantId.toLowerCase()
  // An empty audience or tenant would turn its check off or into nonsense.
  if (!audience || !tenantId) throw new Error('the API token gate needs an audience and a tenant')
  const issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`
  const keys = createSigningKeys(openIdMetadataUrl, clock)

  const payloadOf = async (header: string | undefined): Promise<JWTPayload | ApiTokenRefusal> => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header ?? '')?.[1]
    if (!token) return 'no bearer token'
    const { alg, kid } = decodeProtectedHeader(token)
    if (alg !== 'RS256') return 'algorithm is not RS256'
    const found = typeof kid === 'string' ? await keys.find(kid) : undefined
    if (!found) return 'unknown key'
    const { payload } = await jwtVerify(token, found.key, {
      algorithms: ['RS256'],
      issuer,
      audience,
      requiredClaims: ['exp', 'nbf'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(clock.now())
    })
    return payload
  }

  const judge = (payload: JWTPayload): ApiTokenVerdict => {
    const { tid, azp, roles } = payload
    if (tid !== tenantId) return { ok: false, status: 401, reason: 'wrong tenant' }
    if (!isForApplication(payload)) return { ok: false, status: 403, reason: 'not an application token' }
    if (typeof azp !== 'string' || !/^[\da-f-]{36}$/i.test(azp)) {
      return { ok: false, status: 401, reason: 'claim missing or malformed' }
    }
    const granted: unknown[] = Array.isArray(roles) ? roles : []
    return { ok: true, caller: { appId: azp.toLowerCase(), roles: apiRoles.filter((role) => granted.includes(role)) } }
  }

  return {
    warm: () => keys.warm(),
    async check(header) {
      try {
        const payload = await payloadOf(header)
        return typeof payload === 'string' ? { ok: false, status: 401, reason: payload } : judge(payload)
      } catch (error) {
        if (error instanceof KeysUnavailable) return { ok: false, status: 503, reason: 'signing keys unavailable' }
        return { ok: false, status: 401, reason: reasonOf(error) }
      }
    }
  }
}

/**
 * `idtyp` is an optional claim. Without it, only an application's own token has the same `oid` and `sub`: a person's
 * access or ID token for this API has a `sub` made for the pair,
 * https://learn.microsoft.com/entra/identity-platform/scenario-protected-web-api-verification-scope-app-roles
 */
function isForApplication({ scp, idtyp, oid, sub }: JWTPayload): boolean {
  if (scp !== undefined) return false
  return idtyp === undefined ? typeof oid === 'string' && oid !== '' && oid === sub : idtyp === 'app'
}

function reasonOf(error: unknown): ApiTokenRefusal {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad signature'
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed && error.reason === 'check_failed') {
    if (error.claim === 'iss') return 'wrong issuer'
    if (error.claim === 'aud') return 'wrong audience'
    if (error.claim === 'nbf') return 'not yet valid'
  }
  return error instanceof errors.JWTClaimValidationFailed ? 'claim missing or malformed' : 'malformed token'
}

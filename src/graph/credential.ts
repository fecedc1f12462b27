// The bot's own sign-in to Entra: exactly one kind of credential, as set. Never falls through to another kind.
import { createRequire } from 'node:module'
import type * as Identity from '@azure/identity'
import type { TokenCredential } from '@azure/identity'

/** The values of `AZURE_*` as @azure/identity names them; null where a variable may be unset. */
export type CredentialSettings =
  /** AZURE_CLIENT_ID for a user-assigned identity; null is the system-assigned one. */
  | { kind: 'managedIdentity'; clientId: string | null }
  | (Application & { kind: 'workloadIdentity'; tokenFile: string })
  | (Application & { kind: 'certificate'; certificatePath: string; certificatePassword: string | null })
  | (Application & { kind: 'secret'; clientSecret: string })

interface Application {
  tenantId: string
  clientId: string
  /** AZURE_AUTHORITY_HOST; null is the public cloud's. */
  authorityHost: string | null
}

const MICROSOFT_AUTHORITIES = [
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
  'login.partner.microsoftonline.cn'
]

// botframework-connector has loaded this build of it already; `import` would load the package's other build as well.
const identity = createRequire(import.meta.url)('@azure/identity') as typeof Identity

/** Asks nobody yet. Throws where @azure/identity refuses the settings themselves (a malformed tenant id, plain http). */
export function createCredential(settings: CredentialSettings): TokenCredential {
  switch (settings.kind) {
    case 'managedIdentity':
      return new identity.ManagedIdentityCredential(settings.clientId === null ? {} : { clientId: settings.clientId })
    case 'workloadIdentity': {
      const { tenantId, clientId, tokenFile } = settings
      return new identity.WorkloadIdentityCredential({
        tenantId,
        clientId,
        tokenFilePath: tokenFile,
        ...authority(settings)
      })
    }
    case 'certificate': {
      const { certificatePath, certificatePassword } = settings
      const certificate = certificatePassword === null ? { certificatePath } : { certificatePath, certificatePassword }
      return new identity.ClientCertificateCredential(
        settings.tenantId,
        settings.clientId,
        certificate,
        authority(settings)
      )
    }
    case 'secret':
      return new identity.ClientSecretCredential(
        settings.tenantId,
        settings.clientId,
        settings.clientSecret,
        authority(settings)
      )
  }
}

function authority({ authorityHost }: Application): { authorityHost?: string; disableInstanceDiscovery?: boolean } {
  if (authorityHost === null) return {}
  // Discovery asks login.microsoft.com whether it knows the authority; it does not know a private one.
  const known = MICROSOFT_AUTHORITIES.includes(new URL(authorityHost).hostname)
  return { authorityHost, disableInstanceDiscovery: !known }
}

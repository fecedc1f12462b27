// The Bot Framework adapter. Every request has passed the gate in http/ before; this is the second check, never the first.
import { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js'
import { AuthenticationConfiguration, type ServiceClientCredentialsFactory } from 'botframework-connector'
import type { Log } from '../log.js'

export type AdapterSettings =
  | { auth: 'off' }
  | {
      auth: 'on'
      id: string
      type: 'SingleTenant' | 'UserAssignedMSI'
      password: string
      tenantId: string
      openIdMetadataUrl: string
      tokenIssuer: string
    }

export interface AdapterDoors {
  log: Log
  /** Gets the tokens for calls to Teams in the place of Entra; for tests. */
  credentials?: ServiceClientCredentialsFactory
}

class TurnFailed extends Error {
  override readonly name = 'TurnFailed'
}

export function createAdapter(settings: AdapterSettings, { log, credentials }: AdapterDoors): TeamsAdapter {
  const adapter = settings.auth === 'off' ? new TeamsAdapter({}) : authenticated(settings, credentials)
  // The default writes the error with its message, which may hold what people sent, to the console and into the chat.
  adapter.onTurnError = async (_context, error) => {
    log.error({ name: error.name, stack: stackOf(error) }, 'a turn failed')
    // Whatever leaves here is printed to the console, whole, before it becomes the 500.
    throw new TurnFailed()
  }
  return adapter
}

function authenticated(
  settings: Extract<AdapterSettings, { auth: 'on' }>,
  credentials: ServiceClientCredentialsFactory | undefined
): TeamsAdapter {
  const claims = new AuthenticationConfiguration(['msteams'], async (found) => {
    const value = (type: string) => found.find((claim) => claim.type === type)?.value
    // Only tokens of the channel itself: a token of another bot ("skill") or of Entra names another issuer.
    if (value('iss') !== settings.tokenIssuer || value('aud') !== settings.id) {
      throw new Error('The token is not from the channel service or not for this bot.')
    }
  })
  const options = {
    MicrosoftAppId: settings.id,
    MicrosoftAppPassword: settings.password,
    MicrosoftAppType: settings.type,
    MicrosoftAppTenantId: settings.tenantId,
    // All six or none: the SDK falls back to its built-in addresses only as a whole.
    ToChannelFromBotLoginUrl: `https://login.microsoftonline.com/${settings.tenantId}`,
    ToChannelFromBotOAuthScope: 'https://api.botframework.com',
    ToBotFromChannelTokenIssuer: settings.tokenIssuer,
    OAuthUrl: 'https://api.botframework.com',
    ToBotFromChannelOpenIdMetadataUrl: settings.openIdMetadataUrl,
    ToBotFromEmulatorOpenIdMetadataUrl:
      'https://login.microsoftonline.com/botframework.com/v2.0/.well-known/openid-configuration'
  }
  return new TeamsAdapter(options, credentials, claims)
}

/** Where it happened, without the message. */
function stackOf(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 8)
    .map((line) => line.trim())
}

// A SOC whose bot checks tokens: a local issuer signs what Teams would, and calls to Teams' real host end at the fake connector.
import { type ServiceClientCredentials, ServiceClientCredentialsFactory } from 'botframework-connector'
import http from 'node:http'
import https from 'node:https'
import type { Clock } from '../../src/case/ports.js'
import type { Config } from '../../src/config.js'
import type { Log } from '../../src/log.js'
import type { Room } from '../../src/playground/teams/person.js'
import { type Soc, openSoc } from '../flow/soc.js'
import { type LocalIssuer, startLocalIssuer } from '../http/local-issuer.js'

export const botId = 'b0700000-0000-4000-8000-00000000b07a'
export const serviceUrl = 'https://smba.trafficmanager.net/teams/'
export const connectorToken = 'the-token-of-the-bot-for-the-connector'

class FixedToken extends ServiceClientCredentialsFactory {
  async isValidAppId(appId = '') {
    return appId === botId
  }
  async isAuthenticationDisabled() {
    return false
  }
  async createCredentials(): Promise<ServiceClientCredentials> {
    return {
      signRequest: async (request) => {
        request.headers.set('authorization', `Bearer ${connectorToken}`)
        return request
      }
    }
  }
}

export interface GuardedSoc {
  soc: Soc
  issuer: LocalIssuer
  /** Every https address that the bot was about to call; none of them was. */
  called: string[]
  bot: Config['bot']
  close(): Promise<void>
}

export async function openGuardedSoc(options: { log?: Log; clock?: Clock } = {}): Promise<GuardedSoc> {
  const issuer = await startLocalIssuer({ appId: botId, serviceUrl, now: () => Date.now() })
  const bot: Config['bot'] = {
    auth: 'on',
    id: botId,
    type: 'SingleTenant',
    password: 'not-used',
    openIdMetadataUrl: issuer.openIdMetadataUrl,
    tokenIssuer: issuer.issuer
  }
  const soc = await openSoc({
    ...options,
    room: {
      serviceUrl,
      authorize: async (activity) => {
        const { serviceUrl: serviceurl } = activity as { serviceUrl?: string }
        return `Bearer ${await issuer.sign(issuer.claims({ serviceurl }))}`
      }
    },
    config: { bot },
    connectorCredentials: () => new FixedToken()
  })
  const detour = leadTeamsTo(soc.teams.url)
  return {
    soc,
    issuer,
    called: detour.called,
    bot,
    async close() {
      detour.end()
      await soc.close()
      await issuer.close()
    }
  }
}

/** The same room, seen by somebody who has another token, or none. */
export function roomWith(room: Room, authorization?: string): Room {
  const bare = { ...room }
  delete bare.authorize
  return authorization === undefined ? bare : { ...bare, authorize: async () => authorization }
}

/**
 * With tokens on, the bot calls nothing but https at the allowed hosts, and its connector client takes no other transport:
 * the way out is turned round here, at the last step, and every other host fails the call.
 */
function leadTeamsTo(teamsUrl: string): { called: string[]; end(): void } {
  const called: string[] = []
  const direct = https.request
  const { port } = new URL(teamsUrl)
  https.request = ((options: https.RequestOptions, callback?: (response: http.IncomingMessage) => void) => {
    const { hostname = '', path = '' } = options
    called.push(`https://${hostname}${path ?? ''}`)
    if (hostname !== 'smba.trafficmanager.net') throw new Error(`a call to ${hostname ?? 'nowhere'}`)
    const turned = {
      ...options,
      agent: http.globalAgent,
      protocol: 'http:',
      hostname: '127.0.0.1',
      port,
      path: (path ?? '').replace(/^\/teams/, '')
    }
    return http.request(turned, callback)
  }) as typeof https.request
  return {
    called,
    end() {
      https.request = direct
    }
  }
}

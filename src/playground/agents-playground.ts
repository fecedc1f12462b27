// What the Microsoft 365 Agents Playground is given: its people, its team and its command line. Knows nothing of the bot's insides.
import { stringify } from 'yaml'
import { PEOPLE, type TenantUser, type SeededTenant } from './tenant.js'

export const CONFIG_FILE = '.m365agentsplayground.yml'
export const BOT_NAME = 'Phish Triage'
export const TEAM_NAME = 'Contoso SOC'
export const PERSONAL_CHAT_ID = 'a:personal-chat-with-phish-triage'
export const CHANNEL_NAME = 'SOC alerts'
/** As in policy.yaml. */
export const CHANNEL_ID = '19:soc-alerts@thread.tacv2'

const teamId = '19:soc-team@thread.tacv2'

/** Its schema wants exactly so many users beside the one who sits at the screen. */
const otherUsers = 5

/** The playground's configuration file, with this person of the tenant at the screen. */
export function agentsPlaygroundConfig(tenant: SeededTenant, objectId: string = PEOPLE.dana): string {
  const atScreen = tenant.users.find(({ id }) => id === objectId)
  const others = tenant.users.filter(({ id }) => id !== objectId).slice(0, otherUsers)
  if (atScreen === undefined || others.length < otherUsers) {
    throw new Error('The seeded tenant must have the person at the screen and five others.')
  }
  return stringify({
    version: '0.1.1',
    tenantId: tenant.tenantId,
    bot: { id: '28:b07b07b0-7b07-4b07-8b07-b07b07b07b07', name: BOT_NAME },
    currentUser: playgroundUser(atScreen),
    users: others.map(playgroundUser),
    personalChat: { id: PERSONAL_CHAT_ID },
    groupChat: { id: '19:group-chat@thread.v2', name: 'Some group chat' },
    team: {
      id: teamId,
      name: TEAM_NAME,
      aadGroupId: '50c7ea30-0000-4000-8000-0000000000b1',
      channels: [{ id: CHANNEL_ID, name: CHANNEL_NAME }]
    }
  })
}

function playgroundUser({ id, displayName, userPrincipalName, mail }: TenantUser) {
  const [givenName = '', surname = ''] = displayName.split(' ')
  // The misspelt key is the schema's own.
  return {
    id: `29:${id}`,
    name: displayName,
    userPrincipleName: userPrincipalName,
    aadObjectId: id,
    givenName,
    surname,
    email: mail
  }
}

/** @param at the bot's address, and the port of the chat's page. */
export function agentsPlaygroundArgs(cli: string, at: { bot: string; ui: number }): string[] {
  const { bot, ui } = at
  return [
    cli,
    'start',
    ...['-e', `${bot}/api/messages`],
    ...['-c', 'msteams'],
    ...['-p', String(ui)],
    ...['--service-url', `http://127.0.0.1:${String(ui)}/_connector`],
    '--disable-telemetry'
  ]
}

// Reads the environment into a Config, or fails with one error that names every bad setting. Never logs a value.
import { z } from 'zod/v4'
import type { CredentialSettings } from './graph/credential.js'
import { isLoopbackHost } from './http/loopback.js'
import { type StoreConfig, givenIn, storeConfig, storeSettings } from './store-settings.js'

export interface Config extends StoreConfig {
  host: string
  port: number
  logLevel: string
  tenantId: string
  socChannelId: string
  policyFile: string
  fileHosts: string[]
  serviceHosts: string[]
  batchSize: number
  reportsFrom: {
    /** The message action in Teams. */
    messages: boolean
    alerts: boolean
    submissions: boolean
    /** What the SOC found is written back to the submissions. */
    reviews: boolean
    /** Address of the reporting mailbox; empty: none. */
    mailbox: string
  }
  /** Null: no report API. Tokens are not asked for only together with the bot's own. */
  api: { audience: string; openIdMetadataUrl: string } | null
  bot: BotConfig
  graph: GraphConfig
}

export type BotConfig =
  | { auth: 'off' }
  | {
      auth: 'on'
      id: string
      type: 'SingleTenant' | 'UserAssignedMSI'
      password: string
      openIdMetadataUrl: string
      tokenIssuer: string
    }

export interface GraphConfig {
  baseUrl: string
  version: 'v1.0' | 'beta'
  /** Null: GRAPH_AUTH=off. */
  credential: CredentialSettings | null
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(readonly problems: string[]) {
    super(['The bot cannot start. Change these settings:', ...problems.map((problem) => `  - ${problem}`)].join('\n'))
  }
}

/** The Teams service hosts of each cloud: the only places the bot's connector token is sent to. */
const serviceHosts = {
  global: ['smba.trafficmanager.net', 'smba.infra.gcc.teams.microsoft.com']
}

const settingsSchema = z.object({
  PORT: z.coerce.number('must be a port number').int().min(0).max(65_535).default(3978),
  HOST: z.string().default(''),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  BOT_AUTH: z.enum(['on', 'off']).default('on'),
  BOT_ID: z.string().default(''),
  BOT_TYPE: z.string().default(''),
  BOT_TENANT_ID: z.guid('must be the tenant id (a GUID): Entra admin center > Overview'),
  BOT_PASSWORD: z.string().default(''),
  BOT_OPENID_METADATA_URL: z
    .string()
    .default('https://login.botframework.com/v1/.well-known/openidconfiguration')
    .refine(isSafeUrl, 'must be an https address'),
  BOT_TOKEN_ISSUER: z.string().default('https://api.botframework.com'),
  CLOUD: z
    .enum(['global'], 'must be global: Microsoft documents analyzedEmail: remediate for the global cloud only')
    .default('global'),
  GRAPH_BASE_URL: z.string().default('https://graph.microsoft.com').refine(isSafeUrl, 'must be an https address'),
  GRAPH_API_VERSION: z.enum(['v1.0', 'beta']).default('v1.0'),
  GRAPH_AUTH: z.enum(['on', 'off']).default('on'),
  GRAPH_CREDENTIAL: z.enum(['managedIdentity', 'workloadIdentity', 'certificate', 'secret']).optional(),
  ALLOW_CLIENT_SECRET: z.string().default(''),
  AZURE_TENANT_ID: z.string().default(''),
  AZURE_CLIENT_ID: z.string().default(''),
  AZURE_CLIENT_SECRET: z.string().default(''),
  AZURE_CLIENT_CERTIFICATE_PATH: z.string().default(''),
  AZURE_CLIENT_CERTIFICATE_PASSWORD: z.string().default(''),
  AZURE_FEDERATED_TOKEN_FILE: z.string().default(''),
  AZURE_AUTHORITY_HOST: z.string().default(''),
  ...storeSettings,
  POLICY_FILE: z.string().default('policy.yaml'),
  SOC_CHANNEL_ID: z.string().default(''),
  FILE_HOSTS: z.string().default(''),
  REPORTS_FROM_MESSAGES: z.enum(['on', 'off']).default('on'),
  REPORTS_FROM_ALERTS: z.enum(['on', 'off']).default('off'),
  REPORTS_FROM_SUBMISSIONS: z.enum(['on', 'off']).default('off'),
  REVIEW_SUBMISSIONS: z.enum(['on', 'off']).default('off'),
  REPORTS_FROM_MAILBOX: z.union([z.literal(''), z.email()], 'must be the address of the reporting mailbox').default(''),
  API_AUDIENCE: z
    .union([z.literal(''), z.guid()], 'must be the application id (a GUID) of an app registration of its own')
    .default(''),
  API_OPENID_METADATA_URL: z.string().refine(isSafeUrl, 'must be an https address').optional(),
  REMEDIATE_BATCH_SIZE: z.coerce.number('must be a number').int().min(1).max(1000).default(100)
})
type Settings = z.infer<typeof settingsSchema>

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = givenIn(env)
  const { settings, bad, problems } = readSettings(given)
  // What depends on a bad setting is not judged: the answer would be about a value that nobody gave.
  if (!bad.has('BOT_AUTH')) problems.push(...botProblems(settings))
  problems.push(...reviewProblems(settings))
  if (!['GRAPH_AUTH', 'GRAPH_BASE_URL', 'GRAPH_CREDENTIAL'].some((name) => bad.has(name))) {
    problems.push(...graphProblems(settings))
  }
  const host = settings.HOST === '' ? (settings.BOT_AUTH === 'off' ? '127.0.0.1' : '0.0.0.0') : settings.HOST
  if (settings.BOT_AUTH === 'off' && !isLoopbackHost(host)) {
    problems.push('BOT_AUTH may be off only while HOST is a loopback address (127.0.0.1)')
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    host,
    port: settings.PORT,
    logLevel: settings.LOG_LEVEL,
    tenantId: settings.BOT_TENANT_ID.toLowerCase(),
    socChannelId: settings.SOC_CHANNEL_ID,
    policyFile: settings.POLICY_FILE,
    ...storeConfig(settings),
    fileHosts: list(settings.FILE_HOSTS),
    serviceHosts: serviceHosts[settings.CLOUD],
    batchSize: settings.REMEDIATE_BATCH_SIZE,
    reportsFrom: {
      messages: settings.REPORTS_FROM_MESSAGES === 'on',
      alerts: settings.REPORTS_FROM_ALERTS === 'on',
      submissions: settings.REPORTS_FROM_SUBMISSIONS === 'on',
      reviews: settings.REVIEW_SUBMISSIONS === 'on',
      mailbox: settings.REPORTS_FROM_MAILBOX
    },
    api: apiConfig(settings),
    bot: botConfig(settings),
    graph: graphConfig(settings)
  }
}

function readSettings(given: NodeJS.ProcessEnv): { settings: Settings; bad: Set<string>; problems: string[] } {
  const parsed = settingsSchema.safeParse(given)
  if (parsed.success) return { settings: parsed.data, bad: new Set(), problems: [] }
  const { issues } = parsed.error
  const bad = new Set(issues.map((issue) => String(issue.path[0])))
  const good = Object.fromEntries(Object.entries(given).filter(([name]) => !bad.has(name)))
  return {
    // The one setting without a default is filled in only so that the others can still be checked.
    settings: settingsSchema.parse({ BOT_TENANT_ID: '00000000-0000-0000-0000-000000000000', ...good }),
    bad,
    problems: issues.map((issue) => {
      const name = String(issue.path[0])
      return `${name} ${given[name] === undefined ? 'is missing; it ' : ''}${issue.message}`
    })
  }
}

function reviewProblems({ REVIEW_SUBMISSIONS, REPORTS_FROM_SUBMISSIONS }: Settings): string[] {
  return REVIEW_SUBMISSIONS === 'on' && REPORTS_FROM_SUBMISSIONS === 'off'
    ? ['REVIEW_SUBMISSIONS is on, and there is nothing to review: switch REPORTS_FROM_SUBMISSIONS on too']
    : []
}

function botProblems(settings: Settings): string[] {
  if (settings.BOT_AUTH === 'off') return []
  const problems: string[] = []
  if (!isGuid(settings.BOT_ID)) problems.push("BOT_ID must be the bot's application id (a GUID)")
  if (!['SingleTenant', 'UserAssignedMSI'].includes(settings.BOT_TYPE)) {
    problems.push('BOT_TYPE must be SingleTenant or UserAssignedMSI, as the Azure Bot resource says')
  }
  if (settings.BOT_TYPE === 'SingleTenant' && settings.BOT_PASSWORD === '') {
    problems.push('BOT_PASSWORD is missing; a SingleTenant bot needs its client secret')
  }
  if (settings.API_AUDIENCE !== '' && settings.API_AUDIENCE.toLowerCase() === settings.BOT_ID.toLowerCase()) {
    problems.push('API_AUDIENCE must be an app registration of its own, not BOT_ID: whoever may report is not Teams')
  }
  return problems
}

function botConfig(settings: Settings): BotConfig {
  if (settings.BOT_AUTH === 'off') return { auth: 'off' }
  return {
    auth: 'on',
    id: settings.BOT_ID.toLowerCase(),
    type: settings.BOT_TYPE === 'UserAssignedMSI' ? 'UserAssignedMSI' : 'SingleTenant',
    password: settings.BOT_PASSWORD,
    openIdMetadataUrl: settings.BOT_OPENID_METADATA_URL,
    tokenIssuer: settings.BOT_TOKEN_ISSUER
  }
}

function apiConfig(settings: Settings): Config['api'] {
  if (settings.API_AUDIENCE === '' && settings.BOT_AUTH === 'on') return null
  return {
    audience: settings.API_AUDIENCE.toLowerCase(),
    openIdMetadataUrl:
      settings.API_OPENID_METADATA_URL ??
      `https://login.microsoftonline.com/${settings.BOT_TENANT_ID}/v2.0/.well-known/openid-configuration`
  }
}

// What each kind of credential needs, by the names that @azure/identity gives them.
const credentialNeeds: Record<CredentialSettings['kind'], (keyof Settings)[]> = {
  managedIdentity: [],
  workloadIdentity: ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_FEDERATED_TOKEN_FILE'],
  certificate: ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_CERTIFICATE_PATH'],
  secret: ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET']
}

function graphProblems(settings: Settings): string[] {
  if (settings.GRAPH_AUTH === 'off') {
    const loopback = isSafeUrl(settings.GRAPH_BASE_URL) && isLoopbackHost(new URL(settings.GRAPH_BASE_URL).hostname)
    return loopback ? [] : ['GRAPH_AUTH may be off only while GRAPH_BASE_URL is a loopback address']
  }
  // The token goes over https only, so without it every call would end in a 401.
  if (!settings.GRAPH_BASE_URL.startsWith('https:')) {
    return ['GRAPH_BASE_URL must be an https address; plain http needs GRAPH_AUTH=off and a loopback address']
  }
  const kind = settings.GRAPH_CREDENTIAL
  if (kind === undefined) {
    return ['GRAPH_CREDENTIAL is missing; choose managedIdentity, workloadIdentity or certificate']
  }
  const problems = credentialNeeds[kind]
    .filter((name) => settings[name] === '')
    .map((name) => `${name} is missing; GRAPH_CREDENTIAL=${kind} needs it`)
  if (kind === 'secret' && settings.ALLOW_CLIENT_SECRET !== '1') {
    problems.push('GRAPH_CREDENTIAL=secret is for tests only: use another kind, or set ALLOW_CLIENT_SECRET=1')
  }
  return problems
}

function graphConfig(settings: Settings): GraphConfig {
  return {
    baseUrl: settings.GRAPH_BASE_URL.replace(/\/+$/, ''),
    version: settings.GRAPH_API_VERSION,
    credential: settings.GRAPH_AUTH === 'off' ? null : credentialOf(settings)
  }
}

function credentialOf(settings: Settings): CredentialSettings | null {
  const application = {
    tenantId: settings.AZURE_TENANT_ID,
    clientId: settings.AZURE_CLIENT_ID,
    authorityHost: settings.AZURE_AUTHORITY_HOST === '' ? null : settings.AZURE_AUTHORITY_HOST
  }
  switch (settings.GRAPH_CREDENTIAL) {
    case undefined:
      return null
    case 'managedIdentity':
      return { kind: 'managedIdentity', clientId: application.clientId === '' ? null : application.clientId }
    case 'workloadIdentity':
      return { kind: 'workloadIdentity', ...application, tokenFile: settings.AZURE_FEDERATED_TOKEN_FILE }
    case 'certificate': {
      const password = settings.AZURE_CLIENT_CERTIFICATE_PASSWORD
      return {
        kind: 'certificate',
        ...application,
        certificatePath: settings.AZURE_CLIENT_CERTIFICATE_PATH,
        certificatePassword: password === '' ? null : password
      }
    }
    case 'secret':
      return { kind: 'secret', ...application, clientSecret: settings.AZURE_CLIENT_SECRET }
  }
}

function list(value: string): string[] {
  return value
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
}

function isGuid(value: string): boolean {
  return z.guid().safeParse(value).success
}

function isSafeUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))
}

// Every setting with its default and a bad value, the settings that depend on each other.
import assert from 'node:assert/strict'
import { type Config, ConfigError, readConfig } from '../src/config.js'
import { isLoopbackHost } from '../src/http/loopback.js'

const guid = '73CA4154-58d8-43d0-a890-08dc18c52e6d'
const tenant = '83ca4154-58d8-43d0-a890-08dc18c52e6d'
const secrets = [
  'bot-secret-7f3a',
  'client-secret-9b1c',
  'certificate-secret-2d4e',
  'database-secret-5e6f',
  'audit-secret-8a2b'
]
const [botSecret = '', clientSecret = '', certificateSecret = '', databaseSecret = '', auditSecret = ''] = secrets

/** The least that starts. */
const least = {
  BOT_TENANT_ID: tenant.toUpperCase(),
  BOT_ID: guid,
  BOT_TYPE: 'SingleTenant',
  BOT_PASSWORD: botSecret,
  GRAPH_CREDENTIAL: 'managedIdentity'
}

function problemsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    for (const secret of secrets) assert.ok(!error.message.includes(secret), 'an error shows a secret')
    return error.problems
  }
  return []
}

describe('config: defaults', () => {
  it('are those of the least that starts', () => {
    assert.deepEqual(readConfig(least), {
      host: '0.0.0.0',
      port: 3978,
      logLevel: 'info',
      tenantId: tenant,
      socChannelId: '',
      policyFile: 'policy.yaml',
      dataDir: '.data',
      databaseUrl: null,
      audit: { keys: [], retentionDays: null },
      fileHosts: [],
      serviceHosts: ['smba.trafficmanager.net', 'smba.infra.gcc.teams.microsoft.com'],
      batchSize: 100,
      reportsFrom: { messages: true, alerts: false, submissions: false, reviews: false, mailbox: '' },
      api: null,
      bot: {
        auth: 'on',
        id: guid.toLowerCase(),
        type: 'SingleTenant',
        password: botSecret,
        openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
        tokenIssuer: 'https://api.botframework.com'
      },
      graph: {
        baseUrl: 'https://graph.microsoft.com',
        version: 'v1.0',
        credential: { kind: 'managedIdentity', clientId: null }
      }
    } satisfies Config)
  })

  it('hold for empty and blank values too, as shells and env files leave them', () => {
    const names = [
      'PORT HOST LOG_LEVEL BOT_AUTH BOT_OPENID_METADATA_URL BOT_TOKEN_ISSUER CLOUD GRAPH_BASE_URL GRAPH_API_VERSION',
      'AUDIT_KEY AUDIT_RETENTION_DAYS GRAPH_AUTH ALLOW_CLIENT_SECRET AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_AUTHORITY_HOST DATABASE_URL DATA_DIR',
      'POLICY_FILE SOC_CHANNEL_ID FILE_HOSTS REMEDIATE_BATCH_SIZE REPORTS_FROM_MESSAGES REPORTS_FROM_ALERTS',
      'REPORTS_FROM_SUBMISSIONS REVIEW_SUBMISSIONS REPORTS_FROM_MAILBOX API_AUDIENCE API_OPENID_METADATA_URL'
    ]
    for (const empty of ['', '  ']) {
      const unset = Object.fromEntries(names.flatMap((line) => line.split(' ')).map((name) => [name, empty]))
      assert.deepEqual(readConfig({ ...unset, ...least }), readConfig(least))
    }
  })
})

describe('config: values', () => {
  const values: [env: NodeJS.ProcessEnv, part: (config: Config) => unknown, expected: unknown][] = [
    [{ PORT: '0' }, ({ port }) => port, 0],
    [{ PORT: '8080' }, ({ port }) => port, 8080],
    [{ HOST: '10.0.0.1' }, ({ host }) => host, '10.0.0.1'],
    [{ LOG_LEVEL: 'debug' }, ({ logLevel }) => logLevel, 'debug'],
    [{ DATA_DIR: '/var/lib/phish' }, ({ dataDir }) => dataDir, '/var/lib/phish'],
    [{ POLICY_FILE: '/etc/policy.yaml' }, ({ policyFile }) => policyFile, '/etc/policy.yaml'],
    [{ SOC_CHANNEL_ID: '19:a@thread.tacv2' }, ({ socChannelId }) => socChannelId, '19:a@thread.tacv2'],
    [{ DATABASE_URL: 'postgres://h/db' }, ({ databaseUrl }) => databaseUrl, 'postgres://h/db'],
    [{ DATABASE_URL: 'postgresql://h/db' }, ({ databaseUrl }) => databaseUrl, 'postgresql://h/db'],
    [{ REMEDIATE_BATCH_SIZE: '1' }, ({ batchSize }) => batchSize, 1],
    [{ FILE_HOSTS: ' A.example, ,b.example ' }, ({ fileHosts }) => fileHosts, ['a.example', 'b.example']],
    [{ AUDIT_KEY: 'k'.repeat(32) }, ({ audit }) => audit.keys, ['k'.repeat(32)]],
    [{ AUDIT_KEY: '\u20ac'.repeat(11) }, ({ audit }) => audit.keys.length, 1],
    [
      { AUDIT_KEY: ` ${'n'.repeat(32)} , ${'o'.repeat(40)},` },
      ({ audit }) => audit.keys,
      ['n'.repeat(32), 'o'.repeat(40)]
    ],
    [{ AUDIT_RETENTION_DAYS: '90' }, ({ audit }) => audit.retentionDays, 90],
    [{ CLOUD: 'global' }, ({ serviceHosts }) => serviceHosts.length, 2],
    [{ GRAPH_API_VERSION: 'beta' }, ({ graph }) => graph.version, 'beta'],
    [{ GRAPH_BASE_URL: 'https://g.example//' }, ({ graph }) => graph.baseUrl, 'https://g.example'],
    [
      { GRAPH_BASE_URL: 'http://127.0.0.1:1', GRAPH_AUTH: 'off' },
      ({ graph }) => graph,
      { baseUrl: 'http://127.0.0.1:1', version: 'v1.0', credential: null }
    ],
    [{ BOT_TOKEN_ISSUER: 'x' }, ({ bot }) => bot.auth === 'on' && bot.tokenIssuer, 'x'],
    [
      { BOT_OPENID_METADATA_URL: 'http://localhost:1/k' },
      ({ bot }) => bot.auth === 'on' && bot.openIdMetadataUrl,
      'http://localhost:1/k'
    ],
    [{ REPORTS_FROM_MESSAGES: 'off' }, ({ reportsFrom }) => reportsFrom.messages, false],
    [{ REPORTS_FROM_ALERTS: 'on' }, ({ reportsFrom }) => reportsFrom.alerts, true],
    [{ REPORTS_FROM_SUBMISSIONS: 'on' }, ({ reportsFrom }) => reportsFrom.submissions, true],
    [{ REPORTS_FROM_SUBMISSIONS: 'on', REVIEW_SUBMISSIONS: 'on' }, ({ reportsFrom }) => reportsFrom.reviews, true],
    [{ REPORTS_FROM_MAILBOX: 'Phish@c.example' }, ({ reportsFrom }) => reportsFrom.mailbox, 'Phish@c.example'],
    [
      { API_AUDIENCE: tenant.toUpperCase() },
      ({ api }) => api,
      {
        audience: tenant,
        openIdMetadataUrl: `https://login.microsoftonline.com/${tenant.toUpperCase()}/v2.0/.well-known/openid-configuration`
      }
    ],
    [
      { API_AUDIENCE: tenant, API_OPENID_METADATA_URL: 'http://localhost:1/k' },
      ({ api }) => api,
      { audience: tenant, openIdMetadataUrl: 'http://localhost:1/k' }
    ],
    [{ API_OPENID_METADATA_URL: 'https://k.example' }, ({ api }) => api, null],
    [{ BOT_TYPE: 'UserAssignedMSI', BOT_PASSWORD: '' }, ({ bot }) => bot.auth === 'on' && bot.type, 'UserAssignedMSI']
  ]
  for (const [env, part, expected] of values) {
    it(JSON.stringify(env), () => {
      assert.deepEqual(part(readConfig({ ...least, ...env })), expected)
    })
  }
})

describe('config: bad values', () => {
  const notGuid = 'must be the tenant id (a GUID): Entra admin center > Overview'
  const level = '"fatal"|"error"|"warn"|"info"|"debug"|"trace"|"silent"'
  const audienceIsGuid = 'API_AUDIENCE must be the application id (a GUID) of an app registration of its own'
  const ownAudience = 'API_AUDIENCE must be an app registration of its own, not BOT_ID: whoever may report is not Teams'
  const kinds = '"managedIdentity"|"workloadIdentity"|"certificate"|"secret"'
  const shortKey =
    'AUDIT_KEY must have at least 32 bytes, several keys with a comma between them: openssl rand -base64 32 makes one'
  const leastDays = 'AUDIT_RETENTION_DAYS must be at least 90 days (leave it out to keep everything)'
  const bad: [env: NodeJS.ProcessEnv, ...problems: string[]][] = [
    [{ PORT: 'http' }, 'PORT must be a port number'],
    [{ PORT: '65536' }, 'PORT Too big: expected number to be <=65535'],
    [{ PORT: '-1' }, 'PORT Too small: expected number to be >=0'],
    [{ LOG_LEVEL: 'loud' }, `LOG_LEVEL Invalid option: expected one of ${level}`],
    [{ BOT_TENANT_ID: 'contoso' }, `BOT_TENANT_ID ${notGuid}`],
    [{ BOT_TENANT_ID: '' }, `BOT_TENANT_ID is missing; it ${notGuid}`],
    [{ BOT_AUTH: 'no' }, 'BOT_AUTH Invalid option: expected one of "on"|"off"'],
    [{ BOT_ID: '' }, "BOT_ID must be the bot's application id (a GUID)"],
    [{ BOT_ID: 'bot' }, "BOT_ID must be the bot's application id (a GUID)"],
    [{ BOT_TYPE: '' }, 'BOT_TYPE must be SingleTenant or UserAssignedMSI, as the Azure Bot resource says'],
    [{ BOT_TYPE: 'MultiTenant' }, 'BOT_TYPE must be SingleTenant or UserAssignedMSI, as the Azure Bot resource says'],
    [{ BOT_PASSWORD: '' }, 'BOT_PASSWORD is missing; a SingleTenant bot needs its client secret'],
    [{ BOT_OPENID_METADATA_URL: 'http://k.example' }, 'BOT_OPENID_METADATA_URL must be an https address'],
    [
      { CLOUD: 'usgov' },
      'CLOUD must be global: Microsoft documents analyzedEmail: remediate for the global cloud only'
    ],
    [{ GRAPH_BASE_URL: 'http://graph.example' }, 'GRAPH_BASE_URL must be an https address'],
    [
      { GRAPH_BASE_URL: 'http://127.0.0.1:1' },
      'GRAPH_BASE_URL must be an https address; plain http needs GRAPH_AUTH=off and a loopback address'
    ],
    [{ GRAPH_BASE_URL: 'graph' }, 'GRAPH_BASE_URL must be an https address'],
    [{ GRAPH_API_VERSION: 'v2' }, 'GRAPH_API_VERSION Invalid option: expected one of "v1.0"|"beta"'],
    [{ GRAPH_AUTH: 'none' }, 'GRAPH_AUTH Invalid option: expected one of "on"|"off"'],
    [{ GRAPH_CREDENTIAL: 'default' }, `GRAPH_CREDENTIAL Invalid option: expected one of ${kinds}`],
    [{ GRAPH_CREDENTIAL: '' }, 'GRAPH_CREDENTIAL is missing; choose managedIdentity, workloadIdentity or certificate'],
    [
      { DATABASE_URL: `mysql://u:${databaseSecret}@h/db` },
      'DATABASE_URL must start with postgres:// (leave it out for the embedded database)'
    ],
    [{ AUDIT_KEY: auditSecret }, shortKey],
    [{ AUDIT_KEY: `${'k'.repeat(32)},${auditSecret}` }, shortKey],
    [{ AUDIT_RETENTION_DAYS: '89' }, leastDays],
    [{ AUDIT_RETENTION_DAYS: '0' }, leastDays],
    [{ AUDIT_RETENTION_DAYS: 'all' }, 'AUDIT_RETENTION_DAYS must be a number of days'],
    [{ AUDIT_RETENTION_DAYS: '90.5' }, 'AUDIT_RETENTION_DAYS must be a whole number of days'],
    [
      { AUDIT_RETENTION_DAYS: '99999' },
      'AUDIT_RETENTION_DAYS must be at most 36500 days (leave it out to keep everything)'
    ],
    [{ REMEDIATE_BATCH_SIZE: '0' }, 'REMEDIATE_BATCH_SIZE Too small: expected number to be >=1'],
    [{ REMEDIATE_BATCH_SIZE: '1001' }, 'REMEDIATE_BATCH_SIZE Too big: expected number to be <=1000'],
    [{ REMEDIATE_BATCH_SIZE: 'all' }, 'REMEDIATE_BATCH_SIZE must be a number'],
    [{ REPORTS_FROM_MESSAGES: 'yes' }, 'REPORTS_FROM_MESSAGES Invalid option: expected one of "on"|"off"'],
    [{ REPORTS_FROM_ALERTS: '1' }, 'REPORTS_FROM_ALERTS Invalid option: expected one of "on"|"off"'],
    [
      { REVIEW_SUBMISSIONS: 'on' },
      'REVIEW_SUBMISSIONS is on, and there is nothing to review: switch REPORTS_FROM_SUBMISSIONS on too'
    ],
    [{ REPORTS_FROM_SUBMISSIONS: 'true' }, 'REPORTS_FROM_SUBMISSIONS Invalid option: expected one of "on"|"off"'],
    [{ REPORTS_FROM_MAILBOX: 'on' }, 'REPORTS_FROM_MAILBOX must be the address of the reporting mailbox'],
    [{ API_AUDIENCE: guid }, ownAudience],
    [{ API_AUDIENCE: guid.toLowerCase() }, ownAudience],
    [{ API_AUDIENCE: `api://${guid}` }, audienceIsGuid],
    [{ API_AUDIENCE: 'api://reports' }, audienceIsGuid],
    [{ API_OPENID_METADATA_URL: 'http://k.example' }, 'API_OPENID_METADATA_URL must be an https address'],
    [{ REMEDIATE_BATCH_SIZE: '1.5' }, 'REMEDIATE_BATCH_SIZE Invalid input: expected int, received number']
  ]
  for (const [env, ...problems] of bad) {
    it(JSON.stringify(env).replace(databaseSecret, '…').replace(auditSecret, '…'), () => {
      assert.deepEqual(problemsOf({ ...least, ...env }), problems)
    })
  }

  it('are all named in one error, settings that depend on others too', () => {
    const env = {
      PORT: 'x',
      BOT_PASSWORD: botSecret,
      DATABASE_URL: databaseSecret,
      GRAPH_CREDENTIAL: 'secret',
      AZURE_CLIENT_SECRET: clientSecret
    }
    assert.deepEqual(problemsOf(env), [
      'PORT must be a port number',
      `BOT_TENANT_ID is missing; it ${notGuid}`,
      'DATABASE_URL must start with postgres:// (leave it out for the embedded database)',
      "BOT_ID must be the bot's application id (a GUID)",
      'BOT_TYPE must be SingleTenant or UserAssignedMSI, as the Azure Bot resource says',
      'AZURE_TENANT_ID is missing; GRAPH_CREDENTIAL=secret needs it',
      'AZURE_CLIENT_ID is missing; GRAPH_CREDENTIAL=secret needs it',
      'GRAPH_CREDENTIAL=secret is for tests only: use another kind, or set ALLOW_CLIENT_SECRET=1'
    ])
  })

  it('are not followed by problems of a value that nobody gave', () => {
    assert.deepEqual(problemsOf({ BOT_TENANT_ID: tenant, BOT_AUTH: 'x', GRAPH_AUTH: 'x' }), [
      'BOT_AUTH Invalid option: expected one of "on"|"off"',
      'GRAPH_AUTH Invalid option: expected one of "on"|"off"'
    ])
  })
})

describe('config: authentication off', () => {
  const off = { BOT_TENANT_ID: tenant, BOT_AUTH: 'off', GRAPH_AUTH: 'off', GRAPH_BASE_URL: 'http://127.0.0.1:9' }

  it('needs neither bot nor credential, and listens to loopback only', () => {
    const { host, bot, graph } = readConfig(off)
    assert.deepEqual([host, bot, graph.credential], ['127.0.0.1', { auth: 'off' }, null])
  })

  it('has the report API on, for no audience in particular', () => {
    assert.equal(readConfig(off).api?.audience, '')
  })

  for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', '::1']) {
    it(`is taken on ${host}`, () => {
      assert.equal(readConfig({ ...off, HOST: host }).host, host)
    })
  }

  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example', '127.0.0.1.example', 'a127.0.0.1']) {
    it(`is refused on ${host}`, () => {
      assert.equal(isLoopbackHost(host), false)
      assert.deepEqual(problemsOf({ ...off, HOST: host }), [
        'BOT_AUTH may be off only while HOST is a loopback address (127.0.0.1)'
      ])
    })
  }

  for (const url of ['https://graph.microsoft.com', 'https://127.0.0.1.example', '']) {
    it(`is refused towards ${url === '' ? "Graph's own address" : url}`, () => {
      assert.deepEqual(problemsOf({ ...off, GRAPH_BASE_URL: url }), [
        'GRAPH_AUTH may be off only while GRAPH_BASE_URL is a loopback address'
      ])
    })
  }

  it('is refused for both at once, in one error', () => {
    assert.equal(problemsOf({ ...off, HOST: '0.0.0.0', GRAPH_BASE_URL: 'https://g.example' }).length, 2)
  })
})

describe('config: credentials', () => {
  const application = { tenantId: tenant, clientId: guid, authorityHost: null }
  const ids = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: guid }
  const credentials: [env: NodeJS.ProcessEnv, expected: unknown][] = [
    [{ GRAPH_CREDENTIAL: 'managedIdentity' }, { kind: 'managedIdentity', clientId: null }],
    [
      { GRAPH_CREDENTIAL: 'managedIdentity', ...ids },
      { kind: 'managedIdentity', clientId: guid }
    ],
    [
      { GRAPH_CREDENTIAL: 'workloadIdentity', ...ids, AZURE_FEDERATED_TOKEN_FILE: '/token' },
      { kind: 'workloadIdentity', ...application, tokenFile: '/token' }
    ],
    [
      { GRAPH_CREDENTIAL: 'certificate', ...ids, AZURE_CLIENT_CERTIFICATE_PATH: '/pem' },
      { kind: 'certificate', ...application, certificatePath: '/pem', certificatePassword: null }
    ],
    [
      {
        GRAPH_CREDENTIAL: 'certificate',
        ...ids,
        AZURE_CLIENT_CERTIFICATE_PATH: '/pem',
        AZURE_CLIENT_CERTIFICATE_PASSWORD: certificateSecret,
        AZURE_AUTHORITY_HOST: 'https://login.example'
      },
      {
        kind: 'certificate',
        ...application,
        authorityHost: 'https://login.example',
        certificatePath: '/pem',
        certificatePassword: certificateSecret
      }
    ],
    [
      { GRAPH_CREDENTIAL: 'secret', ...ids, AZURE_CLIENT_SECRET: clientSecret, ALLOW_CLIENT_SECRET: '1' },
      { kind: 'secret', ...application, clientSecret }
    ]
  ]
  for (const [env, expected] of credentials) {
    it(Object.keys(env).join(', '), () => {
      assert.deepEqual(readConfig({ ...least, ...env }).graph.credential, expected)
    })
  }

  const needs: [kind: string, ...names: string[]][] = [
    ['workloadIdentity', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_FEDERATED_TOKEN_FILE'],
    ['certificate', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_CERTIFICATE_PATH'],
    ['secret', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET']
  ]
  for (const [kind, ...names] of needs) {
    it(`${kind} names what it lacks`, () => {
      assert.deepEqual(
        problemsOf({ ...least, GRAPH_CREDENTIAL: kind, ALLOW_CLIENT_SECRET: '1' }),
        names.map((name) => `${name} is missing; GRAPH_CREDENTIAL=${kind} needs it`)
      )
    })
  }

  it('takes a client secret only where it is allowed by exactly 1', () => {
    const env = { ...least, GRAPH_CREDENTIAL: 'secret', ...ids, AZURE_CLIENT_SECRET: clientSecret }
    for (const allowed of ['', '0', 'true', 'yes']) {
      assert.deepEqual(problemsOf({ ...env, ALLOW_CLIENT_SECRET: allowed }), [
        'GRAPH_CREDENTIAL=secret is for tests only: use another kind, or set ALLOW_CLIENT_SECRET=1'
      ])
    }
  })
})

// Builds every adapter and joins them: the one place that sees all doors. Holds no rules of its own.
import type { ServiceClientCredentialsFactory } from 'botframework-connector'
import { createHash } from 'node:crypto'
import { groupsOf, nobodyMayApprove, type Policy } from './case/policy.js'
import type { Clock } from './case/ports.js'
import type { Config } from './config.js'
import { createGraphDoor } from './graph/graph-door.js'
import { createApiTokenGate } from './http/api-token.js'
import { createFileDownload } from './http/file-download.js'
import { reportApi } from './http/report-api.js'
import { type RunningServer, startServer } from './http/server.js'
import { createTokenGate } from './http/token-gate.js'
import { takeApiReport } from './intake/api-reports.js'
import { leftOutLog } from './intake/left-out.js'
import { createMailReader } from './intake/mail-reader.js'
import { readMessageKey } from './intake/message-reference.js'
import type { Log } from './log.js'
import { createCampaignStore } from './store/campaign-store.js'
import { createCaseReports } from './store/case-reports.js'
import { createAuditLog } from './store/audit-log.js'
import { createAuditRetention } from './store/audit-retention.js'
import { createCaseStore } from './store/case-store.js'
import { createConversationMemory } from './store/conversation-memory.js'
import { openDatabase } from './store/database.js'
import { createIdempotency } from './store/idempotency.js'
import { createOutbox } from './store/outbox.js'
import { createOutboxWorker } from './store/outbox-worker.js'
import { createPlanHistory } from './store/plan-history.js'
import { createPostedMessages } from './store/posted-messages.js'
import { createReporterOutcomes } from './store/reporter-outcomes.js'
import { createSourceLog } from './store/source-log.js'
import { createCaseStatistics } from './store/statistics.js'
import { bringTimersForward } from './store/timers.js'
import { createAdapter } from './teams/adapter.js'
import { createConnector } from './teams/connector.js'
import type { Desk } from './teams/desk.js'
import { createPosts } from './teams/posts.js'
import { createRoutes } from './teams/routes.js'
import { missingSetUp } from './teams/whoami.js'
import { createWork, failingWork } from './work.js'

export interface AppDoors {
  clock: Clock
  log: Log
  policy: Policy
  /** The policy as it was written, to be recorded; where it is not given nothing is. */
  policyText?: string
  /** Tokens for calls to Teams; Entra's where it is not given. */
  connectorCredentials?: ServiceClientCredentialsFactory
}

export interface App {
  url: string
  /** Resolves when no work is due now. */
  idle(): Promise<void>
  /** Takes nothing new, lets what runs finish, closes. */
  stop(): Promise<void>
}

/** Where this cloud's Teams is reached until the tenant has spoken to the bot. */
const defaultServiceUrl = 'https://smba.trafficmanager.net/teams/'
const connectorDeadlineMs = 15_000

export async function createApp(config: Config, doors: AppDoors): Promise<App> {
  const { clock, log, policy } = doors
  const { databaseUrl, dataDir, audit } = config
  const [auditKey = null, ...olderKeys] = audit.keys
  const database = await openDatabase({ databaseUrl, dataDir, clock, auditKey })
  const alone = database.engine === 'embedded'
  let wake: () => void = () => undefined
  const added = () => {
    wake()
  }
  const outbox = createOutbox(database, added)
  const { expireAfterMs } = policy.time
  const store = createCaseStore(database, added, expireAfterMs)
  const memory = createConversationMemory(database)
  const posted = createPostedMessages(database)
  const auditLog = createAuditLog(database)
  const retention = createAuditRetention(database, audit.retentionDays)
  const plans = createPlanHistory(database)
  const credential = config.graph.credential
  const graph = createGraphDoor({
    baseUrl: config.graph.baseUrl,
    version: config.graph.version,
    auth: credential === null ? { kind: 'off' } : { kind: 'on', credential },
    tenantId: config.tenantId,
    clock,
    log: (event, detail) => {
      log.warn(detail, event)
    }
  })
  const links = { defenderLink: () => graph.links.explorer, actionCenterLink: graph.links.actionCenterHistory }

  const allowLoopback = config.bot.auth === 'off'
  const adapter = createAdapter(
    config.bot.auth === 'off' ? config.bot : { ...config.bot, tenantId: config.tenantId },
    doors.connectorCredentials === undefined ? { log } : { log, credentials: doors.connectorCredentials }
  )
  const connector = createConnector({
    adapter,
    botAppId: config.bot.auth === 'off' ? '' : config.bot.id,
    tenantId: config.tenantId,
    serviceHosts: config.serviceHosts,
    allowLoopback,
    deadlineMs: connectorDeadlineMs
  })
  const posts = createPosts({
    connector,
    store,
    directory: graph.directory,
    posted,
    memory,
    clock,
    policy,
    links,
    defaultServiceUrl
  })
  const download = createFileDownload({ hosts: config.fileHosts, allowLoopback })
  const mailReader = createMailReader()
  const { reportsFrom } = config
  const readMail = (name: string, bytes: Uint8Array) => mailReader.read(name, bytes)
  const reportSources = graph.sources({
    ...reportsFrom,
    mailbox: reportsFrom.mailbox === '' ? null : { address: reportsFrom.mailbox, readMail }
  })
  const sources = createSourceLog(database)
  const desk: Desk = {
    store,
    campaigns: createCampaignStore(database, added),
    plans,
    reports: createCaseReports(database),
    audit: auditLog,
    statistics: createCaseStatistics(database),
    directory: graph.directory,
    posted,
    memory,
    clock,
    policy,
    links,
    batchSize: config.batchSize,
    tenantId: config.tenantId,
    takesMessages: reportsFrom.messages,
    takesFiles: allowLoopback || config.fileHosts.length > 0,
    enqueue: (entries) => outbox.add(entries),
    sources: () => Promise.all(reportSources.map(async ({ name }) => ({ name, ...(await sources.read(name)) }))),
    problems: async () => failingWork((await outbox.stats()).failing),
    log
  }

  const handlers = createWork({
    store,
    search: graph.search,
    finder: graph.finder,
    plans,
    postDelivery: graph.postDelivery,
    remediation: graph.remediation,
    reporters: createReporterOutcomes(database, added),
    reviews: reportsFrom.reviews ? graph.submissionReviews() : null,
    reviewRefused: (caseNumber, { status, code }) => {
      log.warn({ caseNumber, status, code }, 'a review of a submission was refused; it is not written again')
    },
    posts,
    download,
    mailReader,
    reportSources,
    sources,
    leftOut: leftOutLog(log),
    failing: (source, reason) => {
      log.warn({ source, reason }, 'a report source cannot be read; it is tried again')
    },
    clock,
    policy,
    alone,
    trimAudit: () => retention.trim(),
    enqueue: (entries) => outbox.add(entries)
  })
  const worker = createOutboxWorker({
    outbox,
    clock,
    handlers,
    log,
    slow: ['look', 'file', 'find', 'poll', 'verify', 'campaign', 'candidates'],
    many: ['outcome', 'review'],
    ...(alone ? {} : { pollMs: 1_000 })
  })
  wake = () => {
    worker.wake()
  }

  const gate =
    config.bot.auth === 'off'
      ? null
      : createTokenGate({
          appId: config.bot.id,
          issuer: config.bot.tokenIssuer,
          openIdMetadataUrl: config.bot.openIdMetadataUrl,
          clock
        })
  // Keys are fetched before listening, so that the first people do not wait; without them the gate asks again on demand.
  await gate?.warm().catch(() => {
    log.warn({}, 'The signing keys of the channel could not be fetched; requests get 503 until they can.')
  })

  const apiGate =
    config.api === null || config.bot.auth === 'off'
      ? null
      : createApiTokenGate({ ...config.api, tenantId: config.tenantId, clock })
  await apiGate?.warm().catch(() => {
    log.warn({}, 'The signing keys for the report API could not be fetched; its requests get 503 until they can.')
  })
  const api =
    config.api === null
      ? null
      : reportApi({
          gate: apiGate,
          desk: {
            report: (report) => takeApiReport(report, { store, mailReader, clock }),
            read: (number) => store.read(number)
          },
          answers: createIdempotency(database),
          readMessage: readMessageKey,
          clock,
          log
        })

  const routes = createRoutes(desk, adapter)
  let ready = false
  let server: RunningServer
  try {
    await noteForAudit()
    server = await startServer({
      host: config.host,
      port: config.port,
      gate,
      api,
      rules: { tenantId: config.tenantId, serviceHosts: config.serviceHosts, allowLoopback },
      onActivity: async (request, answer) => {
        await adapter.process(request, answer, async (context) => {
          await routes.run(context)
        })
      },
      ready: () => ({ ok: ready, problems: ready ? [] : ['The bot is starting or stopping.'] }),
      log
    })
  } catch (error) {
    await database.close()
    throw error
  }

  if (alone) await outbox.releaseAll()
  await bringTimersForward(database, expireAfterMs)
  await outbox.add([
    ...reportSources.map(({ name }) => ({ kind: 'poll' as const, source: name, dueAt: clock.now() })),
    ...(audit.retentionDays === null ? [] : [{ kind: 'retention' as const, dueAt: clock.now() }])
  ])
  worker.start()
  ready = true
  for (const problem of missingSetUp(desk)) log.warn({}, problem)
  if (!nobodyMayApprove(policy)) warnOfUnreadableGroups()

  /** What decisions are judged by, and how the log of them is sealed, before there is the first one. */
  async function noteForAudit(): Promise<void> {
    if ((await auditLog.noteKey(olderKeys)) === 'lost') {
      log.warn(
        {},
        'The audit log was sealed with a key that AUDIT_KEY does not have; it can no longer be verified whole.'
      )
    }
    if (doors.policyText === undefined) return
    const sha256 = createHash('sha256').update(doors.policyText).digest('hex')
    await auditLog.notePolicy({ sha256, channelId: policy.channelId })
  }

  function warnOfUnreadableGroups(): void {
    graph.directory.unreadableGroups(groupsOf(policy)).then(
      (groups) => {
        for (const group of groups)
          log.warn({ group }, 'This group of the policy cannot be read: nobody is a member of it.')
      },
      () => {
        log.warn({}, 'The groups of the policy could not be checked at start.')
      }
    )
  }

  return {
    url: server.url,
    idle: () => worker.idle(),
    async stop() {
      ready = false
      await server.close()
      await worker.stop()
      await mailReader.close()
      await database.close()
    }
  }
}

// Starts a Microsoft Graph of one seeded tenant on loopback, over real HTTP. Never part of the product, never off 127.0.0.1.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SeededTenant, TenantMessage } from '../tenant.js'
import type { ReportedMail, TenantAlert, TenantSubmission } from '../tenant-reports.js'
import { Alerts } from './alerts.js'
import { CONTROL_ROOT, turnSwitch } from './control.js'
import { decode, parsed, readBody, reset, send, withoutToken, type Exchange } from './exchange.js'
import { Faults, type CannedAnswer, type Fault } from './faults.js'
import { Ledger } from './ledger.js'
import { Mailboxes, type MailboxAct } from './mailboxes.js'
import { badRequest, errorBody, GraphRefusal, identify, type Answer } from './odata.js'
import type { GraphVersion } from './operation.js'
import { ReportingMailbox } from './reporting-mailbox.js'
import { ALL_PERMISSIONS, checkRights, findRoute, type Route, type Cloud } from './routes.js'
import { Submissions } from './submissions.js'

export type { Fault } from './faults.js'
export type { AcceptedRemediation, Ledger, RequestEntry } from './ledger.js'
export { messageIdAskedFor, searchAskedFor } from './hunting-templates.js'
export { MAX_COPIES_PER_CALL } from './remediate.js'
export { ALL_PERMISSIONS } from './routes.js'

export interface SimulatorOptions {
  /** Copied; later changes go through `addMessage` and its like. */
  tenant: SeededTenant
  /** 0, the default, takes a free one. */
  port?: number
  /** Epoch milliseconds. */
  clock: { now(): number }
  /** How long after a 202 the copies lie elsewhere, by `clock`; 2000 by default. */
  moveDelayMs?: number
  /** PEM; makes it https. */
  tls?: { key: string; cert: string }
  /** Asked with the bearer token. Without it every caller is let in. */
  requireToken?: (bearer: string) => boolean
}

export interface GraphSimulator {
  /** Without version and without a slash at the end. */
  url: string
  tenantId: string
  ledger: Ledger
  faults: Faults
  /** Exactly these application permissions are granted from now on; at first all that the product needs. */
  grant(roles: string[]): void
  /** Defender for Office 365 Plan 2, on at first. */
  licence(on: boolean): void
  /** Which cloud's Graph this is. */
  cloud(which: Cloud): void
  /** A new message, or more copies of a known one. */
  addMessage(message: TenantMessage): void
  /** An alert, or what a known one has become. */
  addAlert(alert: TenantAlert): void
  addSubmission(submission: TenantSubmission): void
  /** A message in the inbox of the reporting mailbox; answers its id. */
  addReportedMail(mail: ReportedMail): string
  /** Answers 410 to every state token of the reporting mailbox's inbox that was given out. */
  forgetMailState(): void
  /** The group has exactly these people from now on. */
  setMembers(groupId: string, members: string[]): void
  /** Copies move without a remediation: Defender by itself, or their users. */
  act(act: MailboxAct): void
  /** From now on the moves of these copies fail. */
  stick(networkMessageId: string, recipients: string[]): void
  /** From now on these copies are listed no more. */
  unlist(networkMessageId: string, recipients: string[]): void
  /** Defender moves every reachable copy by itself, now. */
  zap(networkMessageId: string, location: 'junkFolder' | 'quarantine'): void
  /** Cuts every connection, the hanging ones too. */
  close(): Promise<void>
}

/** Rejects when the port is taken. */
export async function startGraphSimulator(options: SimulatorOptions): Promise<GraphSimulator> {
  const { clock, requireToken } = options
  const tenant = structuredClone(options.tenant)
  const mailboxes = new Mailboxes(clock, options.moveDelayMs ?? 2000)
  const alerts = new Alerts(clock)
  const submissions = new Submissions()
  const reportingMailbox = new ReportingMailbox(tenant.reportingMailbox)
  for (const message of tenant.messages) mailboxes.add(message)
  for (const alert of tenant.alerts) alerts.add(alert)
  for (const submission of tenant.submissions) submissions.add(submission)
  for (const mail of tenant.reportedMails) reportingMailbox.add(mail)
  const ledger = new Ledger()
  const faults = new Faults()
  const late = new Set<NodeJS.Timeout>()
  const rights = { granted: new Set(ALL_PERMISSIONS), licensed: true }
  let cloud: Cloud = 'global'
  const switches = {
    ledger,
    faults,
    grant: (roles: string[]) => void (rights.granted = new Set(roles)),
    licence: (on: boolean) => void (rights.licensed = on),
    cloud: (which: Cloud) => void (cloud = which),
    addMessage: (message: TenantMessage) => mailboxes.add(structuredClone(message)),
    addAlert: (alert: TenantAlert) => alerts.add(alert),
    addSubmission: (submission: TenantSubmission) => submissions.add(submission),
    addReportedMail: (mail: ReportedMail) => reportingMailbox.add(mail),
    forgetMailState: () => reportingMailbox.forgetState(),
    act: (act: MailboxAct) => mailboxes.act(act),
    stick: (networkMessageId: string, recipients: string[]) => mailboxes.stick(networkMessageId, recipients),
    unlist: (networkMessageId: string, recipients: string[]) => mailboxes.unlist(networkMessageId, recipients)
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const identity = identify(request.headers['client-request-id']?.toString())
    const exchange: Exchange = { request, response, identity }
    readBody(request)
      .then(
        (text) => (request.url?.startsWith(CONTROL_ROOT) ? control(exchange, text) : graph(exchange, text)),
        // The caller went away before its request was whole: nobody is left to answer.
        () => void response.destroy()
      )
      .catch((error: unknown) => {
        send(
          exchange,
          answerOf(exchange, () => {
            throw error
          })
        )
      })
  }
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener)
  const scheme = options.tls ? 'https' : 'http'

  function control(exchange: Exchange, text: string | null): void {
    const { request } = exchange
    const asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      contentType: request.headers['content-type']
    }
    send(
      exchange,
      answerOf(exchange, () => turnSwitch(switches, { ...asked, text: text ?? '' }))
    )
  }

  function graph(exchange: Exchange, text: string | null): void {
    const { request } = exchange
    const url = new URL(request.url ?? '/', `${scheme}://${request.headers.host ?? '127.0.0.1'}`)
    const [versionText = '', ...segments] = url.pathname.split('/').slice(1).map(decode)
    const version: GraphVersion | null = versionText === 'v1.0' || versionText === 'beta' ? versionText : null
    let route: Route | null = null
    let noRoute: unknown = null
    try {
      if (version === null) throw badRequest(`Invalid version: ${versionText}`)
      route = findRoute(request.method ?? '', segments, { version, cloud })
    } catch (refusal) {
      noRoute = refusal
    }
    const end = ledger.arrived({
      at: clock.now(),
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      version,
      operation: route?.operation.name ?? null,
      headers: withoutToken(request),
      hasAuthorization: request.headers.authorization !== undefined,
      body: parsed(text)
    })
    const fault = faults.take(route?.operation.name ?? null)
    const name = fault && faultName(fault)
    if (fault && 'hang' in fault) return end({ status: null, fault: name })
    if (fault && 'reset' in fault && fault.reset === 'before') {
      end({ status: null, fault: name })
      return reset(request)
    }
    if (fault && 'answer' in fault) {
      end({ status: fault.answer.status, fault: name })
      return send(exchange, canned(exchange, fault.answer))
    }

    const answer = answerOf(exchange, () => {
      checkToken(request)
      if (text === null) throw new GraphRefusal(413, 'RequestEntityTooLarge', 'The request is too large.')
      if (route === null || version === null) throw noRoute
      checkRights(route.operation, rights)
      const address = { root: `${url.origin}/${version}`, path: `/${segments.map(encodeURIComponent).join('/')}` }
      return route.operation.answer({
        world: { tenant, mailboxes, alerts, submissions, reportingMailbox, ledger, clock },
        version,
        ids: route.ids,
        query: url.searchParams,
        contentType: request.headers['content-type'],
        prefer: request.headers.prefer?.toString(),
        text,
        address
      })
    })
    const happened = answer.status < 300
    if (fault && happened && 'reset' in fault) {
      end({ status: null, fault: name })
      return reset(request)
    }
    const shown = fault && happened ? altered(exchange, answer, fault) : answer
    const finish = () => {
      end({ status: shown.status, fault: name })
      send(exchange, shown)
    }
    if (!fault || !('delayMs' in fault)) return finish()
    const timer = setTimeout(() => {
      late.delete(timer)
      finish()
    }, fault.delayMs)
    late.add(timer)
  }

  function checkToken(request: IncomingMessage): void {
    if (!requireToken) return
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (bearer === undefined) throw new GraphRefusal(401, 'InvalidAuthenticationToken', 'Access token is empty.')
    if (!requireToken(bearer))
      throw new GraphRefusal(401, 'InvalidAuthenticationToken', 'Access token validation failure.')
  }

  function answerOf(exchange: Exchange, work: () => Answer): Answer {
    try {
      return work()
    } catch (error) {
      const refusal =
        error instanceof GraphRefusal ? error : new GraphRefusal(500, 'generalException', `Simulator: ${String(error)}`)
      return { status: refusal.status, body: errorBody(refusal, exchange.identity, clock.now()) }
    }
  }

  function canned(exchange: Exchange, { status, headers, body }: CannedAnswer): Answer {
    const code = { 429: 'TooManyRequests', 503: 'serviceNotAvailable' }[status] ?? 'UnknownError'
    const unsaid = status < 400 ? undefined : errorBody({ code, message: 'Scripted.' }, exchange.identity, clock.now())
    return { status, headers: headers ?? {}, body: body === undefined ? unsaid : body }
  }

  function altered(exchange: Exchange, answer: Answer, fault: Fault): Answer {
    if ('answerAfterAccept' in fault) return canned(exchange, fault.answerAfterAccept)
    if (!('location' in fault)) return answer
    const headers = { ...answer.headers }
    delete headers.Location
    return { ...answer, headers: fault.location === null ? headers : { ...headers, Location: fault.location } }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tenantId: tenant.tenantId,
    ...switches,
    faults,
    setMembers: (groupId, members) => {
      for (const group of tenant.groups) if (group.id === groupId) group.members = members
    },
    zap: (networkMessageId, location) => mailboxes.zap(networkMessageId, location),
    close: () =>
      new Promise((resolve) => {
        for (const timer of late) clearTimeout(timer)
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

function faultName(fault: Fault): string {
  return Object.keys(fault)
    .filter((key) => key !== 'match' && key !== 'times')
    .join('+')
}

// The report API for playbooks: takes reports and tells how a case stands. It must never read a body before the token
// is checked, and never offer anything that decides: approval stays with people.
import { randomUUID } from 'node:crypto'
import express, { Router, type ErrorRequestHandler, type RequestHandler, type Response } from 'express'
import type { CaseRecord, CaseState } from '../case/case.js'
import type { Clock } from '../case/ports.js'
import type { MessageKey } from '../case/report.js'
import type { ApiRole, ApiTokenGate } from './api-token.js'
import { caseAnswer, reportAnswer } from './case-answer.js'
import { failureOf } from './failure.js'
import { openApiDocument } from './openapi.js'
import { problemOf, sendProblem, type Problem, type ProblemName } from './problem.js'
import { readReport, type ReadReport } from './report-request.js'
import { RETRY_PAUSE_MS } from './signing-keys.js'

/**
 * A mail of 10 MiB in base64, and room for the rest. To parse that much JSON takes this thread 10 to 30 ms, once for
 * each such report: a worker would cost more in copying.
 */
const MAX_BODY_BYTES = 14 * 1024 * 1024
/** How long a second request with the same key waits for the first one's answer before it is told to come back. */
const RUNNING_WAIT_MS = 5_000
const RUNNING_POLL_MS = 100
const RUNNING_RETRY_MS = 2_000
const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/

type CalledReport = ReadReport & { caller: { appId: string } }

/** @property activityKey one for each request, however often it is repeated. */
export type ApiReport = CalledReport & { activityKey: string }

export type ReportOutcome =
  | { kind: 'taken'; caseNumber: number; state: CaseState; joined: boolean }
  /** @property reason one sentence of our own words, nothing from the mail. */
  | { kind: 'unreadable'; reason: string }
  | { kind: 'limited'; retryAfterMs: number }

export interface ReportDesk {
  /** May be called again with the same activity key after a failure or a crash, and then has one effect in all. */
  report(report: ApiReport): Promise<ReportOutcome>
  read(caseNumber: number): Promise<CaseRecord | null>
}

type KeyedRequest = { caller: string; key: string; hash: string }
type KeptAnswer = { status: number; /** JSON. */ body: string }

/** What is remembered of requests with a key. */
export interface AnswersByKey {
  begin(
    request: KeyedRequest
  ): Promise<
    | { kind: 'begun'; activityKey: string }
    | { kind: 'running' }
    | { kind: 'answered'; answer: KeptAnswer }
    | { kind: 'otherRequest' }
  >
  /** Gives the answer that counts. */
  settle(request: KeyedRequest, answer: KeptAnswer): Promise<KeptAnswer>
  release(request: KeyedRequest): Promise<void>
}

type Log = (about: object, message: string) => void

export interface ReportApiOptions {
  /** `null`: tokens are not checked. Only where the server checks none either, on loopback. */
  gate: ApiTokenGate | null
  desk: ReportDesk
  answers: AnswersByKey
  /** Reads one word as the id of a message. */
  readMessage: (word: string) => MessageKey | null
  clock: Clock
  log: { warn: Log; error: Log }
}

export function reportApi(options: ReportApiOptions): Router {
  const routes = Router()
  const document = JSON.stringify(openApiDocument())
  routes.get('/api/openapi.json', (_req, res) => {
    res.type('application/json').send(document)
  })
  routes.post(
    '/api/reports',
    admit(options, 'Reports.Create'),
    requireJson(options),
    express.json({ limit: MAX_BODY_BYTES, inflate: false }),
    takeReport(options)
  )
  routes.get('/api/cases/:id', admit(options, 'Cases.Read'), tellCase(options))
  for (const [path, allow] of [
    ['/api/reports', 'POST'],
    ['/api/cases/:id', 'GET'],
    ['/api/openapi.json', 'GET']
  ] as const) {
    routes.all(path, (_req, res) => {
      sendProblem(res.set('allow', allow), problemOf('methodNotAllowed'))
    })
  }
  routes.use(answerError(options))
  return routes
}

function admit({ gate, log }: ReportApiOptions, role: ApiRole): RequestHandler {
  return async (req, res, next) => {
    const verdict = await gate?.check(req.headers.authorization)
    if (!verdict) {
      callers.set(req, 'loopback')
      next()
      return
    }
    if (!verdict.ok) {
      const { status, reason } = verdict
      if (status === 401) res.set('www-authenticate', 'Bearer')
      if (status === 503) retryAfter(res, RETRY_PAUSE_MS)
      const name = ({ 401: 'unauthorized', 403: 'applicationOnly', 503: 'unavailable' } as const)[status]
      refuse(res, log, { name, reason })
      return
    }
    const { caller } = verdict
    if (!caller.roles.includes(role)) {
      refuse(res, log, { name: 'missingRole', reason: `no role ${role}`, because: `It needs the role ${role}.` })
      return
    }
    callers.set(req, caller.appId)
    next()
  }
}

/** The application that was admitted, kept apart from all that a request itself carries. */
const callers = new WeakMap<object, string>()

function requireJson({ log }: ReportApiOptions): RequestHandler {
  return (req, res, next) => {
    if (/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '')) next()
    else refuse(res, log, { name: 'unsupportedMediaType', reason: 'not JSON' })
  }
}

function takeReport(options: ReportApiOptions): RequestHandler {
  const { desk, log, readMessage } = options
  return async (req, res) => {
    const caller = { appId: callers.get(req) ?? neverAdmitted() }
    const key = req.headers['idempotency-key']
    if (key !== undefined && !(typeof key === 'string' && idempotencyKeyPattern.test(key))) {
      refuse(res, log, { name: 'invalidIdempotencyKey', reason: 'bad Idempotency-Key' })
      return
    }
    const reading = await readReport(req.body, readMessage)
    if (!reading.ok) {
      log.warn({ status: reading.problem.status, reason: 'not a report' }, 'request refused')
      sendProblem(res, reading.problem)
      return
    }
    const report = { ...reading.report, caller }
    if (key !== undefined) {
      await takeOnce(res, { caller: caller.appId, key, hash: reading.hash }, report, options)
      return
    }
    const outcome = await desk.report({ ...report, activityKey: `api:${randomUUID()}` })
    if (outcome.kind === 'limited') tellLimited(res, outcome.retryAfterMs, log)
    else sendKept(res, answerOf(outcome))
  }
}

async function takeOnce(
  res: Response,
  request: KeyedRequest,
  report: CalledReport,
  options: ReportApiOptions
): Promise<void> {
  const { answers, desk, log } = options
  const begun = await beginWhenFree(request, options)
  if (begun.kind === 'running') {
    retryAfter(res, RUNNING_RETRY_MS)
    refuse(res, log, { name: 'stillRunning', reason: 'same key still running' })
    return
  }
  if (begun.kind === 'otherRequest') {
    refuse(res, log, { name: 'keyReused', reason: 'key of another request' })
    return
  }
  if (begun.kind === 'answered') {
    sendKept(res, begun.answer)
    return
  }
  let outcome: ReportOutcome | undefined
  try {
    outcome = await desk.report({ ...report, activityKey: begun.activityKey })
  } finally {
    if (outcome === undefined || outcome.kind === 'limited') await answers.release(request)
  }
  if (outcome.kind === 'limited') tellLimited(res, outcome.retryAfterMs, log)
  else sendKept(res, await answers.settle(request, answerOf(outcome)))
}

async function beginWhenFree(request: KeyedRequest, { answers, clock }: ReportApiOptions) {
  const giveUpAt = clock.now() + RUNNING_WAIT_MS
  for (;;) {
    const begun = await answers.begin(request)
    if (begun.kind !== 'running' || clock.now() >= giveUpAt) return begun
    await new Promise<void>((resolve) => {
      clock.wake(clock.now() + RUNNING_POLL_MS, resolve)
    })
  }
}

function answerOf(outcome: Exclude<ReportOutcome, { kind: 'limited' }>): KeptAnswer {
  if (outcome.kind === 'unreadable') {
    const problem = problemOf('unreadableMail', { because: outcome.reason })
    return { status: problem.status, body: JSON.stringify(problem) }
  }
  return { status: outcome.joined ? 200 : 201, body: JSON.stringify(reportAnswer(outcome)) }
}

function sendKept(res: Response, { status, body }: KeptAnswer): void {
  const content = JSON.parse(body) as Problem | ReturnType<typeof reportAnswer>
  if ('type' in content) {
    sendProblem(res, content)
    return
  }
  if (status === 201) res.location(`/api/cases/${content.case}`)
  res.status(status).json(content)
}

function tellCase({ desk, log }: ReportApiOptions): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const number = /^PT-([1-9]\d{0,14})$/i.exec(req.params.id)?.[1]
    const record = number === undefined ? null : await desk.read(Number(number))
    if (record === null) refuse(res, log, { name: 'caseNotFound', reason: 'no such case' })
    else res.json(caseAnswer(record))
  }
}

function answerError({ log }: ReportApiOptions): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters
  return (error: unknown, _req, res, _next) => {
    const status = unreadableStatus(error)
    if (status !== null) {
      const name = status === 413 ? 'tooLarge' : status === 415 ? 'unsupportedMediaType' : 'unreadableRequest'
      refuse(res, log, { name, reason: 'unreadable body' })
      return
    }
    const correlationId = randomUUID()
    log.error({ correlationId, ...failureOf(error) }, 'request failed')
    if (res.headersSent) res.destroy()
    else sendProblem(res, problemOf('failed', { correlationId }))
  }
}

/** The body parser names its errors by `type`, the router's own is a URIError; a status on any other is not about the request. */
function unreadableStatus(error: unknown): number | null {
  const { status, type } = (error ?? {}) as { status?: unknown; type?: unknown }
  const isOfRequest = error instanceof URIError || typeof type === 'string'
  return isOfRequest && typeof status === 'number' && status >= 400 && status < 500 ? status : null
}

function refuse(
  res: Response,
  log: ReportApiOptions['log'],
  { name, reason, because }: { name: ProblemName; reason: string; because?: string }
): void {
  const problem = problemOf(name, because === undefined ? {} : { because })
  log.warn({ status: problem.status, reason }, 'request refused')
  sendProblem(res, problem)
}

function tellLimited(res: Response, retryAfterMs: number, log: ReportApiOptions['log']): void {
  retryAfter(res, retryAfterMs)
  refuse(res, log, { name: 'tooManyReports', reason: 'too many unresolved reports' })
}

function retryAfter(res: Response, ms: number): void {
  res.set('retry-after', String(Math.max(1, Math.ceil(ms / 1000))))
}

function neverAdmitted(): never {
  throw new Error('a report was taken from a caller that was not admitted')
}

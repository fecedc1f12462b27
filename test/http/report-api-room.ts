// The report API in the real server, with signed tokens and a real store of answers. Every answer that a test gets is
// held against the OpenAPI document first.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { CaseRecord } from '../../src/case/case.js'
import type { Clock } from '../../src/case/ports.js'
import { createApiTokenGate } from '../../src/http/api-token.js'
import { openApiDocument } from '../../src/http/openapi.js'
import { type ApiReport, reportApi, type ReportDesk, type ReportOutcome } from '../../src/http/report-api.js'
import { type RunningServer, startServer } from '../../src/http/server.js'
import { readMessageKey } from '../../src/intake/message-reference.js'
import { type Database, openDatabase } from '../../src/store/database.js'
import { createIdempotency } from '../../src/store/idempotency.js'
import { type LocalIssuer, startLocalIssuer, type TokenClaims } from './local-issuer.js'

export const AUDIENCE = '22222222-3333-4444-8555-666666666666'
export const TENANT = 'aaaaaaaa-0000-4000-8000-000000000001'
export const CALLER = 'cccccccc-0000-4000-8000-000000000003'
export const NOW = 1_800_000_000_000
export const MESSAGE = '73f2a4b1-0000-4c3d-8e5f-08dc1a2b3c4d'

/** The claims of an application's v2.0 token with both roles, as Entra makes it. */
export function applicationClaims(changes: TokenClaims = {}): TokenClaims {
  return {
    iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    aud: AUDIENCE,
    tid: TENANT,
    azp: CALLER,
    azpacr: '2',
    oid: 'dddddddd-0000-4000-8000-000000000004',
    sub: 'dddddddd-0000-4000-8000-000000000004',
    roles: ['Reports.Create', 'Cases.Read'],
    ver: '2.0',
    serviceurl: undefined,
    ...changes
  }
}

type Operation = {
  parameters?: { name: string; schema: object }[]
  responses: Record<
    string,
    { headers?: Record<string, { schema: object }>; content: Record<string, { schema: object }> }
  >
}
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, object> } }

export const document = JSON.parse(JSON.stringify(openApiDocument())) as Document
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema({ $id: 'openapi', components: document.components })

/** Throws where a value is not as the document says. */
export function holdsTo(schema: object, value: unknown, what: string): void {
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as object
  const validate = ajv.compile(absolute)
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}`)
}

export type Answer = { status: number; headers: Headers; body: Record<string, unknown> }
type Sending = { headers?: Record<string, string>; body?: string | Uint8Array; token?: string | null }
type Logged = { level: string; about: Record<string, unknown>; message: string }

export interface ReportApiRoom {
  url: string
  server: RunningServer
  issuer: LocalIssuer
  /** What the desk was given. */
  reports: ApiReport[]
  cases: Map<number, CaseRecord>
  logged: Logged[]
  /** `POST /api/reports 201`, for each answer so far. */
  seen: Set<string>
  /** To be replaced by a test; opens PT-1042 unless it is. */
  take: (report: ApiReport) => Promise<ReportOutcome>
  /** Milliseconds. */
  now: number
  token(changes?: TokenClaims): Promise<string>
  send(method: string, path: string, sending?: Sending): Promise<Answer>
  /** With a good token and the body as JSON, unless said otherwise. */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>
  close(): Promise<void>
}

export async function openReportApiRoom({
  auth = true,
  wake
}: { auth?: boolean; wake?: (room: ReportApiRoom, at: number) => void } = {}): Promise<ReportApiRoom> {
  const dataDir = await mkdtemp(join(tmpdir(), 'phish-triage-report-api-'))
  const clock: Clock = {
    now: () => room.now,
    wake: (at, callback) => {
      wake?.(room, at)
      const timer = setTimeout(callback, 1)
      return () => {
        clearTimeout(timer)
      }
    }
  }
  const issuer = await startLocalIssuer({ appId: AUDIENCE, serviceUrl: '', now: () => room.now })
  // As Entra has it: keys without endorsements.
  issuer.setEndorsements(undefined)
  const database: Database = await openDatabase({ databaseUrl: null, dataDir, clock })
  const desk: ReportDesk = {
    report: async (report) => {
      room.reports.push(report)
      return room.take(report)
    },
    read: async (number) => room.cases.get(number) ?? null
  }
  const write = (level: string) => (about: object, message: string) => {
    room.logged.push({ level, about: about as Record<string, unknown>, message })
  }
  const log = { info: write('info'), warn: write('warn'), error: write('error') }
  const { openIdMetadataUrl } = issuer
  const gate = createApiTokenGate({ audience: AUDIENCE, tenantId: TENANT, openIdMetadataUrl, clock })
  const answers = createIdempotency(database)
  const room: ReportApiRoom = {
    url: '',
    server: undefined as unknown as RunningServer,
    issuer,
    reports: [],
    cases: new Map(),
    logged: [],
    seen: new Set(),
    take: async () => ({ kind: 'taken', caseNumber: 1042, state: 'looking', joined: false }),
    now: NOW,
    token: async (changes) => issuer.sign(issuer.claims(applicationClaims(changes))),
    send: async (method, path, { headers = {}, body, token } = {}) => {
      const bearer = token === null || !auth ? {} : { authorization: `Bearer ${token ?? (await room.token())}` }
      const response = await fetch(`${room.url}${path}`, {
        method,
        headers: { ...bearer, ...headers },
        ...(body === undefined ? {} : { body })
      })
      const answer = {
        status: response.status,
        headers: response.headers,
        body: (await response.json()) as Answer['body']
      }
      holdAnswer(room, `${method} ${path}`, answer)
      return answer
    },
    post: (body, headers = {}) =>
      room.send('POST', '/api/reports', {
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body)
      }),
    close: async () => {
      await room.server.close()
      await issuer.close()
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  }
  room.server = await startServer({
    host: '127.0.0.1',
    port: 0,
    gate: null,
    rules: { tenantId: TENANT, serviceHosts: [], allowLoopback: true },
    onActivity: async () => undefined,
    ready: () => ({ ok: true, problems: [] }),
    api: reportApi({ gate: auth ? gate : null, desk, answers, readMessage: readMessageKey, clock, log }),
    log
  })
  room.url = room.server.url
  return room
}

/** Undocumented methods and addresses have only to be a problem, or the server's own 404. */
function holdAnswer(room: ReportApiRoom, request: string, { status, headers, body }: Answer): void {
  const [method = '', path = ''] = request.split(' ')
  const template = path.replace(/^\/api\/cases\/[^/]+$/, '/api/cases/{id}')
  const operation = document.paths[template]?.[method.toLowerCase()]
  const mediaType = headers.get('content-type')?.split(';')[0] ?? ''
  if (operation === undefined) {
    if (mediaType === 'application/problem+json') holdsTo({ $ref: '#/components/schemas/Problem' }, body, request)
    return
  }
  const response = operation.responses[String(status)]
  assert.ok(response !== undefined, `${request} answered ${String(status)}, which the document does not have`)
  const schema = response.content[mediaType]?.schema
  assert.ok(schema !== undefined, `${request} answered ${String(status)} as ${mediaType}`)
  holdsTo(schema, body, `${request} ${String(status)}`)
  for (const [name, header] of Object.entries(response.headers ?? {})) {
    const value = headers.get(name)
    assert.ok(value !== null, `${request} ${String(status)} has no ${name}`)
    holdsTo(header.schema, /^\d+$/.test(value) ? Number(value) : value, name)
  }
  if (status >= 400) assert.equal(body.status, status)
  room.seen.add(`${method} ${template} ${String(status)}`)
}

// A simulator for each test, on a clock that the test sets, and the ways to ask it. Never reaches inside it for an answer.
import assert from 'node:assert/strict'
import {
  startGraphSimulator,
  type GraphSimulator,
  type SimulatorOptions
} from '../../../src/playground/graph-simulator/index.js'
import { MAIL, seedTenant } from '../../../src/playground/tenant.js'

export const NOW = Date.parse('2026-11-22T02:41:00Z')
export const DAY = 86_400_000
export const EMAILS = '/security/collaboration/analyzedEmails'
export const REMEDIATE = `${EMAILS}/remediate`

export interface Email {
  id: string
  recipientEmailAddress: string
  latestDelivery: { action: string; location: string }
  timelineEvents: { eventSource: string; eventType: string; eventResult: string; eventDateTime: string }[]
  [other: string]: unknown
}

export interface Listing {
  value: Email[]
  '@odata.nextLink'?: string
  '@odata.count'?: number
}

export interface ErrorAnswer {
  error: { code: string; message: string; innerError: Record<string, string> }
}

export const json = async <T>(answer: Response | Promise<Response>) => (await (await answer).json()) as T

/** Checks that the answer is this OData error. */
export async function refused(answer: Response | Promise<Response>, status: number, code: string) {
  const response = await answer
  const { error } = await json<ErrorAnswer>(response)
  assert.deepEqual([response.status, error.code], [status, code], error.message)
  return error
}

/** Copies of the seeded phish in these mailboxes. */
export function copies(...mailboxes: string[]) {
  return mailboxes.map((name) => ({
    networkMessageId: MAIL.mailboxFull,
    recipientEmailAddress: `${name}@contoso.example`
  }))
}

/** A whole body for remediate. */
export function order(changes: Record<string, unknown> = {}) {
  return {
    displayName: 'PT-1042 softDelete',
    description: 'Reported by three people',
    severity: 'medium',
    action: 'softDelete',
    remediateSendersCopy: false,
    analyzedEmails: copies('ana.silva', 'ben.okafor'),
    ...changes
  }
}

/** Starts before each test and closes after it; copies move 1000 ms after they were accepted. */
export function simulatorUnderTest() {
  const state = { time: NOW } as { time: number; graph: GraphSimulator }
  const start = async (options: Partial<SimulatorOptions>) => {
    state.graph = await startGraphSimulator({
      tenant: seedTenant(NOW),
      clock: { now: () => state.time },
      moveDelayMs: 1000,
      ...options
    })
  }
  beforeEach(async () => {
    state.time = NOW
    await start({})
  })
  afterEach(() => state.graph.close())

  const get = (path: string, query: Record<string, string> = {}) => {
    const search = new URLSearchParams(query).toString()
    return fetch(`${state.graph.url}/v1.0${path}${search && `?${search}`}`)
  }
  const list = async (query: Record<string, string> = {}) => {
    const answer = await get(EMAILS, query)
    assert.equal(answer.status, 200)
    return json<Listing>(answer)
  }
  return Object.assign(state, {
    restart: async (options: Partial<SimulatorOptions>) => {
      await state.graph.close()
      await start(options)
    },
    get,
    list,
    ofMessage: async (networkMessageId: string) =>
      (await list({ $filter: `networkMessageId eq '${networkMessageId}'` })).value,
    post: (path: string, body: unknown, version = 'v1.0') =>
      fetch(`${state.graph.url}/${version}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body)
      })
  })
}

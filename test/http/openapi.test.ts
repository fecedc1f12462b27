// The OpenAPI document is true: each path and status that it has was answered here as it says, and its schemas judge
// requests as the API does.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { EventEmitter } from 'node:events'
import { document, holdsTo, MESSAGE, openReportApiRoom, type ReportApiRoom } from './report-api-room.js'
import { sampleCase } from './sample-record.js'

const json = { 'content-type': 'application/json' }
const valid = { message: MESSAGE }

describe('OpenAPI document', () => {
  let room: ReportApiRoom
  beforeEach(async () => {
    room = await openReportApiRoom({
      wake: (other, at) => {
        other.now = at
      }
    })
  })
  afterEach(() => room.close())

  it('is OpenAPI 3.1 and public, and every reference in it leads somewhere', async () => {
    const { status, body } = await room.send('GET', '/api/openapi.json', { token: null })
    assert.equal(status, 200)
    assert.equal(body.openapi, '3.1.0')
    assert.deepEqual(body, document)
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name
    )
    assert.deepEqual(new Set(references), new Set(Object.keys(document.components.schemas)))
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path)) as unknown as {
      operationId: string
      security: unknown[]
    }[]
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, 3)
    assert.deepEqual(
      operations.map(({ operationId, security }) => [operationId, security]),
      [
        ['createReport', [{ entra: ['Reports.Create'] }]],
        ['readCase', [{ entra: ['Cases.Read'] }]],
        ['readDocument', []]
      ]
    )
  })

  it('has exactly the answers that the API gives', async () => {
    const post = (body: unknown, headers: Record<string, string> = {}) => room.post(body, headers)
    const key = { 'idempotency-key': 'k' }
    const good = room.take
    const ask = (token?: string | null) => room.send('GET', '/api/cases/PT-1042', token === undefined ? {} : { token })
    room.cases.set(1042, sampleCase())

    await room.send('GET', '/api/openapi.json')
    await post(valid, key)
    await post({ ...valid, note: 'other' }, key)
    await post({})
    await post({ mail: 'A'.repeat(14_000_000) })
    await room.send('POST', '/api/reports', { headers: { 'content-type': 'text/plain' }, body: 'x' })
    await room.send('POST', '/api/reports', { headers: json, body: '{}', token: null })
    await room.send('POST', '/api/reports', { headers: json, body: '{}', token: await room.token({ roles: [] }) })
    room.take = async () => ({ kind: 'taken', caseNumber: 1, state: 'proposed', joined: true })
    await post(valid)
    room.take = async () => ({ kind: 'limited', retryAfterMs: 1 })
    await post(valid)
    room.take = () => Promise.reject(new Error('no'))
    await post(valid)
    const taking = new EventEmitter()
    room.take = async (report) => {
      taking.emit('entered')
      await once(taking, 'go')
      return good(report)
    }
    const entered = once(taking, 'entered')
    const first = post(valid, { 'idempotency-key': 'slow' })
    await entered
    await post(valid, { 'idempotency-key': 'slow' })
    taking.emit('go')
    await first

    await ask()
    await ask(null)
    await ask(await room.token({ roles: [] }))
    await room.send('GET', '/api/cases/PT-1')
    await room.send('GET', '/api/cases/%')
    room.cases.get = () => {
      throw new Error('no')
    }
    await ask()
    // A key that cannot be looked up: six days later, with the issuer gone.
    room.now += 6 * 24 * 3_600_000
    room.issuer.setDown(true)
    await ask()
    await post(valid)

    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses }]) =>
        Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`)
      )
    )
    assert.deepEqual([...room.seen].sort(), documented.sort())
  })

  it('judges reports as the API does', async () => {
    const schema = { $ref: '#/components/schemas/ReportRequest' }
    const holds = (body: unknown): boolean => {
      try {
        holdsTo(schema, body, 'request')
        return true
      } catch {
        return false
      }
    }
    for (const [body, expected] of [
      [valid, true],
      [{ mail: 'QQ==', recipients: ['a@b.example'], reporter: 'a@b.example', note: '' }, true],
      [{}, false],
      [{ ...valid, mail: 'QQ==' }, false],
      [{ ...valid, action: 'hardDelete' }, false],
      [{ ...valid, note: 'x'.repeat(1001) }, false],
      [{ ...valid, recipients: ['Alice'] }, false],
      [{ ...valid, recipients: Array(1001).fill('a@b.example') }, false],
      [{ ...valid, reporter: null }, false],
      [{ message: 5 }, false],
      [[], false]
    ] as const) {
      assert.equal(holds(body), expected, JSON.stringify(body).slice(0, 80))
      assert.equal((await room.post(body)).status === 201, expected)
    }
  })

  it('cannot be satisfied by an answer with more in it', () => {
    const schema = { $ref: '#/components/schemas/ReportAnswer' }
    const answer = { case: 'PT-1', state: 'open', joined: false }
    holdsTo(schema, answer, 'answer')
    assert.throws(() => {
      holdsTo(schema, { ...answer, subject: 'x' }, 'answer')
    }, /additional properties/)
  })
})

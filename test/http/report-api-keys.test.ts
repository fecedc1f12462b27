// Requests with an Idempotency-Key: repeated, changed, at the same time, after a failure and after a day.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { EventEmitter } from 'node:events'
import { type Answer, MESSAGE, openReportApiRoom, type ReportApiRoom } from './report-api-room.js'

const HOUR = 3_600_000
const key = (value: string) => ({ 'idempotency-key': value })

describe('Idempotency-Key of the report API', () => {
  let room: ReportApiRoom
  beforeEach(async () => {
    room = await openReportApiRoom()
  })
  afterEach(() => room.close())

  const facts = ({ status, headers, body }: Answer) => ({ status, location: headers.get('location'), body })

  it('gives the same answer to the same request for 24 hours, however it is written', async () => {
    const first = facts(await room.post({ message: MESSAGE, note: 'Odd.', recipients: [] }, key('k-1')))
    room.take = async () => ({ kind: 'taken', caseNumber: 7, state: 'submitted', joined: true })
    room.now += 24 * HOUR - 1
    const again = await room.post(` {"note":"Odd.",  "message":"{${MESSAGE.toUpperCase()}}"}`, key('k-1'))
    assert.deepEqual(facts(again), first)
    assert.equal(first.status, 201)
    assert.equal(first.location, '/api/cases/PT-1042')
    assert.equal(room.reports.length, 1)
    room.now += 1
    assert.equal((await room.post({ message: MESSAGE }, key('k-1'))).status, 200)
    assert.notEqual(room.reports[1]?.activityKey, room.reports[0]?.activityKey)
  })

  it('refuses it for another request, whatever differs', async () => {
    const body = { message: MESSAGE, note: 'a', reporter: 'a@b.example', recipients: ['a@b.example'] }
    await room.post(body, key('k-2'))
    for (const change of [
      { message: '<1@evil.example>' },
      { note: 'b' },
      { reporter: 'c@b.example' },
      { recipients: [] },
      { message: undefined, mail: 'QQ==' }
    ]) {
      const answer = await room.post({ ...body, ...change }, key('k-2'))
      assert.equal(answer.status, 422, JSON.stringify(change))
      assert.equal(answer.body.type, 'urn:phish-triage:problem:keyReused')
    }
    await room.post({ mail: 'QQ==' }, key('k-3'))
    assert.equal((await room.post({ mail: 'QUFB' }, key('k-3'))).status, 422)
    assert.equal((await room.post({ mail: 'QQ==' }, key('k-3'))).status, 201)
    assert.equal(room.reports.length, 2)
  })

  it('repeats a refusal of the mail too', async () => {
    room.take = async () => ({ kind: 'unreadable', reason: 'The file has no headers.' })
    const first = await room.post({ mail: 'QQ==' }, key('k-4'))
    const again = await room.post({ mail: 'QQ==' }, key('k-4'))
    assert.equal(first.status, 422)
    assert.deepEqual(facts(again), facts(first))
    assert.equal(room.reports.length, 1)
  })

  it('is each caller’s own', async () => {
    const send = async (azp: string) =>
      room.send('POST', '/api/reports', {
        headers: { 'content-type': 'application/json', ...key('k-5') },
        body: JSON.stringify({ message: MESSAGE }),
        token: await room.token({ azp })
      })
    await send('cccccccc-0000-4000-8000-00000000000a')
    await send('cccccccc-0000-4000-8000-00000000000b')
    await send('CCCCCCCC-0000-4000-8000-00000000000A')
    assert.equal(room.reports.length, 2)
  })

  it('makes one report of ten at the same time, with one answer', async () => {
    const taking = new EventEmitter()
    const entered = once(taking, 'entered')
    room.take = async () => {
      taking.emit('entered')
      await once(taking, 'go')
      return { kind: 'taken', caseNumber: 1042, state: 'looking', joined: false }
    }
    const running = Array.from({ length: 10 }, () => room.post({ message: MESSAGE }, key('k-6')))
    await entered
    taking.emit('go')
    const answers = (await Promise.all(running)).map(facts)
    assert.equal(room.reports.length, 1)
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.equal(answers[0]?.status, 201)
  })

  it('leaves nothing behind of a request that failed: the next one is the same report', async () => {
    const good = room.take
    room.take = async () => {
      throw new Error('the database was away')
    }
    assert.equal((await room.post({ message: MESSAGE }, key('k-7'))).status, 500)
    room.take = async () => ({ kind: 'limited', retryAfterMs: 1 })
    assert.equal((await room.post({ message: MESSAGE }, key('k-7'))).status, 429)
    assert.equal((await room.post({ message: '<1@evil.example>' }, key('k-7'))).status, 422)
    room.take = good
    assert.equal((await room.post({ message: MESSAGE }, key('k-7'))).status, 201)
    assert.equal(new Set(room.reports.map(({ activityKey }) => activityKey)).size, 1)
    assert.equal(room.reports.length, 3)
  })

  it('is not spent by a request that was not valid', async () => {
    assert.equal((await room.post({ message: 5 }, key('k-8'))).status, 400)
    assert.equal((await room.post({ message: MESSAGE }, key('k-8'))).status, 201)
  })

  it('has 1 to 255 printable ASCII characters', async () => {
    for (const value of ['', ' ', 'a b', 'k\u00fc', 'x'.repeat(256)]) {
      const answer = await room.post({ message: MESSAGE }, key(value))
      assert.equal(answer.status, 400, value)
      assert.equal(answer.body.type, 'urn:phish-triage:problem:invalidIdempotencyKey')
    }
    for (const value of [
      'x'.repeat(255),
      '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
      "'; drop table cases --".replaceAll(' ', '/')
    ]) {
      assert.equal((await room.post({ message: MESSAGE }, key(value))).status, 201, value)
    }
  })

  it('says 409 and when to come back where the first one takes too long', async () => {
    const slow = await openReportApiRoom({
      wake: (other, at) => {
        other.now = at
      }
    })
    try {
      const taking = new EventEmitter()
      const entered = once(taking, 'entered')
      slow.take = async () => {
        taking.emit('entered')
        await once(taking, 'go')
        return { kind: 'taken', caseNumber: 1042, state: 'looking', joined: false }
      }
      const first = slow.post({ message: MESSAGE }, key('k-9'))
      await entered
      const second = await slow.post({ message: MESSAGE }, key('k-9'))
      assert.equal(second.status, 409)
      assert.equal(second.headers.get('retry-after'), '2')
      taking.emit('go')
      assert.equal((await first).status, 201)
      assert.equal((await slow.post({ message: MESSAGE }, key('k-9'))).status, 201)
      assert.equal(slow.reports.length, 1)
    } finally {
      await slow.close()
    }
  })
})

// The report API over real HTTP with real signed tokens: what it takes, what it tells, and what it refuses in which words.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { once } from 'node:events'
import { transitions } from '../../src/case/transitions.js'
import { type CaseState, isOpen } from '../../src/case/case.js'
import type { RemediationOutcome } from '../../src/case/remediation.js'
import { sampleCase } from './sample-record.js'
import { MESSAGE, CALLER, NOW, openReportApiRoom, type ReportApiRoom } from './report-api-room.js'

const MIB = 1024 * 1024

type ApiError = { pointer: string; detail: string }

describe('report API', () => {
  let room: ReportApiRoom
  beforeEach(async () => {
    room = await openReportApiRoom()
  })
  afterEach(() => room.close())

  const errorsOf = ({ body }: { body: Record<string, unknown> }) => body.errors as ApiError[]

  describe('takes a report', () => {
    it('of a message by its id: 201 with the case and where to ask for it', async () => {
      const answer = await room.post({ message: MESSAGE.toUpperCase() })
      assert.equal(answer.status, 201)
      assert.deepEqual(answer.body, { case: 'PT-1042', state: 'open', joined: false })
      assert.equal(answer.headers.get('location'), '/api/cases/PT-1042')
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
      const [report] = room.reports
      assert.match(report?.activityKey ?? '', /^api:[\da-f-]{36}$/)
      assert.deepEqual(report, {
        message: { kind: 'networkMessageId', value: MESSAGE },
        mail: null,
        recipients: [],
        reporter: null,
        note: '',
        caller: { appId: CALLER },
        activityKey: report?.activityKey
      })
      assert.deepEqual(room.logged, [])
    })

    it('by Message-ID, with all that a report can say', async () => {
      const rest = { recipients: ['a@contoso.example'], reporter: 'b@contoso.example', note: 'Odd.' }
      assert.equal((await room.post({ message: ' <1@evil.example> ', ...rest })).status, 201)
      const { message, mail, recipients, reporter, note } = room.reports[0] ?? {}
      assert.deepEqual(
        { message, mail, recipients, reporter, note },
        { message: { kind: 'internetMessageId', value: '<1@evil.example>' }, mail: null, ...rest }
      )
    })

    it('that joins an open case: 200, without a new place', async () => {
      room.take = async () => ({ kind: 'taken', caseNumber: 1001, state: 'proposed', joined: true })
      const answer = await room.post({ message: MESSAGE })
      assert.equal(answer.status, 200)
      assert.deepEqual(answer.body, { case: 'PT-1001', state: 'open', joined: true })
      assert.equal(answer.headers.get('location'), null)
    })

    it('as a mail of up to 10 MiB, byte for byte', async () => {
      const mail = randomBytes(10 * MIB)
      assert.equal((await room.post({ mail: mail.toString('base64') })).status, 201)
      const report = room.reports[0]
      assert.equal(report?.message, null)
      assert.ok(report.mail !== null && Buffer.compare(report.mail, mail) === 0)
    })

    it('two requests without a key are two reports', async () => {
      await room.post({ message: MESSAGE })
      await room.post({ message: MESSAGE })
      assert.equal(new Set(room.reports.map(({ activityKey }) => activityKey)).size, 2)
    })

    it('without a token where tokens are off', async () => {
      const open = await openReportApiRoom({ auth: false })
      try {
        assert.equal((await open.post({ message: MESSAGE })).status, 201)
        assert.deepEqual(open.reports[0]?.caller, { appId: 'loopback' })
        const simple = await open.send('POST', '/api/reports', {
          headers: { 'content-type': 'text/plain' },
          body: JSON.stringify({ message: MESSAGE })
        })
        assert.equal(simple.status, 415)
      } finally {
        await open.close()
      }
    })
  })

  describe('refuses, names what is wrong, and hands nothing on', () => {
    const table: [string, unknown, ApiError[]][] = [
      ['neither message nor mail', {}, [{ pointer: '#', detail: 'must have either "message" or "mail"' }]],
      ['both', { message: MESSAGE, mail: 'QQ==' }, [{ pointer: '#', detail: 'must have either "message" or "mail"' }]],
      ['a list', [MESSAGE], [{ pointer: '#', detail: 'must be an object' }]],
      ['a number as message', { message: 5 }, [{ pointer: '#/message', detail: 'must be a text' }]],
      ['null as message', { message: null }, [{ pointer: '#/message', detail: 'must be a text' }]],
      [
        'words as message',
        { message: 'the mail from today' },
        [{ pointer: '#/message', detail: 'must be a networkMessageId (a GUID) or an Internet Message-ID' }]
      ],
      [
        'a long message',
        { message: 'x'.repeat(1001) },
        [{ pointer: '#/message', detail: 'must have at most 1000 characters' }]
      ],
      [
        'a long note',
        { message: MESSAGE, note: 'x'.repeat(1001) },
        [{ pointer: '#/note', detail: 'must have at most 1000 characters' }]
      ],
      [
        'recipients that are none',
        { message: MESSAGE, recipients: ['a@b.example', 'Alice', '<a@b.example>', 'a@b@c', 'a\0@b', 7] },
        [
          ...[1, 2, 3, 4].map((at) => ({ pointer: `#/recipients/${String(at)}`, detail: 'must be an e-mail address' })),
          { pointer: '#/recipients/5', detail: 'must be a text' }
        ]
      ],
      [
        'many recipients',
        { message: MESSAGE, recipients: Array(1001).fill('a@b.example') },
        [{ pointer: '#/recipients', detail: 'must have at most 1000 entries' }]
      ],
      [
        'recipients as text',
        { message: MESSAGE, recipients: 'a@b.example' },
        [{ pointer: '#/recipients', detail: 'must be an array' }]
      ],
      [
        'a reporter by name',
        { message: MESSAGE, reporter: 'Alice' },
        [{ pointer: '#/reporter', detail: 'must be an e-mail address' }]
      ]
    ]
    for (const [name, body, errors] of table) {
      it(name, async () => {
        const answer = await room.post(body)
        assert.equal(answer.status, 400)
        assert.deepEqual(errorsOf(answer), errors)
        assert.deepEqual(room.reports, [])
        assert.deepEqual(room.logged, [
          { level: 'warn', about: { status: 400, reason: 'not a report' }, message: 'request refused' }
        ])
      })
    }

    it('every member that would decide anything, and those of a prototype', async () => {
      const names = ['action', 'severity', 'approve', 'approver', 'planVersion', 'constructor', '__proto__', 'a/b~c']
      const body = `{"message":"${MESSAGE}",${names.map((name) => `"${name}":{"a":1}`).join(',')}}`
      const answer = await room.post(body)
      assert.equal(answer.status, 400)
      const pointers = [...names.slice(0, -1), 'a~1b~0c'].map((name) => `#/${name}`)
      assert.deepEqual(
        errorsOf(answer),
        pointers.map((pointer) => ({ pointer, detail: 'is not a member of a report' }))
      )
      assert.match(String(answer.body.detail), /A report has "message" or "mail", and may have "recipients"/)
      assert.deepEqual(room.reports, [])
      assert.equal(({} as { a?: number }).a, undefined)
    })

    it('but names no more than ten unknown members, and not all of a long or broken name', async () => {
      const many = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`x${String(at)}`, 1]))
      const some = errorsOf(await room.post({ message: MESSAGE, ...many }))
      assert.equal(some.length, 11)
      assert.deepEqual(some[10], { pointer: '#', detail: 'has 2 more members that a report does not have' })
      const long = errorsOf(await room.post({ message: MESSAGE, ['\ud800' + 'y'.repeat(500)]: 1 }))
      assert.equal(decodeURIComponent(long[0]?.pointer ?? ''), `#/\ufffd${'y'.repeat(39)}`)
    })

    for (const [name, mail] of [
      ['no padding', 'QQ'],
      ['line breaks', 'QUFB\r\nQUFB'],
      ['base64url', '-_-_'],
      ['padding inside', 'QQ==QQ=='],
      ['bits left over', 'QR=='],
      ['nothing', ''],
      ['words', 'From: a@b.example'],
      ['something after it', 'QUFB\0']
    ]) {
      it(`mail that is not base64: ${name ?? ''}`, async () => {
        const answer = await room.post({ mail })
        assert.equal(answer.status, 400)
        assert.deepEqual(errorsOf(answer), [
          {
            pointer: '#/mail',
            detail: 'must be a mail in base64 (RFC 4648 section 4), with padding and without line breaks'
          }
        ])
        assert.deepEqual(room.reports, [])
      })
    }

    it('what is not JSON, or not a JSON object', async () => {
      for (const body of ['', '{', 'null', '"x"', '5', '{"message":"\xff', '['.repeat(100_000)]) {
        assert.equal((await room.post(body)).status, 400, body.slice(0, 10))
      }
      assert.deepEqual(room.reports, [])
    })

    it('other media types, encodings and character sets', async () => {
      const json = 'application/json'
      for (const headers of [
        { 'content-type': 'text/plain' },
        { 'content-type': 'application/x-www-form-urlencoded' },
        { 'content-type': `${json}; charset=latin1` },
        { 'content-type': json, 'content-encoding': 'gzip' }
      ]) {
        const answer = await room.send('POST', '/api/reports', { headers, body: '{}' })
        assert.equal(answer.status, 415, JSON.stringify(headers))
      }
    })

    it('a mail of more than 10 MiB, and a body of more than 14 MiB', async () => {
      const large = await room.post({ mail: randomBytes(10 * MIB + 1).toString('base64') })
      assert.equal(large.status, 413)
      assert.match(String(large.body.detail), /A mail may have 10 MiB/)
      const limit = 14 * MIB - '{"note":""}'.length
      assert.equal((await room.post({ note: 'x'.repeat(limit) })).status, 400)
      assert.equal((await room.post({ note: 'x'.repeat(limit + 1) })).status, 413)
      assert.deepEqual(room.reports, [])
    })

    it('a mail that names no message, in the words of the desk and what to do', async () => {
      room.take = async () => ({ kind: 'unreadable', reason: 'The file has no headers.' })
      const answer = await room.post({ mail: 'QQ==' })
      assert.equal(answer.status, 422)
      assert.equal(
        answer.body.detail,
        'The file has no headers. Send the networkMessageId or the Message-ID as "message" instead.'
      )
    })

    it('too many reports, and says for how long', async () => {
      room.take = async () => ({ kind: 'limited', retryAfterMs: 90_500 })
      const answer = await room.post({ message: MESSAGE })
      assert.equal(answer.status, 429)
      assert.equal(answer.headers.get('retry-after'), '91')
    })

    it('with nothing of an error but a number to find it by', async () => {
      room.take = async () => {
        throw Object.assign(new Error('secret-subject in a table'), { status: 404 })
      }
      const answer = await room.post({ message: MESSAGE })
      assert.equal(answer.status, 500)
      assert.doesNotMatch(JSON.stringify([answer.body, room.logged]), /secret-subject/)
      const [logged] = room.logged
      assert.equal(logged?.level, 'error')
      assert.equal(logged.about.correlationId, answer.body.correlationId)
      assert.equal(logged.about.name, 'Error')
    })

    it('other methods, and names those that are allowed', async () => {
      for (const [method, path, allow] of [
        ['GET', '/api/reports', 'POST'],
        ['DELETE', '/api/cases/PT-1042', 'GET'],
        ['POST', '/api/cases/PT-1042', 'GET'],
        ['PUT', '/api/openapi.json', 'GET']
      ] as const) {
        const answer = await room.send(method, path)
        assert.equal(answer.status, 405)
        assert.equal(answer.headers.get('allow'), allow)
        assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8')
      }
      assert.equal((await room.send('GET', '/api/other')).status, 404)
    })
  })

  it('answers a caller without a token before it has sent the mail', async () => {
    const sending = request(`${room.url}/api/reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 14 * MIB }
    })
    sending.write('{"mail":"')
    const [response] = (await once(sending, 'response')) as [{ statusCode: number; resume(): void }]
    assert.equal(response.statusCode, 401)
    sending.on('error', () => undefined).destroy()
  })

  describe('tells how a case stands', () => {
    const ask = (id: string) => room.send('GET', `/api/cases/${id}`)

    it('in states, counts and tracking links', async () => {
      room.cases.set(1042, sampleCase())
      const answer = await ask('PT-1042')
      assert.equal(answer.status, 200)
      assert.deepEqual(answer.body, {
        case: 'PT-1042',
        state: 'open',
        stage: 'uncertain',
        joinedInto: null,
        scope: {
          planVersion: 3,
          copies: 3,
          leftOut: { protected: 1, onprem_external: 0, failed: 0, dropped: 0, unknown: 1 },
          locations: {
            inbox_folder: 3,
            junkFolder: 1,
            deletedFolder: 0,
            quarantine: 0,
            others: 0,
            onprem_external: 0,
            failed: 0,
            dropped: 0,
            unknown: 1
          },
          overLimit: false
        },
        remediations: [
          {
            planVersion: 2,
            action: 'moveToJunk',
            severity: 'low',
            state: 'failed',
            copies: 3,
            copiesByState: { pending: 0, submitting: 0, accepted: 0, refused: 2, notSent: 1, uncertain: 0 },
            outcome: null,
            trackingLinks: []
          },
          {
            planVersion: 3,
            action: 'softDelete',
            severity: 'high',
            state: 'uncertain',
            copies: 3,
            copiesByState: { pending: 0, submitting: 0, accepted: 2, refused: 0, notSent: 0, uncertain: 1 },
            outcome: null,
            trackingLinks: ['https://security.microsoft.com/action-center/history?filters=%7B%22a%22%3A1%7D']
          }
        ]
      })
    })

    it('and never a subject, an address, a person or anybody’s words', async () => {
      const record = sampleCase()
      room.cases.set(1042, record)
      const text = JSON.stringify((await ask('PT-1042')).body)
      const secrets = JSON.stringify(record).match(/SECRET-\w+/g) ?? []
      assert.ok(new Set(secrets).size >= 15, 'the sample has a secret in every place that can hold one')
      assert.doesNotMatch(text, /SECRET|@/)
    })

    it('before anything was found, and after it was joined', async () => {
      const record = sampleCase()
      room.cases.set(1, { ...record, number: 1, state: 'joined', joinedInto: 1042, plan: null, remediations: [] })
      assert.deepEqual((await ask('pt-1')).body, {
        case: 'PT-1',
        state: 'joined',
        stage: 'joined',
        joinedInto: 'PT-1042',
        scope: null,
        remediations: []
      })
    })

    it('as open exactly while it is', async () => {
      for (const state of Object.keys(transitions) as CaseState[]) {
        room.cases.set(1042, { ...sampleCase(), state })
        const { body } = await ask('PT-1042')
        assert.deepEqual([body.state, body.stage], [isOpen(state) ? 'open' : state, state])
      }
    })

    it('what the looks have seen, in counts only', async () => {
      const record = sampleCase()
      const [, remediation] = record.remediations
      const [batch] = remediation?.batches ?? []
      assert.ok(remediation !== undefined && batch !== undefined)
      const outcome: RemediationOutcome = {
        looks: 2,
        lastLookAt: NOW,
        nextLookAt: null,
        copies: ['moved', 'waiting', 'already'],
        open: 1,
        places: { others: 2, inbox_folder: 1 },
        causes: { administrator: 1, airBefore: 1 },
        leftOut: { protected: 1, unknown: 1 },
        later: null
      }
      room.cases.set(1042, {
        ...record,
        remediations: [{ ...remediation, batches: [{ ...batch, from: 0, to: 3 }], outcome }]
      })
      const { remediations } = (await ask('PT-1042')).body as { remediations: { outcome: unknown }[] }
      assert.deepEqual(
        remediations.map((each) => each.outcome),
        [{ total: 5, moved: 1, already: 1, waiting: 1, elsewhere: 0, gone: 0, notAsked: 0, leftOut: 2, open: 1 }]
      )
    })

    it('never a remediation as submitted while a part of it is not known to be accepted', async () => {
      const record = sampleCase()
      const [, remediation] = record.remediations
      const [batch] = remediation?.batches ?? []
      assert.ok(remediation !== undefined && batch !== undefined)
      for (const [states, expected] of [
        [['pending', 'pending'], 'approved'],
        [['accepted', 'pending'], 'submitting'],
        [['uncertain', 'submitting'], 'submitting'],
        [['accepted', 'uncertain'], 'uncertain'],
        [['accepted', 'refused'], 'failed'],
        [['accepted', 'notSent'], 'failed'],
        [['accepted', 'accepted'], 'submitted']
      ] as const) {
        const batches = states.map((state) => ({ ...batch, state, attempts: state === 'pending' ? 0 : 1 }))
        room.cases.set(1042, { ...record, remediations: [{ ...remediation, batches }] })
        const { remediations } = (await ask('PT-1042')).body as { remediations: { state: string }[] }
        assert.deepEqual(
          remediations.map(({ state }) => state),
          [expected],
          states.join()
        )
      }
    })

    it('or that there is none', async () => {
      room.cases.set(1042, sampleCase())
      for (const id of [
        'PT-7',
        '1042',
        'PT-',
        'PT-0',
        'PT-01042',
        'PT-1e3',
        'PT-1042x',
        `PT-${'9'.repeat(400)}`,
        'PT--1',
        '__proto__',
        'PT-1042%00'
      ]) {
        const answer = await ask(id)
        assert.equal(answer.status, 404, id)
        assert.equal(answer.body.title, 'There is no such case')
      }
      assert.equal((await ask('%')).status, 400)
      assert.equal((await ask('%ff')).status, 400)
    })
  })
})

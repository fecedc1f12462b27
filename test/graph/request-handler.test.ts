import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  createGraphClient,
  type GraphAnswer,
  type GraphClient,
  type GraphRequest
} from '../../src/graph/graph-client.js'

interface Seen {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
  socket: Socket
}

type Answer = (response: ServerResponse, seen: Seen) => void

const BODY = { displayName: 'Prüfung „1042“', copies: ['a', 'b'] }

describe('one request to Graph', () => {
  let server: Server
  let client: GraphClient
  let causes: string[]
  let seen: Seen[]
  let answer: Answer
  let others: TcpServer[]

  beforeEach(async () => {
    seen = []
    causes = []
    others = []
    answer = (response) => response.writeHead(202).end()
    server = createServer((incoming, response) => {
      void text(incoming).then((body) => {
        const { method = '', url = '', headers, socket } = incoming
        const one = { method, url, headers, body, socket }
        seen.push(one)
        answer(response, one)
      })
    })
    client = clientTo(await listening(server, 'http'))
  })
  afterEach(() => {
    server.close()
    server.closeAllConnections()
    for (const other of others) other.close()
  })

  function clientTo(baseUrl: string): GraphClient {
    const log = (_event: string, { cause }: Record<string, unknown>) => void causes.push(String(cause))
    return createGraphClient({ baseUrl, version: 'v1.0', newCredential: null, log })
  }

  /** A server below HTTP, for what no HTTP server would do. */
  async function raw(onConnection: (socket: Socket) => void, scheme: 'http' | 'https' = 'http'): Promise<GraphClient> {
    const other = createTcpServer((socket) => {
      socket.on('error', () => undefined)
      onConnection(socket)
    })
    others.push(other)
    return clientTo(await listening(other, scheme))
  }

  const ask = (changes: Partial<GraphRequest> = {}, of = client) =>
    of.send({
      method: 'POST',
      path: 'x',
      body: BODY,
      deadline: AbortSignal.timeout(10_000),
      expects: 'nothing',
      ...changes
    })
  const read = (changes: Partial<GraphRequest> = {}, of = client) =>
    of.send({ method: 'GET', path: 'x', deadline: AbortSignal.timeout(10_000), expects: 'json', ...changes })

  it('says how long its body is, and sends it whole', async () => {
    assert.equal(summary(await ask()), 202)
    const [{ headers, body } = never()] = seen
    assert.deepEqual(JSON.parse(body), BODY)
    assert.equal(headers['content-length'], String(Buffer.byteLength(body)))
    assert.equal(headers['transfer-encoding'], undefined)
    assert.equal(headers['content-type'], 'application/json')
  })

  it('reads without a body', async () => {
    answer = (response) => response.writeHead(200).end('{"value":[1]}')
    const found = await read({ path: 'x?$top=1', prefer: 'odata.maxpagesize=1' })
    assert.deepEqual(found.kind === 'answered' && found.body, { value: [1] })
    const [{ method, url, headers, body } = never()] = seen
    assert.deepEqual([method, url, body], ['GET', '/v1.0/x?$top=1', ''])
    assert.deepEqual([headers['content-length'], headers['transfer-encoding']], [undefined, undefined])
    assert.equal(headers.prefer, 'odata.maxpagesize=1')
  })

  for (const status of [421, 307, 308, 429, 503]) {
    it(`posts once, whatever a ${status} invites to`, async () => {
      answer = (response, { url }) => response.writeHead(status, { Location: `${url}2`, 'Retry-After': '0' }).end('{}')
      assert.equal(summary(await ask()), status)
      assert.equal(seen.length, 1)
    })
  }

  it('posts the same body again after a 401, on another connection', async () => {
    answer = (response) => response.writeHead(seen.length === 1 ? 401 : 202, { 'WWW-Authenticate': 'Bearer' }).end('{}')
    assert.equal(summary(await ask()), 202)
    const [first = never(), second = never(), ...more] = seen
    assert.deepEqual(JSON.parse(second.body), BODY)
    assert.equal(second.body, first.body)
    assert.notEqual(second.socket, first.socket)
    assert.equal(more.length, 0)
  })

  it('reads on one connection, and posts on another', async () => {
    answer = (response) => response.writeHead(200).end('{}')
    for (const one of [read, read, ask, ask, read]) assert.equal(summary(await one()), 200)
    const [first, second, third, fourth, fifth] = seen.map(({ socket }) => socket)
    assert.ok(first === second && first === fifth)
    assert.equal(new Set([first, third, fourth]).size, 3)
  })

  it('posts undisturbed by a kept connection that the server breaks at the same time', async () => {
    answer = (response, { method, socket }) => {
      if (method === 'POST') seen[0]?.socket.resetAndDestroy()
      response.writeHead(method === 'POST' ? 202 : 200).end('{}')
      if (method === 'GET') assert.equal(socket.destroyed, false)
    }
    assert.equal(summary(await read()), 200)
    assert.equal(summary(await ask()), 202)
    assert.equal(summary(await read()), 200)
    assert.deepEqual(
      seen.map(({ method }) => method),
      ['GET', 'POST', 'GET']
    )
  })

  it('takes a kept connection that breaks under a read for lost, and does not read again', async () => {
    answer = (response, { socket }) => (seen.length === 2 ? socket.destroy() : response.writeHead(200).end('{}'))
    assert.equal(summary(await read()), 200)
    assert.equal(summary(await read()), 'lost')
    assert.equal(seen.length, 2)
    assert.equal(seen[0]?.socket, seen[1]?.socket)
  })

  it('does not wait for the body of a 202, and leaves no connection behind', async () => {
    let closed: Promise<unknown> = Promise.resolve()
    answer = (response, { socket }) => {
      closed = once(socket, 'close')
      response.writeHead(202).write('{')
    }
    assert.equal(summary(await ask()), 202)
    await closed
  })

  for (const [method, one] of [
    ['GET', read],
    ['POST', ask]
  ] as const) {
    it(`gives up a body that never ends at the deadline: ${method}`, async () => {
      let closed: Promise<unknown> = Promise.resolve()
      answer = (response, { socket }) => {
        closed = once(socket, 'close')
        response.writeHead(400).write('{')
      }
      const cut = await one({ deadline: AbortSignal.timeout(200) })
      assert.deepEqual([summary(cut), cut.kind === 'answered' && cut.body], [400, null])
      await closed
    })
  }

  it('takes no part of a body that is too large', async () => {
    let closed: Promise<unknown> = Promise.resolve()
    answer = (response, { socket }) => {
      closed = once(socket, 'close')
      response.writeHead(200).write('x'.repeat(2000))
    }
    const large = await read({ largest: 1000, expects: 'bytes' })
    assert.deepEqual([summary(large), large.kind === 'answered' && large.body], [200, null])
    await closed
  })

  for (const status of [204, 205, 304]) {
    it(`takes a ${status} without a body`, async () => {
      answer = (response) => response.writeHead(status, { 'request-id': 'r' }).end()
      const empty = await ask()
      assert.deepEqual([summary(empty), empty.kind === 'answered' && empty.requestId], [status, 'r'])
    })
  }

  const oddAnswers: [string, string][] = [
    ['nothing', ''],
    ['no HTTP', 'hello\r\n\r\n'],
    ['a status that does not exist', 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['another protocol', 'HTTP/1.1 101 Odd\r\nConnection: upgrade\r\nUpgrade: odd\r\n\r\n'],
    ['half a head', 'HTTP/1.1 202 Accepted\r\nLocation: x'],
    ['an endless head', `HTTP/1.1 202 Accepted\r\nLocation: ${'x'.repeat(20_000)}\r\n\r\n`]
  ]
  for (const [name, head] of oddAnswers) {
    it(`takes ${name} for lost`, async () => {
      const odd = await raw((socket) => socket.once('data', () => socket.end(head)))
      assert.deepEqual(await ask({}, odd), { kind: 'lost', timedOut: false })
      assert.equal(causes.length, 1)
    })
  }

  it('hands on the headers as they came', async () => {
    const location = 'https://security.microsoft.com/x?filters={"bulkId":["1"]}&tid=2'
    const odd = await raw((socket) =>
      socket.once('data', () =>
        socket.end(`HTTP/1.1 202 Accepted\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`)
      )
    )
    const accepted = await ask({}, odd)
    assert.equal(accepted.kind === 'answered' && accepted.headers.get('location'), location)
  })

  it('has sent nothing where TLS does not come about', async () => {
    const bytes: Buffer[] = []
    const noTls = await raw((socket) => {
      socket.on('data', (chunk) => bytes.push(chunk))
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    }, 'https')
    assert.deepEqual(await ask({}, noTls), { kind: 'notSent', why: 'noConnection' })
    assert.ok(!Buffer.concat(bytes).includes('displayName'))
  })

  it('has sent nothing where the connection breaks before TLS stands, or the deadline ends', async () => {
    const breaks = await raw((socket) => socket.once('data', () => socket.resetAndDestroy()), 'https')
    assert.deepEqual(await ask({}, breaks), { kind: 'notSent', why: 'noConnection' })
    const hangs = await raw((socket) => socket.resume(), 'https')
    const deadline = AbortSignal.timeout(200)
    assert.deepEqual(await ask({ deadline }, hangs), { kind: 'notSent', why: 'noConnection' })
  })

  it('has sent nothing where the deadline is over', async () => {
    assert.equal(summary(await ask({ deadline: AbortSignal.abort() })), 'notSent')
    assert.equal(seen.length, 0)
  })

  for (const path of ['../beta/x', '%2e%2e/beta/x', 'https://127.0.0.1:1/x']) {
    it(`does not leave the configured Graph: ${path}`, async () => {
      assert.equal(summary(await ask({ path })), 'notSent')
      assert.match(causes.join(), /outside the configured Graph/)
      assert.equal(seen.length, 0)
    })
  }
})

function summary(answer: GraphAnswer): number | string {
  return answer.kind === 'answered' ? answer.status : answer.kind
}

function never(): never {
  throw new Error('nothing was asked')
}

async function listening(server: Server | TcpServer, scheme: 'http' | 'https'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

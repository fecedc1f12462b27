// From where a reported file may be fetched, how large it may be, and that nothing is given away in the asking.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isAddressAllowed } from '../../src/http/file-address.js'
import { createFileDownload, type FileDownloadOptions } from '../../src/http/file-download.js'

const HOST = 'contoso-my.sharepoint.com'
const MAX = 256 * 1024

describe('file download', () => {
  let server: Server
  let origin: string
  let asked: { url: string; headers: IncomingHttpHeaders }[]
  let looked: string[]
  let answer: (res: ServerResponse, url: string) => void

  beforeEach(async () => {
    asked = []
    looked = []
    server = createServer((req, res) => {
      asked.push({ url: String(req.url), headers: req.headers })
      answer(res, String(req.url))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const download = (options: Partial<FileDownloadOptions> = {}) =>
    createFileDownload({
      hosts: [HOST],
      allowLoopback: true,
      resolve: async (host) => {
        looked.push(host)
        return [{ address: '10.0.0.5', family: 4 }]
      },
      ...options
    })
  const redirectTo = (location: string) => (res: ServerResponse, url: string) => {
    if (url === '/start') res.writeHead(302, { location }).end()
    else res.end('the file')
  }

  it('reads the whole file, byte for byte, without a credential', async () => {
    const whole = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251))
    answer = (res) => res.end(whole)
    const result = await download().file(`${origin}/a.eml?tempauth=t`, MAX)
    assert.ok(result.ok && Buffer.from(result.bytes).equals(whole))
    assert.equal(asked[0]?.url, '/a.eml?tempauth=t')
    assert.deepEqual(Object.keys(asked[0].headers).sort(), ['accept', 'accept-encoding', 'connection', 'host'])
  })

  it('reads an empty file', async () => {
    answer = (res) => res.end()
    const result = await download().file(origin, MAX)
    assert.equal(result.ok && result.bytes.length, 0)
  })

  describe('at its limit', () => {
    const announced = (length: number) => (res: ServerResponse) => {
      res.writeHead(200, { 'content-length': String(length) }).end('x'.repeat(length))
    }
    const inPieces = (length: number) => (res: ServerResponse) => {
      res.write('x'.repeat(length - 1))
      res.end('x')
    }

    for (const [name, respond] of [
      ['announced', announced],
      ['not announced', inPieces]
    ] as const) {
      it(`takes a file of exactly the limit, and not one byte more, its length ${name}`, async () => {
        answer = respond(1000)
        const result = await download().file(origin, 1000)
        assert.equal(result.ok && result.bytes.length, 1000)
        answer = respond(1001)
        assert.deepEqual(await download().file(origin, 1000), { ok: false, reason: 'too large' })
      })
    }

    it('does not wait for the body of a file that says it is too large', async () => {
      let gone: Promise<unknown> | undefined
      answer = (res) => {
        gone = once(res, 'close')
        res.writeHead(200, { 'content-length': '1001' }).flushHeaders()
      }
      assert.deepEqual(await download().file(origin, 1000), { ok: false, reason: 'too large' })
      await gone
    })

    it('hangs up on a file that never ends', async () => {
      let gone: Promise<unknown> | undefined
      answer = (res) => {
        gone = once(res, 'close')
        const more = (): unknown => res.destroyed || res.write('x'.repeat(10_000), more)
        more()
      }
      assert.deepEqual(await download().file(origin, 1000), { ok: false, reason: 'too large' })
      await gone
    })

    it('takes no half of a file that ends before its announced length', async () => {
      answer = (res) => {
        res.writeHead(200, { 'content-length': '900' })
        res.write('x'.repeat(100), () => res.destroy())
      }
      assert.deepEqual(await download().file(origin, 1000), { ok: false, reason: 'not available' })
    })
  })

  describe('asks nobody for', () => {
    for (const url of [
      '',
      'not a url',
      'file:///etc/passwd',
      'data:text/plain,a',
      `http://${HOST}/a.eml`,
      `https://${HOST}:8443/a.eml`,
      `https://${HOST}@evil.example/a.eml`,
      `https://user:pass@${HOST}/a.eml`,
      `https://user@${HOST}/a.eml`,
      `https://:pass@${HOST}/a.eml`,
      `https://${HOST}.evil.example/a.eml`,
      `https://evil-${HOST}/a.eml`,
      'https://sharepoint.com/a.eml',
      `https://${HOST}./a.eml`,
      'https://10.0.0.5/a.eml',
      'http://169.254.169.254/metadata/instance',
      'https://[::ffff:169.254.169.254]/',
      'http://0x7f.evil.example/'
    ]) {
      it(JSON.stringify(url), async () => {
        assert.deepEqual(await download().file(url, MAX), { ok: false, reason: 'host not allowed' })
        assert.deepEqual(looked, [])
      })
    }

    it('loopback, where that is not allowed', async () => {
      assert.deepEqual(await download({ allowLoopback: false }).file(origin, MAX), {
        ok: false,
        reason: 'host not allowed'
      })
      assert.deepEqual(asked, [])
    })

    it('loopback or metadata, even on the list of hosts', async () => {
      const hosts = ['127.0.0.1', '169.254.169.254', '[::1]']
      for (const host of hosts) {
        const result = await download({ hosts, allowLoopback: false }).file(`https://${host}/`, MAX)
        assert.deepEqual(result, { ok: false, reason: 'host not allowed' })
      }
    })
  })

  describe('refuses a listed host', () => {
    for (const addresses of [
      ['10.0.0.5'],
      ['127.0.0.1'],
      ['169.254.169.254'],
      ['52.96.0.1', '192.168.1.1'],
      ['fd00::1'],
      []
    ]) {
      it(`that resolves to ${addresses.join(' and ') || 'nothing'}`, async () => {
        const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
        const result = await download({ resolve }).file(`https://${HOST}/a.eml`, MAX)
        assert.deepEqual(result, { ok: false, reason: 'host not allowed' })
      })
    }
  })

  it('looks a name up once and connects to that very address, whatever the name means to others', async () => {
    answer = (res) => res.end('A')
    const localhost = origin.replace('127.0.0.1', 'localhost')
    const resolvingTo = (address: string, family: number) => async (host: string) => {
      looked.push(host)
      return [{ address, family }]
    }
    const right = await download({ resolve: resolvingTo('127.0.0.1', 4) }).file(localhost, MAX)
    assert.deepEqual(right, { ok: true, bytes: Buffer.from('A') })
    // Nobody listens there; a second look-up would find the server above.
    const wrong = await download({ resolve: resolvingTo('::1', 6) }).file(localhost, MAX)
    assert.deepEqual(wrong, { ok: false, reason: 'not available' })
    assert.deepEqual(looked, ['localhost', 'localhost'])
    assert.equal(asked.length, 1)
  })

  describe('redirects', () => {
    it('are followed to an allowed host', async () => {
      answer = redirectTo('/there')
      assert.deepEqual(await download().file(`${origin}/start`, MAX), { ok: true, bytes: Buffer.from('the file') })
      assert.deepEqual(
        asked.map(({ url }) => url),
        ['/start', '/there']
      )
    })

    for (const location of [
      'https://evil.example/a.eml',
      `https://${HOST}.evil.example/`,
      `http://${HOST}/`,
      'http://169.254.169.254/metadata/instance',
      'http://10.0.0.5/',
      'file:///etc/passwd',
      `https://${HOST}/resolves-to-a-private-address`
    ]) {
      it(`are not followed to ${location}`, async () => {
        answer = redirectTo(location)
        const result = await download().file(`${origin}/start`, MAX)
        assert.deepEqual(result, { ok: false, reason: 'redirected elsewhere' })
        assert.equal(asked.length, 1)
      })
    }

    it('end after three', async () => {
      answer = (res) => res.writeHead(302, { location: '/again' }).end()
      assert.deepEqual(await download().file(origin, MAX), { ok: false, reason: 'not available' })
      assert.equal(asked.length, 4)
    })
  })

  describe('gives up', () => {
    const reasonFor = async (options: Partial<FileDownloadOptions>, url = origin) => {
      const result = await download(options).file(url, MAX)
      return result.ok || result.reason
    }

    it('on a server that never answers, one that stops half way, and a resolver that hangs', async () => {
      answer = () => undefined
      assert.equal(await reasonFor({ deadlineMs: 50 }), 'too slow')
      answer = (res) => res.write('A: 1\r\n')
      assert.equal(await reasonFor({ deadlineMs: 50 }), 'too slow')
      const resolve = () => new Promise<never>(() => undefined)
      // Node does not stay alive for AbortSignal.timeout alone; the server's socket keeps this one going.
      assert.equal(await reasonFor({ deadlineMs: 50, resolve }, `https://${HOST}/a.eml`), 'too slow')
    })

    for (const [name, respond] of [
      ['404', (res) => res.writeHead(404).end('A: 1\r\n\r\n')],
      ['204', (res) => res.writeHead(204).end()],
      ['a redirect to nowhere', (res) => res.writeHead(302).end()],
      ['a compressed answer', (res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end('x')],
      ['a cut connection', (res) => res.destroy()]
    ] as [string, (res: ServerResponse) => void][]) {
      it(`on ${name}`, async () => {
        answer = respond
        assert.equal(await reasonFor({}), 'not available')
      })
    }

    it('on a failing resolver', async () => {
      const resolve = () => Promise.reject(new Error('ENOTFOUND'))
      assert.equal(await reasonFor({ resolve }, `https://${HOST}/a.eml`), 'not available')
    })
  })

  describe('addresses', () => {
    const closed = [
      '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192',
      '192.168.0.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::ffff:8.8.8.8 64:ff9b::a00:1 fc00::1 fd00:ec2::254',
      'fe80::1 fec0::1 ff02::1 2001::1 2001:db8::1 2002:a00:1::'
    ]
    for (const address of closed.join(' ').split(' ')) {
      it(`${address} is closed`, () => {
        assert.equal(isAddressAllowed({ address, family: address.includes(':') ? 6 : 4 }, false), false)
      })
    }
    for (const address of ['13.107.136.10', '172.32.0.1', '223.255.255.254', '2620:1ec:8f8::10', '2a01:111::1']) {
      it(`${address} is open, but not where loopback is meant`, () => {
        const family = address.includes(':') ? 6 : 4
        assert.equal(isAddressAllowed({ address, family }, false), true)
        assert.equal(isAddressAllowed({ address, family }, true), false)
      })
    }
  })
})

// Fetches a reported mail file. It must never send a credential, reach a host that is not listed, or read more than it was
// asked for.
import { lookup as dnsLookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { isAddressAllowed, type Address } from './file-address.js'
import { isLoopbackHost } from './loopback.js'

const DEADLINE_MS = 20_000
const MAX_REDIRECTS = 3

export interface FileDownloadOptions {
  /** Exact host names, lower case. */
  hosts: readonly string[]
  /** Also fetch from this machine, over http too (playground and tests). */
  allowLoopback: boolean
  /** For all redirects together; 20 s unless given. */
  deadlineMs?: number
  /** All addresses of a host name; the system's resolver unless given. */
  resolve?: (host: string) => Promise<Address[]>
}

export type DownloadRefusal = 'host not allowed' | 'redirected elsewhere' | 'too large' | 'too slow' | 'not available'

export type DownloadResult = { ok: true; bytes: Uint8Array } | { ok: false; reason: DownloadRefusal }

export interface FileDownload {
  /** Never throws. `url` comes from an attachment and is not trusted. */
  file(url: string, maxBytes: number): Promise<DownloadResult>
}

export function createFileDownload(options: FileDownloadOptions): FileDownload {
  const { hosts, allowLoopback, deadlineMs = DEADLINE_MS } = options
  const resolve = options.resolve ?? ((host: string) => dnsLookup(host, { all: true }))

  const isUrlAllowed = (url: URL): boolean => {
    if (url.username !== '' || url.password !== '') return false
    if (allowLoopback && isLoopbackHost(url.hostname)) return url.protocol === 'http:' || url.protocol === 'https:'
    return url.protocol === 'https:' && url.port === '' && hosts.includes(url.hostname)
  }

  /** Only addresses that may be connected to; empty when there is a single one among them that may not. */
  const addressesOf = async (url: URL): Promise<Address[]> => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const family = isIP(host)
    const addresses = family ? [{ address: host, family }] : await resolve(host)
    const loopbackWanted = allowLoopback && isLoopbackHost(host)
    return addresses.every((address) => isAddressAllowed(address, loopbackWanted)) ? addresses : []
  }

  const follow = async (start: string, maxBytes: number, signal: AbortSignal): Promise<DownloadResult> => {
    let url = start
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const target = URL.canParse(url) ? new URL(url) : null
      const addresses = target && isUrlAllowed(target) ? await beforeAbort(addressesOf(target), signal) : []
      const address = addresses[0]
      if (!target || !address) return { ok: false, reason: hop === 0 ? 'host not allowed' : 'redirected elsewhere' }
      const response = await get(target, address, signal)
      const { statusCode = 0, headers } = response
      if (statusCode === 200 && (headers['content-encoding'] ?? 'identity') === 'identity') {
        const bytes = await readAll(response, maxBytes)
        return bytes === null ? { ok: false, reason: 'too large' } : { ok: true, bytes }
      }
      response.destroy()
      const next = [301, 302, 303, 307, 308].includes(statusCode) && headers.location
      if (!next || !URL.canParse(next, target.href)) return { ok: false, reason: 'not available' }
      url = new URL(next, target).href
    }
    return { ok: false, reason: 'not available' }
  }

  return {
    async file(url, maxBytes) {
      const signal = AbortSignal.timeout(deadlineMs)
      try {
        return await follow(url, maxBytes, signal)
      } catch {
        return { ok: false, reason: signal.aborted ? 'too slow' : 'not available' }
      }
    }
  }
}

/** A look-up cannot be cancelled, so it is left behind when the time is up. */
async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('out of time')), { once: true })
  })
  return Promise.race([work, aborted])
}

/** Connects to the address that was checked, not to what a second look-up of the name would say. */
function get(url: URL, pinned: Address, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    request(url, {
      // A connection of its own: a pooled one may lead to an address that was never checked.
      agent: false,
      signal,
      headers: { accept: '*/*', 'accept-encoding': 'identity' },
      lookup: (_host, { all }, callback) => {
        if (all) callback(null, [pinned])
        else callback(null, pinned.address, pinned.family)
      }
    })
      .once('response', resolve)
      .on('error', reject)
      .end()
  })
}

/** Null as soon as it is known to be larger. */
async function readAll(response: IncomingMessage, maxBytes: number): Promise<Uint8Array | null> {
  const announced = Number(response.headers['content-length'] ?? Number.NaN)
  if (announced > maxBytes) {
    response.destroy()
    return null
  }
  // Where the length is known there is one allocation and no large copy at the end, which would block for 20 ms.
  const whole = Number.isSafeInteger(announced) && announced > 0 ? Buffer.allocUnsafeSlow(announced) : null
  const chunks: Buffer[] = []
  let length = 0
  // Leaving the loop destroys the stream, and with it the connection.
  for await (const chunk of response) {
    const bytes = chunk as Buffer
    if (length + bytes.length > (whole?.length ?? maxBytes)) return null
    if (whole === null) chunks.push(bytes)
    else bytes.copy(whole, length)
    length += bytes.length
  }
  return whole ?? Buffer.concat(chunks)
}

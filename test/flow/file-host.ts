// A web server on loopback with files that people drop into a chat: gives, redirects or denies them, and notes who asked.
import { once } from 'node:events'
import { type IncomingHttpHeaders, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FileHost {
  url: string
  requests: { path: string; headers: IncomingHttpHeaders }[]
  close(): Promise<void>
}

/** Serves each path with what is given, an https address as a redirect; 404 for others. */
export async function startFileHost(files: Record<string, string | Uint8Array>): Promise<FileHost> {
  const requests: FileHost['requests'] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push({ path, headers: request.headers })
    const file = files[path]
    if (typeof file === 'string' && file.startsWith('https://')) response.writeHead(302, { location: file }).end()
    else response.writeHead(file === undefined ? 404 : 200, { 'content-type': 'message/rfc822' }).end(file)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

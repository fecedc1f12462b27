// Finds a free port on loopback. The port may be taken between the answer and its use: whoever binds it must say so.
import { createServer } from 'node:net'

const tries = 50

/** `wanted`, or the next free one after it. */
export async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + tries; port += 1) {
    if (await isFree(port)) return port
  }
  throw new Error(`No port between ${String(wanted)} and ${String(wanted + tries - 1)} is free.`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => {
      resolve(false)
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
}

// Says whether a host name means this machine. It must never resolve names: a DNS answer is not proof of loopback.
import { isIPv4 } from 'node:net'

/** `host` as in `URL.hostname` or as given to `listen`: `localhost`, 127.0.0.0/8, `::1` or `[::1]`. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))
}

// Says whether a file may be fetched from an IP address. It must never let through one that only this machine, its
// network or its cloud host can reach.
import { BlockList } from 'node:net'

export type Address = { address: string; family: number }

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** https://www.iana.org/assignments/iana-ipv4-special-registry, and Azure's host address 168.63.129.16. */
const closedV4 = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3]
] as const) {
  closedV4.addSubnet(network, prefix, 'ipv4')
}

/** Of IPv6 only global unicast is open, without the parts that wrap or tunnel an IPv4 address. */
const openV6 = new BlockList()
openV6.addSubnet('2000::', 3, 'ipv6')
const closedV6 = new BlockList()
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20]
] as const) {
  closedV6.addSubnet(network, prefix, 'ipv6')
}

/** With `loopbackWanted` only loopback addresses pass, without it only public ones. */
export function isAddressAllowed({ address, family }: Address, loopbackWanted: boolean): boolean {
  const type = family === 6 ? 'ipv6' : 'ipv4'
  if (loopbackWanted) return loopback.check(address, type)
  if (type === 'ipv4') return !closedV4.check(address, type)
  return openV6.check(address, type) && !closedV6.check(address, type)
}

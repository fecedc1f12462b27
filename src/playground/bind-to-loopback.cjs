// Preloaded into the Agents Playground: whatever it listens on, it listens on this machine only. Must never open a port to the network.
'use strict'

const { Server } = require('node:net')

const listen = Server.prototype.listen

// The Agents Playground has no host setting and binds every interface (@microsoft/teams-app-test-tool 0.2.28).
Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'object' && first !== null) {
    const isPort = 'port' in first && !('path' in first)
    return listen.call(this, isPort ? { ...first, host: '127.0.0.1' } : first, ...rest)
  }
  const withoutHost = typeof rest[0] === 'string' ? rest.slice(1) : rest
  return listen.call(this, first, '127.0.0.1', ...withoutHost)
}

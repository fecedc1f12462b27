// Preloaded into every child of the playground: ends it when its parent is gone, also when the parent was killed. Must never read input.
'use strict'

// The parent holds the other end of standard input and writes nothing: an end means that the parent's process is over.
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'))
process.stdin.on('error', () => process.kill(process.pid, 'SIGTERM'))
process.stdin.resume()
process.stdin.unref?.()

// The log of what a source could not take: once each, also when it is told at every poll, and within a bound.
import assert from 'node:assert/strict'
import type { Log } from '../../src/log.js'
import { leftOutLog } from '../../src/intake/left-out.js'

describe('the log of what was left out', () => {
  const logged: object[] = []
  const warn = ((details: object) => void logged.push(details)) as Log['warn']
  const entry = (sourceId: string) => ({ sourceId, reason: `why ${sourceId}` })
  beforeEach(() => {
    logged.length = 0
  })

  it('names the source, the id and the reason, once', () => {
    const leftOut = leftOutLog({ warn })
    leftOut('mailbox', [entry('a'), entry('b')])
    leftOut('mailbox', [entry('b'), entry('a')])
    assert.deepEqual(logged, [
      { source: 'mailbox', sourceId: 'a', reason: 'why a' },
      { source: 'mailbox', sourceId: 'b', reason: 'why b' }
    ])
  })

  it('forgets the oldest, so that it does not grow', () => {
    const leftOut = leftOutLog({ warn })
    leftOut(
      'alerts',
      Array.from({ length: 1_001 }, (_, index) => entry(String(index)))
    )
    leftOut('alerts', [entry('1000'), entry('0')])
    assert.equal(logged.length, 1_002)
  })
})

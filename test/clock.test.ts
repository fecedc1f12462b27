import assert from 'node:assert/strict'
import { systemClock } from '../src/clock.js'

describe('system clock', () => {
  const wokenAt = (at: number) =>
    new Promise<number>((resolve) => {
      // The clock's own timers do not keep the process alive.
      const alive = setTimeout(() => undefined, 5_000)
      systemClock.wake(at, () => {
        clearTimeout(alive)
        resolve(systemClock.now())
      })
    })

  it('wakes at or after the given time, also when that has passed', async () => {
    const at = systemClock.now() + 20
    assert.ok((await wokenAt(at)) >= at)
    await wokenAt(at - 1_000)
  })

  it('can wait longer than a timer of Node can', async () => {
    let early = false
    const cancel = systemClock.wake(systemClock.now() + 40 * 24 * 3_600_000, () => (early = true))
    await wokenAt(systemClock.now() + 20)
    cancel()
    assert.equal(early, false)
  })

  it('does not wake when that was cancelled', async () => {
    let woken = false
    const cancel = systemClock.wake(systemClock.now() + 5, () => (woken = true))
    cancel()
    await wokenAt(systemClock.now() + 20)
    assert.equal(woken, false)
  })
})

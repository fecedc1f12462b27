// A clock that stands until a story moves it, so that hours pass in seconds. Never used by the product.
import type { Clock } from '../case/ports.js'

export interface SteppingClock extends Clock {
  /** Fires what falls due on the way, in order, each at its own time. */
  advance(ms: number): void
}

interface Sleeper {
  at: number
  callback: () => void
}

/** @param start epoch milliseconds. */
export function steppingClock(start: number): SteppingClock {
  let now = start
  const sleepers = new Set<Sleeper>()
  const fire = (sleeper: Sleeper) => {
    if (sleepers.delete(sleeper)) sleeper.callback()
  }
  return {
    now: () => now,
    wake(at, callback) {
      const sleeper = { at, callback }
      sleepers.add(sleeper)
      // Soon, but never inside the call that set it, as with a timer of no length.
      if (at <= now)
        setImmediate(() => {
          fire(sleeper)
        })
      return () => sleepers.delete(sleeper)
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const [next] = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        now = Math.max(now, next.at)
        fire(next)
      }
      now = end
    }
  }
}

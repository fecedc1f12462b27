// A clock that stands until a test moves it. Never reads the machine's time.
import type { Clock } from '../src/case/ports.js'

interface Sleeper {
  at: number
  callback: () => void
}

export class TestClock implements Clock {
  #now: number
  #sleepers: Sleeper[] = []

  constructor(now = Date.UTC(2026, 10, 20, 9)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  wake(at: number, callback: () => void): () => void {
    const sleeper = { at, callback }
    this.#sleepers.push(sleeper)
    // Like a timer of no length: soon, but never inside the call that set it.
    if (at <= this.#now) setImmediate(() => this.#fire(sleeper))
    return () => {
      this.#sleepers = this.#sleepers.filter((each) => each !== sleeper)
    }
  }

  /** Fires what falls due on the way, in order, each at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.at)
      this.#fire(next)
    }
    this.#now = end
  }

  #fire(sleeper: Sleeper): void {
    if (!this.#sleepers.includes(sleeper)) return
    this.#sleepers = this.#sleepers.filter((each) => each !== sleeper)
    sleeper.callback()
  }
}

// A clock that stands until a test moves it. Never reads the machine's time.
import type { Clock } from '../src/case/ports.js'
import { steppingClock } from '../src/playground/stepping-clock.js'

export class TestClock implements Clock {
  readonly #clock

  constructor(now = Date.UTC(2026, 10, 20, 9)) {
    this.#clock = steppingClock(now)
  }

  now(): number {
    return this.#clock.now()
  }

  wake(at: number, callback: () => void): () => void {
    return this.#clock.wake(at, callback)
  }

  /** Fires what falls due on the way, in order, each at its own time. */
  advance(ms: number): void {
    this.#clock.advance(ms)
  }
}

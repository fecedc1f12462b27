// The one clock of the product: nothing else reads the machine's time or sets its timers for work to come.
import type { Clock } from './case/ports.js'

// A longer timeout would be taken as 1 ms, https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
const longest = 2 ** 31 - 1

/** Pending wake-ups do not keep the process alive; the server does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wake(at, callback) {
    let timer: NodeJS.Timeout
    const wait = () => {
      timer = setTimeout(
        () => {
          // Too early where the wait was cut, and sometimes by a millisecond of Node's own.
          if (Date.now() < at) wait()
          else callback()
        },
        Math.min(Math.max(at - Date.now(), 0), longest)
      ).unref()
    }
    wait()
    return () => {
      clearTimeout(timer)
    }
  }
}

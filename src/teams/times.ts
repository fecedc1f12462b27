// Times as people read them on cards and in chat: UTC always, the date only when it is not today's.

/** `02:41 UTC`, or `21 Nov 02:41 UTC` on another day than `now`. Epoch milliseconds. */
export function timeUtc(at: number, now: number): string {
  const [day, time] = [new Date(at).toISOString().slice(0, 10), new Date(at).toISOString().slice(11, 16)]
  return day === new Date(now).toISOString().slice(0, 10) ? `${time} UTC` : dateTimeUtc(at)
}

/** `22 Nov 02:31 UTC`. */
export function dateTimeUtc(at: number): string {
  const date = new Date(at)
  const month = date.toLocaleString('en-GB', { month: 'short', timeZone: 'UTC' })
  return `${String(date.getUTCDate())} ${month} ${date.toISOString().slice(11, 16)} UTC`
}

// What a new look found different from what people were shown, in a few words of our own. Never quotes what is from outside.
import type { MailCopy, MailEvidence } from './mail.js'
import type { LeftOutReason, Plan } from './plan.js'

export interface Shown {
  mail: MailEvidence | null
  plan: Plan | null
}

/** "2 copies more", "1 moved"; empty only where nothing is different. */
export function changesBetween(before: Shown, after: Shown): string[] {
  const [old, now] = [placesOf(before.plan), placesOf(after.plan)]
  const known = [...now].flatMap(([copy, place]) => {
    const was = old.get(copy)
    return was === undefined ? [] : [{ was, place }]
  })
  const counts: [number, string][] = [
    [now.size - known.length, 'more'],
    [old.size - known.length, 'gone']
  ]
  const others: [number, string][] = [
    [known.filter(({ was, place }) => was.location !== place.location).length, 'moved'],
    [known.filter(({ was, place }) => place.leftOut !== null && was.leftOut === null).length, 'left out now'],
    [known.filter(({ was, place }) => place.leftOut === null && was.leftOut !== null).length, 'no longer left out']
  ]
  const evidence = JSON.stringify(before.mail) !== JSON.stringify(after.mail)
  const limit = before.plan?.overLimit !== after.plan?.overLimit
  return [
    ...counts.flatMap(([count, what]) =>
      count > 0 ? [`${amount(count)} ${count === 1 ? 'copy' : 'copies'} ${what}`] : []
    ),
    ...others.flatMap(([count, what]) => (count > 0 ? [`${amount(count)} ${what}`] : [])),
    ...(evidence ? ['Defender says something else of the mail'] : []),
    ...(limit ? ['the limit of the policy'] : [])
  ]
}

interface Place {
  location: MailCopy['location']
  leftOut: LeftOutReason | null
}

function placesOf(plan: Plan | null): Map<string, Place> {
  const key = (copy: MailCopy) => `${copy.networkMessageId} ${copy.recipientEmailAddress.toLowerCase()}`
  return new Map([
    ...(plan?.copies ?? []).map((copy): [string, Place] => [key(copy), { location: copy.location, leftOut: null }]),
    ...(plan?.leftOut ?? []).map(({ copy, reason }): [string, Place] => [
      key(copy),
      { location: copy.location, leftOut: reason }
    ])
  ])
}

function amount(count: number): string {
  return count.toLocaleString('en-US')
}

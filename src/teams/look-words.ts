// What is said where looking a mail up ended without a plan, on the card and to whoever reported it. None of it may sound like "nothing to worry about".
import type { CaseRecord, LookAnswer, LookProblem } from '../case/case.js'
import { caseName } from '../case/case.js'
import { type Caps, type Line, foreign, formatTime, own } from './card-text.js'

/** The note of a report whose pasted headers name no mail by id; our own words. */
export const pastedWithoutId = 'Headers were pasted that name no mail by id.'

const unsafe = 'That does not mean it is safe: do not click, reply or forward.'

const toReporters: Record<LookAnswer, (name: string) => string> = {
  nothing: (name) =>
    `${name}: I could not find this mail yet. ${unsafe} New mail can take 15 minutes to appear. The security team has your report and can look again.`,
  forbidden: (name) =>
    `${name}: I am not allowed to look this mail up, because a permission is missing here. ${unsafe} The security team has your report and sees what is missing.`,
  noLicence: (name) =>
    `${name}: I cannot look this mail up, because a licence is missing here. ${unsafe} The security team has your report and sees what is missing.`,
  tooOld: (name) =>
    `${name}: I could not find this mail. It seems to be more than 30 days old, and Defender keeps mail for 30 days. ${unsafe} The security team has your report; if the mail is still in your mailbox, tell them.`,
  cloudWithoutApi: (name) =>
    `${name}: this organisation's cloud does not let me look mail up. ${unsafe} The security team has your report and has to look in Defender itself.`
}

/** In plain words, for somebody who has never heard of Graph. */
export function toReporter({ number }: Pick<CaseRecord, 'number'>, answer: LookAnswer): string {
  return toReporters[answer](caseName(number))
}

/** @param reason goes on after "your file could not be read:". */
export function fileUnreadable(reason: string): string {
  return `I could not read the file itself: ${reason}. That says nothing about the mail in it. The security team sees the file's name and fingerprint; you can also paste the mail’s headers after \`report\`.`
}

/** The head of the card, after the case's name. */
export const problemHeads = {
  tooOld: 'older than what Defender keeps',
  cloudWithoutApi: 'this cloud has no way to do it',
  includedMissing: 'an included message is not listed'
} as const

export const tooOldTitle = 'Nothing found, too old'

const kept: Line = { runs: [own('The report is kept. This says nothing about the mail.')] }

type NewProblem = Extract<LookProblem, { kind: keyof typeof problemHeads }>

/** Why there is no plan, and what to do next. */
export function problemWords(problem: NewProblem, now: number, caps: Caps, nextLook: string): Line[] {
  switch (problem.kind) {
    case 'tooOld':
      return [
        {
          runs: [
            own(`Defender lists no such mail, and the report dates it ${formatTime(problem.sentAt, now)}. `),
            own('Defender keeps mail for 30 days: what is older can be neither looked up nor removed here.')
          ]
        },
        { runs: [own('Search the mailbox itself, in Exchange or Purview. The date is the report’s claim.')] },
        kept
      ]
    case 'cloudWithoutApi':
      return [
        {
          runs: [
            own('This Microsoft Graph has no such operation ('),
            foreign(problem.code, caps.name),
            own(`, version ${problem.version}). US Government and China clouds do not have it.`)
          ]
        },
        { runs: [own('Handle the mail in Defender Explorer. In the global cloud, check GRAPH_API_VERSION.')] },
        kept
      ]
    case 'includedMissing':
      return [
        {
          runs: [
            own('Defender lists no copy of the included message '),
            foreign(problem.networkMessageId, caps.address),
            own('. A plan without it would be smaller than the one asked for, so none is shown.')
          ]
        },
        { runs: [own(`${nextLook} Or go back to this message alone.`)] },
        kept
      ]
  }
}

// Everything the bot says in chat, in one place. Markdown of our own words only; names pass through plainName first.
import type { OpenAnswer } from '../case/ports.js'
import { caseName } from '../case/case.js'
import type { TakenReports } from '../intake/open-reports.js'
import { exampleMessage } from './commands.js'
import { formatTime, mailboxes } from './card-text.js'
import type { SourceStatus } from './desk.js'
import { sanitize } from './sanitize.js'

/** Paragraphs, as Markdown parts them. */
export const lines = (...parts: string[]) => parts.join('\n\n')

/** A display name that cannot format, mention or link anything in a Markdown message. */
export function plainName(name: string): string {
  const plain = withoutMarkup(sanitize(name, 60))
  // Only now, because taking markup out can join what it parted; and without brackets, which are markup.
  const clean = plain.replace(/http(?=s?:)/gi, 'hxxp').replace(/www\./gi, 'www ')
  return clean.trim() === '' ? 'somebody' : clean
}

function withoutMarkup(text: string): string {
  return text.replace(/[*_~`#|\\<>[\](){}!]/g, '')
}

export const help = lines(
  '**Phish Triage** takes reports of phishing mail. When an analyst approves, it asks Defender to remove the mail and posts the tracking link.',
  `**report** *message* [note]: report a mail, for example \`report ${exampleMessage}\`. You can also paste the mail's headers after report, or send me the mail as an .eml or .msg file in a personal chat.`,
  '**triage** *message* [recipient …]: open a case and ask for a decision (analysts).',
  '**find** from:*sender* subject:"*words*" since:24h: list the messages that match, and open a case from the list (analysts).',
  '**include** PT-1042 v1 · **exclude** PT-1042 v1: plan for the similar messages too, or only for the one, in the SOC channel (analysts).',
  '**case** PT-1042 · **queue**: what became of a case, step by step, and what waits (analysts).',
  '**history** [page] · **stats** [7d or 30d]: cases that have ended, and how much there was and how long it took (analysts).',
  '**audit** PT-1042: who did what in a case, as the audit log has it (approvers).',
  '**approve** PT-1042 v1 softDelete medium *reason* · **reject** PT-1042 v1 *reason* · **done** PT-1042 v1 *reason* (found in Action Center): decide without the buttons, in the SOC channel (approvers). **withdraw** PT-1042 v1: take back your approval while it waits for others.',
  '**undo** PT-1042 [reason]: propose to move the mail back to the inbox, in the SOC channel (analysts). It needs an approval.',
  '**whoami**: your ids and what you may do.'
)

export const greeting = lines(
  'Hello. I take reports of phishing mail to your security team.',
  `Type \`report\` and the message's id, or send me the mail as an .eml file in a personal chat. \`help\` lists everything.`
)

export const thanks = 'You are welcome. Type `help` to see what I can do.'

export const unknown = lines(
  'I did not understand that. To report a mail, type `report` followed by its Message-ID or its pasted headers, or send me the mail as an .eml file in a personal chat.',
  'Type `help` to see everything I can do.'
)

export function malformed(problem: string, example: string): string {
  return lines(problem, `For example: \`${example}\``)
}

export const howToReport = lines(
  'I can take a mail as an .eml or .msg file (drag it from Outlook into this chat), its pasted headers after `report`, or its Message-ID after `report`.',
  'Nothing was reported yet.'
)

export const noIdentifier = lines(
  'I found no Message-ID and no network message id in that.',
  'Send the mail as an .eml file in a personal chat, or paste its headers after `report`. Nothing was reported yet.'
)

export const filesOnlyInPersonalChat =
  'Teams does not hand me files in a channel. Send me the mail as an .eml or .msg file in a personal chat.'

/** @param sent how many files the message had; those that are no mail, and those after the tenth, are not read. */
export function readingFiles(reading: number, sent: number): string {
  const taken =
    reading === 1
      ? 'I have your file and am reading it. The case number follows here.'
      : `I have ${String(reading)} files and am reading them. The case numbers follow here.`
  if (reading === sent) return taken
  return lines(
    taken,
    `You sent ${String(sent)} files and I read ${String(reading)} of them: .eml and .msg files only, at most ten in one message.`
  )
}

export function fileProblem(reason: string): string {
  return lines(
    `I could not read your file: ${reason}.`,
    'Nothing was reported yet. Paste the mail’s headers after `report`, or type `report` and its Message-ID.'
  )
}

/** One file, or one message in Teams, can hold several mails; a limit may have stopped it halfway. */
export function reportedAll({ numbers, limitedAt }: TakenReports): string {
  const [first] = numbers
  if (first === undefined) return limitedAt === null ? noIdentifier : limited(limitedAt)
  const names = numbers.map((number) => `**${caseName(number)}**`).join(', ')
  const taken =
    numbers.length === 1
      ? reported(first, false)
      : lines(
          `Thank you. Your report has arrived as ${names}: it holds more than one mail. The security team is looking at them.`,
          '**Until then: do not click, reply or forward.**'
        )
  return limitedAt === null
    ? taken
    : lines(
        taken,
        'There were more mails in it, which I did not take: you have too many reports that Defender does not know yet.'
      )
}

export const noQuotedMessage = 'Teams did not say which message you mean. Nothing was reported; try again.'

export function reported(number: number, joined: boolean): string {
  return lines(
    `Thank you. Your report has arrived as **${caseName(number)}**${joined ? ', together with reports of the same mail by others' : ''}. The security team is looking at it.`,
    '**Until then: do not click, reply or forward.**'
  )
}

type Opened = Exclude<OpenAnswer, { kind: 'limited' }>

export function triaged(opened: Opened): string {
  return openedWords(opened, `**${caseName(opened.record.number)}**`)
}

/** The answer to a button is shown as plain text. */
export function openedByClick(opened: Opened): string {
  return openedWords(opened, caseName(opened.record.number))
}

function openedWords(opened: Opened, name: string): string {
  const { record } = opened
  if (opened.kind === 'joined') return `${name} is already open for this mail. ${joinedWords(opened)}`
  const before =
    record.previousCase === null ? '' : ` This mail was handled before as ${caseName(record.previousCase)}.`
  return `${name} is open. I am looking the mail up; its card comes to the SOC channel.${before}`
}

function joinedWords({ record, narrowed }: Extract<OpenAnswer, { kind: 'joined' }>): string {
  if (narrowed === 'no') return 'Its card is in the SOC channel.'
  if (narrowed === 'tooLate') return 'It is already approved, so its mailboxes stay as they are.'
  const named = record.recipients.length
  const acts = named === 0 ? 'It acts on every mailbox again' : `It now acts only on the ${mailboxes(named)} you named`
  return `${acts}; a new plan version follows.`
}

export const searching = 'Looking; the list follows here.'

export function limited(waiting: number): string {
  return lines(
    `You have ${String(waiting)} reports in the last hour that Defender does not know yet. I take ten of those an hour from one person.`,
    'Nothing was reported now. If it is urgent, call your security team; otherwise try again later.'
  )
}

export const notSetUp =
  'The bot is not set up yet: no SOC channel is configured. Until then I answer only `help` and `whoami`.'
export const notHere = 'I am not set up to work here, and I take no reports here. Send me reports in a personal chat.'
export const onlyHelpHere = 'In this channel I answer only `help` and `whoami`. Use the SOC channel or a personal chat.'
export const decideInChannel =
  'Decisions count only in the SOC channel, where everybody can see them. Nothing was changed.'
export const whoAreYou = 'Teams did not tell me who you are, so I can take nothing from you here.'
export const unknownCase = 'I know no such case. `queue` lists the open ones.'
export const unknownButton = 'I do not know this button. Nothing was changed. Type `help` to see what I can do.'
export const looking = 'Looking again. The card changes when Defender has answered.'
export const lookingIsOver = 'This case is no longer waiting for a look. The card shows where it stands.'
export const proposing = 'Reading the mailboxes again. A new plan version follows on the card and needs a new approval.'

export function refusal(reasons: string[]): string {
  return lines(...reasons, 'The case is unchanged.')
}

export function failure(reference: string): string {
  return lines(
    'Something failed on my side. If the card still asks for a decision, nothing was recorded: try again.',
    `Reference: ${reference}`
  )
}

export function messageFailure(reference: string): string {
  return lines(
    'Something failed on my side. If you have no case number, nothing was recorded: try again.',
    `Reference: ${reference}`
  )
}

export function severalFound(from: string, cases: string[], more: boolean): string {
  const count = String(cases.length)
  return lines(
    more
      ? `${from}: this Message-ID stands for more than ${count} messages. The first ${count} are cases of their own; for others, triage their network message ids:`
      : `${from}: this Message-ID stands for ${count} messages. Each is a case of its own:`,
    cases.join(' · '),
    'Type `case` and a number to see one.'
  )
}

export const cannotResolve =
  'I could not look up the Message-ID: the bot lacks the permission ThreatHunting.Read.All. Report the networkMessageId (a GUID) instead; it is in the mail’s header X-MS-Exchange-Organization-Network-Message-Id.'

export const emptyQueue = 'No case is open. `report` or `triage` starts one.'

export function reportedSummary(number: number): string {
  return `${caseName(number)}: thank you, your report has arrived`
}

export function queueSummary(total: number): string {
  return total === 1 ? '1 open case' : `${String(total)} open cases`
}

/** The one welcome of an installation. */
export function welcome(facts: { installer: string; scope: 'personal' | 'team'; setUp: string[] }): string {
  const by = facts.installer === '' ? '' : ` ${plainName(facts.installer)} installed me.`
  const left =
    facts.setUp.length === 0
      ? 'I am set up: reports become cards in the SOC channel.'
      : `An administrator has to finish the set-up: ${facts.setUp.join(' ')}`
  const first =
    facts.scope === 'personal'
      ? 'Send me a suspicious mail as an .eml file, or type `report` and its Message-ID. I tell you the case number.'
      : 'In the SOC channel, analysts open a case with `triage` and a message id; approvers decide on its card. I act only on an approval that the policy allows, and on standard channels only.'
  return lines(`I am Phish Triage.${by}`, first, left, 'Type `help` for all commands, `whoami` for what you may do.')
}

export interface WhoAmI {
  objectId: string
  tenantId: string
  conversationId: string
  rulings: { deed: string; ruling: { allowed: boolean; reasons: string[] } }[]
  problems: string[]
  sources: SourceStatus[]
  /** Epoch milliseconds. */
  now: number
}

const sourceNames = {
  alerts: 'Defender alerts',
  submissions: 'User submissions',
  mailbox: 'Reporting mailbox'
}

/** An error stays to be seen after a success, because it may come and go. */
function sourceLine({ name, lastSuccessAt, lastError }: SourceStatus, now: number): string {
  const read = lastSuccessAt === null ? 'not read yet' : `last read ${formatTime(lastSuccessAt, now)}`
  if (lastError === null) return `${sourceNames[name]}: ${read}. No error.`
  const reason = withoutMarkup(sanitize(lastError.reason, 300))
  const line = `${sourceNames[name]}: ${read}. Last error ${formatTime(lastError.at, now)}: ${reason}`
  return lastError.at > (lastSuccessAt ?? 0) ? `**Needs attention:** ${line}` : line
}

export function whoami(facts: WhoAmI): string {
  return lines(
    `Your object id: \`${facts.objectId}\``,
    `Tenant: \`${facts.tenantId}\``,
    `This conversation: \`${facts.conversationId.replace(/`/g, '')}\``,
    ...facts.rulings.map(
      ({ deed, ruling }) => `${deed}: **${ruling.allowed ? 'yes' : 'no'}**. ${ruling.reasons.join(' ')}`
    ),
    ...facts.sources.map((source) => sourceLine(source, facts.now)),
    ...facts.problems.map((problem) => `**Needs attention:** ${problem}`)
  )
}

export const setUpProblems = {
  noChannel: 'No SOC channel is configured: set SOC_CHANNEL_ID, or channel in the policy file.',
  nobodyMayApprove: 'Nobody may approve: approvers in the policy file is empty.',
  noFileHosts: 'Files cannot be taken: set FILE_HOSTS to the hosts of your SharePoint.'
}

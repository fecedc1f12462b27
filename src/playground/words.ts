// What the playground's terminal says. Short and calm: it must fit on one screen.
import { BOT_NAME, CHANNEL_NAME, TEAM_NAME } from './agents-playground.js'
import { type SeededWay, seededWays } from './report-inlet.js'
import { MAIL, PEOPLE, SHARED_MESSAGE_ID } from './tenant.js'

export interface Addresses {
  ui: string
  bot: string
  graph: string
}

export function busyPort(what: string, wanted: number, taken: number): string {
  return `Port ${String(wanted)} is busy: ${what} uses ${String(taken)}.`
}

export function started(addresses: Addresses, logFolder: string): string {
  return `
Phish Triage is running on this machine, with a simulated Microsoft Graph and no tenant.

  Open      ${addresses.ui}
  You are   Dana Weber, an approver of ${TEAM_NAME}

In the channel "${CHANNEL_NAME}" post this. For the name, type @ and choose it from the list:

  @${BOT_NAME} triage ${MAIL.mailboxFull}

A card appears. Choose an action and a severity, give a reason, press Approve.

Then try in the same way
  triage ${MAIL.payslip}   one mailbox is protected and is left out
  triage ${SHARED_MESSAGE_ID}    two mails share this Message-ID
  triage ${MAIL.hostile}   a subject that attacks the card
  triage ${MAIL.campaign}   one of six alike: Include them makes one plan over all
and in the personal chat, as an employee would
  report ${MAIL.internalPhish}   Ben did not send this

The other ways in, each from a second terminal. The card comes within a minute, as Defender is asked once a minute:
  npm run playground:report -- mail.eml      drops a file, or several, .eml or .msg, into the personal chat
  npm run playground:report -- alert         Defender raises an alert on a reported mail
  npm run playground:report -- submission    a user submission; simulation: one of a phishing simulation
  npm run playground:report -- mailbox       a mail to the reporting mailbox; notJunk: one that should come back
  "Report phish" on a message: its menu "…", Action Command, command id reportPhish

A second person, to approve what needs two, from a second terminal:
  npm run playground -- --as ana             Ana Silva, an approver too, in a chat of her own

  Keep one browser tab: a reload forgets the conversation.
  Bot       ${addresses.bot}
  Graph     ${addresses.graph}/_simulator/ledger shows what it was asked
  Logs      ${logFolder}

Press Ctrl-C to end all of it.`
}

export function startedAs(name: string, ui: string): string {
  return `
A second chat, on the bot that runs already.

  Open      ${ui}
  You are   ${name}

In the channel "${CHANNEL_NAME}" post "@${BOT_NAME} case PT-1001" with the case's number: its card comes here, and its
buttons count as yours. The bot edits the card in the first chat; type case again to see it here.

Press Ctrl-C to end this chat; the playground goes on.`
}

export const asWhom = `After --as comes one of: ${Object.keys(PEOPLE).join(', ')}.
For example: npm run playground -- --as ana`

export const reportUsage = `Name one or more .eml or .msg files, or one of: ${seededWays.join(', ')}.
For example: npm run playground:report -- mail.eml`

export const nothingRuns = 'No playground runs. Start it with "npm run playground" in another terminal, and try again.'

export function noSuchFile(path: string): string {
  return `${path} cannot be read. ${reportUsage}`
}

export function inletRefused(why: string): string {
  return `The playground could not take it: ${why}`
}

export function dropped(names: string[]): string {
  return `Dropped into the personal chat: ${names.join(', ')}.`
}

const happened: Record<SeededWay, string> = {
  alert: 'Defender has raised an alert on a mail that Priya reported.',
  submission: 'Priya has submitted a mail as phish.',
  simulation: 'Priya has submitted a mail of a phishing simulation.',
  mailbox: 'Tom has sent a mail to the reporting mailbox.',
  notJunk: 'Priya has sent a mail to the reporting mailbox that was junked by mistake.'
}

export function raised(way: SeededWay): string {
  return `${happened[way]} The bot asks once a minute: its card comes to "${CHANNEL_NAME}".`
}

export const stopping = '\nEnding.'
export const stopped = 'Everything has ended.'

export function childDied(name: string, how: string, logFolder: string): string {
  return `\n${name} ${how}, so the playground ends. Logs: ${logFolder}`
}

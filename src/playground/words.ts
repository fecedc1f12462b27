// What the playground's terminal says. Short and calm: it must fit on one screen.
import { BOT_NAME, CHANNEL_NAME, TEAM_NAME } from './agents-playground.js'
import { MAIL, SHARED_MESSAGE_ID } from './tenant.js'

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
and in the personal chat, as an employee would
  report ${MAIL.internalPhish}   Ben did not send this

  Keep one browser tab: a reload forgets the conversation.
  Bot       ${addresses.bot}
  Graph     ${addresses.graph}/_simulator/ledger shows what it was asked
  Logs      ${logFolder}

Press Ctrl-C to end all of it.`
}

export const stopping = '\nEnding.'
export const stopped = 'Everything has ended.'

export function childDied(name: string, how: string, logFolder: string): string {
  return `\n${name} ${how}, so the playground ends. Logs: ${logFolder}`
}

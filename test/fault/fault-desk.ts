// A SOC under a clock that stands still, and what its two ledgers and its channel say. Never looks into the bot.
import assert from 'node:assert/strict'
import type { RequestEntry } from '../../src/playground/graph-simulator/index.js'
import type { ConnectorEntry, ConnectorOperation } from '../../src/playground/teams/connector.js'
import {
  type Answer,
  type CardButton,
  type Someone,
  buttonsOf,
  click,
  inputsOf
} from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { type Message, type Soc, type SocOptions, channelId, dana, openSoc } from '../flow/soc.js'
import { TestClock } from '../test-clock.js'

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute

/** The seeded mail of these tests: three copies, all within reach. */
export const mail = MAIL.internalPhish

export interface Desk extends Soc {
  clock: TestClock
  /** Moves the clock and lets the bot finish what fell due. */
  pass(ms: number): Promise<void>
}

export async function openDesk(options: Omit<SocOptions, 'clock'> = {}): Promise<Desk> {
  const clock = new TestClock()
  // Nothing moves unless a test wants it: whatever the bot says to have seen moved is untrue.
  const soc = await openSoc({ moveDelayMs: 60 * 24 * hour, ...options, clock })
  return Object.assign(soc, {
    clock,
    async pass(ms: number) {
      clock.advance(ms)
      await soc.settle()
    }
  })
}

/** A button of a card wherever it stands, pressed with the inputs as they are and these on top. */
export function pressOn(soc: Pick<Soc, 'room'>, who: Someone, message: Message, press: Press): Promise<Answer> {
  const button = buttonOf(message, press.title)
  const inputs = { ...inputsOf(message.card), ...press.inputs }
  return click(soc.room, who, message, { button, inputs })
}

interface Press {
  title: string
  inputs?: Record<string, string>
}

function buttonOf(message: Message, title: string): CardButton {
  const button = buttonsOf(message.card).find((each) => each.title === title)
  assert.ok(button, `there is no button ${title} on:\n${message.words}`)
  return button
}

export function buttonTitles(message: Message): string[] {
  return buttonsOf(message.card).map(({ title }) => title)
}

export const approval = { title: 'Approve', inputs: { reason: 'Password page confirmed' } }

export async function triage(soc: Soc, who: Someone = dana, message: string = mail): Promise<void> {
  assert.equal((await soc.say(who, `triage ${message}`)).status, 200)
  await soc.settle()
}

export async function approve(soc: Soc, who: Someone = dana): Promise<Answer> {
  const answer = await pressOn(soc, who, soc.card(), approval)
  assert.equal(answer.status, 200)
  await soc.settle()
  return answer
}

/** All copies of case cards that stand in the channel, the oldest first. */
export function caseCards(soc: Pick<Soc, 'messages'>): Message[] {
  // A card begins a thread of its own; what is said of a remediation stands in that thread.
  return inChannel(soc).filter((each) => each.conversationId === `${channelId};messageid=${each.activityId}`)
}

export function linkReplies(soc: Pick<Soc, 'messages'>): Message[] {
  return inChannel(soc).filter(({ words }) => isLink(words))
}

function inChannel(soc: Pick<Soc, 'messages'>): Message[] {
  return soc.messages().filter(({ card, conversationId }) => card !== undefined && conversationId.startsWith(channelId))
}

/** Its title says what was submitted, or what was seen of that since. */
const isLink = (words: string) => /^PT-\d+(?: submitted|: removed from \d[^]*\nApproved by)/.test(words)

export function remediates(soc: Pick<Soc, 'graph'>): RequestEntry[] {
  return soc.graph.ledger.requests.filter(({ operation }) => operation === 'remediate')
}

export function looks(soc: Pick<Soc, 'graph'>): RequestEntry[] {
  return soc.graph.ledger.requests.filter(({ operation }) => operation === 'analyzedEmails')
}

export function posted(soc: Pick<Soc, 'teams'>, operation: ConnectorOperation): ConnectorEntry[] {
  return soc.teams.entries.filter((entry) => entry.operation === operation)
}

/** How many remediate requests arrived, and how many of them Graph took. */
export function assertCounts(soc: Pick<Soc, 'graph'>, requests: number, accepted: number): void {
  const { ledger } = soc.graph
  assert.deepEqual({ requests: remediates(soc).length, accepted: ledger.accepted.length }, { requests, accepted })
}

/** Nothing that stands in the channel claims more than is known. */
export function assertNoProofClaimed(soc: Pick<Soc, 'messages'>): void {
  for (const { words } of soc.messages()) {
    assert.doesNotMatch(
      words.replace(/nothing was removed|removed from 0 of|mark as done/gi, ''),
      /\b(?:done|removed|deleted from|completed)\b/i
    )
  }
}

/** Reads the mailboxes again, needs a new approval of the new plan version, and sends that. */
export async function assertProposeAgainWorks(soc: Soc, from: { version: number }): Promise<void> {
  const before = { requests: remediates(soc).length, accepted: soc.graph.ledger.accepted.length }
  assert.equal((await pressOn(soc, dana, soc.card(), { title: 'Propose again' })).status, 200)
  await soc.settle()
  assert.match(soc.card().words, /Needs a decision/)
  assert.match(soc.card().words, new RegExp(`PT-\\d+ · v${String(from.version + 1)}\\b`))
  assert.equal(remediates(soc).length, before.requests, 'nothing is sent before the new approval')
  await approve(soc)
  assert.match(soc.card().words, /Submitted/)
  assertCounts(soc, before.requests + 1, before.accepted + 1)
  assert.equal(linkReplies(soc).length, 1)
}

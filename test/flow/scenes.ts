// What many chat-shaped tests begin with and read: a case that waits for a decision, what a click was told, what was POSTed.
import assert from 'node:assert/strict'
import { type Answer, type CardButton, buttonsOf, readCard } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { type Message, type Soc, type SocOptions, channelId, openSoc, tom } from './soc.js'

/**
 * Opens a SOC for each test of a `describe`, or one for all where the tests leave nothing behind, and closes it; the
 * answer gives the current one.
 */
export function aSoc(options: () => SocOptions = () => ({}), each: 'test' | 'describe' = 'test'): () => Soc {
  let soc: Soc | undefined
  const [open, close] = each === 'test' ? [beforeEach, afterEach] : [before, after]
  open(async () => {
    soc = await openSoc(options())
  })
  close(async () => {
    await soc?.close()
    soc = undefined
  })
  return () => {
    assert.ok(soc)
    return soc
  }
}

/** Tom triages a mail in the channel; its card is there when this resolves. */
export async function openCase(soc: Soc, mail: string = MAIL.mailboxFull, ...recipients: string[]): Promise<Message> {
  const before = new Set(soc.messages().map(({ activityId }) => activityId))
  await soc.say(tom, ['triage', mail, ...recipients].join(' '))
  await soc.settle()
  const opened = soc.messages().find((message) => !before.has(message.activityId) && isCaseCard(message))
  assert.ok(opened, 'the triage led to no new card')
  return opened
}

function isCaseCard({ activityId, conversationId }: Message): boolean {
  return conversationId === `${channelId};messageid=${activityId}`
}

const message = 'application/vnd.microsoft.activity.message'
const card = 'application/vnd.microsoft.card.adaptive'

/** The words of a click's answer that leaves the card as it is. */
export function messageTold(answer: Answer): string {
  return told(answer, message)
}

/** All words of the card that the clicker alone sees as the answer. */
export function cardTold(answer: Answer): string {
  return told(answer, card)
}

function told({ status, body }: Answer, expected: string): string {
  const { statusCode, type, value } = body as { statusCode?: unknown; type?: unknown; value?: unknown }
  assert.deepEqual({ status, statusCode, type }, { status: 200, statusCode: 200, type: expected })
  return typeof value === 'string' ? value : readCard(value)
}

/** The bodies of all remediate requests that arrived, accepted or not. */
export function remediations(soc: Soc): unknown[] {
  return soc.graph.ledger.requests.filter(({ operation }) => operation === 'remediate').map(({ body }) => body)
}

/** How often Defender was asked for a mail. */
export function looks(soc: Soc): number {
  return soc.graph.ledger.requests.filter(({ operation }) => operation === 'analyzedEmails').length
}

export function button(message: Message, title: string): CardButton {
  const found = buttonsOf(message.card).find((each) => each.title === title)
  assert.ok(found, `no button ${title} on:\n${message.words}`)
  return found
}

/** What the bot said since a moment, oldest first. */
export function newWords(soc: Soc, before: number): string[] {
  return soc
    .messages()
    .slice(before)
    .map(({ words }) => words)
}

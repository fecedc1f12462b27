// The log of a whole run, at its most talkative and without redaction: no token, and nothing of what is in a mail or was typed.
import assert from 'node:assert/strict'
import { pino } from 'pino'
import { type Answer, activityOf, send } from '../../src/playground/teams/person.js'
import { MAIL, SHARED_MESSAGE_ID } from '../../src/playground/tenant.js'
import { openCase } from '../flow/scenes.js'
import { dana, priya, tom } from '../flow/soc.js'
import { createIssuerKey } from '../http/local-issuer.js'
import { type GuardedSoc, connectorToken, openGuardedSoc, roomWith } from './room-with-tokens.js'

/** None of these may be in a log. */
const secrets: [string, RegExp][] = [
  ['the token of the bot', new RegExp(connectorToken)],
  ['a signed token', /eyJ[\w-]+\.[\w-]+/],
  ['an authorization header', /Bearer /],
  ['a password', /not-used/],
  ['a subject', /Your mailbox is full|Town hall|Invoice 5521|Quokka subject/],
  ['a sender', /contos0-support|IT-Helpdesk|billing-desk/],
  ['a recipient', /ana\.silva|ben\.okafor/],
  ['a URL of the mail', /verify\?id=8841/],
  ['a note', /Quokka note/],
  ['a reason', /Quokka reason/],
  ['a chat text', /Quokka chat/],
  ['a header', /Quokka header/],
  ['a key that a card carried with a value', /Quokka value/]
]

describe('the log', () => {
  let guarded: GuardedSoc
  let lines: string[]
  beforeEach(async () => {
    lines = []
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
    guarded = await openGuardedSoc({ log })
  })
  afterEach(() => guarded.close())

  it('of a run with refusals and failures on every side names none of it', async () => {
    const { soc, issuer } = guarded
    await openCase(soc)
    await soc.say(priya, `report ${MAIL.mailboxFull} Quokka note`, 'personal')
    await soc.say(
      priya,
      `report Subject: Quokka subject\nX-Odd: Quokka header\nMessage-ID: ${SHARED_MESSAGE_ID}`,
      'personal'
    )
    await soc.say(tom, 'Quokka chat', 'personal')

    // Refused at the gate, for every kind of reason.
    const activity = activityOf(soc.room, tom, 'channel', { type: 'message', text: 'Quokka chat' })
    const key = await createIssuerKey()
    for (const token of [undefined, 'Bearer x', `Bearer ${await issuer.sign(issuer.claims(), { key })}`]) {
      await send(roomWith(soc.room, token), activity)
    }
    await send(soc.room, { ...activity, channelId: 'Quokka chat' })
    const broken = {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
      body: '{"text":"Quokka chat"'
    }
    assert.ok((await fetch(`${soc.room.botUrl}/api/messages`, broken)).status >= 400)

    // Teams and Graph fail, and a card carries what no card of ours has.
    soc.teams.fail({ match: 'post', status: 502 })
    await soc.say(tom, 'help', 'personal')
    soc.teams.fail({ match: 'update', status: 500 })
    soc.graph.faults.add({
      match: 'remediate',
      answer: { status: 400, body: { error: { code: 'Bad', message: 'Quokka reason' } } }
    })
    soc.graph.faults.add({ match: 'users', answer: { status: 500, body: 'Quokka value' } })
    await soc.press(tom, 'Approve', { reason: 'Quokka reason' })
    await soc.press(dana, 'Approve', { reason: 'Quokka reason', added: 'Quokka value' })
    await soc.settle()

    const log = lines.join('')
    assert.ok(lines.length > 5, log)
    for (const words of [/request refused/, /Teams did not take an answer/, /no card of ours has/])
      assert.match(log, words)
    for (const [what, pattern] of secrets) assert.doesNotMatch(log, pattern, what)
  })

  it('of a turn that fails has its name and place, not its message', async () => {
    const { soc } = guarded
    const activity = activityOf(soc.room, tom, 'channel', { type: 'message', text: 'Quokka chat' })
    delete activity.conversation
    let answer: Answer = { status: 0, body: null }
    const printed = await printedWhile(async () => {
      answer = await send(soc.room, activity)
    })
    assert.doesNotMatch(printed, /missing|activity\.conversation/)
    assert.doesNotMatch(JSON.stringify(answer.body), /Quokka|TypeError|undefined|\.[jt]s:/)
    for (const [what, pattern] of secrets) assert.doesNotMatch(lines.join(''), pattern, what)
  })
})

/** What the process writes to its standard error meanwhile: libraries print there past the log. */
async function printedWhile(work: () => Promise<void>): Promise<string> {
  const printed: string[] = []
  const write = process.stderr.write.bind(process.stderr)
  process.stderr.write = (chunk: string | Uint8Array) => printed.push(chunk.toString()) > 0
  try {
    await work()
  } finally {
    process.stderr.write = write
  }
  return printed.join('')
}

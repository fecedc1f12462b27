// Where the bot works and where it does not: other channels, other teams, group chats, before set-up; and its welcome.
import assert from 'node:assert/strict'
import { type Where, activityOf, send } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import * as words from '../../src/teams/words.js'
import { aSoc, looks } from './scenes.js'
import { type Soc, channelId, dana, priya, teamId, tom } from './soc.js'

const general: Where = { conversationId: '19:general@thread.tacv2;messageid=7', conversationType: 'channel', teamId }
const otherTeam: Where = {
  conversationId: '19:sales@thread.tacv2;messageid=7',
  conversationType: 'channel',
  teamId: '19:sales-team@thread.tacv2'
}
const groupChat: Where = { conversationId: '19:lunch@thread.v2', conversationType: 'groupChat' }

/** Nothing was taken: no look at Defender, and no card in the channel. */
async function assertNothingTaken(soc: Soc): Promise<void> {
  await soc.settle()
  assert.equal(looks(soc), 0)
  assert.throws(() => soc.card())
}

describe('other places', () => {
  const soc = aSoc()

  it('another channel of the SOC team gets help and whoami, and nothing else', async () => {
    await soc().say(tom, 'hello')
    for (const text of ['help', 'whoami', 'hi', `report ${MAIL.mailboxFull}`, `triage ${MAIL.mailboxFull}`, 'queue']) {
      await soc().say(tom, text, general)
    }
    const [help, whoami, ...others] = soc().heard('19:general')
    assert.equal(help, words.help)
    assert.match(whoami ?? '', /This conversation: `19:general@thread\.tacv2`/)
    assert.deepEqual(others, Array(4).fill(words.onlyHelpHere))
    await assertNothingTaken(soc())
  })

  for (const [name, where] of [
    ['another team', otherTeam],
    ['a group chat', groupChat]
  ] as const) {
    it(`${name} is told once, and nothing is taken`, async () => {
      await soc().say(tom, 'hello')
      const before = soc().messages().length
      for (const text of [
        `report ${MAIL.mailboxFull}`,
        `triage ${MAIL.mailboxFull}`,
        'help',
        'approve PT-1 v1 softDelete low x'
      ]) {
        assert.equal((await soc().say(dana, text, where)).status, 200)
      }
      assert.deepEqual(
        soc()
          .messages()
          .slice(before)
          .map(({ words: said }) => said),
        [words.notHere]
      )
      await soc().restart()
      await soc().say(dana, 'help', where)
      assert.equal(soc().messages().length, before + 1)
      await assertNothingTaken(soc())
    })
  }

  it('somebody without an object id is told that nothing can be taken', async () => {
    const activity = activityOf(soc().room, tom, 'personal', { type: 'message', text: `report ${MAIL.mailboxFull}` })
    await send(soc().room, { ...activity, from: { id: '29:anonymous', name: 'Dana Weber' } })
    assert.deepEqual(soc().heard('a:'), [words.whoAreYou])
    await assertNothingTaken(soc())
  })
})

describe('before set-up', () => {
  const soc = aSoc(() => ({ policy: { channelId: '' } }))

  it('answers help and whoami, says what is missing, and takes nothing', async () => {
    for (const text of ['help', 'whoami', `report ${MAIL.mailboxFull}`, 'hi']) await soc().say(priya, text, 'personal')
    const [help, whoami, ...others] = soc().heard('a:')
    assert.equal(help, words.help)
    assert.match(whoami ?? '', /\*\*Needs attention:\*\* No SOC channel is configured: set SOC_CHANNEL_ID/)
    assert.deepEqual(others, [words.notSetUp, words.notSetUp])
    await assertNothingTaken(soc())
  })

  it('tells a channel its id, for the policy', async () => {
    await soc().say(dana, 'whoami')
    assert.match(soc().heard(channelId)[0] ?? '', /This conversation: `19:soc-alerts@thread\.tacv2`/)
  })
})

const botId = '28:phish-triage'

async function install(
  soc: Soc,
  how: 'installationUpdate' | 'conversationUpdate',
  what: 'add' | 'remove',
  where: Where = 'channel'
) {
  const rest =
    how === 'installationUpdate'
      ? { type: how, action: what }
      : { type: how, [what === 'add' ? 'membersAdded' : 'membersRemoved']: [{ id: botId }] }
  assert.equal((await send(soc.room, activityOf(soc.room, dana, where, rest))).status, 200)
}

describe('the welcome', () => {
  const soc = aSoc()

  it('comes once for an installation in a team, however Teams reports it, and names the installer', async () => {
    await install(soc(), 'installationUpdate', 'add')
    await install(soc(), 'conversationUpdate', 'add')
    await install(soc(), 'installationUpdate', 'add')
    const [welcome, ...others] = soc().heard(channelId)
    assert.deepEqual(others, [])
    assert.match(welcome ?? '', /^I am Phish Triage\. Dana Weber installed me\./)
    assert.match(welcome ?? '', /I am set up: reports become cards in the SOC channel/)
    assert.match(welcome ?? '', /Type `help` for all commands/)
  })

  it('comes once in a personal chat, and says how to report', async () => {
    await install(soc(), 'conversationUpdate', 'add', 'personal')
    await install(soc(), 'installationUpdate', 'add', 'personal')
    const [welcome, ...others] = soc().heard('a:')
    assert.deepEqual(others, [])
    assert.match(welcome ?? '', /Send me a suspicious mail as an \.eml file, or type `report` and its Message-ID/)
  })

  it('comes again after the bot was removed and installed anew', async () => {
    await install(soc(), 'installationUpdate', 'add')
    await install(soc(), 'conversationUpdate', 'remove')
    await install(soc(), 'installationUpdate', 'remove')
    await install(soc(), 'conversationUpdate', 'add')
    assert.equal(soc().heard(channelId).length, 2)
  })

  it('does not come again after a restart', async () => {
    await install(soc(), 'installationUpdate', 'add')
    await soc().restart()
    await install(soc(), 'conversationUpdate', 'add')
    assert.equal(soc().heard(channelId).length, 1)
  })

  it('asks Teams for the name where the activity has none', async () => {
    const activity = activityOf(soc().room, { ...dana, name: '' }, 'channel', {
      type: 'installationUpdate',
      action: 'add'
    })
    await send(soc().room, activity)
    assert.match(soc().heard(channelId)[0] ?? '', /^I am Phish Triage\. Somebody installed me\./)
  })

  it('is not for other people who join, nor for a group chat', async () => {
    const joined = { type: 'conversationUpdate', membersAdded: [{ id: `29:${priya.objectId}` }] }
    await send(soc().room, activityOf(soc().room, priya, 'channel', joined))
    await install(soc(), 'installationUpdate', 'add', groupChat)
    assert.deepEqual(soc().messages(), [])
  })
})

describe('the welcome before set-up', () => {
  const soc = aSoc(() => ({ policy: { channelId: '', approvers: { users: [], groups: [] } } }))

  it('names what is left to do', async () => {
    await install(soc(), 'installationUpdate', 'add')
    const [welcome] = soc().heard(channelId)
    assert.match(welcome ?? '', /An administrator has to finish the set-up: No SOC channel .+ Nobody may approve/)
  })
})

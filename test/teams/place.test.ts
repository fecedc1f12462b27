// Who speaks and where, from activities as Teams sends them and as it should never send them.
import assert from 'node:assert/strict'
import type { Activity } from 'botbuilder'
import { baseConversationId, personOf, placeOf, teamIdOf, threadId } from '../../src/teams/place.js'

const channelId = '19:soc@thread.tacv2'
const soc = { channelId, teamId: '19:team@thread.tacv2' }

function activity(parts: Record<string, unknown>): Activity {
  return { conversation: { id: 'x' }, from: {}, ...parts } as unknown as Activity
}

const inChannel = (id: string, team?: unknown, conversationType: string | undefined = 'channel') =>
  activity({ conversation: { id, conversationType }, channelData: team === undefined ? {} : { team: { id: team } } })

describe('place', () => {
  const places: [what: string, activity: Activity, place: string][] = [
    ['a personal chat', activity({ conversation: { id: 'a:1', conversationType: 'personal' } }), 'personal'],
    ['a thread of the SOC channel', inChannel(`${channelId};messageid=17`, soc.teamId), 'socChannel'],
    ['the SOC channel itself', inChannel(channelId), 'socChannel'],
    ['another channel of its team', inChannel('19:other@thread.tacv2;messageid=1', soc.teamId), 'socTeam'],
    ['another team', inChannel('19:other@thread.tacv2', '19:elsewhere@thread.tacv2'), 'elsewhere'],
    ['a group chat', inChannel('19:chat@thread.v2', undefined, 'groupChat'), 'elsewhere'],
    ['a channel whose id only begins like it', inChannel(`${channelId}x;messageid=1`), 'elsewhere'],
    ['a thread that names it later', inChannel(`19:other@thread.tacv2;messageid=${channelId}`), 'elsewhere'],
    ['a team id that is no text', inChannel('19:other@thread.tacv2', { id: soc.teamId }), 'elsewhere'],
    ['no channel data at all', activity({ conversation: { id: 'x' }, channelData: null }), 'elsewhere']
  ]
  for (const [what, given, place] of places) {
    it(`${what} is ${place}`, () => {
      assert.equal(placeOf(given, soc), place)
    })
  }

  it('is nowhere of the SOC while nothing is set up', () => {
    const none = { channelId: '', teamId: null }
    assert.equal(placeOf(inChannel('', undefined), none), 'elsewhere')
    assert.equal(placeOf(inChannel('19:a@thread.tacv2'), none), 'elsewhere')
    assert.equal(placeOf(inChannel(channelId, soc.teamId), none), 'elsewhere')
  })

  it('takes a thread apart and puts it together', () => {
    assert.equal(threadId(channelId, '17'), `${channelId};messageid=17`)
    assert.equal(baseConversationId(threadId(channelId, '17')), channelId)
    assert.equal(baseConversationId('a:1'), 'a:1')
  })

  it('reads a team only from what Teams fills in', () => {
    assert.equal(teamIdOf(inChannel('x', '19:t')), '19:t')
    assert.equal(teamIdOf(inChannel('x', 7)), null)
    assert.equal(teamIdOf(activity({})), null)
  })
})

describe('person', () => {
  it('is the Entra object id in lower case; the name is kept for display', () => {
    const from = { aadObjectId: 'ABC', id: '29:x', name: 'Ana' }
    assert.deepEqual(personOf(activity({ from })), { objectId: 'abc', name: 'Ana' })
    assert.deepEqual(personOf(activity({ from: { aadObjectId: 'abc' } })), { objectId: 'abc', name: '' })
    assert.deepEqual(personOf(activity({ from: { aadObjectId: 'abc', name: 7 } })), { objectId: 'abc', name: '' })
  })

  it('is nobody without one, whatever else is said', () => {
    const strangers = [{}, undefined, { id: '29:x', name: 'abc' }, { aadObjectId: '' }, { aadObjectId: ['abc'] }]
    for (const from of strangers) assert.equal(personOf(activity({ from })), null)
  })
})

// Who is told what: directory, permissions, licence, tokens and the shape of errors. Asks over HTTP only.
import assert from 'node:assert/strict'
import { GROUPS, PEOPLE } from '../../../src/playground/tenant.js'
import { EMAILS, REMEDIATE, json, order, refused, simulatorUnderTest } from './simulator-under-test.js'

describe('the Graph simulator', () => {
  const simulator = simulatorUnderTest()
  const { get, post } = simulator

  describe('the directory', () => {
    it('answers which of the asked groups a user is in', async () => {
      const groupIds = [GROUPS.approvers, GROUPS.analysts, '00000000-0000-4000-8000-000000000009']
      const member = async (id: string) =>
        (await json<{ value: string[] }>(post(`/users/${id}/checkMemberGroups`, { groupIds }))).value
      assert.deepEqual(await member(PEOPLE.ana), [GROUPS.approvers, GROUPS.analysts])
      assert.deepEqual(await member(PEOPLE.tom), [GROUPS.analysts])
      assert.deepEqual(await member(PEOPLE.priya), [])
    })

    it('takes 20 groups, not 21, and ids only', async () => {
      const ask = (groupIds: unknown) => post(`/users/${PEOPLE.ana}/checkMemberGroups`, { groupIds })
      assert.equal((await ask(Array(20).fill(GROUPS.analysts))).status, 200)
      await refused(ask(Array(21).fill(GROUPS.analysts)), 400, 'BadRequest')
      await refused(ask(['SOC analysts']), 400, 'BadRequest')
      await refused(ask(GROUPS.analysts), 400, 'BadRequest')
    })

    it('tells guests and disabled users from members, but only when asked', async () => {
      const user = (id: string, $select?: string) =>
        json<Record<string, unknown>>(get(`/users/${encodeURIComponent(id)}`, $select ? { $select } : {}))
      const dana = await user(PEOPLE.dana)
      delete dana['@odata.context']
      assert.deepEqual(dana, {
        id: PEOPLE.dana,
        displayName: 'Dana Weber',
        userPrincipalName: 'd.weber@contoso.example',
        mail: 'd.weber@contoso.example'
      })
      assert.equal((await user(PEOPLE.guest, 'id,userType')).userType, 'Guest')
      assert.equal((await user(PEOPLE.disabled, 'accountEnabled')).accountEnabled, false)
      assert.equal((await user('gus_fabrikam.example#EXT#@contoso.example')).id, PEOPLE.guest)
      await refused(get(`/users/${PEOPLE.dana}`, { $select: 'password' }), 400, 'BadRequest')
      await refused(get(`/users/${PEOPLE.dana}`, { $expand: 'manager' }), 400, 'BadRequest')
    })

    it('answers 404 for users and groups that are not there', async () => {
      const nobody = '00000000-0000-4000-8000-000000000009'
      const group = await json<{ displayName: string }>(get(`/groups/${GROUPS.approvers}`))
      assert.equal(group.displayName, 'SOC approvers')
      await refused(get(`/groups/${nobody}`), 404, 'Request_ResourceNotFound')
      await refused(get(`/users/${nobody}`), 404, 'Request_ResourceNotFound')
      const membership = post(`/users/${nobody}/checkMemberGroups`, { groupIds: [GROUPS.analysts] })
      await refused(membership, 404, 'Request_ResourceNotFound')
    })
  })

  describe('errors and rights', () => {
    it('names the segment that it does not know, and a version', async () => {
      const message = async (path: string) => (await refused(get(path), 400, 'BadRequest')).message
      assert.equal(await message('/security/incidents'), "Resource not found for the segment 'incidents'.")
      assert.equal(await message('/me'), "Resource not found for the segment 'me'.")
      assert.equal(await message(`${EMAILS}/x/detonate`), "Resource not found for the segment 'detonate'.")
      await refused(fetch(`${simulator.graph.url}/v2.0${EMAILS}`), 400, 'BadRequest')
    })

    it('puts the same request id into the header and the error, and echoes the client’s', async () => {
      const answer = await fetch(`${simulator.graph.url}/v1.0/me`, { headers: { 'client-request-id': 'mine-1' } })
      const { innerError } = await refused(answer, 400, 'BadRequest')
      assert.equal(innerError['request-id'], answer.headers.get('request-id'))
      assert.equal(innerError['client-request-id'], 'mine-1')
      assert.equal(innerError.date, '2026-11-22T02:41:00')
      assert.match((await get(EMAILS)).headers.get('request-id') ?? '', /^[0-9a-f-]{36}$/)
    })

    const calls: [string, () => Promise<Response>, string[]][] = [
      ['the list', () => get(EMAILS), ['SecurityAnalyzedMessage.Read.All']],
      ['remediate', () => post(REMEDIATE, order()), ['SecurityAnalyzedMessage.ReadWrite.All']],
      ['hunting', () => post('/security/runHuntingQuery', {}), ['ThreatHunting.Read.All']],
      ['alerts', () => get('/security/alerts_v2'), ['SecurityAlert.Read.All']],
      [
        'submissions',
        () => fetch(`${simulator.graph.url}/beta/security/threatSubmission/emailThreats`),
        ['ThreatSubmission.Read.All']
      ],
      ['the inbox', () => get(`/users/x/mailFolders('inbox')/messages/delta`), ['Mail.Read']],
      ['attachments', () => get('/users/x/messages/x/attachments'), ['Mail.Read']],
      ['their content', () => get('/users/x/messages/x/attachments/x/$value'), ['Mail.Read']],
      ['users', () => get(`/users/${PEOPLE.dana}`), ['User.Read.All']],
      ['groups', () => get(`/groups/${GROUPS.analysts}`), ['GroupMember.Read.All']],
      [
        'membership',
        () => post(`/users/${PEOPLE.dana}/checkMemberGroups`, { groupIds: [GROUPS.analysts] }),
        ['User.ReadBasic.All', 'GroupMember.Read.All']
      ]
    ]
    for (const [what, call, needed] of calls) {
      it(`answers ${what} only with ${needed.join(' and ')}`, async () => {
        for (const missing of needed) {
          simulator.graph.grant(needed.filter((role) => role !== missing))
          const error = await refused(call(), 403, 'Authorization_RequestDenied')
          assert.equal(error.message, 'Insufficient privileges to complete the operation.')
        }
        simulator.graph.grant(needed)
        assert.notEqual((await call()).status, 403)
      })
    }

    it('lets the higher permission read, and the lower one not write', async () => {
      simulator.graph.grant(['SecurityAnalyzedMessage.ReadWrite.All'])
      assert.equal((await get(EMAILS)).status, 200)
      simulator.graph.grant(['SecurityAnalyzedMessage.Read.All'])
      await refused(post(REMEDIATE, order()), 403, 'Authorization_RequestDenied')
      assert.deepEqual(simulator.graph.ledger.accepted, [])
    })

    it('answers a tenant without the licence differently, and still tells who people are', async () => {
      simulator.graph.licence(false)
      await refused(get(EMAILS), 403, 'InvalidSubscription')
      await refused(post(REMEDIATE, order()), 403, 'InvalidSubscription')
      assert.equal((await get(`/users/${PEOPLE.dana}`)).status, 200)
      simulator.graph.licence(true)
      assert.equal((await get(EMAILS)).status, 200)
    })

    it('of a government cloud has no analyzed mail, and still tells who people are', async () => {
      simulator.graph.cloud('usGov')
      await refused(get(EMAILS), 400, 'BadRequest')
      await refused(post(REMEDIATE, order()), 400, 'BadRequest')
      assert.equal((await get(`/users/${PEOPLE.dana}`)).status, 200)
      simulator.graph.cloud('global')
      assert.equal((await get(EMAILS)).status, 200)
    })

    it('asks for a token where it is told to, and keeps it out of the ledger', async () => {
      await simulator.restart({ requireToken: (bearer) => bearer === 'good-token' })
      const withToken = (value: string) =>
        fetch(`${simulator.graph.url}/v1.0${EMAILS}`, { headers: { Authorization: value } })
      await refused(get(EMAILS), 401, 'InvalidAuthenticationToken')
      await refused(withToken('Bearer bad-token'), 401, 'InvalidAuthenticationToken')
      await refused(withToken('Basic good-token'), 401, 'InvalidAuthenticationToken')
      assert.equal((await withToken('Bearer good-token')).status, 200)
      assert.deepEqual(
        simulator.graph.ledger.requests.map((entry) => entry.hasAuthorization),
        [false, true, true, true]
      )
      assert.doesNotMatch(JSON.stringify(simulator.graph.ledger.requests), /(good|bad)-token/)
    })
  })
})

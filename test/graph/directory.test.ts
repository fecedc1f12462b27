import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Fault } from '../../src/playground/graph-simulator/index.js'
import { GROUPS, PEOPLE } from '../../src/playground/tenant.js'
import { NOW, simulatedGraph, type SimulatedGraph } from './simulated-graph.js'

const BOTH: string[] = [GROUPS.approvers, GROUPS.analysts]

describe('directory', () => {
  let world: SimulatedGraph
  beforeEach(async () => {
    world = await simulatedGraph()
  })
  afterEach(() => world.graph.close())

  const rightsOf = (objectId: string, groups = BOTH) => world.door.directory.rightsOf(objectId, groups)
  const requests = () => world.graph.ledger.requests
  const fault = (what: object) => world.graph.faults.add(what as Fault)

  it('tells groups, guests and disabled accounts', async () => {
    const member = { kind: 'known', guest: false, external: false, enabled: true }
    assert.deepEqual(await rightsOf(PEOPLE.ana), {
      ...member,
      name: 'Ana Silva',
      groups: BOTH,
      addresses: ['ana.silva@contoso.example']
    })
    assert.deepEqual(await rightsOf(PEOPLE.tom), {
      ...member,
      name: 'Tom Berg',
      groups: [GROUPS.analysts],
      addresses: ['tom.berg@contoso.example']
    })
    assert.deepEqual(await rightsOf(PEOPLE.priya), {
      ...member,
      name: 'Priya Nair',
      groups: [],
      addresses: ['priya.nair@contoso.example']
    })
    const guest = await rightsOf(PEOPLE.guest)
    assert.equal(guest.kind === 'known' && guest.guest, true)
    const disabled = await rightsOf(PEOPLE.disabled)
    assert.equal(disabled.kind === 'known' && disabled.enabled, false)
  })

  it('answers with the policy’s spelling of a group', async () => {
    const group = GROUPS.analysts.toUpperCase()
    const rights = await rightsOf(PEOPLE.tom, [group])
    assert.deepEqual(rights.kind === 'known' && rights.groups, [group])
  })

  it('grants no group that was not asked for', async () => {
    fault({ match: 'checkMemberGroups', answer: { status: 200, body: { value: [GROUPS.approvers, 7, null] } } })
    const rights = await rightsOf(PEOPLE.tom, [GROUPS.analysts])
    assert.deepEqual(rights.kind === 'known' && rights.groups, [])
  })

  it('asks for at most 20 groups at once', async () => {
    const groups = [...Array.from({ length: 40 }, () => randomUUID()), GROUPS.analysts]
    const rights = await rightsOf(PEOPLE.tom, groups)
    assert.deepEqual(rights.kind === 'known' && rights.groups, [GROUPS.analysts])
    const sizes = requests()
      .filter(({ operation }) => operation === 'checkMemberGroups')
      .map(({ body }) => (body as { groupIds: string[] }).groupIds.length)
    assert.deepEqual(sizes.sort(), [1, 20, 20])
  })

  it('asks for no groups where the policy has none', async () => {
    assert.equal((await rightsOf(PEOPLE.tom, [])).kind, 'known')
    assert.deepEqual(
      requests().map(({ operation }) => operation),
      ['users']
    )
  })

  it('knows nobody by anything but an object id, and asks nothing', async () => {
    for (const id of ['', 'd.weber@contoso.example', `${PEOPLE.dana}/memberOf`, '../groups'])
      assert.deepEqual(await rightsOf(id), { kind: 'notFound' })
    assert.equal(requests().length, 0)
  })

  it('does not find who is not there', async () => {
    assert.deepEqual(await rightsOf(randomUUID()), { kind: 'notFound' })
  })

  it('takes an unknown type of user for a guest', async () => {
    for (const userType of [null, undefined, 'member', 'External']) {
      const body = { userType, accountEnabled: true, userPrincipalName: 'x@contoso.example' }
      fault({ match: 'users', answer: { status: 200, body } })
      const rights = await rightsOf(randomUUID(), [])
      assert.equal(rights.kind === 'known' && rights.guest, true)
    }
  })

  it('tells members with an account of another organisation by their name or their invitation', async () => {
    const external = async (changes: object) => {
      const body = { userType: 'Member', accountEnabled: true, userPrincipalName: 'x@contoso.example', ...changes }
      fault({ match: 'users', answer: { status: 200, body } })
      const rights = await rightsOf(randomUUID(), [])
      return rights.kind === 'known' && [rights.guest, rights.external]
    }
    const seeded = await rightsOf(PEOPLE.external)
    assert.deepEqual(seeded.kind === 'known' && [seeded.guest, seeded.external], [false, true])
    assert.deepEqual(await external({ userPrincipalName: 'x_fabrikam.example#ext#@contoso.example' }), [false, true])
    assert.deepEqual(await external({ externalUserState: 'Accepted' }), [false, true])
    assert.deepEqual(await external({ externalUserState: 'PendingAcceptance' }), [false, true])
    assert.deepEqual(await external({ externalUserState: null }), [false, false])
    assert.deepEqual(await external({}), [false, false])
  })

  it('does not take what it may not read for a disabled account, nor for one of ours', async () => {
    const whole = { userType: 'Member', accountEnabled: true, userPrincipalName: 'x@contoso.example' }
    for (const left of [{ accountEnabled: null }, { userPrincipalName: undefined }]) {
      fault({ match: 'users', answer: { status: 200, body: { ...whole, ...left } } })
      assert.deepEqual(await rightsOf(PEOPLE.dana, []), {
        kind: 'unavailable',
        reason: 'Microsoft Graph left out what was asked for; reading it takes the permission User.Read.All.'
      })
    }
  })

  const failures: Record<string, object> = {
    'users 403': { match: 'users', answer: { status: 403 } },
    'users 500': { match: 'users', answer: { status: 500 } },
    'users 429': { match: 'users', answer: { status: 429, headers: { 'Retry-After': '30' } } },
    'users reset': { match: 'users', reset: 'before' },
    'users not JSON': { match: 'users', answer: { status: 200, body: '<html></html>' } },
    'groups 404': { match: 'checkMemberGroups', answer: { status: 404 } },
    'groups 503': { match: 'checkMemberGroups', answer: { status: 503 } },
    'groups of another shape': { match: 'checkMemberGroups', answer: { status: 200, body: { value: 'all' } } },
    'groups null': { match: 'checkMemberGroups', answer: { status: 200, body: null } }
  }
  for (const [name, what] of Object.entries(failures)) {
    it(`answers unavailable and asks again the next time: ${name}`, async () => {
      fault(what)
      assert.equal((await rightsOf(PEOPLE.ana)).kind, 'unavailable')
      assert.equal((await rightsOf(PEOPLE.ana)).kind, 'known')
    })
  }

  it('gives up after its deadline, whichever part is silent', async () => {
    for (const match of ['users', 'checkMemberGroups']) {
      fault({ match, hang: true })
      const { directory } = world.openDoor({ deadlines: { rights: 150 } })
      assert.equal((await directory.rightsOf(PEOPLE.ana, BOTH)).kind, 'unavailable')
    }
  })

  it('remembers an answer for less than 60 s, and not for other groups', async () => {
    await rightsOf(PEOPLE.ana)
    world.clock.set(NOW + 59_999)
    await rightsOf(PEOPLE.ana)
    assert.equal(requests().length, 2)
    await rightsOf(PEOPLE.ana, [GROUPS.analysts])
    assert.equal(requests().length, 4)
    world.clock.set(NOW + 60_000)
    await rightsOf(PEOPLE.ana)
    assert.equal(requests().length, 6)
  })

  it('remembers nothing across a clock that went back', async () => {
    await rightsOf(PEOPLE.ana)
    world.clock.set(NOW - 1)
    await rightsOf(PEOPLE.ana)
    assert.equal(requests().length, 4)
  })

  it('asks once for many who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => rightsOf(PEOPLE.ana)))
    assert.equal(requests().length, 2)
    assert.ok(answers.every(({ kind }) => kind === 'known'))
  })

  it('names the groups that it cannot read', async () => {
    const missing = randomUUID()
    const { directory } = world.door
    assert.deepEqual(await directory.unreadableGroups([...BOTH, missing, 'soc']), [missing, 'soc'])
    world.graph.grant(['User.Read.All'])
    assert.deepEqual(await directory.unreadableGroups(BOTH), BOTH)
  })
})

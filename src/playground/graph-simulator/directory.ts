// Users, groups and membership as Entra answers them through Graph. Never tells a right: that is the product's policy.
import { z } from 'zod'
import { badRequest, GraphRefusal, readJson } from './odata.js'
import type { Call, Operation } from './operation.js'

/** https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups: at most 20 groups a call. */
const membershipBody = z.object({ groupIds: z.array(z.string().uuid()).min(1).max(20) }).strict()

const USER_PROPERTIES = [
  'id',
  'displayName',
  'userPrincipalName',
  'mail',
  'userType',
  'accountEnabled',
  'externalUserState'
] as const
/** Without `$select`, Graph leaves the others out. */
const USER_DEFAULT = ['id', 'displayName', 'userPrincipalName', 'mail']
const GROUP_PROPERTIES = ['id', 'displayName'] as const

export const directoryOperations: Operation[] = [
  {
    name: 'checkMemberGroups',
    method: 'POST',
    path: ['users', '*', 'checkMemberGroups'],
    permissions: [['User.Read.All', 'User.ReadBasic.All'], ['GroupMember.Read.All']],
    licensed: false,
    answer: checkMemberGroups
  },
  {
    name: 'users',
    method: 'GET',
    path: ['users', '*'],
    permissions: [['User.Read.All']],
    licensed: false,
    answer: (call) =>
      selected(call, { externalUserState: null, ...findUser(call) }, { known: USER_PROPERTIES, unasked: USER_DEFAULT })
  },
  {
    name: 'groups',
    method: 'GET',
    path: ['groups', '*'],
    permissions: [['GroupMember.Read.All']],
    licensed: false,
    answer: (call) => selected(call, findGroup(call), { known: GROUP_PROPERTIES, unasked: GROUP_PROPERTIES })
  }
]

function checkMemberGroups(call: Call) {
  const { groupIds } = readJson(membershipBody, call)
  const user = findUser(call)
  const memberOf = call.world.tenant.groups.filter((group) => group.members.includes(user.id)).map((group) => group.id)
  return {
    status: 200,
    body: {
      '@odata.context': `${call.address.root}/$metadata#Collection(Edm.String)`,
      value: groupIds.filter((id) => memberOf.includes(id.toLowerCase()))
    }
  }
}

function findUser({ world, ids: [id = ''] }: Call) {
  const wanted = id.toLowerCase()
  return (
    world.tenant.users.find((user) => user.id === wanted || user.userPrincipalName.toLowerCase() === wanted) ??
    missing(id)
  )
}

function findGroup({ world, ids: [id = ''] }: Call) {
  return world.tenant.groups.find((group) => group.id === id.toLowerCase()) ?? missing(id)
}

function missing(id: string): never {
  throw new GraphRefusal(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`
  )
}

function selected(call: Call, resource: object, properties: { known: readonly string[]; unasked: readonly string[] }) {
  const other = [...call.query.keys()].find((name) => name !== '$select')
  if (other !== undefined) throw badRequest(`Query option '${other}' is not allowed.`)
  const names = call.query.get('$select')?.split(',') ?? properties.unasked
  const unknown = names.find((name) => !properties.known.includes(name))
  if (unknown !== undefined) throw badRequest(`Could not find a property named '${unknown}'.`)
  const body = Object.fromEntries(Object.entries(resource).filter(([name]) => names.includes(name)))
  return { status: 200, body: { '@odata.context': `${call.address.root}/$metadata`, ...body } }
}

// Asks the directory who a person is and which of the policy's groups they are in. Never guesses: what it cannot tell grants nothing.
// https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups
import type { PersonRights } from '../case/policy.js'
import type { Clock, Directory } from '../case/ports.js'
import type { GraphAnswer, GraphClient } from './graph-client.js'
import { GUID } from './guid.js'

export interface DirectorySettings {
  client: GraphClient
  clock: Clock
  /** For a whole answer; milliseconds. */
  deadlineMs: number
}

export interface GraphDirectory extends Directory {
  /** Those of the groups that the bot cannot read now; membership of them would be answered with no. */
  unreadableGroups(groups: string[]): Promise<string[]>
  /** Of the person with this principal name; null: the directory knows none, or did not say. */
  objectIdOf(principalName: string): Promise<string | null>
}

/** The most that Graph takes. */
const GROUPS_PER_CALL = 20
const USER_PROPERTIES = 'id,displayName,userPrincipalName,mail,userType,accountEnabled,externalUserState'
/** What Entra allows. */
const LONGEST_NAME = 256
const FRESH_MS = 60_000
const MOST_REMEMBERED = 1000
const START_UP_MS = 20_000

export function createDirectory({ client, clock, deadlineMs }: DirectorySettings): GraphDirectory {
  const remembered = new Map<string, { askedAt: number; rights: PersonRights }>()
  const underway = new Map<string, Promise<PersonRights>>()

  async function ask(objectId: string, groups: string[]): Promise<PersonRights> {
    const deadline = AbortSignal.timeout(deadlineMs)
    const [user, ...memberships] = await Promise.all([
      client.send({
        method: 'GET',
        path: `users/${objectId}?$select=${USER_PROPERTIES}`,
        deadline,
        expects: 'json'
      }),
      ...chunked(groups).map((groupIds) =>
        client.send({
          method: 'POST',
          path: `users/${objectId}/checkMemberGroups`,
          body: { groupIds },
          deadline,
          expects: 'json'
        })
      )
    ])
    if (user.kind === 'answered' && user.status === 404) return { kind: 'notFound' }
    const { displayName, userType, accountEnabled, userPrincipalName, mail, externalUserState } = bodyOf(user) ?? {}
    // Graph leaves the property out where the bot may not see it; that is no word about the account.
    if (typeof accountEnabled !== 'boolean' || typeof userPrincipalName !== 'string') return unavailable(user)
    const memberOf = new Set<string>()
    for (const membership of memberships) {
      const ids = bodyOf(membership)?.value
      if (!Array.isArray(ids)) return unavailable(membership)
      for (const id of ids) if (typeof id === 'string') memberOf.add(id.toLowerCase())
    }
    return {
      kind: 'known',
      name: typeof displayName === 'string' ? displayName.slice(0, LONGEST_NAME) : '',
      // Members are marked as such. Null, which old synchronised accounts may still have, is taken for a guest: the wrong
      // way round it would let an outsider decide; this way an administrator has to set the type.
      guest: userType !== 'Member',
      external: isExternal(userPrincipalName, externalUserState),
      enabled: accountEnabled,
      groups: groups.filter((group) => memberOf.has(group.toLowerCase())),
      addresses: addressesOf(mail, userPrincipalName)
    }
  }

  function remember(key: string, askedAt: number, rights: PersonRights): void {
    remembered.delete(key)
    remembered.set(key, { askedAt, rights })
    const [oldest] = remembered.keys()
    if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
  }

  return {
    async rightsOf(objectId, groups) {
      // It becomes part of a path; and the directory has no such object.
      if (!GUID.test(objectId)) return { kind: 'notFound' }
      const key = [objectId.toLowerCase(), ...groups].join(' ')
      const askedAt = clock.now()
      const known = remembered.get(key)
      // A clock that went back must not prolong an answer.
      if (known && askedAt >= known.askedAt && askedAt - known.askedAt < FRESH_MS) return known.rights
      const joined = underway.get(key)
      if (joined) return joined
      const asking = ask(objectId, groups).finally(() => underway.delete(key))
      underway.set(key, asking)
      const rights = await asking
      if (rights.kind === 'known') remember(key, askedAt, rights)
      return rights
    },

    async objectIdOf(principalName) {
      const deadline = AbortSignal.timeout(START_UP_MS)
      const path = `users/${encodeURIComponent(principalName)}?$select=id`
      const { id } = bodyOf(await client.send({ method: 'GET', path, deadline, expects: 'json' })) ?? {}
      return typeof id === 'string' && GUID.test(id) ? id : null
    },

    async unreadableGroups(groups) {
      const deadline = AbortSignal.timeout(START_UP_MS)
      const unreadable: string[] = []
      for (const group of groups) {
        const answer = GUID.test(group)
          ? await client.send({ method: 'GET', path: `groups/${group}?$select=id`, deadline, expects: 'json' })
          : null
        if (answer?.kind !== 'answered' || answer.status !== 200) unreadable.push(group)
      }
      return unreadable
    }
  }
}

/**
 * An account of another organisation, which may well be a member here. Invited ones carry #EXT# in their principal name; one
 * of ours that was invited afterwards keeps its name and has only the state of the invitation.
 * https://learn.microsoft.com/entra/external-id/user-properties, https://learn.microsoft.com/entra/external-id/invite-internal-users
 */
function isExternal(userPrincipalName: string, externalUserState: unknown): boolean {
  return /#EXT#@/i.test(userPrincipalName) || (externalUserState ?? null) !== null
}

/** Where the person gets mail, as far as one question tells. */
function addressesOf(...given: unknown[]): string[] {
  const addresses = given.filter((each) => typeof each === 'string' && /^[^@\s]+@[^@\s]+$/.test(each)) as string[]
  return [...new Set(addresses.map((address) => address.toLowerCase()))]
}

function chunked(groups: string[]): string[][] {
  const chunks: string[][] = []
  for (let at = 0; at < groups.length; at += GROUPS_PER_CALL) chunks.push(groups.slice(at, at + GROUPS_PER_CALL))
  return chunks
}

function bodyOf(answer: GraphAnswer): Record<string, unknown> | null {
  if (answer.kind !== 'answered' || answer.status !== 200) return null
  return typeof answer.body === 'object' ? (answer.body as Record<string, unknown> | null) : null
}

function unavailable(answer: GraphAnswer): PersonRights {
  return {
    kind: 'unavailable',
    reason: answer.kind === 'answered' ? saying(answer) : 'Microsoft Graph did not answer.'
  }
}

function saying({ status }: { status: number }): string {
  return status === 200
    ? 'Microsoft Graph left out what was asked for; reading it takes the permission User.Read.All.'
    : `Microsoft Graph answered ${status}.`
}

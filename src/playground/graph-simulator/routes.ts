// The table of contents of the simulated Graph, and the checks before any operation. An unlisted path is not answered.
import { alertOperations } from './alerts.js'
import { analyzedEmailOperations } from './analyzed-emails.js'
import { directoryOperations } from './directory.js'
import { huntingOperations } from './hunting.js'
import { badRequest, GraphRefusal } from './odata.js'
import type { GraphVersion, Operation } from './operation.js'
import { remediateOperations } from './remediate.js'
import { reportingMailboxOperations } from './reporting-mailbox.js'
import { submissionOperations } from './submissions.js'

// Literal paths first: `analyzedEmails/remediate` must not be taken for an id.
const OPERATIONS: Operation[] = [
  ...remediateOperations,
  ...huntingOperations,
  ...analyzedEmailOperations,
  ...alertOperations,
  ...submissionOperations,
  ...reportingMailboxOperations,
  ...directoryOperations
]

export const ALL_PERMISSIONS = [
  'SecurityAnalyzedMessage.Read.All',
  'SecurityAnalyzedMessage.ReadWrite.All',
  'ThreatHunting.Read.All',
  'SecurityAlert.Read.All',
  'ThreatSubmission.Read.All',
  'ThreatSubmission.ReadWrite.All',
  'Mail.Read',
  'User.Read.All',
  'GroupMember.Read.All'
]

/** Government clouds have alerts and hunting, but no analyzed mail. */
export const CLOUDS = ['global', 'usGov'] as const
export type Cloud = (typeof CLOUDS)[number]

export interface Route {
  operation: Operation
  ids: string[]
}

/** Throws what Graph answers for a path or method that the version does not have. */
export function findRoute(
  method: string,
  segments: string[],
  { version, cloud }: { version: GraphVersion; cloud: Cloud }
): Route {
  const operations = OPERATIONS.filter(({ versions }) => versions?.includes(version) ?? true).filter(
    ({ path }) => cloud === 'global' || path[1] !== 'collaboration'
  )
  const byPath = operations.filter(
    ({ path }) => path.length === segments.length && matches(path, segments, segments.length)
  )
  if (byPath.length === 0) throw unknownSegment(segments, operations)
  const operation = byPath.find((candidate) => candidate.method === method)
  if (!operation)
    throw new GraphRefusal(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.')
  return { operation, ids: segments.filter((_, index) => operation.path[index] === '*') }
}

/** Throws Graph's 403 for a missing application permission, then the one for a missing licence. */
export function checkRights(operation: Operation, rights: { granted: ReadonlySet<string>; licensed: boolean }): void {
  if (!operation.permissions.every((oneOf) => oneOf.some((name) => rights.granted.has(name))))
    throw new GraphRefusal(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.')
  // The true shape is not established: others report the words "Invalid subscription", but neither status nor code.
  if (operation.licensed && !rights.licensed)
    throw new GraphRefusal(403, 'InvalidSubscription', 'Invalid subscription.')
}

function matches(path: string[], segments: string[], length: number): boolean {
  // Graph reads the names of a path in any letter case, and writes some otherwise than its pages do.
  const same = (one: string | undefined, other: string) => one?.toLowerCase() === other.toLowerCase()
  return segments.slice(0, length).every((segment, index) => path[index] === '*' || same(path[index], segment))
}

function unknownSegment(segments: string[], operations: Operation[]): GraphRefusal {
  const known = (length: number) =>
    operations.some(({ path }) => path.length >= length && matches(path, segments, length))
  const index = segments.findIndex((_, at) => !known(at + 1))
  return badRequest(
    `Resource not found for the segment '${segments[index === -1 ? segments.length - 1 : index] ?? ''}'.`
  )
}

// What one Graph operation of the simulator is, and the world that it answers from. Declares; decides nothing.
import type { SeededTenant } from '../tenant.js'
import type { Alerts } from './alerts.js'
import type { Ledger } from './ledger.js'
import type { Mailboxes } from './mailboxes.js'
import type { Answer } from './odata.js'
import type { ReportingMailbox } from './reporting-mailbox.js'
import type { Submissions } from './submissions.js'

export const OPERATION_NAMES = [
  'analyzedEmails',
  'remediate',
  'hunting',
  'alerts',
  'submissions',
  'submissionReview',
  'mailDelta',
  'attachments',
  'attachmentContent',
  'checkMemberGroups',
  'users',
  'groups'
] as const
export type OperationName = (typeof OPERATION_NAMES)[number]

export type GraphVersion = 'v1.0' | 'beta'

export interface World {
  tenant: SeededTenant
  mailboxes: Mailboxes
  alerts: Alerts
  submissions: Submissions
  reportingMailbox: ReportingMailbox
  ledger: Ledger
  clock: { now(): number }
}

export interface Call {
  world: World
  version: GraphVersion
  /** The values of the `*` segments, decoded. */
  ids: string[]
  query: URLSearchParams
  contentType: string | undefined
  /** The header of that name. */
  prefer: string | undefined
  text: string
  /** Scheme, host, version and path as the caller wrote them, for `@odata.nextLink` and `@odata.context`. */
  address: { root: string; path: string }
}

export interface Operation {
  name: OperationName
  method: 'GET' | 'POST'
  /** Below the version; `*` stands for an id. */
  path: string[]
  /** Those that have it; absent: both. */
  versions?: GraphVersion[]
  /** Of each inner list one application permission must be granted. */
  permissions: string[][]
  /** Answered only with Defender for Office 365 Plan 2. */
  licensed: boolean
  answer(call: Call): Answer
}

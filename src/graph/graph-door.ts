// Joins everything that talks to Microsoft Graph into the domain's ports. The only way into this folder for the rest of the bot.
import type {
  Clock,
  EmailRemediation,
  MailSearch,
  MessageFinding,
  PostDelivery,
  SubmissionReviews
} from '../case/ports.js'
import type { ReportSource } from '../case/report-source.js'
import { createAlertSource } from './alert-source.js'
import { createCredential, type CredentialSettings } from './credential.js'
import { createDirectory, type GraphDirectory } from './directory.js'
import { createGraphClient, type GraphLog, type GraphVersion } from './graph-client.js'
import { createMailSearch } from './mail-search.js'
import { createMailboxSource, type ReadMail } from './mailbox-source.js'
import { createMessageFinder } from './message-finder.js'
import { createPostDelivery } from './post-delivery.js'
import { createEmailRemediation } from './remediate.js'
import { createSubmissionReviews } from './submission-review.js'
import { createSubmissionSource } from './submission-source.js'
import { actionCenterHistory, explorer } from './tracking-link.js'

export interface GraphDoorSettings {
  /** Without version. */
  baseUrl: string
  version: GraphVersion
  auth: { kind: 'off' } | { kind: 'on'; credential: CredentialSettings }
  tenantId: string
  clock: Clock
  log?: GraphLog
  /** Milliseconds; what the product uses unless a test cannot wait for so long. */
  deadlines?: Partial<typeof DEADLINES>
}

/** Which ways in are switched on. */
export interface SourceSettings {
  alerts: boolean
  submissions: boolean
  /** Address or object id of the reporting mailbox, and who reads the mail attached there; null: none. */
  mailbox: { address: string; readMail: ReadMail } | null
}

export interface GraphDoor {
  remediation: EmailRemediation
  search: MailSearch
  finder: MessageFinding
  postDelivery: PostDelivery
  /** Those that are switched on; each needs a permission of its own. */
  sources(settings: SourceSettings): ReportSource[]
  directory: GraphDirectory
  /** Writes to Defender's submissions; asked for only where the settings allow it. */
  submissionReviews(): SubmissionReviews
  /** Pages of the Defender portal, for this tenant. */
  links: { actionCenterHistory: string; explorer: string }
}

/** Milliseconds. A lease on a batch must outlast `remediate`. */
export const DEADLINES = { remediate: 30_000, read: 20_000, rights: 1500 }

/** Throws where @azure/identity refuses the credential's settings; asks nobody yet. */
export function createGraphDoor(settings: GraphDoorSettings): GraphDoor {
  const { baseUrl, version, auth, tenantId, clock } = settings
  const deadlines = { ...DEADLINES, ...settings.deadlines }
  const newCredential = auth.kind === 'on' ? () => createCredential(auth.credential) : null
  const clientOf = (of: GraphVersion) =>
    createGraphClient({ baseUrl, version: of, newCredential, log: settings.log ?? (() => undefined) })
  const client = clientOf(version)
  const polling = { clock, deadlineMs: deadlines.read }
  return {
    remediation: createEmailRemediation({ client, clock, tenantId, deadlineMs: deadlines.remediate }),
    search: createMailSearch({ client, clock, deadlineMs: deadlines.read }),
    finder: createMessageFinder({ client, clock, deadlineMs: deadlines.read }),
    postDelivery: createPostDelivery({ client, clock, deadlineMs: deadlines.read }),
    sources: ({ alerts, submissions, mailbox }) => [
      ...(alerts ? [createAlertSource({ client, ...polling })] : []),
      // There are no submissions in v1.0, and no reason to read a mailbox with beta.
      ...(submissions ? [createSubmissionSource({ client: clientOf('beta'), ...polling })] : []),
      ...(mailbox === null
        ? []
        : [
            createMailboxSource({
              client: clientOf('v1.0'),
              ...polling,
              mailbox: mailbox.address,
              tenantId,
              readMail: mailbox.readMail
            })
          ])
    ],
    submissionReviews: () => createSubmissionReviews({ client: clientOf('beta'), ...polling }),
    directory: createDirectory({ client, clock, deadlineMs: deadlines.rights }),
    links: { actionCenterHistory: actionCenterHistory(tenantId), explorer: explorer(tenantId) }
  }
}

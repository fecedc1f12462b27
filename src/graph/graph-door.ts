// Joins everything that talks to Microsoft Graph into the domain's ports. The only way into this folder for the rest of the bot.
import type { Clock, EmailRemediation, MailSearch } from '../case/ports.js'
import { createCredential, type CredentialSettings } from './credential.js'
import { createDirectory, type GraphDirectory } from './directory.js'
import { createGraphClient, type GraphLog, type GraphVersion } from './graph-client.js'
import { createMailSearch } from './mail-search.js'
import { createEmailRemediation } from './remediate.js'
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

export interface GraphDoor {
  remediation: EmailRemediation
  search: MailSearch
  directory: GraphDirectory
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
  const client = createGraphClient({ baseUrl, version, newCredential, log: settings.log ?? (() => undefined) })
  return {
    remediation: createEmailRemediation({ client, clock, tenantId, deadlineMs: deadlines.remediate }),
    search: createMailSearch({ client, clock, deadlineMs: deadlines.read }),
    directory: createDirectory({ client, clock, deadlineMs: deadlines.rights }),
    links: { actionCenterHistory: actionCenterHistory(tenantId), explorer: explorer(tenantId) }
  }
}

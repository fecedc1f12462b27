// The simulator's own switches over HTTP, for when it runs in another process. Not part of Graph, and in no ledger.
import { z } from 'zod'
import { tenantMessageSchema, type TenantMessage } from '../tenant-mail.js'
import {
  reportedMailSchema,
  tenantAlertSchema,
  tenantSubmissionSchema,
  type ReportedMail,
  type TenantAlert,
  type TenantSubmission
} from '../tenant-reports.js'
import { faultSchema, type Fault } from './faults.js'
import type { Ledger } from './ledger.js'
import type { MailboxAct } from './mailboxes.js'
import { GraphRefusal, readJson, type Answer } from './odata.js'
import { CLOUDS, type Cloud } from './routes.js'

export const CONTROL_ROOT = '/_simulator/'

export interface Switches {
  ledger: Ledger
  faults: { add(...faults: Fault[]): void }
  grant(roles: string[]): void
  licence(on: boolean): void
  cloud(which: Cloud): void
  addMessage(message: TenantMessage): void
  addAlert(alert: TenantAlert): void
  addSubmission(submission: TenantSubmission): void
  addReportedMail(mail: ReportedMail): string
  forgetMailState(): void
  act(act: MailboxAct): void
  stick(networkMessageId: string, recipients: string[]): void
  unlist(networkMessageId: string, recipients: string[]): void
}

const someCopies = z.object({ networkMessageId: z.string().uuid(), recipients: z.array(z.string()) }).strict()

const mailboxAct = z
  .object({
    by: z.enum(['zap', 'air', 'user']),
    networkMessageId: z.string().uuid(),
    location: z.enum(['inbox_folder', 'junkFolder', 'deletedFolder', 'quarantine', 'others']),
    recipients: z.array(z.string()).optional()
  })
  .strict()

const DONE: Answer = { status: 204 }

/** Throws a refusal for a switch that does not exist or a body that does not fit it. */
export function turnSwitch(
  switches: Switches,
  request: { method: string; path: string; contentType: string | undefined; text: string }
): Answer {
  switch (`${request.method} ${request.path.slice(CONTROL_ROOT.length)}`) {
    case 'GET ledger':
      return { status: 200, body: { requests: switches.ledger.requests, accepted: switches.ledger.accepted } }
    case 'POST faults':
      switches.faults.add(...readJson(z.array(faultSchema).or(faultSchema.transform((one) => [one])), request))
      return DONE
    case 'POST roles':
      switches.grant(readJson(z.object({ roles: z.array(z.string()) }).strict(), request).roles)
      return DONE
    case 'POST licence':
      switches.licence(readJson(z.object({ on: z.boolean() }).strict(), request).on)
      return DONE
    case 'POST cloud':
      switches.cloud(readJson(z.object({ cloud: z.enum(CLOUDS) }).strict(), request).cloud)
      return DONE
    case 'POST tenant/messages':
      switches.addMessage(readJson(tenantMessageSchema, request))
      return DONE
    case 'POST tenant/alerts':
      switches.addAlert(readJson(tenantAlertSchema, request))
      return DONE
    case 'POST tenant/submissions':
      switches.addSubmission(readJson(tenantSubmissionSchema, request))
      return DONE
    case 'POST tenant/reported-mails':
      return { status: 201, body: { id: switches.addReportedMail(readJson(reportedMailSchema, request)) } }
    case 'POST copies/act':
      switches.act(readJson(mailboxAct, request))
      return DONE
    case 'POST copies/stick': {
      const { networkMessageId, recipients } = readJson(someCopies, request)
      switches.stick(networkMessageId, recipients)
      return DONE
    }
    case 'POST copies/unlist': {
      const { networkMessageId, recipients } = readJson(someCopies, request)
      switches.unlist(networkMessageId, recipients)
      return DONE
    }
    case 'POST mail-state/forget':
      switches.forgetMailState()
      return DONE
    default:
      throw new GraphRefusal(404, 'NotFound', 'No such switch.')
  }
}

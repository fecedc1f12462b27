// What a message of the seeded tenant is, and makers of such messages; knows nothing of HTTP and never holds real mail.
import { z } from 'zod'

export const DELIVERY_LOCATIONS = [
  'unknown',
  'inbox_folder',
  'junkFolder',
  'deletedFolder',
  'quarantine',
  'onprem_external',
  'failed',
  'dropped',
  'others'
] as const
export type DeliveryLocation = (typeof DELIVERY_LOCATIONS)[number]

const threatType = z.enum(['unknown', 'spam', 'malware', 'phish', 'none'])
const networkMessageId = z.string().uuid()

const tenantCopySchema = z
  .object({ recipientEmailAddress: z.string().regex(/^[^@\s]+@[^@\s]+$/), location: z.enum(DELIVERY_LOCATIONS) })
  .strict()

export const tenantMessageSchema = z
  .object({
    networkMessageId,
    /** With angle brackets. */
    internetMessageId: z.string().regex(/^<.+>$/),
    /** Defender's own mark of similar mail, a number above zero; most mail has none. */
    emailClusterId: z
      .string()
      .regex(/^[1-9]\d*$/)
      .optional(),
    subject: z.string(),
    /** Epoch milliseconds. */
    receivedAt: z.number().int(),
    directionality: z.enum(['unknown', 'inbound', 'outbound', 'intraOrg']),
    sender: z
      .object({ displayName: z.string(), fromAddress: z.string(), mailFromAddress: z.string(), ipv4: z.string() })
      .strict(),
    authentication: z
      .object({
        senderPolicyFramework: z.string(),
        dkim: z.string(),
        dmarc: z.string(),
        compositeAuthentication: z.string()
      })
      .strict(),
    threatTypes: z.array(threatType),
    phishConfidenceLevel: z.string(),
    detectionMethods: z.array(z.string()),
    urls: z.array(z.object({ url: z.string(), threatType, detectionMethod: z.string() }).strict()),
    attachments: z.array(
      z
        .object({
          fileName: z.string(),
          fileType: z.string(),
          fileSize: z.number().int(),
          sha256: z.string(),
          threatType
        })
        .strict()
    ),
    copies: z.array(tenantCopySchema)
  })
  .strict()

export type TenantMessage = z.infer<typeof tenantMessageSchema>
/** One message in one mailbox, where delivery put it. */
export type TenantCopy = z.infer<typeof tenantCopySchema>

export const MINUTE_MS = 60_000

export function copiesIn(location: DeliveryLocation, mailboxes: string[]): TenantCopy[] {
  return mailboxes.map((name) => ({ recipientEmailAddress: `${name}@contoso.example`, location }))
}

export function numberedMailboxes(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `user${String(index + 1).padStart(4, '0')}`)
}

type Known = Pick<TenantMessage, 'networkMessageId' | 'receivedAt' | 'copies'>

/** An unremarkable internal message, changed by what is given. */
export function plainMail(known: Known & Partial<TenantMessage>): TenantMessage {
  return {
    internetMessageId: `<${known.networkMessageId}@contoso.example>`,
    subject: 'Canteen menu',
    directionality: 'intraOrg',
    sender: {
      displayName: 'Facilities',
      fromAddress: 'facilities@contoso.example',
      mailFromAddress: 'facilities@contoso.example',
      ipv4: '192.0.2.10'
    },
    authentication: { senderPolicyFramework: 'pass', dkim: 'pass', dmarc: 'pass', compositeAuthentication: 'pass' },
    threatTypes: ['none'],
    phishConfidenceLevel: '',
    detectionMethods: [],
    urls: [],
    attachments: [],
    ...known
  }
}

/** A phish from outside that failed the sender checks, changed by what is given. */
export function phishMail(known: Known & Partial<TenantMessage>): TenantMessage {
  return plainMail({
    directionality: 'inbound',
    authentication: { senderPolicyFramework: 'fail', dkim: 'none', dmarc: 'fail', compositeAuthentication: 'fail' },
    threatTypes: ['phish'],
    phishConfidenceLevel: 'High',
    detectionMethods: ['URL detonation', 'Spoof DMARC'],
    ...known
  })
}

/** One phish in `mailboxes` inboxes, for the tests of large scopes. */
export function massMail(mailboxes: number, known: { receivedAt: number } & Partial<TenantMessage>): TenantMessage {
  return phishMail({
    networkMessageId: '5000aaaa-0000-4000-8000-000000005000',
    internetMessageId: '<mass-5000@bulk-sender.example>',
    subject: 'Your parcel could not be delivered',
    sender: {
      displayName: 'Parcel desk',
      fromAddress: 'parcel@bulk-sender.example',
      mailFromAddress: 'bounce@bulk-sender.example',
      ipv4: '203.0.113.99'
    },
    copies: copiesIn('inbox_folder', numberedMailboxes(mailboxes)),
    ...known
  })
}

// What people of the seeded tenant reported, as Defender and the reporting mailbox hold it, and makers of it. Never holds real mail.
import { z } from 'zod'
import type { TenantMessage } from './tenant-mail.js'

const EVIDENCE = '#microsoft.graph.security.'

const evidenceSchema = z
  .object({
    '@odata.type': z.enum([
      '#microsoft.graph.security.analyzedMessageEvidence',
      '#microsoft.graph.security.submissionMailEvidence',
      '#microsoft.graph.security.mailClusterEvidence',
      '#microsoft.graph.security.mailboxEvidence',
      '#microsoft.graph.security.userEvidence'
    ]),
    networkMessageId: z.string().uuid().optional(),
    networkMessageIds: z.array(z.string().uuid()).optional(),
    remediationStatus: z.string().optional()
  })
  .passthrough()

export const tenantAlertSchema = z
  .object({
    id: z.string().min(1),
    title: z.string(),
    serviceSource: z.string(),
    /** Epoch milliseconds, both. */
    createdAt: z.number().int(),
    lastUpdatedAt: z.number().int(),
    evidence: z.array(evidenceSchema)
  })
  .strict()

export type TenantAlert = z.infer<typeof tenantAlertSchema>
export type AlertEvidence = z.infer<typeof evidenceSchema>

export const tenantSubmissionSchema = z
  .object({
    id: z.string().min(1),
    /** Epoch milliseconds. */
    createdAt: z.number().int(),
    source: z.enum(['user', 'administrator']),
    category: z.enum(['notJunk', 'spam', 'phishing', 'malware']),
    internetMessageId: z.string(),
    subject: z.string(),
    sender: z.string(),
    recipientEmailAddress: z.string(),
    reporter: z.object({ email: z.string(), displayName: z.string() }).strict(),
    /** Mail that attack simulation training sent. */
    simulation: z.boolean()
  })
  .strict()

export type TenantSubmission = z.infer<typeof tenantSubmissionSchema>

const attachedSchema = z
  .object({
    /** `item`: a message that Outlook attached as such; `file`: a file of any type. */
    kind: z.enum(['item', 'file']),
    name: z.string(),
    contentType: z.string().nullable(),
    // The schema's own check of base64 cannot take megabytes.
    base64: z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text)
  })
  .strict()

export const reportedMailSchema = z
  .object({
    from: z.object({ address: z.string(), name: z.string() }).strict(),
    subject: z.string(),
    /** Epoch milliseconds. */
    receivedAt: z.number().int(),
    attachments: z.array(attachedSchema)
  })
  .strict()

/** One message in the inbox of the reporting mailbox. */
export type ReportedMail = z.infer<typeof reportedMailSchema>
export type AttachedFile = z.infer<typeof attachedSchema>

/** A message as the raw mail that its first recipient can save. Lines end as in a mail. */
export function rawMail(message: TenantMessage, tenantId: string): string {
  const { sender } = message
  const to = message.copies[0]?.recipientEmailAddress ?? 'undisclosed@contoso.example'
  return [
    `Received: from mailer.example (${sender.ipv4}) by mail.contoso.example; ${new Date(message.receivedAt).toUTCString()}`,
    `From: "${encodedWord(sender.displayName)}" <${sender.fromAddress}>`,
    `To: <${to}>`,
    `Subject: ${encodedWord(message.subject)}`,
    `Date: ${new Date(message.receivedAt).toUTCString()}`,
    `Message-ID: ${message.internetMessageId}`,
    `X-MS-Exchange-Organization-Network-Message-Id: ${message.networkMessageId}`,
    `X-MS-Exchange-CrossTenant-Id: ${tenantId}`,
    'X-Microsoft-Antispam-Message-Info: none',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    `Please see ${message.urls[0]?.url ?? 'https://example.test/'}`,
    ''
  ].join('\r\n')
}

/** RFC 2047, for every text that is not plain: controls and line ends in it must not make headers. */
function encodedWord(text: string): string {
  if (/^[\x20-\x21\x23-\x3c\x3e\x40-\x7e]*$/.test(text)) return text
  return `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`
}

/** A report as Outlook sends it: one original, attached as a message. */
export function reportedMail(
  raw: string,
  known: Pick<ReportedMail, 'from' | 'subject' | 'receivedAt'> & Partial<ReportedMail>
): ReportedMail {
  return { attachments: [attachedMessage(raw)], ...known }
}

export function attachedMessage(raw: string, name = 'Reported message'): AttachedFile {
  return { kind: 'item', name, contentType: null, base64: Buffer.from(raw).toString('base64') }
}

/** An alert on a message that a person reported, as Defender raises it. */
export function reportedAlert(
  message: TenantMessage,
  known: { id: string; title: string; at: number; submitter: string }
): TenantAlert {
  const { id, title, at, submitter } = known
  const recipient = message.copies[0]?.recipientEmailAddress ?? ''
  return {
    id,
    title,
    serviceSource: 'microsoftDefenderForOffice365',
    createdAt: at,
    lastUpdatedAt: at,
    evidence: [
      messageEvidence(message, recipient),
      {
        '@odata.type': `${EVIDENCE}submissionMailEvidence`,
        networkMessageId: message.networkMessageId,
        recipient,
        reportType: 'phish',
        sender: message.sender.fromAddress,
        senderIp: message.sender.ipv4,
        subject: message.subject,
        submissionDateTime: new Date(at).toISOString(),
        submissionId: `submission-of-${id}`,
        submitter,
        remediationStatus: 'none',
        verdict: 'unknown'
      }
    ]
  }
}

export function messageEvidence(message: TenantMessage, recipientEmailAddress: string): AlertEvidence {
  const sender = (address: string) => ({
    displayName: message.sender.displayName,
    domainName: address.slice(address.lastIndexOf('@') + 1),
    emailAddress: address
  })
  return {
    '@odata.type': `${EVIDENCE}analyzedMessageEvidence`,
    networkMessageId: message.networkMessageId,
    internetMessageId: message.internetMessageId,
    recipientEmailAddress,
    subject: message.subject,
    p1Sender: sender(message.sender.mailFromAddress),
    p2Sender: sender(message.sender.fromAddress),
    senderIp: message.sender.ipv4,
    receivedDateTime: new Date(message.receivedAt).toISOString(),
    remediationStatus: 'none',
    verdict: 'suspicious'
  }
}

/** Mail that Defender finds similar to a reported one. */
export function clusterEvidence(networkMessageIds: string[], verdict = 'malicious'): AlertEvidence {
  return {
    '@odata.type': `${EVIDENCE}mailClusterEvidence`,
    clusterBy: 'Subject;P2SenderDomain;ContentType',
    clusterByValue: 'similar',
    emailCount: networkMessageIds.length,
    networkMessageIds,
    remediationStatus: 'none',
    verdict
  }
}

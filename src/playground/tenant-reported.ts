// What people of the seeded tenant have reported already, one by each way in, so that every way can be tried. Never real mail.
import { copiesIn, MINUTE_MS, phishMail, plainMail, type TenantMessage } from './tenant-mail.js'
import {
  rawMail,
  reportedAlert,
  reportedMail,
  type ReportedMail,
  type TenantAlert,
  type TenantSubmission
} from './tenant-reports.js'

/** networkMessageIds. */
export const REPORTED_MAIL = {
  /** In an alert; with a twin that nobody reported, which Defender counts into the same cluster. */
  alerted: '80438277-c094-41bd-9296-08dc18c5a007',
  alertedTwin: '80438277-c094-41bd-9296-08dc18c5a107',
  submitted: '91349388-d1a5-42ce-a3a7-08dc18c5a008',
  simulation: 'a2250499-e2b6-43df-b4b8-08dc18c5a009',
  mailed: 'b31615aa-f3c7-44e0-85c9-08dc18c5a00a',
  notJunk: 'c40726bb-04d8-45f1-96da-08dc18c5a00b'
} as const

export interface SeededReports {
  messages: TenantMessage[]
  alerts: TenantAlert[]
  submissions: TenantSubmission[]
  /** Address, in lower case. */
  reportingMailbox: string
  reportedMails: ReportedMail[]
}

const PRIYA = { address: 'priya.nair@contoso.example', name: 'Priya Nair' }
const TOM = { address: 'tom.berg@contoso.example', name: 'Tom Berg' }

/** @param now epoch milliseconds; everything happened in the hour before it. */
export function seedReports(now: number, tenantId: string): SeededReports {
  const alerted = voicemail(REPORTED_MAIL.alerted, now - 34 * MINUTE_MS, ['priya.nair', 'chen.li'])
  const twin = voicemail(REPORTED_MAIL.alertedTwin, now - 33 * MINUTE_MS, ['e.rossi'])
  const submitted = invitation(now - 32 * MINUTE_MS)
  const simulation = training(now - 31 * MINUTE_MS)
  const mailed = parcel(now - 30 * MINUTE_MS)
  const notJunk = newsletter(now - 29 * MINUTE_MS)
  return {
    messages: [alerted, { ...twin, subject: `RE: ${twin.subject}` }, submitted, simulation, mailed, notJunk],
    alerts: [
      reportedAlert(alerted, {
        id: 'fa80438277-seed-alerted',
        title: 'Email reported by user as malware or phish',
        at: now - 25 * MINUTE_MS,
        submitter: PRIYA.address
      })
    ],
    submissions: [
      submission(submitted, { id: '5b000000-0000-4000-8000-000000000001', createdAt: now - 24 * MINUTE_MS }),
      {
        ...submission(simulation, { id: '5b000000-0000-4000-8000-000000000002', createdAt: now - 23 * MINUTE_MS }),
        simulation: true
      }
    ],
    reportingMailbox: 'report-phish@contoso.example',
    reportedMails: [
      reportedMail(rawMail(mailed, tenantId), {
        from: TOM,
        subject: `3|Phishing: ${mailed.subject}`,
        receivedAt: now - 22 * MINUTE_MS
      }),
      reportedMail(rawMail(notJunk, tenantId), {
        from: PRIYA,
        subject: `Not junk: ${notJunk.subject}`,
        receivedAt: now - 21 * MINUTE_MS
      })
    ]
  }
}

function submission(message: TenantMessage, known: Pick<TenantSubmission, 'id' | 'createdAt'>): TenantSubmission {
  return {
    source: 'user',
    category: 'phishing',
    internetMessageId: message.internetMessageId,
    subject: message.subject,
    sender: message.sender.fromAddress,
    recipientEmailAddress: message.copies[0]?.recipientEmailAddress ?? '',
    reporter: { email: PRIYA.address, displayName: PRIYA.name },
    simulation: false,
    ...known
  }
}

function sender(displayName: string, address: string, ipv4: string): TenantMessage['sender'] {
  return { displayName, fromAddress: address, mailFromAddress: address, ipv4 }
}

function voicemail(networkMessageId: string, receivedAt: number, mailboxes: string[]): TenantMessage {
  return phishMail({
    networkMessageId,
    internetMessageId: `<voicemail-${networkMessageId.slice(-4)}@voice-note.example>`,
    emailClusterId: '3417208899',
    subject: 'You have a new voicemail (0:42)',
    receivedAt,
    sender: sender('Voice mail', 'no-reply@voice-note.example', '203.0.113.21'),
    urls: [{ url: 'https://voice-note.example/play/42', threatType: 'phish', detectionMethod: 'URL detonation' }],
    copies: copiesIn('inbox_folder', mailboxes)
  })
}

function invitation(receivedAt: number): TenantMessage {
  return phishMail({
    networkMessageId: REPORTED_MAIL.submitted,
    internetMessageId: '<sign-3301@sign-docs.example>',
    subject: 'A contract waits for your signature',
    receivedAt,
    sender: sender('Signing desk', 'desk@sign-docs.example', '203.0.113.22'),
    copies: copiesIn('inbox_folder', ['priya.nair', 'g.novak'])
  })
}

/** What attack simulation training sends: it is meant to be reported, and to stay where it is. */
function training(receivedAt: number): TenantMessage {
  return plainMail({
    networkMessageId: REPORTED_MAIL.simulation,
    internetMessageId: '<training-12@attack-simulation.example>',
    subject: 'Your password expires today',
    receivedAt,
    directionality: 'inbound',
    sender: sender('Account team', 'account@attack-simulation.example', '203.0.113.23'),
    copies: copiesIn('inbox_folder', ['priya.nair'])
  })
}

function parcel(receivedAt: number): TenantMessage {
  return phishMail({
    networkMessageId: REPORTED_MAIL.mailed,
    internetMessageId: '<customs-9@parcel-fee.example>',
    subject: 'Customs fee for your parcel',
    receivedAt,
    sender: sender('Parcel service', 'fee@parcel-fee.example', '203.0.113.24'),
    copies: copiesIn('inbox_folder', ['tom.berg', 'h.sato'])
  })
}

/** Wanted mail that was filed as junk. */
function newsletter(receivedAt: number): TenantMessage {
  return plainMail({
    networkMessageId: REPORTED_MAIL.notJunk,
    internetMessageId: '<news-2026-11@supplier.example>',
    subject: 'Delivery dates for December',
    receivedAt,
    directionality: 'inbound',
    sender: sender('Supplier', 'news@supplier.example', '198.51.100.7'),
    copies: copiesIn('junkFolder', ['priya.nair', 'ana.silva'])
  })
}

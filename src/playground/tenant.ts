// The seeded tenant, Contoso: its people, groups and mail, the same at every start. Never a source of real addresses.
import { copiesIn, MINUTE_MS, numberedMailboxes, phishMail, plainMail, type TenantMessage } from './tenant-mail.js'

import { CAMPAIGN_FIRST, campaignMail } from './tenant-campaign.js'
import { REPORTED_MAIL, seedReports, type SeededReports } from './tenant-reported.js'

export { massMail, type DeliveryLocation, type TenantCopy, type TenantMessage } from './tenant-mail.js'

export interface TenantUser {
  id: string
  displayName: string
  userPrincipalName: string
  mail: string
  userType: 'Member' | 'Guest'
  accountEnabled: boolean
  /** Only of people who were invited. */
  externalUserState?: 'PendingAcceptance' | 'Accepted'
}

export interface TenantGroup {
  id: string
  displayName: string
  /** Object ids of the users in it. */
  members: string[]
}

export interface SeededTenant extends SeededReports {
  tenantId: string
  users: TenantUser[]
  groups: TenantGroup[]
}

export const TENANT_ID = 'c0a70500-7e4a-4d0c-8b1e-000000000001'

/** Entra object ids. Dana is an approver by name, Ana by group; Tom is an analyst only; Priya neither. */
export const PEOPLE = {
  dana: 'da4a0000-0000-4000-8000-000000000001',
  priya: '9417a000-0000-4000-8000-000000000002',
  tom: '70300000-0000-4000-8000-000000000003',
  ana: 'a4a00000-0000-4000-8000-000000000004',
  guest: '90e57000-0000-4000-8000-000000000005',
  disabled: 'd15ab1ed-0000-4000-8000-000000000006',
  /** Member by type, with an account of the mother company. */
  external: 'e87e4a00-0000-4000-8000-000000000007'
} as const

export const GROUPS = {
  approvers: '50ca0000-0000-4000-8000-0000000000a1',
  analysts: '50ca0000-0000-4000-8000-0000000000a2'
} as const

/** networkMessageIds of the seeded mail. */
export const MAIL = {
  mailboxFull: '73ca4154-58d8-43d0-a890-08dc18c52e6d',
  payslip: '2f0d8c11-6a3e-4b57-9c40-08dc18c5a001',
  internalPhish: '3b9e7d22-7b4f-4c68-8d51-08dc18c5a002',
  allStaff: '4c8f6e33-8c50-4d79-9e62-08dc18c5a003',
  sharedFirst: '5d705f44-9d61-4e8a-af73-08dc18c5a004',
  sharedSecond: '6e616055-ae72-4f9b-b084-08dc18c5a005',
  hostile: '7f527166-bf83-40ac-8195-08dc18c5a006',
  /** Five others are like it. */
  campaign: CAMPAIGN_FIRST,
  ...REPORTED_MAIL
} as const

/** The Message-ID that two messages of the seeded tenant have in common. */
export const SHARED_MESSAGE_ID = '<invoice-5521@billing-desk.example>'

function person(id: string, displayName: string, mailbox: string): TenantUser {
  const address = `${mailbox}@contoso.example`
  return { id, displayName, userPrincipalName: address, mail: address, userType: 'Member', accountEnabled: true }
}

function people(): TenantUser[] {
  return [
    person(PEOPLE.dana, 'Dana Weber', 'd.weber'),
    person(PEOPLE.priya, 'Priya Nair', 'priya.nair'),
    person(PEOPLE.tom, 'Tom Berg', 'tom.berg'),
    person(PEOPLE.ana, 'Ana Silva', 'ana.silva'),
    {
      ...person(PEOPLE.guest, 'Gus Partner', 'gus'),
      userPrincipalName: 'gus_fabrikam.example#EXT#@contoso.example',
      mail: 'gus@fabrikam.example',
      userType: 'Guest',
      externalUserState: 'Accepted'
    },
    {
      ...person(PEOPLE.external, 'Erin Holding', 'erin'),
      userPrincipalName: 'erin_holding.example#EXT#@contoso.example',
      mail: 'erin@holding.example',
      externalUserState: 'Accepted'
    },
    { ...person(PEOPLE.disabled, 'Lee Former', 'lee.former'), accountEnabled: false }
  ]
}

/** @param now epoch milliseconds; the mail arrived in the hour before it. */
export function seedTenant(now: number, ids: { tenantId?: string } = {}): SeededTenant {
  const tenantId = ids.tenantId ?? TENANT_ID
  const reports = seedReports(now, tenantId)
  return {
    ...reports,
    tenantId,
    users: people(),
    groups: [
      { id: GROUPS.approvers, displayName: 'SOC approvers', members: [PEOPLE.ana] },
      { id: GROUPS.analysts, displayName: 'SOC analysts', members: [PEOPLE.dana, PEOPLE.tom, PEOPLE.ana] }
    ],
    messages: [
      mailboxFull(now - 10 * MINUTE_MS),
      payslip(now - 12 * MINUTE_MS),
      internalPhish(now - 15 * MINUTE_MS),
      allStaff(now - 50 * MINUTE_MS),
      sharedMessageId(MAIL.sharedFirst, now - 21 * MINUTE_MS, ['ben.okafor', 'chen.li']),
      sharedMessageId(MAIL.sharedSecond, now - 20 * MINUTE_MS, ['priya.nair']),
      hostile(now - 5 * MINUTE_MS),
      ...campaignMail(now),
      ...reports.messages
    ]
  }
}

const INBOXES = ['ana.silva', 'ben.okafor', 'chen.li', 'd.weber', 'e.rossi', 'f.haddad', 'g.novak', 'h.sato']

function mailboxFull(receivedAt: number): TenantMessage {
  return phishMail({
    networkMessageId: MAIL.mailboxFull,
    internetMessageId: '<mailbox-full-8841@contos0-support.example>',
    subject: 'Your mailbox is full: confirm your password to keep receiving mail',
    receivedAt,
    sender: {
      displayName: 'IT-Helpdesk',
      fromAddress: 'helpdesk@contos0-support.example',
      mailFromAddress: 'bounce@mailer.example',
      ipv4: '203.0.113.77'
    },
    urls: [
      {
        url: 'https://contos0-support.example/verify?id=8841-2c9e-4410&user=all',
        threatType: 'phish',
        detectionMethod: 'URL detonation'
      },
      { url: 'https://cdn.example/logo.png', threatType: 'none', detectionMethod: '' }
    ],
    attachments: [
      {
        fileName: 'Storage-notice.pdf',
        fileType: 'pdf',
        fileSize: 86_016,
        sha256: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
        threatType: 'none'
      }
    ],
    copies: [
      ...copiesIn('inbox_folder', [...INBOXES, 'i.moreau']),
      ...copiesIn('junkFolder', ['j.kim', 'priya.nair']),
      ...copiesIn('onprem_external', ['plant7.scanner'])
    ]
  })
}

function payslip(receivedAt: number): TenantMessage {
  return phishMail({
    networkMessageId: MAIL.payslip,
    internetMessageId: '<payslip-11@c0ntoso-hr.example>',
    subject: 'November payslip: open before Friday',
    receivedAt,
    sender: {
      displayName: 'Payroll',
      fromAddress: 'payroll@c0ntoso-hr.example',
      mailFromAddress: 'payroll@c0ntoso-hr.example',
      ipv4: '203.0.113.80'
    },
    urls: [
      { url: 'https://c0ntoso-hr.example/payslip/nov', threatType: 'phish', detectionMethod: 'URL detonation' },
      { url: 'https://cdn.example/payslip.css', threatType: 'none', detectionMethod: '' }
    ],
    copies: [
      ...copiesIn('inbox_folder', [...INBOXES, 'priya.nair', 'ceo.office']),
      ...copiesIn('junkFolder', ['j.kim']),
      ...copiesIn('onprem_external', ['plant7.scanner'])
    ]
  })
}

/** Sent from inside by a taken-over account, so the sender has a copy as well. */
function internalPhish(receivedAt: number): TenantMessage {
  return phishMail({
    networkMessageId: MAIL.internalPhish,
    internetMessageId: '<shared-folder-77@contoso.example>',
    subject: 'I shared a folder with you',
    receivedAt,
    directionality: 'intraOrg',
    sender: {
      displayName: 'Ben Okafor',
      fromAddress: 'ben.okafor@contoso.example',
      mailFromAddress: 'ben.okafor@contoso.example',
      ipv4: '192.0.2.44'
    },
    authentication: { senderPolicyFramework: 'pass', dkim: 'pass', dmarc: 'pass', compositeAuthentication: 'pass' },
    detectionMethods: ['URL malicious reputation'],
    urls: [
      { url: 'https://files-share.example/f/77', threatType: 'phish', detectionMethod: 'URL malicious reputation' }
    ],
    copies: copiesIn('inbox_folder', ['chen.li', 'e.rossi', 'h.sato'])
  })
}

/** Harmless, and in many mailboxes: what a mistaken approval would hit. */
function allStaff(receivedAt: number): TenantMessage {
  return plainMail({
    networkMessageId: MAIL.allStaff,
    internetMessageId: '<all-staff-2026-11@contoso.example>',
    subject: 'Town hall on Thursday',
    receivedAt,
    copies: copiesIn('inbox_folder', numberedMailboxes(63))
  })
}

function sharedMessageId(networkMessageId: string, receivedAt: number, mailboxes: string[]): TenantMessage {
  return phishMail({
    networkMessageId,
    internetMessageId: SHARED_MESSAGE_ID,
    subject: 'Invoice 5521 is overdue',
    receivedAt,
    sender: {
      displayName: 'Billing desk',
      fromAddress: 'invoice@billing-desk.example',
      mailFromAddress: 'invoice@billing-desk.example',
      ipv4: '203.0.113.91'
    },
    copies: copiesIn('inbox_folder', mailboxes)
  })
}

/** Text that tries every way out of a card: Markdown, a mention, templating, a Teams date, bidi and zero width. */
function hostile(receivedAt: number): TenantMessage {
  return phishMail({
    networkMessageId: MAIL.hostile,
    internetMessageId: '<hostile-1@attacker.example>',
    subject:
      '**Approved** [click](https://evil.example) <at>SOC</at> ${json(1)} {{DATE(2026-11-22T02:31:00Z,SHORT)}} ' +
      'invoice\u202Efdp.exe\u202C pass\u200Bword\u2066',
    receivedAt,
    sender: {
      displayName: '<at>Dana Weber</at> ${title}\u202E',
      fromAddress: 'a@attacker.example',
      mailFromAddress: 'a@attacker.example',
      ipv4: '203.0.113.13'
    },
    urls: [
      { url: 'javascript:alert(1)//](https://evil.example)', threatType: 'phish', detectionMethod: 'URL detonation' }
    ],
    attachments: [
      {
        fileName: '![x](https://evil.example/a.png).pdf',
        fileType: 'pdf',
        fileSize: 1,
        sha256: '',
        threatType: 'malware'
      }
    ],
    copies: copiesIn('inbox_folder', ['priya.nair'])
  })
}

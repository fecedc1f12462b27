// Invented cases for tests and pictures of cards, one for each state. Never holds a real person's mail.
import type { CaseRecord, CaseState } from '../../src/case/case.js'
import type { MailCopy, MailEvidence } from '../../src/case/mail.js'
import { type Plan, makePlan, planDigest } from '../../src/case/plan.js'
import { type Policy, defaultTime } from '../../src/case/policy.js'
import type { Approval, Batch, PendingApproval, Remediation, RemediationOutcome } from '../../src/case/remediation.js'
import type { CardContext } from '../../src/teams/case-card.js'

export const messageId = 'b7c2a9d0-5e11-4c3a-9a55-0c0f3a7e41e0'

export const samplePolicy: Policy = {
  channelId: '19:soc@thread.tacv2',
  analysts: { users: [], groups: [] },
  approvers: { users: ['5d1f4f4e-0000-4000-8000-000000000001'], groups: [] },
  actions: ['moveToJunk', 'moveToInbox', 'moveToDeletedItems', 'softDelete', 'hardDelete'],
  defaults: { action: 'softDelete', severity: 'medium' },
  limits: { maxCopies: 1000, protectedMailboxes: [] },
  vipMailboxes: [],
  rules: [],
  ...defaultTime
}

export const sampleMail: MailEvidence = {
  subject: 'Your mailbox is full: confirm your password to keep receiving mail',
  senderAddress: 'helpdesk@contos0-support.example',
  senderName: 'IT-Helpdesk',
  mailFromAddress: 'bounce@mailer.example',
  senderIp: '203.0.113.77',
  internetMessageId: '<20261122.1@mailer.example>',
  receivedAt: Date.parse('2026-11-22T02:31:00Z'),
  direction: 'inbound',
  threatTypes: ['phish'],
  confidence: 'High',
  detectionMethods: ['URL detonation', 'Spoof DMARC'],
  authentication: { spf: 'fail', dkim: 'none', dmarc: 'fail', composite: 'fail' },
  urls: [
    { url: 'https://cdn.example/logo.png', threat: 'none' },
    { url: 'https://contos0-support.example/verify?id=88410233', threat: 'phish' }
  ],
  urlCount: 2,
  attachments: [{ name: 'Storage-notice.pdf', bytes: 84_000, threat: 'none' }],
  attachmentCount: 1
}

const names =
  'ana.silva ben.okafor chen.li d.weber e.rossi f.haddad g.novak h.sato i.moreau j.kim k.lund plant7.scanner'

export const sampleCopies: MailCopy[] = names.split(' ').map((name, index) => ({
  networkMessageId: messageId,
  recipientEmailAddress: `${name}@contoso.example`,
  location: index < 9 ? 'inbox_folder' : index < 11 ? 'junkFolder' : 'onprem_external'
}))

export function copiesIn(count: number, location: MailCopy['location'] = 'inbox_folder'): MailCopy[] {
  return Array.from({ length: count }, (_, index) => ({
    networkMessageId: messageId,
    recipientEmailAddress: `user${String(index).padStart(4, '0')}@contoso.example`,
    location
  }))
}

export function batchOf(changes: Partial<Batch> = {}): Batch {
  return {
    seq: 1,
    from: 0,
    to: 11,
    state: 'accepted',
    token: null,
    leaseUntil: null,
    attempts: 1,
    firstTriedAt: Date.parse('2026-11-22T03:14:05Z'),
    sentAt: Date.parse('2026-11-22T03:14:05Z'),
    answeredAt: Date.parse('2026-11-22T03:14:06Z'),
    trackingLink:
      'https://security.microsoft.com/action-center/history?filters=%7B%22bulkId%22%3A%5B%22b1%22%5D%7D&tid=t1',
    rawLocation: null,
    status: 202,
    code: null,
    message: null,
    requestId: null,
    ...changes
  }
}

export function remediationOf(batches: Batch[], changes: Partial<Remediation> = {}): Remediation {
  return {
    planVersion: 3,
    digest: '0'.repeat(64),
    action: 'softDelete',
    severity: 'medium',
    remediateSendersCopy: false,
    approvals: [approvalOf()],
    decidedAt: Date.parse('2026-11-22T03:14:00Z'),
    batches,
    outcome: null,
    ...changes
  }
}

/** A look at 03:31 that saw all eleven copies moved, of twelve. */
export function outcomeOf(changes: Partial<RemediationOutcome>): RemediationOutcome {
  return {
    looks: 3,
    lastLookAt: Date.parse('2026-11-22T03:31:00Z'),
    nextLookAt: Date.parse('2026-11-22T04:14:05Z'),
    copies: Array.from({ length: 11 }, () => 'moved'),
    open: 0,
    places: { others: 11 },
    causes: { administrator: 11 },
    leftOut: { onprem_external: 1 },
    later: null,
    ...changes
  }
}

export function approvalOf(changes: Partial<Approval> = {}): Approval {
  const person = { objectId: '5d1f4f4e-0000-4000-8000-000000000001', name: 'Dana Weber' }
  return {
    person,
    reason: 'Password page confirmed, two users asked about it',
    at: Date.parse('2026-11-22T03:14:00Z'),
    ruling: { allowed: true, reasons: ['You are an approver: named in the policy.'] },
    standing: { objectId: person.objectId, groups: [], reporter: false, opener: false },
    ...changes
  }
}

const batchOfState: Partial<Record<CaseState, Partial<Batch>>> = {
  approved: { state: 'pending', sentAt: null, answeredAt: null, trackingLink: null, status: null },
  submitting: { state: 'submitting', answeredAt: null, trackingLink: null, status: null },
  submitted: {},
  verified: {},
  failed: { state: 'refused', trackingLink: null, status: 403, code: 'Forbidden', requestId: '0f1e2d3c' },
  uncertain: { state: 'uncertain', answeredAt: null, trackingLink: null, status: null }
}

export const allStates: CaseState[] = [
  'looking',
  'nothingFound',
  'unreadable',
  'proposed',
  'partlyApproved',
  'approved',
  'submitting',
  'submitted',
  'verified',
  'failed',
  'uncertain',
  'rejected',
  'closed',
  'simulation',
  'expired',
  'joined'
]

/** A hard delete that Dana has approved and that wants a second person. */
function pendingOf(plan: Plan): PendingApproval {
  const choice = { action: 'hardDelete', severity: 'high', remediateSendersCopy: false } as const
  return {
    ...choice,
    planVersion: plan.version,
    digest: planDigest(1042, plan, choice),
    approvals: [approvalOf()],
    until: Date.parse('2026-11-22T04:14:00Z')
  }
}

export function caseIn(state: CaseState, changes: Partial<CaseRecord> = {}): CaseRecord {
  const openedAt = Date.parse('2026-11-22T02:41:00Z')
  const unresolved = ['looking', 'nothingFound', 'unreadable'].includes(state)
  const batch = batchOfState[state]
  const plan = makePlan(3, { copies: sampleCopies, recipients: [] }, samplePolicy.limits, openedAt)
  return {
    number: 1042,
    revision: 7,
    state,
    message: { kind: 'networkMessageId', value: messageId },
    recipients: [],
    openedBy: { objectId: 'o1', name: 'Priya Nair' },
    openedAt,
    previousCase: null,
    joinedInto: state === 'joined' ? 1040 : null,
    planVersion: unresolved ? 0 : 3,
    look: {
      attempts: 2,
      lastAt: openedAt,
      nextAt: state === 'nothingFound' ? Date.parse('2026-11-22T03:24:00Z') : null,
      problem:
        state === 'unreadable'
          ? {
              kind: 'forbidden',
              permission: 'SecurityAnalyzedMessage.ReadWrite.All',
              code: 'Authorization_RequestDenied'
            }
          : null
    },
    mail: unresolved ? null : sampleMail,
    plan: unresolved ? null : plan,
    campaign: null,
    candidates: null,
    pending: state === 'partlyApproved' ? pendingOf(plan) : null,
    voided: null,
    remediations:
      batch === undefined
        ? []
        : [remediationOf([batchOf(batch)], state === 'verified' ? { outcome: outcomeOf({}) } : {})],
    closing:
      state === 'rejected'
        ? {
            by: { objectId: 'o2', name: 'Dana Weber' },
            reason: 'Newsletter that people signed up for',
            verdict: null,
            at: openedAt
          }
        : state === 'closed'
          ? {
              by: { objectId: 'o2', name: 'Dana Weber' },
              reason: 'Asks for gift cards',
              verdict: 'phish',
              at: openedAt
            }
          : state === 'expired' || state === 'simulation'
            ? { by: null, reason: '', verdict: null, at: openedAt }
            : null,
    waiting: { period: 1, since: openedAt, nudged: [] },
    reporters: {
      kind: 'phish',
      count: 3,
      first: { objectId: 'o1', name: 'Priya Nair' },
      claims: unresolved ? { subject: 'Invoice 20931 overdue', senderAddress: 'billing@acme-pay.example' } : null,
      notes: [],
      replyTo: null
    },
    ...changes
  }
}

/** A message in Teams, or a file, that names no mail: only a person can say what it is. */
export function verdictCase(kind: 'teamsMessage' | 'file', changes: Partial<CaseRecord> = {}): CaseRecord {
  const base = caseIn('unreadable')
  const teams = kind === 'teamsMessage'
  return {
    ...base,
    message: { kind, value: teams ? '19:sales@thread.tacv2/1700000000009' : '9f'.repeat(32) },
    look: { attempts: 1, lastAt: base.openedAt, nextAt: null, problem: { kind: 'noMail' } },
    reporters: {
      ...base.reporters,
      claims: teams ? { subject: 'Your CEO here. Buy 5 gift cards and send me the codes.', senderAddress: '' } : null,
      notes: teams
        ? ['It is not her account']
        : [`File notes.txt, 12 bytes, SHA-256 ${'9f'.repeat(32)}. It could not be read: it is no mail.`]
    },
    ...changes
  }
}

/** An unknown outcome that a person has found in Action Center. */
export function markedDone(): CaseRecord {
  const { remediations } = caseIn('uncertain')
  return caseIn('submitted', {
    remediations,
    closing: {
      by: { objectId: 'o3', name: 'Ana Silva' },
      reason: 'It stands there as b1',
      verdict: null,
      at: Date.parse('2026-11-22T03:25:00Z')
    }
  })
}

export function contextAt(time: string, policy: Policy = samplePolicy): CardContext {
  return {
    now: Date.parse(time),
    policy,
    defenderLink: (networkMessageId) => `https://security.microsoft.com/threatexplorer?messageId=${networkMessageId}`,
    actionCenterLink: 'https://security.microsoft.com/action-center/history'
  }
}

// Records and entries that the store's tests start from. Holds no expectation.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { MailEvidence } from '../../src/case/mail.js'
import { type Plan, makePlan } from '../../src/case/plan.js'
import type { CaseStore, OpenAnswer, OpenedCase, Step } from '../../src/case/ports.js'
import type { Batch, Remediation } from '../../src/case/remediation.js'
import type { Report } from '../../src/case/report.js'

export const messageId = '73f2a4b1-0000-4c3d-8e5f-08dc1a2b3c4d'
export const limits = { unresolvedPerHour: 10 }
export const start = Date.UTC(2026, 10, 20, 9)

let reports = 0

/** A report of a person of its own, unless the parts say otherwise. */
export function report(parts: Partial<Report> = {}): Report {
  reports += 1
  const id = String(reports)
  return {
    message: { kind: 'networkMessageId', value: messageId },
    recipients: [],
    reporter: { objectId: `person-${id}`, name: `Person ${id}` },
    mailboxes: [],
    note: '',
    claims: null,
    origin: 'report',
    kind: 'phish',
    activityKey: `activity-${id}`,
    replyTo: { conversationId: `a:${id}`, serviceUrl: 'https://smba.trafficmanager.net/teams/' },
    at: start,
    ...parts
  }
}

export const evidence: MailEvidence = {
  subject: 'Invoice \u202e 4711 \0 😀',
  senderAddress: 'ceo@contoso.example',
  senderName: 'CEO',
  mailFromAddress: 'bounce@evil.example',
  senderIp: '203.0.113.7',
  internetMessageId: '<1@evil.example>',
  receivedAt: start - 60_000,
  direction: 'inbound',
  threatTypes: ['phish'],
  confidence: 'high',
  detectionMethods: ['urlReputation'],
  authentication: { spf: 'fail', dkim: 'none', dmarc: 'fail', composite: 'fail' },
  urls: [{ url: 'https://evil.example/', threat: 'phish' }],
  urlCount: 1,
  attachments: [],
  attachmentCount: 0
}

export function planOf(version: number, copies: number): Plan {
  const found = Array.from({ length: copies }, (_, index) => ({
    networkMessageId: messageId,
    recipientEmailAddress: `user${String(index)}@contoso.example`,
    location: 'inbox_folder' as const
  }))
  return makePlan(version, { copies: found, recipients: [] }, { maxCopies: 10_000, protectedMailboxes: [] }, start)
}

export function proposed(record: CaseRecord, copies = 3): CaseRecord {
  const plan = planOf(record.planVersion + 1, copies)
  return { ...record, state: 'proposed', mail: evidence, plan, planVersion: plan.version }
}

export function batchOf(seq: number, parts: Partial<Batch> = {}): Batch {
  return {
    seq,
    from: (seq - 1) * 100,
    to: seq * 100,
    state: 'pending',
    token: null,
    leaseUntil: null,
    attempts: 0,
    firstTriedAt: null,
    sentAt: null,
    answeredAt: null,
    trackingLink: null,
    rawLocation: null,
    status: null,
    code: null,
    message: null,
    requestId: null,
    ...parts
  }
}

export function remediationOf(record: CaseRecord, approver: string, batches = 1): Remediation {
  return {
    planVersion: record.planVersion,
    action: 'softDelete',
    severity: 'high',
    remediateSendersCopy: true,
    digest: 'd'.repeat(64),
    approvals: [
      {
        person: { objectId: approver, name: approver },
        reason: 'It asks for passwords.',
        at: start,
        ruling: { allowed: true, reasons: ['You are an approver: named in the policy.'] },
        standing: { objectId: approver, groups: [], reporter: false, opener: false }
      }
    ],
    decidedAt: start,
    outcome: null,
    batches: Array.from({ length: batches }, (_, index) => batchOf(index + 1))
  }
}

/** What an approval stores, or an answer that names who was first. */
export function approve(record: CaseRecord, approver: string): Step<{ won: boolean; winner: string }> {
  const earlier = record.remediations.at(-1)
  if (record.state !== 'proposed') {
    return {
      next: null,
      outbox: [],
      audit: [],
      answer: { won: false, winner: earlier?.approvals[0]?.person.objectId ?? '' }
    }
  }
  return {
    next: { ...record, state: 'approved', remediations: [...record.remediations, remediationOf(record, approver)] },
    outbox: [
      { kind: 'submit', caseNumber: record.number, dueAt: start },
      { kind: 'card', caseNumber: record.number, dueAt: start }
    ],
    audit: [
      {
        at: start,
        caseNumber: record.number,
        event: 'decision.approved',
        actor: { objectId: approver, name: approver },
        detail: {}
      }
    ],
    answer: { won: true, winner: approver }
  }
}

/** Anna has approved, and the policy wants somebody else too. */
export async function partlyApproved(cases: CaseStore, number: number): Promise<CaseRecord> {
  await cases.change(number, (record) => storing(proposed(record)))
  await cases.change(number, (record) => {
    const { planVersion, action, severity, remediateSendersCopy, digest, approvals } = remediationOf(record, 'anna')
    const choice = { action, severity, remediateSendersCopy }
    const pending = { ...choice, planVersion, digest, approvals, until: start + 3_600_000 }
    return storing({ ...record, state: 'partlyApproved', pending })
  })
  return read(cases, number)
}

export function storing(next: CaseRecord): Step<null> {
  return { next, outbox: [], audit: [], answer: null }
}

export async function open(cases: CaseStore, parts: Partial<Report> = {}): Promise<CaseRecord> {
  return read(cases, openedIn(await cases.open(report(parts), limits)).number)
}

export function openedIn(answer: OpenAnswer): OpenedCase {
  assert.ok(answer.kind !== 'limited')
  return answer.record
}

export async function read(cases: CaseStore, number: number): Promise<CaseRecord> {
  const record = await cases.read(number)
  assert.ok(record !== null)
  return record
}

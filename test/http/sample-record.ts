// A case with a secret in every place that can hold untrusted text or a person, and two remediations. Holds no expectation.
import type { CaseRecord } from '../../src/case/case.js'
import type { Batch, BatchState } from '../../src/case/remediation.js'
import { NOW } from './report-api-room.js'

const secret = (name: string): string => `SECRET-${name}`
const address = (name: string): string => `SECRET-${name}@contoso.example`
const person = (name: string) => ({ objectId: secret(`${name}Id`), name: secret(name) })

export function sampleCase(): CaseRecord {
  const copy = (name: string, location: 'inbox_folder' | 'junkFolder' | 'unknown') => ({
    networkMessageId: secret('networkMessageId'),
    recipientEmailAddress: address(name),
    location
  })
  return {
    number: 1042,
    revision: 9,
    state: 'uncertain',
    message: { kind: 'networkMessageId', value: secret('key') },
    recipients: [address('wanted')],
    openedBy: person('opener'),
    openedAt: NOW,
    previousCase: null,
    joinedInto: null,
    waiting: { period: 1, since: NOW, nudged: [] },
    planVersion: 3,
    look: { attempts: 1, lastAt: NOW, nextAt: null, problem: { kind: 'unavailable', reason: secret('problem') } },
    mail: {
      subject: secret('subject'),
      senderAddress: address('sender'),
      senderName: secret('senderName'),
      mailFromAddress: address('mailFrom'),
      senderIp: secret('ip'),
      internetMessageId: secret('messageId'),
      receivedAt: NOW,
      direction: 'inbound',
      threatTypes: ['phish'],
      confidence: 'high',
      detectionMethods: [],
      authentication: { spf: 'fail', dkim: 'none', dmarc: 'fail', composite: 'fail' },
      urls: [{ url: secret('url'), threat: '' }],
      urlCount: 1,
      attachments: [{ name: secret('attachment'), bytes: 1, threat: '' }],
      attachmentCount: 1
    },
    plan: {
      version: 3,
      purpose: 'remediate',
      copies: [copy('a', 'inbox_folder'), copy('b', 'inbox_folder'), copy('c', 'junkFolder')],
      leftOut: [
        { copy: copy('ceo', 'inbox_folder'), reason: 'protected' },
        { copy: copy('gone', 'unknown'), reason: 'unknown' }
      ],
      overLimit: false,
      madeAt: NOW
    },
    pending: null,
    voided: null,
    campaign: null,
    candidates: null,
    remediations: [
      remediation(2, { action: 'moveToJunk', severity: 'low' }, [batch(1, 'refused', 2), batch(2, 'notSent', 1)]),
      remediation(3, { action: 'softDelete', severity: 'high' }, [
        {
          ...batch(1, 'accepted', 2),
          trackingLink: 'https://security.microsoft.com/action-center/history?filters=%7B%22a%22%3A1%7D'
        },
        batch(2, 'uncertain', 1)
      ])
    ],
    closing: null,
    reporters: {
      count: 2,
      first: person('reporter'),
      replyTo: { conversationId: secret('conversation'), serviceUrl: secret('service') },
      kind: 'phish',
      claims: { subject: secret('claim'), senderAddress: address('claimed') },
      notes: [secret('note')]
    }
  }
}

function remediation(
  planVersion: number,
  choice: { action: 'moveToJunk' | 'softDelete'; severity: 'low' | 'high' },
  batches: Batch[]
): CaseRecord['remediations'][number] {
  return {
    ...choice,
    planVersion,
    remediateSendersCopy: false,
    digest: secret('digest'),
    approvals: [
      {
        person: person('approver'),
        reason: secret('reason'),
        at: NOW,
        ruling: { allowed: true, reasons: [secret('ruling')] },
        standing: { objectId: secret('approver'), groups: [], reporter: false, opener: false }
      }
    ],
    decidedAt: NOW,
    batches,
    outcome: null
  }
}

function batch(seq: number, state: BatchState, copies: number): Batch {
  return {
    seq,
    from: 10 * seq,
    to: 10 * seq + copies,
    state,
    token: secret('token'),
    leaseUntil: null,
    attempts: 1,
    firstTriedAt: NOW,
    sentAt: NOW,
    answeredAt: NOW,
    trackingLink: null,
    rawLocation: secret('location'),
    status: 202,
    code: secret('code'),
    message: secret('message'),
    requestId: secret('request')
  }
}

// Every card that the bot can show, under the name of its state, drawn from invented cases. For the pictures and for what must
// hold for all of them. Never holds a real person's mail.
import type { Campaign } from '../../src/case/campaign.js'
import type { CaseRecord } from '../../src/case/case.js'
import type { AuditEntry } from '../../src/case/change.js'
import type { Disposition } from '../../src/case/disposition.js'
import { type Plan, copiesDigest, makePlan, planDigest } from '../../src/case/plan.js'
import { defaultRules } from '../../src/case/policy.js'
import { proposeUndo } from '../../src/case/undo.js'
import { renderAuditCard } from '../../src/teams/audit-card.js'
import { renderCaseCard } from '../../src/teams/case-card.js'
import { renderFindCard } from '../../src/teams/find-card.js'
import { renderHistory } from '../../src/teams/history-card.js'
import { renderLinkCard } from '../../src/teams/link-card.js'
import { renderMailboxList, renderQueue } from '../../src/teams/list-card.js'
import { renderNudgeCard } from '../../src/teams/nudge-card.js'
import { renderOutcomeCard } from '../../src/teams/outcome-card.js'
import { renderReportCard } from '../../src/teams/report-card.js'
import { renderSimilar } from '../../src/teams/similar-card.js'
import { renderStatsCard } from '../../src/teams/stats-card.js'
import { renderTimeLine } from '../../src/teams/time-line.js'
import {
  batchOf,
  caseIn,
  contextAt,
  copiesIn,
  markedDone,
  messageId,
  outcomeOf,
  remediationOf,
  sampleCopies,
  sampleMail,
  samplePolicy,
  verdictCase
} from './sample-cases.js'
import { sampleMonth, sampleWeek } from './sample-figures.js'

/** The usual policy: hard delete, and more than 50 mailboxes, take two. */
const policy = { ...samplePolicy, rules: defaultRules }
const context = contextAt('2026-11-22T03:20:00Z', policy)
const soon = contextAt('2026-11-22T03:14:40Z', policy)
const later = contextAt('2026-11-22T03:35:00Z', policy)
const at = (time: string) => Date.parse(`2026-11-22T${time}:00Z`)
const minute = 60_000

const draw = (record: CaseRecord, when = context) => renderCaseCard(record, when)
const tom = { objectId: 'o4', name: 'Tom Berg' }
const proposed = caseIn('proposed')
const submitted = caseIn('submitted')
const uncertain = caseIn('uncertain')

const refusal = { state: 'refused', trackingLink: null, status: 403, code: 'Forbidden' } as const
const refused = remediationOf([batchOf({ ...refusal, message: 'Insufficient privileges', requestId: '0f1e2d3c' })])
const inPart = remediationOf([batchOf({ to: 5 }), batchOf({ ...refusal, seq: 2, from: 5 })])
const manyBatches = remediationOf(
  Array.from({ length: 12 }, (_, index) =>
    batchOf({
      seq: index + 1,
      from: index * 100,
      to: index * 100 + 100,
      ...(index === 11 ? { trackingLink: null } : {})
    })
  )
)

const ceo = { ...sampleCopies[0], networkMessageId: messageId, recipientEmailAddress: 'ceo.office@contoso.example' }
const protectedPlan = makePlan(
  3,
  { copies: [{ ...ceo, location: 'inbox_folder' }, ...sampleCopies], recipients: [] },
  { ...samplePolicy.limits, protectedMailboxes: ['ceo.office@contoso.example'] },
  proposed.openedAt
)
const noLinks = { urls: [], urlCount: 0, attachments: [], attachmentCount: 0 }
const mismatch = caseIn('proposed', {
  plan: protectedPlan,
  reporters: {
    ...proposed.reporters,
    claims: { subject: sampleMail.subject, senderAddress: 'helpdesk@contoso.example' }
  }
})

/** Of eleven: eight moved, two still where they were, one in another place. */
const notAllMoved = outcomeOf({
  copies: [...Array.from({ length: 8 }, () => 'moved' as const), 'waiting', 'waiting', 'elsewhere'],
  open: 3,
  places: { others: 8, inbox_folder: 2, junkFolder: 1 },
  causes: { administrator: 8, user: 1, moveFailed: 2 },
  nextLookAt: null
})
const withOutcome = (record: CaseRecord, outcome: ReturnType<typeof outcomeOf>): CaseRecord => ({
  ...record,
  remediations: record.remediations.map((each) => ({ ...each, outcome }))
})
const looked = { lastLookAt: at('03:19'), nextLookAt: at('03:34') }
const nothingMoved = outcomeOf({
  ...looked,
  copies: Array.from({ length: 11 }, () => 'waiting'),
  open: 11,
  places: { inbox_folder: 9, junkFolder: 2 },
  causes: {}
})

const others = [31, 12].map((copies, index) => ({
  networkMessageId: `0000000${String(index)}-0000-4000-8000-000000000000`,
  subject: ['Your mailbox is full: last reminder', sampleMail.subject][index] ?? '',
  senderAddress: sampleMail.senderAddress,
  copies,
  receivedAt: at('02:29') + index * minute,
  why: 'cluster' as const,
  seenAt: at('02:41')
}))
const campaign: Campaign = {
  lookedAt: at('02:41'),
  similar: others,
  more: false,
  included: [],
  joined: [],
  apart: [],
  handled: []
}
const [first] = others
const included = caseIn('proposed', {
  campaign: { ...campaign, included: first === undefined ? [] : [first.networkMessageId] }
})
const unionPlan = makePlan(
  4,
  {
    copies: [
      ...sampleCopies,
      ...copiesIn(31).map((copy) => ({ ...copy, networkMessageId: first?.networkMessageId ?? messageId }))
    ],
    recipients: []
  },
  samplePolicy.limits,
  at('02:41')
)

function undoing(record: CaseRecord): CaseRecord {
  const step = proposeUndo(record, {
    person: tom,
    reason: 'It is our own newsletter',
    policy,
    plans: record.plan === null ? [] : [record.plan],
    openCase: null,
    now: later.now - minute,
    activityId: 'a'
  })
  if (step.next === null) throw new Error(`The sample case cannot be undone: ${step.answer.kind}`)
  return { ...step.next, look: { attempts: 1, lastAt: later.now, nextAt: null, problem: null } }
}

function undone(record: CaseRecord): CaseRecord {
  const asked = undoing(record)
  const back = remediationOf([batchOf()], {
    planVersion: asked.planVersion,
    action: 'moveToInbox',
    decidedAt: later.now - minute,
    outcome: outcomeOf({ places: { inbox_folder: 11 }, leftOut: {}, lastLookAt: later.now })
  })
  return { ...asked, state: 'verified', remediations: [...record.remediations, back] }
}

function followUp(): CaseRecord {
  const verified = caseIn('verified')
  const plan: Plan = {
    ...makePlan(4, { copies: copiesIn(3), recipients: [] }, samplePolicy.limits, later.now),
    purpose: 'followUp',
    follows: 3
  }
  return { ...verified, state: 'proposed', planVersion: 4, plan }
}

const waiting = (record: CaseRecord, number: number, minutes: number): CaseRecord => ({
  ...record,
  number,
  waiting: { period: 1, since: context.now - minutes * minute, nudged: [] }
})

/** After a press on each Show. */
const opened = (card: object) =>
  JSON.parse(
    JSON.stringify(card)
      .replaceAll('"isVisible":false', '"isVisible":true')
      .replace(/"id":"\w+Show"/g, '$&,"isVisible":false')
  ) as object

const dispositions: Disposition[] = [
  'removed',
  'blocked',
  'phish',
  'spam',
  'notPhish',
  'restored',
  'simulation',
  'unknown'
]
const outcomeFor = (disposition: Disposition) =>
  renderOutcomeCard({ caseNumber: 1042, disposition, subject: sampleMail.subject })

/** One card each, or a card with the replies in its thread. */
export const cardStates: Record<string, object[]> = {
  looking: [draw(caseIn('looking'))],
  'nothing-found': [draw(caseIn('nothingFound'))],
  'cannot-be-looked-up': [draw(caseIn('unreadable'))],
  'needs-verdict': [draw(verdictCase('teamsMessage'))],
  'needs-verdict-file': [draw(verdictCase('file'))],
  'which-mail': [
    draw(
      verdictCase('file', {
        reporters: {
          ...proposed.reporters,
          claims: { subject: 'mailbox is full', senderAddress: sampleMail.senderAddress }
        },
        candidates: {
          searches: 1,
          lastAt: at('02:41'),
          nextAt: null,
          messages: others,
          more: false,
          problem: null,
          chosen: null
        }
      })
    )
  ],
  'awaiting-decision': [draw(proposed)],
  'awaiting-decision-open': [opened(draw(proposed))],
  'looked-again': [
    draw({ ...proposed, look: { ...proposed.look, lastAt: at('03:18') }, mail: { ...sampleMail, ...noLinks } })
  ],
  'mismatch-protected': [draw(mismatch)],
  'not-junk': [draw({ ...proposed, reporters: { ...proposed.reporters, kind: 'notJunk' } })],
  'second-approval': [draw(caseIn('partlyApproved'))],
  'approvals-void': [
    draw({ ...proposed, voided: { why: 'changed', changes: ['2 copies more', '1 moved'], at: context.now } })
  ],
  approved: [draw(caseIn('approved'), soon)],
  'being-submitted': [draw(caseIn('submitting'), soon)],
  submitted: [draw(submitted, soon), renderLinkCard(submitted, submitted.remediations[0] ?? refused, soon)],
  'outcome-unknown': [draw(uncertain, soon)],
  'outcome-unknown-nothing-moved': [draw(withOutcome(uncertain, nothingMoved))],
  'outcome-unknown-found-moved': [draw(withOutcome(uncertain, outcomeOf(looked)))],
  campaign: [draw(caseIn('proposed', { campaign }))],
  'campaign-open': [opened(draw(caseIn('proposed', { campaign })))],
  'campaign-included': [draw({ ...included, plan: unionPlan })],
  similar: [renderSimilar(proposed, campaign.similar, context.now)],
  'proposed-again': [
    draw(
      { ...proposed, planVersion: 5, remediations: uncertain.remediations },
      { ...context, banner: 'That plan is out of date: the mailboxes have changed.', repeat: true }
    )
  ],
  'marked-done': [draw(markedDone(), later)],
  'marked-done-verified': [draw({ ...withOutcome(markedDone(), outcomeOf({})), state: 'verified' }, later)],
  failed: [draw({ ...caseIn('failed'), remediations: [refused] })],
  'partly-submitted': [draw({ ...caseIn('failed'), remediations: [inPart] }, soon)],
  verified: [
    draw(caseIn('verified'), later),
    renderLinkCard(caseIn('verified'), caseIn('verified').remediations[0] ?? refused, later)
  ],
  'verified-some-not-moved': [draw(withOutcome(caseIn('verified'), notAllMoved), later)],
  'undo-proposed': [draw(undoing(caseIn('verified')), later)],
  undone: [draw(undone(caseIn('verified')), later)],
  'follow-up': [draw(followUp(), later)],
  rejected: [draw(caseIn('rejected'))],
  closed: [draw(verdictCase('teamsMessage', { state: 'closed', closing: caseIn('closed').closing }))],
  simulation: [draw(caseIn('simulation', { reporters: { ...proposed.reporters, kind: 'simulation' } }))],
  expired: [draw(caseIn('expired'))],
  joined: [draw(caseIn('joined'))],
  'link-many-batches': [renderLinkCard(submitted, manyBatches, soon)],
  'link-unknown': [renderLinkCard(uncertain, uncertain.remediations[0] ?? refused, soon)],
  'link-failed': [renderLinkCard({ ...caseIn('failed'), remediations: [refused] }, refused, context)],
  nudge: [
    renderNudgeCard(
      proposed,
      { kind: 'escalation', waitsFor: 'approver', waited: 60 * minute, high: true, users: ['x'], tags: [] },
      { mentions: { people: [{ id: 'x', text: '<at>Ana Silva</at>', name: 'Ana Silva' }], tags: [] }, repeat: false }
    )
  ],
  'reporter-thanks': [renderReportCard({ caseNumber: 1042, subject: sampleMail.subject })],
  ...Object.fromEntries(
    dispositions.map((disposition) => [`reporter-${disposition.replace('P', '-p')}`, [outcomeFor(disposition)]])
  ),
  queue: [
    renderQueue(
      [
        waiting(proposed, 1042, 42),
        waiting(caseIn('partlyApproved'), 1045, 12),
        waiting(verdictCase('file'), 1046, 9),
        waiting(uncertain, 1040, 6),
        waiting(caseIn('nothingFound'), 1047, 4)
      ],
      7,
      context.now
    )
  ],
  mailboxes: [renderMailboxList(withOutcome(caseIn('verified'), notAllMoved)) ?? {}],
  find: [
    renderFindCard(
      { from: 'helpdesk@contos0-support.example', subject: 'mailbox is full', sinceMs: 24 * 60 * minute },
      {
        kind: 'messages',
        more: false,
        messages: [12, 3].map((copies, index) => ({
          networkMessageId: `0000000${String(index)}-0000-4000-8000-000000000000`,
          subject: sampleMail.subject,
          senderAddress: sampleMail.senderAddress,
          copies,
          receivedAt: at('02:31') + index * minute
        }))
      },
      context.now
    )
  ],
  // The renderer draws no charts: what the picture shows is what stands for them.
  stats: [renderStatsCard(sampleWeek)],
  'stats-month': [renderStatsCard(sampleMonth)],
  history: [
    renderHistory(
      {
        page: 1,
        more: true,
        cases: [caseIn('verified'), caseIn('rejected', { number: 1041 }), caseIn('expired', { number: 1039 })].map(
          (record, index) => ({ record, endedAt: later.now - index * 47 * minute })
        )
      },
      later.now
    )
  ],
  'time-line': [renderTimeLine({ record: submitted, entries: story(), between: 0 }, context.now)],
  audit: [renderAuditCard({ caseNumber: 1042, page: 1, entries: story(), total: 26 }, context.now)]
}

/** What the audit log has of the submitted case. */
function story(): AuditEntry[] {
  const { plan, remediations, reporters, number } = submitted
  const [remediation] = remediations
  if (plan === null || remediation === undefined) throw new Error('The sample case was not submitted.')
  const { action, severity, batches, approvals } = remediation
  const [{ person, reason, ruling } = { person: tom, reason: '', ruling: null }] = approvals
  const shown = { planVersion: plan.version, copiesDigest: copiesDigest(plan), copies: plan.copies.length }
  const digest = planDigest(number, plan, remediation)
  const { status, requestId, rawLocation } = batches[0] ?? batchOf()
  const facts: Omit<AuditEntry, 'at' | 'caseNumber'>[] = [
    { event: 'case.opened', actor: reporters.first, detail: { origin: 'report', note: 'It asks for my password' } },
    { event: 'case.found', actor: null, detail: shown },
    { event: 'decision.approved', actor: person, detail: { ...shown, digest, action, severity, reason, ruling } },
    { event: 'batch.submitting', actor: null, detail: { ...shown, digest, batch: 1 } },
    {
      event: 'batch.accepted',
      actor: null,
      detail: { planVersion: plan.version, digest, batch: 1, status, requestId, rawLocation }
    }
  ]
  return facts.map((entry, index) => ({ ...entry, at: context.now + (index - 9) * minute, caseNumber: number }))
}

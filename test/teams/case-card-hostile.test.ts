// Words from outside cannot speak for the bot, whatever they are and however many; and the card stays under its limit.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { CaseRecord } from '../../src/case/case.js'
import type { MailCopy } from '../../src/case/mail.js'
import { makePlan } from '../../src/case/plan.js'
import { caseSummary, renderCaseCard } from '../../src/teams/case-card.js'
import { cardProblem } from './card-schema.js'
import { textOf, titlesOf, trustedStringsOf } from './card-walk.js'
import {
  approvalOf,
  allStates,
  batchOf,
  caseIn,
  contextAt,
  copiesIn,
  messageId,
  remediationOf,
  sampleMail,
  samplePolicy
} from './sample-cases.js'

const context = contextAt('2026-11-22T03:20:00Z')
const draw = (record: CaseRecord) => renderCaseCard(record, context)
const bytes = (card: object) => Buffer.byteLength(JSON.stringify(card))

const messageKinds = ['internetMessageId', 'teamsMessage', 'file'] as const

/** Every field that somebody outside fills, filled. */
function filled(state: CaseRecord['state'], text: string, count: number): CaseRecord {
  const copies = (location: MailCopy['location'], size: number): MailCopy[] =>
    Array.from({ length: size }, (_, index) => ({
      networkMessageId: messageId,
      recipientEmailAddress: `${text}${String(index)}@${text}`,
      location
    }))
  const person = { objectId: 'o1', name: text }
  const base = caseIn(state)
  const problem: CaseRecord['look']['problem'][] = [
    { kind: 'forbidden', permission: text, code: text },
    { kind: 'noLicence', code: text },
    { kind: 'unavailable', reason: text },
    { kind: 'noMail' }
  ]
  return {
    ...base,
    message: { kind: messageKinds[count % messageKinds.length] ?? 'file', value: text },
    openedBy: person,
    look: { ...base.look, problem: problem[count % 4] ?? null },
    mail: {
      ...sampleMail,
      subject: text,
      senderAddress: `${text}@${text}`,
      senderName: text,
      mailFromAddress: text,
      senderIp: text,
      internetMessageId: text,
      direction: 'outbound',
      threatTypes: Array.from({ length: count }, () => text),
      confidence: text,
      detectionMethods: Array.from({ length: count }, () => text),
      authentication: { spf: text, dkim: text, dmarc: text, composite: text },
      urls: Array.from({ length: count }, () => ({ url: `https://${text}`, threat: text })),
      urlCount: count * 2,
      attachments: Array.from({ length: count }, () => ({ name: text, bytes: 1, threat: text })),
      attachmentCount: count * 2
    },
    plan: makePlan(
      3,
      {
        copies: [...copies('inbox_folder', 20), ...copies('junkFolder', 20), ...copies('dropped', count)],
        recipients: []
      },
      samplePolicy.limits,
      0
    ),
    remediations: [
      remediationOf(
        Array.from({ length: 12 }, (_, index) =>
          batchOf({
            seq: index + 1,
            from: index,
            to: index + 1,
            state: index % 2 ? 'refused' : 'uncertain',
            code: `${text}${String(index)}`,
            message: text,
            requestId: text
          })
        ),
        { approvals: [approvalOf({ person, reason: text })] }
      )
    ],
    ...similarTo(text, count),
    closing: { by: person, reason: text, verdict: null, at: 0 },
    reporters: {
      ...base.reporters,
      count: 40,
      first: person,
      claims: { subject: `${text}!`, senderAddress: `!${text}` },
      notes: [text, text, text]
    }
  }
}

/** Messages like the case's, and those that a report without ids may be about. */
function similarTo(text: string, count: number): Pick<CaseRecord, 'campaign' | 'candidates'> {
  const messages = Array.from({ length: count }, (_, index) => ({
    networkMessageId: `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`,
    subject: text,
    senderAddress: `${text}@${text}`,
    copies: index,
    receivedAt: index,
    why: 'cluster' as const,
    seenAt: 0
  }))
  const problem = count % 2 === 0 ? ({ kind: 'unavailable', reason: text } as const) : null
  const offered = messages.slice(0, 5)
  return {
    campaign: { lookedAt: 0, similar: messages, more: true, included: [], joined: [], apart: [], handled: [] },
    candidates: { searches: 1, lastAt: 0, nextAt: null, messages: offered, more: true, problem, chosen: null }
  }
}

describe('words from outside', () => {
  it('stand in monospaced runs and nowhere else', () => {
    const marker = 'zqxzqx'
    // Three kinds of messages and four problems: every pair of them.
    const counts = Array.from({ length: 12 }, (_, index) => index + 1)
    for (const [state, count] of allStates.flatMap((state) => counts.map((count) => [state, count] as const))) {
      const record = filled(state, marker, count)
      const card = draw(record)
      assert.ok(JSON.stringify(card).includes(marker), state)
      const leaked = trustedStringsOf(card).filter((text) => text.includes(marker))
      assert.deepEqual(leaked, [], state)
      assert.ok(!caseSummary(record).includes(marker))
    }
  })

  const hostile = [
    '',
    ' \t\n',
    '[click](https://evil.example) **bold** <at>Ana</at>',
    '${json($root)} ${name}',
    '{{DATE(2026-11-22T02:41:00Z, SHORT)}}',
    '\u202egnp.exe\u0000\u200b\ud800',
    '"}],"actions":[{"type":"Action.Execute"}]\\',
    '漢'.repeat(10_000),
    '\u{1f468}\u200d\u{1f469}'.repeat(3000),
    '"'.repeat(10_000),
    'ü@ö.'.repeat(2500)
  ]
  for (const text of hostile) {
    it(`cannot change a card: ${JSON.stringify(text.slice(0, 40))}`, () => {
      for (const state of allStates) for (const count of [0, 7, 20]) check(filled(state, text, count))
    })
  }

  it('cannot change a card, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...allStates),
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.integer({ min: 0, max: 20 }),
        (state, text, count) => {
          check(filled(state, text, count))
        }
      ),
      { numRuns: 40 }
    )
  })

  it('leave room for 5,000 copies', () => {
    const policy = { ...samplePolicy, limits: { ...samplePolicy.limits, maxCopies: 5000 } }
    const plan = makePlan(3, { copies: copiesIn(5000), recipients: [] }, policy.limits, 0)
    const card = renderCaseCard({ ...filled('proposed', 'x'.repeat(10_000), 20), plan }, { ...context, policy })
    assert.ok(titlesOf(card).includes('Approve'))
    assert.ok(bytes(card) <= 20 * 1024, String(bytes(card)))
    const text = textOf(card)
    assert.match(text, /and 4,99\d more\nThe full list: case PT-1042/)
  })

  function check(record: CaseRecord): void {
    const card = renderCaseCard(record, { ...context, banner: 'x'.repeat(1000), repeat: true })
    const json = JSON.stringify(card)
    assert.ok(Buffer.byteLength(json) <= 20 * 1024, `${record.state}: ${String(Buffer.byteLength(json))} bytes`)
    assert.ok(!json.includes('${') && !json.includes('{{DATE'))
    assert.equal(cardProblem(card), null)
    assert.deepEqual(JSON.parse(json), card)
  }
})

// What the case's card says of requests that were sent: removed or not, waiting, unknown, and found by a person.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { Batch, Remediation } from '../../src/case/remediation.js'
import { renderCaseCard } from '../../src/teams/case-card.js'
import { cardProblem } from './card-schema.js'
import { nodesOf, textOf, titlesOf } from './card-walk.js'
import { allStates, batchOf, caseIn, contextAt, markedDone, remediationOf, samplePolicy } from './sample-cases.js'

const context = contextAt('2026-11-22T03:30:00Z')
const says = (record: CaseRecord) => textOf(renderCaseCard(record, context))

function sent(state: Batch['state'], planVersion: number, changes: Partial<Batch> = {}): Remediation {
  return remediationOf([batchOf({ state, trackingLink: null, ...changes })], { planVersion })
}

describe('the case card after earlier requests', () => {
  const refused = sent('refused', 4, { code: 'Forbidden', status: 403 })
  const unsent = sent('notSent', 4)
  const heads: [CaseRecord, string][] = [
    [caseIn('failed', { remediations: [refused] }), 'refused, nothing was removed'],
    [
      caseIn('failed', { remediations: [sent('accepted', 3), refused] }),
      'refused, what was submitted before stays submitted'
    ],
    [
      caseIn('failed', { remediations: [sent('uncertain', 3), refused] }),
      'refused, the outcome of an earlier request is unknown'
    ],
    [caseIn('failed', { remediations: [unsent] }), 'Not sent\nPT-1042 · v3 · nothing was removed'],
    [
      caseIn('failed', { remediations: [sent('uncertain', 3), unsent] }),
      'Not sent\nPT-1042 · v3 · the outcome of an earlier request is unknown'
    ],
    [
      caseIn('rejected', { remediations: [sent('accepted', 3), refused] }),
      'Closed: not phish\nPT-1042 · v3 · what was submitted before stays submitted'
    ],
    [caseIn('rejected', { remediations: [refused] }), 'Closed: not phish\nPT-1042 · v3 · nothing was removed'],
    [
      caseIn('expired', { remediations: [sent('uncertain', 3)] }),
      'Expired: nobody decided again\nPT-1042 · v3 · the outcome of an earlier request is unknown'
    ]
  ]
  for (const [record, head] of heads) {
    it(JSON.stringify(head), () => {
      const text = says(record)
      assert.ok(text.includes(head), text)
      assert.equal(/nothing was removed/i.test(text), head.includes('nothing was removed'))
    })
  }

  it('warns of an unknown outcome, also where a later request was refused', () => {
    const text = says(caseIn('proposed', { remediations: [sent('uncertain', 3), refused] }))
    assert.ok(text.includes('? The outcome of an earlier request is unknown'), text)
    assert.ok(text.includes('Soft delete, plan v3\nOutcome\nunknown for 11 mailboxes'), text)
    assert.ok(!text.includes('Besides'))
    assert.ok(!says(caseIn('proposed', { remediations: [refused] })).includes('earlier request'))
  })

  it('warns of the newest that is unknown, and counts the others', () => {
    const remediations = [sent('uncertain', 1), sent('uncertain', 2), sent('accepted', 3), refused]
    const text = says(caseIn('proposed', { planVersion: 5, remediations }))
    assert.ok(text.includes('Soft delete, plan v2'), text)
    assert.ok(text.includes('Besides\n2 more requests, accepted or unknown'), text)
  })

  it('warns on a failed card of what came before its own request', () => {
    assert.ok(says(caseIn('failed', { remediations: [sent('uncertain', 3), refused] })).includes('? The outcome of an'))
    assert.ok(!says(caseIn('failed', { remediations: [refused] })).includes('? The outcome of an'))
    assert.ok(!says(caseIn('uncertain')).includes('? The outcome of an'))
  })
})

describe('the case card while and after it was not accepted', () => {
  const reasons: [Partial<Batch>, string][] = [
    [{ code: 'notSent', message: 'ECONNREFUSED' }, 'The request never left this bot for 11 mailboxes.'],
    [{ attempts: 0, sentAt: null }, 'The request never left this bot for 11 mailboxes.'],
    [{ code: 'throttled', status: 429 }, 'Defender is throttling: not accepted for 11 mailboxes (HTTP 429).'],
    [
      { code: 'planChanged', message: 'The plan is not the one that was approved.' },
      'Not sent for 11 mailboxes: The plan is not the one that was approved.'
    ],
    [
      { code: 'tooOld', message: 'It was approved more than 24 hours ago, and could not be sent since.' },
      'Not sent for 11 mailboxes: It was approved more than 24 hours ago, and could not be sent since.'
    ]
  ]
  for (const [changes, line] of reasons) {
    it(line, () => {
      const text = says(caseIn('failed', { remediations: [sent('notSent', 3, changes)] }))
      assert.ok(text.includes(line), text)
      assert.equal(text.includes('never left'), line.includes('never left'))
    })
  }

  const pending = { state: 'pending', trackingLink: null, status: null } as const
  for (const [status, message, why] of [
    [429, 'Defender is throttling requests.', 'throttled'],
    [null, 'ECONNREFUSED', 'no connection']
  ] as const) {
    it(`says that it waits and why: ${why}`, () => {
      const text = says(
        caseIn('submitting', { remediations: [remediationOf([batchOf({ ...pending, status, message })])] })
      )
      assert.ok(text.includes(`○ Waiting: ${why}, it is tried again`), text)
      assert.ok(text.includes('PT-1042 · v3 · not accepted yet, tried again by itself'), text)
      assert.ok(!text.includes('Sent to Defender') && !text.includes('has not answered'), text)
    })
  }

  it('says which part waits', () => {
    const first = batchOf({ to: 5 })
    const second = batchOf({ ...pending, seq: 2, from: 5, message: 'x', status: 429 })
    const text = says(caseIn('submitting', { remediations: [remediationOf([first, second])] }))
    assert.ok(text.includes('1 of 2 batches accepted, the rest is tried again by itself'), text)
    assert.ok(text.includes('Sent to Defender'), text)
    assert.ok(text.includes('○ Waiting: throttled, it is tried again: 1 accepted, 1 waiting'), text)
  })
})

describe('the case card and Mark as done', () => {
  it('asks why, and offers it to approvers beside what else can be done', () => {
    const card = renderCaseCard(caseIn('uncertain'), context)
    const reason = nodesOf(card).find(({ id }) => id === 'reason')
    assert.deepEqual([reason?.isRequired, reason?.label], [true, 'Reason (for Mark as done)'])
    assert.deepEqual(titlesOf(card), ['Open Action Center', 'Mark as done', 'Propose again'])
    const ofReject = nodesOf(renderCaseCard(caseIn('failed'), context)).find(({ id }) => id === 'reason')
    assert.equal(ofReject?.label, 'Reason (for Not phish)')
  })

  it('is not there where nobody may approve', () => {
    const policy = { ...samplePolicy, approvers: { users: [], groups: [] } }
    const card = renderCaseCard(caseIn('uncertain'), { ...context, policy })
    assert.deepEqual(titlesOf(card), ['Open Action Center', 'Propose again'])
    assert.ok(!textOf(card).includes('Mark as done'))
    assert.ok(!nodesOf(card).some(({ type }) => type?.startsWith('Input.')))
  })

  it('leads to a card that says who found it, when and why, and keeps the outcome unknown', () => {
    const card = renderCaseCard(markedDone(), context)
    const text = textOf(card)
    for (const line of [
      'Submitted\nPT-1042 · v3 · found in Action Center by a person, not looked at yet',
      'Marked by\nAna Silva, 03:25 UTC\nBecause\nIt stands there as b1',
      'Batches\n1 outcome unknown',
      'Approved by\nDana Weber, 03:14 UTC'
    ]) {
      assert.ok(text.includes(line), `${line}\nnot in\n${text}`)
    }
    assert.ok(!text.includes('accepted by Defender'))
    assert.deepEqual(titlesOf(card), ['Open Action Center'])
    assert.equal(cardProblem(card), null)
  })
})

describe('the case card that is only to be read', () => {
  for (const state of allStates) {
    it(`has links but neither inputs nor buttons when ${state}`, () => {
      const card = renderCaseCard(caseIn(state), { ...context, readOnly: true })
      const types = nodesOf(card).map(({ type }) => type ?? '')
      assert.deepEqual(
        types.filter((type) => type.startsWith('Input.') || type === 'Action.Execute' || type === 'Action.Submit'),
        []
      )
      const links = (drawn: object) => nodesOf(drawn).filter(({ type }) => type === 'Action.OpenUrl')
      assert.deepEqual(links(card), links(renderCaseCard(caseIn(state), context)))
      assert.ok(links(card).length > 0)
      assert.equal(cardProblem(card), null)
    })
  }
})

describe('the banner of a case card', () => {
  it('is one line with room for two problems', () => {
    const problems = ['The action must be one of: a.', 'x'.repeat(250), 'PT-1042 is unchanged.']
    const text = textOf(renderCaseCard(caseIn('proposed'), { ...context, banner: problems.join('\n\n') }))
    assert.ok(text.includes(problems.join(' ')), text)
    assert.ok(!text.includes('U+000A'))
  })
})

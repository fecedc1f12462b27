// The reply with the tracking links: counts what was accepted and links only what was checked.
import assert from 'node:assert/strict'
import type { Batch, Remediation } from '../../src/case/remediation.js'
import { linkSummary, renderLinkCard } from '../../src/teams/link-card.js'
import { renderReportCard } from '../../src/teams/report-card.js'
import { cardProblem } from './card-schema.js'
import { nodesOf, textOf, titlesOf, trustedStringsOf } from './card-walk.js'
import { approvalOf, batchOf, caseIn, contextAt, remediationOf } from './sample-cases.js'

const context = contextAt('2026-11-22T03:20:00Z')
const record = caseIn('submitted')
const draw = (...batches: Batch[]) => {
  const remediation = remediationOf(batches)
  return renderLinkCard({ ...record, remediations: [remediation] }, remediation, context)
}
const urlsOf = (card: object) =>
  nodesOf(card)
    .filter(({ type }) => type === 'Action.OpenUrl')
    .map(({ url }) => String(url))

const link = (seq: number) =>
  `https://security.microsoft.com/action-center/history?filters=%7B%22bulkId%22%3A%5B%22b${String(seq)}%22%5D%7D`

function batches(...states: Batch['state'][]): Batch[] {
  return states.map((state, index) =>
    batchOf({
      seq: index + 1,
      from: index * 100,
      to: index * 100 + 100,
      state,
      trackingLink: state === 'accepted' ? link(index + 1) : null,
      ...(state === 'refused' ? { code: 'Forbidden', status: 403 } : {})
    })
  )
}

describe('the link card', () => {
  it('has one button for one accepted batch', () => {
    const card = draw(batchOf({ trackingLink: link(1) }))
    assert.equal(
      textOf(card),
      [
        'PT-1042 submitted: soft delete in 11 mailboxes',
        'Approved by Dana Weber at 03:14 UTC, severity medium.',
        'Accepted by Defender; the mailboxes were not looked at yet.',
        'Next look at the mailboxes: 03:15 UTC.'
      ].join('\n')
    )
    assert.deepEqual(titlesOf(card), ['Track in Action Center'])
    assert.deepEqual(urlsOf(card), [link(1)])
    assert.equal(cardProblem(card), null)
  })

  it('has a row for each of several batches, ten at most', () => {
    const card = draw(...batches(...Array.from({ length: 12 }, () => 'accepted' as const)))
    assert.deepEqual(
      urlsOf(card),
      Array.from({ length: 10 }, (_, index) => link(index + 1))
    )
    const text = textOf(card)
    assert.ok(text.includes('PT-1042 submitted: soft delete in 1,200 mailboxes'))
    assert.ok(text.includes('Batches: 12 accepted.'))
    assert.ok(text.includes('Batch 10/12\naccepted, 100 mailboxes\nTrack\nand 2 more links: case PT-1042'), text)
    assert.equal(cardProblem(card), null)
  })

  it('counts what was refused, not sent and unknown', () => {
    const card = draw(...batches('accepted', 'uncertain', 'refused', 'notSent', 'pending'))
    const text = textOf(card)
    assert.ok(text.includes('PT-1042 submitted: soft delete in 100 of 500 mailboxes'))
    assert.ok(text.includes('Batches: 1 accepted, 1 refused, 1 outcome unknown, 1 not sent, 1 waiting.'))
    assert.ok(text.includes('Defender refused it: Forbidden, HTTP 403.'))
    assert.ok(text.includes('What is unknown is not sent again without a new approval.'))
    assert.deepEqual(urlsOf(card), [link(1), context.actionCenterLink])
    assert.equal(cardProblem(card), null)
  })

  const unusable = [null, 'http://security.microsoft.com/x', 'javascript:alert(1)', `https://a.example/${'${x}'}`]
  for (const trackingLink of unusable) {
    it(`says "no usable link" for ${String(trackingLink)}`, () => {
      const card = draw(batchOf({ trackingLink }))
      assert.ok(textOf(card).includes("Accepted, no usable link: look for it in Action Center's history."))
      assert.deepEqual(urlsOf(card), [context.actionCenterLink])
    })
  }

  it('links the history where one of several has no usable link', () => {
    const [first, second] = batches('accepted', 'accepted')
    assert.ok(first && second)
    const card = draw(first, { ...second, trackingLink: null })
    assert.ok(textOf(card).includes("1 accepted, no usable link: see Action Center's history."))
    assert.deepEqual(urlsOf(card), [link(1), context.actionCenterLink])
  })

  it('never says submitted where nothing was accepted', () => {
    const summary = (state: Batch['state']) => linkSummary(record, remediationOf(batches(state)))
    assert.equal(summary('accepted'), 'PT-1042 submitted: soft delete in 100 mailboxes')
    assert.equal(summary('uncertain'), 'PT-1042: outcome unknown, soft delete in 100 mailboxes')
    assert.equal(summary('refused'), 'PT-1042: refused by Defender (Forbidden), soft delete in 100 mailboxes')
    assert.equal(summary('notSent'), 'PT-1042: not sent, soft delete in 100 mailboxes')
    assert.equal(summary('pending'), 'PT-1042: not submitted yet, soft delete in 100 mailboxes')
  })

  const endings: [what: string, batch: Partial<Batch>, lines: string[], urls: string[]][] = [
    [
      'refused',
      { state: 'refused', code: 'Forbidden', status: 403 },
      [
        'PT-1042: refused by Defender (Forbidden), soft delete in 11 mailboxes',
        'Approved by Dana Weber at 03:14 UTC, severity medium.',
        'Refused by Defender.',
        'Defender refused it: Forbidden, HTTP 403.',
        'Nothing was removed. It is not sent again without a new approval: Propose again on the card.'
      ],
      []
    ],
    [
      'throttled',
      { state: 'notSent', code: 'throttled', status: 429, message: 'Defender is throttling requests.' },
      [
        'PT-1042: not sent, soft delete in 11 mailboxes',
        'Approved by Dana Weber at 03:14 UTC, severity medium.',
        'Not sent.',
        'Defender is throttling: not accepted for 11 mailboxes (HTTP 429).',
        'Nothing was removed. It is not sent again without a new approval: Propose again on the card.'
      ],
      []
    ],
    [
      'unknown',
      { state: 'uncertain' },
      [
        'PT-1042: outcome unknown, soft delete in 11 mailboxes',
        'Approved by Dana Weber at 03:14 UTC, severity medium.',
        'The outcome is unknown: it may or may not have been accepted.',
        'Next look at the mailboxes: 03:15 UTC.',
        'Look in Action Center for PT-1042 softDelete v3',
        'What is unknown is not sent again without a new approval. The card says what to do.'
      ],
      [context.actionCenterLink]
    ]
  ]
  for (const [what, batch, expected, urls] of endings) {
    it(`says what to do where nothing was accepted: ${what}`, () => {
      const card = draw(batchOf({ trackingLink: null, ...batch }))
      assert.equal(textOf(card), expected.join('\n'))
      assert.deepEqual(urlsOf(card), urls)
      assert.equal(cardProblem(card), null)
    })
  }

  it('says of a refusal after an unknown outcome that this one is unknown still, and nothing of what comes later', () => {
    const of = (planVersion: number, state: Batch['state']) =>
      remediationOf([batchOf({ state, trackingLink: null })], { planVersion })
    const refused = of(4, 'refused')
    const text = (...remediations: Remediation[]) =>
      textOf(renderLinkCard({ ...record, remediations }, refused, context))
    assert.ok(text(of(3, 'uncertain'), refused).includes('The outcome of an earlier request is unknown'))
    assert.ok(text(of(3, 'accepted'), refused).includes('What was submitted before stays submitted.'))
    assert.ok(text(refused, of(5, 'uncertain')).includes('Nothing was removed.'))
  })

  it('shows no code in its title that is more than a word', () => {
    const title = (code: string) =>
      linkSummary(record, remediationOf([batchOf({ state: 'refused', trackingLink: null, code })]))
    for (const code of ['', '**x**', 'a b', '<at>all</at>', '{{DATE(2026-11-22)}}', 'x'.repeat(41)]) {
      assert.equal(title(code), 'PT-1042: refused by Defender, soft delete in 11 mailboxes')
    }
  })

  it('keeps words from outside in monospaced runs, and stays small', () => {
    const marker = 'zqxzqx'.repeat(500)
    const refused = batches(...Array.from({ length: 12 }, () => 'refused' as const)).map((batch, index) => ({
      ...batch,
      code: `${marker}${String(index)}`,
      message: marker
    }))
    const card = renderLinkCard(
      record,
      remediationOf([...refused, batchOf()], {
        approvals: [approvalOf({ person: { objectId: 'o', name: marker } })]
      }),
      context
    )
    assert.ok(JSON.stringify(card).includes('zqxzqx'))
    assert.ok(!trustedStringsOf(card).some((text) => text.includes('zqxzqx')))
    assert.ok(Buffer.byteLength(JSON.stringify(card)) <= 20 * 1024)
    assert.equal(cardProblem(card), null)
  })

  it('stays small with ten links of any length that is a link', () => {
    const long = batches(...Array.from({ length: 10 }, () => 'accepted' as const)).map((batch) => ({
      ...batch,
      trackingLink: `https://security.microsoft.com/${'x'.repeat(960)}`
    }))
    assert.ok(Buffer.byteLength(JSON.stringify(draw(...long))) <= 20 * 1024)
  })
})

describe('the report card', () => {
  it('thanks, and says what to do until then', () => {
    const card = renderReportCard({ caseNumber: 1042, subject: '**Your** mailbox' })
    assert.equal(
      textOf(card),
      [
        'Thank you, your report has arrived',
        '**Your** mailbox',
        'The security team is looking at it. You will get the result here.',
        'Until then: do not click, reply or forward.',
        'PT-1042'
      ].join('\n')
    )
    assert.ok(!trustedStringsOf(card).some((text) => text.includes('**')))
    assert.equal(cardProblem(card), null)
  })

  it('leaves out what it was not given', () => {
    const text = textOf(renderReportCard({ caseNumber: null }))
    assert.ok(!text.includes('PT-') && !text.includes('service desk'))
  })

  it('names the service desk and the others who reported', () => {
    const card = renderReportCard({ caseNumber: 1042, joined: true, serviceDesk: 'ext. 4357' })
    assert.ok(textOf(card).includes('Others have reported it too.'))
    assert.ok(textOf(card).includes('Already clicked or typed a password? Call the service desk now: ext. 4357'))
    assert.equal(cardProblem(card), null)
  })
})

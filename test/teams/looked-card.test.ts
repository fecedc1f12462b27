// The cards after a request was looked at: word for word, valid, and small whatever was seen.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import { makePlan } from '../../src/case/plan.js'
import { type CopyOutcome, type Remediation, type RemediationOutcome } from '../../src/case/remediation.js'
import { caseSummary, renderCaseCard } from '../../src/teams/case-card.js'
import { renderLinkCard } from '../../src/teams/link-card.js'
import { renderMailboxList } from '../../src/teams/list-card.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { textOf, titlesOf } from './card-walk.js'
import { batchOf, caseIn, contextAt, copiesIn, outcomeOf, remediationOf, samplePolicy } from './sample-cases.js'

const context = contextAt('2026-11-22T03:40:00Z')
const head = (record: CaseRecord) => textOf(renderCaseCard(record, context)).split('\n').slice(0, 3).join('\n')
const says = (record: CaseRecord) => textOf(renderCaseCard(record, context))

function seen(
  changes: Partial<RemediationOutcome>,
  parts: Partial<Remediation> = {},
  state: CaseRecord['state'] = 'verified'
) {
  return caseIn(state, { remediations: [remediationOf([batchOf()], { outcome: outcomeOf(changes), ...parts })] })
}

function of(counts: Partial<Record<CopyOutcome, number>>): CopyOutcome[] {
  return (Object.entries(counts) as [CopyOutcome, number][]).flatMap(([what, count]) =>
    Array.from({ length: count }, () => what)
  )
}

const uncertain = batchOf({ state: 'uncertain', answeredAt: null, trackingLink: null, status: null })

describe('the card of what became of it', () => {
  const heads: [what: string, record: CaseRecord, head: string][] = [
    ['all moved', seen({}), '✓\nRemoved from 11 of 12 mailboxes\nPT-1042 · v3 · last look 03:31 UTC'],
    [
      'some not moved, looks go on',
      seen({ copies: of({ moved: 9, waiting: 2 }), open: 2 }, {}, 'submitted'),
      '►\nSubmitted\nPT-1042 · v3 · removed from 9 of 12 so far, next look 04:14 UTC'
    ],
    [
      'some not moved in the end',
      seen({ copies: of({ moved: 9, waiting: 2 }), open: 2, nextLookAt: null }),
      '!\nRemoved from 9 of 12 mailboxes\nPT-1042 · v3 · 2 not moved after 24 h, last look 03:31 UTC'
    ],
    [
      'one went elsewhere',
      seen({ copies: of({ moved: 10, elsewhere: 1 }), open: 1, nextLookAt: null }),
      '!\nRemoved from 10 of 12 mailboxes\nPT-1042 · v3 · 1 in another place after 24 h, last look 03:31 UTC'
    ],
    [
      'one was quarantined',
      seen({ copies: of({ moved: 10, elsewhere: 1 }), open: 0, causes: { zap: 1 } }),
      '✓\nRemoved from 10 of 12 mailboxes\nPT-1042 · v3 · last look 03:31 UTC'
    ],
    [
      'nothing had to be moved',
      seen({ copies: of({ already: 11 }) }),
      '✓\nRemoved from 0 of 12 mailboxes\nPT-1042 · v3 · last look 03:31 UTC'
    ],
    [
      'listed no more, for good',
      seen({ copies: of({ moved: 8, gone: 3 }) }, { action: 'hardDelete' }),
      '✓\nRemoved from 11 of 12 mailboxes\nPT-1042 · v3 · last look 03:31 UTC'
    ],
    [
      'a state without a look, which cannot be',
      caseIn('verified', { remediations: [remediationOf([batchOf()])] }),
      '►\nSubmitted\nPT-1042 · v3 · not looked at'
    ]
  ]
  for (const [what, record, expected] of heads) {
    it(`begins with what was seen: ${what}`, () => {
      assert.equal(head(record), expected)
      const card = renderCaseCard(record, context)
      assert.equal(cardProblem(card), null)
      assert.deepEqual(rendererProblems(card), [])
    })
  }

  it('is summed up by what was seen', () => {
    assert.equal(caseSummary(seen({})), 'PT-1042: removed from 11 of 12 mailboxes')
    assert.equal(caseSummary(seen({}, {}, 'submitted')), 'PT-1042: 11 mailboxes, submitted')
  })

  it('shows the numbers, then who was left out, then the mailboxes one by one', () => {
    assert.equal(
      says(seen({ copies: of({ moved: 9, already: 2 }), causes: { administrator: 9, zapBefore: 1, airBefore: 1 } })),
      [
        '✓',
        'Removed from 9 of 12 mailboxes',
        'PT-1042 · v3 · last look 03:31 UTC',
        'Your mailbox is full: confirm your password to keep receiving mail',
        'From helpdesk[@]contos0-support[.]example shown as IT-Helpdesk',
        '9',
        'removed',
        '2',
        'already there',
        '1',
        'cannot be acted on',
        'Left out',
        'plant7.scanner: on-premises, cannot be acted on',
        'Also',
        'Defender had already moved 2 by itself (ZAP, AIR).',
        'Mailboxes',
        '12, one by one',
        'Show',
        'Hide',
        'Removed, 9',
        'ana.silva, ben.okafor, chen.li, d.weber, e.rossi, f.haddad, g.novak, h.sato, i.moreau',
        'Already there, 2',
        'j.kim and 1 more',
        'The full list: case PT-1042',
        'All at contoso[.]example',
        'Action',
        'Soft delete, severity medium, 11 mailboxes',
        'Approved by',
        'Dana Weber, 03:14 UTC',
        'Undo',
        'Moves 9 copies back to the Inbox, not to the folder they came from. Needs 1 approval.'
      ].join('\n')
    )
    assert.deepEqual(titlesOf(renderCaseCard(seen({}), context)), ['Undo', 'Track in Action Center'])
  })

  it('never shows more than four numbers, and always those of what was left out', () => {
    const copies = of({ moved: 2, already: 2, waiting: 2, elsewhere: 2, gone: 3 })
    const text = says(seen({ copies, open: 7 }))
    assert.match(text, /\n2\nremoved\n2\nalready there\n2\nnot moved\n1\ncannot be acted on\n/)
  })

  it('says of an unknown outcome what was seen, and that this names nobody', () => {
    const unknown = (changes: Partial<RemediationOutcome>) =>
      caseIn('uncertain', { remediations: [remediationOf([uncertain], { outcome: outcomeOf(changes) })] })
    const still = unknown({
      copies: of({ waiting: 11 }),
      open: 11,
      places: { inbox_folder: 9, junkFolder: 2 },
      causes: {}
    })
    assert.match(says(still), /Last look\n03:31 UTC: 9 inbox, 2 junk\. Nothing has moved\.\nNext look\n04:14 UTC/)
    assert.doesNotMatch(says(still), /removed/i)
    assert.match(says(unknown({})), /Removed by an administrator; whether by this request is not known\./)
    assert.match(says(unknown({ causes: {} })), /Removed; by whom is not known\./)
    assert.match(head(unknown({})), /^\?\nOutcome unknown/)
    const link = textOf(renderLinkCard(unknown({}), unknown({}).remediations[0] ?? assert.fail(), context))
    assert.match(link, /^PT-1042: outcome unknown/)
    assert.match(link, /Removed by an administrator; whether by this request is not known\./)
  })

  it('says in the reply what was seen, in one line', () => {
    const record = seen({ copies: of({ moved: 8, already: 2, elsewhere: 1 }), open: 1 })
    const [remediation] = record.remediations
    assert.ok(remediation)
    assert.equal(
      textOf(renderLinkCard(record, remediation, context)),
      [
        'PT-1042: removed from 8 of 12; 2 already there; 1 in another place; 1 cannot be acted on (on-premises)',
        'Approved by Dana Weber at 03:14 UTC. Soft delete, severity medium.',
        'Last look at the mailboxes: 03:31 UTC. Next look at the mailboxes: 04:14 UTC.'
      ].join('\n')
    )
  })

  it('stays small with a thousand mailboxes of every outcome', () => {
    const copies = copiesIn(1000)
    const plan = makePlan(3, { copies, recipients: [] }, samplePolicy.limits, 0)
    const batches = [batchOf({ to: 900 }), batchOf({ seq: 2, from: 900, to: 1000, state: 'refused' })]
    const outcome = outcomeOf({
      copies: of({ moved: 500, already: 200, waiting: 100, elsewhere: 100, gone: 100 }),
      open: 300,
      causes: { zap: 9, zapBefore: 9, air: 9, airBefore: 9, user: 9, moveFailed: 9, administratorBefore: 9 },
      leftOut: { protected: 4, failed: 5 },
      later: { caseNumber: 1050, copies: 3 }
    })
    for (const state of ['submitted', 'verified', 'failed', 'uncertain'] as const) {
      const record = caseIn(state, { plan, remediations: [remediationOf(batches, { outcome })] })
      const card = renderCaseCard(record, context)
      assert.equal(cardProblem(card), null, state)
      assert.ok(Buffer.byteLength(JSON.stringify(card)) < 14 * 1024, state)
      const list = renderMailboxList(record) ?? assert.fail()
      assert.ok(Buffer.byteLength(JSON.stringify(list)) < 20 * 1024, state)
    }
  })

  it('asks for a decision on later copies below what was done before, and does not call them "not phish"', () => {
    const earlier = remediationOf([batchOf()], { outcome: outcomeOf({}) })
    const plan = {
      ...makePlan(4, { copies: copiesIn(3), recipients: [] }, samplePolicy.limits, 0),
      purpose: 'followUp' as const,
      follows: 3
    }
    const record = caseIn('proposed', { plan, planVersion: 4, remediations: [earlier] })
    assert.match(
      says(record),
      /► 3 more copies turned up\nEarlier\nSoft delete of 11, submitted 03:14 UTC\nLast look\nremoved from 11 of 12, 03:31 UTC\nApproved by\nDana Weber, 03:14 UTC\nA new approval acts on the copies of this plan only\./
    )
    assert.ok(titlesOf(renderCaseCard(record, context)).includes('Leave them'))
    const closing = { by: { objectId: 'o', name: 'Dana Weber' }, reason: 'Test', verdict: null, at: 0 }
    const closed = { ...record, state: 'rejected' as const, closing }
    assert.equal(head(closed), '–\nClosed: the later copies stay\nPT-1042 · v4 · removed from 11 of 12 before')
    assert.doesNotMatch(says(closed), /not phish|nothing was removed/i)
  })
})

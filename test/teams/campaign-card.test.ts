// What a case's card says of similar messages and of those to choose from: word for word, with buttons only where they are of use.
import assert from 'node:assert/strict'
import type { Campaign, CampaignMessage } from '../../src/case/campaign.js'
import type { CaseRecord } from '../../src/case/case.js'
import type { Candidates } from '../../src/case/choose.js'
import { makePlan } from '../../src/case/plan.js'
import { renderCaseCard, caseSummary } from '../../src/teams/case-card.js'
import { renderSimilar, similarSummary } from '../../src/teams/similar-card.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { nodesOf, textOf, titlesOf } from './card-walk.js'
import { allStates, caseIn, contextAt, messageId, sampleCopies, samplePolicy } from './sample-cases.js'

const context = contextAt('2026-11-22T03:20:00Z')
const idOf = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`

function similar(n: number, parts: Partial<CampaignMessage> = {}): CampaignMessage {
  return {
    networkMessageId: idOf(n),
    subject: `Gift card ${String(n)}`,
    senderAddress: 'a@b.example',
    copies: 10,
    receivedAt: Date.parse('2026-11-22T02:00:00Z'),
    why: 'cluster',
    seenAt: 1,
    ...parts
  }
}

function campaignOf(parts: Partial<Campaign>): Campaign {
  return { lookedAt: 1, similar: [], more: false, included: [], joined: [], apart: [], handled: [], ...parts }
}

function draw(record: CaseRecord, readOnly = false): { text: string; titles: string[] } {
  const card = renderCaseCard(record, { ...context, readOnly })
  assert.equal(cardProblem(card), null)
  assert.deepEqual(rendererProblems(card), [])
  return { text: textOf(card), titles: titlesOf(card) }
}

const offering = (campaign: Partial<Campaign>) => caseIn('proposed', { campaign: campaignOf(campaign) })

describe('the card: similar messages', () => {
  const lines: [Partial<Campaign>, string][] = [
    [{ similar: [similar(1, { copies: 1 })] }, '1 similar message, 1 more mailbox'],
    [{ similar: [similar(1), similar(2)] }, '2 similar messages, 20 more mailboxes'],
    [{ similar: [similar(1)], more: true }, 'At least 1 similar message, 10 more mailboxes'],
    [
      { similar: [similar(1), similar(2, { why: 'alert', copies: 0 })] },
      '2 similar messages, at least 10 more mailboxes'
    ],
    [{ similar: [similar(1, { why: 'alert' })] }, '1 similar message, their mailboxes are not known yet'],
    [{ similar: [similar(1), similar(2)], included: [idOf(1)] }, '1 similar message, 10 more mailboxes'],
    [
      { similar: [similar(1), similar(2)], handled: [{ networkMessageId: idOf(1), caseNumber: 1050 }] },
      'PT-1050 handles one of them.'
    ]
  ]
  for (const [campaign, line] of lines) {
    it(line, () => {
      const { text, titles } = draw(offering(campaign))
      assert.ok(text.split('\n').includes(line), text)
      assert.ok(titles.includes('Include them'))
    })
  }

  it('shows five of them and counts the rest', () => {
    const { text } = draw(offering({ similar: Array.from({ length: 9 }, (_, n) => similar(n)), more: true }))
    assert.equal(text.match(/Gift card \d/g)?.length, 5)
    assert.match(text, /\nand 4 more\. Defender lists others\.\n/)
  })

  it('offers no more than fifty messages make a plan', () => {
    const many = Array.from({ length: 60 }, (_, n) => similar(n, { copies: 1 }))
    assert.match(draw(offering({ similar: many })).text, /49 similar messages, 49 more mailboxes/)
    const { text, titles } = draw(
      offering({ similar: many, included: many.slice(0, 49).map((m) => m.networkMessageId) })
    )
    assert.doesNotMatch(text, /similar message/)
    assert.ok(!titles.includes('Include them') && titles.includes('Only this message'))
  })

  it('counts copies for each message of a plan, its own first', () => {
    const others = Array.from({ length: 3 }, (_, n) => ({
      networkMessageId: idOf(1),
      recipientEmailAddress: `user${String(n)}@contoso.example`,
      location: 'inbox_folder' as const
    }))
    const plan = makePlan(3, { copies: [...others, ...sampleCopies], recipients: [] }, samplePolicy.limits, 0)
    const record = { ...offering({ similar: [similar(1)], included: [idOf(1)] }), plan }
    const own = sampleCopies.filter((copy) => copy.networkMessageId === messageId).length
    assert.match(draw(record).text, new RegExp(`\\n2 messages: ${String(own)}, 3 mailboxes\\n`))
    assert.match(draw(record).text, new RegExp(`\\n${String(own + 3)} copies: `))
    assert.match(caseSummary(record), new RegExp(`: ${String(own + 3)} copies, needs a decision`))
  })

  it('has no button where nothing can be decided, and none in a state that takes none', () => {
    const campaign = campaignOf({ similar: [similar(1), similar(2)], included: [idOf(2)] })
    assert.deepEqual(
      draw(caseIn('proposed', { campaign }), true).titles.filter((title) => /Include|Only/.test(title)),
      []
    )
    const including = allStates.filter((state) => draw(caseIn(state, { campaign })).titles.includes('Include them'))
    assert.deepEqual(including, ['proposed', 'partlyApproved'])
    const excluding = allStates.filter((state) =>
      draw(caseIn(state, { campaign })).titles.includes('Only this message')
    )
    assert.deepEqual(excluding.sort(), ['looking', 'nothingFound', 'partlyApproved', 'proposed', 'unreadable'])
  })

  it('is one reply in the thread for what turned up later', () => {
    const record = caseIn('submitted')
    const messages = Array.from({ length: 12 }, (_, n) => similar(n))
    const card = renderSimilar(record, messages, context.now)
    assert.equal(cardProblem(card), null)
    assert.equal(titlesOf(card).length, 10)
    assert.match(textOf(card), /and 2 more: type find with the sender and the subject\./)
    assert.equal(similarSummary(record, [similar(1)]), 'PT-1042: 1 more similar message')
  })
})

describe('the card: which mail is it', () => {
  const candidates: Candidates = {
    searches: 1,
    lastAt: 1,
    nextAt: null,
    messages: [similar(1), similar(2)],
    more: false,
    problem: null,
    chosen: null
  }
  const noMail = (parts: Partial<Candidates>) =>
    caseIn('unreadable', {
      message: { kind: 'file', value: 'a' },
      look: { attempts: 1, lastAt: 1, nextAt: null, problem: { kind: 'noMail' } },
      candidates: { ...candidates, ...parts }
    })

  it('has a button for each, that carries the case, its version and the message', () => {
    const card = renderCaseCard(noMail({}), context)
    assert.equal(cardProblem(card), null)
    const choices = nodesOf(card).filter(({ type, verb }) => type === 'Action.Execute' && verb === 'choose')
    assert.deepEqual(
      choices.map(({ data }) => data),
      [1, 2].map((n) => ({ case: 'PT-1042', plan: noMail({}).planVersion, message: idOf(n), verb: 'choose' }))
    )
  })

  it('has none where a person has chosen, nor where nothing can be decided', () => {
    const chosen = draw(noMail({ chosen: idOf(1) }))
    assert.match(chosen.text, /Somebody chose 00000001-/)
    assert.ok(!chosen.titles.includes('This one') && !chosen.titles.includes('Look again'))
    const shown = draw(noMail({}), true)
    assert.match(shown.text, /Gift card 1/)
    assert.ok(!shown.titles.includes('This one'))
  })

  const said: [Partial<Candidates>, RegExp][] = [
    [{}, /Which mail is it\?\n2 messages have the sender and subject that the report claims\./],
    [{ messages: [similar(1)] }, /\n1 message has the sender/],
    [{ more: true }, /The newest 2 of more messages have/],
    [{ messages: [] }, /Defender lists no mail [^]*not mean it is safe\. Look again searches once more\./],
    [{ messages: [], nextAt: context.now + 60_000 }, /It is searched again at 03:21 UTC\./],
    [{ messages: [], problem: { kind: 'noLicence', code: 'x' } }, /without Defender for Office 365 Plan 2/],
    [
      { messages: [], problem: { kind: 'cloudWithoutApi', code: 'x', version: 'v1.0' } },
      /cannot be searched in this cloud/
    ],
    [{ problem: { kind: 'unavailable', reason: 'It broke' } }, /2 messages have [^]*could not be searched: It broke\./]
  ]
  for (const [parts, words] of said) {
    it(`says ${String(words)}`, () => {
      assert.match(draw(noMail(parts)).text, words)
    })
  }
})

// What a nudge says and whom it mentions; and that no display name becomes markup, or a mention of somebody else.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { Nudge } from '../../src/case/nudge.js'
import type { PersonRights } from '../../src/case/policy.js'
import { type Mentions, mentionsFor } from '../../src/teams/mention.js'
import { nudgeSummary, renderNudgeCard } from '../../src/teams/nudge-card.js'
import { rendererProblems } from './card-schema.js'
import { textOf } from './card-walk.js'
import { caseIn, verdictCase } from './sample-cases.js'

const minute = 60_000
const hour = 60 * minute

function aNudge(parts: Partial<Nudge> = {}): Nudge {
  return { kind: 'reminder', waitsFor: 'approver', waited: 30 * minute, high: false, users: [], tags: [], ...parts }
}

const known = (name: string): PersonRights => ({
  kind: 'known',
  name,
  guest: false,
  external: false,
  enabled: true,
  groups: [],
  addresses: []
})
const directory = (people: Record<string, PersonRights>) => ({
  rightsOf: async (objectId: string): Promise<PersonRights> => people[objectId] ?? { kind: 'notFound' }
})
const nobody: Mentions = { people: [], tags: [] }

describe('nudge card', () => {
  const said: [what: string, record: CaseRecord, nudge: Nudge, words: string][] = [
    ['reminder', caseIn('proposed'), aNudge(), 'PT-1042 has waited 30 min for a decision: 12 mailboxes.'],
    [
      'reminder, high',
      caseIn('proposed'),
      aNudge({ high: true, waited: 95 * minute }),
      'PT-1042 has waited 95 min for a decision, severity high: 12 mailboxes.'
    ],
    [
      'on call',
      caseIn('proposed'),
      aNudge({ kind: 'onCall', high: true, waited: 0 }),
      'PT-1042 needs a decision now, severity high: 12 mailboxes.'
    ],
    [
      'second approval',
      caseIn('partlyApproved'),
      aNudge({ waitsFor: 'anotherApprover', waited: 2 * hour }),
      'PT-1042 has waited 2 h for a second approver: 12 mailboxes.'
    ],
    [
      'failed',
      caseIn('failed'),
      aNudge({ waitsFor: 'proposeAgain', waited: 49 * hour }),
      'PT-1042 has waited 2 days for somebody to propose it again: 11 mailboxes.'
    ],
    [
      'uncertain',
      caseIn('uncertain'),
      aNudge({ waitsFor: 'actionCenter' }),
      'PT-1042 has waited 30 min for somebody to look in Action Center: 11 mailboxes.'
    ],
    ['verdict', verdictCase('file'), aNudge({ waitsFor: 'verdict' }), 'PT-1042 has waited 30 min for a verdict.']
  ]
  for (const [what, record, nudge, words] of said) {
    it(`${what}: ${words}`, () => {
      assert.equal(nudgeSummary(record, nudge), words)
      const card = renderNudgeCard(record, nudge, { mentions: nobody, repeat: false })
      assert.equal(textOf(card), words)
      assert.deepEqual(rendererProblems(card), [])
    })
  }

  it('mentions people and tags, each with its entity, and says who they are in the text alone', async () => {
    const nudge = aNudge({ kind: 'escalation', waited: 2 * hour, users: ['a', 'b'], tags: ['dGFn'] })
    const mentions = await mentionsFor(nudge, 'SOC leads', directory({ a: known('Ana Silva'), b: known('Tom Berg') }))
    const card = renderNudgeCard(caseIn('proposed'), nudge, { mentions, repeat: false }) as {
      fallbackText: string
      msteams: { entities: unknown[] }
    }
    assert.equal(
      textOf(card),
      'PT-1042 has waited 2 h for a decision: 12 mailboxes. <at>Ana Silva</at>, <at>Tom Berg</at>, <at>SOC leads</at>, please look.'
    )
    assert.deepEqual(card.msteams.entities, [
      { type: 'mention', text: '<at>Ana Silva</at>', mentioned: { id: 'a', name: 'Ana Silva' } },
      { type: 'mention', text: '<at>Tom Berg</at>', mentioned: { id: 'b', name: 'Tom Berg' } },
      { type: 'mention', text: '<at>SOC leads</at>', mentioned: { id: 'dGFn', name: 'SOC leads', type: 'tag' } }
    ])
    assert.doesNotMatch(card.fallbackText, /Ana|leads/)
  })

  it('marks a repeat, and has no word of the mail', () => {
    const card = renderNudgeCard(caseIn('proposed'), aNudge(), { mentions: nobody, repeat: true })
    assert.match(textOf(card), /^Repeat, the first may have arrived\. PT-1042 has waited/)
    assert.doesNotMatch(JSON.stringify(card), /mailbox is full|contos0|IT-Helpdesk/)
  })

  it('says so where nobody can be found whom the policy names', async () => {
    const nudge = aNudge({ kind: 'escalation', waited: 2 * hour, users: ['left'] })
    const mentions = await mentionsFor(nudge, 'SOC leads', directory({}))
    assert.match(
      textOf(renderNudgeCard(caseIn('proposed'), nudge, { mentions, repeat: false })),
      /12 mailboxes\. Nobody whom the policy names for this can be found in the directory\.$/
    )
  })
})

describe('mentions', () => {
  const names = async (nudge: Partial<Nudge>, people: Record<string, PersonRights>) => {
    const { people: found, tags } = await mentionsFor(aNudge(nudge), 'SOC leads', directory(people))
    return [...found, ...tags].map(({ id, name, text }) => {
      assert.equal(text, `<at>${name}</at>`)
      return `${id}=${name}`
    })
  }

  it('leave out whom Teams could not find, and who may not sign in', async () => {
    const gone: PersonRights = {
      kind: 'known',
      name: 'Lee',
      guest: false,
      external: false,
      enabled: false,
      groups: [],
      addresses: []
    }
    assert.deepEqual(await names({ users: ['x', 'y', 'z'] }, { x: gone, z: known('Ana') }), ['z=Ana'])
  })

  it('reach people although the directory is away', async () => {
    const away: PersonRights = { kind: 'unavailable', reason: 'It is away.' }
    assert.deepEqual(await names({ kind: 'onCall', users: ['x'] }, { x: away }), ['x=on-call'])
    assert.deepEqual(await names({ kind: 'escalation', users: ['x'] }, { x: away }), ['x=SOC leads'])
    assert.deepEqual(await names({ kind: 'onCall', users: ['x'] }, { x: known('  ') }), ['x=on-call'])
  })

  it('are all different, so that each finds its own entity', async () => {
    const people = { w: known('Ana 2'), x: known('Ana'), y: known('ANA') }
    assert.deepEqual(await names({ kind: 'escalation', users: ['w', 'x', 'y'], tags: ['t', 'u'] }, people), [
      'w=Ana 2',
      'x=Ana',
      'y=ANA 3',
      't=SOC leads',
      'u=SOC leads 2'
    ])
  })

  const hostile = [
    '</at><at>Everyone</at>',
    'Ana</at>, <at>Dana Weber',
    'Ana&lt;/at&gt;&lt;at&gt;Dana',
    '&#60;/at&#62;',
    '< /a t >',
    '[pay](https://evil.example)',
    '**bold** _it_ `code` # head',
    '{{DATE(2026-01-01T00:00:00Z)}} ${subject}',
    '\u202e\u200b</\u200bat>\n\n- list\r\n1. one',
    '<at id="0">Ana</at>',
    'ﬀ＜/at＞'
  ]
  for (const name of hostile) {
    it(`cannot be broken by ${JSON.stringify(name)}`, async () => {
      const nudge = aNudge({ kind: 'escalation', users: ['x'] })
      const mentions = await mentionsFor(nudge, 'SOC leads', directory({ x: known(name) }))
      const card = renderNudgeCard(caseIn('proposed'), nudge, { mentions, repeat: false }) as {
        msteams: { entities: { text: string }[] }
      }
      const words = textOf(card)
      assert.equal(words.match(/</g)?.length, 2)
      assert.equal(words.match(/>/g)?.length, 2)
      assert.match(words, /^PT-1042 [^<>]* <at>[^<>&;*_`#[\](){}\n\r\u202e\u200b]+<\/at>, please look\.$/)
      assert.equal(card.msteams.entities.length, 1)
      assert.ok(words.includes(card.msteams.entities[0]?.text ?? 'none'))
    })
  }
})

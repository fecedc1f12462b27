// A case that waits: reminder, escalation, on call and expiry by the policy, over restarts and a clock that jumps.
import assert from 'node:assert/strict'
import { defaultTime } from '../../src/case/policy.js'
import { click } from '../../src/playground/teams/person.js'
import { MAIL, PEOPLE } from '../../src/playground/tenant.js'
import { TestClock } from '../test-clock.js'
import { aSoc, button, cardTold, openCase, remediations } from './scenes.js'
import { type Message, type Soc, channelId, dana, priya, tom } from './soc.js'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

let clock: TestClock
/** Each SOC has a clock of its own. */
const anew = () => (clock = new TestClock())

const leads = { escalateTo: { name: 'SOC leads', users: [PEOPLE.ana], tags: ['dGFn'] } }
const onCall = { onCall: { users: [PEOPLE.dana] } }

/** What was said about waiting, oldest first. */
const nudges = (soc: Soc): Message[] =>
  soc.messages().filter(({ activity }) => / has waited | needs .* now[,:.]/.test(activity.summary ?? ''))
const lineOf = ({ card }: Message) => (card as { body: { text: string }[] }).body.map(({ text }) => text).join('\n')
const said = (soc: Soc) => nudges(soc).map(lineOf)
const mentioned = ({ card }: Message) =>
  (card as { msteams: { entities: { text: string; mentioned: object }[] } }).msteams.entities

/** Lets so much time pass, with all that falls due in it done at the end. */
async function pass(soc: Soc, ms: number): Promise<void> {
  clock.advance(ms)
  await soc.settle()
}

/** The mail's attachment is malware. Its card may come a moment after it was found. */
async function openSevere(soc: Soc): Promise<void> {
  await openCase(soc, MAIL.hostile)
  await pass(soc, 5_000)
}

describe('a case that waits', () => {
  const soc = aSoc(() => ({ clock: anew(), policy: leads }))

  it('reminds once in its thread, then mentions those the policy escalates to, once', async () => {
    const card = await openCase(soc())
    await pass(soc(), 30 * minute - 1)
    assert.deepEqual(said(soc()), [])
    await pass(soc(), 1)
    assert.deepEqual(said(soc()), ['PT-1001 has waited 30 min for a decision: 12 mailboxes.'])
    await pass(soc(), 90 * minute)
    const [reminder, escalation, ...others] = nudges(soc())
    assert.ok(reminder && escalation)
    assert.deepEqual(others, [])
    assert.equal(
      lineOf(escalation),
      'PT-1001 has waited 2 h for a decision: 12 mailboxes. <at>Ana Silva</at>, <at>SOC leads</at>, please look.'
    )
    assert.deepEqual(mentioned(reminder), [])
    assert.deepEqual(mentioned(escalation), [
      { type: 'mention', text: '<at>Ana Silva</at>', mentioned: { id: PEOPLE.ana, name: 'Ana Silva' } },
      { type: 'mention', text: '<at>SOC leads</at>', mentioned: { id: 'dGFn', name: 'SOC leads', type: 'tag' } }
    ])
    for (const { conversationId, activity, edits } of [reminder, escalation]) {
      assert.equal(conversationId, `${channelId};messageid=${card.activityId}`)
      assert.doesNotMatch(activity.summary ?? '', /Ana|leads|Your mailbox/)
      assert.equal(edits, 0)
    }
    await pass(soc(), 20 * day)
    assert.equal(nudges(soc()).length, 2)
  })

  it('says nothing more once somebody has decided', async () => {
    await openCase(soc())
    await pass(soc(), 29 * minute)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    await pass(soc(), 10 * hour)
    assert.deepEqual(said(soc()), [])
  })

  it('is not begun anew by another report', async () => {
    await openCase(soc())
    await pass(soc(), 20 * minute)
    await soc().say(priya, `report ${MAIL.mailboxFull}`, 'personal')
    await soc().settle()
    await pass(soc(), 10 * minute)
    assert.deepEqual(said(soc()), ['PT-1001 has waited 30 min for a decision: 12 mailboxes.'])
  })

  it('begins anew when the request failed', async () => {
    await openCase(soc())
    soc().graph.faults.add({ match: 'remediate', answer: { status: 400 } })
    await pass(soc(), 25 * minute)
    await soc().press(dana, 'Approve', { reason: 'phish' })
    await soc().settle()
    await pass(soc(), 29 * minute)
    assert.deepEqual(said(soc()), [])
    await pass(soc(), minute)
    assert.deepEqual(said(soc()), ['PT-1001 has waited 30 min for somebody to propose it again: 11 mailboxes.'])
  })

  it('goes on over a restart, and repeats nothing after it', async () => {
    await openCase(soc())
    await pass(soc(), 10 * minute)
    await soc().restart()
    await soc().settle()
    await pass(soc(), 20 * minute)
    assert.equal(nudges(soc()).length, 1)
    await soc().restart()
    await soc().settle()
    await pass(soc(), 90 * minute)
    await soc().restart()
    await soc().settle()
    assert.deepEqual(
      said(soc()).map((words) => words.slice(0, 26)),
      ['PT-1001 has waited 30 min ', 'PT-1001 has waited 2 h for']
    )
  })

  it('is told of once, and strongest, when the clock has jumped over everything', async () => {
    await openCase(soc())
    await pass(soc(), 3 * day)
    assert.deepEqual(said(soc()), [
      'PT-1001 has waited 3 days for a decision: 12 mailboxes. <at>Ana Silva</at>, <at>SOC leads</at>, please look.'
    ])
    await pass(soc(), 3 * day)
    assert.equal(nudges(soc()).length, 1)
  })

  it('is told of no second time when the clock was set back', async () => {
    await openCase(soc())
    await pass(soc(), 30 * minute)
    clock.advance(-6 * hour)
    await soc().restart()
    await soc().settle()
    await pass(soc(), hour)
    assert.equal(nudges(soc()).length, 1)
    // Counted from the restart, the first moment that the clock was seen to be wrong.
    await pass(soc(), hour)
    assert.match(said(soc())[1] ?? '', /^PT-1001 has waited 2 h .*please look\.$/)
    await pass(soc(), day)
    assert.equal(nudges(soc()).length, 2)
  })

  it('mentions again only once when Teams did not say whether it had the message', async () => {
    await openCase(soc())
    await pass(soc(), 30 * minute)
    soc().teams.fail({ match: 'post', status: 502, afterAccept: true, times: 9 })
    await pass(soc(), 90 * minute)
    await pass(soc(), 5_000)
    await pass(soc(), day)
    assert.deepEqual(
      said(soc()).map((words) => words.startsWith('Repeat')),
      [false, false, true]
    )
  })

  it('shows in the queue for whom it waits and since when, the longest wait first', async () => {
    await openCase(soc())
    await pass(soc(), 41 * minute)
    await openCase(soc(), MAIL.payslip)
    soc().graph.faults.add({ match: 'remediate', answer: { status: 400 } })
    await openCase(soc(), MAIL.internalPhish)
    await soc().say(dana, 'approve PT-1003 v1 softDelete low phish')
    await soc().say(priya, 'report 00000000-0000-4000-8000-000000000001', 'personal')
    await soc().settle()
    await pass(soc(), minute - 1)
    const before = soc().messages().length
    await soc().say(tom, 'queue', 'personal')
    const lines = soc().messages()[before]?.words.split('\n') ?? []
    assert.deepEqual(
      lines.map((line) => line.split('  ')[0]),
      [
        '4 open cases, the longest wait first',
        'PT-1001: 12 mailboxes, waits 41 min for an approver',
        'PT-1002: 12 mailboxes, waits 0 min for an approver',
        'PT-1003: 3 mailboxes, waits 0 min for somebody to press Propose again',
        'PT-1004: waits 0 min for Defender (next look 09:42 UTC)'
      ]
    )
  })
})

describe('a case of high severity', () => {
  const soc = aSoc(() => ({ clock: anew(), policy: { ...leads, ...onCall } }))

  it('mentions whoever is on call at once, and proposes high', async () => {
    await openSevere(soc())
    const [nudge, ...others] = nudges(soc())
    assert.ok(nudge)
    assert.deepEqual(others, [])
    assert.equal(
      lineOf(nudge),
      'PT-1001 needs a decision now, severity high: 1 mailbox. <at>Dana Weber</at>, please look.'
    )
    assert.deepEqual(mentioned(nudge), [
      { type: 'mention', text: '<at>Dana Weber</at>', mentioned: { id: PEOPLE.dana, name: 'Dana Weber' } }
    ])
    await soc().press(dana, 'Approve', { reason: 'malware' })
    await soc().settle()
    const [body] = remediations(soc()) as { severity?: string; remediationSeverity?: string }[]
    assert.match(JSON.stringify(body), /"high"/)
    await pass(soc(), day)
    assert.equal(nudges(soc()).length, 1)
  })

  it('leaves who is on call alone where it is not', async () => {
    await openCase(soc())
    await pass(soc(), 29 * minute)
    assert.deepEqual(said(soc()), [])
  })

  it('does not mention the one who opened it', async () => {
    await soc().say(dana, `triage ${MAIL.hostile}`)
    await soc().settle()
    await pass(soc(), 29 * minute)
    assert.deepEqual(said(soc()), [])
  })
})

describe('a VIP who has a copy', () => {
  const soc = aSoc(() => ({ clock: anew(), policy: { ...onCall, vipMailboxes: ['J.Kim@contoso.example'] } }))

  it('makes the severity high', async () => {
    await openCase(soc())
    await pass(soc(), 5_000)
    assert.match(said(soc())[0] ?? '', /^PT-1001 needs a decision now, severity high: 12 mailboxes\./)
  })
})

describe('a display name', () => {
  const soc = aSoc(() => ({
    clock: anew(),
    policy: { ...leads, ...onCall },
    tenant: ({ users }) => {
      for (const user of users)
        if (user.id === PEOPLE.dana) user.displayName = 'Dana</at>, <at>SOC leads</at> [x](https://e)'
    }
  }))

  it('mentions nobody else, whatever it is', async () => {
    await openSevere(soc())
    const [nudge] = nudges(soc())
    assert.ok(nudge)
    assert.equal(
      lineOf(nudge),
      'PT-1001 needs a decision now, severity high: 1 mailbox. <at>Dana /at, atSOC leads /at xhxxps://e</at>, please look.'
    )
    assert.equal(mentioned(nudge).length, 1)
  })
})

describe('expiry by the policy', () => {
  const time = { ...defaultTime.time, remindAfterMs: null }
  const soc = aSoc(() => {
    time.expireAfterMs = 7 * day
    return { clock: anew(), policy: { time } }
  })

  it('ends the case when its time is over, and an expired card cannot fire', async () => {
    const card = await openCase(soc())
    const approve = button(card, 'Approve')
    await pass(soc(), 7 * day - 1)
    assert.match(soc().card().words, /Needs a decision/)
    await pass(soc(), 1)
    assert.match(soc().card().words, /Expired: nobody decided/)
    assert.doesNotMatch(soc().card().words, /^Approve$/m)
    for (const as of ['execute', 'submit'] as const) {
      const inputs = { action: 'softDelete', severity: 'low', reason: 'phish' }
      const answer = await click(soc().room, dana, card, { button: approve, inputs, as })
      if (as === 'execute') {
        assert.match(
          cardTold(answer),
          /^–\nExpired: nobody decided\n[^]*PT-1001 has expired: the time to decide is over/
        )
      }
    }
    await soc().say(dana, 'approve PT-1001 v1 softDelete low phish')
    assert.match(soc().heard(channelId).at(-1) ?? '', /^PT-1001 has expired: the time to decide is over\./)
    await soc().settle()
    assert.deepEqual(remediations(soc()), [])
  })

  it('follows a policy that was changed since the case was opened, longer and shorter', async () => {
    await openCase(soc())
    time.expireAfterMs = 9 * day
    await soc().restart()
    await pass(soc(), 8 * day)
    assert.match(soc().card().words, /Needs a decision/)
    time.expireAfterMs = 3 * day
    await soc().restart()
    await soc().settle()
    assert.match(soc().card().words, /Expired: nobody decided/)
  })

  it('is not put off by a clock that is set back and comes right again', async () => {
    await openCase(soc())
    clock.advance(-day)
    await soc().restart()
    await pass(soc(), 8 * day - 1)
    assert.match(soc().card().words, /Needs a decision/)
    await pass(soc(), 1)
    assert.match(soc().card().words, /Expired: nobody decided/)
  })
})

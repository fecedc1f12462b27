// What a case store promises, on either engine.
import assert from 'node:assert/strict'
import type { Report } from '../../src/case/report.js'
import { limits, messageId, open, openedIn, proposed, read, report, start, storing } from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

const dayMs = 24 * 3_600_000

export function describeOpening(engine: StoreEngine): void {
  describe('opening and joining', () => {
    const store = useStore(engine)

    it('opens the first case as 1001, with work for its look, its card and its end', async () => {
      const given = report({ message: { kind: 'networkMessageId', value: messageId.toUpperCase() }, note: 'Odd.' })
      const answer = await store.cases.open(given, limits)
      assert.equal(answer.kind, 'opened')
      assert.deepEqual(openedIn(answer), { number: 1001, state: 'looking', recipients: [], previousCase: null })
      assert.deepEqual(await read(store.cases, 1001), {
        number: 1001,
        revision: 1,
        state: 'looking',
        message: { kind: 'networkMessageId', value: messageId },
        recipients: [],
        openedBy: given.reporter,
        openedAt: start,
        previousCase: null,
        joinedInto: null,
        planVersion: 0,
        look: { attempts: 0, lastAt: null, nextAt: null, problem: null },
        mail: null,
        plan: null,
        pending: null,
        voided: null,
        campaign: null,
        candidates: null,
        remediations: [],
        closing: null,
        waiting: { period: 1, since: start, nudged: [] },
        reporters: {
          count: 1,
          first: given.reporter,
          replyTo: given.replyTo,
          claims: null,
          kind: 'phish',
          notes: ['Odd.']
        }
      })
      assert.deepEqual((await kindsDue()).sort(), ['card', 'look'])
      store.clock.advance(30 * dayMs)
      assert.deepEqual(await kindsDue(), ['expire'])
      const [entry] = await store.auditLog.entriesOf(1001)
      assert.equal(entry?.event, 'case.opened')
      assert.deepEqual(entry.actor, given.reporter)
      assert.equal(store.added, 1)
    })

    async function kindsDue(): Promise<string[]> {
      const kinds = []
      for (;;) {
        const job = await store.outbox.claim(1_000)
        if (job === null) return kinds
        kinds.push(job.entry.kind)
        await store.outbox.finish(job)
      }
    }

    it('joins the open case of the message, whatever the spelling, and counts people once', async () => {
      const first = await open(store.cases, { note: 'one' })
      await kindsDue()
      const claims = { subject: 'Invoice', senderAddress: 'a@evil.example' }
      const reporter = { objectId: 'anna', name: 'Anna' }
      for (const note of ['two', '', 'three', 'four']) await open(store.cases, { reporter, note, claims })
      const spelled = { kind: 'networkMessageId' as const, value: messageId.toUpperCase() }
      const answer = await store.cases.open(report({ message: spelled }), limits)
      assert.equal(answer.kind, 'joined')
      assert.equal(openedIn(answer).number, first.number)
      const record = await read(store.cases, first.number)
      assert.equal(record.revision, first.revision)
      const { replyTo } = first.reporters
      assert.deepEqual(record.reporters, {
        count: 3,
        first: first.openedBy,
        replyTo,
        claims,
        kind: 'phish',
        notes: ['four', 'three', 'two']
      })
      // One update of the card for all of them, after a while in which more may come.
      assert.deepEqual(await kindsDue(), [])
      store.clock.advance(5_000)
      assert.deepEqual(await kindsDue(), ['card'])
      const events = (await store.auditLog.entriesOf(first.number)).map(({ event }) => event)
      assert.deepEqual(events, ['case.opened', ...Array.from({ length: 5 }, () => 'report.joined')])
    })

    it('takes an activity once', async () => {
      const given = report()
      await store.cases.open(given, limits)
      const answer = await store.cases.open(given, limits)
      assert.equal(answer.kind, 'repeated')
      assert.equal(openedIn(answer).number, 1001)
      assert.equal((await read(store.cases, 1001)).reporters.count, 1)
      assert.equal((await store.auditLog.entriesOf(1001)).length, 1)
    })

    it('limits the unresolved reports of a person in an hour, but never joining or triage', async () => {
      const reporter = { objectId: 'bob', name: 'Bob' }
      const message = (value: string) => ({ kind: 'internetMessageId' as const, value })
      const few = { unresolvedPerHour: 2 }
      for (const value of ['<1@x>', '<2@x>']) await store.cases.open(report({ reporter, message: message(value) }), few)
      const third = report({ reporter, message: message('<3@x>') })
      assert.deepEqual(await store.cases.open(third, few), { kind: 'limited', waiting: 2 })
      assert.equal((await store.cases.openCases(10)).total, 2)
      const kindOf = async (parts: Partial<Report>) => (await store.cases.open({ ...report(), ...parts }, few)).kind
      assert.equal(await kindOf({ reporter, message: message('<1@x>'), activityKey: 'join' }), 'joined')
      assert.equal(await kindOf({ reporter, message: message('<4@x>'), origin: 'triage' }), 'opened')
      assert.equal(await kindOf({ message: message('<5@x>') }), 'opened')
      assert.equal((await store.cases.open({ ...third, at: start + 3_600_000 }, few)).kind, 'opened')
    })

    it('does not count reports whose mail was found', async () => {
      const reporter = { objectId: 'bob', name: 'Bob' }
      const { number } = await open(store.cases, { reporter })
      await store.cases.change(number, (record) => storing(proposed(record)))
      const next = report({ reporter, message: { kind: 'internetMessageId', value: '<1@x>' } })
      assert.equal((await store.cases.open(next, { unresolvedPerHour: 1 })).kind, 'opened')
    })

    it('opens a new case that names the old one when that has ended', async () => {
      const old = await open(store.cases)
      const closing = { by: old.openedBy, reason: 'A newsletter.', verdict: null, at: start }
      await store.cases.change(old.number, (record) => storing({ ...record, state: 'rejected', closing }))
      const answer = await store.cases.open(report(), limits)
      assert.deepEqual(openedIn(answer), { number: 1002, state: 'looking', recipients: [], previousCase: 1001 })
      const next = await read(store.cases, 1002)
      assert.equal(next.previousCase, 1001)
      assert.deepEqual((await read(store.cases, 1001)).closing, closing)
      const { records, total } = await store.cases.openCases(10)
      assert.deepEqual([records.map(({ number }) => number), total], [[1002], 1])
    })

    it('makes one case of ten concurrent reports of a message', async () => {
      const replica = await store.replicas(5)
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => replica(index).cases.open(report(), limits))
      )
      const kinds = answers.map((answer) => answer.kind).sort()
      assert.deepEqual(kinds, [...Array.from({ length: 9 }, () => 'joined'), 'opened'])
      assert.equal((await store.cases.openCases(10)).total, 1)
      assert.equal((await read(store.cases, 1001)).reporters.count, 10)
    })

    it('takes one activity once although it arrives ten times at once', async () => {
      const replica = await store.replicas(5)
      const given = report()
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => replica(index).cases.open(given, limits))
      )
      assert.equal(answers.filter((answer) => answer.kind === 'repeated').length, 9)
      assert.equal((await store.auditLog.entriesOf(1001)).length, 1)
    })

    it('keeps hostile text as it came, but for NUL', async () => {
      const note = "Robert'); drop table cases;-- \u202e 😀 \0 {{DATE}} ${x}"
      const record = await open(store.cases, { note, claims: { subject: '\0x', senderAddress: '' } })
      assert.deepEqual(record.reporters.notes, [note.replace('\0', '')])
      assert.equal(record.reporters.claims?.subject, '\0x')
    })
  })
}

export function describeIdentifying(engine: StoreEngine): void {
  describe('identifying', () => {
    const store = useStore(engine)
    const message = { kind: 'internetMessageId' as const, value: '<1@evil.example>' }

    it('gives a case its networkMessageId, under which later reports join', async () => {
      const { number } = await open(store.cases, { message })
      assert.deepEqual(await store.cases.identify(number, messageId.toUpperCase(), start), { joinedInto: null })
      assert.deepEqual((await read(store.cases, number)).message, { kind: 'networkMessageId', value: messageId })
      assert.equal((await open(store.cases)).number, number)
    })

    it('names the ended case of the same message', async () => {
      const old = await open(store.cases)
      await store.cases.change(old.number, (record) => storing({ ...record, state: 'expired' }))
      const { number } = await open(store.cases, { message })
      await store.cases.identify(number, messageId, start)
      assert.equal((await read(store.cases, number)).previousCase, old.number)
    })

    it('joins the case that already has it, with all reports', async () => {
      const known = await open(store.cases)
      const unknown = await open(store.cases, { message, note: 'Mine too.' })
      const both = { joinedInto: known.number }
      assert.deepEqual(await store.cases.identify(unknown.number, messageId, start), both)
      assert.deepEqual(await store.cases.identify(unknown.number, messageId, start), both)
      const joined = await read(store.cases, unknown.number)
      assert.deepEqual([joined.state, joined.joinedInto, joined.reporters.count], ['joined', known.number, 0])
      const { reporters } = await read(store.cases, known.number)
      assert.deepEqual([reporters.count, reporters.notes], [2, ['Mine too.']])
      const events = async (number: number) => (await store.auditLog.entriesOf(number)).map(({ event }) => event)
      assert.deepEqual(await events(unknown.number), ['case.opened', 'case.joined'])
      assert.deepEqual(await events(known.number), ['case.opened', 'case.joinedBy'])
      assert.equal((await store.cases.openCases(10)).total, 1)
    })

    for (const [kind, opening] of [
      ['simulation', 'phish'],
      ['phish', 'simulation'],
      ['notJunk', 'junk']
    ] as const) {
      it(`keeps ${opening} as what a case was opened for when an older ${kind} joins it`, async () => {
        const older = await open(store.cases, { message, kind, note: 'Older.' })
        const known = await open(store.cases, { kind: opening })
        await store.cases.change(known.number, (record) => storing(proposed(record)))
        const before = await read(store.cases, known.number)
        assert.deepEqual([before.reporters.kind, before.planVersion], [opening, 1])
        await store.cases.identify(older.number, messageId, start)
        const { reporters, ...after } = await read(store.cases, known.number)
        const { reporters: alone, ...same } = before
        assert.deepEqual(after, same)
        // The older report is counted first now, as it is the first one; what the card proposes does not hang on it.
        assert.deepEqual([alone.first, reporters.first], [known.openedBy, older.openedBy])
        assert.deepEqual([reporters.count, reporters.kind, reporters.notes], [2, opening, ['Older.']])
        assert.equal((await read(store.cases, older.number)).reporters.kind, kind)
      })
    }

    it('keeps what it was opened for when reports of another kind join', async () => {
      const { number } = await open(store.cases, { kind: 'junk' })
      for (const kind of ['phish', 'simulation', 'notJunk'] as const) await open(store.cases, { kind })
      const { reporters, revision } = await read(store.cases, number)
      assert.deepEqual([reporters.count, reporters.kind, revision], [4, 'junk', 1])
    })

    it('lets one of several cases of a message have it when they ask at once', async () => {
      const numbers = []
      for (const value of ['<1@x>', '<2@x>', '<3@x>', '<4@x>']) {
        numbers.push((await open(store.cases, { message: { kind: 'internetMessageId', value } })).number)
      }
      const replica = await store.replicas(4)
      const answers = await Promise.all(
        numbers.map((number, index) => replica(index).cases.identify(number, messageId, start))
      )
      assert.equal(answers.filter((answer) => answer.joinedInto === null).length, 1)
      const { records } = await store.cases.openCases(10)
      assert.deepEqual(
        records.map(({ reporters }) => reporters.count),
        [4]
      )
    })
  })
}

// The figures of a period and the list of ended cases, on either engine: each number from a few made cases that it can be told from.
import assert from 'node:assert/strict'
import { type QueryId, type QueryResult, type RootOperationNode, type UnknownRow, sql } from 'kysely'
import type { CaseRecord, Verdict } from '../../src/case/case.js'
import type { Plan, RemediationAction } from '../../src/case/plan.js'
import type { Remediation } from '../../src/case/remediation.js'
import type { Report } from '../../src/case/report.js'
import { type Statistics, dayMs } from '../../src/case/statistics.js'
import { statistics as migration } from '../../src/store/migration-0012-statistics.js'
import { createPostedMessages } from '../../src/store/posted-messages.js'
import { createCaseStatistics } from '../../src/store/statistics.js'
import { batchOf, open, planOf, proposed, remediationOf, report, start, storing } from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

const second = 1_000
const minute = 60 * second
const today = Math.floor(start / dayMs) * dayMs
const nothing = { phish: 0, notPhish: 0, open: 0, neither: 0 }
const none = { count: 0, half: null, most: null }

export function describeStatistics(engine: StoreEngine): void {
  describe('statistics', () => {
    const store = useStore(engine)
    let turn = 0
    const between = (from = today - 6 * dayMs, to = today + dayMs) =>
      createCaseStatistics(store.database).between(from, to)
    const ended = (skip: number, limit: number) => createCaseStatistics(store.database).ended({ skip, limit })
    const totals = ({ days }: Statistics) =>
      days.reduce((sum, day) => ({
        day: 0,
        phish: sum.phish + day.phish,
        notPhish: sum.notPhish + day.notPhish,
        open: sum.open + day.open,
        neither: sum.neither + day.neither
      }))

    function opened(parts: Partial<Report> = {}): Promise<CaseRecord> {
      turn += 1
      return open(store.cases, {
        message: { kind: 'internetMessageId', value: `<${String(turn)}@x>` },
        at: store.clock.now(),
        ...parts
      })
    }

    const change = (number: number, next: (record: CaseRecord) => Partial<CaseRecord>) =>
      store.cases.change(number, (record) => storing({ ...record, ...next(record) }))

    interface Request {
      action?: RemediationAction
      /** States of its batches. */
      batches?: ('accepted' | 'refused')[]
      answeredAfter?: number
      purpose?: Plan['purpose']
    }

    /** Approved now, answered later. */
    async function approve(number: number, request: Request = {}): Promise<void> {
      const { action = 'softDelete', batches = ['accepted'], answeredAfter = 0, purpose = 'remediate' } = request
      await change(number, (record) => ({
        ...proposed(record),
        plan: { ...planOf(record.planVersion + 1, 3), purpose }
      }))
      await change(number, (record) => ({
        state: 'approved',
        remediations: [
          ...record.remediations,
          { ...remediationOf(record, 'anna', batches.length), action, decidedAt: store.clock.now() }
        ]
      }))
      store.clock.advance(answeredAfter)
      const answered = batches.map((state, index) => batchOf(index + 1, { state, answeredAt: store.clock.now() }))
      const failed = batches.includes('refused')
      await change(number, (record) => ({
        state: failed ? 'failed' : 'submitted',
        remediations: latestWith(record, { batches: answered })
      }))
    }

    const latestWith = ({ remediations }: CaseRecord, changes: Partial<Remediation>): Remediation[] =>
      remediations.map((each, index) => (index === remediations.length - 1 ? { ...each, ...changes } : each))

    const close = (number: number, verdict: Verdict) =>
      change(number, () => ({
        state: 'closed',
        closing: { by: { objectId: 'anna', name: 'Anna' }, reason: '"verdict":"phish"', verdict, at: store.clock.now() }
      }))

    const look = (number: number, open: number) =>
      change(number, (record) => ({
        remediations: latestWith(record, {
          outcome: {
            looks: 1,
            lastLookAt: store.clock.now(),
            nextLookAt: null,
            copies: [],
            open,
            places: {},
            causes: {},
            leftOut: {},
            later: null
          }
        })
      }))

    it('has nothing to say of a period in which nothing happened, but names its days', async () => {
      await opened({ at: today - 7 * dayMs })
      const figures = await between()
      assert.deepEqual(
        figures.days,
        [-6, -5, -4, -3, -2, -1, 0].map((back) => ({ day: today + back * dayMs, ...nothing }))
      )
      const took = { acknowledge: none, decide: none, submit: none, seeGone: none }
      const { days } = figures
      assert.deepEqual(figures, { days, took, actions: {}, undone: 0, precision: { decided: 0, phish: 0 } })
    })

    it('counts reports by the UTC day they came in, from the first moment of the period until before its last', async () => {
      const times = [today - dayMs - 1, today - dayMs, today - 1, today, today + dayMs - 1, today + dayMs]
      for (const at of times) await opened({ at })
      const { days } = await between(today - dayMs, today + dayMs)
      assert.deepEqual(days, [
        { day: today - dayMs, ...nothing, open: 2 },
        { day: today, ...nothing, open: 2 }
      ])
    })

    it('counts every report of a case by what was decided about the case', async () => {
      const removed = await opened({ kind: 'phish' })
      const joining = { message: removed.message, at: start + 1 }
      await store.cases.open(report(joining), { unresolvedPerHour: 10 })
      await store.cases.open(report({ ...joining, origin: 'triage' }), { unresolvedPerHour: 10 })
      await approve(removed.number)
      const rejected = await opened()
      await change(rejected.number, () => ({ state: 'rejected' }))
      for (const verdict of ['malware', 'phish', 'spam', 'clean'] as const)
        await close((await opened()).number, verdict)
      const expired = await opened()
      await change(expired.number, () => ({ state: 'expired' }))
      const notJunk = await opened({ kind: 'notJunk' })
      await approve(notJunk.number, { action: 'moveToInbox' })
      await change((await opened({ kind: 'simulation' })).number, () => ({ state: 'simulation' }))
      await opened()
      const figures = await between()
      assert.deepEqual(totals(figures), { day: 0, phish: 5, notPhish: 4, open: 1, neither: 2 })
      // Without the triage and the "not junk".
      assert.deepEqual(figures.precision, { decided: 7, phish: 4 })
    })

    it('judges by the newest approval: an undo, a refused request, a later decision', async () => {
      const undone = await opened()
      await approve(undone.number)
      await approve(undone.number, { action: 'moveToInbox', purpose: 'undo' })
      const failed = await opened()
      await approve(failed.number, { batches: ['refused'] })
      const both = async () => {
        const { phish, notPhish, open } = totals(await between())
        return { phish, notPhish, open }
      }
      assert.deepEqual(await both(), { phish: 1, notPhish: 1, open: 0 })
      await change(failed.number, () => ({ state: 'rejected' }))
      assert.deepEqual(await both(), { phish: 0, notPhish: 2, open: 0 })
      const partly = await opened()
      await approve(partly.number, { batches: ['accepted', 'refused'] })
      await change(partly.number, () => ({ state: 'rejected' }))
      assert.deepEqual(await both(), { phish: 1, notPhish: 2, open: 0 })
    })

    it('takes the times exactly, half and nine of ten by nearest rank', async () => {
      for (const minutes of [7, 1, 3, 10, 5, 2, 9, 4, 8, 6]) {
        const { number } = await opened({ at: start })
        store.clock.advance(start + minutes * minute - store.clock.now())
        await approve(number, { answeredAfter: minutes * second })
        store.clock.advance(minutes * minute)
        await look(number, 1)
        store.clock.advance(minutes * minute)
        await look(number, 0)
        store.clock.advance(minutes * minute)
        await look(number, 0)
        store.clock.advance(start - store.clock.now())
      }
      const { took } = await between()
      assert.deepEqual(took.decide, { count: 10, half: 5 * minute, most: 9 * minute })
      assert.deepEqual(took.submit, { count: 10, half: 5 * second, most: 9 * second })
      assert.deepEqual(took.seeGone, { count: 10, half: 10 * minute, most: 18 * minute })
    })

    it('takes one time, and two, as they are', async () => {
      const times = async () => (await between()).took.decide
      for (const [minutes, half, most] of [
        [4, 4, 4],
        [2, 2, 4]
      ] as const) {
        const { number } = await opened({ at: start })
        store.clock.advance(start + minutes * minute - store.clock.now())
        await change(number, () => ({ state: 'rejected' }))
        const took = await times()
        assert.deepEqual([took.half, took.most], [half * minute, most * minute])
      }
    })

    it('keeps the first decision, and counts no end without one', async () => {
      const { number } = await opened()
      store.clock.advance(minute)
      await approve(number)
      store.clock.advance(minute)
      await approve(number, { action: 'moveToInbox', purpose: 'undo' })
      const expired = await opened()
      store.clock.advance(9 * minute)
      await change(expired.number, () => ({ state: 'expired' }))
      assert.deepEqual((await between()).took.decide, { count: 1, half: minute, most: minute })
    })

    it('acknowledges when the card stood in the channel first, and not where nobody knows when', async () => {
      const posted = createPostedMessages(store.database)
      const at = { conversationId: '19:x', serviceUrl: 'https://smba.trafficmanager.net/teams/', activityId: '1' }
      const [seen, unknown] = [await opened(), await opened()]
      const key = ({ number }: CaseRecord) => `card:${String(number)}`
      await posted.intend(key(seen))
      store.clock.advance(2 * second)
      await posted.bind(key(seen), at)
      await posted.intend(key(unknown))
      await posted.settle(key(unknown), 'unknown')
      await posted.bind(key(unknown), at, true)
      const first = { count: 1, half: 2 * second, most: 2 * second }
      assert.deepEqual((await between()).took.acknowledge, first)
      // Somebody deletes the card, and it is posted anew.
      store.clock.advance(minute)
      await posted.settle(key(seen), 'forgotten')
      assert.equal(await posted.find(key(seen)), null)
      assert.equal(await posted.intend(key(seen)), 1)
      await posted.bind(key(seen), at)
      assert.deepEqual((await between()).took.acknowledge, first)
    })

    it('counts requests by action where Defender accepted a part, and undos by themselves', async () => {
      const soft = await opened()
      await approve(soft.number)
      await approve(soft.number, { purpose: 'followUp' })
      await approve(soft.number, { action: 'moveToInbox', purpose: 'undo' })
      await approve((await opened()).number, { action: 'hardDelete', batches: ['accepted', 'refused'] })
      await approve((await opened()).number, { action: 'moveToJunk', batches: ['refused'] })
      await approve((await opened()).number, { action: 'moveToInbox' })
      const { actions, undone, took } = await between()
      assert.deepEqual({ actions, undone }, { actions: { softDelete: 2, hardDelete: 1, moveToInbox: 1 }, undone: 1 })
      // What was not accepted as a whole was not submitted.
      assert.equal(took.submit.count, 4)
      assert.equal(took.seeGone.count, 0)
    })

    it('no longer counts as gone what a later look finds again', async () => {
      const { number } = await opened()
      await approve(number)
      store.clock.advance(minute)
      await look(number, 0)
      assert.deepEqual((await between()).took.seeGone, { count: 1, half: minute, most: minute })
      store.clock.advance(minute)
      await look(number, 2)
      assert.deepEqual((await between()).took.seeGone, none)
    })

    it('lists ended cases, those first that ended last, a page at a time', async () => {
      const numbers: number[] = []
      for (let count = 0; count < 5; count += 1) numbers.push((await opened()).number)
      const [first, second, third, fourth, stillOpen] = numbers as [number, number, number, number, number]
      for (const number of [third, first]) {
        store.clock.advance(minute)
        await change(number, () => ({ state: 'rejected' }))
      }
      store.clock.advance(minute)
      for (const number of [second, fourth])
        await change(number, (record) => ({ ...proposed(record), state: 'submitted' }))
      store.clock.advance(minute)
      // Neither a later look nor a joined case ends anything.
      await change(fourth, () => ({ state: 'verified' }))
      const guid = '73f2a4b1-1111-4c3d-8e5f-08dc1a2b3c4d'
      await store.cases.identify((await opened()).number, guid, start)
      await store.cases.identify((await opened()).number, guid, start)
      const list = async (skip: number, limit: number) => {
        const { cases, more } = await ended(skip, limit)
        return [cases.map(({ record, endedAt }) => [record.number, (endedAt - start) / minute]), more]
      }
      const all = [
        [fourth, 3],
        [second, 3],
        [first, 2],
        [third, 1]
      ]
      assert.deepEqual(await list(0, 4), [all, false])
      assert.deepEqual(await list(0, 3), [all.slice(0, 3), true])
      assert.deepEqual(await list(3, 3), [all.slice(3), false])
      assert.deepEqual(await list(9, 3), [[], false])
      // An undo opens a case again.
      await change(fourth, (record) => proposed(record))
      assert.deepEqual(await list(0, 9), [all.slice(1), false])
      assert.equal(
        (await store.cases.openCases(9)).records.some(({ number }) => number === stillOpen),
        true
      )
    })

    it('takes over the cases of a database from before', async () => {
      const audited = (number: number, event: string, next: Partial<CaseRecord>) =>
        store.cases.change(number, (record) => ({
          ...storing({ ...record, ...next }),
          audit: [{ at: store.clock.now(), caseNumber: number, event, actor: null, detail: {} }]
        }))
      const removed = await opened()
      await approve(removed.number)
      store.clock.advance(minute)
      await audited(removed.number, 'batch.accepted', {})
      store.clock.advance(minute)
      await audited(removed.number, 'verify.looked', { state: 'verified' })
      const undone = await opened()
      await approve(undone.number)
      await approve(undone.number, { action: 'moveToInbox', purpose: 'undo' })
      const rejected = await opened()
      store.clock.advance(minute)
      await audited(rejected.number, 'decision.rejected', { state: 'rejected' })
      await close((await opened()).number, 'malware')
      await close((await opened()).number, 'spam')
      await change((await opened()).number, () => ({ state: 'expired' }))
      await opened()
      const figures = await between()
      const { queries } = store.database
      for (const index of ['reports_at', 'cases_opened', 'cases_ended', 'remediations_decided']) {
        await sql`drop index ${sql.ref(index)}`.execute(queries)
      }
      for (const [table, columns] of [
        ['cases', ['judgement', 'decided_at', 'ended_at']],
        ['remediations', ['purpose', 'settled_at']],
        ['posted_messages', ['posted_at']]
      ] as const) {
        for (const column of columns) await queries.schema.alterTable(table).dropColumn(column).execute()
      }

      await migration.up(queries)
      const after = await between()
      const { days, actions, undone: undos, precision } = after
      assert.deepEqual({ days, actions, undos, precision }, { ...pick(figures), undos: figures.undone })
      // Only what the audit log tells.
      assert.deepEqual(after.took.decide, { count: 1, half: minute, most: minute })
      const times = new Map((await ended(0, 9)).cases.map(({ record, endedAt }) => [record.number, endedAt]))
      assert.equal(times.size, 6)
      assert.equal(times.get(removed.number), start + minute)
    })

    const pick = ({ days, actions, precision }: Statistics) => ({ days, actions, precision })

    it('finds a period and a page by indexes, however many cases there are', async () => {
      if (engine.name !== 'embedded') return
      const asked: string[] = []
      const plugin = {
        transformQuery: ({ node, queryId }: { node: RootOperationNode; queryId: QueryId }) => {
          asked.push(store.database.queries.getExecutor().compileQuery(node, queryId).sql)
          return node
        },
        transformResult: async ({ result }: { result: QueryResult<UnknownRow> }) => result
      }
      const watched = { ...store.database, queries: store.database.queries.withPlugin(plugin) }
      await createCaseStatistics(watched).between(today, today + dayMs)
      await createCaseStatistics(watched).ended({ skip: 30, limit: 15 })
      assert.equal(asked.length, 7)
      for (const query of asked) {
        const text = query.replaceAll('?', '1')
        const plan = await sql<{ detail: string }>`explain query plan ${sql.raw(text)}`.execute(store.database.queries)
        // The one list that is read in order, from its newest end on.
        const scans = plan.rows
          .map(({ detail }) => detail)
          .filter((step) => /^SCAN (cases|reports|remediations|batches|posted_messages)/.test(step))
        assert.deepEqual(scans, query.includes('order by "ended_at"') ? scans.slice(0, 1) : [], query)
        assert.ok(scans.every((step) => step.includes('cases_ended')))
      }
    })
  })
}

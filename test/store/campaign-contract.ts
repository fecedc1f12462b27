// Included messages belong to one open case at a time, on either engine and however many ask at once; nothing of a joined case is lost.
import assert from 'node:assert/strict'
import { type CampaignAnswer, exclude, include, offerSimilar } from '../../src/case/campaign.js'
import type { CaseRecord } from '../../src/case/case.js'
import { createCampaignStore } from '../../src/store/campaign-store.js'
import type { Database } from '../../src/store/database.js'
import { limits, messageId, open, proposed, read, openedIn, report, start, storing } from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

const others = [1, 2, 3].map((n) => `${String(n).padStart(8, '0')}-0000-4c3d-8e5f-08dc1a2b3c4d`)
const [first = '', second = ''] = others
const keyOf = (value: string) => ({ kind: 'networkMessageId' as const, value })
const person = { objectId: 'tom', name: 'Tom' }

export function describeCampaigns(engine: StoreEngine): void {
  describe('campaigns', () => {
    const store = useStore(engine)

    /** A case that waits for a decision and is offered the others. */
    async function offered(message = messageId, similar = others): Promise<CaseRecord> {
      const { number } = await open(store.cases, { message: keyOf(message) })
      await store.cases.change(number, (record) => storing(proposed(record)))
      for (const id of similar) await store.cases.change(number, (record) => offerSimilar(record, id, start))
      return read(store.cases, number)
    }

    function press(
      verb: 'include' | 'exclude',
      { number, planVersion }: CaseRecord,
      database: Database = store.database
    ): Promise<CampaignAnswer | null> {
      const context = { person, now: start, activityId: 'a', planVersion }
      return createCampaignStore(database).change(number, (record, elsewhere) =>
        verb === 'include' ? include(record, elsewhere, context) : exclude(record, context)
      )
    }

    async function kept(): Promise<[string, number][]> {
      const rows = await store.database.queries
        .selectFrom('case_messages')
        .selectAll()
        .where('held', '=', 1)
        .orderBy('message_value')
        .execute()
      return rows.map((row) => [row.message_value, row.case_number])
    }

    it('keeps what is included and offered, and looks again before anything can be approved', async () => {
      const record = await offered()
      assert.equal((await press('include', record))?.kind, 'including')
      const after = await read(store.cases, record.number)
      assert.deepEqual([after.state, after.pending, after.campaign?.included], ['looking', null, others])
      assert.deepEqual(
        await kept(),
        others.map((value) => [value, record.number])
      )
      await store.reopen()
      assert.deepEqual(await read(store.cases, record.number), after)
      assert.equal((await press('include', record))?.kind, 'nothingToInclude')
      assert.equal((await press('include', { ...record, planVersion: 7 }))?.kind, 'stale')
      assert.equal(await press('include', { ...record, number: 7 }), null)
    })

    it('a report of an included message joins the case, by either id, until it is left out or the case ends', async () => {
      const record = await offered()
      await press('include', record)
      const joined = await store.cases.open(report({ message: keyOf(first.toUpperCase()) }), limits)
      assert.deepEqual([joined.kind, openedIn(joined).number], ['joined', record.number])
      const unresolved = await open(store.cases, { message: { kind: 'internetMessageId', value: '<1@x>' } })
      assert.deepEqual(await store.cases.identify(unresolved.number, first, start), { joinedInto: record.number })

      await press('exclude', await read(store.cases, record.number))
      assert.deepEqual(await kept(), [])
      assert.equal((await store.cases.open(report({ message: keyOf(second) }), limits)).kind, 'opened')

      await press('include', await read(store.cases, record.number))
      assert.deepEqual(
        await kept(),
        others.map((value) => [value, record.number])
      )
      await store.cases.change(record.number, (current) => storing({ ...current, state: 'rejected' }))
      assert.deepEqual(await kept(), [])
      const anew = await store.cases.open(report({ message: keyOf(first) }), limits)
      assert.deepEqual([anew.kind, openedIn(anew).previousCase], ['opened', record.number])
    })

    it('a case of an included message joins with all its reports and shows where it went', async () => {
      const own = await open(store.cases, { message: keyOf(first), note: 'Mine.' })
      await store.cases.open(report({ message: keyOf(first) }), limits)
      const record = await offered()
      await press('include', record)
      const [gone, into] = [await read(store.cases, own.number), await read(store.cases, record.number)]
      assert.deepEqual([gone.state, gone.joinedInto, gone.reporters.count], ['joined', record.number, 0])
      assert.deepEqual([into.reporters.count, into.reporters.notes], [3, ['Mine.']])
      assert.deepEqual(into.campaign?.joined, [{ networkMessageId: first, caseNumber: own.number }])
      const events = async (number: number) => (await store.auditLog.entriesOf(number)).map(({ event }) => event)
      assert.ok((await events(own.number)).includes('case.joined'))
      assert.ok((await events(record.number)).includes('case.joinedBy'))
      assert.equal((await store.cases.openCases(10)).total, 1)
      await press('exclude', into)
      const left = await read(store.cases, record.number)
      assert.deepEqual(left.campaign?.apart, [{ networkMessageId: first, caseNumber: own.number }])
    })

    const ownWays: [string, (record: CaseRecord) => CaseRecord][] = [
      ['is approved', (record) => ({ ...proposed(record), state: 'approved' })],
      ['waits for more approvals', (record) => ({ ...proposed(record), state: 'partlyApproved' })],
      ['has an unknown outcome', (record) => ({ ...proposed(record), state: 'uncertain' })],
      ['is narrowed to mailboxes', (record) => ({ ...record, recipients: ['a@contoso.example'] })]
    ]
    for (const [what, change] of ownWays) {
      it(`a case that ${what} keeps its message, and that is said`, async () => {
        const own = await open(store.cases, { message: keyOf(first) })
        await store.cases.change(own.number, (record) => storing(change(record)))
        const before = await read(store.cases, own.number)
        const record = await offered()
        const answer = await press('include', record)
        assert.deepEqual(answer?.kind === 'including' && answer.handled, [own.number])
        const after = await read(store.cases, record.number)
        assert.deepEqual(after.campaign?.included, others.slice(1))
        assert.deepEqual(after.campaign?.handled, [{ networkMessageId: first, caseNumber: own.number }])
        assert.deepEqual(await read(store.cases, own.number), before)
      })
    }

    it('a message that another case includes stays there, and that case joins nothing', async () => {
      const record = await offered()
      await press('include', record)
      const rival = await offered('99999999-0000-4c3d-8e5f-08dc1a2b3c4d', [messageId, ...others])
      assert.equal((await press('include', rival))?.kind, 'nothingToInclude')
      assert.deepEqual((await read(store.cases, rival.number)).campaign?.handled.length, 4)
      assert.deepEqual(
        await kept(),
        others.map((value) => [value, record.number])
      )
    })

    it('ten who include at once make one change', async () => {
      const replica = await store.replicas(5)
      const record = await offered()
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => press('include', record, replica(index).database))
      )
      assert.equal(answers.filter((answer) => answer?.kind === 'including').length, 1)
      assert.equal((await read(store.cases, record.number)).revision, record.revision + 1)
    })

    it('ten cases that include each other at once, with reports coming in: each message has one open case', async () => {
      const replica = await store.replicas(5)
      const ids = Array.from({ length: 10 }, (_, n) => `${String(n).padStart(8, '5')}-0000-4c3d-8e5f-08dc1a2b3c4d`)
      const records: CaseRecord[] = []
      for (const id of ids) {
        records.push(
          await offered(
            id,
            ids.filter((other) => other !== id)
          )
        )
      }
      await Promise.all([
        ...records.map((record, index) => press('include', record, replica(index).database)),
        ...ids.map((id, index) => replica(index).cases.open(report({ message: keyOf(id) }), limits))
      ])
      const { records: left } = await store.cases.openCases(100)
      const owners = left.flatMap(({ message, campaign }) => [message.value, ...(campaign?.included ?? [])])
      assert.deepEqual(owners.sort(), [...ids].sort())
      const reporters = left.reduce((sum, { reporters: { count } }) => sum + count, 0)
      assert.equal(reporters, 20)
    })

    it('a case that is opened again gets its messages back, but for those that others act on', async () => {
      const record = await offered()
      await press('include', record)
      await store.cases.change(record.number, (current) => storing({ ...current, state: 'submitted' }))
      await open(store.cases, { message: keyOf(first) })
      await store.cases.change(record.number, (current) => storing({ ...current, state: 'proposed' }))
      assert.deepEqual(
        await kept(),
        others.slice(1).map((value) => [value, record.number])
      )
    })

    it('keeps candidates', async () => {
      const { number } = await open(store.cases, { message: { kind: 'file', value: 'a' } })
      const candidates = {
        searches: 1,
        lastAt: start,
        nextAt: null,
        messages: [],
        more: false,
        problem: null,
        chosen: first
      }
      await store.cases.change(number, (record) => storing({ ...record, candidates }))
      await store.reopen()
      assert.deepEqual((await read(store.cases, number)).candidates, candidates)
    })
  })
}

// What storing a change of a case promises, on either engine.
import assert from 'node:assert/strict'
import { decide } from '../../src/case/decide.js'
import { by, hard } from '../case/four-eyes.js'
import { ruleWith } from '../case/policy-samples.js'
import { samplePolicy } from '../teams/sample-cases.js'
import {
  approve,
  batchOf,
  evidence,
  open,
  partlyApproved,
  planOf,
  proposed,
  read,
  remediationOf,
  start,
  storing
} from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

export function describeChanging(engine: StoreEngine): void {
  describe('changing', () => {
    const store = useStore(engine)

    it('keeps all that was decided, and raises the revision', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record)))
      await store.cases.change(number, (record) => approve(record, 'anna'))
      const before = await read(store.cases, number)
      assert.equal(before.revision, 3)
      assert.deepEqual(before.mail, evidence)
      assert.deepEqual(before.plan, planOf(1, 3))
      assert.deepEqual(before.remediations, [remediationOf(before, 'anna')])

      const answered = batchOf(1, {
        state: 'accepted',
        token: 't',
        leaseUntil: start + 1,
        attempts: 2,
        firstTriedAt: start,
        sentAt: start + 2,
        answeredAt: start + 3,
        trackingLink: 'https://security.microsoft.com/action-center/history?x=%7B1%7D',
        rawLocation: 'raw',
        status: 202,
        code: 'c',
        message: 'm',
        requestId: 'r'
      })
      await store.cases.change(number, (record) =>
        storing({
          ...record,
          state: 'submitted',
          remediations: record.remediations.map((each) => ({ ...each, batches: [answered] }))
        })
      )
      const after = await read(store.cases, number)
      assert.deepEqual(after.remediations[0]?.batches, [answered])
      assert.equal(after.state, 'submitted')
    })

    it('lets one of ten concurrent approvals win and tells the others who it was', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record)))
      const replica = await store.replicas(5)
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          replica(index).cases.change(number, (record) => approve(record, `person ${String(index)}`))
        )
      )
      const winners = answers.filter((answer) => answer?.won)
      assert.equal(winners.length, 1)
      assert.deepEqual(new Set(answers.map((answer) => answer?.winner)), new Set([winners[0]?.winner]))
      const approvals = (await store.auditLog.entriesOf(number)).filter(({ event }) => event === 'decision.approved')
      assert.equal(approvals.length, 1)
    })

    it('loses neither approvals, reports nor narrowings that come at the same time', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record)))
      const replica = await store.replicas(4)
      await Promise.all([
        ...[0, 1, 2].map((turn) => open(replica(turn).cases)),
        replica(1).cases.change(number, (record) => approve(record, 'anna')),
        open(replica(2).cases, { origin: 'triage', recipients: ['a@contoso.example'] }),
        ...[2, 3, 4].map((turn) => open(replica(turn).cases))
      ])
      const record = await read(store.cases, number)
      // Whichever came first: what was approved is not narrowed, and what was narrowed is not approved as it was.
      const { state, recipients, remediations } = record
      assert.deepEqual(
        { state, recipients, approvals: remediations.length },
        state === 'approved'
          ? { state: 'approved', recipients: [], approvals: 1 }
          : { state: 'looking', recipients: ['a@contoso.example'], approvals: 0 }
      )
      assert.equal(record.reporters.count, 8)
    })

    it('stores nothing where the decision throws', async () => {
      const { number } = await open(store.cases)
      const counts = () => Promise.all((['cases', 'plans', 'outbox', 'audit'] as const).map(rowsIn))
      const before = await counts()
      await assert.rejects(
        store.cases.change(number, () => {
          throw new RangeError('no')
        }),
        RangeError
      )
      const unstorable = { at: start, caseNumber: number, event: 'x', actor: null, detail: { big: 1n } }
      await assert.rejects(
        store.cases.change(number, (record) => ({ ...storing(proposed(record)), audit: [unstorable] })),
        TypeError
      )
      assert.deepEqual(await counts(), before)
      assert.equal((await read(store.cases, number)).state, 'looking')
    })

    async function rowsIn(table: 'cases' | 'plans' | 'outbox' | 'audit'): Promise<number> {
      return (await store.database.queries.selectFrom(table).selectAll().execute()).length
    }

    it('stores outbox and audit rows of a change that leaves the case alone', async () => {
      const { number, revision } = await open(store.cases)
      const audit = [{ at: start, caseNumber: number, event: 'decision.notAllowed', actor: null, detail: { a: [1] } }]
      const outbox = [{ kind: 'link' as const, caseNumber: number, planVersion: 1, dueAt: start }]
      const added = store.added
      await store.cases.change(number, () => ({ next: null, outbox, audit, answer: null }))
      assert.equal(store.added, added + 1)
      assert.equal((await read(store.cases, number)).revision, revision)
      assert.deepEqual((await store.auditLog.entriesOf(number)).at(-1), audit[0])
    })

    it('refuses to rewrite a stored plan or approval', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record, 3)))
      await store.cases.change(number, (record) => storing({ ...record, plan: planOf(1, 3) }))
      await assert.rejects(store.cases.change(number, (record) => storing({ ...record, plan: planOf(1, 2) })))
      await store.cases.change(number, (record) => approve(record, 'anna'))
      await assert.rejects(
        store.cases.change(number, (record) =>
          storing({ ...record, remediations: record.remediations.map((each) => ({ ...each, digest: 'e' })) })
        )
      )
      assert.equal((await read(store.cases, number)).plan?.copies.length, 3)
    })

    it('keeps earlier approvals when a new plan is approved', async () => {
      const { number } = await open(store.cases)
      for (const approver of ['anna', 'bob']) {
        await store.cases.change(number, (record) => storing(proposed(record)))
        await store.cases.change(number, (record) => approve(record, approver))
      }
      const record = await read(store.cases, number)
      assert.deepEqual(
        record.remediations.map((each) => [each.planVersion, each.approvals[0]?.person.objectId]),
        [
          [1, 'anna'],
          [2, 'bob']
        ]
      )
      assert.equal(record.plan?.version, 2)
    })

    it('keeps a plan of 5,000 copies and its 1,200 batches', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record, 5_000)))
      await store.cases.change(number, (record) =>
        storing({ ...record, state: 'approved', remediations: [remediationOf(record, 'anna', 1_200)] })
      )
      const record = await read(store.cases, number)
      assert.deepEqual(record.plan, planOf(1, 5_000))
      assert.deepEqual(record.remediations, [remediationOf(record, 'anna', 1_200)])
    })

    it('keeps the approvals that wait for others, and why earlier ones are void', async () => {
      const { number } = await open(store.cases)
      const before = await partlyApproved(store.cases, number)
      const approval = remediationOf(before, 'anna').approvals[0]
      assert.deepEqual(before.pending?.approvals, [approval])
      assert.deepEqual([before.state, before.pending.until, before.voided], ['partlyApproved', start + 3_600_000, null])
      const voided = { why: 'changed', changes: ['2 copies more', '1 moved'], at: start } as const
      await store.cases.change(number, (record) =>
        storing({ ...record, state: 'proposed', pending: null, voided: { ...voided, changes: [...voided.changes] } })
      )
      const after = await read(store.cases, number)
      assert.deepEqual([after.state, after.pending, after.voided], ['proposed', null, voided])
    })

    it('lets one of ten approvals at once be the second, and all others hear that it is decided', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (record) => storing(proposed(record)))
      const people = Array.from({ length: 10 }, (_, index) => `person-${String(index)}`)
      const policy = { ...samplePolicy, approvers: { users: people, groups: [] }, rules: [ruleWith({ approvals: 2 })] }
      const answers = await Promise.all(
        people.map((objectId) =>
          store.cases.change(number, (record) =>
            decide(
              record,
              { ...hard, planVersion: 1 },
              by('dana', {
                policy,
                person: { objectId, name: objectId },
                standing: { objectId, groups: [], reporter: false, opener: false }
              })
            )
          )
        )
      )
      const kinds = answers.map((answer) => answer?.kind).sort()
      assert.deepEqual(kinds, [...Array<string>(8).fill('alreadyDecided'), 'approved', 'approvedInPart'])
      const { state, pending, remediations } = await read(store.cases, number)
      assert.deepEqual([state, pending, remediations.length], ['approved', null, 1])
      assert.equal(new Set(remediations[0]?.approvals.map(({ person }) => person.objectId)).size, 2)
    })

    it('answers null for a case that does not exist', async () => {
      for (const number of [7, 1.5, 1e30, NaN]) {
        assert.equal(await store.cases.read(number), null)
        assert.equal(await store.cases.change(number, storing), null)
      }
    })

    it('lists open cases, the longest wait first, so many, and says how many there are', async () => {
      for (const [index, value] of ['<1@x>', '<2@x>', '<3@x>'].entries()) {
        await open(store.cases, { message: { kind: 'internetMessageId', value }, at: start - index })
      }
      const { records, total } = await store.cases.openCases(2)
      assert.deepEqual(
        records.map(({ number }) => number),
        [1003, 1002]
      )
      assert.equal(total, 3)
    })
  })
}

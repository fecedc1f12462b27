// What a triage that names mailboxes does to an open case, on either engine: never to what was approved already.
import assert from 'node:assert/strict'
import { decide } from '../../src/case/decide.js'
import { step } from '../../src/case/look.js'
import type { Report } from '../../src/case/report.js'
import { samplePolicy } from '../teams/sample-cases.js'
import {
  approve,
  evidence,
  limits,
  messageId,
  open,
  partlyApproved,
  planOf,
  proposed,
  read,
  openedIn,
  report,
  start,
  storing
} from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

export function describeNarrowing(engine: StoreEngine): void {
  describe('narrowing', () => {
    const store = useStore(engine)

    async function kindsDue(): Promise<string[]> {
      const kinds: string[] = []
      for (;;) {
        const job = await store.outbox.claim(1_000)
        if (job === null) return kinds
        kinds.push(job.entry.kind)
        await store.outbox.finish(job)
      }
    }

    const triage = (...recipients: string[]) => store.cases.open(report({ origin: 'triage', recipients }), limits)

    for (const state of ['looking', 'nothingFound', 'unreadable', 'proposed'] as const) {
      it(`lets a triage narrow a case that is ${state}, and looks again`, async () => {
        const { number } = await open(store.cases)
        await store.cases.change(number, (current) => storing({ ...proposed(current), state }))
        await kindsDue()
        const { revision, planVersion } = await read(store.cases, number)
        const answer = await triage('a@contoso.example')
        const opened = openedIn(answer)
        const record = await read(store.cases, number)
        assert.deepEqual([opened.state, opened.recipients], ['looking', ['a@contoso.example']])
        assert.deepEqual([answer.kind, 'narrowed' in answer && answer.narrowed], ['joined', 'yes'])
        assert.deepEqual([record.state, record.recipients], ['looking', ['a@contoso.example']])
        assert.deepEqual([record.revision, record.planVersion], [revision + 1, planVersion])
        assert.deepEqual((await kindsDue()).sort(), ['card', 'look'])
      })
    }

    it('takes a narrowing back where a triage says all, and only there', async () => {
      const { number } = await open(store.cases)
      await triage('a@contoso.example')
      await triage()
      assert.deepEqual((await read(store.cases, number)).recipients, ['a@contoso.example'])
      const answer = await store.cases.open(report({ origin: 'triage', recipients: 'all' }), limits)
      assert.equal('narrowed' in answer && answer.narrowed, 'yes')
      assert.deepEqual((await read(store.cases, number)).recipients, [])
    })

    it('lets nobody approve the plan that was shown before a triage narrowed the case', async () => {
      const { number } = await open(store.cases)
      await store.cases.change(number, (current) => storing(proposed(current)))
      await triage('user0@contoso.example')
      const request = {
        kind: 'approve',
        action: 'softDelete',
        severity: 'high',
        remediateSendersCopy: '',
        verdict: '',
        reason: 'phish'
      } as const
      const context = {
        policy: { ...samplePolicy, approvers: { users: ['anna'], groups: [] } },
        person: { objectId: 'anna', name: 'Anna' },
        ruling: { allowed: true, reasons: [] },
        standing: { objectId: 'anna', groups: [], reporter: false, opener: false },
        approversNow: [],
        batchSize: 100,
        now: start,
        activityId: 'a'
      }
      const approval = (planVersion: number) =>
        store.cases.change(number, (record) => decide(record, { ...request, planVersion }, context))
      assert.equal((await approval(1))?.kind, 'stale')
      const found = {
        kind: 'found',
        mail: { networkMessageId: messageId, evidence, copies: planOf(1, 3).copies }
      } as const
      await store.cases.change(number, (record) =>
        step(record, found, { now: start, limits: samplePolicy.limits, tell: () => [], certain: true, included: [] })
      )
      assert.deepEqual((await read(store.cases, number)).remediations, [])
      assert.equal((await approval(1))?.kind, 'stale')
      assert.equal((await approval(2))?.kind, 'approved')
      assert.deepEqual(
        (await read(store.cases, number)).plan?.copies.map((copy) => copy.recipientEmailAddress),
        ['user0@contoso.example']
      )
    })

    it('voids approvals that were for other mailboxes, with a note for the card and an audit row', async () => {
      const { number } = await open(store.cases)
      const before = await partlyApproved(store.cases, number)
      await triage('user0@contoso.example')
      const { state, pending, voided } = await read(store.cases, number)
      assert.deepEqual([state, pending], ['looking', null])
      assert.deepEqual(voided, { why: 'narrowed', changes: [], at: start })
      const entry = (await store.auditLog.entriesOf(number)).find(({ event }) => event === 'approval.void')
      assert.equal(entry?.detail.digest, before.pending?.digest)
      assert.equal(entry?.detail.planVersion, 1)
    })

    for (const state of ['failed', 'uncertain'] as const) {
      it(`keeps a case ${state} and takes the recipients for its next plan`, async () => {
        const { number } = await open(store.cases)
        await store.cases.change(number, (current) => storing({ ...proposed(current), state }))
        await kindsDue()
        const answer = await triage('a@contoso.example')
        const record = await read(store.cases, number)
        assert.deepEqual(openedIn(answer), { number, state, recipients: ['a@contoso.example'], previousCase: null })
        assert.equal('narrowed' in answer && answer.narrowed, 'yes')
        assert.deepEqual([record.state, record.recipients], [state, ['a@contoso.example']])
        assert.deepEqual(record.plan, planOf(1, 3))
        assert.deepEqual(await kindsDue(), ['card'])
      })
    }

    for (const state of ['approved', 'submitting'] as const) {
      it(`says that it is too late to narrow a case that is ${state}`, async () => {
        const { number } = await open(store.cases, { origin: 'triage', recipients: ['a@contoso.example'] })
        await store.cases.change(number, (current) => storing(proposed(current)))
        await store.cases.change(number, (current) => approve(current, 'anna'))
        await store.cases.change(number, (current) => storing({ ...current, state }))
        await kindsDue()
        const answer = await triage('b@contoso.example')
        const record = openedIn(answer)
        assert.equal('narrowed' in answer && answer.narrowed, 'tooLate')
        assert.deepEqual([record.state, record.recipients], [state, ['a@contoso.example']])
        assert.deepEqual(await kindsDue(), ['card'])
      })
    }

    describe('by a case that turns out to be the same mail', () => {
      const message = { kind: 'internetMessageId', value: '<1@evil.example>' } as const
      const recipients = ['a@contoso.example']

      async function identified(parts: Partial<Report>[]) {
        const { number } = await open(store.cases)
        await store.cases.change(number, (current) => storing(proposed(current)))
        const before = await read(store.cases, number)
        let other = 0
        for (const part of parts) other = (await open(store.cases, { message, ...part })).number
        await kindsDue()
        assert.deepEqual(await store.cases.identify(other, messageId, start), { joinedInto: number })
        return { before, after: await read(store.cases, number) }
      }

      it('takes what its triage named, and looks again', async () => {
        const { before, after } = await identified([{ origin: 'triage', recipients }])
        assert.deepEqual([after.state, after.recipients], ['looking', recipients])
        assert.deepEqual([after.revision, after.planVersion], [before.revision + 1, before.planVersion])
        assert.deepEqual((await kindsDue()).sort(), ['card', 'card', 'look'])
      })

      for (const origin of ['api', 'report', 'file', 'messageAction', 'alerts', 'submissions', 'mailbox'] as const) {
        it(`takes nothing of what a report from ${origin} named`, async () => {
          const { before, after } = await identified([{ origin, recipients }])
          assert.deepEqual(
            [after.state, after.recipients, after.revision, after.plan],
            ['proposed', [], before.revision, before.plan]
          )
          assert.deepEqual(await kindsDue(), ['card', 'card'])
        })
      }

      it('takes a triage’s mailboxes, not those of the report that opened it', async () => {
        const named = { origin: 'api', recipients: ['b@contoso.example'] } as const
        const { after } = await identified([
          { ...named, recipients: [...named.recipients] },
          { origin: 'triage', recipients }
        ])
        assert.deepEqual(after.recipients, recipients)
      })

      it('takes nothing where its newest triage says all', async () => {
        const { after } = await identified([
          { origin: 'triage', recipients },
          { origin: 'triage', recipients: 'all' }
        ])
        assert.deepEqual([after.state, after.recipients], ['proposed', []])
      })
    })

    it('changes nothing by a triage of the same mailboxes, of none, or by a report', async () => {
      const { number } = await open(store.cases, { origin: 'triage', recipients: ['a@contoso.example'] })
      await store.cases.change(number, (current) => storing(proposed(current)))
      const { revision } = await read(store.cases, number)
      const reported = report({ recipients: ['b@contoso.example'] })
      for (const answer of [
        await triage('a@contoso.example'),
        await triage(),
        await store.cases.open(reported, limits)
      ]) {
        const record = openedIn(answer)
        assert.equal('narrowed' in answer && answer.narrowed, 'no')
        assert.deepEqual([record.state, record.recipients], ['proposed', ['a@contoso.example']])
        assert.equal((await read(store.cases, number)).revision, revision)
      }
    })
  })
}

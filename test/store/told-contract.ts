// Who is to be told how a case ended and who was, on either engine.
import assert from 'node:assert/strict'
import type { OutboxEntry } from '../../src/case/change.js'
import type { Report } from '../../src/case/report.js'
import { tellReporters } from '../../src/case/tell.js'
import { createCaseReports } from '../../src/store/case-reports.js'
import { createPlanHistory } from '../../src/store/plan-history.js'
import { createReporterOutcomes } from '../../src/store/reporter-outcomes.js'
import { open, storing } from './samples.js'
import { type StoreEngine, useStore } from './store-under-test.js'

const by = (name: string, parts: Partial<Report> = {}): Partial<Report> => ({
  reporter: { objectId: name, name: name.toUpperCase() },
  ...parts
})

export function describeTold(engine: StoreEngine): void {
  describe('what reporters were told', () => {
    const store = useStore(engine)
    const outcomes = () => createReporterOutcomes(store.database)
    const names = async (number: number, after = 0, limit = 10) =>
      (await outcomes().page(number, { after, limit })).map(({ reporterId }) => reporterId)

    it('has each person once, by the newest report that can be answered, and no triage', async () => {
      const { number } = await open(store.cases, by('anna', { claims: { subject: 'first', senderAddress: '' } }))
      await open(store.cases, by('tom', { origin: 'triage' }))
      await open(store.cases, by('playbook', { replyTo: null, origin: 'api' }))
      await open(store.cases, by('ben', { mailboxes: ['ben@contoso.example'] }))
      const replyTo = { conversationId: 'a:new', serviceUrl: 's' }
      await open(store.cases, by('anna', { replyTo, claims: { subject: 'again', senderAddress: '' } }))
      const sent = { origin: 'submissions' as const, replyTo: null, activityKey: 'submission/s-1' }
      await open(store.cases, by('mailto:cleo@contoso.example', sent))
      const page = await outcomes().page(number, { after: 0, limit: 10 })
      assert.deepEqual(
        page.map(({ reporterId, subject, submissionId, mailboxes, told }) => [
          reporterId,
          subject,
          submissionId,
          mailboxes,
          told
        ]),
        [
          ['ben', '', null, ['ben@contoso.example'], null],
          ['anna', 'again', null, [], null],
          ['mailto:cleo@contoso.example', '', 's-1', [], null]
        ]
      )
      assert.deepEqual(page[1]?.replyTo, replyTo)
    })

    it('pages without a gap or a repeat', async () => {
      const { number } = await open(store.cases, by('p0'))
      for (const index of [1, 2, 3, 4]) await open(store.cases, by(`p${String(index)}`))
      const [first, second] = await outcomes().page(number, { after: 0, limit: 2 })
      assert.deepEqual([first?.reporterId, second?.reporterId], ['p0', 'p1'])
      assert.deepEqual(await names(number, second?.reportId), ['p2', 'p3', 'p4'])
    })

    it('keeps what each was told last, with the work of telling it or not at all', async () => {
      const { number } = await open(store.cases, by('anna'))
      const entry = {
        kind: 'outcome' as const,
        id: 'x',
        caseNumber: number,
        to: { conversationId: 'a', serviceUrl: 's' },
        disposition: 'phish' as const,
        subject: '',
        dueAt: store.clock.now()
      }
      await outcomes().tell(number, [{ reporterId: 'anna', disposition: 'phish' }], [entry])
      await outcomes().tell(number, [{ reporterId: 'anna', disposition: 'restored' }], [])
      assert.equal((await outcomes().page(number, { after: 0, limit: 1 }))[0]?.told, 'restored')
      const broken = { ...entry, id: 'y', subject: 1n as unknown as string }
      await assert.rejects(outcomes().tell(number, [{ reporterId: 'anna', disposition: 'removed' }], [broken]))
      assert.equal((await outcomes().page(number, { after: 0, limit: 1 }))[0]?.told, 'restored')
    })

    it('says what is news by now, not what it did not get to say before', async () => {
      const { number } = await open(store.cases, by('anna'))
      await open(store.cases, by('ben'))
      const end = async (state: 'expired' | 'simulation') => {
        await store.cases.change(number, (record) => storing({ ...record, state }))
        const doors = { store: store.cases, plans: createPlanHistory(store.database), clock: store.clock }
        await tellReporters(number, { ...doors, reporters: outcomes(), isPublic: () => false, reviews: false })
      }
      await end('expired')
      await end('simulation')
      const rows = await store.database.queries.selectFrom('outbox').selectAll().where('kind', '=', 'outcome').execute()
      const said = rows.map(({ payload }) => JSON.parse(payload) as Extract<OutboxEntry, { kind: 'outcome' }>)
      assert.deepEqual(
        said.map(({ id, disposition }) => [id, disposition]),
        [
          ['PT-1001/anna', 'simulation'],
          ['PT-1001/ben', 'simulation']
        ]
      )
    })

    it('knows a reporter by object id, or by address where the report came from elsewhere; a triage is none', async () => {
      const { number } = await open(store.cases, by('anna'))
      await open(store.cases, by('mailto:ben@contoso.example', { origin: 'mailbox' }))
      await open(store.cases, by('tom', { origin: 'triage' }))
      const reports = createCaseReports(store.database)
      const of = (objectId: string, ...mailboxes: string[]) => reports.partOf(number, { objectId, mailboxes })
      assert.deepEqual(await of('anna'), { reported: true, triaged: false })
      assert.deepEqual(await of('ben-id', 'Ben@Contoso.example'), { reported: true, triaged: false })
      assert.deepEqual(await of('tom'), { reported: false, triaged: true })
      assert.deepEqual(await of('cleo'), { reported: false, triaged: false })
    })
  })
}

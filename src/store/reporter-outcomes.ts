// Who reported a case's mail, each person once, and what each was told of it. Never tells: that is the outbox's work.
import type { Disposition } from '../case/disposition.js'
import type { ReporterOutcomes } from '../case/ports.js'
import type { Claims, ConversationAddress } from '../case/report.js'
import { auditAppender } from './audit-chain.js'
import type { Database } from './database.js'
import { addEntries } from './outbox.js'

const submissionPrefix = 'submission/'

/** @param onAdded called after outbox entries were stored for good. */
export function createReporterOutcomes(
  { queries, clock, auditKey }: Database,
  onAdded: () => void = () => undefined
): ReporterOutcomes {
  const appendAudit = auditAppender(auditKey)
  return {
    async page(caseNumber, { after, limit }) {
      // An analyst's triage is no report; whatever else people sent is answered where the newest of it came from.
      const newest = await queries
        .selectFrom('reports')
        .select((it) => ['reporter_id', it.fn.max<number>('id').as('id')])
        .where('case_number', '=', caseNumber)
        .where('origin', '<>', 'triage')
        .where((it) => it.or([it('reply_to', 'is not', null), it('origin', '=', 'submissions')]))
        .groupBy('reporter_id')
        .having((it) => it(it.fn.max('id'), '>', after))
        .orderBy('id')
        .limit(limit)
        .execute()
      if (newest.length === 0) return []
      const rows = await queries
        .selectFrom('reports')
        .leftJoin('told', (join) =>
          join
            .onRef('told.case_number', '=', 'reports.case_number')
            .onRef('told.reporter_id', '=', 'reports.reporter_id')
        )
        .select(['reports.id', 'reports.reporter_id', 'reply_to', 'mailboxes', 'claims', 'origin', 'activity_key'])
        .select('told.disposition')
        .where(
          'reports.id',
          'in',
          newest.map(({ id }) => id)
        )
        .orderBy('reports.id')
        .execute()
      return rows.map((row) => ({
        reporterId: row.reporter_id,
        reportId: row.id,
        replyTo: row.reply_to === null ? null : (JSON.parse(row.reply_to) as ConversationAddress),
        mailboxes: JSON.parse(row.mailboxes) as string[],
        subject: row.claims === null ? '' : (JSON.parse(row.claims) as Claims).subject,
        submissionId:
          row.origin === 'submissions' && row.activity_key.startsWith(submissionPrefix)
            ? row.activity_key.slice(submissionPrefix.length)
            : null,
        told: row.disposition as Disposition | null
      }))
    },

    async tell(caseNumber, told, outbox) {
      const now = clock.now()
      await queries.transaction().execute(async (within) => {
        for (const { reporterId, disposition } of told) {
          await within
            .insertInto('told')
            .values({ case_number: caseNumber, reporter_id: reporterId, disposition, at: now })
            .onConflict((conflict) =>
              conflict.columns(['case_number', 'reporter_id']).doUpdateSet({ disposition, at: now })
            )
            .execute()
        }
        await addEntries(within, outbox, now)
        const detail = { told: countsOf(told), reviews: outbox.filter(({ kind }) => kind === 'review').length }
        await appendAudit(within, [{ at: now, caseNumber, event: 'report.answered', actor: null, detail }])
      })
      if (outbox.length > 0) onAdded()
    }
  }
}

/** How many were told what; a row for each of thousands would bury what was decided. */
function countsOf(told: { disposition: Disposition }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { disposition } of told) counts[disposition] = (counts[disposition] ?? 0) + 1
  return counts
}

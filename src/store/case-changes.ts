// Stores what a decision changed in a case: compare-and-swap first, then new rows. Never rewrites what people have approved.
import { type CaseRecord, isOpen } from '../case/case.js'
import type { Plan, PlanPurpose } from '../case/plan.js'
import type { Batch, Remediation } from '../case/remediation.js'
import { keepIncluded } from './case-messages.js'
import { isJudged, judgementOf } from '../case/statistics.js'
import { batchRow, rowOf } from './case-rows.js'
import type { Within } from './schema.js'

// SQLite takes at most 32,766 parameters in a statement; a batch has 18.
const rowsPerInsert = 500

/** @throws when the case has another revision: its row is locked here, so somebody has written past the store. */
export async function storeChange(within: Within, record: CaseRecord, next: CaseRecord, now: number): Promise<void> {
  if (next.plan !== null && next.plan !== record.plan) await storePlan(within, record, next.plan)
  const judgement = judgementOf(next)
  const updated = await within
    .updateTable('cases')
    .set((it) => ({
      ...rowOf(next),
      ...timesOf(record, next, now),
      judgement,
      ...(isJudged(judgement) && { decided_at: it.fn.coalesce('decided_at', it.val(now)) }),
      revision: record.revision + 1,
      // Frees the message for a new case, or takes it back.
      open_key: isOpen(next.state) ? record.message.value : null
    }))
    .where('number', '=', record.number)
    .where('revision', '=', record.revision)
    .returning('number')
    .execute()
  if (updated.length === 0) throw new Error(`Case ${String(record.number)} was changed outside of the store.`)
  await keepIncluded(within, record, next)
  for (const remediation of next.remediations) {
    const before = record.remediations.find(({ planVersion }) => planVersion === remediation.planVersion)
    if (before === remediation) continue
    const purpose = next.plan?.version === remediation.planVersion ? next.plan.purpose : 'remediate'
    await storeRemediation(within, { caseNumber: record.number, remediation, before, purpose })
  }
}

/** A case that goes on being ended, as one that is looked at after its request, keeps the time at which it ended. */
function timesOf(record: CaseRecord, next: CaseRecord, now: number): { ended_at?: number | null } {
  if (isOpen(next.state)) return { ended_at: null }
  return isOpen(record.state) ? { ended_at: now } : {}
}

async function storePlan(within: Within, record: CaseRecord, plan: Plan): Promise<void> {
  const body = JSON.stringify(plan)
  if (plan.version === record.plan?.version) {
    if (body === JSON.stringify(record.plan)) return
    throw new Error(`Plan v${String(plan.version)} of case ${String(record.number)} is stored and cannot change.`)
  }
  await within.insertInto('plans').values({ case_number: record.number, version: plan.version, body }).execute()
}

interface RemediationChange {
  caseNumber: number
  remediation: Remediation
  before: Remediation | undefined
  /** Of the plan that was approved. */
  purpose: PlanPurpose
}

async function storeRemediation(within: Within, change: RemediationChange): Promise<void> {
  const { caseNumber, remediation, before } = change
  const { planVersion } = remediation
  if (before === undefined) await insertRemediation(within, change)
  else if (decisionOf(before) !== decisionOf(remediation)) {
    throw new Error(`The approval of PT-${String(caseNumber)} v${String(planVersion)} is stored and cannot change.`)
  }
  if (before !== undefined && outcomeText(before) !== outcomeText(remediation)) {
    const settled = settledAt(remediation)
    await within
      .updateTable('remediations')
      .set((it) => ({
        outcome: outcomeText(remediation),
        settled_at: settled === null ? null : it.fn.coalesce('settled_at', it.val(settled))
      }))
      .where('case_number', '=', caseNumber)
      .where('plan_version', '=', planVersion)
      .execute()
  }
  const known = new Map(before?.batches.map((batch) => [batch.seq, batch]))
  const added = remediation.batches.filter(({ seq }) => !known.has(seq))
  for (let start = 0; start < added.length; start += rowsPerInsert) {
    const rows = added.slice(start, start + rowsPerInsert).map((batch) => batchRow(caseNumber, planVersion, batch))
    await within.insertInto('batches').values(rows).execute()
  }
  for (const batch of remediation.batches) {
    const stored = known.get(batch.seq)
    if (stored !== undefined && stored !== batch) await updateBatch(within, { caseNumber, planVersion }, batch)
  }
}

async function insertRemediation(
  within: Within,
  { caseNumber, remediation, purpose }: RemediationChange
): Promise<void> {
  await within
    .insertInto('remediations')
    .values({
      case_number: caseNumber,
      plan_version: remediation.planVersion,
      action: remediation.action,
      severity: remediation.severity,
      remediate_senders_copy: remediation.remediateSendersCopy ? 1 : 0,
      digest: remediation.digest,
      approvals: JSON.stringify(remediation.approvals),
      decided_at: remediation.decidedAt,
      outcome: outcomeText(remediation),
      purpose,
      settled_at: settledAt(remediation)
    })
    .execute()
}

/** Where a later look finds a copy again, it was not the last word. */
function settledAt({ outcome }: Remediation): number | null {
  return outcome?.open === 0 ? outcome.lastLookAt : null
}

async function updateBatch(
  within: Within,
  { caseNumber, planVersion }: { caseNumber: number; planVersion: number },
  batch: Batch
): Promise<void> {
  await within
    .updateTable('batches')
    .set(batchRow(caseNumber, planVersion, batch))
    .where('case_number', '=', caseNumber)
    .where('plan_version', '=', planVersion)
    .where('seq', '=', batch.seq)
    .execute()
}

function outcomeText({ outcome }: Remediation): string | null {
  return outcome === null ? null : JSON.stringify(outcome)
}

/** In one order of keys, whoever built the object. What was decided never changes; what came of it does. */
function decisionOf(remediation: Remediation): string {
  const decision = Object.entries(remediation).filter(([name]) => name !== 'batches' && name !== 'outcome')
  return JSON.stringify(decision.sort(([a], [b]) => (a < b ? -1 : 1)))
}

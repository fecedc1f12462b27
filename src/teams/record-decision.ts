// A person's decision on its way to the store, clicked or typed: who they are now, and what they are to this case. Rules nothing itself.
import type { Activity } from 'botbuilder'
import { hasApproved } from '../case/case.js'
import { decide } from '../case/decide.js'
import type { DecisionRequest } from '../case/decision.js'
import { isOpener } from '../case/opener.js'
import { rule } from '../case/policy.js'
import type { Person } from '../case/report.js'
import { approversNow } from './approvers-now.js'
import { type Desk, rulingFor } from './desk.js'

/** The one way from a person's decision to the store, whether it was clicked or typed. Null: no such case. */
export async function recordDecision(
  desk: Desk,
  request: DecisionRequest & { number: number },
  from: { speaker: Person; activity: Activity }
) {
  const [{ ruling, person, groups, mailboxes, rights }, earlier] = await Promise.all([
    rulingFor(desk, 'decide', from.speaker),
    request.kind === 'approve' ? approversNow(desk, request.number) : []
  ])
  const { objectId } = person
  const { reported, triaged } = await desk.reports.partOf(request.number, { objectId, mailboxes })
  return desk.store.change(request.number, (record) =>
    decide(record, request, {
      policy: desk.policy,
      person,
      // A refusal says more to somebody who has approved this case before.
      ruling: hasApproved(record, objectId)
        ? rule(desk.policy, 'decide', { objectId, rights, approvedBefore: true })
        : ruling,
      // A triage that joins a case asks for it as much as one that opens it.
      standing: { objectId, groups, reporter: reported, opener: triaged || isOpener(record, { objectId, mailboxes }) },
      approversNow: earlier,
      batchSize: desk.batchSize,
      now: desk.clock.now(),
      activityId: from.activity.id ?? ''
    })
  )
}

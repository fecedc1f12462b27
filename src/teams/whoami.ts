// Answers whoami: the ids an administrator needs, and what the policy lets this person do, with its reasons.
import type { Activity } from 'botbuilder'
import { type Deed, groupsOf, nobodyMayApprove, rule } from '../case/policy.js'
import type { Person } from '../case/report.js'
import type { Desk } from './desk.js'
import { baseConversationId } from './place.js'
import { setUpProblems, whoami } from './words.js'

const deeds: [Deed, string][] = [
  ['report', 'Report mail'],
  ['analyse', 'Open cases and look at them'],
  ['decide', 'Approve or reject']
]

export async function whoAmI(desk: Desk, activity: Activity, person: Person): Promise<string> {
  const rights = await desk.directory.rightsOf(person.objectId, groupsOf(desk.policy))
  const rulings = deeds.map(([deed, words]) => ({
    deed: words,
    ruling: rule(desk.policy, deed, { objectId: person.objectId, rights })
  }))
  const may = (deed: Deed) => rule(desk.policy, deed, { objectId: person.objectId, rights }).allowed
  return whoami({
    objectId: person.objectId,
    tenantId: desk.tenantId,
    conversationId: baseConversationId(activity.conversation.id),
    rulings,
    problems: [...missingSetUp(desk), ...(may('analyse') ? await desk.problems() : [])],
    sources: may('decide') ? await desk.sources() : [],
    now: desk.clock.now()
  })
}

/** What an administrator has yet to set; everybody may read it, because before that nobody is an analyst. */
export function missingSetUp({ policy, takesFiles }: Pick<Desk, 'policy' | 'takesFiles'>): string[] {
  const missing: string[] = []
  if (policy.channelId === '') missing.push(setUpProblems.noChannel)
  if (nobodyMayApprove(policy)) missing.push(setUpProblems.nobodyMayApprove)
  if (!takesFiles) missing.push(setUpProblems.noFileHosts)
  return missing
}

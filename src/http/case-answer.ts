// What a playbook is told of a case: its state, counts and tracking links. It must never show a subject, an address, a
// person or anybody's words.
import { z } from 'zod/v4'
import { caseName, type CaseRecord, type CaseState } from '../case/case.js'
import { remediationActions, severities, type Plan } from '../case/plan.js'
import { type Batch, type Remediation, countOutcome } from '../case/remediation.js'

// Lists that the compiler holds complete: a value that is missing here cannot be put into the answers below.
const closedStates = ['submitted', 'verified', 'rejected', 'closed', 'simulation', 'expired', 'joined'] as const
const stages = [
  ...(['looking', 'nothingFound', 'unreadable', 'proposed', 'partlyApproved'] as const),
  ...(['approved', 'submitting', 'failed', 'uncertain'] as const),
  ...closedStates
] as const
const locations = [
  'inbox_folder',
  'junkFolder',
  'deletedFolder',
  'quarantine',
  'others',
  'onprem_external',
  'failed',
  'dropped',
  'unknown'
] as const
const leftOutReasons = ['protected', 'onprem_external', 'failed', 'dropped', 'unknown'] as const
const batchStates = ['pending', 'submitting', 'accepted', 'refused', 'notSent', 'uncertain'] as const
const outcomes = ['total', 'moved', 'already', 'waiting', 'elsewhere', 'gone', 'notAsked', 'leftOut', 'open'] as const
const remediationStates = ['approved', 'submitting', 'submitted', 'failed', 'uncertain'] as const

const count = z.int().min(0)
const caseNameSchema = z.string().regex(/^PT-\d+$/)
const stateSchema = z.enum(['open', ...closedStates]).meta({
  description:
    'open: people or the bot still work on it. submitted: Defender has accepted the remediation. verified: the mailboxes were looked at afterwards. joined: its reports went to another case.'
})

export const reportAnswerSchema = z.strictObject({
  case: caseNameSchema,
  state: stateSchema,
  joined: z.boolean().meta({ description: 'True where the message had an open case already.' })
})

export const caseAnswerSchema = z.strictObject({
  case: caseNameSchema,
  state: stateSchema,
  stage: z.enum(stages).meta({ description: 'Where an open case stands; else the same as the state.' }),
  joinedInto: caseNameSchema.nullable(),
  scope: z
    .strictObject({
      planVersion: count,
      copies: count.meta({
        description: 'What a remediation of this plan acts on: copies of the mail, each in one mailbox.'
      }),
      leftOut: z
        .record(z.enum(leftOutReasons), count)
        .meta({ description: 'Copies that it does not act on, by reason.' }),
      locations: z
        .record(z.enum(locations), count)
        .meta({ description: 'All copies, by where they lay at the last look.' }),
      overLimit: z
        .boolean()
        .meta({ description: 'More copies than the policy allows: it cannot be approved as it is.' })
    })
    .nullable()
    .meta({ description: 'Null until a look found the mail.' }),
  remediations: z.array(
    z.strictObject({
      planVersion: count,
      action: z.enum(remediationActions),
      severity: z.enum(severities),
      state: z.enum(remediationStates).meta({
        description:
          'submitted: every request was accepted, which is no proof that mail was moved. uncertain: the outcome of a request is unknown.'
      }),
      copies: count,
      copiesByState: z.record(z.enum(batchStates), count),
      outcome: z.record(z.enum(outcomes), count).nullable().meta({
        description:
          'What the last look at the mailboxes saw, in copies; null where nobody has looked. moved: seen where the action puts them, whoever moved them. already: there before. waiting: not seen moved. elsewhere: in another place. gone: listed no more. notAsked: not accepted. open: still looked for.'
      }),
      trackingLinks: z
        .array(z.url())
        .meta({ description: 'Action Center links, one for each accepted request that gave one.' })
    })
  )
})

export type ReportAnswer = z.infer<typeof reportAnswerSchema>
export type CaseAnswer = z.infer<typeof caseAnswerSchema>

export function reportAnswer({
  caseNumber,
  state,
  joined
}: {
  caseNumber: number
  state: CaseState
  joined: boolean
}): ReportAnswer {
  return { case: caseName(caseNumber), state: stateOf(state), joined }
}

export function caseAnswer(record: CaseRecord): CaseAnswer {
  return {
    case: caseName(record.number),
    state: stateOf(record.state),
    stage: record.state,
    joinedInto: record.joinedInto === null ? null : caseName(record.joinedInto),
    scope: record.plan === null ? null : scopeOf(record.plan),
    remediations: record.remediations.map(remediationAnswer)
  }
}

function stateOf(state: CaseState): CaseAnswer['state'] {
  return closedStates.find((each) => each === state) ?? 'open'
}

function scopeOf({ version, copies, leftOut, overLimit }: Plan): CaseAnswer['scope'] {
  const all = [...copies, ...leftOut.map(({ copy }) => copy)]
  return {
    planVersion: version,
    copies: copies.length,
    leftOut: countsOf(leftOutReasons, leftOut, ({ reason }) => [reason, 1]),
    locations: countsOf(locations, all, ({ location }) => [location, 1]),
    overLimit
  }
}

function remediationAnswer(remediation: Remediation): CaseAnswer['remediations'][number] {
  const { planVersion, action, severity, batches, outcome } = remediation
  const counts = countOutcome(remediation)
  return {
    planVersion,
    action,
    severity,
    state: remediationState(batches),
    copies: batches.reduce((sum, { from, to }) => sum + to - from, 0),
    copiesByState: countsOf(batchStates, batches, ({ state, from, to }) => [state, to - from]),
    outcome: counts === null || outcome === null ? null : { ...counts, open: outcome.open },
    trackingLinks: batches.flatMap(({ trackingLink }) => (trackingLink === null ? [] : [trackingLink]))
  }
}

/** Never "submitted" while any part is not known to be accepted. */
function remediationState(batches: Batch[]): (typeof remediationStates)[number] {
  const has = (state: Batch['state']) => batches.some((batch) => batch.state === state)
  if (batches.every(({ state, attempts }) => state === 'pending' && attempts === 0)) return 'approved'
  if (has('submitting') || has('pending')) return 'submitting'
  if (has('uncertain')) return 'uncertain'
  return batches.every(({ state }) => state === 'accepted') ? 'submitted' : 'failed'
}

/** All names are there, those that nothing counts for with 0. */
function countsOf<Name extends string, T>(
  names: readonly Name[],
  things: T[],
  valueOf: (thing: T) => [Name, number]
): Record<Name, number> {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
  for (const thing of things) {
    const [name, amount] = valueOf(thing)
    counts[name] += amount
  }
  return counts
}

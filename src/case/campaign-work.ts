// The outbox's part of a campaign: asks for similar messages, and gives those that were left out again cases of their own.
import { campaignDue, similarFound } from './campaign.js'
import { caseName } from './case.js'
import type { CaseStore, Clock, MessageFinding } from './ports.js'

export interface CampaignDoors {
  store: CaseStore
  finder: MessageFinding
  clock: Clock
}

const unavailableRetryMs = 5 * 60_000

/** The outbox's `campaign`: one look. Answers when the next one is due, if one is. */
export async function lookForSimilar(
  caseNumber: number,
  { store, finder, clock }: CampaignDoors
): Promise<number | null> {
  const record = await store.read(caseNumber)
  if (record?.message.kind !== 'networkMessageId') return null
  const due = campaignDue(record, clock.now())
  if (due !== 'now') return due
  const result = await finder.cluster({ networkMessageId: record.message.value })
  if (result.kind === 'unavailable') return clock.now() + Math.max(unavailableRetryMs, result.retryAfterMs ?? 0)
  return store.change(caseNumber, (current) => similarFound(current, result, clock.now()))
}

/** The outbox's `apart`. Its reports stay where they are; whoever had reported the mail first opens the new case. */
export async function openApart(
  caseNumber: number,
  { store, clock }: Pick<CampaignDoors, 'store' | 'clock'>
): Promise<void> {
  const record = await store.read(caseNumber)
  for (const { networkMessageId, caseNumber: former } of record?.campaign?.apart ?? []) {
    const before = await store.read(former)
    if (before === null) continue
    await store.open(
      {
        message: { kind: 'networkMessageId', value: networkMessageId },
        recipients: [],
        reporter: before.openedBy,
        mailboxes: [],
        note: `Its earlier case, ${caseName(former)}, joined ${caseName(caseNumber)}, whose plan leaves this message out now.`,
        claims: null,
        origin: 'report',
        kind: before.reporters.kind,
        activityKey: `${caseName(caseNumber)}/apart/${caseName(former)}`,
        replyTo: null,
        at: clock.now()
      },
      { unresolvedPerHour: Infinity }
    )
  }
  await store.change(caseNumber, (current) => {
    const done = new Set(record?.campaign?.apart.map((each) => each.caseNumber))
    if (current.campaign === null || done.size === 0) return { next: null, outbox: [], audit: [], answer: null }
    const apart = current.campaign.apart.filter((each) => !done.has(each.caseNumber))
    return { next: { ...current, campaign: { ...current.campaign, apart } }, outbox: [], audit: [], answer: null }
  })
}

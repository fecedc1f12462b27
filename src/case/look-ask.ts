// Asks Defender for the mail of a case, whatever names it; several messages of one Message-ID get a case each. Never makes a plan.
import { type CaseRecord, caseName } from './case.js'
import type { OutboxEntry } from './change.js'
import type { FoundMessage, LookResult, ResolveResult } from './mail.js'
import type { CaseStore, Clock, MailSearch, Step } from './ports.js'

export interface AskDoors {
  store: CaseStore
  search: MailSearch
  clock: Clock
  /** A Message-ID cannot be resolved at all here: the reporter has to give the other id. */
  cannotResolve: (record: CaseRecord) => OutboxEntry[]
  /** A Message-ID stood for several messages: each has a case of its own now. */
  severalFound: (
    record: CaseRecord,
    cases: { caseNumber: number; message: FoundMessage }[],
    more: boolean
  ) => OutboxEntry[]
}

export interface Asked {
  answer: LookResult | 'joined' | 'noMail'
  certain: boolean
}

/** One round of asking: first which message it is, where that is not known yet. */
export async function ask(record: CaseRecord, doors: AskDoors): Promise<Asked> {
  const asked = (answer: Asked['answer'], certain: boolean): Asked => ({ answer, certain })
  if (record.message.kind === 'file' && record.candidates?.chosen != null) {
    const { chosen } = record.candidates
    const { joinedInto } = await doors.store.identify(record.number, chosen, doors.clock.now())
    return asked(joinedInto === null ? await doors.search.byNetworkMessageId(chosen) : 'joined', false)
  }
  if (record.message.kind === 'file' || record.message.kind === 'teamsMessage') return asked('noMail', false)
  if (record.message.kind === 'networkMessageId') {
    return asked(await doors.search.byNetworkMessageId(record.message.value), false)
  }

  const resolved: ResolveResult = await doors.search.byInternetMessageId(record.message.value)
  if (resolved.kind === 'forbidden' && record.look.attempts === 0) {
    await doors.store.change(record.number, (current) => answerOnly(doors.cannotResolve(current)))
  }
  if (resolved.kind !== 'messages') return asked(resolved, true)
  const [first, ...others] = resolved.messages
  if (first === undefined) return asked({ kind: 'nothing' }, true)

  // The other messages first: should the process die here, this look runs again and joins what it opened.
  const cases = []
  for (const message of others) {
    const opened = await doors.store.open(
      {
        message: { kind: 'networkMessageId', value: message.networkMessageId },
        recipients: record.recipients,
        reporter: record.reporters.first,
        mailboxes: [],
        note: '',
        claims: record.reporters.claims,
        // Not a triage: what this one names must narrow no case that is open already.
        origin: 'report',
        kind: 'phish',
        activityKey: `${caseName(record.number)}/${message.networkMessageId}`,
        replyTo: null,
        at: doors.clock.now()
      },
      { unresolvedPerHour: Infinity }
    )
    if (opened.kind !== 'limited') cases.push({ caseNumber: opened.record.number, message })
  }
  const { joinedInto } = await doors.store.identify(record.number, first.networkMessageId, doors.clock.now())
  if (others.length > 0) {
    const all = [{ caseNumber: joinedInto ?? record.number, message: first }, ...cases]
    // The record from before: a case that has joined another has handed its reporter over with its reports.
    await doors.store.change(record.number, () => answerOnly(doors.severalFound(record, all, resolved.more)))
  }
  const answer = joinedInto === null ? await doors.search.byNetworkMessageId(first.networkMessageId) : 'joined'
  return asked(answer, others.length === 0)
}

function answerOnly(outbox: OutboxEntry[]): Step<undefined> {
  return { next: null, outbox, audit: [], answer: undefined }
}

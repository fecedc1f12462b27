// The main story: a reported phish, from the command to the tracking link, on both of Graph's versions.
import { buttonsOf } from '../teams/person.js'
import { MAIL, PEOPLE } from '../tenant.js'
import { type Story, channelId, dana, minute, tom } from './stage.js'

export const mainStory: Story = {
  about: 'A reported phish, from the command to the tracking link.',
  graphVersions: ['v1.0', 'beta'],
  async play(stage) {
    const { tell, check, graph, teams, version } = stage
    await stage.say(tom, `triage ${MAIL.mailboxFull}`)
    const answer = [...teams.messages.values()].find(({ activity }) => activity.text?.includes('is open'))
    tell('Phish Triage, in the thread', answer?.activity.text ?? '')
    check(answer !== undefined, 'the command was answered')
    const card = stage.card()
    tell('Phish Triage, a new card in the SOC channel', card.lines)
    check(card.words.includes('Needs a decision'), 'the card asks for a decision')
    check(graph.ledger.accepted.length === 0, 'nothing was sent to Defender yet')

    const reason = 'Password page confirmed, two users asked about it'
    await stage.press(dana, 'Approve', { action: 'softDelete', severity: 'high', reason })
    const [accepted] = graph.ledger.accepted
    const [request] = stage.remediates()
    tell('Phish Triage → Microsoft Graph', [`POST ${request?.path ?? ''}`, ...bodyLines(accepted?.body ?? {})])
    check(accepted?.version === version, `the request went to ${version}`)
    const { action, severity, remediateSendersCopy, analyzedEmails, description } = accepted?.body ?? {}
    check(action === 'softDelete' && severity === 'high', 'action and severity are those that Dana chose')
    check(remediateSendersCopy === false, "the sender's copy flag is a JSON Boolean")
    check(analyzedEmails?.length === 11, 'it names the 11 copies that can be acted on, of 12')
    check(description?.includes(PEOPLE.dana) === true, 'its description names the approver')
    tell('Microsoft Graph → Phish Triage', `${String(request?.status)} Accepted`)
    check(request?.status === 202, 'Graph has accepted it, which does not mean that it is done')

    const link = stage.replies().find(({ words }) => words.includes('submitted: soft delete'))
    const track = buttonsOf(link?.card).find(({ type }) => type === 'Action.OpenUrl') as { url?: string } | undefined
    tell('Phish Triage, in the card’s thread', [...(link?.lines ?? []), `→ ${track?.url ?? ''}`])
    check(link?.conversationId === `${channelId};messageid=${card.activityId}`, 'the reply stands in the card’s thread')
    const filters = new URL(track?.url ?? 'https://none.example').searchParams.get('filters')
    check(
      filters === JSON.stringify({ bulkId: [accepted?.bulkId] }),
      'the link opens the Action Center at this remediation'
    )

    const submitted = stage.card()
    tell('Phish Triage, the card as everyone sees it now', submitted.lines)
    check(submitted.activityId === card.activityId, 'it is the same card, edited in place')
    check(!/removed/i.test(submitted.words), 'it does not claim that anything is removed')

    await stage.pass(minute, 'A minute later the bot looks at the mailboxes.')
    const verified = stage.card()
    tell('Phish Triage, the card as everyone sees it now', verified.lines)
    check(verified.words.includes('Removed from 11 of 12 mailboxes'), 'the card says what was seen, of how many')
    check(graph.ledger.accepted.length === 1, 'Defender accepted exactly one request')
  }
}

/** The copies are told by their number: eleven of them would hide the rest. */
function bodyLines(body: { analyzedEmails?: unknown[] }): string[] {
  const copies = body.analyzedEmails ?? []
  const short = { ...body, analyzedEmails: copies.slice(0, 1) }
  return [...JSON.stringify(short, null, 2).split('\n'), `(and ${String(copies.length - 1)} more of analyzedEmails)`]
}

// A request whose answer never came: shown as unknown, looked into, closed by a person, and never sent again by itself.
import { buttonsOf } from '../teams/person.js'
import { MAIL } from '../tenant.js'
import { type Story, dana, hour, minute, tom } from './stage.js'

export const uncertain: Story = {
  about: 'Defender accepts the request, but the connection is cut before the answer.',
  async play(stage) {
    const { tell, check, graph, remediates } = stage
    await stage.say(tom, `triage ${MAIL.mailboxFull}`)
    graph.faults.add({ match: 'remediate', reset: 'after' })
    await stage.press(dana, 'Approve', { action: 'softDelete', severity: 'high', reason: 'Password page confirmed' })
    const [request] = remediates()
    tell('Microsoft Graph', 'accepts the request; the connection is cut before its answer')
    check(request?.status === null && graph.ledger.accepted.length === 1, 'Graph has accepted it and has not answered')
    tell('Phish Triage, the card as everyone sees it now', stage.card().lines)
    check(stage.card().words.includes('Outcome unknown'), 'the card says that the outcome is unknown')
    check(
      !/\bremoved from|\bSubmitted\b/.test(stage.card().words),
      'it claims neither that it is done nor that it failed'
    )

    await stage.pass(minute, 'A minute later the bot looks at the mailboxes.')
    tell('Phish Triage, the card as everyone sees it now', stage.card().lines)
    const found = stage.card().words
    check(found.includes('whether by this request is not known'), 'the mail has moved; by whose request is not known')
    check(found.includes('Outcome unknown'), 'the outcome stays unknown until a person says otherwise')
    const offers = buttonsOf(stage.card().card).map(({ title }) => title)
    check(
      offers.includes('Mark as done') && offers.includes('Propose again'),
      'a person may mark it as done, or propose it again'
    )

    await stage.press(dana, 'Mark as done', { reason: 'Action Center lists it as completed' })
    tell('Phish Triage, the card as everyone sees it now', stage.card().lines)
    check(/Marked by\s+Dana Weber/.test(stage.card().words), 'the card says who has closed it')
    check(
      stage.card().words.includes('whether by this request is not known'),
      'and still that nobody knows whose request has moved the mail'
    )
    await stage.pass(24 * hour, 'A day passes.')
    check(remediates().length === 1, 'the request was sent once, and never again')
  }
}

// Taking a removal back: proposed, approved like any other plan, and looked at; and what cannot be taken back, said in words.
import { MAIL } from '../tenant.js'
import { type Story, ana, dana, minute, tom } from './stage.js'

export const undo: Story = {
  about: 'A mail that was removed by mistake comes back; a hard delete does not.',
  async play(stage) {
    const { tell, check, graph, remediates } = stage
    await stage.say(tom, `triage ${MAIL.payslip}`)
    await stage.press(dana, 'Approve', {
      action: 'softDelete',
      severity: 'medium',
      reason: 'Looks like a false payslip'
    })
    await stage.pass(minute, 'A minute later the bot looks at the mailboxes.')
    tell('Phish Triage, the card as everyone sees it now', stage.card().lines)
    check(stage.card().words.includes('Removed from 11 of 12 mailboxes'), 'the card says what was seen')

    await stage.say(tom, 'undo PT-1001 it is our own payroll after all')
    tell('Phish Triage, the card as everyone sees it now', stage.card().lines)
    check(stage.card().words.includes('undo of softDelete v1'), 'the move back is proposed on the same card')
    check(remediates().length === 1, 'asking for it has moved nothing')

    await stage.press(dana, 'Approve move back', { reason: 'Payroll confirmed by phone' })
    const [removal, back] = graph.ledger.accepted
    const named = (each: typeof removal) => JSON.stringify(each?.body.analyzedEmails)
    tell('Phish Triage → Microsoft Graph', `${back?.body.displayName ?? ''}: ${back?.body.description ?? ''}`)
    check(back?.body.action === 'moveToInbox', 'the request moves to the inbox')
    check(named(back) === named(removal), 'it names exactly the copies that were removed')
    await stage.pass(minute, 'A minute later the bot looks at the mailboxes.')
    tell('Phish Triage, the card as everyone sees it now', stage.card().lines)
    check(stage.card().words.includes('Moved back to the inbox in 11 of'), 'the card says that they are back')

    await stage.say(tom, `triage ${MAIL.mailboxFull}`)
    const hard = { action: 'hardDelete', severity: 'high', reason: 'Malware' }
    await stage.press(dana, 'Approve', hard, 'PT-1002')
    check(
      /Undo\s+Cannot be undone, here or by the user/.test(stage.card('PT-1002').words),
      'before the second approval the card says that a hard delete cannot be undone'
    )
    await stage.press(ana, 'Approve hard delete', { reason: 'Seen too' }, 'PT-1002')
    await stage.pass(minute, 'A minute later.')
    await stage.say(tom, 'undo PT-1002')
    const refusal = [...stage.teams.messages.values()].find(({ activity }) =>
      activity.text?.startsWith('PT-1002: nothing can be moved back.')
    )
    tell('Phish Triage, in the thread', refusal?.activity.text ?? '')
    check(refusal !== undefined, 'it is refused in words')
    check(!stage.card('PT-1002').words.includes('[Undo]'), 'its card offers no undo')
    check(remediates().length === 3, 'Defender was sent three requests in all, none for the refused one')
  }
}

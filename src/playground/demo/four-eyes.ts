// Two people for what cannot be undone: one approval waits, is void when the mail changes, and two together send one request.
import { copiesIn } from '../tenant-mail.js'
import { massMail, PEOPLE } from '../tenant.js'
import { type Stage, type Story, ana, dana, minute, tom } from './stage.js'

const parcel = (receivedAt: number) => massMail(63, { receivedAt })

export const fourEyes: Story = {
  about: 'A hard delete in 63 mailboxes needs two people, who approve the same thing.',
  tenant: (tenant) => tenant.messages.push(parcel(tenant.messages[0]?.receivedAt ?? 0)),
  async play(stage) {
    const { tell, check, graph } = stage
    await stage.say(tom, `triage ${parcel(0).networkMessageId}`)
    tell('Phish Triage, a new card in the SOC channel', stage.card().lines)
    check(stage.card().words.includes('2 approvals needed: 63 mailboxes'), 'the card says beforehand that it needs two')

    await stage.press(dana, 'Approve', { action: 'hardDelete', severity: 'high', reason: 'Password page confirmed' })
    tell('Phish Triage, the card as everyone sees it now', stage.card().lines)
    check(stage.card().words.includes('1 of 2 given'), 'the card waits for a second approval')
    nothingSent(stage)

    const again = await stage.press(dana, 'Approve hard delete', { reason: 'Quick, please' })
    tell(
      'Phish Triage, to Dana alone',
      again.filter((line) => line.includes('nobody counts twice'))
    )
    check(stage.card().words.includes('1 of 2 given'), 'the same person did not count twice')
    nothingSent(stage)

    graph.addMessage({ ...parcel(stage.clock.now()), copies: copiesIn('inbox_folder', ['late.one', 'late.two']) })
    tell('Microsoft Defender', 'Two more copies of the mail are delivered.')
    await stage.pass(10 * minute, 'While approvals wait the bot looks every ten minutes.')
    tell('Phish Triage, the card as everyone sees it now', stage.card().lines)
    check(
      stage.card().words.includes('Approvals are void: 2 copies more'),
      'the first approval is void, and the card says why'
    )
    nothingSent(stage)

    await stage.press(dana, 'Approve', { action: 'hardDelete', severity: 'high', reason: 'Also the two new copies' })
    await stage.press(ana, 'Approve hard delete', { reason: 'Seen too: it asks for passwords' })
    const [accepted, ...others] = graph.ledger.accepted
    tell('Phish Triage → Microsoft Graph', accepted?.body.description ?? 'nothing')
    check(accepted !== undefined && others.length === 0, 'Defender accepted exactly one request')
    check(stage.remediates().length === 1, 'and none was sent beside it')
    check(accepted?.body.action === 'hardDelete', 'it asks for the hard delete that both approved')
    check(accepted?.body.analyzedEmails.length === 65, 'it names all 65 mailboxes that the two were shown')
    const { description = '' } = accepted?.body ?? {}
    check(
      [PEOPLE.dana, PEOPLE.ana].every((id) => description.includes(id)),
      'its description names both approvers'
    )
    tell('Phish Triage, the card as everyone sees it now', stage.card().lines)
    check(/Approved by Dana Weber[^]*Approved by Ana Silva/.test(stage.card().words), 'so does the card')
  }
}

function nothingSent({ check, remediates }: Stage): void {
  check(remediates().length === 0, 'nothing was sent to Defender')
}

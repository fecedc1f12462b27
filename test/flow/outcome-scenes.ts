// The mail of the tests of outcomes, in forty mailboxes, its approval, and what is said in the card's thread. Holds no expectation.
import type { Fault } from '../../src/playground/graph-simulator/index.js'
import type { SeededTenant } from '../../src/playground/tenant.js'
import { type TenantMessage, copiesIn, phishMail } from '../../src/playground/tenant-mail.js'
import { type Desk, approval, pressOn } from '../fault/fault-desk.js'
import { openCase } from './scenes.js'
import { type Message, dana } from './soc.js'

export const mail = 'f0110000-0000-4000-8000-00000000aaaa'
export const address = (name: string) => `${name}@contoso.example`
export const names = Array.from({ length: 39 }, (_, index) => `user${String(index + 1).padStart(2, '0')}`)

export function message(receivedAt: number, copies: TenantMessage['copies']): TenantMessage {
  return phishMail({
    networkMessageId: mail,
    subject: 'Your mailbox is full',
    receivedAt,
    sender: {
      displayName: 'IT-Helpdesk',
      fromAddress: 'helpdesk@contos0-support.example',
      mailFromAddress: 'bounce@mailer.example',
      ipv4: '203.0.113.77'
    },
    copies
  })
}

const fortyCopies = [...copiesIn('inbox_folder', names), ...copiesIn('onprem_external', ['plant7.scanner'])]

export function withMail(copies = fortyCopies) {
  return (tenant: SeededTenant) => {
    tenant.messages.push(message(tenant.messages[0]?.receivedAt ?? 0, copies))
  }
}

/** The clock of these tests starts at 09:00; everything is approved in that minute. */
export async function approve(desk: Desk, inputs: Record<string, string> = {}): Promise<Message> {
  const card = await openCase(desk, mail)
  await pressOn(desk, dana, card, { ...approval, inputs: { ...approval.inputs, ...inputs } })
  await desk.settle()
  return desk.card()
}

export const head = ({ words }: Message) => words.split('\n').slice(1, 3).join('\n')

export function replies(desk: Desk): string[] {
  const { activityId } = desk.card()
  return desk
    .messages()
    .filter(
      ({ activityId: id, conversationId }) => conversationId.endsWith(`;messageid=${activityId}`) && id !== activityId
    )
    .map(({ words }) => words)
}

export const tell = (desk: Desk, fault: object, times = 1) => desk.graph.faults.add({ ...fault, times } as Fault)

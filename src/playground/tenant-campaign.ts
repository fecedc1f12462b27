// One campaign of the seeded tenant: a phish, and five messages that Defender or their sender and subject make similar to it.
import { MINUTE_MS, copiesIn, numberedMailboxes, phishMail, type TenantMessage } from './tenant-mail.js'

const subject = 'Your employee gift card is waiting'

interface Variant {
  networkMessageId: string
  subject: string
  mailboxes: number
  /** Defender's own mark of similar mail. */
  emailClusterId?: string
}

const id = (number: number) => `8a637277-c094-42bd-92a6-08dc18c5b00${String(number)}`
const inCluster = { emailClusterId: '7712004411' }

const variants: Variant[] = [
  { networkMessageId: id(1), subject, mailboxes: 12, ...inCluster },
  { networkMessageId: id(2), subject: 'Your staff gift card is waiting', mailboxes: 30, ...inCluster },
  { networkMessageId: id(3), subject: 'Employee gift card: last day', mailboxes: 8, ...inCluster },
  { networkMessageId: id(4), subject: 'A gift card for the whole team', mailboxes: 6, ...inCluster },
  // Defender does not count this one in; its sender and subject do.
  { networkMessageId: id(5), subject: `RE: ${subject}`, mailboxes: 3 },
  { networkMessageId: id(6), subject: 'Reminder: collect your gift card', mailboxes: 1, ...inCluster }
]

/** networkMessageIds, the one to begin with first. */
export const CAMPAIGN_MAIL = variants.map(({ networkMessageId }) => networkMessageId)
export const CAMPAIGN_FIRST = id(1)

export function campaignMail(now: number): TenantMessage[] {
  return variants.map(({ mailboxes, ...known }, index) =>
    phishMail({
      ...known,
      internetMessageId: `<gift-card-${String(index + 1)}@gift-cards.example>`,
      receivedAt: now - (40 - index) * MINUTE_MS,
      sender: {
        displayName: 'Employee rewards',
        fromAddress: 'rewards@gift-cards.example',
        mailFromAddress: 'bounce@gift-cards.example',
        ipv4: '203.0.113.66'
      },
      urls: [{ url: 'https://gift-cards.example/collect', threatType: 'phish', detectionMethod: 'URL detonation' }],
      copies: copiesIn('inbox_folder', numberedMailboxes(mailboxes))
    })
  )
}

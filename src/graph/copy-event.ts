// Graph's words for how a move of mail went. Takes an unknown word for what it is: unknown.
import type { CopyEvent } from '../case/mail.js'

// The statuses of a remediation: https://learn.microsoft.com/defender-office-365/remediate-malicious-email-delivered-office-365
const results = new Map<string, CopyEvent['result']>([
  ['success', 'done'],
  ['succeeded', 'done'],
  ['already in destination', 'already'],
  ['failure', 'failed'],
  ['failed', 'failed']
])

export function resultOf(word: string): CopyEvent['result'] {
  return results.get(word.trim().toLowerCase()) ?? 'unknown'
}

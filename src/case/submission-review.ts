// What the SOC found a user's submission to be, for the place where it was submitted. Declares; sends nothing.

/** Graph's words: https://learn.microsoft.com/graph/api/security-emailthreatsubmission-review */
export const reviewCategories = ['notSpam', 'junk', 'phishing', 'malware'] as const
export type ReviewCategory = (typeof reviewCategories)[number]

export type ReviewOutcome =
  | { kind: 'written' }
  /** Defender will not have it; asking again changes nothing. */
  | { kind: 'refused'; status: number; code: string }
  | { kind: 'unavailable'; reason: string; retryAfterMs: number | null }

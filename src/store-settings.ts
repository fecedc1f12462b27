// Where the database is and how its audit log is kept: the settings that the bot and the audit tool read alike. Never shows a value.
import { z } from 'zod/v4'

export interface StoreConfig {
  dataDir: string
  databaseUrl: string | null
  audit: {
    /** Newest first: rows are sealed with the first one, and older rows verified with the others. Empty: plain hashes. */
    keys: string[]
    /** Null: rows are kept for good. */
    retentionDays: number | null
  }
}

/** Shorter keys could be found by trying. */
const keyBytes = 32
/** An incident is often found months later. */
const leastDays = 90

export const storeSettings = {
  DATABASE_URL: z
    .string()
    .refine(
      (url) => /^postgres(?:ql)?:\/\//.test(url),
      'must start with postgres:// (leave it out for the embedded database)'
    )
    .optional(),
  DATA_DIR: z.string().default('.data'),
  AUDIT_KEY: z
    .string()
    .default('')
    .refine(
      (text) => keysIn(text).every((key) => Buffer.byteLength(key) >= keyBytes),
      `must have at least ${String(keyBytes)} bytes, several keys with a comma between them: openssl rand -base64 32 makes one`
    ),
  AUDIT_RETENTION_DAYS: z.coerce
    .number('must be a number of days')
    .int('must be a whole number of days')
    .min(leastDays, `must be at least ${String(leastDays)} days (leave it out to keep everything)`)
    .max(36_500, 'must be at most 36500 days (leave it out to keep everything)')
    .optional()
}

const schema = z.object(storeSettings)

export function storeConfig(settings: z.infer<typeof schema>): StoreConfig {
  return {
    dataDir: settings.DATA_DIR,
    databaseUrl: settings.DATABASE_URL ?? null,
    audit: { keys: keysIn(settings.AUDIT_KEY), retentionDays: settings.AUDIT_RETENTION_DAYS ?? null }
  }
}

/** For who needs nothing but the database: no other setting has to be there. */
export function readStoreConfig(env: NodeJS.ProcessEnv): { config: StoreConfig } | { problems: string[] } {
  const parsed = schema.safeParse(givenIn(env))
  if (parsed.success) return { config: storeConfig(parsed.data) }
  return { problems: parsed.error.issues.map(({ path, message }) => `${String(path[0])} ${message}`) }
}

/** An empty value counts as not set, as shells and the toolkit's env files leave them. */
export function givenIn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''))
}

function keysIn(text: string): string[] {
  return text
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
}

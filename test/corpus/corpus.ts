// The reported files that the tests read: those kept as files and those made in memory, each by its name in expected.json.
import { readFileSync, readdirSync } from 'node:fs'
import type { MailFileAnswer, ReadMail } from '../../src/intake/mail-answer.js'
import { largeMails } from './make-large.js'
import { outlookFiles } from './make-msg.js'

const here = new URL('./', import.meta.url)

export interface CorpusFile {
  name: string
  /** A new array each time: reading takes it over. */
  bytes: () => Uint8Array
}

export const corpus: CorpusFile[] = [
  ...['structure', 'headers', 'charset'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, here))
      .sort()
      .map((file) => ({
        name: `${folder}/${file.replace('.eml', '')}`,
        bytes: () => new Uint8Array(readFileSync(new URL(`${folder}/${file}`, here)))
      }))
  ),
  ...[largeMails, outlookFiles].flatMap((made) => Object.entries(made).map(([name, bytes]) => ({ name, bytes })))
]

export const expected = JSON.parse(readFileSync(new URL('expected.json', here), 'utf8')) as Record<string, unknown>

/** An answer as expected.json writes it: without what depends on the bytes alone, and without what is empty. */
export function briefly(answer: MailFileAnswer): unknown {
  if (answer.kind === 'unreadable') return { unreadable: answer.reason }
  return { ...briefMail(answer.mail), ...(answer.bodyProblem && { bodyProblem: answer.bodyProblem }) }
}

function briefMail({
  keys,
  claims,
  crossTenantId,
  flags,
  urls,
  attachments,
  attached
}: ReadMail): Record<string, unknown> {
  const { senderAddress, ...others } = claims
  const brief = {
    keys: keys.map(({ value }) => value),
    // Never anything but the first.
    ...(senderAddress !== (claims.from[0] ?? '') && { senderAddress }),
    ...others,
    crossTenantId,
    flags,
    urls,
    attachments: attachments.map(({ name, bytes }) => `${name}: ${String(bytes)}`),
    attached: attached.map(briefMail)
  }
  return Object.fromEntries(
    Object.entries(brief).filter(
      ([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
    )
  )
}

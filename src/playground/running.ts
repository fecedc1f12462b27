// Where a running playground takes reports, noted in this checkout so that another command finds it. Never more than an address.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const noteFile = fileURLToPath(new URL('../../node_modules/.cache/phish-triage/playground.json', import.meta.url))

/** The playground that was started last is the one that is found. */
export async function noteRunning(inlet: string): Promise<void> {
  await mkdir(dirname(noteFile), { recursive: true })
  await writeFile(noteFile, JSON.stringify({ inlet }))
}

/** Null where none was started, or it was ended properly; one that was killed leaves its note behind. */
export async function findRunning(): Promise<string | null> {
  try {
    const { inlet } = JSON.parse(await readFile(noteFile, 'utf8')) as { inlet?: unknown }
    return typeof inlet === 'string' ? inlet : null
  } catch {
    return null
  }
}

export async function forgetRunning(inlet: string): Promise<void> {
  if ((await findRunning()) === inlet) await rm(noteFile, { force: true })
}

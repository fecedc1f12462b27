// Where a running playground takes reports and messages, noted in this checkout so that another command finds it. Never more than addresses.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const noteFile = fileURLToPath(new URL('../../node_modules/.cache/phish-triage/playground.json', import.meta.url))

export interface Running {
  /** Takes reports. */
  inlet: string
  bot: string
}

/** The playground that was started last is the one that is found. */
export async function noteRunning(running: Running): Promise<void> {
  await mkdir(dirname(noteFile), { recursive: true })
  await writeFile(noteFile, JSON.stringify(running))
}

/** Null where none was started, or it was ended properly; one that was killed leaves its note behind. */
export async function findRunning(): Promise<Running | null> {
  try {
    const { inlet, bot } = JSON.parse(await readFile(noteFile, 'utf8')) as { inlet?: unknown; bot?: unknown }
    return typeof inlet === 'string' && typeof bot === 'string' ? { inlet, bot } : null
  } catch {
    return null
  }
}

export async function forgetRunning(inlet: string): Promise<void> {
  if ((await findRunning())?.inlet === inlet) await rm(noteFile, { force: true })
}

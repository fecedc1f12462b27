// `npm run playground:report`: hands files, or the name of a seeded report, to the playground that runs. Starts nothing itself.
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { type ReportOrder, seededWays } from './report-inlet.js'
import { findRunning } from './running.js'
import * as words from './words.js'

class NotReported extends Error {
  override readonly name = 'NotReported'
}

async function orderOf(given: string[], folder: string): Promise<ReportOrder> {
  const [first] = given
  if (first === undefined) throw new NotReported(words.reportUsage)
  const way = seededWays.find((known) => known.toLowerCase() === first.toLowerCase())
  if (way !== undefined && given.length === 1) return { way }
  return { files: await Promise.all(given.map((path) => readGiven(path, folder))) }
}

async function readGiven(path: string, folder: string): Promise<{ name: string; base64: string }> {
  try {
    return { name: basename(path), base64: await readFile(resolve(folder, path), 'base64') }
  } catch {
    throw new NotReported(words.noSuchFile(path))
  }
}

async function hand(order: ReportOrder): Promise<string> {
  const running = await findRunning()
  const answer =
    running === null
      ? null
      : await fetch(`${running.inlet}/reports`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(order)
        }).catch(() => null)
  if (answer === null) throw new NotReported(words.nothingRuns)
  if (!answer.ok) throw new NotReported(words.inletRefused(await answer.text()))
  return 'way' in order ? words.raised(order.way) : words.dropped(order.files.map(({ name }) => name))
}

try {
  // npm runs this in the package's folder; the files are named from where the person is.
  const order = await orderOf(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd())
  console.log(await hand(order))
} catch (error) {
  if (!(error instanceof NotReported)) throw error
  console.error(error.message)
  process.exitCode = 1
}

// Mail sent as a file, up to the largest that is taken: how long the main thread is held up.
import { dropFiles } from '../src/playground/teams/person.js'
import { mailOfSize } from '../test/corpus/make-large.js'
import { startFileHost } from '../test/flow/file-host.js'
import { type Row, gapRows, tellRow } from './numbers.js'
import { dana, openWorld, startProduct } from './world.js'

const mebibyte = 2 ** 20

export async function benchFile(times: number): Promise<{ rows: Row[]; failures: number }> {
  const world = await openWorld()
  const files = await startFileHost({ '/25': mailOfSize(25 * mebibyte), '/10': mailOfSize(10 * mebibyte) })
  try {
    const bot = await startProduct(world)
    const personal = `a:personal-${dana.objectId}`
    const send = async (path: string) => {
      const heard = world.posts.get(personal) ?? 0
      await bot.mark('gaps')
      await dropFiles(world.room, dana, [{ name: 'mail.eml', downloadUrl: `${files.url}${path}` }])
      // That it is being read, and what came of it.
      await world.until(() => (world.posts.get(personal) ?? 0) >= heard + 2)
      await world.quiet()
      return bot.read()
    }
    const rows: Row[] = []
    const readings = { '/25': [await send('/25')], '/10': [await send('/10')] }
    for (let time = 1; time < times; time += 1) {
      readings['/25'].push(await send('/25'))
      readings['/10'].push(await send('/10'))
    }
    for (const [path, what] of [
      ['/25', 'a 25 MiB .eml'],
      ['/10', 'a 10 MiB .eml, which is parsed whole']
    ] as const) {
      rows.push(...gapRows(`${what}, ${String(times)} times: longest gap`, readings[path], 20))
    }
    rows.push(tellRow('RSS after them', `${(await bot.read()).rssMb.toFixed(0)} MB`))
    await bot.stop()
    return { rows, failures: 0 }
  } finally {
    await files.close()
    await world.close()
  }
}

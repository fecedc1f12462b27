// A second process for the tests: tries to open the database and prints the name of what came of it.
import { systemClock } from '../../src/clock.js'
import { openDatabase } from '../../src/store/database.js'

const place = JSON.parse(process.argv[2] ?? '') as { databaseUrl: string | null; dataDir: string }
try {
  const database = await openDatabase({ ...place, clock: systemClock })
  await database.close()
  process.stdout.write('opened\n')
} catch (error) {
  process.stdout.write(`${(error as Error).name}\n`)
}

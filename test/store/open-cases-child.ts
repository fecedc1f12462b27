// A process for the tests to kill: opens cases without end and prints each number once it is stored.
import { systemClock } from '../../src/clock.js'
import { createCaseStore } from '../../src/store/case-store.js'
import { openDatabase } from '../../src/store/database.js'
import { report } from './samples.js'

const place = JSON.parse(process.argv[2] ?? '') as { databaseUrl: string | null; dataDir: string }
const database = await openDatabase({ ...place, clock: systemClock })
const cases = createCaseStore(database)

for (let index = 0; ; index += 1) {
  const message = { kind: 'internetMessageId' as const, value: `<${String(index)}@evil.example>` }
  const answer = await cases.open(report({ message }), { unresolvedPerHour: Infinity })
  if (answer.kind === 'opened') process.stdout.write(`${String(answer.record.number)}\n`)
  // Lets the line out; a pipe's writes are taken between turns.
  await new Promise((resolve) => setImmediate(resolve))
}

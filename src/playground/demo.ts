// `npm run demo`: tells a story without a browser, as a readable transcript, and ends with 1 where a step was not seen.
import { parseArgs } from 'node:util'
import { fourEyes } from './demo/four-eyes.js'
import { mainStory } from './demo/main.js'
import { reporter } from './demo/reporter.js'
import { type Story, StepNotSeen, perform } from './demo/stage.js'
import { uncertain } from './demo/uncertain.js'
import { undo } from './demo/undo.js'

const stories = new Map<string, Story>([
  ['main', mainStory],
  ['four-eyes', fourEyes],
  ['undo', undo],
  ['uncertain', uncertain],
  ['reporter', reporter]
])

function chosen(): Story[] {
  const { values } = parseArgs({ options: { story: { type: 'string', default: 'main' } }, strict: false })
  if (values.story === 'all') return [...stories.values()]
  const story = stories.get(String(values.story))
  return story === undefined ? [] : [story]
}

const told = chosen()
if (told.length === 0) {
  const width = Math.max(...[...stories.keys()].map((name) => name.length))
  console.error(`There is no such story. npm run demo -- --story <name>, with one of:`)
  for (const [name, { about }] of stories) console.error(`  ${name.padEnd(width)}  ${about}`)
  console.error(`  ${'all'.padEnd(width)}  All of them.`)
  process.exitCode = 1
}
try {
  for (const story of told) {
    console.log(`\n${story.about} Everything runs on this machine.`)
    await perform(story)
  }
  if (told.length > 0) console.log('\nEvery step was seen in the ledgers of Graph and Teams.')
} catch (error) {
  console.error(`\n✗ ${error instanceof StepNotSeen ? `not seen: ${error.message}` : String(error)}`)
  process.exitCode = 1
}

// How a demo ends: well only where every step was seen, and with the list of stories where there is no such story.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { StepNotSeen, perform } from '../../src/playground/demo/stage.js'

const demo = (...args: string[]) =>
  new Promise<{ code: number | null; told: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'src/playground/demo.ts', ...args],
      (_error, _output, told) => {
        resolve({ code: child.exitCode, told })
      }
    )
  })

describe('a demo story', () => {
  it('ends at the first step that is not seen', async () => {
    let after = false
    const story = perform({
      about: 'Nothing is ever sent.',
      async play({ check, remediates }) {
        check(remediates().length > 0, 'a request to Defender')
        after = true
      }
    })
    await assert.rejects(story, new StepNotSeen('a request to Defender'))
    assert.equal(after, false)
  })

  it('is asked for by its name, and a name that is none lists them and fails', async () => {
    const { code, told } = await demo('--story', 'nonesuch')
    assert.equal(code, 1)
    for (const name of ['main', 'four-eyes', 'undo', 'uncertain', 'reporter', 'all']) {
      assert.match(told, new RegExp(`^  ${name} `, 'm'))
    }
  })
})

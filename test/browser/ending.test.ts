// However the playground ends, nothing of it stays behind. Needs no browser.
import assert from 'node:assert/strict'
import { allGone, isRunning, type PlaygroundUnderTest, startPlayground } from './playground-under-test.js'

describe('the end of the playground', () => {
  let playground: PlaygroundUnderTest | undefined

  afterEach(async () => {
    if (playground !== undefined && isRunning(playground.pid)) await playground.end('SIGTERM')
  })

  it('gives the bot nothing of the shell that would reach a real system', async () => {
    playground = await startPlayground()
    const ready = await fetch(`${playground.address('Bot')}/readyz`)
    assert.equal(ready.status, 200, 'a DATABASE_URL that leads nowhere is in the environment')
  })

  it('SIGTERM ends all', async () => {
    playground = await startPlayground()
    const pids = playground.pids()
    assert.equal(await playground.end('SIGTERM'), 0)
    assert.deepEqual(pids.filter(isRunning), [])
  })

  it('a bot that dies is named, and ends all', async () => {
    playground = await startPlayground()
    const pids = playground.pids()
    process.kill(pids[1] ?? 0, 'SIGKILL')
    assert.equal(await playground.exited, 1)
    assert.match(playground.terminal(), /^The bot was ended by SIGKILL, so the playground ends\. Logs: .+$/m)
    assert.deepEqual(pids.filter(isRunning), [])
  })

  it('children end also when the playground itself is killed', async () => {
    playground = await startPlayground()
    const pids = playground.pids()
    await playground.end('SIGKILL')
    await allGone(pids)
  })

  it('a SIGTERM that npm hands only to its shell ends all', async () => {
    playground = await startPlayground('npm')
    const pids = playground.pids()
    assert.equal(pids.length, 4, 'the shell too')
    await playground.end('SIGTERM')
    await allGone(pids)
  })
})

// The contract on the embedded engine, and what only that one promises: nobody else is let in, and nobody can read it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseInUseError, openDatabase } from '../../src/store/database.js'
import { describeStore, endChild, startChild } from './contract.js'
import { type StoreEngine, useStore } from './store-under-test.js'

const embedded: StoreEngine = {
  name: 'embedded',
  makePlace: async () => {
    const parent = await mkdtemp(join(tmpdir(), 'phish-triage-store-'))
    return {
      databaseUrl: null,
      dataDir: join(parent, 'data'),
      remove: () => rm(parent, { recursive: true, force: true })
    }
  }
}

describeStore(embedded)

describe('embedded database', () => {
  const store = useStore(embedded)
  const reopened = () => openDatabase({ ...store.place, clock: store.clock })

  it('is for its owner only, journals included', async () => {
    const mode = async (name: string) => (await stat(join(store.place.dataDir, name))).mode & 0o777
    assert.equal(await mode('.'), 0o700)
    for (const name of ['cases.db', 'cases.db-wal', 'cases.db-shm', 'lock.db'])
      assert.equal(await mode(name), 0o600, name)
    await store.database.close()
    await chmod(join(store.place.dataDir, 'cases.db'), 0o644)
    await store.reopen()
    assert.equal(await mode('cases.db'), 0o600)
  })

  it('refuses a second opening, also of its own process, and says what to do', async () => {
    const refused = (error: unknown) =>
      error instanceof DatabaseInUseError &&
      error.message.includes(store.place.dataDir) &&
      error.message.includes('DATA_DIR')
    await assert.rejects(reopened(), refused)
    await assert.rejects(reopened(), refused)
  })

  it('refuses while another process has it, and opens when that one was killed', async () => {
    await store.database.close()
    const child = startChild('open-cases-child.ts', store.place)
    try {
      await once(child.stdout, 'data')
      await assert.rejects(reopened(), DatabaseInUseError)
    } finally {
      await endChild(child)
    }
    await store.reopen()
    assert.notEqual(await store.cases.read(1001), null)
  })

  it('refuses another process while this one has it', async () => {
    const child = startChild('hold-database-child.ts', store.place)
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    assert.equal(line.toString().trim(), 'DatabaseInUseError')
    await endChild(child)
  })
})

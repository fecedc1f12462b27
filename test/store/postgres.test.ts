// The contract on PostgreSQL, where TEST_DATABASE_URL names a server that lets this user create databases.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openDatabase } from '../../src/store/database.js'
import { TestClock } from '../test-clock.js'
import { describeStore } from './contract.js'
import type { Place, StoreEngine } from './store-under-test.js'

const serverUrl = process.env.TEST_DATABASE_URL

if (serverUrl !== undefined && serverUrl !== '') {
  const postgres: StoreEngine = { name: 'postgres', makePlace: () => makePlace(serverUrl) }
  describeStore(postgres)

  describe('postgres database', () => {
    it('is brought up by several processes at once', async () => {
      const place = await makePlace(serverUrl)
      const clock = new TestClock()
      try {
        const opened = await Promise.all(Array.from({ length: 6 }, () => openDatabase({ ...place, clock })))
        const [first] = opened
        const counters = await first?.queries.selectFrom('counters').selectAll().execute()
        await Promise.all(opened.map((database) => database.close()))
        assert.deepEqual(counters, [{ name: 'case', value: 1000 }])
      } finally {
        await place.remove()
      }
    })
  })
}

/** A database of its own, so that runs do not meet. */
async function makePlace(url: string): Promise<Place> {
  const name = `phish_triage_test_${randomBytes(6).toString('hex')}`
  await onServer(url, `create database ${name}`)
  const databaseUrl = new URL(url)
  databaseUrl.pathname = `/${name}`
  return {
    databaseUrl: databaseUrl.href,
    dataDir: '',
    remove: () => onServer(url, `drop database ${name} with (force)`)
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

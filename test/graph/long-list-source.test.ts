// The sources that read by time, before more than one poll can read: nothing is lost, and no poll stands still.
import assert from 'node:assert/strict'
import { createAlertSource } from '../../src/graph/alert-source.js'
import type { GraphClient } from '../../src/graph/graph-client.js'
import { createSubmissionSource } from '../../src/graph/submission-source.js'
import { ids, readAll } from './polling.js'
import { handClock, NOW } from './simulated-graph.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const PAGE = 2
const MOST_PAGES = 3
const ID = '00000000-0000-4000-8000-000000000001'
const root = 'https://graph.example/v1.0'

const iso = (time: number) => new Date(time).toISOString()

const ways = [
  {
    create: createAlertSource,
    property: 'lastUpdateDateTime',
    prefix: 'alert/',
    suffix: `/${ID}`,
    entry: (id: string, at: number) => ({
      id,
      title: 'Email reported by user as junk',
      lastUpdateDateTime: iso(at),
      evidence: [{ '@odata.type': '#microsoft.graph.security.analyzedMessageEvidence', networkMessageId: ID }]
    })
  },
  {
    create: createSubmissionSource,
    property: 'createdDateTime',
    prefix: 'submission/',
    suffix: '',
    entry: (id: string, at: number) => ({
      id,
      source: 'user',
      internetMessageId: '<a@b.example>',
      createdDateTime: iso(at)
    })
  }
]

for (const { create, property, prefix, suffix, entry } of ways) {
  describe(`a list by ${property} that is longer than a poll reads`, () => {
    const clock = handClock()
    let times: number[]
    let asked: string[]
    beforeEach(() => {
      clock.set(NOW)
      times = []
      asked = []
    })

    /** Newest first, as order cannot be asked for; filters as Graph does. */
    const client: GraphClient = {
      version: 'v1.0',
      root,
      send: ({ path }) => {
        const { pathname, searchParams } = new URL(`${root}/${path}`)
        const filter = searchParams.get('$filter') ?? ''
        const skip = Number(searchParams.get('$skip'))
        asked.push(filter)
        const bound = (operator: string) => new RegExp(`${property} ${operator} (\\S+)`).exec(filter)?.[1]
        const [since, until] = [Date.parse(bound('ge') ?? ''), Date.parse(bound('le') ?? '2999-01-01')]
        const found = times
          .map((at, n) => ({ at, id: String(n) }))
          .filter(({ at }) => at >= since && at <= until)
          .sort((a, b) => b.at - a.at)
        searchParams.set('$skip', String(skip + PAGE))
        const body = {
          value: found.slice(skip, skip + PAGE).map(({ id, at }) => entry(id, at)),
          ...(skip + PAGE < found.length
            ? { '@odata.nextLink': `https://graph.example${pathname}?${String(searchParams)}` }
            : {})
        }
        return Promise.resolve({ kind: 'answered', status: 200, headers: new Headers(), requestId: null, body })
      }
    }
    const source = create({ client, clock, deadlineMs: 1000, mostPages: MOST_PAGES })
    const all = () => times.map((_, n) => `${prefix}${n}${suffix}`).sort()

    it('reads all of it, in pieces', async () => {
      times = Array.from({ length: 100 }, (_, n) => NOW - 24 * HOUR + n * 14 * MINUTE)
      const { reports, cursor } = await readAll(source, null)
      assert.deepEqual([...new Set(ids(reports))].sort(), all())
      assert.ok((times.at(-1) ?? NaN) <= Date.parse(cursor) && Date.parse(cursor) < NOW, cursor)
    })

    it('reads more that came within minutes than one poll can', async () => {
      times = Array.from({ length: 40 }, (_, n) => NOW - 5 * MINUTE + n * 1000)
      const { reports, cursor, polls } = await readAll(source, null)
      assert.deepEqual([...new Set(ids(reports))].sort(), all())
      assert.ok((times.at(-1) ?? NaN) <= Date.parse(cursor) && Date.parse(cursor) < NOW, cursor)
      assert.ok(polls < 60, `${polls} polls`)
    })

    it('asks no poll for more pages than it may, and goes back to no upper bound', async () => {
      times = Array.from({ length: 9 }, (_, n) => NOW - (n + 1) * HOUR)
      const first = await source.poll(null)
      assert.ok(first.kind === 'read' && first.more)
      assert.deepEqual([first.reports, asked.length], [[], MOST_PAGES])
      const { cursor } = await readAll(source, first.cursor)
      asked = []
      times = [NOW]
      assert.deepEqual(ids((await readAll(source, cursor)).reports), all())
      assert.ok(asked.every((filter) => !filter.includes(' le ')))
    })

    it('goes on from a piece after hours, and takes what came since', async () => {
      times = Array.from({ length: 9 }, (_, n) => NOW - (n + 1) * HOUR)
      const first = await source.poll(null)
      assert.ok(first.kind === 'read')
      clock.set(NOW + 3 * HOUR)
      times.push(NOW + HOUR)
      const rest = await readAll(source, first.cursor)
      const last = await readAll(source, rest.cursor)
      assert.deepEqual([...new Set(ids([...rest.reports, ...last.reports]))].sort(), all())
    })

    it('says so where one and the same millisecond holds more', async () => {
      times = Array.from({ length: 7 }, () => NOW - HOUR)
      await assert.rejects(readAll(source, null), /more than can be read at once/)
    })

    it('begins anew with a piece that cannot be', async () => {
      times = [NOW - 23 * HOUR]
      const [a, b, c] = [iso(NOW - HOUR), iso(NOW), iso(NOW + HOUR)]
      for (const cursor of [`${b}/${a}/${b}`, `${a}/${a}/${b}`, `${a}/${b}/${c}`, `${a}/${b}`, `${a}/${b}/${b}/${b}`])
        assert.deepEqual(ids((await readAll(source, cursor)).reports), all())
    })
  })
}

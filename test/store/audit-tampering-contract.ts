// What somebody with access to the database can do to the audit log, and what a check says of it. The check names the first break.
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { chainStart, chained, entryOf } from '../../src/store/audit-chain.js'
import type { AuditBreak } from '../../src/store/audit-check.js'
import { check, intact, openCases, replaceRow, rowsOf, tamper } from './audit-chain-under-test.js'
import { type StoreEngine, type StoreUnderTest, useStore } from './store-under-test.js'

const key = 'k'.repeat(32)

export function describeTampering(engine: StoreEngine): void {
  describe('audit chain after tampering', () => {
    const store = useStore(engine)
    /** Five rows of the cases 1001 to 1005. */
    beforeEach(() => openCases(store, 5))

    const changes: [what: string, statements: string[], expected: AuditBreak][] = [
      ...['at = at + 1', 'case_number = 1003', "event = 'case.closed'", 'actor = null', "detail = '{}'"].map(
        (change): [string, string[], AuditBreak] => [
          `a row was changed: ${change}`,
          [`update audit set ${change} where seq = 2`],
          { kind: 'changed', seq: 2, caseNumber: change.startsWith('case_number') ? 1003 : 1002 }
        ]
      ),
      [
        'a row reads the same and was changed all the same',
        ["update audit set detail = detail || ' ' where seq = 2"],
        { kind: 'changed', seq: 2, caseNumber: 1002 }
      ],
      [
        'a row is no JSON any more',
        ["update audit set actor = 'x' where seq = 2"],
        { kind: 'changed', seq: 2, caseNumber: 1002 }
      ],
      [
        'a hash was changed',
        [`update audit set hash = '${'f'.repeat(64)}' where seq = 2`],
        { kind: 'changed', seq: 2, caseNumber: 1002 }
      ],
      [
        'a row was removed',
        ['delete from audit where seq = 3'],
        { kind: 'missing', seq: 3, caseNumber: null, until: 3 }
      ],
      [
        'rows were removed',
        ['delete from audit where seq in (2, 3, 4)'],
        { kind: 'missing', seq: 2, caseNumber: null, until: 4 }
      ],
      [
        'the first row was removed',
        ['delete from audit where seq = 1'],
        { kind: 'missing', seq: 1, caseNumber: null, until: 1 }
      ],
      [
        'the last row was removed',
        ['delete from audit where seq = 5'],
        { kind: 'missing', seq: 5, caseNumber: null, until: 5 }
      ],
      ['all rows were removed', ['delete from audit'], { kind: 'missing', seq: 1, caseNumber: null, until: 5 }],
      [
        'two rows were swapped',
        [
          'update audit set seq = -2 where seq = 2',
          'update audit set seq = 2 where seq = 3',
          'update audit set seq = 3 where seq = -2'
        ],
        { kind: 'order', seq: 2, caseNumber: 1003 }
      ],
      [
        'a row was removed and the later ones moved up',
        [
          'delete from audit where seq = 3',
          'update audit set seq = 3 where seq = 4',
          'update audit set seq = 4 where seq = 5',
          'update audit_head set seq = 4'
        ],
        { kind: 'order', seq: 3, caseNumber: 1004 }
      ],
      ['the head was set back', ['update audit_head set seq = 4'], { kind: 'head', seq: 5, caseNumber: null }],
      ['the head was removed', ['delete from audit_head'], { kind: 'head', seq: 5, caseNumber: null }],
      [
        'old rows were removed under a checkpoint that the bot did not make',
        [
          `insert into audit_checkpoint (seq, hash, at, removed) select seq, hash, 0, 2 from audit where seq = 2`,
          'delete from audit where seq <= 2'
        ],
        { kind: 'checkpoint', seq: 2, caseNumber: null }
      ]
    ]
    for (const [what, statements, expected] of changes) {
      it(what, async () => {
        await intact(store)
        await tamper(store, ...statements)
        assert.deepEqual(await check(store), { kind: 'broken', break: expected })
      })
    }

    it('a row was changed together with its hash', async () => {
      const [, second] = await rowsOf(store)
      assert.ok(second)
      const forged = chained(
        [{ ...entryOf(second), event: 'x' }],
        { seq: second.seq - 1, hash: second.prev_hash },
        null
      )
      await replaceRow(store, forged[0] ?? second)
      assert.deepEqual(await check(store), { kind: 'broken', break: { kind: 'order', seq: 3, caseNumber: 1003 } })
    })

    it('the last row was changed together with its hash', async () => {
      const last = (await rowsOf(store)).at(-1)
      assert.ok(last)
      const forged = chained([{ ...entryOf(last), event: 'x' }], { seq: last.seq - 1, hash: last.prev_hash }, null)
      await replaceRow(store, forged[0] ?? last)
      assert.deepEqual(await check(store), { kind: 'broken', break: { kind: 'head', seq: 5, caseNumber: null } })
    })

    it('the newest rows were removed and the head set back: only a noted head shows it', async () => {
      const noted = await intact(store)
      const rows = await rowsOf(store)
      await tamper(
        store,
        'delete from audit where seq > 3',
        `update audit_head set seq = 3, hash = '${rows[2]?.hash ?? ''}'`
      )
      await intact(store)
      assert.deepEqual(await check(store, { noted }), {
        kind: 'broken',
        break: { kind: 'missing', seq: 4, caseNumber: null, until: 5 }
      })
    })

    it('the whole log was made anew: a noted head shows it, or the key', async () => {
      const noted = await intact(store)
      await makeAnew(store)
      await intact(store)
      assert.deepEqual(await check(store, { noted }), {
        kind: 'broken',
        break: { kind: 'noted', seq: 5, caseNumber: 1005 }
      })
    })

    it('the whole log was made anew although it was sealed', async () => {
      store.auditKey = key
      await store.reopen()
      await openCases(store, 2)
      await intact(store, { keys: [key] })
      await makeAnew(store)
      assert.deepEqual(await check(store, { keys: [key] }), {
        kind: 'broken',
        break: { kind: 'seal', seq: 7, caseNumber: null }
      })
    })

    it('finds a noted head again, whatever came after it', async () => {
      const noted = await intact(store)
      await openCases(store, 2)
      await intact(store, { noted })
      assert.equal((await check(store, { noted: { ...noted, seq: 4 } })).kind, 'broken')
    })
  })
}

/** Every row as it was but for an event, and every hash right: what a chain without a key cannot tell. */
async function makeAnew(store: StoreUnderTest): Promise<void> {
  const entries = (await rowsOf(store)).map(entryOf)
  const forged = chained(
    entries.map((entry, index) => (index === 0 ? { ...entry, event: 'x' } : entry)),
    { seq: 0, hash: chainStart },
    null
  )
  for (const row of forged) await replaceRow(store, row)
  const head = forged.at(-1)?.hash ?? ''
  await sql`update audit_head set hash = ${head}`.execute(store.database.queries)
}

// What the audit tool says of each thing that a check can find, word for word.
import assert from 'node:assert/strict'
import { checkpointWords, progressWords, verdictWords } from '../src/audit-words.js'
import type { AuditBreak } from '../src/store/audit-check.js'

const hash = 'a'.repeat(64)

describe('audit words', () => {
  it('says that a log is intact, and what to keep of it', () => {
    assert.equal(
      verdictWords({ kind: 'intact', rows: 1234, head: { seq: 1300, hash }, sealed: true }),
      [
        'The audit log is intact: 1,234 rows, sealed with AUDIT_KEY.',
        `Head: 1300:${hash}`,
        'Keep the head elsewhere: with --head, a later check finds out whether the log was made anew.'
      ].join('\n')
    )
    assert.match(verdictWords({ kind: 'intact', rows: 1, head: { seq: 1, hash }, sealed: false }), /intact: 1 row, not/)
  })

  const breaks: [AuditBreak, string][] = [
    [
      { kind: 'changed', seq: 17, caseNumber: 1042 },
      'row 17 (PT-1042): it is not what its hash was made of; it was changed, or sealed with a key that AUDIT_KEY does not have'
    ],
    [{ kind: 'missing', seq: 17, caseNumber: null, until: 17 }, 'row 17: it is missing'],
    [{ kind: 'missing', seq: 17, caseNumber: null, until: 1900 }, 'rows 17 to 1,900: they are missing'],
    [
      { kind: 'order', seq: 17, caseNumber: 0 },
      'row 17: it does not follow on row 16; one of them was replaced, or the order was changed'
    ],
    [
      { kind: 'seal', seq: 17, caseNumber: 1042 },
      'row 17 (PT-1042): it is not sealed with the newest key of AUDIT_KEY, as it has to be; it was added by somebody without the key'
    ],
    [{ kind: 'head', seq: 17, caseNumber: null }, 'row 17: it is not the row that the bot added last'],
    [
      { kind: 'checkpoint', seq: 17, caseNumber: null },
      'row 17: everything up to it was removed, and no later row says that the bot did'
    ],
    [
      { kind: 'noted', seq: 17, caseNumber: null },
      'row 17: it is not the row that you noted; the log was made anew since then'
    ]
  ]
  for (const [found, words] of breaks) {
    it(`names the break: ${words.slice(0, 60)}`, () => {
      assert.equal(
        verdictWords({ kind: 'broken', break: found }),
        `The audit log is broken at ${words}.\nWhat stands before is intact.`
      )
    })
  }

  it('says what is needed', () => {
    assert.equal(
      verdictWords({ kind: 'keyNeeded', seq: 3 }),
      'Rows from 3 on are sealed. Set AUDIT_KEY as the bot has it.'
    )
    assert.equal(
      verdictWords({ kind: 'notedIsGone', keptFrom: 3 }),
      'The head that you noted was removed when its time was over; the log begins with row 3. Give a newer one.'
    )
  })

  it('says where the check starts, and how far it is', () => {
    assert.equal(checkpointWords(null), '')
    assert.equal(
      checkpointWords({ seq: 500, hash, at: Date.UTC(2026, 10, 2), removed: 500 }),
      'Rows up to 500 were removed on 2026-11-02, when their time was over; the check starts after them.'
    )
    assert.equal(progressWords(100_000, 1_234_567), '100,000 of about 1,234,567 rows checked')
  })
})

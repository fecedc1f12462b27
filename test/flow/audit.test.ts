// `audit PT-n`: who is shown the story of a case, and what it says. Policies that were in force, and rows whose time is over.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Someone } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { entryOf } from '../../src/store/audit-chain.js'
import { checkAudit } from '../../src/store/audit-check.js'
import { readAudit } from '../../src/store/audit-reader.js'
import type { AuditRow } from '../../src/store/schema.js'
import { auditPageSize } from '../../src/teams/audit-card.js'
import { unknownCase } from '../../src/teams/words.js'
import { TestClock } from '../test-clock.js'
import { aSoc, newWords, openCase } from './scenes.js'
import { type Soc, ana, channelId, dana, disabled, guest, priya, tom } from './soc.js'

async function answerTo(soc: Soc, who: Someone, text: string, where: 'personal' | 'channel' = 'channel') {
  const before = soc.messages().length
  await soc.say(who, text, where)
  return newWords(soc, before)
}

async function rowsIn({ dataDir }: Soc): Promise<AuditRow[]> {
  return readAudit({ databaseUrl: null, dataDir }, async (reader) => {
    const rows = []
    for await (const page of reader.pages()) rows.push(...page)
    return rows
  })
}

async function verdictOf({ dataDir }: Soc): Promise<string> {
  const verdict = await readAudit({ databaseUrl: null, dataDir }, (reader) => checkAudit(reader, { keys: [] }))
  return verdict.kind
}

describe('audit PT-n', () => {
  const soc = aSoc()

  it('tells an approver the whole story of a case, oldest first, in the channel and in a personal chat', async () => {
    await openCase(soc())
    await soc().press(tom, 'Approve', { reason: 'I am sure' })
    await soc().press(dana, 'Approve', { severity: 'high', reason: 'Password page\nconfirmed' })
    await soc().settle()
    for (const [who, where] of [
      [dana, 'channel'],
      [ana, 'personal']
    ] as const) {
      const [story = '', ...others] = await answerTo(soc(), who, 'audit PT-1001', where)
      assert.deepEqual(others, [])
      const lines = story.split('\n').map((line) => line.replace(/^(?:\d+ \w+ )?\d\d:\d\d UTC {2}/, ''))
      assert.deepEqual(lines.slice(0, 2), ['PT-1001: audit log', 'Rows 1 to 6 of 6, the oldest first. Times are UTC.'])
      const expected = [
        /^Opened by Tom Berg 70300000$/,
        /^way in triage$/,
        /^Found in Defender$/,
        /^plan v1 · copies digest [0-9a-f]{12} · 11 mailboxes$/,
        /^Decision refused by Tom Berg 70300000$/,
        /^plan v1 · copies digest [0-9a-f]{12} · ruling You are not an approver\./,
        /^Approved by Dana Weber da4a0000$/,
        /^plan v1 · digest [0-9a-f]{12} · 11 mailboxes · action softDelete · severity high · reason Password page confirmed · ruling You are an approver: named in the policy\.$/,
        /^Being sent to Defender$/,
        /^plan v1 · digest [0-9a-f]{12} · 11 mailboxes · batch 1$/,
        /^Accepted by Defender$/,
        /^plan v1 · digest [0-9a-f]{12} · batch 1 · HTTP 202 · request [0-9a-f-]+ · location on security\.microsoft\.com$/
      ]
      expected.forEach((line, index) => {
        assert.match(lines[index + 2] ?? '', line)
      })
      assert.equal(lines.length, expected.length + 2)
    }
  })

  it('has the digest that was sent to Graph, so that the Action Center can be matched', async () => {
    await openCase(soc())
    await soc().press(dana, 'Approve', { reason: 'Password page confirmed' })
    await soc().settle()
    const [request] = soc().graph.ledger.requests.filter(({ operation }) => operation === 'remediate')
    const sent = /plan sha256:([0-9a-f]{64})$/.exec((request?.body as { description: string }).description)?.[1]
    const digests = (await rowsIn(soc()))
      .map((row) => entryOf(row).detail.digest)
      .filter((digest) => digest !== undefined)
    assert.deepEqual(digests, [sent, sent, sent])
    const [story = ''] = await answerTo(soc(), dana, 'audit PT-1001')
    assert.ok(sent !== undefined && story.includes(sent.slice(0, 12)))
  })

  for (const { who, words } of [
    { who: tom, words: /^You are not an approver\. An administrator can add you to the approvers in the policy\./ },
    { who: priya, words: /^You are not an approver\./ },
    { who: guest, words: /^Guests may not report, open or decide cases\.$/ },
    { who: disabled, words: /^Your account is disabled in the directory\.$/ }
  ]) {
    it(`shows ${who.name} nothing, and says why`, async () => {
      await openCase(soc())
      for (const where of ['channel', 'personal'] as const) {
        const [answer = '', ...others] = await answerTo(soc(), who, 'audit PT-1001', where)
        assert.match(answer, words)
        assert.deepEqual(others, [])
      }
    })
  }

  it('shows a long story in pages', async () => {
    await openCase(soc())
    for (let turn = 0; turn < auditPageSize; turn += 1) await soc().say(tom, `report ${MAIL.mailboxFull}`)
    const [first = ''] = await answerTo(soc(), dana, 'audit PT-1001')
    assert.match(first, /Rows 1 to 20 of 22, [^]*\naudit PT-1001 2 shows the next rows\.$/)
    const [second = ''] = await answerTo(soc(), dana, 'audit PT-1001 2')
    assert.match(second, /Rows 21 to 22 of 22, [^]*Reported again by Tom Berg 70300000\nway in report$/)
    assert.deepEqual(await answerTo(soc(), dana, 'audit PT-1001 3'), ['The audit log of PT-1001 has 2 pages.'])
  })

  it('knows no other case', async () => {
    assert.deepEqual(await answerTo(soc(), dana, 'audit PT-4711'), [unknownCase])
  })
})

describe('rows whose time is over', () => {
  const clock = new TestClock()
  const soc = aSoc(() => ({ clock, config: { audit: { keys: [], retentionDays: 90 } } }))
  const day = 24 * 3_600_000

  it('go by themselves, day by day, and what stays is still verifiable', async () => {
    await openCase(soc())
    await soc().press(dana, 'Not phish', { reason: 'A newsletter' })
    await soc().settle()
    assert.equal((await rowsIn(soc())).length, 3)
    clock.advance(89 * day)
    await soc().settle()
    assert.equal((await rowsIn(soc())).length, 3)
    clock.advance(2 * day)
    await soc().settle()
    assert.deepEqual(
      (await rowsIn(soc())).map(({ seq, event }) => [seq, event]),
      [[4, 'audit.trimmed']]
    )
    assert.equal(await verdictOf(soc()), 'intact')
    assert.deepEqual(await answerTo(soc(), dana, 'audit PT-1001'), ['No audit rows of PT-1001 are kept any more.'])
  })
})

describe('the policy in force', () => {
  const policyText = 'version: 1\n'
  const soc = aSoc(() => ({ policyText }))

  it('stands in the log before the first decision, once for all restarts', async () => {
    await soc().restart()
    const rows = (await rowsIn(soc())).map(entryOf).map(({ caseNumber, event, detail }) => [caseNumber, event, detail])
    const sha256 = createHash('sha256').update(policyText).digest('hex')
    assert.deepEqual(rows, [[0, 'policy.loaded', { sha256, channelId }]])
  })
})

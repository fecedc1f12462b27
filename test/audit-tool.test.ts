// The audit tool as a process of its own, beside a bot that runs: what it prints, how it ends, and that it writes nothing.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import Libsql from 'libsql'
import { aSoc, openCase } from './flow/scenes.js'
import { dana } from './flow/soc.js'

interface Ended {
  code: number | null
  out: string
  error: string
}

const root = new URL('..', import.meta.url)

async function run(args: string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/audit-tool.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000
  })
  const closed = once(child, 'close') as Promise<[code: number | null]>
  const [[code], out, error] = await Promise.all([closed, text(child.stdout), text(child.stderr)])
  return { code, out, error }
}

const key = 'k'.repeat(32)

// Each test starts several processes; a busy machine takes seconds for one.
describe('audit tool', function () {
  this.timeout(120_000)

  describe('beside a running bot', () => {
    const soc = aSoc(() => ({ config: { audit: { keys: [], retentionDays: 90 } } }))
    const tool = (...args: string[]) => run(args, { DATA_DIR: soc().dataDir })

    async function approvedCase(): Promise<void> {
      await openCase(soc())
      await soc().press(dana, 'Approve', { reason: '=cmd|calc, and "more"' })
      await soc().settle()
    }

    async function headOf(): Promise<string> {
      const { out } = await tool('verify')
      return /^Head: (\d+:[0-9a-f]{64})$/m.exec(out)?.[1] ?? assert.fail(out)
    }

    it('finds the log intact, prints its head, and finds that again when the bot has gone on', async () => {
      await openCase(soc())
      const { code, out, error } = await tool('verify')
      assert.deepEqual([code, error], [0, ''])
      assert.match(
        out,
        /^The audit log is intact: 2 rows, not sealed with a key\.\nHead: 2:[0-9a-f]{64}\nKeep the head/
      )
      const head = await headOf()
      await soc().press(dana, 'Approve', { reason: 'Password page confirmed' })
      await soc().settle()
      const later = await tool('verify', '--head', head)
      assert.deepEqual([later.code, later.error], [0, ''])
      assert.match(later.out, /intact: 5 rows/)
      const other = await tool('verify', '--head', `2:${'0'.repeat(64)}`)
      assert.deepEqual(other, {
        code: 1,
        out:
          'The audit log is broken at row 2 (PT-1001): it is not the row that you noted; the log was made anew since then.\n' +
          'What stands before is intact.\n',
        error: ''
      })
    })

    it('names the first break, while the bot works on', async () => {
      await approvedCase()
      inDatabase((database) => {
        database.exec('drop trigger audit_no_update')
        database.exec(
          "update audit set detail = replace(detail, 'softDelete', 'moveToJunk') where event = 'decision.approved'"
        )
      })
      const { code, out } = await tool('verify')
      assert.equal(code, 1)
      assert.match(
        out,
        /^The audit log is broken at row 3 \(PT-1001\): it is not what its hash was made of; it was changed, or/
      )
      await soc().say(dana, 'queue')
    })

    it('writes nothing, and takes no lock that the bot needs', async () => {
      await approvedCase()
      const before = dump()
      await tool('verify')
      await tool('export')
      assert.deepEqual(dump(), before)
      await openCase(soc(), '2f0d8c11-6a3e-4b57-9c40-08dc18c5a001')
    })

    it('exports every row as JSON, as it is stored', async () => {
      await approvedCase()
      const { code, out, error } = await tool('export', '--format', 'jsonl')
      assert.deepEqual([code, error], [0, ''])
      const rows = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      assert.deepEqual(
        rows.map(({ seq, case: name, event }) => [seq, name, event]),
        [
          [1, 'PT-1001', 'case.opened'],
          [2, 'PT-1001', 'case.found'],
          [3, 'PT-1001', 'decision.approved'],
          [4, 'PT-1001', 'batch.submitting'],
          [5, 'PT-1001', 'batch.accepted']
        ]
      )
      const [, found, approved, , accepted] = rows as Record<string, Record<string, unknown>>[]
      const { approved: by, detail } = { approved: approved?.actor, detail: approved?.detail ?? {} }
      assert.deepEqual(by, { objectId: dana.objectId, name: dana.name })
      assert.equal(detail.reason, '=cmd|calc, and "more"')
      assert.deepEqual(detail.ruling, { allowed: true, reasons: ['You are an approver: named in the policy.'] })
      assert.equal(detail.copiesDigest, found?.detail?.copiesDigest)
      assert.match(String(detail.digest), /^[0-9a-f]{64}$/)
      assert.equal(accepted?.detail?.digest, detail.digest)
      assert.equal(accepted?.detail?.status, 202)
      const [sent] = soc().graph.ledger.requests.filter(({ operation }) => operation === 'remediate')
      assert.ok((sent?.body as { description: string }).description.includes(`sha256:${String(detail.digest)}`))
      assert.match(String(accepted?.detail?.rawLocation), /^https:\/\/security\.microsoft\.com\//)
      assert.equal(typeof accepted?.detail?.requestId, 'string')
      assert.equal(typeof detail.activityId, 'string')
    })

    it('exports CSV in which nothing is a formula', async () => {
      await approvedCase()
      const { code, out } = await tool('export', '--format', 'csv')
      assert.equal(code, 0)
      const [head, , , approved] = out.split('\r\n')
      assert.equal(head?.startsWith('"seq","time","case","event","actorId","actorName"'), true)
      assert.ok(approved?.includes(',"\'=cmd|calc, and ""more""",'), approved)
    })

    it('exports since a time', async () => {
      await approvedCase()
      const lines = async (since: string) => {
        const { out } = await tool('export', '--since', since)
        return out.split('\n').length - 1
      }
      const since = ['1h', '30d', '2020-01-01', '2020-01-01T12:00', '2999-01-01']
      assert.deepEqual(await Promise.all(since.map(lines)), [5, 5, 5, 5, 0])
    })

    it('says when it cannot be run so, and how it can', async () => {
      const tries: [args: string[], words: RegExp][] = [
        [[], /^Usage:\n {2}npm run audit:verify/],
        [['verify', 'now'], /^Usage:/],
        [['remove'], /^Usage:/],
        [['verify', '--force'], /^Usage:/],
        [['verify', '--head', '12'], /^--head must be a head as audit:verify prints it: <seq>:<hash>$/m],
        [['export', '--since', 'yesterday'], /^--since must be a time ago/],
        [['export', '--format', 'xlsx'], /^--format must be one of: csv, jsonl$/m]
      ]
      const ended = await Promise.all(tries.map(async ([args, words]) => ({ args, words, ...(await tool(...args)) })))
      for (const { args, words, code, out, error } of ended) {
        assert.deepEqual([code, out], [2, ''], args.join(' '))
        assert.match(error, words)
      }
      const short = await run(['verify'], { DATA_DIR: soc().dataDir, AUDIT_KEY: 'short' })
      assert.deepEqual([short.code, short.error.includes('AUDIT_KEY must have at least 32 bytes')], [2, true])
      assert.equal(short.error.includes('short'), false)
    })

    function inDatabase<T>(work: (database: Libsql.Database) => T): T {
      const database = new Libsql(join(soc().dataDir, 'cases.db'), { timeout: 5_000 })
      try {
        return work(database)
      } finally {
        database.close()
      }
    }

    function dump(): unknown[] {
      return inDatabase((database) =>
        ['audit', 'audit_head', 'audit_checkpoint', 'cases', 'outbox'].map((table) =>
          database.prepare(`select * from ${table}`).all()
        )
      )
    }
  })

  describe('with a key', () => {
    const soc = aSoc(() => ({ config: { audit: { keys: [key], retentionDays: null } } }))
    const tool = (env: NodeJS.ProcessEnv) => run(['verify'], { DATA_DIR: soc().dataDir, ...env })

    it('checks the seal, and says where the key is missing', async () => {
      await openCase(soc())
      const sealed = await tool({ AUDIT_KEY: key })
      assert.equal(sealed.code, 0, sealed.error)
      assert.match(sealed.out, /intact: 2 rows, sealed with AUDIT_KEY\.\nHead: 2:hmac:[0-9a-f]{64}\n/)
      const without = await tool({})
      assert.deepEqual([without.code, without.error], [2, ''])
      assert.match(without.out, /^Rows from 1 on are sealed\. Set AUDIT_KEY as the bot has it\.$/m)
      assert.equal((await tool({ AUDIT_KEY: 'x'.repeat(32) })).code, 1)
    })

    it('takes up a new key with a restart, and keeps what the old one sealed', async () => {
      await openCase(soc())
      const newer = 'n'.repeat(32)
      await soc().restart({ audit: { keys: [newer, key], retentionDays: null } })
      const rotated = await tool({ AUDIT_KEY: `${newer},${key}` })
      assert.deepEqual([rotated.code, rotated.error], [0, ''])
      assert.match(rotated.out, /intact: 3 rows/)
    })
  })

  describe('without a log to read', () => {
    let folder: string
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'phish-triage-tool-'))
    })
    afterEach(() => rm(folder, { recursive: true, force: true }))

    it('says that there is no database, and makes none', async () => {
      const { code, out, error } = await run(['verify'], { DATA_DIR: folder })
      assert.deepEqual([code, out], [2, ''])
      assert.equal(error, `There is no database in ${folder}. Set DATA_DIR or DATABASE_URL as the bot has it.\n`)
      assert.deepEqual(await readdir(folder), [])
    })

    it('says that the database is of an older version', async () => {
      new Libsql(join(folder, 'cases.db')).exec('create table audit (seq integer)')
      const { code, error } = await run(['export'], { DATA_DIR: folder })
      assert.equal(code, 2)
      assert.match(error, /^This database has no audit log of this version yet\. Start the bot once/)
    })

    it('shows no password where the database cannot be reached', async () => {
      const { code, error } = await run(['verify'], { DATABASE_URL: 'postgres://bot:secret-7f3a@127.0.0.1:1/cases' })
      assert.equal(code, 2)
      assert.match(error, /^The audit log could not be read \(ECONNREFUSED\)\. Check that DATABASE_URL is the bot's/)
      assert.equal(error.includes('secret-7f3a'), false)
    })
  })
})

// Every event that is written to the audit log has words of its own on the card and a line in the operator's page.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { renderAuditCard } from '../src/teams/audit-card.js'

const root = resolve(import.meta.dirname, '..')
const textIn = (folder: string) =>
  readdirSync(resolve(root, folder))
    .map((name) => readFileSync(resolve(root, folder, name), 'utf8'))
    .join('\n')

/** Those that are put together: their beginnings, and the parts, which are checked to be there. */
const parts: Record<string, string[]> = {
  batch: ['accepted', 'refused', 'uncertain', 'notSent', 'throttled', 'planChanged', 'policyChanged'],
  decision: ['markedDone', 'rejected', 'closed']
}

describe('events of the audit log', () => {
  const source = textIn('src/case') + textIn('src/store')
  const written = [...source.matchAll(/'((?:case|report|approval|decision|batch|verify)\.[a-zA-Z]+)'/g)].map(
    ([, event]) => event ?? ''
  )
  const putTogether = Object.entries(parts).flatMap(([start, ends]) => ends.map((end) => `${start}.${end}`))
  const events = [...new Set([...written, ...putTogether])].sort()
  const page = readFileSync(resolve(root, 'docs/operations.md'), 'utf8')

  it('are found', () => {
    assert.ok(events.length > 30, String(events.length))
    for (const part of Object.values(parts).flat()) assert.ok(source.includes(`'${part}'`), part)
    const beginnings = [...source.matchAll(/`([a-z]+)\.\$\{/g)].map(([, start]) => start)
    assert.deepEqual([...new Set(beginnings)].sort(), Object.keys(parts))
  })

  for (const event of events) {
    it(event, () => {
      const entries = [{ at: 0, caseNumber: 1042, event, actor: null, detail: {} }]
      const card = JSON.stringify(renderAuditCard({ caseNumber: 1042, page: 1, entries, total: 1 }, 0))
      assert.ok(!card.includes(event), 'it has no words on the card')
      assert.ok(page.includes(`\`${event}\``), 'it is not in docs/operations.md')
    })
  }
})

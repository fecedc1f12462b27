// What leaves for a SIEM: every row whole, and no cell that a spreadsheet would run.
import assert from 'node:assert/strict'
import { type ExportFormat, exportHead, exportRows } from '../src/audit-export.js'
import { chained, chainStart } from '../src/store/audit-chain.js'
import type { AuditRow } from '../src/store/schema.js'

const at = Date.UTC(2026, 10, 22, 3, 14, 15, 926)
const person = { objectId: 'da4a0000-0000-4000-8000-000000000001', name: 'Dana Weber' }

function rowsOf(detail: Record<string, unknown>, name = person.name, caseNumber = 1042): AuditRow[] {
  const entry = { at, caseNumber, event: 'decision.approved', actor: { ...person, name }, detail }
  return chained([entry], { seq: 6, hash: chainStart }, null)
}

function exported(rows: AuditRow[], format: ExportFormat): string {
  return exportHead(format) + exportRows(rows, format)
}

/** As RFC 4180 has it; every cell of ours is quoted. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"]|"")*)"(?:,|\r\n)/g)].map(([, cell = '']) => cell.replaceAll('""', '"'))
}

function reasonIn(reason: string): string | undefined {
  return cellsOf(exportRows(rowsOf({ reason }), 'csv'))[11]
}

describe('audit export: CSV', () => {
  const detail = { activityId: 'a-1', planVersion: 3, digest: 'd', requestId: 'r', status: 202, reason: 'Sure, "sure"' }

  it('has a head and all of a row, in UTF-8 and with CRLF', () => {
    const [row] = rowsOf(detail, 'Dána Wéber')
    const text = exported(row === undefined ? [] : [row], 'csv')
    const [head = '', line = '', ...others] = text.split('\r\n')
    assert.deepEqual(others, [''])
    assert.equal(
      head,
      '"seq","time","case","event","actorId","actorName","activityId","planVersion","digest","requestId","status","reason","detail","prevHash","hash"'
    )
    assert.deepEqual(cellsOf(`${line}\r\n`), [
      '7',
      '2026-11-22T03:14:15.926Z',
      'PT-1042',
      'decision.approved',
      person.objectId,
      'Dána Wéber',
      'a-1',
      '3',
      'd',
      'r',
      '202',
      'Sure, "sure"',
      row?.detail,
      chainStart,
      row?.hash
    ])
  })

  it('leaves empty what a row does not have', () => {
    const [row] = rowsOf({ status: null, reason: { no: 'text' } }, '', 0)
    const cells = cellsOf(exportRows([{ ...(row ?? assert.fail()), actor: null }], 'csv'))
    assert.deepEqual(cells.slice(2, 12), ['', 'decision.approved', '', '', '', '', '', '', '', ''])
  })

  const formulas = [
    '=1+1',
    "=cmd|' /C calc'!A0",
    '+1+1',
    '-1+1',
    '@SUM(A1:A2)',
    '\t=1+1',
    '\r=1+1',
    '\uff1d1+1',
    '\uff0b1',
    '\uff0d1',
    '\uff20SUM(1)',
    '=HYPERLINK("https://evil.example","x")'
  ]
  for (const formula of formulas) {
    it(`makes text of ${JSON.stringify(formula)}`, () => {
      assert.equal(reasonIn(formula), `'${formula}`)
      assert.equal(cellsOf(exportRows(rowsOf({}, formula), 'csv'))[5], `'${formula}`)
    })
  }

  it('leaves other text as it is, and keeps a cell one cell whatever separates them', () => {
    for (const text of ['1=1', 'a+b', 'x@contoso.example', 'a;=1+1', 'a\t=1', 'two\r\nlines', 'a","=1', "'=1"]) {
      assert.equal(reasonIn(text), text)
    }
  })
})

describe('audit export: JSON lines', () => {
  it('has a row a line, with all that the hash covers', () => {
    const rows = [...rowsOf({ reason: 'two\nlines \u2028' }), ...rowsOf({}, '', 0)]
    const lines = exported(rows, 'jsonl').split('\n')
    assert.equal(lines.length, 3)
    const [first, second] = lines.slice(0, 2).map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepEqual(first, {
      seq: 7,
      at,
      time: '2026-11-22T03:14:15.926Z',
      case: 'PT-1042',
      caseNumber: 1042,
      event: 'decision.approved',
      actor: person,
      detail: { reason: 'two\nlines \u2028' },
      prevHash: chainStart,
      hash: rows[0]?.hash
    })
    assert.deepEqual([second?.case, second?.caseNumber], [null, 0])
  })
})

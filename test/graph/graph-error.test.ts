import assert from 'node:assert/strict'
import { retryAfterMs } from '../../src/graph/graph-error.js'
import { NOW } from './simulated-graph.js'

describe('retryAfterMs', () => {
  const table: [string | null, number | null][] = [
    [null, null],
    ['0', 0],
    ['7', 7000],
    ['7200', 7_200_000],
    ['Sun, 22 Nov 2026 09:01:30 GMT', 90_000],
    ['Sun, 22 Nov 2026 08:00:00 GMT', 0],
    ['-5', null],
    ['1.5', null],
    ['soon', null],
    ['2026-11-22T09:01:30Z', null],
    ['99999999999999999999', null]
  ]
  for (const [value, expected] of table) {
    it(`reads ${String(value)} as ${String(expected)}`, () => {
      const headers = new Headers(value === null ? {} : { 'retry-after': value })
      assert.equal(retryAfterMs(headers, NOW), expected)
    })
  }
})

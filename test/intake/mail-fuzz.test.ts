// Any bytes at all: the answer is a declared one, within its limits. FC_RUNS asks for more runs than the default.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createMailReader } from '../../src/intake/mail-reader.js'
import { corpus } from '../corpus/corpus.js'
import { assertDeclared } from './mail-limits.js'

const numRuns = Number(process.env.FC_RUNS ?? 200)
const text = (value: string) => new TextEncoder().encode(value)

const small = corpus
  .filter(({ name }) => !name.startsWith('bomb/'))
  .map(({ bytes }) => bytes())
  .filter(({ length }) => length < 100_000)
const eml = small.filter(([first]) => first !== 0xd0)
const msg = small.filter(([first]) => first === 0xd0)

type Change = { kind: 'set' | 'cut' | 'double' | 'swap'; at: number; value: number }
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'cut', 'double', 'swap'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  value: fc.integer({ min: 0, max: 255 })
})

function changed(file: Uint8Array, changes: Change[]): Uint8Array {
  return changes.reduce((bytes, { kind, at, value }) => {
    const place = Math.floor(at * bytes.length)
    if (kind === 'cut') return bytes.slice(0, place)
    const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
    if (kind === 'double') return new Uint8Array([...before, ...after, ...after])
    if (kind === 'swap') return new Uint8Array([...after, ...before])
    return bytes.length === 0 ? bytes : bytes.with(Math.min(place, bytes.length - 1), value)
  }, file)
}

const changedFile = (files: Uint8Array[]) =>
  fc
    .tuple(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 8 }))
    .map(([file, changes]) => changed(file, changes))

const headerName = fc.constantFrom(
  'Message-ID',
  'From',
  'Subject',
  'Date',
  'Return-Path',
  'Content-Type',
  'Content-Transfer-Encoding',
  'X-MS-Exchange-Organization-Network-Message-Id',
  'X-MS-Exchange-CrossTenant-Id'
)
const piece = fc.constantFrom(
  '<a@b.example>',
  '73ca4154-58d8-43d0-a890-08dc18c52e6d',
  '"',
  '(',
  ',',
  ';',
  ':',
  '@',
  '\r\n ',
  '\r',
  '\0',
  '\ud800',
  '=?utf-8?B?',
  '=?x?Q?=',
  '?=',
  'multipart/mixed; boundary=b',
  'message/rfc822',
  'base64',
  'text/html; charset=utf-7'
)
const headerBlock = fc
  .array(
    fc.tuple(
      headerName,
      fc.string({ unit: fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 3 })), maxLength: 12 })
    ),
    {
      minLength: 1,
      maxLength: 12
    }
  )
  .map((headers) =>
    text(`${headers.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n`)
  )

describe('mail files: any bytes', () => {
  const reader = createMailReader()
  after(() => reader.close())

  const inputs: [string, fc.Arbitrary<Uint8Array>][] = [
    ['of any kind', fc.uint8Array({ maxLength: 4_096 })],
    [
      'after the first bytes of a .msg',
      fc.uint8Array({ maxLength: 4_096 }).map((rest) => new Uint8Array([...(msg[0] ?? []).slice(0, 512), ...rest]))
    ],
    ['of a header block', headerBlock],
    ['of a changed .eml', changedFile(eml)],
    ['of a changed .msg', changedFile(msg)]
  ]
  for (const [what, input] of inputs) {
    it(`${what}: a declared answer within its limits`, async () => {
      await fc.assert(
        fc.asyncProperty(input, async (bytes) => {
          assertDeclared(await reader.read('any.eml', bytes.slice()), 'any.eml', bytes)
        }),
        { numRuns }
      )
    }).timeout(30_000 + numRuns * 100)
  }

  it('has files of both kinds to change', () => {
    assert.ok(eml.length >= 80 && msg.length >= 40)
  })
})

// What a file becomes: how many reports, about which mails, with which claims, and what its note tells an analyst.
import assert from 'node:assert/strict'
import type { MailKey } from '../../src/case/report.js'
import type { MailFileAnswer, MailFlag, ReadMail, UnreadableReason } from '../../src/intake/mail-answer.js'
import { reportsIn } from '../../src/intake/reported-file.js'

const guid = (index: number): MailKey => ({
  kind: 'networkMessageId',
  value: `73ca4154-58d8-43d0-a890-0000000000${String(index).padStart(2, '0')}`
})
const id = (name: string): MailKey => ({ kind: 'internetMessageId', value: `<${name}@x.example>` })
const sha256 = 'ab'.repeat(32)
const file = { name: 'odd.eml', bytes: 1234, sha256 }
const about = `File odd.eml, 1234 bytes, SHA-256 ${sha256}.`
const claims = { subject: 'Invoice', senderAddress: 'billing@x.example' }

function mail(keys: MailKey[], parts: Partial<ReadMail> = {}): ReadMail {
  return {
    keys,
    claims: { ...claims, from: ['billing@x.example'], date: null, returnPath: null },
    crossTenantId: null,
    flags: [],
    urls: ['https://evil.example'],
    attachments: [{ name: 'a.pdf', bytes: 1 }],
    attached: [],
    ...parts
  }
}

function read(read: ReadMail, parts: Partial<Extract<MailFileAnswer, { kind: 'mail' }>> = {}): MailFileAnswer {
  return { kind: 'mail', file, mail: read, bodyRead: true, bodyProblem: null, ...parts }
}

describe('reports in a file', () => {
  it('a mail is one report, with its claims and nothing else of it', () => {
    assert.deepEqual(reportsIn(read(mail([guid(1)]))), [{ message: guid(1), claims, note: '' }])
  })

  const keys: [string, MailKey[], MailKey[]][] = [
    ["Defender's own id is taken, not the sender's", [guid(1), id('a')], [guid(1)]],
    ['whatever their order', [id('a'), guid(1)], [guid(1)]],
    ['without one, the Message-ID', [id('a')], [id('a')]],
    ['two of the same kind: both, for none is silently chosen', [id('a'), id('b')], [id('a'), id('b')]],
    ['three at most', [1, 2, 3, 4].map(guid), [1, 2, 3].map(guid)]
  ]
  for (const [what, given, expected] of keys) {
    it(what, () => {
      assert.deepEqual(
        reportsIn(read(mail(given))).map(({ message }) => message),
        expected
      )
    })
  }

  it('mails attached within it are reports of their own, however deep, and say so', () => {
    const inner = mail([guid(3)], {
      claims: { subject: 'Inner', senderAddress: 'c@x.example', from: [], date: null, returnPath: null }
    })
    const forwarded = mail([guid(1)], { attached: [mail([guid(2)], { attached: [inner] }), mail([])] })
    const reports = reportsIn(read(forwarded))
    assert.deepEqual(
      reports.map(({ message, note }) => [message, note]),
      [
        [guid(1), ''],
        [guid(2), 'It was attached to another mail.'],
        [guid(3), 'It was attached to another mail.']
      ]
    )
    assert.deepEqual(reports[2]?.claims, { subject: 'Inner', senderAddress: 'c@x.example' })
  })

  it('a mail around it that names nothing is left out', () => {
    assert.deepEqual(
      reportsIn(read(mail([], { attached: [mail([id('a')])] }))).map(({ message }) => message),
      [id('a')]
    )
  })

  const flags: [MailFlag, string][] = [
    ['duplicateFrom', 'It has more than one From header.'],
    ['multipleFrom', 'Its From header names more than one sender.'],
    ['quotedLocalPart', "Its sender's address is quoted, which can hide the real one."],
    ['duplicateMessageId', 'It has more than one Message-ID.'],
    ['duplicateNetworkMessageId', 'It has more than one network message id.'],
    ['networkMessageIdsDiffer', 'Its network message ids differ.'],
    ['headersCut', 'Only the start of its headers was read.'],
    ['moreAttached', 'More mails are attached than were read.'],
    ['duplicateCrossTenantId', ''],
    ['bodyNotRead', '']
  ]
  for (const [flag, words] of flags) {
    it(`${flag} is noted: ${words === '' ? 'nothing' : words}`, () => {
      assert.equal(reportsIn(read(mail([guid(1)], { flags: [flag] })))[0]?.note, words)
    })
  }

  it('says why only the headers were read', () => {
    const [report] = reportsIn(
      read(mail([guid(1)], { flags: ['duplicateFrom'] }), { bodyRead: false, bodyProblem: 'tooLarge' })
    )
    assert.equal(report?.note, 'It has more than one From header. Only its headers were read: it is too large.')
  })

  it('a mail that names no message is a report of the file, with what it claims', () => {
    assert.deepEqual(reportsIn(read(mail([], { flags: ['multipleFrom'] }))), [
      {
        message: { kind: 'file', value: sha256 },
        claims,
        note: `${about} Its headers name no message that Defender could be asked for. Its From header names more than one sender.`
      }
    ])
  })

  const reasons: [UnreadableReason, string][] = [
    ['empty', 'it is empty'],
    ['notMail', 'it is no mail'],
    ['damaged', 'it is damaged'],
    ['tooLarge', 'it is too large'],
    ['tooComplex', 'it is built in a way that no ordinary mail is'],
    ['tooSlow', 'reading it took too long'],
    ['outOfMemory', 'reading it took too much memory']
  ]
  for (const [reason, words] of reasons) {
    it(`a file that could not be read is a report all the same: ${reason}`, () => {
      assert.deepEqual(reportsIn({ kind: 'unreadable', file, reason }), [
        { message: { kind: 'file', value: sha256 }, claims: null, note: `${about} It could not be read: ${words}.` }
      ])
    })
  }

  it('a file without a hash is known by its name, which is cut, and its size', () => {
    const name = `${'n'.repeat(500)}.eml`
    const [report] = reportsIn({ kind: 'unreadable', file: { name, bytes: 7, sha256: '' }, reason: 'outOfMemory' })
    assert.deepEqual(report?.message, { kind: 'file', value: `${'n'.repeat(120)} 7` })
    assert.ok(report.note.startsWith(`File ${'n'.repeat(120)}, 7 bytes`))
  })
})

// What holds for every answer to every file, whatever is in it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { MailFileAnswer, ReadMail } from '../../src/intake/mail-answer.js'
import { readMessageKey } from '../../src/intake/message-reference.js'

const reasons = ['empty', 'tooLarge', 'tooComplex', 'tooSlow', 'outOfMemory', 'damaged', 'notMail']
const problems = [null, 'tooLarge', 'tooComplex', 'tooSlow', 'outOfMemory', 'damaged']

/** @param given a copy of what was read: reading may have taken the array over. */
export function assertDeclared(answer: MailFileAnswer, name: string, given: Uint8Array): void {
  const sha256 = createHash('sha256').update(given).digest('hex')
  assert.deepEqual(answer.file, { name, bytes: given.length, sha256 })
  if (answer.kind === 'unreadable') {
    assert.ok(reasons.includes(answer.reason), answer.reason)
    return
  }
  assert.ok(problems.includes(answer.bodyProblem), String(answer.bodyProblem))
  assert.equal(answer.bodyRead, answer.bodyProblem === null)
  assert.ok(attachedIn(answer.mail, 3) <= 10)
  assertBounded(answer.mail)
}

function assertBounded(mail: ReadMail): void {
  assert.ok(mail.keys.length <= 20)
  for (const key of mail.keys) assert.deepEqual(readMessageKey(key.value), key)
  assert.equal(new Set(mail.keys.map(({ value }) => value)).size, mail.keys.length)
  const { subject, senderAddress, from, date, returnPath } = mail.claims
  assert.equal(senderAddress, from[0] ?? '')
  assert.ok(from.length <= 20)
  for (const text of [subject, ...from, date ?? '', returnPath ?? '']) assertText(text, 1_000)
  assert.ok(mail.urls.length <= 50)
  for (const url of mail.urls) {
    assertText(url, 2_048)
    assert.match(url, /^https?:\/\/[^\s"'<>]/i)
  }
  assert.ok(mail.attachments.length <= 50)
  for (const { name, bytes } of mail.attachments) {
    assertText(name, 1_000)
    assert.ok(Number.isSafeInteger(bytes) && bytes >= 0)
  }
  assert.equal(new Set(mail.flags).size, mail.flags.length)
  mail.attached.forEach(assertBounded)
}

function assertText(text: string, limit: number): void {
  assert.ok(text.length <= limit)
  assert.doesNotMatch(text, /\0|\p{Surrogate}/u)
}

/** Fails where they are deeper than `levels`. */
function attachedIn(mail: ReadMail, levels: number): number {
  assert.ok(levels > 0 || mail.attached.length === 0)
  return mail.attached.reduce((sum, inner) => sum + 1 + attachedIn(inner, levels - 1), 0)
}

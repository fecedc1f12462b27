// Reads one reported mail file, .eml or .msg: bytes in, one declared answer out. It runs in a thread that can be killed,
// gives its headers before it looks at its body, and must never render or fetch anything. Pure.
import PostalMime, { type Attachment } from 'postal-mime'
import { isCompoundFile } from './compound-file.js'
import { type BodyProblem, type MailOutcome, type ReadMail, UnreadablePart, mailLimits } from './mail-answer.js'
import { readMailHeaders } from './mail-headers.js'
import { type Part, type Reading, addParts, urlsIn } from './mail-parts.js'
import { headerBlock, isTooComplex, plainMail } from './mail-scan.js'
import { readOutlookFile } from './outlook-file.js'

/** Of a file too large to be parsed, as much as any header block may be, even in UTF-16. */
const startBytes = mailLimits.headerBytes * 4

/** Never throws. @param onHeaders is told the identifiers before the body is touched. */
export async function readMailFile(bytes: Uint8Array, onHeaders: (mail: ReadMail) => void): Promise<MailOutcome> {
  return read(bytes, { depth: 0, budget: { attached: mailLimits.attached }, onHeaders, read })
}

async function read(bytes: Uint8Array, reading: Reading): Promise<MailOutcome> {
  if (bytes.length === 0) return { kind: 'unreadable', reason: 'empty' }
  if (bytes.length > mailLimits.fileBytes) return { kind: 'unreadable', reason: 'tooLarge' }
  const known: ReadMail[] = []
  const onHeaders = (mail: ReadMail) => {
    known.push(structuredClone(mail))
    reading.onHeaders(mail)
  }
  try {
    return await (isCompoundFile(bytes) ? readOutlookFile : readInternetMail)(bytes, { ...reading, onHeaders })
  } catch (error) {
    const reason = error instanceof UnreadablePart ? error.reason : 'damaged'
    const [mail] = known
    return mail ? { kind: 'mail', mail, bodyProblem: reason } : { kind: 'unreadable', reason }
  }
}

async function readInternetMail(bytes: Uint8Array, reading: Reading): Promise<MailOutcome> {
  const whole = bytes.length <= mailLimits.parsedBytes
  const text = plainMail(whole ? bytes : bytes.subarray(0, startBytes))
  const { block, cut } = headerBlock(text)
  const { looksLikeMail, mail } = await readMailHeaders(block)
  if (cut) mail.flags.push('headersCut')
  if (!looksLikeMail) return { kind: 'unreadable', reason: cut ? 'tooComplex' : 'notMail' }
  reading.onHeaders(mail)
  const bodyProblem: BodyProblem | null = !whole ? 'tooLarge' : cut || isTooComplex(text) ? 'tooComplex' : null
  if (bodyProblem === null) await addBody(mail, text, reading)
  return { kind: 'mail', mail, bodyProblem }
}

async function addBody(mail: ReadMail, text: Uint8Array, reading: Reading): Promise<void> {
  const email = await new PostalMime({
    // Attached mails are read here, with their own limits and flags, not folded into the text of this one.
    forceRfc822Attachments: true,
    maxHeadersSize: mailLimits.headerBytes * 2,
    maxNestingDepth: 64
  })
    .parse(text)
    // It gives up on nothing but its own limits.
    .catch(() => {
      throw new UnreadablePart('tooComplex')
    })
  mail.urls = urlsIn(email.text ?? '', email.html ?? '')
  await addParts(mail, email.attachments.map(partOf), reading)
}

function partOf({ filename, mimeType, content }: Attachment): Part {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
  return { name: filename ?? '', type: mimeType, bytes: bytes.length, content: () => bytes }
}

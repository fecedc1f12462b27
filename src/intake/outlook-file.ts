// Reads an Outlook item (.msg) into the same answer as any other mail. The file is checked before the library sees it:
// the library trusts lengths and chains. Properties: [MS-OXPROPS], https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxprops
import msgReader from '@kenjiuno/msgreader'
import { openCompoundFile } from './compound-file.js'
import { type MailOutcome, type ReadMail, claimText, mailLimits } from './mail-answer.js'
import { dateClaim, messageIdsIn, readMailHeaders } from './mail-headers.js'
import { type Part, type Reading, addParts, oneDeeper, raise, urlsIn } from './mail-parts.js'
import { headerBlock, latin1 } from './mail-scan.js'

const MsgReader = msgReader.default
type MsgReader = InstanceType<typeof MsgReader>
type Fields = ReturnType<MsgReader['getFileData']>

const propertyStream = '__properties_version1.0'
const namedProperties = '__nameid_version1.0'
/** In the place of a code page: the text is UTF-16. */
const unicodePage = 1200
const transportHeaders = '__substg1.0_007d'
const internetMessageId = '__substg1.0_1035'

/** Throws where nothing can be read; what was told to `onHeaders` holds all the same. */
export async function readOutlookFile(bytes: Uint8Array, reading: Reading): Promise<MailOutcome> {
  const file = openCompoundFile(bytes)
  // Other programs keep their documents in the same container.
  if (!file.has(propertyStream)) return { kind: 'unreadable', reason: 'notMail' }
  const text = (property: string) => {
    const unicode = file.read(`${property}001f`)
    if (unicode) return new TextDecoder('utf-16le').decode(unicode)
    return latin1(file.read(`${property}001e`) ?? new Uint8Array())
  }
  const mail = await mailOf(text(transportHeaders), text(internetMessageId))
  reading.onHeaders(mail)
  if (bytes.length > mailLimits.parsedBytes) return { kind: 'mail', mail, bodyProblem: 'tooLarge' }
  file.check()
  const copy = new Uint8Array(bytes)
  // Named properties hold nothing that is read here, and their lengths are the sender's: the table is made unknown.
  const table = file.recordAt(namedProperties)
  if (table !== null) copy[table] = 0x78
  await addFields(mail, { ...decoded(copy.buffer), reading })
  return { kind: 'mail', mail, bodyProblem: null }
}

async function mailOf(headers: string, messageId: string): Promise<ReadMail> {
  const { block, cut } = headerBlock(new TextEncoder().encode(headers.replace(/^\s+/, '')))
  const { mail } = await readMailHeaders(block)
  if (cut) raise(mail, 'headersCut')
  const known = mail.keys.length
  for (const value of messageIdsIn(messageId)) {
    if (!mail.keys.some((key) => key.value === value)) mail.keys.push({ kind: 'internetMessageId', value })
  }
  const ids = mail.keys.filter(({ kind }) => kind === 'internetMessageId')
  if (mail.keys.length > known && ids.length > 1) raise(mail, 'duplicateMessageId')
  return mail
}

interface Item {
  fields: Fields
  reader: MsgReader
}

/** Text that is not Unicode is in the code page that the item names, PidTagMessageCodepage. */
function decoded(file: ArrayBuffer): Item {
  const reader = new MsgReader(file)
  const fields = reader.getFileData()
  const codePage: unknown = fields.messageCodepage
  if (typeof codePage !== 'number' || codePage === unicodePage) return { fields, reader }
  const again = new MsgReader(file)
  again.parserConfig = { ansiEncoding: `cp${String(codePage)}` }
  try {
    return { fields: again.getFileData(), reader: again }
  } catch {
    // A code page that nobody knows.
    return { fields, reader }
  }
}

async function addFields(mail: ReadMail, item: Item & { reading: Reading }): Promise<void> {
  const { fields, reader, reading } = item
  const sender = [fields.senderSmtpAddress, fields.senderEmail, fields.sentRepresentingSmtpAddress]
    .map(textOf)
    // A sender of the own organisation has a directory path here.
    .find((address) => address.includes('@'))
  const { claims } = mail
  claims.subject ||= claimText(textOf(fields.subject))
  claims.senderAddress ||= claimText(sender ?? '')
  if (claims.from.length === 0 && sender) claims.from.push(claimText(sender))
  claims.date ??= dateClaim(textOf(fields.clientSubmitTime) || textOf(fields.messageDeliveryTime))
  mail.urls = urlsIn(textOf(fields.body), textOf(fields.bodyHtml) || htmlOf(fields.html))

  const files = fields.attachments ?? []
  const parts = files.map((file) => partOf(file, reader))
  await addParts(mail, parts, reading)
  for (const { innerMsgContentFields: inside } of files) {
    if (inside === undefined) continue
    const inner = oneDeeper(mail, reading)
    if (inner === null) return
    const attached = await mailOf(textOf(inside.headers), textOf(inside.messageId))
    await addFields(attached, { fields: inside, reader, reading: inner })
    mail.attached.push(attached)
  }
}

function partOf(file: Fields, reader: MsgReader): Part {
  return {
    name: textOf(file.fileName) || textOf(file.fileNameShort) || textOf(file.name),
    type: textOf((file as { attachMimeTag?: unknown }).attachMimeTag),
    bytes: typeof file.contentLength === 'number' ? file.contentLength : 0,
    // An attached item is read from its fields.
    content: file.innerMsgContentFields || file.dataId === undefined ? null : () => reader.getAttachment(file).content
  }
}

/** A hostile file gives any property any type. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function htmlOf(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : ''
}

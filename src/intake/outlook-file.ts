// Reads an Outlook item (.msg) into the same answer as any other mail. The file is checked before the library sees it:
// the library trusts lengths and chains. Properties: [MS-OXPROPS], https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxprops
import msgReader from '@kenjiuno/msgreader'
import { openCompoundFile } from './compound-file.js'
import { type MailOutcome, type ReadMail, UnreadablePart, claimText, mailLimits } from './mail-answer.js'
import { dateClaim, distinct, messageIdsIn, readMailHeaders } from './mail-headers.js'
import { type Part, type Reading, addParts, oneDeeper, raise, urlsIn } from './mail-parts.js'
import { headerBlock, latin1 } from './mail-scan.js'

const MsgReader = msgReader.default
type MsgReader = InstanceType<typeof MsgReader>
type Fields = ReturnType<MsgReader['getFileData']>

const propertyStream = '__properties_version1.0'
const namedProperties = '__nameid_version1.0'
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
  const reader = new MsgReader(copy.buffer)
  const fields = decoded(reader)
  await addFields(mail, fields, { reader, reading })
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

/** Text that is not Unicode is in the code page that the item names, PidTagMessageCodepage. */
function decoded(reader: MsgReader): Fields {
  const fields = reader.getFileData()
  const codePage: unknown = fields.messageCodepage
  if (typeof codePage !== 'number' || codePage === 1200) return fields
  const again = new MsgReader(reader.reader.ds.buffer)
  again.parserConfig = { ansiEncoding: `cp${String(codePage)}` }
  try {
    return again.getFileData()
  } catch {
    return fields
  }
}

async function addFields(
  mail: ReadMail,
  fields: Fields,
  { reader, reading }: { reader: MsgReader; reading: Reading }
): Promise<void> {
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

  const attachments = fields.attachments ?? []
  const [items, files] = [attachments.filter(({ innerMsgContentFields }) => innerMsgContentFields), attachments]
  await addParts(
    mail,
    files.map((file) => partOf(file, reader)),
    reading
  )
  for (const { innerMsgContentFields: item } of items) {
    const inner = item && oneDeeper(mail, reading)
    if (!inner) return
    const attached = await mailOf(textOf(item.headers), textOf(item.messageId))
    await addFields(attached, item, { reader, reading: inner })
    mail.attached.push(attached)
  }
}

function partOf(file: Fields, reader: MsgReader): Part {
  const isItem = file.innerMsgContentFields !== undefined
  return {
    name: textOf(file.fileName) || textOf(file.fileNameShort) || textOf(file.name),
    // An attached item is read from its fields; its name must not make a file of it.
    type: isItem ? '' : textOf((file as { attachMimeTag?: unknown }).attachMimeTag),
    bytes: typeof file.contentLength === 'number' ? file.contentLength : 0,
    content: () => (isItem ? new Uint8Array() : reader.getAttachment(file).content)
  }
}

/** A hostile file gives any property any type. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function htmlOf(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : ''
}

// Outlook items for tests, built byte by byte and then damaged: each the same every time. Nothing here is read by the product.
import { burn } from '@kenjiuno/msgreader/lib/Burner.js'

type Entry = Parameters<typeof burn>[0][number]
const [storage, stream, rootStorage] = [1, 2, 5] as unknown as Entry['type'][] as [
  Entry['type'],
  Entry['type'],
  Entry['type']
]

/** Properties by their tag in hex; text becomes UTF-16 under `…001f` and one byte a character under `…001e`. */
export interface Item {
  properties?: Record<string, string | Uint8Array>
  /** Properties of a fixed size: tag to value. */
  numbers?: Record<number, bigint>
  attachments?: { properties?: Record<string, string | Uint8Array>; item?: Item; mime?: string }[]
  recipients?: number
  /** Other storages at the top, by name. */
  storages?: Record<string, Record<string, Uint8Array>>
  withoutPropertyStream?: boolean
}

const network = '73ca4154-58d8-43d0-a890-08dc18c52e6d'
const transport = [
  'Received: from phish.example by contoso.example',
  'From: Help Desk <help@phish.example>',
  'Subject: Your mailbox is full',
  'Date: Mon, 02 Nov 2026 09:30:00 +0100',
  'Message-ID: <full-1@phish.example>',
  `X-MS-Exchange-Organization-Network-Message-Id: ${network}`,
  'X-MS-Exchange-CrossTenant-Id: 11111111-2222-3333-4444-555555555555',
  '',
  ''
].join('\r\n')

const [headers, messageId, subject, body, html] = ['007d001f', '1035001f', '0037001f', '1000001f', '10130102'] as const
const [sender, longName, data, mimeTag] = ['5d01001f', '3707001f', '37010102', '370e001f'] as const
const codePage = 0x3ffd0003
const clientSubmitTime = 0x00390040

const utf16 = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'))
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

export function outlookItem(item: Item): Uint8Array {
  const entries: Entry[] = [{ name: 'Root Entry', type: rootStorage, length: 0, children: [] }]
  const add = (parent: number, name: string, content: Uint8Array | null): number => {
    const index = entries.length
    entries[parent]?.children?.push(index)
    entries.push(
      content
        ? { name, type: stream, length: content.length, binaryProvider: () => content }
        : { name, type: storage, length: 0, children: [] }
    )
    return index
  }
  const addProperties = (parent: number, properties: Item['properties'] = {}) => {
    for (const [tag, value] of Object.entries(properties)) {
      const content = typeof value !== 'string' ? value : tag.endsWith('1e') ? bytesOf(value) : utf16(value)
      add(parent, `__substg1.0_${tag.toUpperCase()}`, content)
    }
  }
  const addItem = (parent: number, { withoutPropertyStream, ...of }: Item, headerBytes: number) => {
    if (!withoutPropertyStream) add(parent, '__properties_version1.0', propertyStream(headerBytes, of.numbers))
    addProperties(parent, of.properties)
    for (let at = 0; at < (of.recipients ?? 0); at++) {
      const recipient = add(parent, `__recip_version1.0_#${at.toString(16).padStart(8, '0')}`, null)
      addProperties(recipient, { '3003001f': `person-${String(at)}@contoso.example` })
    }
    of.attachments?.forEach((attachment, at) => {
      const place = add(parent, `__attach_version1.0_#${at.toString(16).padStart(8, '0')}`, null)
      add(place, '__properties_version1.0', propertyStream(8))
      addProperties(place, attachment.properties)
      if (attachment.item) addItem(add(place, '__substg1.0_3701000D', null), attachment.item, 24)
    })
    for (const [name, streams] of Object.entries(of.storages ?? {})) {
      const place = add(parent, name, null)
      for (const [tag, content] of Object.entries(streams)) add(place, tag, content)
    }
  }
  addItem(0, item, 32)
  return burn(entries)
}

function propertyStream(headerBytes: number, numbers: Record<number, bigint> = {}): Uint8Array {
  const records = Object.entries(numbers)
  const view = new DataView(new ArrayBuffer(headerBytes + records.length * 16))
  records.forEach(([tag, value], index) => {
    view.setUint32(headerBytes + index * 16, Number(tag), true)
    view.setBigUint64(headerBytes + index * 16 + 8, value, true)
  })
  return new Uint8Array(view.buffer)
}

const plain: Item = {
  properties: { [headers]: transport, [subject]: 'Your mailbox is full', [body]: 'See https://phish.example/msg now.' }
}
const attachment = (name: string, content: Uint8Array, type = '') => ({
  properties: { [longName]: name, [data]: content, ...(type && { [mimeTag]: type }) }
})

function nested(depth: number): Item {
  const attachments = depth > 0 ? [{ properties: { [longName]: 'inner' }, item: nested(depth - 1) }] : []
  const level = String(depth)
  return { properties: { [messageId]: `<level-${level}@phish.example>`, [subject]: `Level ${level}` }, attachments }
}

/** Overwrites 32-bit numbers: offset to value. */
function patched(item: Item, changes: Record<number, number>): Uint8Array {
  const bytes = outlookItem(item)
  const view = new DataView(bytes.buffer)
  for (const [at, value] of Object.entries(changes)) view.setInt32(Number(at), value, true)
  return bytes
}

/** Overwrites one field of the directory record with the given name. */
function patchedEntry(item: Item, name: string, change: { field: number; value: number }): Uint8Array {
  const bytes = outlookItem(item)
  const at = Buffer.from(bytes.buffer).indexOf(Buffer.from(name, 'utf16le'))
  if (at < 0) throw new Error(`no entry ${name}`)
  new DataView(bytes.buffer).setInt32(at + change.field, change.value, true)
  return bytes
}

const [left, child, start, size] = [0x44, 0x4c, 0x74, 0x78] as const
const [fatCount, directoryStart, miniFatStart, miniFatCount, difatStart, difatCount, firstFat] = [
  0x2c, 0x30, 0x3c, 0x40, 0x44, 0x48, 0x4c
] as const
const subjectStream = '__substg1.0_0037001F'
const large: Item = { properties: { ...plain.properties, '10000102': new Uint8Array(50_000).fill(0x20) } }

/** Points every FAT entry at the one before or at itself. */
function loopedFat(item: Item): Uint8Array {
  const bytes = outlookItem(item)
  const view = new DataView(bytes.buffer)
  const fat = (view.getInt32(firstFat, true) + 1) * 512
  for (let at = 0; at < 128; at++) view.setInt32(fat + at * 4, at, true)
  return bytes
}

export const outlookFiles: Record<string, () => Uint8Array> = {
  'msg/plain': () => outlookItem(plain),
  'msg/html': () =>
    outlookItem({
      properties: { [headers]: transport, [html]: bytesOf('<a href="https://phish.example/html?a=1&amp;b=2">x</a>') }
    }),
  'msg/without-transport-headers': () =>
    outlookItem({
      properties: {
        [messageId]: '<sent-1@contoso.example>',
        [subject]: 'Sent from here',
        [sender]: 'bob@contoso.example'
      },
      numbers: { [clientSubmitTime]: 134_400_000_000_000_000n }
    }),
  'msg/directory-sender': () =>
    outlookItem({ properties: { [messageId]: '<a@contoso.example>', '0c1f001f': '/O=EXCHANGE/OU=X/CN=BOB' } }),
  'msg/no-id': () => outlookItem({ properties: { [subject]: 'A note' } }),
  'msg/ids-differ': () => outlookItem({ properties: { ...plain.properties, [messageId]: '<other@bank.example>' } }),
  'msg/same-id-twice': () =>
    outlookItem({ properties: { ...plain.properties, [messageId]: '<full-1@phish.example>' } }),
  'msg/two-from-in-headers': () =>
    outlookItem({ properties: { [headers]: `From: ceo@contoso.example\r\n${transport}` } }),
  'msg/ansi': () =>
    outlookItem({
      properties: { '007d001e': transport, '1000001e': 'See https://phish.example/ansi', '0037001e': 'ignored' }
    }),
  'msg/ansi-code-page-1251': () =>
    outlookItem({
      properties: { '1035001e': '<ru-1@phish.example>', '0037001e': '\xd1\xf7\xb8\xf2' },
      numbers: { [codePage]: 1251n }
    }),
  'msg/ansi-unknown-code-page': () =>
    outlookItem({
      properties: { '1035001e': '<x-1@phish.example>', '0037001e': 'abc' },
      numbers: { [codePage]: 4_242n }
    }),
  'msg/attachment': () => outlookItem({ ...plain, attachments: [attachment('invoice.pdf', bytesOf('%PDF-1.7'))] }),
  'msg/sixty-attachments': () =>
    outlookItem({
      ...plain,
      attachments: Array.from({ length: 60 }, (_, at) => attachment(`file-${String(at)}.bin`, new Uint8Array(at)))
    }),
  'msg/large-attachment': () =>
    outlookItem({ ...plain, attachments: [attachment('scan.tif', new Uint8Array(300_000).fill(7))] }),
  'msg/attached-item': () =>
    outlookItem({ ...plain, attachments: [{ properties: { [longName]: 'inner.msg' }, item: plain }] }),
  'msg/attached-eml': () =>
    outlookItem({ ...plain, attachments: [attachment('inner.eml', bytesOf(`${transport}https://phish.example/eml`))] }),
  'msg/attached-eml-by-type': () =>
    outlookItem({ ...plain, attachments: [attachment('inner', bytesOf(transport), 'message/rfc822')] }),
  'msg/attached-msg-file': () =>
    outlookItem({ ...plain, attachments: [attachment('inner.msg', outlookItem(nested(0)))] }),
  'msg/three-deep': () => outlookItem(nested(3)),
  'msg/five-deep': () => outlookItem(nested(5)),
  'msg/twenty-deep': () => outlookItem(nested(20)),
  'msg/500-recipients': () => outlookItem({ ...plain, recipients: 500 }),
  'msg/property-of-another-type': () =>
    outlookItem({ properties: { [headers]: transport, '00370102': bytesOf('xx'), '5d010102': bytesOf('yy') } }),
  'msg/named-properties-with-huge-length': () =>
    outlookItem({
      ...plain,
      storages: {
        '__nameid_version1.0': {
          '__substg1.0_00020102': new Uint8Array(16),
          '__substg1.0_00030102': new Uint8Array([0, 0, 0, 0, 7, 0, 0, 0]),
          '__substg1.0_00040102': new Uint8Array([0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0])
        }
      }
    }),
  'msg/word-document': () =>
    outlookItem({ withoutPropertyStream: true, storages: { ObjectPool: { Data: new Uint8Array(9) } } }),
  'msg/magic-only': () => outlookItem(plain).slice(0, 8),
  'msg/header-only': () => outlookItem(plain).slice(0, 512),
  'msg/magic-and-ff': () => {
    const bytes = new Uint8Array(2_048).fill(0xff)
    bytes.set(outlookItem(plain).slice(0, 8))
    return bytes
  },
  'msg/magic-and-zero': () => {
    const bytes = new Uint8Array(2_048)
    bytes.set(outlookItem(plain).slice(0, 8))
    return bytes
  },
  'msg/half': () => outlookItem(large).slice(0, 20_000),
  'msg/fat-loops': () => loopedFat(large),
  'msg/fat-count-huge': () => patched(plain, { [fatCount]: 0x7fffffff }),
  'msg/fat-outside': () => patched(plain, { [firstFat]: 0x00ffffff }),
  'msg/directory-outside': () => patched(plain, { [directoryStart]: 0x00ffffff }),
  'msg/mini-fat-loops': () => patched(plain, { [miniFatStart]: 0, [miniFatCount]: 0x7fffffff }),
  'msg/difat-loops': () => patched(plain, { [difatStart]: 0, [difatCount]: 0x7fffffff, [fatCount]: 1_000 }),
  'msg/tree-loops': () => patchedEntry(plain, subjectStream, { field: left, value: 1 }),
  'msg/storage-in-itself': () =>
    patchedEntry({ ...plain, attachments: [attachment('a.txt', bytesOf('a'))] }, '__attach_version1.0', {
      field: child,
      value: 0
    }),
  'msg/stream-of-2-gigabytes': () => patchedEntry(plain, subjectStream, { field: size, value: 0x7fffffff }),
  'msg/stream-of-negative-size': () => patchedEntry(plain, subjectStream, { field: size, value: -1 }),
  'msg/stream-longer-than-its-chain': () => patchedEntry(plain, subjectStream, { field: size, value: 3_000 }),
  'msg/stream-outside': () => patchedEntry(plain, subjectStream, { field: start, value: 0x00ffffff }),
  'msg/streams-share-sectors': () => {
    const shared = {
      ...large,
      properties: { ...large.properties, '10010102': new Uint8Array(50_000), '10020102': new Uint8Array(50_000) }
    }
    return patchedEntry(shared, '__substg1.0_10010102', { field: size, value: 140_000 })
  },
  'msg/11-megabytes': () =>
    outlookItem({ ...plain, attachments: [attachment('bulk.bin', new Uint8Array(11 * 2 ** 20))] })
}

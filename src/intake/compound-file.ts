// Opens a Compound File, the container of .msg, and refuses whatever could make a reader loop, read past its end or copy
// more than the file holds. Layout: [MS-CFB], https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb
import { UnreadablePart } from './mail-answer.js'

const magic = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]
const endOfChain = -2
const noEntry = -1
const entryBytes = 128
const miniBytes = 64
const miniStreamBelow = 4096
/** A mail to 500 people has about 8,000. */
const mostEntries = 20_000
/** A mail takes two levels in the one it is attached to. */
const deepest = 16

const storage = 1
const stream = 2

interface Entry {
  name: string
  type: number
  left: number
  right: number
  child: number
  start: number
  size: number
  /** Where its record starts in the file. */
  at: number
}

export interface CompoundFile {
  /** The streams at the top, by name. Throws for a damaged one. */
  read(name: string): Uint8Array | null
  has(name: string): boolean
  /** Throws UnreadablePart unless every storage and stream can be read within the file's own size. */
  check(): void
  /** Where the record of a top-level storage or stream starts. */
  recordAt(name: string): number | null
}

export function isCompoundFile(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte)
}

/** Throws UnreadablePart, or a RangeError for a read past the end. */
export function openCompoundFile(bytes: Uint8Array): CompoundFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shift = view.getUint16(30, true)
  if (shift !== 9 && shift !== 12) throw new UnreadablePart('damaged')
  const sectorBytes = 1 << shift
  const sectors = Math.ceil(bytes.length / sectorBytes) - 1
  const sectorAt = (sector: number): number => {
    if (sector < 0 || sector >= sectors) throw new UnreadablePart('damaged')
    return (sector + 1) * sectorBytes
  }
  const disk: Disk = { view, sectorBytes, sectors, sectorAt }
  const fat = readTable(disk, sectorsOfFat(disk))
  const miniFat = readTable(disk, chain(fat, view.getInt32(0x3c, true), sectors))
  if (view.getUint32(0x40, true) > sectors) throw new UnreadablePart('damaged')
  const entries = readEntries(disk, chain(fat, view.getInt32(0x30, true), sectors))
  const [root] = entries
  if (root === undefined) throw new UnreadablePart('damaged')
  const miniSectors = chain(fat, root.start, sectors)

  const seen = new Set<number>()
  const childrenOf = ({ child }: Entry): Entry[] => {
    const children: Entry[] = []
    const waiting = [child]
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (index === noEntry) continue
      const entry = entries[index]
      // An entry that is reached twice makes a loop or a bomb of the tree.
      if (!entry || seen.has(index) || (entry.type !== storage && entry.type !== stream)) {
        throw new UnreadablePart('damaged')
      }
      seen.add(index)
      children.push(entry)
      waiting.push(entry.left, entry.right)
    }
    return children
  }
  const top = childrenOf(root)

  /** The offsets of its pieces, each but the last of them whole. */
  const piecesOf = ({ start, size }: Entry): { offsets: number[]; pieceBytes: number } => {
    if (size === 0) return { offsets: [], pieceBytes: sectorBytes }
    if (size < 0 || size > bytes.length) throw new UnreadablePart('damaged')
    const mini = size < miniStreamBelow
    const pieceBytes = mini ? miniBytes : sectorBytes
    const pieces = chain(mini ? miniFat : fat, start, Math.ceil(size / pieceBytes))
    if (pieces.length * pieceBytes < size) throw new UnreadablePart('damaged')
    const offsets = pieces.map((piece) => {
      if (!mini) return sectorAt(piece)
      const within = piece * miniBytes
      return sectorAt(miniSectors[Math.floor(within / sectorBytes)] ?? -1) + (within % sectorBytes)
    })
    if ((offsets.at(-1) ?? 0) + (size - (pieces.length - 1) * pieceBytes) > bytes.length) {
      throw new UnreadablePart('damaged')
    }
    return { offsets, pieceBytes }
  }

  const find = (name: string) => top.find((entry) => entry.name.toLowerCase() === name)
  return {
    has: (name) => find(name) !== undefined,
    recordAt: (name) => find(name)?.at ?? null,
    read(name) {
      const entry = find(name)
      if (entry?.type !== stream) return null
      const { offsets, pieceBytes } = piecesOf(entry)
      const content = new Uint8Array(entry.size)
      offsets.forEach((offset, index) => {
        const at = index * pieceBytes
        content.set(bytes.subarray(offset, offset + Math.min(pieceBytes, entry.size - at)), at)
      })
      return content
    },
    check() {
      let size = 0
      let level = top
      for (let depth = 0; level.length > 0; depth++) {
        if (depth > deepest) throw new UnreadablePart('tooComplex')
        for (const entry of level.filter(({ type }) => type === stream)) {
          size += entry.size
          // Streams that share their sectors would be copied once for each.
          if (size > bytes.length) throw new UnreadablePart('damaged')
          piecesOf(entry)
        }
        level = level.filter(({ type }) => type === storage).flatMap(childrenOf)
      }
    }
  }
}

interface Disk {
  view: DataView
  sectorBytes: number
  sectors: number
  /** Throws for a sector that the file does not have. */
  sectorAt: (sector: number) => number
}

function sectorsOfFat({ view, sectorBytes, sectors, sectorAt }: Disk): number[] {
  const count = view.getUint32(0x2c, true)
  const found: number[] = []
  for (let at = 0x4c; at < 512 && found.length < count; at += 4) found.push(view.getInt32(at, true))
  const blocks = view.getUint32(0x48, true)
  if (count > sectors || blocks > sectors) throw new UnreadablePart('damaged')
  let block = view.getInt32(0x44, true)
  for (let read = 0; read < blocks && block >= 0; read++) {
    const at = sectorAt(block)
    for (let entry = 0; entry < sectorBytes - 4 && found.length < count; entry += 4) {
      found.push(view.getInt32(at + entry, true))
    }
    block = view.getInt32(at + sectorBytes - 4, true)
  }
  return found
}

function readTable({ view, sectorBytes, sectorAt }: Disk, sectors: number[]): Int32Array {
  const perSector = sectorBytes / 4
  const table = new Int32Array(sectors.length * perSector)
  sectors.forEach((sector, index) => {
    const at = sectorAt(sector)
    for (let entry = 0; entry < perSector; entry++) {
      table[index * perSector + entry] = view.getInt32(at + entry * 4, true)
    }
  })
  return table
}

/** Throws where it has more than `most` links, which every loop has. */
function chain(table: Int32Array, start: number, most: number): number[] {
  const links: number[] = []
  for (let link = start; link !== endOfChain; link = table[link] ?? noEntry) {
    if (link < 0 || link >= table.length || links.length >= most) throw new UnreadablePart('damaged')
    links.push(link)
  }
  return links
}

function readEntries({ view, sectorBytes, sectorAt }: Disk, sectors: number[]): Entry[] {
  const perSector = sectorBytes / entryBytes
  if (sectors.length * perSector > mostEntries) throw new UnreadablePart('tooComplex')
  return sectors.flatMap((sector) =>
    Array.from({ length: perSector }, (_, index) => readEntry(view, sectorAt(sector) + index * entryBytes))
  )
}

function readEntry(view: DataView, at: number): Entry {
  const nameBytes = Math.min(view.getUint16(at + 0x40, true), 64)
  const units = Array.from({ length: nameBytes >> 1 }, (_, index) => view.getUint16(at + index * 2, true))
  return {
    name: String.fromCharCode(...units).split('\0')[0] ?? '',
    type: view.getUint8(at + 0x42),
    left: view.getInt32(at + 0x44, true),
    right: view.getInt32(at + 0x48, true),
    child: view.getInt32(at + 0x4c, true),
    start: view.getInt32(at + 0x74, true),
    size: view.getInt32(at + 0x78, true),
    at
  }
}

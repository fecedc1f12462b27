// Writes a screenshot anew with a palette of its most frequent colours, at about a third of its size. Knows nothing of cards.
// https://www.w3.org/TR/png-3/
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const most = 40
/** Colours nearer to each other than this, as the square of their distance, count as one. */
const alike = 700

/** @param png as Chromium takes it: eight bits a channel, not interlaced, without transparent pixels. */
export function smallPng(png: Buffer): Buffer {
  const { width, height, colours } = decode(png)
  const counts = new Map<number, number>()
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const chosen = palette(counts)
  const nearest = new Map([...counts.keys()].map((colour) => [colour, nearestOf(chosen, channels(colour))]))
  const rows = Buffer.alloc((width + 1) * height)
  for (const [pixel, colour] of colours.entries()) {
    rows[Math.floor(pixel / width) * (width + 1) + 1 + (pixel % width)] = nearest.get(colour) ?? 0
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3], 8)
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(chosen.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0))
  ])
}

type Channels = [red: number, green: number, blue: number]

function channels(colour: number): Channels {
  return [colour >> 16, (colour >> 8) & 255, colour & 255]
}

/** Areas as they are; of the rest the most frequent first, but none beside one that looks the same, so that a glyph of few pixels keeps its colour. */
function palette(counts: Map<number, number>): Channels[] {
  const chosen: Channels[] = []
  const pixels = [...counts.values()].reduce((sum, count) => sum + count, 0)
  for (const [colour, count] of [...counts].sort((a, b) => b[1] - a[1])) {
    const candidate = channels(colour)
    const isArea = count > pixels / 500
    if (isArea || chosen.every((each) => distance(each, candidate) > alike)) chosen.push(candidate)
    if (chosen.length === most) break
  }
  return chosen
}

function distance([r, g, b]: Channels, [red, green, blue]: Channels): number {
  return (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2
}

function nearestOf(chosen: Channels[], colour: Channels): number {
  const far = chosen.map((each) => distance(each, colour))
  return far.indexOf(Math.min(...far))
}

function decode(png: Buffer): { width: number; height: number; colours: Uint32Array } {
  const parts = chunksOf(png)
  const header = parts.find(({ type }) => type === 'IHDR')?.data ?? Buffer.alloc(13)
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const step = header[9] === 6 ? 4 : 3
  const filtered = inflateSync(Buffer.concat(parts.filter(({ type }) => type === 'IDAT').map(({ data }) => data)))
  const stride = width * step
  const colours = new Uint32Array(width * height)
  let above: Buffer = Buffer.alloc(stride)
  for (let y = 0; y < height; y += 1) {
    const start = y * (stride + 1)
    const row = unfiltered(filtered[start] ?? 0, filtered.subarray(start + 1, start + 1 + stride), above, step)
    for (let x = 0; x < width; x += 1) colours[y * width + x] = row.readUIntBE(x * step, 3)
    above = row
  }
  return { width, height, colours }
}

/** One row, whose bytes are differences to its neighbours: left, above, and above left. */
function unfiltered(filter: number, bytes: Buffer, above: Buffer, step: number): Buffer {
  const row = Buffer.alloc(bytes.length)
  for (const [index, byte] of bytes.entries()) {
    const left = row[index - step] ?? 0
    const up = above[index] ?? 0
    const corner = above[index - step] ?? 0
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0
    row[index] = (byte + guess) & 255
  }
  return row
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const parts: { type: string; data: Buffer }[] = []
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at)
    parts.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += length + 12
  }
  return parts
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}

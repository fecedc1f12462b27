// Draws the two icons of the Teams app package; run it by hand after a change of the mark, and never from a build or a test.
import { writeFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'

type Point = readonly [x: number, y: number]
type Rgb = readonly [red: number, green: number, blue: number]

// The mark, in units of a 32 × 32 square: a shield, and in it a fish hook with its eye and barb.
const strokes: readonly (readonly Point[])[] = [
  [
    [16, 1.3],
    ...curve([16, 1.3], [21, 4.2], [27.7, 4.9]),
    ...curve([27.7, 4.9], [29.2, 22.5], [16, 30.7]),
    ...curve([16, 30.7], [2.8, 22.5], [4.3, 4.9]),
    ...curve([4.3, 4.9], [11, 4.2], [16, 1.3])
  ],
  arc([19.4, 8.9], 2.1, [0, 2 * Math.PI]),
  [[19.4, 11], [19.4, 18.6], ...arc([15, 18.6], 4.4, [0, Math.PI]), [10.6, 14.2], [13.5, 17.1]]
]
const strokeWidth = 2.1

function curve(from: Point, bend: Point, to: Point): Point[] {
  return Array.from({ length: 24 }, (_, index): Point => {
    const t = (index + 1) / 24
    const at = (axis: 0 | 1) => (1 - t) ** 2 * from[axis] + 2 * t * (1 - t) * bend[axis] + t ** 2 * to[axis]
    return [at(0), at(1)]
  })
}

function arc(centre: Point, radius: number, [start, end]: Point): Point[] {
  return Array.from({ length: 33 }, (_, index): Point => {
    const angle = start + ((end - start) * index) / 32
    return [centre[0] + radius * Math.cos(angle), centre[1] + radius * Math.sin(angle)]
  })
}

function distanceToSegment([px, py]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((px - ax) * dx + (py - ay) * dy) / length))
  return Math.hypot(px - ax - t * dx, py - ay - t * dy)
}

// How much of the pixel round this point the mark covers, 0 to 1; a unit is `scale` pixels.
function coverage(point: Point, scale: number): number {
  let nearest = Infinity
  for (const stroke of strokes) {
    for (const [index, to] of stroke.entries()) {
      nearest = Math.min(nearest, distanceToSegment(point, stroke[index - 1] ?? to, to))
    }
  }
  return Math.min(1, Math.max(0, (strokeWidth / 2 - nearest) * scale + 0.5))
}

function drawIcon(size: number, markSize: number, background?: Rgb): Buffer {
  const scale = markSize / 32
  const margin = (size - markSize) / 2
  const rows = Array.from({ length: size }, (_, y) => {
    const row = Buffer.alloc(1 + size * 4)
    for (let x = 0; x < size; x += 1) {
      const covered = coverage([(x + 0.5 - margin) / scale, (y + 0.5 - margin) / scale], scale)
      // Without a background the colour stays white in every pixel: Teams takes outlines in white and transparent only.
      const [red, green, blue] = (background ?? [255, 255, 255]).map((channel) => channel + (255 - channel) * covered)
      row.set([red ?? 255, green ?? 255, blue ?? 255, background ? 255 : Math.round(covered * 255)], 1 + x * 4)
    }
    return row
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6], 8)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    pngChunk('IEND', Buffer.alloc(0))
  ])
}

// https://www.w3.org/TR/png-3/#5Chunk-layout
function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

const folder = new URL('../appPackage/', import.meta.url)
writeFileSync(new URL('color.png', folder), drawIcon(192, 120, [0x12, 0x4e, 0x66]))
writeFileSync(new URL('outline.png', folder), drawIcon(32, 32))

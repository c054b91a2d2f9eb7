/**
 * A picture of a page in half the bytes: screenshots are made of few colours, so that each pixel is a number of one of at most 256.
 * Reads and writes PNG with 8 bits a channel, as browsers make them, and knows nothing else of the format.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_COLOURS = 256;
/** Nobody sees such a distance between two colours: some six steps in each channel. */
const SAME = 300;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB, row by row. */
  readonly colours: Uint32Array;
}

export function palettePng(png: Buffer): Buffer {
  const { width, height, colours } = readPng(png);
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = paletteOf(counts);
  const numbers = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]));
  const rows = Buffer.alloc((width + 1) * height);
  for (const [n, colour] of colours.entries()) {
    const y = Math.floor(n / width);
    rows[y * (width + 1) + 1 + (n % width)] = numbers.get(colour) ?? 0;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a pixel, which are numbers of a palette.
  header.set([8, 3], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(channels))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The most frequent ones, but for those that another one is almost the same as: rare colours are those of what is to be seen. */
function paletteOf(counts: ReadonlyMap<number, number>): readonly number[] {
  const palette: number[] = [];
  for (const [colour] of [...counts].sort(([, a], [, b]) => b - a)) {
    if (palette.length === MOST_COLOURS) break;
    if (palette.every((each) => distance(each, colour) > SAME)) palette.push(colour);
  }
  return palette;
}

function distance(a: number, b: number): number {
  const [redA = 0, greenA = 0, blueA = 0] = channels(a);
  const [redB = 0, greenB = 0, blueB = 0] = channels(b);
  return 2 * (redA - redB) ** 2 + 4 * (greenA - greenB) ** 2 + 3 * (blueA - blueB) ** 2;
}

function nearest(palette: readonly number[], colour: number): number {
  let best = 0;
  let least = Infinity;
  for (const [n, each] of palette.entries()) {
    const far = distance(each, colour);
    if (far < least) [best, least] = [n, far];
  }
  return best;
}

function channels(colour: number): number[] {
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function readPng(png: Buffer): Pixels {
  const data: Buffer[] = [];
  let [width, height, bytesAPixel] = [0, 0, 0];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    const kind = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      bytesAPixel = body[9] === 6 ? 4 : 3;
    }
    if (kind === 'IDAT') data.push(body);
    at += length + 12;
  }
  const rows = unfiltered(inflateSync(Buffer.concat(data)), width * bytesAPixel, bytesAPixel);
  const colours = new Uint32Array(width * height);
  for (let n = 0; n < colours.length; n++) {
    colours[n] = rows.readUIntBE(n * bytesAPixel, 3);
  }
  return { width, height, colours };
}

/** Each row says by its first byte from which neighbours its bytes are told. */
function unfiltered(bytes: Buffer, rowBytes: number, bytesAPixel: number): Buffer {
  const height = bytes.length / (rowBytes + 1);
  const out = Buffer.alloc(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const filter = bytes[y * (rowBytes + 1)] ?? 0;
    for (let x = 0; x < rowBytes; x++) {
      const at = y * rowBytes + x;
      const left = x < bytesAPixel ? 0 : (out[at - bytesAPixel] ?? 0);
      const above = y === 0 ? 0 : (out[at - rowBytes] ?? 0);
      const corner = x < bytesAPixel || y === 0 ? 0 : (out[at - rowBytes - bytesAPixel] ?? 0);
      const told = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0;
      out[at] = (bytes[y * (rowBytes + 1) + 1 + x] ?? 0) + told;
    }
  }
  return out;
}

/** The neighbour that is nearest to what the three of them let expect. */
function paeth(left: number, above: number, corner: number): number {
  const expected = left + above - corner;
  const [byLeft, byAbove, byCorner] = [left, above, corner].map((each) =>
    Math.abs(expected - each),
  ) as [number, number, number];
  if (byLeft <= byAbove && byLeft <= byCorner) return left;
  return byAbove <= byCorner ? above : corner;
}

function chunk(kind: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), body]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(body.length, 0);
  ends.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
}

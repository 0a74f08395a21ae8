import { crc32, inflateSync } from 'node:zlib';
import { CONTENT_TYPES, mediaFile, type MediaFormat } from './media-file.js';
import { makePng } from './png.js';
import { makeWav } from './wav.js';

describe('mediaFile', () => {
  const formats = Object.keys(CONTENT_TYPES) as MediaFormat[];

  it.each(formats)('gives the same %s for the same name', (format) => {
    expect(mediaFile(format, 'a')).toEqual(mediaFile(format, 'a'));
  });

  it.each(formats.filter((format) => format !== 'txt'))('gives %s of several looks', (format) => {
    const looks = new Set(
      Array.from({ length: 40 }, (_, name) => mediaFile(format, `${name}`).toString('base64')),
    );
    expect(looks.size).toBeGreaterThan(3);
  });

  it('keeps files small: downloads are part of load runs', () => {
    for (const format of formats) expect(mediaFile(format, 'a').length).toBeLessThan(600_000);
  });
});

describe('png', () => {
  /** Chunks of a PNG, each with its checksum verified. */
  const chunksOf = (file: Buffer): { type: string; data: Buffer }[] => {
    expect(file.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    const chunks = [];
    for (let at = 8; at < file.length;) {
      const length = file.readUInt32BE(at);
      const typed = file.subarray(at + 4, at + 8 + length);
      expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(typed));
      chunks.push({ type: typed.subarray(0, 4).toString('latin1'), data: typed.subarray(4) });
      at += 12 + length;
    }
    return chunks;
  };

  it('can be read back pixel by pixel', () => {
    const [header, data, end, ...none] = chunksOf(makePng(3, 2, (x, y) => [10 * x, 10 * y, 255]));
    expect([header!.type, data!.type, end!.type, none]).toEqual(['IHDR', 'IDAT', 'IEND', []]);
    expect([header!.data.readUInt32BE(0), header!.data.readUInt32BE(4)]).toEqual([3, 2]);
    // Eight bits, colour without alpha, the only compression and filter methods, not interlaced.
    expect([...header!.data.subarray(8)]).toEqual([8, 2, 0, 0, 0]);
    expect([...inflateSync(data!.data)]).toEqual([
      ...[0, 0, 0, 255, 10, 0, 255, 20, 0, 255],
      ...[0, 0, 10, 255, 10, 10, 255, 20, 10, 255],
    ]);
  });

  it('is what an image result holds', () => {
    expect(chunksOf(mediaFile('png', 'a'))).toHaveLength(3);
  });
});

describe('wav', () => {
  it('has a header that describes its samples, and the tone it was asked for', () => {
    const file = makeWav(440, 1);
    expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ');
    expect(file.readUInt32LE(4)).toBe(file.length - 8);
    expect([16, 20, 22, 32, 34].map((at) => file.readUInt16LE(at))).toEqual([16, 1, 1, 2, 16]);
    expect([file.readUInt32LE(24), file.readUInt32LE(28)]).toEqual([8_000, 16_000]);
    expect(file.toString('latin1', 36, 40)).toBe('data');
    expect(file.readUInt32LE(40)).toBe(file.length - 44);

    let upwards = 0;
    for (let at = 46; at < file.length; at += 2) {
      if (file.readInt16LE(at - 2) < 0 && file.readInt16LE(at) >= 0) upwards += 1;
    }
    expect(Math.abs(upwards - 440)).toBeLessThanOrEqual(1);
  });
});

describe('midi', () => {
  it('has one track of whole events that ends where it says', () => {
    const file = mediaFile('mid', 'a');
    expect(file.toString('latin1', 0, 4)).toBe('MThd');
    expect([file.readUInt32BE(4), file.readUInt16BE(8), file.readUInt16BE(10)]).toEqual([6, 0, 1]);
    expect(file.toString('latin1', 14, 18)).toBe('MTrk');
    const track = file.subarray(22);
    expect(file.readUInt32BE(18)).toBe(track.length);
    expect([...track.subarray(-4)]).toEqual([0, 0xff, 0x2f, 0]);
    const playing = new Set<number>();
    for (let at = 0; at < track.length - 4; at += 4) {
      const [, kind, note] = track.subarray(at, at + 3);
      if (kind === 0x90) playing.add(note!);
      else expect([kind, playing.delete(note!)]).toEqual([0x80, true]);
    }
    expect(playing.size).toBe(0);
  });
});

describe('glb', () => {
  const file = mediaFile('glb', 'a');
  const jsonLength = file.readUInt32LE(12);
  const json = JSON.parse(file.toString('utf8', 20, 20 + jsonLength)) as {
    asset: { version: string };
    accessors: { count: number; min?: number[]; max?: number[] }[];
    bufferViews: { byteOffset: number; byteLength: number }[];
    buffers: { byteLength: number }[];
  };
  const binary = file.subarray(28 + jsonLength);

  it('has a header, a JSON chunk and a BIN chunk that fill the file, each of whole words', () => {
    expect(file.toString('latin1', 0, 4)).toBe('glTF');
    expect([file.readUInt32LE(4), file.readUInt32LE(8)]).toEqual([2, file.length]);
    expect(file.toString('latin1', 16, 20)).toBe('JSON');
    expect(file.toString('latin1', 24 + jsonLength, 28 + jsonLength)).toBe('BIN\0');
    expect(file.readUInt32LE(20 + jsonLength)).toBe(binary.length);
    expect([jsonLength % 4, binary.length % 4]).toEqual([0, 0]);
    expect(json.asset.version).toBe('2.0');
    expect(json.buffers).toEqual([{ byteLength: binary.length }]);
  });

  it('holds a closed cube whose triangles all look outwards', () => {
    const [positions, indices] = json.bufferViews.map(({ byteOffset, byteLength }) =>
      binary.subarray(byteOffset, byteOffset + byteLength),
    );
    const corner = (index: number): number[] =>
      [0, 4, 8].map((part) => positions!.readFloatLE(index * 12 + part));
    const corners = Array.from({ length: 36 }, (_, at) => indices!.readUInt16LE(at * 2));
    expect(json.accessors.map(({ count }) => count)).toEqual([8, 36]);
    expect(new Set(corners).size).toBe(8);

    const edges = new Map<string, number>();
    for (let at = 0; at < 36; at += 3) {
      const triangle = corners.slice(at, at + 3);
      const [a, b, c] = triangle.map(corner) as [number[], number[], number[]];
      const [u, v] = [a.map((_, axis) => b[axis]! - a[axis]!), a.map((_, axis) => c[axis]! - a[axis]!)];
      const normal = [0, 1, 2].map((axis) => {
        const [i, j] = [(axis + 1) % 3, (axis + 2) % 3];
        return u[i]! * v[j]! - u[j]! * v[i]!;
      });
      const outward = normal.reduce((sum, part, axis) => sum + part * (a[axis]! + b[axis]! + c[axis]!), 0);
      expect(outward).toBeGreaterThan(0);
      triangle.forEach((from, side) => {
        const edge = `${from}-${triangle[(side + 1) % 3]}`;
        edges.set(edge, (edges.get(edge) ?? 0) + 1);
      });
    }
    // Every edge is walked once in each direction: no hole, no doubled side.
    for (const [edge, times] of edges) {
      expect([times, edges.get(edge.split('-').reverse().join('-'))]).toEqual([1, 1]);
    }
  });
});

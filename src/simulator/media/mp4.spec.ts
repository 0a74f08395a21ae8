import { makeMp4 } from './mp4.js';
import { type Yuv } from './h264-pcm.js';
import { mediaFile } from './media-file.js';

interface Box {
  readonly type: string;
  readonly at: number;
  readonly content: Buffer;
}

/** Boxes that fill a range exactly. */
const boxesOf = (bytes: Buffer): Box[] => {
  const boxes: Box[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    expect(at + length).toBeLessThanOrEqual(bytes.length);
    boxes.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      at,
      content: bytes.subarray(at + 8, at + length),
    });
    at += length;
  }
  return boxes;
};

/** The box at the end of a path of containers. */
const find = (bytes: Buffer, ...path: string[]): Buffer =>
  path.reduce((within, type) => boxesOf(within).find((box) => box.type === type)!.content, bytes);

/** Reads bits, most significant first. */
class BitReader {
  private position = 0;

  constructor(private readonly bytes: Buffer) {}

  bits(count: number): number {
    let value = 0;
    for (; count > 0; count -= 1, this.position += 1) {
      value = value * 2 + ((this.bytes[this.position >> 3]! >> (7 - (this.position & 7))) & 1);
    }
    return value;
  }

  ue(): number {
    let zeros = 0;
    while (this.bits(1) === 0) zeros += 1;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  align(): void {
    while (this.position % 8 !== 0) expect(this.bits(1)).toBe(0);
  }

  take(count: number): Buffer {
    const from = this.position / 8;
    this.position += count * 8;
    return this.bytes.subarray(from, from + count);
  }

  /** `rbsp_trailing_bits`, after which nothing may follow. */
  expectEnd(): void {
    expect(this.bits(1)).toBe(1);
    this.align();
    expect(this.position).toBe(this.bytes.length * 8);
  }
}

const SAMPLE_TABLE = ['moov', 'trak', 'mdia', 'minf', 'stbl'];

describe('mp4', () => {
  const colourAt = (column: number, row: number, frame: number): Yuv => [20 + column, 30 + row, 40 + frame];
  const file = makeMp4({ columns: 3, rows: 2, frames: 4, colourAt });
  const description = find(file, ...SAMPLE_TABLE, 'stsd').subarray(8);
  const sampleEntry = boxesOf(description)[0]!;
  const config = boxesOf(sampleEntry.content.subarray(78))[0]!;

  /** The samples as the tables of the file place them. */
  const samples = (): Buffer[] => {
    const sizes = find(file, ...SAMPLE_TABLE, 'stsz');
    let at = find(file, ...SAMPLE_TABLE, 'stco').readUInt32BE(8);
    return Array.from({ length: sizes.readUInt32BE(8) }, (_, index) => {
      const size = sizes.readUInt32BE(12 + 4 * index);
      at += size;
      return file.subarray(at - size, at);
    });
  };

  it('begins with its type and the movie, so that it plays while it loads', () => {
    expect(boxesOf(file).map(({ type }) => type)).toEqual(['ftyp', 'moov', 'mdat']);
    expect(file.toString('latin1', 8, 12)).toBe('isom');
  });

  it('tells size and duration the same everywhere', () => {
    const header = find(file, 'moov', 'mvhd');
    const track = find(file, 'moov', 'trak', 'tkhd');
    const media = find(file, 'moov', 'trak', 'mdia', 'mdhd');
    expect([header.length, track.length, media.length]).toEqual([100, 84, 24]);
    expect([header.readUInt32BE(12), header.readUInt32BE(16)]).toEqual([10, 4]);
    expect(track.readUInt32BE(20)).toBe(4);
    expect([track.readUInt32BE(76) >> 16, track.readUInt32BE(80) >> 16]).toEqual([48, 32]);
    expect([media.readUInt32BE(12), media.readUInt32BE(16)]).toEqual([10, 4]);
    expect(sampleEntry.type).toBe('avc1');
    expect([sampleEntry.content.readUInt16BE(24), sampleEntry.content.readUInt16BE(26)]).toEqual([48, 32]);
    expect(find(file, ...SAMPLE_TABLE, 'stts').readUInt32BE(8)).toBe(4);
  });

  it('places its samples end to end in the media box', () => {
    const media = boxesOf(file)[2]!;
    expect(Buffer.concat(samples())).toEqual(media.content);
    expect(samples()).toHaveLength(4);
  });

  it('describes constrained baseline pictures of that size', () => {
    expect(config.type).toBe('avcC');
    expect([...config.content.subarray(0, 6)]).toEqual([1, 66, 0xc0, 30, 0xff, 0xe1]);
    const length = config.content.readUInt16BE(6);
    const parameters = new BitReader(config.content.subarray(8, 8 + length));
    expect([parameters.bits(8), parameters.bits(24)]).toEqual([0x67, 0x42c01e]);
    expect(Array.from({ length: 4 }, () => parameters.ue())).toEqual([0, 0, 2, 0]);
    expect(parameters.bits(1)).toBe(0);
    expect([parameters.ue() + 1, parameters.ue() + 1]).toEqual([3, 2]);
    expect(parameters.bits(4)).toBe(0b1100);
    parameters.expectEnd();
  });

  it('decodes to the colours it was made of', () => {
    samples().forEach((sample, frame) => {
      expect(sample.readUInt32BE(0)).toBe(sample.length - 4);
      const slice = new BitReader(sample.subarray(4));
      expect(slice.bits(8)).toBe(0x65);
      expect([slice.ue(), slice.ue(), slice.ue(), slice.bits(4)]).toEqual([0, 7, 0, 0]);
      expect(slice.ue()).toBe(frame % 2);
      expect([slice.bits(2), slice.ue()]).toEqual([0, 0]);
      for (let block = 0; block < 6; block += 1) {
        expect(slice.ue()).toBe(25);
        slice.align();
        const [y, u, v] = colourAt(block % 3, Math.floor(block / 3), frame);
        expect(slice.take(384)).toEqual(
          Buffer.concat([Buffer.alloc(256, y), Buffer.alloc(64, u), Buffer.alloc(64, v)]),
        );
      }
      slice.expectEnd();
    });
  });

  it('holds no bytes that a decoder would take for a start code', () => {
    const video = mediaFile('mp4', 'a');
    const media = boxesOf(video)[2]!.content;
    for (let at = 0; at < media.length;) {
      const length = media.readUInt32BE(at);
      const nal = media.subarray(at + 4, at + 4 + length);
      for (const code of [0, 1, 2, 3]) expect(nal.indexOf(Buffer.from([0, 0, code]))).toBe(-1);
      at += 4 + length;
    }
  });
});

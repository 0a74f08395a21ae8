import { pictureNal, pictureParameterSet, PROFILE, sequenceParameterSet, type Yuv } from './h264-pcm.js';

/*
 * MP4 with H.264, because that is what browsers, phones and desktop players all open; uncompressed AVI would have been shorter
 * to write, but no browser plays it. Boxes follow ISO/IEC 14496-12 and 14496-15.
 */

const MACROBLOCK = 16;
const FRAMES_PER_SECOND = 10;

/** What a video shows: one colour per macroblock, `columns` × `rows` of 16 pixels each, at each frame. */
export interface Animation {
  readonly columns: number;
  readonly rows: number;
  readonly frames: number;
  readonly colourAt: (column: number, row: number, frame: number) => Yuv;
}

/** An MP4 file with one video track of 10 frames per second. */
export const makeMp4 = (animation: Animation): Buffer => {
  const samples = Array.from({ length: animation.frames }, (_, frame) =>
    withLength(picture(animation, frame)),
  );
  const media = box('mdat', ...samples);
  const fileType = box('ftyp', text('isom'), u32(0x200), text('isom'), text('avc1'), text('mp41'));
  // The movie comes first, so that a player can start before the end has arrived. Its size does not depend on the offset in it.
  const movieLength = movie(animation, samples, 0).length;
  return Buffer.concat([fileType, movie(animation, samples, fileType.length + movieLength + 8), media]);
};

const picture = ({ columns, rows, colourAt }: Animation, frame: number): Buffer =>
  pictureNal(
    frame,
    Array.from({ length: columns * rows }, (_, index) =>
      colourAt(index % columns, Math.floor(index / columns), frame),
    ),
  );

const movie = (animation: Animation, samples: readonly Buffer[], firstSampleAt: number): Buffer => {
  const width = animation.columns * MACROBLOCK;
  const height = animation.rows * MACROBLOCK;
  return box(
    'moov',
    fullBox('mvhd', 0, times(animation), u32(0x10000), u16(0x100), zeros(10), MATRIX, zeros(24), u32(2)),
    box(
      'trak',
      // Flags 3: the track is enabled and part of the presentation.
      fullBox(
        'tkhd',
        3,
        zeros(8),
        u32(1),
        zeros(4),
        u32(animation.frames),
        zeros(16),
        MATRIX,
        u32(width << 16),
        u32(height << 16),
      ),
      box(
        'mdia',
        fullBox('mdhd', 0, times(animation), u16(UNDETERMINED_LANGUAGE), u16(0)),
        fullBox('hdlr', 0, zeros(4), text('vide'), zeros(12), text('video\0')),
        box(
          'minf',
          fullBox('vmhd', 1, zeros(8)),
          box('dinf', fullBox('dref', 0, u32(1), fullBox('url ', 1))),
          box(
            'stbl',
            fullBox('stsd', 0, u32(1), sampleEntry(animation, width, height)),
            fullBox('stts', 0, u32(1), u32(samples.length), u32(1)),
            fullBox('stsc', 0, u32(1), u32(1), u32(samples.length), u32(1)),
            fullBox('stsz', 0, u32(0), u32(samples.length), ...samples.map((sample) => u32(sample.length))),
            fullBox('stco', 0, u32(1), u32(firstSampleAt)),
          ),
        ),
      ),
    ),
  );
};

const sampleEntry = ({ columns, rows }: Animation, width: number, height: number): Buffer => {
  const sequence = sequenceParameterSet(columns, rows);
  const pictures = pictureParameterSet();
  return box(
    'avc1',
    zeros(6),
    u16(1), // data_reference_index
    zeros(16),
    u16(width),
    u16(height),
    u32(0x480000), // 72 dpi
    u32(0x480000),
    zeros(4),
    u16(1), // frames per sample
    zeros(32), // compressor name
    u16(24), // depth
    u16(0xffff),
    box(
      'avcC',
      Buffer.from([1]),
      PROFILE,
      Buffer.from([0xff, 0xe1]), // four-byte lengths, one sequence parameter set
      u16(sequence.length),
      sequence,
      Buffer.from([1]),
      u16(pictures.length),
      pictures,
    ),
  );
};

const MATRIX = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map((value) => u32(value)));
const UNDETERMINED_LANGUAGE = 0x55c4; // "und"

/** Created, modified, time scale, duration: as `mvhd` and `mdhd` both begin. */
const times = ({ frames }: Animation): Buffer =>
  Buffer.concat([zeros(8), u32(FRAMES_PER_SECOND), u32(frames)]);

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([u32(8 + content.length), text(type), content]);
}

function fullBox(type: string, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, u32(flags), ...parts);
}

function withLength(nal: Buffer): Buffer {
  return Buffer.concat([u32(nal.length), nal]);
}

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}

function zeros(length: number): Buffer {
  return Buffer.alloc(length);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

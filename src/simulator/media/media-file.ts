import { hashOfText } from '../random.js';
import { makeGlb } from './glb.js';
import { makeMidi } from './midi.js';
import { makeMp4 } from './mp4.js';
import { makePng } from './png.js';
import { makeWav } from './wav.js';

/** What a file is, as its name says. */
export type MediaFormat = 'png' | 'mp4' | 'wav' | 'glb' | 'mid' | 'txt';

export const CONTENT_TYPES: Readonly<Record<MediaFormat, string>> = {
  png: 'image/png',
  mp4: 'video/mp4',
  wav: 'audio/wav',
  glb: 'model/gltf-binary',
  mid: 'audio/midi',
  txt: 'text/plain; charset=utf-8',
};

/** A few looks per format tell results apart by eye; few enough to be made once and kept. */
const VARIANTS = 8;
const made = new Map<string, Buffer>();

/** A small file that opens in ordinary programs. The same name gives the same bytes, in every process. */
export const mediaFile = (format: MediaFormat, name: string): Buffer => {
  const variant = hashOfText(name) % VARIANTS;
  const key = `${format}:${variant}`;
  let bytes = made.get(key);
  if (!bytes) made.set(key, (bytes = make(format, variant / VARIANTS)));
  return bytes;
};

/** `tint` lies in [0, 1) and turns the hue, the pitch or the melody. */
const make = (format: MediaFormat, tint: number): Buffer => {
  switch (format) {
    case 'png':
      return makePng(128, 128, (x, y) => [128 + 127 * Math.sin(7 * tint + x / 40), x + y, 255 - 2 * y]);
    case 'mp4':
      return makeMp4({
        columns: 10,
        rows: 6,
        frames: 20,
        colourAt: (column, row, frame) => [
          128 + 80 * Math.sin((column + row + frame) / 3),
          128 + 90 * Math.cos(7 * tint + row / 3),
          128 + 90 * Math.sin(7 * tint + column / 5),
        ],
      });
    case 'wav':
      return makeWav(220 * 2 ** tint, 2);
    case 'glb':
      return makeGlb([tint, 0.5, 1 - tint]);
    case 'mid':
      return makeMidi([0, 4, 7, 12].map((step) => 60 + step + Math.floor(12 * tint)));
    case 'txt':
      return Buffer.from('A quiet room at noon,\nlight on an open door.\n');
  }
};

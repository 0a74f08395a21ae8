import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';
import { MAX_ANSWER_BYTES } from './answer-receiver.js';

const UNPACK: ReadonlyMap<string, (packed: Buffer, limits: object) => Promise<Buffer>> = new Map([
  ['gzip', promisify(unzip)],
  ['x-gzip', promisify(unzip)],
  ['deflate', promisify(unzip)],
  ['br', promisify(brotliDecompress)],
]);

/**
 * The bytes of a body. We ask for no compression, but what stands in between may compress all the same.
 *
 * @returns null when they are more than we read of an answer, or no such encoding
 */
export const unpacked = async (bytes: Buffer, encoding: string | null): Promise<Buffer | null> => {
  const coding = encoding?.trim().toLowerCase() ?? '';
  if (coding === '' || coding === 'identity' || bytes.length === 0) return bytes;
  const unpack = UNPACK.get(coding);
  return (await unpack?.(bytes, { maxOutputLength: MAX_ANSWER_BYTES }).catch(() => null)) ?? null;
};
